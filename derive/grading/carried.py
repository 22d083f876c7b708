"""What is expected of each step from the student's own earlier answers, for very many students at once.

A student's answer stands for all numbers that print like it. What was not asked is computed from the answers before it;
where an asked answer is missing, the right numbers stand in for it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from derive.evaluate import Values
from derive.ops import Array
from derive.program import Program, Step
from derive.variants.forms import Form
from derive.variants.rounded_steps import RoundedSteps
from derive.variants.rounding import decimals

NEARLY = 1e-9  # of a unit: an answer at the end of its interval is right


class CarriedSteps(RoundedSteps):
    """The steps with the answers of students in the place of their results.

    `answers` holds arrays of shape (students, *shape), NaN where there is no answer; `right` are the same steps with
    right numbers.
    """

    def __init__(
        self,
        program: Program,
        steps: tuple[Step, ...],
        values: Values,
        places: int,
        answers: Mapping[str, Array],
        right: RoundedSteps,
    ) -> None:
        super().__init__(program, steps, values, places)
        self.answers, self.right = answers, right

    def written_down(self, step: Step, before: Array) -> Array:
        """A student's answers where there are any."""
        if step.name not in self.answers:
            return super().written_down(step, before)
        columns = self.answers[step.name].reshape(self.count, -1).T
        own = np.empty(before.size, dtype=object)
        for place, (typed, right) in enumerate(zip(columns, self.right.written[step.target].flat, strict=True)):
            own[place] = self._of_answer(typed, right)
        return own.reshape(before.shape)

    def _of_answer(self, typed: Array, right: Form) -> Form:
        half = 0.5 * 10.0**-self.places
        is_missing = np.isnan(typed)
        low, high = (np.broadcast_to(end, typed.shape) for end in right.ends())
        return self.between(np.where(is_missing, low, typed - half), np.where(is_missing, high, typed + half))


def bounds(forms: Array, count: int, places: int) -> tuple[Array, Array]:
    """The least and the highest decimals of a quantity, shape (students, entries)."""
    ends = [decimals(form, places) for form in forms.flat]
    low, high = (np.stack([np.broadcast_to(end[side], count) for end in ends], axis=1) for side in (0, 1))
    return low, high


def lies_between(answer: Array, low: Array, high: Array, places: int) -> Array:
    """Whether answers lie in their intervals; one that is missing does not, and an endless interval holds none."""
    slack = NEARLY * 10.0**-places
    with np.errstate(invalid="ignore"):
        inside = (answer >= low - slack) & (answer <= high + slack)
    return np.asarray(inside & np.isfinite(low) & np.isfinite(high))
