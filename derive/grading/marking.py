"""Marks carried forward: each answer judged by the right numbers, then by the student's own earlier answers.

The program of steps is the graph of what depends on what, so nobody has to wire anything up. A student who slips once
loses that step and no other. What follows from a shortcut (`shortcuts`) earns nothing, or zeros would make the rest
easy; numbers that a common mistake leads to are honest ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from derive.evaluate import Values
from derive.grading.carried import CarriedSteps, FinerSteps, bounds, lies_between
from derive.grading.shortcuts import Shortcuts
from derive.grading.slips import Slips
from derive.ops import Array
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

    def part(self, rows: slice | Array) -> Answers:
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
        right = FinerSteps(program, steps, values, setting.places)
        right.run()
        own = CarriedSteps(program, steps, values, setting.places, asked, right)
        own.run()
        judge = _Judge(setting, values, asked, own)
        return [marked for step in steps if (marked := judge.step(step, right))]


class _Judge:
    """Judges the steps one after the other."""

    def __init__(self, setting: Setting, values: Values, answers: Mapping[str, Array], own: CarriedSteps) -> None:
        self.setting, self.values, self.answers, self.own = setting, values, answers, own
        self.shortcuts = Shortcuts(setting, values, answers)

    def step(self, step: Step, right: RoundedSteps) -> Marked | None:
        """The verdicts on a step that was asked; one that was not is carried on."""
        if step.name in self.answers:
            return self.marked(step, right)
        self.shortcuts.carry_on(step)
        return None

    def marked(self, step: Step, right: RoundedSteps) -> Marked:
        """The verdicts on one step."""
        count, places = self.own.count, self.setting.places
        answer = self.answers[step.name].reshape(count, -1)
        true = bounds(right.before[step.target], count, places)
        expected = bounds(self.own.before[step.target], count, places)
        is_right = lies_between(answer, *true, places)
        is_consistent = lies_between(answer, *expected, places)
        owes = self.shortcuts.owed(step)
        verdicts = np.select(
            [np.isnan(answer), is_right, is_consistent & ~owes],
            [Verdict.MISSING, Verdict.RIGHT, Verdict.CARRIED],
            default=Verdict.WRONG,
        )
        is_wrong = verdicts == Verdict.WRONG
        slips = Slips.of(self.setting, step, self.own, self.values, answer, is_wrong.any(axis=1))
        self.shortcuts.note(step, answer, is_wrong, is_consistent & owes, slips)
        return Marked(step.name, answer, verdicts, expected, true, slips)
