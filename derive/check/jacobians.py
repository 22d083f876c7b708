"""Jacobians: reverse mode against complex steps, and the printed products of local Jacobians with both."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from derive.calculus.entry_jacobians import BY_ENTRY
from derive.calculus.local import local_jacobian
from derive.check.differences import STEP, at_kinks, compare, derivatives, kinked_steps
from derive.check.exactly import STEP as SMALL_STEP
from derive.check.exactly import Exactly, compare_exactly, decided
from derive.check.report import Finding
from derive.evaluate import ExactArithmetic, FloatArithmetic, Values, exact_array, jacobian_values, real
from derive.ops import Array, Node, Tensor, evaluate
from derive.program import Program, Role, Step

ROUTE = "jacobian"
TOLERANCE = 1e-9
MOST_ENTRIES = 64
SMALL = real(SMALL_STEP)


def check_jacobians(
    program: Program, values: Values, jacobians: Mapping[str, Array], exactly: Exactly | None = None
) -> tuple[Finding, ...]:
    """A finding for each Jacobian in numbers, and one for each formula; `exactly` decides where float64 fails."""
    findings = []
    for name, jacobian in jacobians.items():
        of, by = name[1:].split("/d", 1)
        finding = compare(ROUTE, f"{name} in numbers", jacobian, _by_steps(program, values, of, by), TOLERANCE)
        again = functools.partial(_in_numbers_exactly, program, jacobian, name, (of, by))
        findings.append(decided(finding, exactly, again))
    with np.errstate(all="ignore"):
        findings += _local(program, values, exactly)
    kinked = kinked_steps(program, values)
    findings = [at_kinks(finding, kinked) for finding in findings]
    for step in program.by_role(Role.JACOBIAN):
        found, expected = _both(program, values, step)
        findings.append(compare(ROUTE, step.name, found, expected, TOLERANCE))
    return tuple(findings)


def _both(program: Program, values: Values, step: Step) -> tuple[Array, Array]:
    """A Jacobian as its formula has it, and by reverse mode."""
    assert step.gradient is not None
    of, by = step.gradient
    layout, *axes = step.subject.split()
    if layout == BY_ENTRY:
        of, index = program.place_of(of) if "[" in of else (of, ())
        return values[step.name], jacobian_values(program, values, of, by)[index]
    expected = _expected(program, values, of, by, tuple(map(int, axes)))
    found = values[step.name].T if layout == "denominator" else values[step.name]
    return _beside_zeros(found, expected, step) if axes else found, expected


def _expected(program: Program, values: Values, of: str, by: str, axes: tuple[int, ...]) -> Array:
    """The matrix by reverse mode; of one sample of a batch (`Y(2)`, `X(2)`) its rows, with a block for each sample."""
    if not axes:
        return np.asarray(jacobian_values(program, values, of, by)).reshape(values[of].size, values[by].size)
    (of, number), (by, _) = (name[:-1].split("(") for name in (of, by))
    rank, (upper, lower) = values[of].ndim, axes
    blocks = np.moveaxis(jacobian_values(program, values, of, by), (upper, rank + lower), (0, 1))[int(number) - 1]
    return np.asarray(blocks.reshape(len(blocks), *(_size(values[of], upper), _size(values[by], lower))))


def _size(array: Array, axis: int) -> int:
    """How many entries one sample has."""
    return int(array.size // array.shape[axis])


def _beside_zeros(found: Array, blocks: Array, step: Step) -> Array:
    """The Jacobian of one sample by itself, and zero by all others."""
    assert step.gradient is not None
    number = int(step.gradient[1][:-1].split("(")[1])
    whole = np.zeros_like(blocks)
    if found.size != whole[number - 1].size:
        return found
    whole[number - 1] = found.reshape(whole[number - 1].shape)
    return whole


def _in_numbers_exactly(
    program: Program, jacobian: Array, name: str, pair: tuple[str, str], exactly: Exactly
) -> Finding:
    """A Jacobian in numbers against exact difference quotients."""
    of, by = map(program.tensor, pair)
    size = exactly.known[by].size
    columns = exactly.derivatives(by, of, np.eye(size).reshape(size, *exactly.known[by].shape))
    return compare_exactly(ROUTE, f"{name} in numbers", jacobian, columns.T, TOLERANCE)


def _local(program: Program, values: Values, exactly: Exactly | None) -> list[Finding]:
    """Every local Jacobian ds/dq between vectors, as it is printed, against complex steps of the one step."""
    findings = []
    arithmetic = FloatArithmetic(program.dimensions)
    known: dict[Node, Array] = {program.tensor(name): array for name, array in values.items() if name in program.names}
    for step in program.forward:
        for tensor in step.uses:
            if tensor.rank == step.target.rank == 1 and values[tensor.name].size <= MOST_ENTRIES:
                matrix = evaluate(local_jacobian(step, tensor), known, arithmetic)
                stepped = {**known, tensor: values[tensor.name] + 1j * STEP * np.eye(values[tensor.name].size)}
                columns = np.imag(evaluate(step.formula, stepped, arithmetic)) / STEP
                columns = np.broadcast_to(columns, (len(stepped[tensor]), values[step.name].size))
                finding = compare(ROUTE, f"d{step.name}/d{tensor.name}", matrix, columns.T, TOLERANCE)
                findings.append(decided(finding, exactly, functools.partial(_local_exactly, program, step, tensor)))
    return findings


def _local_exactly(program: Program, step: Step, tensor: Tensor, exactly: Exactly) -> Finding:
    """A local Jacobian in exact numbers against difference quotients of its step."""
    arithmetic, known = ExactArithmetic(dict(program.dimensions)), dict(exactly.known)
    matrix = exact_array(evaluate(local_jacobian(step, tensor), known, arithmetic))
    size = known[tensor].size
    stepped = evaluate(step.formula, {**known, tensor: known[tensor] + exact_array(np.eye(size)) * SMALL}, arithmetic)
    columns = np.broadcast_to(exact_array((stepped - known[step.target]) / SMALL), (size, known[step.target].size))
    return compare_exactly(ROUTE, f"d{step.name}/d{tensor.name}", matrix, columns.T, TOLERANCE)


def _by_steps(program: Program, values: Values, of: str, by: str) -> Array:
    """d(of)/d(by) by complex steps of the forward pass, shape (*of, *by)."""
    size = values[by].size
    directions = np.eye(size).reshape(size, *values[by].shape)
    columns = derivatives(program, values, program.tensor(by), program.tensor(of), directions)
    return columns.T.reshape((*values[of].shape, *values[by].shape))
