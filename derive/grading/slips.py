"""Which slip was it: the one common mistake that leads from the student's own earlier answers to a wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.calculus.mistakes import Mistake
from derive.grading.carried import CarriedSteps, bounds, lies_between
from derive.ops import Array
from derive.program import Step
from derive.variants.setting import Setting


@dataclass(frozen=True)
class Slips:
    """For each student the place of a mistake in `known`, or -1: none, several that give the same, or nothing wrong.

    `is_explained` says whose wrong answer at least one mistake leads to.
    """

    known: tuple[Mistake, ...]
    places: Array
    is_explained: Array

    @property
    def is_named(self) -> Array:
        """For which students exactly one mistake explains the answer."""
        return np.asarray(self.places >= 0)

    def of_student(self, row: int) -> Mistake | None:
        """The mistake of one student."""
        place = int(self.places[row])
        return self.known[place] if place >= 0 else None

    @classmethod
    def joined(cls, parts: Sequence[Slips]) -> Slips:
        """Those of several groups of students who answered the same question."""
        known = max((part.known for part in parts), key=len)  # none where nobody of a group was wrong
        places, is_explained = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("places", "is_explained")
        )
        return cls(known, places, is_explained)

    def with_rows(self, rows: Array, part: Slips) -> Slips:
        """The same with those of some students exchanged."""
        places, is_explained = self.places.copy(), self.is_explained.copy()
        places[rows], is_explained[rows] = part.places, part.is_explained
        return Slips(max(self.known, part.known, key=len), places, is_explained)

    @classmethod
    def of(cls, setting: Setting, step: Step, own: CarriedSteps, answer: Array, is_wrong: Array) -> Slips:
        """The mistakes in one step; `answer` has a row for each student, of whom some are wrong."""
        known = setting.mistakes(step.name) if is_wrong.any() else ()
        explained = np.zeros((len(known), own.count), dtype=bool)
        for place, mistake in enumerate(known):
            forms = own.of_mistake(step, mistake)
            if forms is not None:
                agrees = lies_between(answer, *bounds(forms, own.count, setting.places), setting.places) | np.isnan(
                    answer
                )
                explained[place] = is_wrong & agrees.all(axis=1)
        several = explained.sum(axis=0) != 1
        places = np.where(several, -1, explained.argmax(axis=0) if len(known) else -1)
        return cls(known, places, np.asarray(explained.any(axis=0)))
