"""Route 1: every derivative as taught against SymPy's own derivative of the step written out entry by entry.

For a gradient step dL/dq the oracle is sum over s of dL/ds · ds/dq, with ds/dq by SymPy from the forward steps; the
step's formula is only evaluated, never read, and which s there are is read off the forward steps. Both are compared at
points with 30 digits, away from kinks. Shapes must be small; symbolic widths are bound to small numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import sympy

from derive.check.differences import at_kinks, standing_at_kinks
from derive.check.explicit import Entry, SymbolicArithmetic, symbols_of
from derive.check.report import Finding
from derive.evaluate import FloatArithmetic
from derive.ops import Array, Node, Tensor, evaluate
from derive.program import Program, Role, Step, shrunk

ROUTE = "symbolic"
MOST_ENTRIES = 60
SMALL = 4  # widths up to this are left as they are
DIGITS = 30
TOLERANCE = 1e-20
SEED = 20_240_229
POINTS = 2
MOST_DRAWN = 12  # points, of which those at a kink are left out
MIXED = 8  # the first have entries of both signs, the others, for logarithms and roots, positive ones
Pairs = list[tuple[Any, ...]]


def check_symbolically(program: Program) -> tuple[Finding, ...]:
    """A finding for each local derivative and gradient whose shapes are small enough to be written out."""
    dimensions = _small_dimensions(program)
    arithmetic = SymbolicArithmetic(dimensions)
    seen: dict[tuple[Node, ...], Finding] = {}
    findings = []
    program = shrunk(program, SMALL)
    for step in program.by_role(Role.LOCAL, Role.BACKWARD):
        pattern = _pattern(step, program)
        finding = seen.get(pattern) or _check(step, program, arithmetic)
        if finding is not None:
            seen[pattern] = finding
            findings.append(replace(finding, step=step.name))
    return tuple(findings)


def _pattern(step: Step, program: Program) -> tuple[Node, ...]:
    """The step and all that it is held against, with their quantities renamed in reading order.

    Two steps with the same pattern are the same statement; a deep network has few.
    """
    steps = [*_written_out(program, step), step]
    others = [*_gradients_above(program, step), *(tensor for pair in _updated_before(step, program) for tensor in pair)]
    tensors = dict.fromkeys([*(tensor for part in steps for tensor in (*part.uses, part.target)), *others])
    renamed = {tensor: Tensor(f"q{number}", tensor.shape) for number, tensor in enumerate(tensors)}
    parts = [node.xreplace(renamed) for part in steps for node in (part.target, part.formula)]
    lower = program.tensor(step.gradient[1]) if step.gradient else step.target
    held = [tensor.xreplace(renamed) for tensor in (lower, *others)]
    return (*parts, *held, *(Tensor(note.partition(":")[0]) for note in step.assumptions))


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
    """The comparison of one step; None where it is too large to be written out.

    Every quantity is an array of symbols of its own, so that only the dependence of the step itself is differentiated;
    at a point those that have formulas get the values of their formulas.
    """
    assert step.gradient is not None
    upper, lower = step.gradient
    chain = _written_out(program, step)
    above = _gradients_above(program, step)
    tensors = dict.fromkeys(
        [*step.uses, *(t for s in chain for t in (*s.uses, s.target)), program.tensor(lower), *above]
    )
    if sum(np.prod(arithmetic.shape(tensor.shape), dtype=int) for tensor in tensors) > MOST_ENTRIES:
        return None
    free: dict[Node, Array] = {t: symbols_of(t, arithmetic.shape(t.shape)) for t in tensors}
    updated = {old: new for old, new in _updated_before(step, program) if old in free}
    free |= {new: symbols_of(new, arithmetic.shape(new.shape)) for new in updated.values()}
    passed = free | {old: free[new] for old, new in updated.items()}  # the new weights stand in what is passed through
    formulas = {s.target: _evaluated(s, passed, arithmetic) for s in chain}
    own = _evaluated(step, free, arithmetic)
    if step.role is Role.BACKWARD:
        oracle = _gradient(step, program, free, formulas, own.shape)
    else:
        oracle = _slopes(formulas[program.tensor(upper)], free[program.tensor(lower)], own.shape)

    def kinked(point: Mapping[Any, Any]) -> tuple[str, ...]:
        """The steps that stand at a kink: those with max(v, |v|) do at every positive v."""
        known = {t: np.vectorize(lambda e: complex(point[e.expression]), otypes=[complex])(a) for t, a in free.items()}
        forward = [s for s in chain if s.role is not Role.LOCAL]
        return standing_at_kinks(forward, known, FloatArithmetic(arithmetic.dimensions))

    away: list[Pairs] = []
    standing: tuple[Pairs, tuple[str, ...]] | None = None
    for number in range(MOST_DRAWN):
        with suppress(TypeError):  # the order of numbers that are not real: max(log(u), v) at a negative u
            point = _point(free, formulas, step, Random(SEED + number), (-1, 1) if number < MIXED else (1,))
            pairs, kinks = _pairs(own, oracle, point), kinked(point)
            away += [] if kinks else [pairs]
            standing = standing or (pairs, kinks)
        if len(away) == POINTS:
            break
    if away:
        return _compare(step, [pair for pairs in away for pair in pairs])
    return at_kinks(_compare(step, standing[0]), standing[1]) if standing else None  # relu(u - u) is always at its kink


def _evaluated(step: Step, known: dict[Node, Array], arithmetic: SymbolicArithmetic) -> Array:
    return evaluate(step.formula, known, arithmetic).reshape(arithmetic.shape(step.target.shape))


def _written_out(program: Program, step: Step) -> list[Step]:
    """The steps whose formulas are written out.

    Those passed through, those above one whose gradient has no name of its own, and the local derivatives in use.
    """
    assert step.gradient is not None
    upper, lower = step.gradient
    names = set(_consumers(program, lower) if step.role is Role.BACKWARD else (upper,))
    for name in tuple(names):
        if step.role is Role.BACKWARD and _is_fused(program, upper, name):
            names |= set(_consumers(program, name))
    uses = {tensor.name for tensor in step.uses}
    forward = [earlier for earlier in program.forward if earlier.name in names]
    return forward + [local for local in program.by_role(Role.LOCAL) if local.name in uses]


def _gradients_above(program: Program, step: Step) -> list[Tensor]:
    """The gradients dL/ds of all s that the quantity goes into, used by the step or forgotten."""
    if step.role is not Role.BACKWARD or step.gradient is None:
        return []
    names = [f"d{step.gradient[0]}/d{written.name}" for written in _written_out(program, step)]
    return [program.tensor(name) for name in names if name in program.names]


def _updated_before(step: Step, program: Program) -> list[tuple[Tensor, Tensor]]:
    """Each weight that is updated before a gradient of a layer or an input is written down, old and new.

    Gradients of parameters, and local derivatives that no weight is part of, are those of the forward pass.
    """
    lower = step.gradient[1] if step.gradient else ""
    if step.role is not Role.BACKWARD or (
        lower in program.quantities and program.quantities[lower].role == "parameter"
    ):
        return []
    before = program.steps[: program.steps.index(step)]
    return [(program.tensor(s.name[:-1]), s.target) for s in before if s.role is Role.UPDATE]


def _gradient(
    step: Step,
    program: Program,
    free: Mapping[Node, Array],
    formulas: Mapping[Tensor, Array],
    shape: tuple[int, ...],
) -> Array:
    """sum over s and its entries of dL/ds · ds/dq; dL/ds is 1 for the loss itself.

    Where dL/ds has no name of its own (a fused step) the steps above, with the formula of s in them, take its place;
    q itself is held fixed in these, as another term of the sum is the way by which they read it directly.
    """
    assert step.gradient is not None
    loss, quantity = step.gradient
    variables = free[program.tensor(quantity)]
    entries = [_at(variables, index) for index in np.ndindex(variables.shape)]
    held = {entry: sympy.Dummy() for entry in entries}
    total = np.full(shape, Entry(0), dtype=object)
    for name in _consumers(program, quantity):
        inside: dict[Any, Any] = {}
        fixed: dict[Any, Any] = {}
        above = [name]
        if _is_fused(program, loss, name):
            array = formulas[program.tensor(name)]
            inside = {_at(free[program.tensor(name)], i): _at(array, i) for i in np.ndindex(array.shape)}
            fixed, above = held, _consumers(program, name)
        terms = (_weighted(program.tensor(upper), loss, free, formulas) for upper in above)
        scalar = sympy.Add(*terms).xreplace(fixed).xreplace(inside)
        released = {dummy: entry for entry, dummy in fixed.items()}
        for index in np.ndindex(shape):
            slope = sympy.diff(scalar, _at(variables, index)).xreplace(released)
            total[index] = Entry(slope) + total[index]
    return total


def _weighted(upper: Tensor, loss: str, free: Mapping[Node, Array], formulas: Mapping[Tensor, Array]) -> sympy.Expr:
    """sum of dL/ds_i · s_i over the entries of a step; the loss counts once."""
    values = formulas[upper]
    ones = np.full(values.shape, Entry(1), dtype=object)
    weights = ones if upper.name == loss else free[Tensor(f"d{loss}/d{upper.name}", upper.shape)]
    return sympy.Add(*(_at(weights, i) * _at(values, i) for i in np.ndindex(values.shape)))


def _is_fused(program: Program, loss: str, name: str) -> bool:
    """Whether a gradient passes through a quantity whose own gradient is not written down."""
    return name != loss and f"d{loss}/d{name}" not in program.names


def _consumers(program: Program, name: str) -> list[str]:
    """The steps on the way to the loss that read a quantity."""
    assert program.loss is not None
    forward = program.leading_to(program.loss.name)
    return [step.name for step in forward if any(tensor.name == name for tensor in step.uses)]


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


def _pairs(own: Array, oracle: Array, point: Mapping[Any, Any]) -> Pairs:
    """Each entry of a derivative and of the oracle at a point, to 30 digits."""
    return [
        tuple(sympy.N(_at(array, index).xreplace(point), DIGITS) for array in (own, oracle))
        for index in np.ndindex(own.shape)
    ]


def _compare(step: Step, pairs: Pairs) -> Finding:
    """The largest difference of the pairs."""
    worst, disagreement = 0.0, ("", "")
    for found, expected in pairs:
        error = float(abs(found - expected) / (1 + abs(expected)))
        if not error <= worst:
            worst, disagreement = error, (str(sympy.N(found, 12)), str(sympy.N(expected, 12)))
    if worst < TOLERANCE:
        return Finding(ROUTE, step.name, True, worst)
    return Finding(ROUTE, step.name, False, worst, *disagreement)


def _point(
    free: Mapping[Node, Array],
    formulas: Mapping[Tensor, Array],
    step: Step,
    random: Random,
    signs: tuple[int, ...],
) -> dict[Any, Any]:
    """Numbers for all symbols: random rationals of these signs, then the values of the formulas.

    Points on one side of zero only could not tell relu from the identity. What is assumed to sum to 1 is positive.
    """
    assumed = dict(note.split(":")[1:] for note in step.assumptions)
    point: dict[Any, Any] = {}
    for tensor, array in free.items():
        for index in np.ndindex(array.shape):
            point[_at(array, index)] = sympy.Rational(random.randint(100, 900) * random.choice(signs), 1000)
        if isinstance(tensor, Tensor) and tensor.name in assumed:
            _normalise(point, np.moveaxis(array, int(assumed[tensor.name]), -1))
    for tensor, array in formulas.items():
        for index in np.ndindex(array.shape):
            point[_at(free[tensor], index)] = sympy.N(_at(array, index).xreplace(point), DIGITS + 10)
    return point


def _normalise(point: dict[Any, Any], array: Array) -> None:
    """Make every row (and a vector as a whole) positive with the sum 1."""
    for row in array.reshape(-1, array.shape[-1]):
        total = sympy.Add(*(abs(point[entry.expression]) for entry in row))
        for entry in row:
            point[entry.expression] = abs(point[entry.expression]) / total
