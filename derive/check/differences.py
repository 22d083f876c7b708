"""Route 2: every gradient against complex steps of the forward pass.

dL/dq_i = Im L(q + i h e_i)/h with h = 1e-30: no cancellation, so agreement to machine precision (Squire and Trapp,
"Using complex variables to estimate derivatives of real functions", SIAM Review 40, 1998). All entries of a quantity
are stepped at once along a leading axis; of large quantities a sample of entries and some random directions.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from derive.check.exactly import Exactly, compare_exactly, decided
from derive.check.report import Finding
from derive.evaluate import FloatArithmetic, Values, exact_array, run
from derive.ops import Array, Fn, Node, Tensor, as_node, evaluate, walk
from derive.program import Program, Role, Step

ROUTE = "differences"
STEP = 1e-30
TOLERANCE = 1e-9
ROUNDING_ERROR = 1e-13  # of a number whose terms cancel, relative to their size
MOST_DIRECTIONS = 128
FEW_UNITS = 8
RANDOM_DIRECTIONS = 4
SEED = 7


def check_by_differences(program: Program, values: Values, exactly: Exactly | None = None) -> tuple[Finding, ...]:
    """A finding for each gradient dL/dq, of parameters and of intermediate quantities.

    Where the steps lose their digits, as log(1 - y) does near y = 1, `exactly` takes difference quotients instead.
    """
    findings = []
    affected, kinked = through_new_weights(program), kinked_steps(program, values)
    for step in program.by_role(Role.BACKWARD):
        assert step.gradient is not None
        loss, quantity = step.gradient
        if step.name in affected:
            continue  # not the gradient of the loss, by the course's own convention; route 1 checks the step
        directions = _directions(values[quantity].shape)
        expected = derivatives(program, values, program.tensor(quantity), program.tensor(loss), directions)
        found = directions.reshape(len(directions), -1) @ values[step.name].reshape(-1)
        finding = compare(ROUTE, step.name, found, expected, TOLERANCE)
        finding = decided(finding, exactly, functools.partial(_exactly, program, step, directions))
        findings.append(at_kinks(finding, kinked))
    return tuple(findings)


def _exactly(program: Program, step: Step, directions: Array, exactly: Exactly) -> Finding:
    """A gradient in exact numbers against difference quotients in such."""
    assert step.gradient is not None
    loss, quantity = step.gradient
    expected = exactly.derivatives(program.tensor(quantity), program.tensor(loss), directions)
    gradient = exact_array(directions.reshape(len(directions), -1)) @ exactly.values[step.name].reshape(-1)
    return compare_exactly(ROUTE, step.name, gradient, expected, TOLERANCE)


def kinked_steps(program: Program, values: Values) -> tuple[str, ...]:
    """The forward steps that stand at a kink, as nearly as float64 can tell: the derivative is a convention there."""
    arithmetic = FloatArithmetic(program.dimensions)
    known: dict[Node, Array] = {program.tensor(name): values[name] for name in program.names if name in values}
    return standing_at_kinks(program.forward, known, arithmetic)


def _vanishes(node: Node, known: dict[Node, Array], arithmetic: FloatArithmetic) -> bool:
    """Whether an entry is zero but for rounding errors, as 0.1 + 0.2 - 0.3 is."""
    largest = max((float(np.max(np.abs(known[tensor]))) for tensor in node.tensors), default=0.0)
    return bool(np.any(np.abs(evaluate(node, known, arithmetic)) <= ROUNDING_ERROR * (1 + largest)))


def standing_at_kinks(steps: Iterable[Step], known: dict[Node, Array], arithmetic: FloatArithmetic) -> tuple[str, ...]:
    """Those of some steps in which a function stands at its kink, given the numbers that they are computed from."""
    return tuple(
        step.name for step in steps if any(_vanishes(kink, known, arithmetic) for kink in _kinks(step.formula))
    )


def _kinks(formula: Node) -> list[Node]:
    """What is zero where a formula has no derivative: u for relu(u), u - v for max(u, v), nothing for max(u, u)."""
    functions = (node for node in walk(formula) if isinstance(node, Fn))
    kinks = (as_node(fn.row.kink(*fn.operands)) for fn in functions if fn.row.kink)
    return [kink for kink in kinks if kink.tensors]


def at_kinks(finding: Finding, kinked: tuple[str, ...]) -> Finding:
    """A disagreement with a one-sided derivative is none where the problem stands at a kink; it says so."""
    if finding.passed or not kinked:
        return finding
    note = f"{', '.join(kinked)} at a kink: the derivative is a convention there"
    return replace(finding, passed=True, error=None, note=note, kinks=kinked)


def derivatives(program: Program, values: Values, quantity: Tensor, of: Tensor, directions: Array) -> Array:
    """The derivative of `of` along each direction in the space of `quantity`, by complex steps."""
    given: dict[Tensor, Array] = {q.tensor: values[q.name] for q in program.givens}
    given[quantity] = values[quantity.name] + 1j * STEP * directions
    with np.errstate(all="ignore"):
        known = run(program.forward, given, FloatArithmetic(program.dimensions))
    stepped = np.asarray(np.imag(known[of]) / STEP)
    full = np.broadcast_to(stepped, (len(directions), *values[of.name].shape))  # also where nothing depends on it
    return full.reshape(len(directions), -1)


def through_new_weights(program: Program) -> frozenset[str]:
    """The gradients that pass through parameters already updated, and those computed from them."""
    affected: set[str] = set()
    for step in program.by_role(Role.BACKWARD):
        if any(tensor.name in affected or tensor.name.endswith("'") for tensor in step.uses):
            affected.add(step.name)
    return frozenset(affected)


def _directions(shape: tuple[int, ...]) -> Array:
    """Unit vectors; for a large quantity a few, and random directions, in each of which every entry counts."""
    size = int(np.prod(shape))
    if size <= MOST_DIRECTIONS:
        return np.eye(size).reshape(size, *shape)
    generator = np.random.default_rng(SEED)
    units = np.zeros((FEW_UNITS, size))
    units[np.arange(len(units)), generator.choice(size, len(units), replace=False)] = 1
    random = generator.standard_normal((RANDOM_DIRECTIONS, size)) / np.sqrt(size)
    return np.concatenate([units, random]).reshape(-1, *shape)


def compare(route: str, step: str, found: Array, expected: Array, tolerance: float) -> Finding:
    """The largest difference relative to 1 + |expected|, and where it stands if it is too large."""
    found, expected = (np.asarray(array, dtype=float).reshape(-1) for array in (found, expected))
    if found.shape != expected.shape:
        return Finding(route, step, False, None, f"{found.size} entries", f"{expected.size} entries")
    differences = np.abs(found - expected) / (1 + np.abs(expected))
    worst = int(np.argmax(np.where(np.isnan(differences), np.inf, differences)))
    error = float(differences[worst])
    if error <= tolerance:
        return Finding(route, step, True, error)
    return Finding(route, step, False, error, f"{found[worst]:.12g}", f"{expected[worst]:.12g}")
