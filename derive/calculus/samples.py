"""Jacobians of a batch, sample by sample: row k of Y depends on row k of X only, and that dependence is a matrix."""

from __future__ import annotations

from dataclasses import replace

from derive.calculus.jacobian import jacobian_step, steps_between
from derive.errors import ShapeError
from derive.ops import Node, Slice, Tensor, rebuilt
from derive.program import Program, Quantity, Role, Step

MOST_SAMPLES = 4  # more samples are not printed one by one
EVERYTHING = (None, None)


def sample_name(name: str, number: int) -> str:
    """`Z(2)`, the second sample of Z."""
    return f"{name}({number})"


def sample_jacobians(program: Program, of: str, by: str, columns: bool, layout: str) -> Program:
    """The program with dY(k)/dX(k) for each sample k of a small batch, and the samples they are written in.

    `columns`: samples stand in columns. Nothing is appended where the quantities are not matrices with one sample in
    each row (or column), or where the steps mix the samples.
    """
    upper, lower = program.tensor(of), program.tensor(by)
    axis = int(columns)
    if upper.rank != 2 or lower.rank != 2 or upper.shape[axis] != lower.shape[axis]:
        return program
    count = lower.shape[axis]
    if not isinstance(count, int) or count > MOST_SAMPLES:
        return program
    for number in range(1, count + 1):
        try:
            program = _one_sample(program, of, by, number, columns, layout)
        except ShapeError:  # a step that is not made sample by sample
            return program
    return program


def _one_sample(program: Program, of: str, by: str, number: int, columns: bool, layout: str) -> Program:
    path = steps_between(program, of, program.tensor(by))
    if not path:
        return program
    batch = dict.fromkeys([program.tensor(by), *(step.target for step in path)])
    vectors: dict[Node, Node] = {tensor: _vector(tensor, number, columns) for tensor in batch}
    given = {tensor: vectors[tensor] for tensor in batch}
    if columns:  # a bias that is a column beside the batch is a vector beside one sample
        for step in path:
            for tensor in step.uses:
                if tensor not in given and tensor.rank == 2 and tensor.shape[1] == 1:
                    given[tensor] = Slice(tensor, EVERYTHING, 0)
    steps = tuple(
        replace(step, target=given[step.target], formula=rebuilt(step.formula, given), role=Role.FORWARD)
        for step in path
    )
    givens = (*program.givens, Quantity(_vector(program.tensor(by), number, columns), "input"))
    single = replace(program, givens=givens, steps=(*program.steps, *steps))
    jacobian = jacobian_step(single, sample_name(of, number), sample_name(by, number), layout)
    if jacobian is None:
        return program
    slices = [
        Step(vector, Slice(tensor, *((EVERYTHING, number - 1) if columns else (number - 1,))), Role.SAMPLE, "sample")
        for tensor, vector in vectors.items()
        if isinstance(vector, Tensor) and vector in jacobian.uses and vector.name not in program.names
    ]
    rows = frozenset(step.name for step in slices if not columns)
    lie = "columns" if columns else "rows"
    jacobian = replace(jacobian, subject=f"{jacobian.subject} {lie}")
    return replace(program.extended(*slices, jacobian), rows=program.rows | rows)


def _vector(tensor: Tensor, number: int, columns: bool) -> Tensor:
    """One sample of a matrix of samples."""
    return Tensor(sample_name(tensor.name, number), tensor.shape[:1] if columns else tensor.shape[1:])
