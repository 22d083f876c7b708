"""What is expected of each step from the student's own earlier answers, for very many students at once.

A student's answer stands for all numbers that print like it. What was not asked or not answered is computed from the
answers before it: by the step as it should be, or as the student's one slip in it has it (`origins`). For what was not
answered the right numbers may stand in as well.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping

import numpy as np

from derive.calculus.mistakes import Mistake
from derive.errors import ShapeError
from derive.evaluate import Values
from derive.grading.origins import Slipped, chosen
from derive.ops import Array, Node, Tensor, evaluate
from derive.program import Program, Step
from derive.variants.forms import Form
from derive.variants.rounded_steps import RoundedSteps
from derive.variants.rounding import decimals

NEARLY = 1e-9  # of a unit: an answer at the end of its interval is right


class FinerSteps(RoundedSteps):
    """The steps with rounding, where rounding does not carry a number out of the domain of a function.

    A probability of 0.002 is 0.00 on paper, and has no logarithm there: who gets further has carried more digits, so
    that such a number is taken between the ends of its interval before its own rounding.
    """

    def __init__(self, program: Program, steps: tuple[Step, ...], values: Values, places: int) -> None:
        super().__init__(program, steps, values, places)
        self.program = program

    def _value(self, step: Step) -> Array:
        return self._within_domain(step, step.formula, super()._value(step))

    def of_formula(self, step: Step, formula: Node) -> Array:
        """What another formula in the place of a step's leads to."""
        for tensor in formula.tensors:
            self.complete(tensor)
        shape = self.values[step.name].shape[1:]
        forms = np.asarray(evaluate(formula, dict(self.written), self.arithmetic))
        forms = forms.reshape(shape) if forms.size == math.prod(shape) else np.broadcast_to(forms, shape)
        return self._within_domain(step, formula, forms)

    def of_mistake(self, step: Step, mistake: Mistake) -> Array | None:
        """What a mistake in a step leads to; None where it has no value of the shape of the step."""
        try:
            return self.of_formula(step, mistake.formula)
        except (ShapeError, TypeError, ValueError, KeyError):
            return None

    def complete(self, tensor: Tensor) -> None:
        """Compute a quantity that a mistake needs, though nothing that was asked does."""
        if tensor in self.written:
            return
        step = self.program[tensor.name]
        if tensor not in self.before:
            for used in step.uses:
                self.complete(used)
            self.before[tensor] = self._value(step)
        self.written[tensor] = self.written_down(step, self.before[tensor])

    def _within_domain(self, step: Step, formula: Node, forms: Array) -> Array:
        """The same with more digits where the interval is endless."""
        if not any(np.any(~np.isfinite(form.radius)) for form in forms.flat):
            return forms
        finer = {**self.written, **{tensor: self.finer(tensor) for tensor in formula.tensors}}
        others = np.asarray(evaluate(formula, finer, self.arithmetic)).reshape(forms.shape)
        joined = np.empty(forms.size, dtype=object)
        for place, (form, other) in enumerate(zip(forms.flat, others.flat, strict=True)):
            is_endless = ~np.isfinite(np.broadcast_to(form.radius, self.count))
            ends = zip(form.ends(), self.last_resort(step, place, other).ends(), strict=True)
            joined[place] = self.between(*(np.where(is_endless, instead, end) for end, instead in ends))
        return joined.reshape(forms.shape)

    def finer(self, tensor: Node) -> Array:
        """A quantity before its own rounding."""
        return self.before[tensor]

    def last_resort(self, step: Step, place: int, form: Form) -> Form:
        """What stands for an entry whose interval is endless: the number itself, where more digits do not help."""
        is_endless = ~np.isfinite(np.broadcast_to(form.radius, self.count))
        exact = self.values[step.name].reshape(self.count, -1)[:, place]
        low, high = (np.where(is_endless, exact, end) for end in form.ends())
        return self.between(low, high)


class CarriedSteps(FinerSteps):
    """The steps with the answers of students in the place of their results.

    `answers` holds arrays of shape (students, *shape), NaN where there is no answer; `slips` says who went wrong in
    which of the steps that were not written down. `right` numbers stand in for missing answers, if there are any.
    """

    def __init__(
        self,
        program: Program,
        steps: tuple[Step, ...],
        values: Values,
        places: int,
        answers: Mapping[str, Array],
        slips: Slipped,
        right: RoundedSteps | None = None,
    ) -> None:
        super().__init__(program, steps, values, places)
        self.answers, self.slips, self.right = answers, slips, right
        self.half = 0.5 * 10.0**-places
        self.used = {tensor for step in steps for tensor in step.uses}
        self.given_by_all = {name for name, array in answers.items() if not np.isnan(array).any()}

    def run(self) -> None:
        """Compute all steps."""
        for step in self.steps:
            self.carry_on(step)

    def carry_on(self, step: Step) -> None:
        """Compute a step, as it stands or as a slip has it."""
        before = self.value(step)
        is_needed = step.target in self.used and step.name not in self.given_by_all
        written = RoundedSteps.written_down(self, step, before) if is_needed else before
        for origin, rows in self.slips.get(step.name, ()):
            if (found := origin.forms(step, self)) is not None:
                before, written = (
                    chosen(rows, one, other, self) for one, other in zip(found, (before, written), strict=True)
                )
        self.go_on_with(step, before, written)

    def go_on_with(self, step: Step, before: Array, written: Array) -> None:
        """Take down what a step leads to, before and after its rounding; a student's answers where there are any."""
        self.before[step.target] = before
        if step.target in self.used and step.name in self.answers:
            written = self.answered(step, self.right.written[step.target] if self.right else written)
        if step.target in self.used:
            self.written[step.target] = written

    def written_down(self, step: Step, before: Array) -> Array:
        """A student's answers where there are any."""
        computed = super().written_down(step, before)
        return self.answered(step, computed) if step.name in self.answers else computed

    def value(self, step: Step) -> Array:
        """What a step leads to as it should be."""
        return self._value(step)

    def branch(self) -> CarriedSteps:
        """The same, to go on differently from some step on."""
        other = copy.copy(self)
        other.written, other.before = dict(self.written), dict(self.before)
        return other

    def answered(self, step: Step, others: Array) -> Array:
        """A student's answers as what they stand for; others where they are missing."""
        answers = self.answers[step.name].reshape(self.count, -1).T
        own = np.empty(others.size, dtype=object)
        for place, (typed, other) in enumerate(zip(answers, others.flat, strict=True)):
            own[place] = self._of_answer(typed, other)
        return own.reshape(others.shape)

    def finer(self, tensor: Node) -> Array:
        """A quantity before its own rounding, where the student's answer agrees with it."""
        if not isinstance(tensor, Tensor) or tensor.name not in self.answers:
            return super().finer(tensor)
        before = self.before[tensor]
        answers = self.answers[tensor.name].reshape(self.count, -1).T
        finer = np.empty(before.size, dtype=object)
        for place, (typed, form, written) in enumerate(
            zip(answers, before.flat, self.written[tensor].flat, strict=True)
        ):
            low, high = (np.broadcast_to(end, typed.shape) for end in form.ends())
            agrees = (low <= typed + self.half) & (high >= typed - self.half)
            least, most = (np.broadcast_to(end, typed.shape) for end in written.ends())
            finer[place] = self.between(
                np.where(agrees, np.maximum(low, typed - self.half), least),
                np.where(agrees, np.minimum(high, typed + self.half), most),
            )
        return finer.reshape(before.shape)

    def last_resort(self, step: Step, place: int, form: Form) -> Form:
        """Nothing stands for an entry of which a student's answers tell nothing."""
        return form

    def _of_answer(self, typed: Array, other: Form) -> Form:
        is_missing = np.isnan(typed)
        low, high = (np.broadcast_to(end, typed.shape) for end in other.ends())
        return self.between(np.where(is_missing, low, typed - self.half), np.where(is_missing, high, typed + self.half))


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
