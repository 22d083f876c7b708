"""The samples of a batch: their symbol, how many there are, and along which axis of each quantity they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.ops import Node
from derive.program import Program, data_axes, sample_axes, sample_dimension
from derive.spec import Problem


@dataclass(frozen=True)
class Samples:
    """`number` samples, which formulas call `symbol`; `axes` holds the axis of each quantity that has one for each."""

    symbol: str
    number: int
    axes: Mapping[str, int]

    def run_along(self, operand: Node, axis: int) -> bool:
        """Whether an axis of an expression counts samples: that of a quantity in it does."""
        return operand.shape[axis] == self.number and any(
            self.axes.get(tensor.name) == axis and tensor.rank == operand.rank for tensor in operand.tensors
        )


def find_samples(problem: Problem, program: Program) -> Samples | None:
    """The dimension of the inputs that no parameter has and that numbers bind; None for a single sample."""
    symbol = sample_dimension(problem)
    if symbol is None or symbol not in problem.dimensions:
        return None
    return Samples(symbol, problem.dimensions[symbol], sample_axes(program, data_axes(problem)))
