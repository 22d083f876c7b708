"""One pass over the steps: each answer held against the right numbers, then against the student's own earlier answers.

What follows from a shortcut (`shortcuts`) earns nothing, or zeros would make the rest easy; numbers that a common
mistake leads to are honest ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from derive.evaluate import Values
from derive.grading.carried import CarriedSteps, FinerSteps, bounds, lies_between
from derive.grading.origins import Slipped, coarser
from derive.grading.shortcuts import Shortcuts
from derive.grading.slips import Slips
from derive.grading.verdicts import Answers, Interval, Marked, Verdict
from derive.ops import Array
from derive.program import Step
from derive.variants.rounding import needed_steps, with_variants
from derive.variants.setting import Setting

NOTHING = 1e-9  # of a unit


@dataclass(frozen=True)
class Sheets:
    """The answers of some students with all that is computed once: every number, and the intervals of right answers.

    `stood_in` are the intervals where right numbers stand in for missing answers; empty where there are none.
    """

    setting: Setting
    steps: tuple[Step, ...]
    values: Values
    answers: Mapping[str, Array]
    formulas: Mapping[str, Array]
    right: Mapping[str, Interval]
    stood_in: Mapping[str, Interval]

    @classmethod
    def of(cls, answers: Answers) -> Sheets:
        """Those of a class."""
        setting, program = answers.setting, answers.setting.program
        values = with_variants(program, {**answers.given, **setting.values(answers.given)})
        steps = needed_steps(program, setting.answers)
        asked = {step.name: answers.answers[step.name] for step in steps if step.name in answers.answers}
        forms = FinerSteps(program, steps, values, setting.places)
        forms.run()
        right, stood_in = _bounds(forms, asked), {}
        if any(np.isnan(array).any() for array in asked.values()):
            own = CarriedSteps(program, steps, values, setting.places, asked, {}, forms)
            own.run()
            stood_in = _bounds(own, asked)
        return cls(setting, steps, values, asked, answers.formulas, right, stood_in)

    @property
    def count(self) -> int:
        """How many students."""
        return len(next(iter(self.values.values())))

    @property
    def unit(self) -> float:
        """One of the last decimal place."""
        return float(10.0**-self.setting.places)

    def part(self, rows: Array) -> Sheets:
        """Some of the students."""
        values, answers, formulas = (
            {name: array[rows] for name, array in kind.items()} for kind in (self.values, self.answers, self.formulas)
        )
        kinds = self.right, self.stood_in
        right, stood_in = ({name: (low[rows], high[rows]) for name, (low, high) in kind.items()} for kind in kinds)
        return Sheets(self.setting, self.steps, values, answers, formulas, right, stood_in)

    def typed(self, name: str) -> Array:
        """The answers to one question, shape (students, entries)."""
        return self.answers[name].reshape(self.count, -1)

    def carried(self, slips: Slipped) -> CarriedSteps:
        """What follows from the students' own answers."""
        steps = CarriedSteps(self.setting.program, self.steps, self.values, self.setting.places, self.answers, slips)
        steps.run()
        return steps


def _bounds(steps: FinerSteps, names: Iterable[str]) -> dict[str, Interval]:
    forms = {name: steps.before[steps.program.tensor(name)] for name in names}
    return {name: bounds(found, steps.count, steps.places) for name, found in forms.items()}


@dataclass(frozen=True)
class Held:
    """Whose answer to a question is held against what follows without their slip, and what that is."""

    rows: Array
    expected: Interval
    follows: Array


def judged(sheets: Sheets, slips: Slipped, held: Mapping[str, Held]) -> list[Marked]:
    """The verdicts on every asked quantity.

    What was not written down follows with the slips in it; the answer in which a slip shows first is `held`, and loses
    its points.
    """
    return list(_Judge(sheets, slips, held).run())


class _Judge:
    """Judges the steps one after the other."""

    def __init__(self, sheets: Sheets, slips: Slipped, held: Mapping[str, Held]) -> None:
        self.sheets, self.held = sheets, held
        self.own = sheets.carried(slips)
        self.shortcuts = Shortcuts(sheets.setting, sheets.values, sheets.answers, slips)
        self.is_unexplained = np.zeros(sheets.count, dtype=bool)  # who wrote a wrong number that no mistake leads to

    def run(self) -> Iterator[Marked]:
        """The verdicts on each step that was asked; one that was not is carried on."""
        for step in self.sheets.steps:
            if step.name in self.sheets.answers:
                yield self._marked(step)
            else:
                self.shortcuts.carry_on(step)

    def _expected(self, step: Step, answer: Array) -> Interval:
        """What follows; with right numbers in the place of missing ones where only that agrees with the answer."""
        places = self.sheets.setting.places
        follows = bounds(self.own.before[step.target], self.sheets.count, places)
        if step.name not in self.sheets.stood_in:
            return follows
        other = self.sheets.stood_in[step.name]
        takes = lies_between(answer, *other, places) & ~lies_between(answer, *follows, places)
        return np.where(takes, other[0], follows[0]), np.where(takes, other[1], follows[1])

    def _vanishes(self, answer: Array, follows: Array, right: Interval) -> Array:
        """Whose answer is nothing but zeros, and should not be: a wrong number of no mistake makes it vanish.

        An output that is just the target lets all gradients vanish.
        """
        small = NOTHING * self.sheets.unit
        is_zero = (np.abs(answer) < self.sheets.unit / 2).all(axis=1) & (np.abs(follows) <= small).all(axis=1)
        should_not = ((right[0] > small) | (right[1] < -small)).any(axis=1)
        return np.asarray(is_zero & should_not & self.is_unexplained)[:, None]

    def _is_rounded(self, step: Step, answer: Array, is_consistent: Array) -> Array:
        """Who rounded a step to one place fewer than told, as an entry shows that is neither zero nor as told."""
        found = [((np.abs(answer) >= self.sheets.unit / 2) & ~is_consistent).any(axis=1)]
        for form, column in zip(self.own.before[step.target].flat, answer.T, strict=True):
            ends = (coarser(end, self.sheets.setting.places) for end in form.ends())
            found.append(np.any([np.abs(column - end) < self.sheets.unit / 4 for end in ends], axis=0))
        return np.asarray(np.all(found, axis=0))

    def _marked(self, step: Step) -> Marked:
        places, answer, right = self.sheets.setting.places, self.sheets.typed(step.name), self.sheets.right[step.name]
        follows = self.shortcuts.follows(step)
        expected = self._expected(step, answer)
        is_held = np.zeros(self.sheets.count, dtype=bool)
        if held := self.held.get(step.name):
            is_held, among = held.rows, held.rows[:, None]
            expected = (np.where(among, held.expected[0], expected[0]), np.where(among, held.expected[1], expected[1]))
            follows = np.where(among, held.follows, follows)
        is_consistent = lies_between(answer, *expected, places)
        owes = self.shortcuts.owed(step) | self._vanishes(answer, follows, right)
        verdicts = np.select(
            [np.isnan(answer), lies_between(answer, *right, places), is_consistent & ~owes],
            [Verdict.MISSING, Verdict.RIGHT, Verdict.CARRIED],
            default=Verdict.WRONG,
        )
        is_wrong = verdicts == Verdict.WRONG
        slips = Slips.of(self.sheets.setting, step, self.own, answer, (is_wrong & ~is_consistent).any(axis=1))
        is_explained = slips.is_explained | is_held | self._is_rounded(step, answer, is_consistent)
        is_shortcut = self.shortcuts.note(step, answer, is_wrong, is_consistent & owes, is_explained)
        self.is_unexplained |= (is_wrong & ~is_consistent).any(axis=1) & ~is_explained
        return Marked(
            step.name,
            answer,
            verdicts,
            expected,
            right,
            slips,
            follows,
            is_wrong & ~is_consistent,
            np.asarray(is_shortcut.any(axis=1)),
        )
