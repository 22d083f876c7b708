"""What a notation preset is made of: symbols by role and layer, conventions, and the factor of a squared error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Literal

from derive.spec.problem import BiasPlace, DerivativeLayout, SampleLayout, VectorLayout, WeightLayout

SQUARED_ERROR = "squared_error"
_NUMBER = re.compile(r"<k([+-]1)?>")


@dataclass(frozen=True)
class Symbols:
    """The LaTeX of each role; those of a batch that are not stated are those of one sample.

    `last_affine` is the affine map of the last layer, where that has a symbol of its own (scores, logits): it is also
    the output of a network whose last activation is the identity. `classes` is a target of class indices, `squared`
    the loss where it is a squared error. `delta` is the derivative of the loss by a pre-activation; None: a fraction.
    """

    input: str
    weights: str
    pre_activation: str
    activation: str
    output: str
    target: str
    loss: str
    learning_rate: str
    bias: str | None
    last_affine: str | None = None
    classes: str = "c"
    squared: str | None = None
    delta: str | None = None

    def of(self, role: str, layer: int = 0) -> str | None:
        """The symbol of a role in a layer."""
        pattern: str | None = getattr(self, role)
        return pattern and _NUMBER.sub(lambda match: str(layer + int(match[1] or 0)), pattern)


@dataclass(frozen=True)
class SquaredError:
    """factor * sum (y - t)^2, the sum divided by the number of samples where the reduction is `samples`."""

    factor: Fraction = Fraction(1)
    reduction: Literal["sum", "samples"] = "samples"

    @property
    def options(self) -> dict[str, str]:
        """The same as the options of a loss."""
        return {"reduction": self.reduction, "factor": str(self.factor)}


@dataclass(frozen=True)
class Layout:
    """The conventions of a preset, called as in `conventions:` of a problem file."""

    weights: WeightLayout = "out_in"
    vectors: VectorLayout = "columns"
    samples: SampleLayout = "rows"
    bias: BiasPlace = "last"
    bias_index: int = 1
    derivatives: DerivativeLayout = "mixed"
    relu_at_zero: Fraction = Fraction(0)

    def conventions(self) -> dict[str, object]:
        """The conventions by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True)
class Preset:
    """How one source writes a network.

    `delta_sign` is s in delta = s dL/d(pre-activation): 1 in every source here, since quantities of a program are
    derivatives and not their negatives.
    """

    name: str
    source: str
    symbols: Symbols
    layout: Layout
    squared_error: SquaredError
    batch: Mapping[str, str] = field(default_factory=dict)
    delta_sign: Literal[1] = 1
    open: tuple[str, ...] = ()

    def symbol(self, role: str, layer: int = 0, *, batch: bool = False) -> str | None:
        """The symbol of a role in a layer, for one sample or for a batch."""
        table = Symbols(**{**vars(self.symbols), **self.batch}) if batch else self.symbols
        return table.of(role, layer)
