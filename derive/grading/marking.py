"""Marks carried forward: each answer judged by the right numbers, then by the student's own earlier answers.

The program of steps is the graph of what depends on what, so nobody has to wire anything up. A student who slips once
loses that step and no other. What follows from a wrong zero earns nothing, or zeros would make the rest easy; a zero
that a common mistake leads to is an honest one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from derive.evaluate import Values
from derive.grading.carried import CarriedSteps, bounds, lies_between
from derive.grading.slips import Slips
from derive.ops import Array, Node, evaluate
from derive.program import Step
from derive.variants.rounded_steps import RoundedSteps
from derive.variants.rounding import needed_steps, with_variants
from derive.variants.setting import Setting

AT_ONCE = 2048  # students whose numbers are held together


class Verdict(IntEnum):
    """What became of an entry of an answer."""

    MISSING = -1
    WRONG = 0
    CARRIED = 1  # right from the student's own earlier answers
    RIGHT = 2


@dataclass(frozen=True)
class Answers:
    """What students answered: variants of one network, a first axis for the students.

    `given` are the numbers of their variants, `answers` what they wrote, NaN where they wrote nothing.
    """

    setting: Setting
    given: Values
    answers: Mapping[str, Array]

    @property
    def count(self) -> int:
        """How many students."""
        return len(next(iter(self.answers.values())))

    def part(self, rows: slice) -> Answers:
        """Some of the students."""
        ranks = {name: self.setting.program.tensor(name).rank for name in self.given}
        given = {name: array[rows] if array.ndim > ranks[name] else array for name, array in self.given.items()}
        return Answers(self.setting, given, {name: array[rows] for name, array in self.answers.items()})


@dataclass(frozen=True)
class Marked:
    """The verdicts on one quantity, entry by entry, shape (students, entries).

    `expected` is the interval from the student's own earlier answers, `right` that of the right ones. `slips` has for
    each student the mistake that alone explains a wrong answer, or None.
    """

    name: str
    answer: Array
    verdicts: Array
    expected: tuple[Array, Array]
    right: tuple[Array, Array]
    slips: Slips

    @property
    def share(self) -> Array:
        """The share of entries that earn their points, for each student."""
        return np.asarray((self.verdicts >= Verdict.CARRIED).mean(axis=1))


def mark(answers: Answers) -> list[Marked]:
    """Every asked quantity of every student."""
    parts = [_mark(answers.part(slice(start, start + AT_ONCE))) for start in range(0, answers.count, AT_ONCE)]
    return parts[0] if len(parts) == 1 else [_joined(marked) for marked in zip(*parts, strict=True)]


def _joined(parts: tuple[Marked, ...]) -> Marked:
    def joined(arrays: list[Array]) -> Array:
        return np.concatenate(arrays)

    return Marked(
        parts[0].name,
        joined([part.answer for part in parts]),
        joined([part.verdicts for part in parts]),
        (joined([part.expected[0] for part in parts]), joined([part.expected[1] for part in parts])),
        (joined([part.right[0] for part in parts]), joined([part.right[1] for part in parts])),
        Slips.joined([part.slips for part in parts]),
    )


def _mark(answers: Answers) -> list[Marked]:
    setting, program = answers.setting, answers.setting.program
    values = with_variants(program, {**answers.given, **setting.values(answers.given)})
    asked = {name: array for name, array in answers.answers.items() if name in setting.answers}
    steps = needed_steps(program, setting.answers)
    with np.errstate(all="ignore"):
        right = RoundedSteps(program, steps, values, setting.places)
        right.run()
        own = CarriedSteps(program, steps, values, setting.places, asked, right)
        own.run()
        judge = _Judge(setting, values, asked, own)
        return [marked for step in steps if (marked := judge.step(step, right))]


class _Judge:
    """Judges the steps one after the other; remembers which wrong zeros stand for nothing."""

    def __init__(self, setting: Setting, values: Values, answers: Mapping[str, Array], own: CarriedSteps) -> None:
        self.setting, self.values, self.answers, self.own = setting, values, answers, own
        self.typed = self._typed()
        self.honest = dict(self.typed)

    def _typed(self) -> dict[Node, Array]:
        """The numbers that each step is computed from: a student's own, as far as there are any."""
        typed: dict[Node, Array] = {}
        for tensor, forms in self.own.written.items():
            centres = [np.broadcast_to(form.centre, self.own.count) for form in forms.flat]
            typed[tensor] = np.stack(centres, axis=-1).reshape(self.own.count, *forms.shape)
        return typed

    def step(self, step: Step, right: RoundedSteps) -> Marked | None:
        """The verdicts on a step that was asked; one that was not is carried on."""
        if step.name in self.answers:
            return self.marked(step, right)
        if step.target in self.honest:
            value = np.asarray(evaluate(step.formula, dict(self.honest), self.setting.arithmetic))
            self.honest[step.target] = np.broadcast_to(value, self.honest[step.target].shape)
        return None

    def marked(self, step: Step, right: RoundedSteps) -> Marked:
        """The verdicts on one step."""
        count, places = self.own.count, self.setting.places
        answer = self.answers[step.name].reshape(count, -1)
        true = bounds(right.before[step.target], count, places)
        expected = bounds(self.own.before[step.target], count, places)
        is_right = lies_between(answer, *true, places)
        is_carried = lies_between(answer, *expected, places) & ~self._owes_to_zero(step)
        verdicts = np.select(
            [np.isnan(answer), is_right, is_carried],
            [Verdict.MISSING, Verdict.RIGHT, Verdict.CARRIED],
            default=Verdict.WRONG,
        )
        slips = Slips.of(self.setting, step, self.own, self.values, answer, (verdicts == Verdict.WRONG).any(axis=1))
        self._note_zeros(step, answer, verdicts, slips)
        return Marked(step.name, answer, verdicts, expected, true, slips)

    def _note_zeros(self, step: Step, answer: Array, verdicts: Array, slips: Slips) -> None:
        """Wrong zeros are exchanged for right numbers, to see later what follows from them."""
        if step.target not in self.honest:
            return
        is_zero = (np.abs(answer) < 0.5 * 10.0**-self.setting.places) & (verdicts == Verdict.WRONG)
        is_explained = slips.is_named & ~is_zero.all(axis=1)
        dishonest = is_zero & ~is_explained[:, None]
        true = self.values[step.name].reshape(answer.shape)
        honest = self.honest[step.target].reshape(answer.shape)
        self.honest[step.target] = np.where(dishonest, true, honest).reshape(self.honest[step.target].shape)

    def _owes_to_zero(self, step: Step) -> Array:
        """Which entries would be others if no wrong zero stood before them; those of steps not asked are carried on."""
        arithmetic = self.setting.arithmetic
        count = self.own.count
        one, other = (
            np.asarray(evaluate(step.formula, dict(known), arithmetic)) for known in (self.typed, self.honest)
        )
        rank = step.formula.rank
        rows = [
            np.broadcast_to(array, (count, *array.shape[array.ndim - rank :])).reshape(count, -1)
            for array in (one, other)
        ]
        owes: Array = np.abs(rows[0] - rows[1]) > 0.5 * 10.0**-self.setting.places
        return owes
