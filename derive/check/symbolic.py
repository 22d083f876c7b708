"""Route 1: every derivative as taught against SymPy's own derivative of the step written out entry by entry.

For a gradient step dL/dq the oracle is sum over s of dL/ds · ds/dq, with ds/dq by SymPy from the forward steps; the
step's formula is only evaluated, never read. Both are compared at points with 30 digits. Shapes must be small;
symbolic widths are bound to small numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import sympy

from derive.check.explicit import Entry, SymbolicArithmetic, symbols_of
from derive.check.report import Finding
from derive.ops import Array, Node, Tensor, evaluate
from derive.program import Program, Role, Step

ROUTE = "symbolic"
MOST_ENTRIES = 60
DIGITS = 30
TOLERANCE = 1e-20
SEED = 20_240_229
POINTS = 2


def check_symbolically(program: Program) -> tuple[Finding, ...]:
    """A finding for each local derivative and gradient whose shapes are small enough to be written out."""
    dimensions = _small_dimensions(program)
    arithmetic = SymbolicArithmetic(dimensions)
    seen: dict[tuple[Node, ...], Finding] = {}
    findings = []
    for step in program.by_role(Role.LOCAL, Role.BACKWARD):
        pattern = _pattern(step, program)
        finding = seen.get(pattern) or _check(step, program, arithmetic)
        if finding is not None:
            seen[pattern] = finding
            findings.append(replace(finding, step=step.name))
    return tuple(findings)


def _pattern(step: Step, program: Program) -> tuple[Node, ...]:
    """The step and the forward steps that it is held against, with their quantities renamed in reading order.

    Two steps with the same pattern are the same statement; a deep network has few.
    """
    steps = [*_written_out(program, step), step]
    tensors = dict.fromkeys(tensor for part in steps for tensor in (*part.uses, part.target))
    renamed = {tensor: Tensor(f"q{number}", tensor.shape) for number, tensor in enumerate(tensors)}
    parts = [node.xreplace(renamed) for part in steps for node in (part.target, part.formula)]
    lower = program.tensor(step.gradient[1]) if step.gradient else step.target
    return (*parts, lower.xreplace(renamed), *(Tensor(note.partition(":")[0]) for note in step.assumptions))


def _small_dimensions(program: Program) -> dict[str, int]:
    """The numbers of bound dimensions; 2, 3, 2, ... for the others."""
    dimensions = dict(program.dimensions)
    tensors = [quantity.tensor for quantity in program.givens] + [step.target for step in program.steps]
    free = sorted(
        {symbol.name for t in tensors for d in t.shape if not isinstance(d, int) for symbol in d.free_symbols}
    )
    for position, name in enumerate(name for name in free if name not in dimensions):
        dimensions[name] = 2 + position % 2
    return dimensions


def _check(step: Step, program: Program, arithmetic: SymbolicArithmetic) -> Finding | None:
    """The comparison of one step; None where it is too large to be written out."""
    assert step.gradient is not None
    upper, lower = step.gradient
    chain = _written_out(program, step)
    tensors = dict.fromkeys([*step.uses, *(t for s in chain for t in (*s.uses, s.target)), program.tensor(lower)])
    if sum(np.prod(arithmetic.shape(tensor.shape), dtype=int) for tensor in tensors) > MOST_ENTRIES:
        return None
    known: dict[Node, Array] = {}
    computed = {s.target for s in chain}
    for tensor in tensors:
        if tensor not in computed:
            known[tensor] = symbols_of(tensor, arithmetic.shape(tensor.shape))
    for tensor in step.uses:
        if tensor.name.endswith("'"):  # later gradients pass through the new weights: the oracle's must too
            known[program.tensor(tensor.name[:-1])] = known[tensor]
    for earlier in (*chain, step):
        value = evaluate(earlier.formula, known, arithmetic)
        known[earlier.target] = value.reshape(arithmetic.shape(earlier.target.shape))
    own = known[step.target]
    if step.role is Role.BACKWARD:
        oracle = _gradient(step, program, known, own.shape)
    else:
        oracle = _slopes(known[program.tensor(upper)], known[program.tensor(lower)], own.shape)
    return _compare(step, own, oracle, known)


def _written_out(program: Program, step: Step) -> list[Step]:
    """The steps whose formulas are written out.

    Those passed through, the loss above one whose gradient has no name of its own, and the local derivatives in use.
    """
    assert step.gradient is not None
    through = step.through if step.role is Role.BACKWARD else (step.gradient[0],)
    names = set(through)
    loss = program.loss
    if loss and step.role is Role.BACKWARD and any(f"d{loss.name}/d{name}" not in program.names for name in through):
        names.add(loss.name)
    uses = {tensor.name for tensor in step.uses}
    forward = [earlier for earlier in program.forward if earlier.name in names]
    return forward + [local for local in program.by_role(Role.LOCAL) if local.name in uses]


def _gradient(step: Step, program: Program, known: Mapping[Node, Array], shape: tuple[int, ...]) -> Array:
    """sum over s and its entries of dL/ds · ds/dq; dL/ds is 1 for the loss itself."""
    assert step.gradient is not None
    loss, quantity = step.gradient
    total = np.full(shape, Entry(0), dtype=object)
    variables = known[program.tensor(quantity)]
    for name in step.through:
        gradient = Tensor(f"d{loss}/d{name}", program.tensor(name).shape)
        outer = known.get(gradient)
        target = known[program.tensor(name if outer is not None or name == loss else loss)]
        weights = outer if outer is not None else np.full(target.shape, Entry(1), dtype=object)
        scalar = sum((w * t for w, t in zip(weights.flat, target.flat, strict=True)), Entry(0)).expression
        for index in np.ndindex(shape):
            total[index] = Entry(sympy.diff(scalar, _at(variables, index))) + total[index]
    return total


def _slopes(values: Array, variables: Array, shape: tuple[int, ...]) -> Array:
    """dz_i/dq_i for every entry, or the matrix of all dz_i/dq_j."""
    pairs = [(i, i) for i in np.ndindex(variables.shape)]
    if shape != variables.shape:
        pairs = [(i, j) for i in np.ndindex(values.shape) for j in np.ndindex(variables.shape)]
    derivatives = [Entry(sympy.diff(_at(values, i), _at(variables, j))) for i, j in pairs]
    result = np.empty(len(derivatives), dtype=object)
    result[:] = derivatives
    return result.reshape(shape)


def _at(array: Array, index: tuple[int, ...]) -> sympy.Expr:
    entry: Any = array[index]
    return entry.expression


def _compare(step: Step, own: Array, oracle: Array, known: Mapping[Node, Array]) -> Finding:
    """Both at points; a target that is assumed to sum to 1 does so."""
    worst, disagreement = 0.0, ("", "")
    for number in range(POINTS):
        point = _point(known, step, Random(SEED + number))
        for index in np.ndindex(own.shape):
            found_at, expected_at = (_at(array, index).xreplace(point) for array in (own, oracle))
            if found_at == expected_at:
                continue
            found_at, expected_at = sympy.N(found_at, DIGITS), sympy.N(expected_at, DIGITS)
            error = float(abs(found_at - expected_at) / (1 + abs(expected_at)))
            if not error <= worst:
                worst = error
                disagreement = (str(sympy.N(found_at, 12)), str(sympy.N(expected_at, 12)))
    passed = worst < TOLERANCE
    found, expected = ("", "") if passed else disagreement
    return Finding(ROUTE, step.name, passed, worst, found, expected)


def _point(known: Mapping[Node, Array], step: Step, random: Random) -> dict[Any, Any]:
    """Random rationals of both signs for all symbols; what is assumed to sum to 1 is positive and does.

    (Points on one side of zero only cannot tell relu from the identity.)
    """
    assumed = dict(note.split(":")[1:] for note in step.assumptions)
    point: dict[Any, Any] = {}
    for tensor, array in known.items():
        entries = [e.expression for e in array.flat]
        if not all(isinstance(entry, sympy.Symbol) for entry in entries):
            continue
        for entry in entries:
            point[entry] = sympy.Rational(random.randint(100, 900) * random.choice((-1, 1)), 1000)
        if isinstance(tensor, Tensor) and tensor.name in assumed:
            _normalise(point, np.moveaxis(array, int(assumed[tensor.name]), -1))
    return point


def _normalise(point: dict[Any, Any], array: Array) -> None:
    """Make every row (and a vector as a whole) positive with the sum 1."""
    for row in array.reshape(-1, array.shape[-1]):
        total = sympy.Add(*(abs(point[entry.expression]) for entry in row))
        for entry in row:
            point[entry.expression] = abs(point[entry.expression]) / total
