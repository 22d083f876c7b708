"""What is marked and what comes out: the answers of students, and the verdict on each entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from derive.evaluate import Values
from derive.grading.origins import Origin
from derive.grading.slips import Slips
from derive.ops import Array
from derive.variants.setting import Setting

Interval = tuple[Array, Array]


class Verdict(IntEnum):
    """What became of an entry of an answer."""

    MISSING = -1
    WRONG = 0
    CARRIED = 1  # right from the student's own earlier answers, or from a slip that has lost its points before
    RIGHT = 2


@dataclass(frozen=True)
class Answers:
    """What students answered: variants of one network, a first axis for the students.

    `given` are the numbers of their variants, `answers` what they wrote, NaN where they wrote nothing; `formulas` says
    for whom a right formula stands in the place of numbers.
    """

    setting: Setting
    given: Values
    answers: Mapping[str, Array]
    formulas: Mapping[str, Array] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many students."""
        return len(next(iter(self.answers.values())))

    def part(self, rows: slice | Array) -> Answers:
        """Some of the students."""
        ranks = {name: self.setting.program.tensor(name).rank for name in self.given}
        given = {name: array[rows] if array.ndim > ranks[name] else array for name, array in self.given.items()}
        answers, formulas = (
            {name: array[rows] for name, array in kind.items()} for kind in (self.answers, self.formulas)
        )
        return Answers(self.setting, given, answers, formulas)


@dataclass(frozen=True)
class Marked:
    """The verdicts on one quantity, entry by entry, shape (students, entries).

    `expected` is the interval from the student's own earlier answers, `follows` one number in it, `right` the interval
    of the right answers. `slips` has for each student the mistake in this step that alone explains a wrong answer, or
    None; `origins` the one slip that the answer loses its points for, by the row of the student. `needs_a_slip` says
    which entries are wrong and do not even follow from the student's own earlier answers, as after a shortcut;
    `is_shortcut` whose numbers, some of them, are a shortcut or follow from one.
    """

    name: str
    answer: Array
    verdicts: Array
    expected: Interval
    right: Interval
    slips: Slips
    follows: Array
    needs_a_slip: Array
    is_shortcut: Array
    origins: Mapping[int, Origin] = field(default_factory=dict)

    @property
    def share(self) -> Array:
        """The share of entries that earn their points, for each student."""
        return np.asarray((self.verdicts >= Verdict.CARRIED).mean(axis=1))

    def with_rows(self, rows: Array, part: Marked) -> Marked:
        """The same with the verdicts on some students exchanged."""

        def exchanged(one: Array, other: Array) -> Array:
            array = one.copy()
            array[rows] = other
            return array

        return replace(
            self,
            expected=(exchanged(self.expected[0], part.expected[0]), exchanged(self.expected[1], part.expected[1])),
            slips=self.slips.with_rows(rows, part.slips),
            verdicts=exchanged(self.verdicts, part.verdicts),
            follows=exchanged(self.follows, part.follows),
            needs_a_slip=exchanged(self.needs_a_slip, part.needs_a_slip),
            is_shortcut=exchanged(self.is_shortcut, part.is_shortcut),
        )


def joined(parts: Sequence[Marked]) -> Marked:
    """The verdicts on several groups of students."""

    def rows(name: str) -> Array:
        return np.concatenate([getattr(part, name) for part in parts])

    def ends(name: str) -> Interval:
        low, high = (np.concatenate([getattr(part, name)[side] for part in parts]) for side in (0, 1))
        return low, high

    starts = np.cumsum([0, *(len(part.answer) for part in parts[:-1])]).tolist()
    return Marked(
        parts[0].name,
        rows("answer"),
        rows("verdicts"),
        ends("expected"),
        ends("right"),
        Slips.joined([part.slips for part in parts]),
        rows("follows"),
        rows("needs_a_slip"),
        rows("is_shortcut"),
        {at + row: one for at, part in zip(starts, parts, strict=True) for row, one in part.origins.items()},
    )
