"""Where the numbers of each step may lie when all numbers before them may have been rounded."""

from __future__ import annotations

import numpy as np

from derive.evaluate import Values
from derive.ops import Array, Fn, Node, OneHot, as_node, evaluate, walk
from derive.program import Program, Step
from derive.variants.forms import Form, FormArithmetic

NEARLY = 1e-9  # of a unit, or of the number: float64 has 28.499999999999996 for 0.285 * 100, which is a half on paper
AT_KINK = 1e-12
FINER = 2  # rounding to up to that many more places is followed in full, the rest is bounded


class RoundedSteps:
    """Some steps for some variants at once, each number rounded to the places, or to more, or not at all.

    `before` has the numbers before their own rounding, `written` with it. What is written down lies in an interval;
    that is all the next step knows of it. `crossed` says in which variants a function may stand on either side of its
    kink, or float64 does not tell on which.
    """

    def __init__(self, program: Program, steps: tuple[Step, ...], values: Values, places: int) -> None:
        self.steps, self.values, self.places = steps, values, places
        self.arithmetic = FormArithmetic(program.dimensions)
        self.count = len(next(iter(values.values())))
        self.written: dict[Node, Array] = {quantity.tensor: self._given(quantity.name) for quantity in program.givens}
        self.before: dict[Node, Array] = dict(self.written)
        self.crossed = np.zeros(self.count, dtype=bool)
        self._intervals = 0

    def run(self) -> None:
        used = {tensor for step in self.steps for tensor in step.uses}
        for step in self.steps:
            self.crossed |= self._crosses_a_kink(step.formula)
            before = self.before[step.target] = self._value(step)
            if step.target in used:
                self.written[step.target] = self.written_down(step, before)

    def written_down(self, step: Step, before: Array) -> Array:
        """What the next steps go on with: the numbers of a step after their own rounding."""
        return _objects([self._rounded(form) for form in before.flat], before.shape)

    def between(self, low: Array, high: Array) -> Form:
        """A number of which no more is known than the ends of its interval."""
        radius = (high - low) / 2
        self._intervals += 1
        return Form(np.asarray((high + low) / 2), {self._intervals: radius} if radius.any() else {})

    def _given(self, name: str) -> Array:
        """A quantity that no rounding reaches."""
        columns = self.values[name].reshape(self.count, -1).T
        return _objects([Form(np.ascontiguousarray(column)) for column in columns], self.values[name].shape[1:])

    def _value(self, step: Step) -> Array:
        if any(isinstance(node, OneHot) for node in walk(step.formula)):  # of class indices, which are given
            return self._given(step.name)
        return evaluate(step.formula, dict(self.written), self.arithmetic).reshape(self.values[step.name].shape[1:])

    def _crosses_a_kink(self, formula: Node) -> Array:
        crossed = np.zeros(self.count, dtype=bool)
        for function in walk(formula):
            if not isinstance(function, Fn) or not function.row.kink:
                continue
            kink = as_node(function.row.kink(*function.operands))
            for form in evaluate(kink, dict(self.written), self.arithmetic).flat if kink.tensors else ():
                is_decided = (form.centre == 0) & (np.asarray(form.radius) == 0)
                crossed |= (np.abs(form.centre) <= form.radius + AT_KINK) & ~is_decided
        return crossed

    def _rounded(self, form: Form) -> Form:
        """The number as it may be written down: rounding never lets numbers pass each other, so only the ends count."""
        low, high = form.ends()
        lowest, highest = -self._highest(-low), self._highest(high)
        return self.between(lowest, highest)

    def _highest(self, number: Array) -> Array:
        """The highest that a number may become by rounding to the places, to more, or not at all."""
        decimal, is_decimal = _nearest_decimal(number, self.places)
        highest = number
        for places in range(self.places, self.places + FINER + 1):
            scaled = number * 10**places
            highest = np.maximum(highest, np.floor(scaled + 0.5 + _nearly(scaled)) / 10**places)
        _, is_written = _nearest_decimal(number, places)  # then more places change nothing
        highest = np.where(is_written, highest, np.maximum(highest, number + 0.05 / 10**places))
        result: Array = np.where(is_decimal, decimal, highest)
        return result


def _nearly(scaled: Array) -> Array:
    nearly: Array = NEARLY * np.maximum(1, np.abs(scaled))
    return nearly


def _nearest_decimal(number: Array, places: int) -> tuple[Array, Array]:
    """The nearest decimal, and whether the number is that decimal on paper."""
    scaled = number * 10**places
    units = np.rint(scaled)
    return units / 10**places, np.abs(scaled - units) <= _nearly(scaled)


def _objects(forms: list[Form], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(forms), dtype=object)
    array[:] = forms
    return array.reshape(shape)
