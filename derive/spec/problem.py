"""What a problem is once it has been read: frozen data, with no trace of YAML."""

from __future__ import annotations

import ast
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from derive.spec.numbers import Literal

Role = typing.Literal["parameter", "input", "target", "constant"]
Detail = typing.Literal["brief", "matrix", "entries"]
Carry = typing.Literal["exact", "rounded"]
WeightLayout = typing.Literal["out_in", "in_out"]
DerivativeLayout = typing.Literal["mixed", "denominator", "numerator"]
SampleLayout = typing.Literal["rows", "columns"]
Samples = typing.Literal["one", "rows", "columns"]
WeightsOfUpdate = typing.Literal["old", "new"]
Shape = tuple[int | str, ...]


@dataclass(frozen=True)
class Given:
    """A quantity that the author gives: `shape` may hold dimension symbols, `value` is None where there are no numbers.

    Where both are there, `value.shape` is `shape` with every symbol replaced by its number.
    """

    name: str
    role: Role
    shape: Shape
    value: Literal | None
    line: int


@dataclass(frozen=True)
class Equation:
    """`target = tree`, one line of the forward pass.

    The tree holds nothing but what `derive.spec.grammar` lets through; each `ast.Constant` that is a number carries
    the number as written in its `kind` (`"0.10"`).
    """

    target: str
    tree: ast.expr = field(compare=False, repr=False)
    text: str
    line: int


@dataclass(frozen=True)
class Ask:
    """A quantity that the worksheet asks for (`W_2`, `dL/dW_1`, `dy/dx`, `W_1'`), and its points."""

    quantity: str
    points: int | None = None


@dataclass(frozen=True)
class Rounding:
    """Decimal places on paper, and whether a step is computed from exact or from rounded earlier values."""

    places: int = 4
    carry: Carry = "exact"


@dataclass(frozen=True)
class Update:
    """One step of the optimiser: `W' = W - eta dL/dW`, with a number for eta or without."""

    method: typing.Literal["sgd"] = "sgd"
    learning_rate: Literal | None = None
    symbol: str = "eta"


@dataclass(frozen=True)
class Conventions:
    """The choices on which courses differ.

    `weights`: a layer is `W x + b` (out_in) or `x W + b` (in_out). `derivatives`: gradients in the shape of their
    quantity and Jacobians with a row for each entry of the numerator (mixed), or one layout throughout. `samples`: how
    a batch lies in its matrix. `relu_at_zero`: the slope taken at the kink. `update_uses`: the weights through which
    later gradients pass. `frozen`: parameters that the update leaves alone. `fused`: whether softmax with
    cross-entropy is differentiated in one step.
    """

    weights: WeightLayout = "out_in"
    derivatives: DerivativeLayout = "mixed"
    samples: SampleLayout = "rows"
    relu_at_zero: Fraction = Fraction(0)
    update_uses: WeightsOfUpdate = "old"
    frozen: tuple[str, ...] = ()
    fused: bool = True


@dataclass(frozen=True)
class Call:
    """An activation or a loss by name, with its options as written: `softplus`, `{"beta": "2"}`."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MLP:
    """The short form, kept beside the equations made from it."""

    widths: Shape
    activations: tuple[Call, ...]
    loss: Call
    bias: bool
    samples: Samples


@dataclass(frozen=True)
class Problem:
    """One problem file: what is given, the forward pass, and what is wanted of it.

    `dimensions` holds the symbols that numbers have bound (`{"N": 4}`), `symbols` all that were declared.
    """

    name: str
    title: str
    text: str
    givens: tuple[Given, ...]
    equations: tuple[Equation, ...]
    of: str | None
    ask: tuple[Ask, ...]
    conventions: Conventions
    update: Update | None
    notation: Mapping[str, str]
    preset: str | None
    rounding: Rounding
    detail: Detail
    points: int | None
    dimensions: Mapping[str, int]
    symbols: tuple[str, ...]
    mlp: MLP | None
    source: Path | None

    def given(self, name: str) -> Given:
        """The given quantity called `name`."""
        for given in self.givens:
            if given.name == name:
                return given
        raise KeyError(name)
