"""The samples of a batch: their symbol, how many there are, and along which axis of each quantity they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.ops import Node, Shape
from derive.program import Program, Role, Step
from derive.spec import Problem

BATCHED = (Role.FORWARD, Role.LOSS, Role.LOCAL, Role.AFTER)


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
    shapes = {role: [given.shape for given in problem.givens if given.role == role] for role in ("input", "parameter")}
    learnt = {size for shape in shapes["parameter"] for size in shape}
    bound = [size for shape in shapes["input"] for size in shape if size in problem.dimensions and size not in learnt]
    if not bound:
        return None
    symbol = str(bound[0])
    number = problem.dimensions[symbol]
    axes = {given.name: given.shape.index(symbol) for given in problem.givens if symbol in given.shape}
    usual = next(iter(axes.values()))
    for quantity in program.givens:
        if quantity.role == "target" and quantity.tensor.shape[usual : usual + 1] == (number,):
            axes.setdefault(quantity.name, usual)
    for step in program.steps:
        if (axis := _axis(step, axes, number)) is not None:
            axes[step.name] = axis
    return Samples(symbol, number, axes)


def _axis(step: Step, axes: Mapping[str, int], number: int) -> int | None:
    """The axis of a computed quantity: that of what it is computed from, a gradient's that of its quantity."""
    if step.role is Role.BACKWARD and step.gradient:
        return axes.get(step.gradient[1])
    sources = [axes[tensor.name] for tensor in step.uses if tensor.name in axes]
    if step.role not in BATCHED or not sources:
        return None
    fitting = _axes_of_length(step.target.shape, number)
    return next((axis for axis in (*sources, *fitting) if axis in fitting), None)


def _axes_of_length(shape: Shape, number: int) -> list[int]:
    return [axis for axis, length in enumerate(shape) if length == number]
