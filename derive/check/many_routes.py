"""The numbers of many documents, held against what they should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from derive.check.blanks import WORKSHEET
from derive.check.exact_arrays import Array as Exact
from derive.check.figures import DIGITS, GIVEN
from derive.check.latex_tokens import ReadingError
from derive.check.many_decimals import Printed, Printing, far_from, other_than, rounds_to
from derive.check.many_forms import Form, Part
from derive.check.many_lines import Lines, Row
from derive.check.many_numbers import Many
from derive.check.many_texts import Alike, filled
from derive.check.printed import LINES, check_numbers_of_line
from derive.check.promises import Reading
from derive.check.report import Finding
from derive.ops import Array

Numbered = tuple[int, Finding]  # the number of a text, and what is wrong with it
ZERO = "-0", "no negative zero"


class Routes:
    """What the numbers should be: `values` and `given` hold a row for each document."""

    def __init__(
        self, reading: Reading, values: Mapping[str, Array], given: Mapping[str, list[list[Fraction]]]
    ) -> None:
        self.reading, self.values, self.given = reading, values, given
        self.promises = {promise.name: promise for promise in reading.lines}
        self.shapes = _shapes(reading)
        self.lines = Lines(reading.all_functions, reading.matrix_functions)
        self.printing = Printing(self.lines.decimals)

    def of_numbers(self, name: str, form: Form, alike: Alike) -> Iterator[Numbered | Line]:
        """What is wrong with the numbers of a chunk, and a line that is to be recomputed."""
        for part in form.exact:
            yield from self._exact(part, alike, name)
        found: list[Printed] = []
        for part in form.rounded:
            try:
                found = self.printing.read(part.words, _rows(part, alike), self.shapes[part.quantity])
            except (ReadingError, ValueError) as error:
                for number in alike.documents:
                    yield number, Finding(DIGITS, part.quantity, False, None, str(error), "decimals")
                continue
            yield from self._rounded(part, name, alike, found)
        if form.recomputed and form.result and found:
            yield Line(form.recomputed, form.result, alike, found)
        if form.valued:
            yield from self._valued(form.valued, alike)

    def _rounded(self, part: Part, name: str, alike: Alike, found: Sequence[Printed]) -> Iterator[Numbered]:
        """Decimals of a computed quantity."""
        step = part.quantity if name in self.promises else f"{part.quantity} in the {name}"
        values = self.values[part.quantity][alike.documents]
        for printed in found:
            for number, shown, value in far_from(printed, values):
                yield alike.documents[number], Finding(DIGITS, step, False, None, shown, value)
            for number in printed.zeros:
                yield alike.documents[number], Finding(LINES, step, False, None, *ZERO)

    def _exact(self, part: Part, alike: Alike, name: str) -> Iterator[Numbered]:
        """Given numbers, in decimals or otherwise."""
        route, step = (GIVEN, part.quantity) if name == part.quantity else (DIGITS, f"{part.quantity} in the {name}")
        numbers = self.given[part.quantity]
        wanted = {k: numbers[document] for k, document in enumerate(alike.documents)}
        rows = _rows(part, alike)
        try:
            wrong = [
                found
                for printed in self.printing.read(part.words, rows, self.shapes[part.quantity])
                for found in (*other_than(printed, wanted), *((k, *ZERO) for k in printed.zeros))
            ]
        except (ReadingError, ValueError):
            wrong = list(self._not_in_decimals(part, rows, wanted))
        for k, shown, value in wrong:
            yield alike.documents[k], Finding(route, step, False, None, shown, value)

    def _not_in_decimals(
        self, part: Part, rows: Sequence[Row], wanted: Mapping[int, Sequence[Fraction]]
    ) -> Iterator[tuple[int, str, str]]:
        for numbers, array in self.lines.read([(part.words, row) for row in rows]):
            if array is None or array.shape != self.shapes[part.quantity]:
                yield from ((k, filled(part.words, rows[k]), "given numbers") for k in numbers)
                continue
            columns = [_singles(entry, len(numbers)) for entry in array.flat]
            for place, k in enumerate(numbers):
                found = [column[place] for column in columns]
                if found != list(wanted[k]):
                    yield k, filled(part.words, rows[k]), "the given numbers"

    def recomputed(self, lines: Sequence[Line]) -> Iterator[Numbered]:
        """Every line gives its result; one of which this is not sure is read by itself."""
        pieces, owners = [], []
        for line in lines:
            pieces += [(line.numbers.words, row) for row in _rows(line.numbers, line.alike)]
            owners += [(line, k) for k in range(len(line.alike.documents))]
        for numbers, array in self.lines.read(pieces):
            members = [owners[number] for number in numbers]
            agrees = [False] * len(members)
            if array is not None and all(line.fits(array, k) for line, k in members):
                columns = [line.column(k) for line, k in members]
                agrees = [True] * len(members)
                for entry, value in enumerate(array.flat):
                    sizes, places = zip(*(column[entry] for column in columns), strict=True)
                    agrees = [a and b for a, b in zip(agrees, rounds_to(value, sizes, places), strict=True)]
            for (line, k), right in zip(members, agrees, strict=True):
                if not right and not (finding := line.by_itself(k, self.reading)).passed:
                    yield line.alike.documents[k], finding

    def _valued(self, part: Part, alike: Alike) -> Iterator[Numbered]:
        """A line of a worksheet: given numbers, which give the value that is asked for, or not told."""
        promise, rows = self.promises[part.quantity], _rows(part, alike)
        constants = {*map(abs, promise.constants), Fraction(0), Fraction(1)}
        for number, row in zip(alike.documents, rows, strict=True):
            known = {part for name in self.given for one in self.given[name][number] for part in _as_printed(one)}
            strange = next((text for text in row if abs(Fraction(text)) not in known | constants), None)
            if strange:
                yield number, Finding(WORKSHEET, part.quantity, False, None, strange, "given numbers only")
        if promise.value is None:
            return
        for numbers, array in self.lines.read([(part.words, row) for row in rows]):
            documents = [alike.documents[k] for k in numbers]
            wanted = self.values[part.quantity][documents]
            wrong = np.ones(len(numbers), dtype=bool)
            if array is not None and array.shape == self.shapes[part.quantity]:
                found = np.stack([_floats(entry, len(numbers)) for entry in array.flat], axis=1)
                slack = float(promise.value.slack) + 1e-9 * np.abs(wanted) + 1e-12 * np.abs(wanted).max(axis=1)[:, None]
                wrong = ~(np.abs(found - wanted) <= slack).all(axis=1)
            for k in np.flatnonzero(wrong).tolist():
                text = filled(part.words, rows[numbers[k]])
                yield documents[k], Finding(LINES, part.quantity, False, None, text, "numbers that give the value")


class Line:
    """A line of the documents that have the same words there, with its result as it is printed in each."""

    def __init__(self, numbers: Part, result: Part, alike: Alike, printed: Sequence[Printed]) -> None:
        self.numbers, self.result, self.alike = numbers, result, alike
        self.where = {number: (found, k) for found in printed for k, number in enumerate(found.numbers)}
        self.zeros = {number for found in printed for number in found.zeros}

    def fits(self, array: Exact, k: int) -> bool:
        """Whether the result has this shape in print."""
        return self.where[k][0].shape == array.shape

    def column(self, k: int) -> list[tuple[int, int]]:
        """The result of one document in the order of print, each number m / 10^p as m and p."""
        printed, place = self.where[k]
        return [(s[place], p[place]) for s, p in zip(printed.sizes, printed.places, strict=True)]

    def by_itself(self, k: int, reading: Reading) -> Finding:
        """The line of one document, read as in a single one."""
        row = self.alike.rows[k]
        numbers, result = (filled(part.words, [row[n] for n in part.numbers]) for part in (self.numbers, self.result))
        return check_numbers_of_line(self.numbers.quantity, numbers, result, reading)


def _shapes(reading: Reading) -> dict[str, tuple[int, ...]]:
    """The shape on paper of each quantity by name."""
    found = {one.name: one.values.shape for one in reading.givens if one.values is not None}
    found |= {promise.name: promise.shape for promise in reading.lines if promise.shape is not None}
    return found | {promise.name: promise.exact.shape for promise in reading.lines if promise.exact is not None}


def _rows(part: Part, alike: Alike) -> list[Row]:
    return [[row[k] for k in part.numbers] for row in alike.rows]


def _singles(entry: Any, count: int) -> Sequence[Any]:
    return list(entry.singles()) if isinstance(entry, Many) else [entry] * count


def _floats(entry: Any, count: int) -> Array:
    return entry.floats() if isinstance(entry, Many) else np.full(count, float(entry))


def _as_printed(number: Fraction) -> tuple[Fraction, ...]:
    """A given number, and the numbers that its fraction is printed with."""
    return abs(number), Fraction(abs(number.numerator)), Fraction(number.denominator)
