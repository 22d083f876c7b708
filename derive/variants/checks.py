"""The routes of `derive check` on many variants at once: what needs no numbers once, the rest along a leading axis.

`symbolic` holds for a network whatever its numbers. `differences` takes one complex step for each gradient, along a
direction of its own in every variant, in which each entry counts; `plain` runs the author's equations on stacks of
arrays. A variant that fails is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from derive.check import Finding, check_symbolically
from derive.check.differences import STEP, through_new_weights
from derive.check.interpret import Interpreter
from derive.check.stacked import Stack, StackedLibrary
from derive.errors import DeriveError, Fault
from derive.evaluate import run
from derive.ops import Array, Tensor
from derive.program import Role, Step
from derive.variants.gates import Batch
from derive.variants.search import Pool, Variant
from derive.variants.setting import Setting, per_variant

TOLERANCE = 1e-9
SEED = 11


class WrongVariant(DeriveError):
    """A route disagrees with a variant."""


def require_checked(pool: Pool) -> int:
    """Every variant by every route; raises `WrongVariant` with the first that fails, else the number of comparisons."""
    compared = 0
    for setting in pool.settings:
        findings = check_symbolically(setting.program)
        compared += len(findings)
        for finding in findings:
            if not finding.passed:
                raise WrongVariant(_fault(finding, None, setting))
    for batch, variants in pool.batches():
        for route, name, found, expected in _comparisons(batch):
            compared += batch.count
            errors = np.abs(found - expected) / (1 + np.abs(expected))
            bad = ~(errors <= TOLERANCE)
            if bad.any():
                row, entry = (int(place) for place in np.argwhere(bad)[0])
                finding = Finding(
                    route,
                    name,
                    False,
                    float(errors[row, entry]),
                    f"{found[row, entry]:.12g}",
                    f"{expected[row, entry]:.12g}",
                )
                raise WrongVariant(_fault(finding, variants[row], batch.setting))
    return compared


def _fault(finding: Finding, variant: Variant | None, setting: Setting) -> Fault:
    which = f"variant {variant.number} ({variant.id})" if variant else "every variant"
    return Fault(
        found=f"{which}: {finding.step} is {finding.found} by the steps",
        expected=f"{finding.expected} by the route `{finding.route}`",
        hint="nothing was written; please report it with the problem file",
        where=str(setting.problem.source or setting.problem.name),
        path=finding.step,
    )


Comparison = tuple[str, str, Array, Array]


def _comparisons(batch: Batch) -> Iterator[Comparison]:
    """Route, quantity, and its entries by the steps and by the route, a row for each variant."""
    yield from _plainly(batch)
    yield from _by_differences(batch)
    for step in batch.setting.program.steps:
        for note in step.assumptions:
            _, name, axis = note.split(":")
            rank = batch.setting.program.tensor(name).rank
            totals = np.sum(np.asarray(batch.values[name]), axis=int(axis))
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
    affected = through_new_weights(program)
    for step in program.by_role(Role.BACKWARD):
        assert step.gradient is not None
        if step.name in affected:
            continue
        loss, quantity = step.gradient
        entries = batch.entries(quantity)
        direction = generator.uniform(0.5, 1.5, entries.shape) * generator.choice((-1, 1), entries.shape)
        expected = _directional(batch, quantity, entries, direction, loss)
        found = (batch.entries(step.name) * direction).sum(axis=1, keepdims=True)
        yield "differences", step.name, found, expected


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


