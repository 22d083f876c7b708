"""A solution as a program of named steps: the one idea everything else interprets."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from derive.ops import Node, Tensor
from derive.spec.names import parse_quantity


class Role(StrEnum):
    """What a step is for."""

    FORWARD = "forward"
    LOSS = "loss"
    LOCAL = "local"
    BACKWARD = "backward"
    UPDATE = "update"
    AFTER = "after"
    JACOBIAN = "jacobian"
    ENTRY = "entry"
    SAMPLE = "sample"
    WAY = "way"  # a derivative on the way to a Jacobian


@dataclass(frozen=True)
class Quantity:
    """A given quantity: its tensor and its role (parameter, input, target, constant)."""

    tensor: Tensor
    role: str

    @property
    def name(self) -> str:
        return self.tensor.name


@dataclass(frozen=True)
class Step:
    """One line a person would write: `target = formula`, the formula in earlier quantities only.

    `rule` names what justifies it, with `subject` what the rule is about (the words live in templates). For a
    derivative, `gradient` is the pair (what, by what), and for a gradient of the loss `through` holds the quantities
    by which the loss depends on it.
    """

    target: Tensor
    formula: Node
    role: Role
    rule: str
    subject: str = ""
    gradient: tuple[str, str] | None = None
    through: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.target.name

    @functools.cached_property
    def uses(self) -> tuple[Tensor, ...]:
        """The quantities on the right-hand side, in reading order."""
        return self.formula.tensors

    def __str__(self) -> str:
        return f"{self.name} = {self.formula}"


@dataclass(frozen=True)
class Program:
    """Given quantities and steps in order; dimension symbols that numbers bind; which vectors print as rows.

    `first` holds the index of the first entry on each axis of the quantities that do not count all entries from 1.
    `partials` are the derivatives of one step that must not be called like the total one, which is asked for: for
    (h, x) of h = g x with g = f(x) it has `x|g`, so that dh/dx|g is the partial derivative with g held fixed.
    """

    givens: tuple[Quantity, ...]
    steps: tuple[Step, ...] = ()
    dimensions: Mapping[str, int] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()
    first: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    partials: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, name: str) -> Step:
        """The step that defines a quantity."""
        return self._steps_by_name[name]

    @functools.cached_property
    def _steps_by_name(self) -> Mapping[str, Step]:
        return {step.name: step for step in self.steps}

    @functools.cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """The given quantities by name."""
        return {quantity.name: quantity for quantity in self.givens}

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """All quantities, given and computed."""
        return frozenset(self.quantities) | frozenset(self._steps_by_name)

    @functools.cached_property
    def ranks(self) -> Mapping[str, int]:
        """The number of axes of each quantity, entries that are asked for left out."""
        tensors = [
            *(given.tensor for given in self.givens),
            *(s.target for s in self.steps if s.role is not Role.ENTRY),
        ]
        return {tensor.name: tensor.rank for tensor in tensors}

    @property
    def forward(self) -> tuple[Step, ...]:
        """The steps from the given quantities to the loss."""
        return self.by_role(Role.FORWARD, Role.LOSS)

    @functools.cached_property
    def loss(self) -> Step | None:
        """The step that is differentiated, where it is a scalar."""
        return next((step for step in self.steps if step.role is Role.LOSS), None)

    def leading_to(self, name: str) -> tuple[Step, ...]:
        """The forward steps that a computed quantity depends on, its own last."""
        needed = {name}
        kept = []
        for step in reversed(self.forward):
            if step.name in needed:
                kept.append(step)
                needed |= {tensor.name for tensor in step.uses}
        return tuple(reversed(kept))

    def held_fixed(self, upper: str, lower: str) -> tuple[str, ...]:
        """What else a step uses that depends on one of its operands: its partial derivative holds these fixed."""
        influenced = {lower}
        for step in self.forward:
            if step.name == upper:
                used = [tensor.name for tensor in step.uses]
                return tuple(name for name in used if name in influenced - {lower}) if lower in used else ()
            if influenced & {tensor.name for tensor in step.uses}:
                influenced.add(step.name)
        return ()

    def lower_of(self, upper: str, lower: str) -> str:
        """By what a step is differentiated, as its name and symbol say it: `x`, or `x|g` for a partial derivative."""
        return self.partials.get((upper, lower), lower)

    def by_role(self, *roles: Role) -> tuple[Step, ...]:
        """The steps with one of these roles, in order."""
        return tuple(step for step in self.steps if step.role in roles)

    def tensor(self, name: str) -> Tensor:
        """The tensor of a quantity, given or computed."""
        return self.quantities[name].tensor if name in self.quantities else self[name].target

    def first_index(self, name: str) -> tuple[int, ...]:
        """The index of the first entry of a quantity, as it is counted on paper: (1, 1), or 0 where the bias is."""
        return self.first.get(name, (1,) * self.tensor(name).rank)

    def place_of(self, name: str) -> tuple[str, tuple[int, ...]]:
        """The quantity of an entry such as dL/dW_1[1,2], and the index of the entry in its array, from 0."""
        quantity = parse_quantity(name)
        if quantity is None or not quantity.entry:
            raise ValueError(f"{name} is no entry")
        first = self.first_index(quantity.whole)
        return quantity.whole, tuple(index - start for index, start in zip(quantity.entry, first, strict=True))

    def extended(self, *steps: Step) -> Program:
        """The program with more steps behind; defining a quantity twice or using an unknown one is refused."""
        known = set(self.names)
        for step in steps:
            if step.name in known:
                raise ValueError(f"{step.name} is defined twice")
            if missing := [tensor.name for tensor in step.uses if tensor.name not in known]:
                raise ValueError(f"{step.name} uses {', '.join(missing)} before it is defined")
            known.add(step.name)
        return replace(self, steps=self.steps + steps)
