"""How the numbers of a problem vary between students (`vary:`), and what every variant must meet (`require:`)."""

from __future__ import annotations

import ast
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from derive.spec.numbers import Literal

if typing.TYPE_CHECKING:
    from derive.spec.problem import Problem

Units = typing.Literal["none", "some", "any"]
Zeros = typing.Literal["none", "exact", "any"]
Different = typing.Literal["every", "some", "any"]
RoundingSafe = typing.Literal["digits", "tolerance", "any"]
Slips = typing.Literal["different", "any"]


@dataclass(frozen=True)
class Each:
    """Each entry of a quantity is one of `numbers`, drawn by itself."""

    name: str
    numbers: Literal
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Signs:
    """Each entry of a quantity keeps its magnitude and gets either sign; a zero stays."""

    name: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class OneOf:
    """One of several options as a whole, each with the numbers of one quantity or of several (drawn together)."""

    options: tuple[Mapping[str, Literal], ...]
    line: int = field(default=0, compare=False)


Choice = Each | Signs | OneOf


@dataclass(frozen=True)
class Structure:
    """The problem with one of the networks that `vary:` names (widths, activations, loss); `label` says which."""

    label: str
    problem: Problem = field(repr=False)


@dataclass(frozen=True)
class Vary:
    """What varies: numbers (the learning rate under its own name), and the network itself where `structures` has any.

    A problem of `structures` has the same choices of numbers, in shapes that fit it, and no structures of its own.
    """

    choices: tuple[Choice, ...] = ()
    structures: tuple[Structure, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A comparison in the equation language that holds for every entry: `L > 0.05`, `abs(a_1) >= 0.1`."""

    left: ast.expr = field(compare=False, repr=False)
    relation: typing.Literal["<", "<=", ">", ">="]
    right: ast.expr = field(compare=False, repr=False)
    text: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Range:
    """Every entry of a quantity (also a gradient, `dL/dW_1`) lies between two numbers, these included."""

    quantity: str
    lowest: Fraction
    highest: Fraction
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Require:
    """What every variant meets; the defaults are what an exam needs.

    `dead_units`: how many units of a layer may have slope 0 for all samples (none; some, but not all; any).
    `kink_distance`: the least distance of any number from the kink of a function that it goes into.
    `saturation`: the least slope of a smooth activation, 0 to allow all.
    `zeros`: whether a computed entry may print as zero (none; only where it is exactly zero; any).
    `ties`: whether a result may lie exactly between two decimals.
    `different`: between two variants every asked quantity differs on paper, some quantity does, or anything goes.
    `relabelled`: whether two variants may differ by the order of units only.
    `rounding`: a student who rounds every step and carries on gets the same `digits`, or stays within `tolerance`
    (None: one unit of the last place), or anything goes.
    `by_hand`: every value is a fraction with at most this denominator; None where a calculator is allowed.
    `difficulty`: the largest deviation from the middle, as a share of it; None: any.
    `mistakes`: whether each common mistake gives a number different from the key and from the others.
    `budget`: how many candidates are drawn at most.
    `stated` names what the author has set; of the rest, what the numbers of the problem itself do not meet is dropped.
    """

    dead_units: Units = "none"
    kink_distance: Fraction = Fraction(1, 20)
    saturation: Fraction = Fraction(1, 20)
    zeros: Zeros = "none"
    ties: bool = False
    different: Different = "some"
    relabelled: bool = False
    rounding: RoundingSafe = "tolerance"
    tolerance: Fraction | None = None
    by_hand: int | None = None
    difficulty: Fraction | None = Fraction(1, 20)
    mistakes: Slips = "any"
    ranges: tuple[Range, ...] = ()
    conditions: tuple[Condition, ...] = ()
    budget: int = 5_000_000
    stated: tuple[str, ...] = ()
