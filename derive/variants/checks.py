"""The routes of `derive check` on many variants at once: what needs no numbers once, the rest along a leading axis.

`symbolic` holds for a network whatever its numbers, and is asked once. The first variant of each network goes through
all routes as a problem of its own, among them the forward pass layer by layer and the Jacobians. For all of them,
`differences` takes one complex step for each gradient, along a direction of its own in every variant, in which each
entry counts; `plain` runs the author's equations on stacks of arrays. A variant that fails is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from derive.calculus import jacobian_name
from derive.check import (
    Finding,
    check_assumptions,
    check_by_differences,
    check_jacobians,
    check_plainly,
    check_symbolically,
)
from derive.check.differences import STEP, through_new_weights
from derive.check.interpret import Interpreter
from derive.check.scalar_forms import scalar_form
from derive.check.stacked import Stack, StackedLibrary
from derive.derivation import wanted_jacobians
from derive.errors import DeriveError, Fault
from derive.evaluate import jacobian_values, run
from derive.ops import Array, Fn, Tensor, walk
from derive.program import Role, Step
from derive.variants.gates import Batch
from derive.variants.search import Pool, Variant
from derive.variants.setting import Setting, own_axis, per_variant

TOLERANCE = 1e-9
AT_KINK = 1e-12
Comparison = tuple[str, str, Array, Array]  # route, quantity, and its entries by the steps and by the route
SEED = 11


class WrongVariant(DeriveError):
    """A route disagrees with a variant."""


def require_checked(pool: Pool) -> int:
    """Every variant by every route; raises `WrongVariant` with the first that fails, else the number of comparisons."""
    compared = 0
    for setting in pool.settings:
        compared += _require_passed(check_symbolically(setting.program), setting)
    looked_at: Setting | None = None
    for batch, variants in pool.batches():
        if batch.setting is not looked_at:
            looked_at = batch.setting
            compared += _require_passed(_first(batch), batch.setting, variants[0])
        for comparison in _comparisons(batch):
            compared += batch.count
            _require_equal(comparison, batch, variants)
    return compared


def _require_equal(comparison: Comparison, batch: Batch, variants: Sequence[Variant]) -> None:
    """Refuse the first variant in which the steps and a route disagree."""
    route, name, found, expected = comparison
    if found.shape != expected.shape:
        finding = Finding(route, name, False, None, f"{found.shape[1]} entries", f"{expected.shape[1]} entries")
        raise WrongVariant(_fault(finding, None, batch.setting))
    errors = np.abs(found - expected) / (1 + np.abs(expected))
    bad = np.argwhere(~(errors <= TOLERANCE))
    if len(bad):
        row, entry = bad[0]
        one, other = (f"{array[row, entry]:.12g}" for array in (found, expected))
        finding = Finding(route, name, False, float(errors[row, entry]), one, other)
        raise WrongVariant(_fault(finding, variants[row], batch.setting))


def _require_passed(findings: Sequence[Finding], setting: Setting, variant: Variant | None = None) -> int:
    for finding in findings:
        if not finding.passed:
            raise WrongVariant(_fault(finding, variant, setting))
    return len(findings)


def _first(batch: Batch) -> tuple[Finding, ...]:
    """The first variant by all routes that need numbers, as a problem of its own."""
    problem, program = batch.setting.problem, batch.setting.program
    values = {
        name: array[0] if array.ndim > program.tensor(name).rank else array
        for name, array in ((name, np.asarray(array)) for name, array in batch.values.items())
    }
    jacobians = {
        jacobian_name(of, by): jacobian_values(program, values, of, by) for of, by in wanted_jacobians(problem, program)
    }
    return (
        check_by_differences(program, values)
        + check_plainly(problem, program, values)
        + check_assumptions(program, values)
        + check_jacobians(program, values, jacobians)
    )


def _fault(finding: Finding, variant: Variant | None, setting: Setting) -> Fault:
    which = f"variant {variant.number} ({variant.id})" if variant else "every variant"
    return Fault(
        found=f"{which}: {finding.step} is {finding.found} by the steps",
        expected=f"{finding.expected} by the route `{finding.route}`",
        hint="nothing was written; please report it with the problem file",
        where=str(setting.problem.source or setting.problem.name),
        path=finding.step,
    )


def _comparisons(batch: Batch) -> Iterator[Comparison]:
    """Route, quantity, and its entries by the steps and by the route, a row for each variant."""
    yield from _plainly(batch)
    yield from _slopes(batch)
    yield from _by_differences(batch)
    for step in batch.setting.program.steps:
        for note in step.assumptions:
            _, name, axis = note.split(":")
            rank = batch.setting.program.tensor(name).rank
            totals = np.sum(np.asarray(batch.values[name]), axis=own_axis(int(axis), rank))
            rows = per_variant(totals, rank - 1, batch.count)
            yield "assumption", f"{step.name}: {name} sums to 1", rows, np.ones_like(rows)


def _plainly(batch: Batch) -> Iterator[Comparison]:
    """The author's equations, the update by its definition, and the equations once more behind it."""
    setting, problem = batch.setting, batch.setting.problem
    given = {name: _stack(batch, name) for name in (given.name for given in problem.givens)}
    plain = _equations(batch, given)
    for name, value in plain.items():
        yield "plain", name, batch.entries(name), _rows(value, batch.count)
    loss = setting.program.loss
    if loss is None or problem.update is None:
        return
    rate = _stack(batch, problem.update.symbol)
    updated = [step.name.removesuffix("'") for step in setting.program.by_role(Role.UPDATE)]
    after = {name: given[name] - rate * _stack(batch, f"d{loss.name}/d{name}") for name in updated}
    for name, value in after.items():
        yield "plain", f"{name}'", batch.entries(f"{name}'"), _rows(value, batch.count)
    again = _equations(batch, given | after)
    for step in setting.program.by_role(Role.AFTER):
        if (name := step.name.removesuffix("'")) in again:
            yield "plain", step.name, batch.entries(step.name), _rows(again[name], batch.count)


def _slopes(batch: Batch) -> Iterator[Comparison]:
    """Each elementwise function in a derivative, at its own arguments, by its SymPy form."""
    for step in batch.setting.program.by_role(Role.LOCAL, Role.BACKWARD, Role.JACOBIAN):
        for node in dict.fromkeys(node for node in walk(step.formula) if isinstance(node, Fn)):
            operands, arity = batch.lined_up(node.operands), node.row.arity
            expected = scalar_form(node.row, operands[:arity], operands[arity:])
            yield "plain", step.name, batch.of(node), per_variant(expected, node.rank, batch.count)


def _equations(batch: Batch, given: Mapping[str, Stack]) -> dict[str, Stack]:
    problem = batch.setting.problem
    interpreter = Interpreter(StackedLibrary(), {**problem.dimensions, **given})
    with np.errstate(all="ignore"):
        for equation in problem.equations:
            interpreter.known[equation.target] = interpreter.value(equation.tree)
    return {equation.target: interpreter.known[equation.target] for equation in problem.equations}


def _stack(batch: Batch, name: str) -> Stack:
    rank = batch.setting.program.tensor(name).rank
    array = np.asarray(batch.values[name])
    return Stack(array if array.ndim > rank else array[None])


def _rows(value: Stack, count: int) -> Array:
    return per_variant(value.arrays[0] if len(value.arrays) == 1 else value.arrays, value.ndim, count)


def _by_differences(batch: Batch) -> Iterator[Comparison]:
    """Each gradient along a random direction: Im L(q + i h v)/h against the sum of dL/dq ⊙ v."""
    program = batch.setting.program
    generator = np.random.default_rng(SEED)
    affected, smooth = through_new_weights(program), ~_at_kinks(batch)[:, None]
    for step in program.by_role(Role.BACKWARD):
        assert step.gradient is not None
        if step.name in affected:
            continue
        loss, quantity = step.gradient
        entries = batch.entries(quantity)
        direction = generator.uniform(0.5, 1.5, entries.shape) * generator.choice((-1, 1), entries.shape)
        expected = _directional(batch, quantity, entries, direction, loss)
        found = (batch.entries(step.name) * direction).sum(axis=1, keepdims=True)
        yield "differences", step.name, np.where(smooth, found, expected), expected


def _at_kinks(batch: Batch) -> Array:
    """Which variants stand at a kink, as nearly as float64 can tell: there the derivative is a convention."""
    result = np.zeros(batch.count, dtype=bool)
    for kink in batch.kinks():
        result |= (np.abs(kink) <= AT_KINK).any(axis=1)
    return result


def _directional(batch: Batch, quantity: str, entries: Array, direction: Array, loss: str) -> Array:
    """The derivative of the loss along a direction in the space of one quantity, by a complex step."""
    setting = batch.setting
    tensor = setting.program.tensor(quantity)
    shape = (batch.count, *setting.arithmetic.shape(tensor.shape))
    given: dict[Tensor, Array] = {setting.program.tensor(name): array for name, array in batch.given.items()}
    given[tensor] = (entries + 1j * STEP * direction).reshape(shape)
    forward: tuple[Step, ...] = setting.program.forward
    with np.errstate(all="ignore"):
        known = run(forward, given, setting.arithmetic)
    stepped = np.asarray(np.imag(known[setting.program.tensor(loss)]) / STEP)
    return per_variant(stepped, setting.program.tensor(loss).rank, batch.count)
