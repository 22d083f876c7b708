"""What rounding does to answers, for many variants at once: one student who rounds, and all students who round.

A student may round each computed number to the printed places, or to more, or not at all, and goes on with what is
written down. If a number before rounding lies between l and h, then what is written down lies between the least that
rounding makes of l and the most that it makes of h, as rounding never lets numbers pass each other. A step takes such
intervals to the next one (`forms`, `rounded_steps`). Nothing is sampled: `accepted` holds for every way to round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from derive.evaluate import FloatArithmetic, Values, run
from derive.ops import Array, Tensor
from derive.program import Program, Role, Step
from derive.variants.forms import Form
from derive.variants.rounded_steps import NEARLY, RoundedSteps

MOST_UNITS = 1e8  # so that this remains far less than a unit
MOST_NUMBERS = 2**24  # slopes that are held at once
MOST_VARIANTS = 4096  # that many vectors of numbers stay in the cache

Intervals = dict[str, tuple[Array, Array]]


class Accepted(NamedTuple):
    """The lowest and the highest accepted answers, of shape (variants, *shape), and for which variants they hold."""

    intervals: Intervals
    trusted: Array


def with_variants(program: Program, values: Mapping[str, Array]) -> Values:
    """The same values, all with the axis of the variants in front (one variant where none varies)."""
    ranks = {name: program.tensor(name).rank for name in values}
    lengths = {len(array) for name, array in values.items() if np.ndim(array) > ranks[name]}
    count = max(lengths - {1}, default=1)
    return {name: np.broadcast_to(array, (count, *_own(array, ranks[name]))) for name, array in values.items()}


def _own(array: Array, rank: int) -> tuple[int, ...]:
    shape = np.shape(array)
    return shape[len(shape) - rank :]


def units(values: Array, places: int) -> Array:
    """Numbers rounded to whole units of 10^-places, halves away from zero.

    A number within `NEARLY` of a half counts as a half, as students compute in decimals and float64 does not.
    """
    scaled = np.abs(values) * 10.0**places
    rounded: Array = np.copysign(np.floor(scaled + 0.5 + NEARLY * np.maximum(1, scaled)), values) + 0.0  # never -0
    return rounded


def student_values(program: Program, given: Mapping[str, Array], places: int) -> Values:
    """The values of a student who rounds every step (Jacobians excepted) and carries on with what is written down."""

    def after(step: Step, value: Array) -> Array:
        return value if step.role in (Role.JACOBIAN, Role.WAY) else units(value, places) / 10**places

    tensors = {program.tensor(name): np.asarray(array, dtype=float) for name, array in given.items()}
    with np.errstate(all="ignore"):
        known = run(program.steps, tensors, FloatArithmetic(program.dimensions), after=after)
    return with_variants(program, {node.name: array for node, array in known.items() if isinstance(node, Tensor)})


def digits_agree(student: Values, values: Values, places: int, names: Iterable[str]) -> Array:
    """For each variant whether a student's answers, rounded, are the right ones rounded; `student` has all axes."""
    return _over_all([units(student[name], places) == units(values[name], places) for name in names], np.all)


def largest_deviation(student: Values, values: Values, names: Iterable[str]) -> Array:
    """For each variant the largest distance of a student's answers from the right ones; `student` has all axes."""
    return _over_all([np.abs(student[name] - values[name]) for name in names], np.max)


def _over_all(arrays: list[Array], join: np.ufunc | object) -> Array:
    """One number for each variant from all entries of some quantities."""
    flat = np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)
    joined: Array = join(flat, axis=1)  # type: ignore[operator]
    return joined


def accepted(
    program: Program, given: Mapping[str, Array], values: Values, places: int, names: Collection[str]
) -> Accepted:
    """The smallest and largest decimals with `places` places between which every correct answer lies.

    An answer is right if each step before it was rounded to `places` places, to more, or not at all, entry by entry,
    and so was the answer. The interval of the unrounded answer is widened to the next decimals on both sides. That
    covers the answer's own rounding: decimals stay what they are, and rounding never lets numbers pass each other.

    Not trusted are variants in which rounding may carry a number over the kink of a function, or out of its domain
    (then the interval is infinite), or where float64 does not tell on which side of a kink a number lies.
    `values` are the values of the given numbers without any rounding.
    """
    full = with_variants(program, {**given, **values})
    steps = needed_steps(program, names)
    entries = sum(int(np.prod(full[step.name].shape[1:])) for step in steps)
    count = len(next(iter(full.values())))
    size = max(1, min(MOST_VARIANTS, MOST_NUMBERS // max(1, entries) ** 2))
    low = {name: np.empty(full[name].shape) for name in names}
    high = {name: np.empty(full[name].shape) for name in names}
    trusted = np.ones(count, dtype=bool)
    with np.errstate(all="ignore"):
        for start in range(0, count, size):
            part = slice(start, start + size)
            forms = RoundedSteps(program, steps, {name: array[part] for name, array in full.items()}, places)
            forms.run()
            trusted[part] = ~forms.crossed
            for name in names:
                bounds = [decimals(form, places) for form in forms.before[program.tensor(name)].flat]
                for place, found in enumerate((low, high)):
                    columns = [np.broadcast_to(bound[place], forms.count) for bound in bounds]
                    found[name][part] = np.stack(columns, axis=-1).reshape(found[name][part].shape)
                trusted[part] &= np.isfinite((high[name] - low[name])[part]).reshape(forms.count, -1).all(axis=1)
    return Accepted({name: (low[name], high[name]) for name in names}, trusted)


def needed_steps(program: Program, names: Collection[str]) -> tuple[Step, ...]:
    """The steps that some answers depend on, theirs among them, in order."""
    wanted = set(names)
    kept = []
    for step in reversed(program.steps):
        if step.name in wanted:
            kept.append(step)
            wanted |= {tensor.name for tensor in step.uses}
    return tuple(reversed(kept))


def decimals(form: Form, places: int) -> tuple[Array, Array]:
    """The decimals next below and above an interval: whole units, divided only now, so that they print as decimals."""
    unit = 10**places
    scaled, radius = form.centre * unit, form.radius * unit
    nearly = NEARLY * np.clip(np.abs(scaled), 1, MOST_UNITS)
    low, high = np.floor(scaled - radius + nearly), np.ceil(scaled + radius - nearly)
    known = np.isfinite(low) & np.isfinite(high)
    return np.where(known, low / unit, -np.inf) + 0.0, np.where(known, high / unit, np.inf) + 0.0
