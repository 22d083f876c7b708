"""Along which axis of each quantity the samples of a batch lie: that of the data, through one operation after another.

Equal sizes say nothing: a weight has no axis of samples, nor has what mixes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from derive.ops import Node, Tensor
from derive.program.program import Program, Role, Step
from derive.spec import Problem

WITH_SAMPLES = (Role.FORWARD, Role.LOSS, Role.LOCAL, Role.AFTER)


def sample_dimension(problem: Problem) -> str | None:
    """The symbol of a dimension of the inputs that no parameter has: N of X: [N, 2]; None where none is declared."""
    shapes = {role: [given.shape for given in problem.givens if given.role == role] for role in ("input", "parameter")}
    learnt = {size for shape in shapes["parameter"] for size in shape}
    names = (str(size) for shape in shapes["input"] for size in shape if not isinstance(size, int))
    return next((name for name in names if name not in {str(size) for size in learnt}), None)


def data_axes(problem: Problem) -> dict[str, int]:
    """The axis of the samples of each input and target: that of the symbol, or as the conventions say of a matrix."""
    symbol, usual = sample_dimension(problem), int(problem.conventions.samples == "columns")
    data = [given for given in problem.givens if given.role in ("input", "target")]
    declared = {given.name: places[0] for given in data if (places := _places(given.shape, symbol))}
    matrices = {given.name: usual for given in data if len(given.shape) == 2}
    return matrices | declared


def _places(shape: Iterable[object], symbol: str | None) -> list[int]:
    return [place for place, size in enumerate(shape) if symbol is not None and str(size) == symbol]


def sample_axes(program: Program, data: Mapping[str, int]) -> dict[str, int]:
    """The axis of the samples of each quantity that has one, from that of the data; a gradient's is its quantity's."""
    axes = dict(data)
    for step in program.steps:
        if (axis := _axis_of_step(step, axes)) is not None:
            axes[step.name] = axis
    return axes


def _axis_of_step(step: Step, axes: Mapping[str, int]) -> int | None:
    if step.role is Role.BACKWARD and step.gradient:
        return axes.get(step.gradient[1])
    return axis_of(step.formula, axes) if step.role in WITH_SAMPLES else None


def axis_of(node: Node, axes: Mapping[str, int]) -> int | None:
    """The axis of an expression that runs along the samples of a quantity in it; None where there is none."""
    if isinstance(node, Tensor):
        return axes.get(node.name)
    for axis in range(node.rank):
        runs = zip(node.operands, node.runs_along(axis) or (), strict=False)
        if any(own is not None and axis_of(operand, axes) == own for operand, own in runs):
            return axis
    return None
