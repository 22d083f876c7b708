"""Mistakes in numbers: which wrong formulas are another function, and which wrong answers show on paper.

The formulas come from `derive.calculus.mistakes`. Evaluating one is evaluating a step, so that a leading axis of the
values serves many students at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from derive.calculus.mistakes import Mistake, candidates
from derive.evaluate.evaluate import (
    DomainError,
    FloatArithmetic,
    Values,
    evaluate_exactly,
    evaluate_program,
    run,
)
from derive.evaluate.exact import Real
from derive.evaluate.rounding import rounded
from derive.ops import Array, Node, OneHot, Shape, Tensor, evaluate, walk
from derive.program import Program, Quantity, Step

SEED = 20_240_229
POINTS = 16  # half of them with entries of both signs, half positive: logarithms and roots have values there
TOLERANCE = 1e-9
After = Callable[[Step, Array], Array]


@dataclass(frozen=True)
class WrongAnswer:
    """What a mistake leads to in numbers: in its own step, or in a later one where it was made at the step `at`."""

    mistake: Mistake
    value: Array
    at: str


def mistakes(program: Program, step: Step, values: Values | None = None) -> tuple[Mistake, ...]:
    """The mistakes of a step that are another function than its formula, and than each other.

    Two formulas are the same function if they agree wherever they are evaluated: at random points, for which the
    program is run from random given quantities, and at the program's own numbers where there are `values` (float or
    exact). Of those that agree the first one of the table is kept. What has no value at these numbers is left out.
    """
    points = _random_points(program, step)
    right = _Function(program, step, step.formula, points, values)
    kept: list[tuple[Mistake, _Function]] = []
    for mistake in candidates(program, step):
        wrong = _Function(program, step, mistake.formula, points, values)
        if wrong.is_defined and not any(wrong.agrees(other) for other in (right, *(function for _, function in kept))):
            kept.append((mistake, wrong))
    return tuple(mistake for mistake, _ in kept)


def wrong_values(program: Program, values: Values, step: Step, *, fractions: bool = False) -> tuple[WrongAnswer, ...]:
    """What each mistake in a step leads to, from the earlier values (float or exact, also those of a student).

    `fractions`: as exactly as `evaluate_exactly` has it with them.
    """
    answers = []
    for mistake in mistakes(program, step, values):
        value = _value(program, step, mistake.formula, values, fractions=fractions)
        if value is not None:
            answers.append(WrongAnswer(mistake, value, step.name))
    return tuple(answers)


def passed_on(
    program: Program, values: Values, step: Step, name: str, after: After | None = None, *, fractions: bool = False
) -> tuple[WrongAnswer, ...]:
    """What each mistake in a step leads to in a later quantity, all steps between them done right.

    `after` changes each value before it is used, where a student would round it.
    """
    answers = []
    for mistake in mistakes(program, step, values):
        steps = (replace(step, formula=mistake.formula), *_between(program, step.name, name))
        value = _last(program, steps, values, after, fractions=fractions)
        if value is not None:
            answers.append(WrongAnswer(mistake, value, step.name))
    return tuple(answers)


def distractors(
    program: Program,
    values: Values,
    step_name: str,
    places: int,
    count: int,
    seed: int,
    after: After | None = None,
    *,
    fractions: bool = False,
) -> tuple[WrongAnswer, ...]:
    """At most `count` wrong answers whose digits differ from those of the right one and from each other.

    `values` are exact. Which ones are taken depends on the seed; a kind comes a second time only where there are no
    others left. Where the mistakes of the step itself are too few, those of earlier steps follow, the nearest first.
    """
    random = Random(f"{seed} {step_name}")
    seen = {_digits(values[step_name], places)}
    found = _mixed(wrong_values(program, values, program[step_name], fractions=fractions), seen, places, random)
    for step in _before(program, step_name):
        if len(found) >= count:
            break
        answers = passed_on(program, values, step, step_name, after, fractions=fractions)
        found += _mixed(answers, seen, places, random)
    return tuple(found[:count])


def _mixed(
    answers: Iterable[WrongAnswer], seen: set[tuple[str, ...]], places: int, random: Random
) -> list[WrongAnswer]:
    """The answers with digits not yet seen, in a random order, each kind once before any comes again."""
    different = []
    for answer in answers:
        digits = _digits(answer.value, places)
        if digits not in seen:
            seen.add(digits)
            different.append(answer)
    random.shuffle(different)
    kinds = [answer.mistake.kind for answer in different]
    repeated = [kinds[:position].count(kind) for position, kind in enumerate(kinds)]
    order = sorted(range(len(different)), key=lambda position: repeated[position])
    return [different[position] for position in order]


def _before(program: Program, name: str) -> Iterator[Step]:
    """The steps on which a quantity rests, the nearest first."""
    needed = {tensor.name for tensor in program[name].uses}
    for step in reversed(program.steps):
        if step.name in needed:
            needed |= {tensor.name for tensor in step.uses}
            yield step


def _between(program: Program, start: str, end: str) -> tuple[Step, ...]:
    """The steps behind one quantity that lead from it to another one, which is the last of them."""
    reached, leading = {start}, {step.name for step in _before(program, end)} | {end}
    found = []
    for step in program.steps:
        if step.name in leading and not reached.isdisjoint(tensor.name for tensor in step.uses):
            reached.add(step.name)
            found.append(step)
    return tuple(found)


def _digits(value: Array, places: int) -> tuple[str, ...]:
    """The entries as they are printed, an exact tie rounded away from zero."""
    return tuple(str(decimal) for decimal in rounded(value, places, decided=False).flat)


def _value(
    program: Program, step: Step, formula: Node, values: Mapping[str, Array], *, fractions: bool = False
) -> Array | None:
    """A formula in the place of a step's, in the arithmetic of the values; None where it is not defined."""
    return _last(program, (Step(step.target, formula, step.role, step.rule),), values, fractions=fractions)


def _last(
    program: Program,
    steps: tuple[Step, ...],
    values: Mapping[str, Array],
    after: After | None = None,
    *,
    fractions: bool = False,
) -> Array | None:
    """What the last of some steps computes, what they do not compute themselves as it is in the values."""
    computed = {step.name for step in steps}
    used = dict.fromkeys(tensor for step in steps for tensor in step.uses if tensor.name not in computed)
    alone = Program(tuple(Quantity(tensor, "constant") for tensor in used), steps, program.dimensions)
    given = {tensor.name: values[tensor.name] for tensor in used}
    is_exact = any(array.dtype == object for array in values.values())
    try:
        if not is_exact:
            return evaluate_program(alone, given)[steps[-1].name]
        return evaluate_exactly(alone, given, after, fractions=fractions)[steps[-1].name]
    except DomainError:
        return None


class _Function:
    """A formula in the place of a step's, known by its values: at random points, and at the program's own numbers."""

    def __init__(
        self, program: Program, step: Step, formula: Node, points: _Points, values: Mapping[str, Array] | None
    ) -> None:
        self.sampled = points.values(formula)
        self.value = None if values is None else _value(program, step, formula, values)
        self.is_defined = bool(np.isfinite(self.sampled).all(axis=1).any()) and (
            values is None or self.value is not None
        )

    def agrees(self, other: _Function) -> bool:
        """Whether the two are the same as far as their values tell."""
        if not _close(self.sampled, other.sampled):
            return False
        if self.value is None or other.value is None:
            return True
        return all(_same_number(one, another) for one, another in zip(self.value.flat, other.value.flat, strict=True))


def _close(left: Array, right: Array) -> bool:
    """Whether two functions have the same values at all points at which both have one."""
    both = np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
    one, other = left[both], right[both]
    scale = np.maximum(abs(one).max(axis=1), abs(other).max(axis=1))
    return bool(np.all(abs(one - other).max(axis=1) <= TOLERANCE * scale))


def _same_number(one: object, other: object) -> bool:
    """Equal as far as the numbers are known: balls that meet, floats that differ by rounding only."""
    if isinstance(one, Real) and isinstance(other, Real):
        difference = (one - other).settled()
        return difference == 0 if difference.is_exact else bool(difference.ball().contains(0))
    return bool(np.isclose(float(one), float(other), rtol=TOLERANCE, atol=0))  # type: ignore[arg-type]


class _Points:
    """Values of all quantities before a step at random points, in float64, one point for each entry of a first axis."""

    def __init__(self, arithmetic: FloatArithmetic, known: dict[Node, Array]) -> None:
        self.arithmetic, self.known = arithmetic, known

    def values(self, formula: Node) -> Array:
        """A row for each point, its entries in order."""
        with np.errstate(all="ignore"):
            value = evaluate(formula, dict(self.known), self.arithmetic)
        shape = self.arithmetic.shape(formula.shape)
        return np.broadcast_to(value, (POINTS, *shape)).reshape(POINTS, -1)


def random_values(program: Program) -> Values:
    """All quantities of a program at `POINTS` random points, in float64, a first axis for the points."""
    points = _random_points(program, None)
    return {node.name: array for node, array in points.known.items() if isinstance(node, Tensor)}


def _random_points(program: Program, step: Step | None) -> _Points:
    """The program run from random given quantities, up to a step (None: to its end)."""
    dimensions = _bound_dimensions(program)
    arithmetic = FloatArithmetic(dimensions)
    generator = np.random.default_rng(SEED)
    classes = _class_indices(program)
    given: dict[Tensor, Array] = {}
    for quantity in program.givens:
        tensor = quantity.tensor
        shape = (POINTS, *arithmetic.shape(tensor.shape))
        if tensor in classes:
            [number] = arithmetic.shape((classes[tensor],))
            given[tensor] = generator.integers(0, number, shape).astype(float)
        else:
            given[tensor] = _random(generator, shape) / (10 if quantity.role == "constant" else 1)  # no wild updates
    earlier = program.steps[: program.steps.index(step)] if step else program.steps
    with np.errstate(all="ignore"):
        return _Points(arithmetic, run(earlier, given, arithmetic))


def _random(generator: np.random.Generator, shape: Shape) -> Array:
    """Numbers away from zero, small where there are many of them, so that no activation is saturated."""
    numbers = generator.uniform(0.2, 0.9, shape) / np.sqrt(max(shape[1:], default=1))
    numbers[: POINTS // 2] *= generator.choice((-1, 1), (POINTS // 2, *shape[1:]))
    return np.asarray(numbers)


def _class_indices(program: Program) -> dict[Tensor, object]:
    """The quantities that hold class indices, which are whole numbers, with the number of classes."""
    return {
        node.operands[0]: node.args[1]
        for step in program.steps
        for node in walk(step.formula)
        if isinstance(node, OneHot) and isinstance(node.operands[0], Tensor)
    }


def _bound_dimensions(program: Program) -> dict[str, int]:
    """A number for each dimension symbol, another one for each that numbers do not bind."""
    tensors = [quantity.tensor for quantity in program.givens] + [step.target for step in program.steps]
    sizes = (size for tensor in tensors for size in tensor.shape if not isinstance(size, int))
    free = sorted({symbol.name for size in sizes for symbol in size.free_symbols} - program.dimensions.keys())
    return {**program.dimensions, **{name: 2 + position for position, name in enumerate(free)}}
