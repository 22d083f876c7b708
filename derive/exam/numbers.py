"""What `derive.sheet.substitute.Numbers` is for one problem, for many variants at once: texts, with a first axis."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from derive.evaluate import style_of
from derive.exam.decimals import are_whole, rounded, text
from derive.exam.fractions import with_fractions
from derive.ops import Array, Node, Tensor, evaluate
from derive.sheet.substitute import MOST_GUARD_DIGITS, is_evaluated, readings
from derive.spec.numbers import Literal
from derive.variants.gates import Batch
from derive.variants.rounding import units
from derive.variants.space import written

TIE = 1e-7
NO_GUARD = -1
MOST_UNITS = 2.0**52  # beyond, float64 does not hold every digit


class ManyNumbers:
    """The numbers of a batch as they are printed; `fits` says for which variants float64 can tell all digits."""

    def __init__(self, batch: Batch, drawn: Array) -> None:
        self.batch, self.setting, self.drawn = batch, batch.setting, drawn
        self.places = self.setting.places
        self.style = style_of(self.setting.problem)
        carried = self.setting.problem.rounding.carry == "rounded"
        self.values: Mapping[str, Array] = batch.student if carried else batch.values
        self.fits = np.ones(batch.count, dtype=bool)

    def full(self, name: str) -> Array:
        """The values of a quantity, shape (variants, *shape)."""
        tensor = self.setting.program.tensor(name)
        array = np.asarray(self.values[name])
        if array.ndim > tensor.rank:
            return array
        return np.broadcast_to(array, (self.batch.count, *array.shape))

    @functools.cached_property
    def varying(self) -> frozenset[str]:
        """The given quantities that are drawn."""
        return frozenset(filling.name for filling in self.setting.space.fillings)

    @functools.cache  # noqa: B019  # lives as long as its batch
    def written(self, name: str) -> Array:
        """The texts of a given quantity as its author wrote them; zero is 0."""
        for filling in self.setting.space.fillings:
            if filling.name == name:
                texts = filling.table[np.arange(len(filling.axes)), self.drawn[:, filling.axes]]
                zero = filling.numbers(self.drawn).reshape(texts.shape) == 0
                return np.where(zero, "0", texts).astype(object)
        literal = written(self.setting.problem)[name]
        assert isinstance(literal, Literal), "every quantity of a variant has numbers"
        return np.broadcast_to(literal.text.reshape(-1), (self.batch.count, literal.text.size))

    @functools.cache  # noqa: B019
    def whole(self, name: str) -> Array:
        """Which variants have whole numbers only in a quantity."""
        return are_whole(self.full(name))

    @functools.cache  # noqa: B019
    def result(self, name: str) -> Array:
        """The texts of a computed quantity, a row for each variant; one that holds a tie does not fit."""
        values = self.full(name).reshape(self.batch.count, -1)
        scaled = np.abs(values) * 10.0**self.places
        is_tie = np.abs(scaled - np.floor(scaled) - 0.5) <= TIE
        self.fits &= self.whole(name) | ~is_tie.any(axis=1)
        self.fits &= (scaled < MOST_UNITS / 10.0**MOST_GUARD_DIGITS).all(axis=1)
        texts = self._texts(values, self.places, self.whole(name)[:, None])
        return with_fractions(texts, values, self.style) if self.style.fractions else texts

    def shown(self, name: str, guards: Array) -> Array:
        """The texts of a quantity inside a formula, with the guard digits that each variant needs there."""
        if name in self.setting.program.quantities:
            return self.written(name)
        values = self.full(name).reshape(self.batch.count, -1)
        return self._by_guard(values, guards, self.whole(name)[:, None])

    def computed(self, part: Node, guards: Array) -> Array:
        """The texts of a part of a formula that is shown as its value."""
        values = self._value(part).reshape(self.batch.count, -1)
        return self._by_guard(values, guards, np.abs(values - np.rint(values)) <= TIE * 1e-4)

    def _by_guard(self, values: Array, guards: Array, whole: Array) -> Array:
        result = np.empty(values.shape, dtype=object)
        for guard in np.unique(guards):
            rows = guards == guard
            places = self.places + max(int(guard), 0)
            result[rows] = self._texts(values[rows], places, np.broadcast_to(whole, values.shape)[rows])
        return result

    def _texts(self, values: Array, places: int, whole: Array) -> Array:
        counts = units(values, places)
        plain = np.frompyfunc(lambda count: ("-" if count < 0 else "") + text(count, places), 1, 1)(counts)
        bare = np.frompyfunc(lambda value: str(round(value)), 1, 1)(values)
        texts: Array = np.where(whole, bare, plain).astype(object)
        return texts

    def guards(self, formula: Node, result: str, parts: Sequence[Node]) -> Array:
        """How many guard digits a line needs in each variant so that it recomputes; one without any does not fit."""
        found = np.full(self.batch.count, NO_GUARD)
        wanted = self.full(result).reshape(self.batch.count, -1)
        whole = self.whole(result)[:, None]
        printed = np.where(whole, np.rint(wanted), rounded(wanted, self.places))
        for read, guard in itertools.product(readings(formula), range(MOST_GUARD_DIGITS + 1)):
            known: dict[Node, Array] = {part: self._part(part, guard) for part in parts}
            with np.errstate(all="ignore"):
                value = np.asarray(evaluate(read, known, self.setting.arithmetic))
            rows = np.broadcast_to(value, (self.batch.count, *value.shape[value.ndim - formula.rank :]))
            rows = rows.reshape(printed.shape)
            again = np.where(whole, np.floor(rows + 0.5 + TIE), rounded(rows, self.places))
            agrees = (np.abs(again - printed) < 0.25 * 10.0**-self.places).all(axis=1)
            found[(found == NO_GUARD) & agrees] = guard
            if (found != NO_GUARD).all():
                break
        self.fits &= found != NO_GUARD
        return found

    def _part(self, part: Node, guard: int) -> Array:
        """The numbers that a part shows."""
        places = self.places + guard
        if is_evaluated(part):
            values = self._value(part)
            return np.where(np.abs(values - np.rint(values)) <= TIE * 1e-4, np.rint(values), rounded(values, places))
        known: dict[Node, Array] = {tensor: self._shown_numbers(tensor, places) for tensor in part.tensors}
        return np.asarray(evaluate(part, known, self.setting.arithmetic))

    def _shown_numbers(self, tensor: Tensor, places: int) -> Array:
        values = self.full(tensor.name)
        if tensor.name in self.setting.program.quantities:
            return values
        whole = self.whole(tensor.name).reshape(-1, *(1,) * tensor.rank)
        return np.where(whole, np.rint(values), rounded(values, places))

    def _value(self, part: Node) -> Array:
        known: dict[Node, Array] = {tensor: self.full(tensor.name) for tensor in part.tensors}
        value = np.asarray(evaluate(part, known, self.setting.arithmetic))
        return value if value.ndim > part.rank else np.broadcast_to(value, (self.batch.count, *value.shape))
