"""Jacobians of a batch, sample by sample: row k of Y depends on row k of X only, and that dependence is a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from derive.calculus.jacobian import jacobian_step, steps_between
from derive.errors import ShapeError
from derive.ops import EVERYTHING, Node, Slice, Tensor
from derive.program import Program, Quantity, Role, Step

MOST_SAMPLES = 4  # of more samples the first ones and the last are printed
KEPT = 3  # in front of the last


def sample_name(name: str, number: int) -> str:
    """`Z(2)`, the second sample of Z."""
    return f"{name}({number})"


def sample_jacobians(program: Program, of: str, by: str, axes: Mapping[str, int], layout: str) -> Program | None:
    """The program with dY(k)/dX(k) for each sample k of a batch, and the samples they are written in.

    `axes` holds the axis of the samples of each quantity that has one. None where a quantity on the way has
    none, or where a step mixes the samples. Of many samples some are shown, of a number in symbols the first.
    """
    if of not in axes or by not in axes:
        return None
    steps: list[Step] = []
    for number in _shown(program.tensor(by).shape[axes[by]]):
        try:
            found = _one_sample(program, of, by, number, axes, layout)
        except (_Mixed, ShapeError):
            return None
        if found is None:
            return None
        steps += [step for step in found if step.name not in {known.name for known in steps}]
    in_rows = [step.name for step in steps if step.role is Role.SAMPLE and _lies_in_row(step, axes)]
    new = [step for step in steps if step.name not in program.names]
    return replace(program.extended(*new), rows=program.rows | set(in_rows))


def _shown(count: object) -> list[int]:
    """The numbers of the samples that are printed."""
    if not isinstance(count, int):
        return [1]
    return list(range(1, count + 1)) if count <= MOST_SAMPLES else [*range(1, KEPT + 1), count]


def _lies_in_row(step: Step, axes: Mapping[str, int]) -> bool:
    return step.target.rank == 1 and axes[step.name.partition("(")[0]] == 0


def _one_sample(
    program: Program, of: str, by: str, number: int, axes: Mapping[str, int], layout: str
) -> list[Step] | None:
    """The samples and the Jacobian of one sample; None where the samples are mixed, or where nothing depends on it."""
    path = steps_between(program, of, program.tensor(by))
    if not path or any(step.name not in axes for step in path):
        return None
    picked = _Sample(number, axes, frozenset({by, *(step.name for step in path)}))
    steps = [replace(step, target=picked.vector(step.target), formula=picked.of_step(step)) for step in path]
    if any(step.target.shape != step.formula.shape for step in steps):
        return None
    given = [Quantity(vector, "input") for name, vector in picked.vectors.items() if name not in {s.name for s in path}]
    single = replace(
        program,
        givens=(*program.givens, *given),
        steps=(*program.steps, *(replace(step, role=Role.FORWARD) for step in steps)),
    )
    jacobian = jacobian_step(single, sample_name(of, number), sample_name(by, number), layout)
    if jacobian is None:
        return None
    slices = [picked.slice_of(program.tensor(name)) for name, vec in picked.vectors.items() if vec in jacobian.uses]
    return [*slices, replace(jacobian, subject=f"{layout} {axes[of]} {axes[by]}")]


class _Mixed(Exception):
    """An operation in which a sample depends on others."""


class _Sample:
    """One sample of every quantity of a batch; what is `influenced` must not be mixed with other samples."""

    def __init__(self, number: int, axes: Mapping[str, int], influenced: Iterable[str]) -> None:
        self.number, self.axes, self.influenced = number, axes, frozenset(influenced)
        self.vectors: dict[str, Tensor] = {}

    def vector(self, tensor: Tensor) -> Tensor:
        """The sample of a matrix of samples."""
        axis = self.axes[tensor.name]
        vector = Tensor(sample_name(tensor.name, self.number), tensor.shape[:axis] + tensor.shape[axis + 1 :])
        return self.vectors.setdefault(tensor.name, vector)

    def slice_of(self, tensor: Tensor) -> Step:
        """Where the sample stands in its matrix."""
        return Step(self.vector(tensor), self.entry_of(tensor, self.axes[tensor.name]), Role.SAMPLE, "sample")

    def entry_of(self, node: Node, axis: int) -> Node:
        return Slice(node, *(EVERYTHING,) * axis, self.number - 1)

    def of_step(self, step: Step) -> Node:
        """The formula for the sample."""
        return self.of(step.formula, self.axes[step.name])

    def of(self, node: Node, axis: int) -> Node:
        """An expression for the sample, whose number is the place on `axis`."""
        if isinstance(node, Tensor):
            if self.axes.get(node.name) == axis:
                return self.vector(node)
            return self.entry_of(self.shared(node), axis)
        runs = node.runs_along(axis)
        if runs is None:
            raise _Mixed
        operands = zip(node.operands, runs, strict=True)
        return node.at_one(axis, tuple(self.shared(o) if own is None else self.of(o, own) for o, own in operands))

    def shared(self, node: Node) -> Node:
        """An operand that all samples have in common: none of them may be in it."""
        if any(tensor.name in self.influenced for tensor in node.tensors):
            raise _Mixed
        return node
