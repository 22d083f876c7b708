"""Printed decimals of many documents: those of an array in a chunk, held against values or against exact numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from derive.check.exact_arrays import Array
from derive.check.figures import shown
from derive.check.many_lines import Decimals, Row
from derive.check.many_numbers import Many
from derive.check.many_skeletons import parsable, place_of, unparted
from derive.check.reread import printed_entries

TIE = 1e-9  # of half a unit: closer than this to it, a value may be rounded to either side
KNOWN = 1e-12  # how well a value is known, relative to its size
CLEAR = 1e-6  # of a unit: so far from where rounding changes, float64 decides


@dataclass(frozen=True)
class Entry:
    """A printed number: its mark, a sign that does not touch it, its power of ten, its place in the array."""

    mark: int
    sign: int
    exponent: int
    index: int


@dataclass(frozen=True)
class Printed:
    """The entries of some documents (`numbers`) that are printed alike: m / 10^p with a column for each document."""

    numbers: Sequence[int]
    entries: Sequence[Entry]
    shape: tuple[int, ...]
    sizes: Sequence[Sequence[int]]
    places: Sequence[Sequence[int]]
    zeros: Sequence[int]  # the documents with a negative zero


class Printing:
    """Reads printed arrays; the way in which one is printed is looked at once."""

    def __init__(self, decimals: Decimals) -> None:
        self.decimals = decimals
        self.known: dict[tuple[str, tuple[str, ...], tuple[int, ...]], tuple[Sequence[Entry], tuple[int, ...]]] = {}

    def read(self, words: str, rows: Sequence[Row], shape: tuple[int, ...]) -> list[Printed]:
        """The decimals of an array of this shape on paper; raises `ReadingError` or `ValueError` where it is none."""
        skeleton = unparted(words)
        alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            alike[skeleton.form(row)].append(number)
        return [self._printed(words, form, numbers, rows, shape) for form, numbers in alike.items()]

    def _printed(
        self, words: str, form: tuple[str, ...], numbers: Sequence[int], rows: Sequence[Row], shape: tuple[int, ...]
    ) -> Printed:
        key = words, form, shape
        if key not in self.known:
            self.known[key] = _entries(words, form, shape)
        entries, printed_shape = self.known[key]
        sizes, places, zeros = [], [], set()
        for entry in entries:
            texts = [rows[number][entry.mark] for number in numbers]
            pairs = [self.decimals[text] for text in texts]
            column = [size for size, _ in pairs]
            if 0 in column:
                zeros |= {
                    n for n, text, size in zip(numbers, texts, column, strict=True) if not size and text[0] == "-"
                }
            sizes.append(column if entry.sign > 0 else [-size for size in column])
            places.append([count - entry.exponent for _, count in pairs])
        return Printed(numbers, entries, printed_shape, sizes, places, sorted(zeros))


def _entries(words: str, form: tuple[str, ...], shape: tuple[int, ...]) -> tuple[Sequence[Entry], tuple[int, ...]]:
    """The entries in the order of print, and the shape that they have there."""
    readable = parsable(words, form)
    places = np.array(range(int(np.prod(shape))), dtype=object).reshape(shape)
    entries = []
    printed_shape: tuple[int, ...] = ()
    for cell, indices in shown(readable.tex, places):
        found = printed_entries(cell)
        printed_shape = found.shape
        for number, index in zip(found.ravel().tolist(), indices.ravel().tolist(), strict=True):
            if number.places is None:
                raise ValueError("a fraction among decimals")
            digits = abs(number.value) * Fraction(10) ** number.places
            mark, decimal = place_of(int(digits))
            outer = number.value < 0 and mark not in readable.negative
            entries.append(Entry(mark, -1 if outer else 1, decimal - number.places, int(index)))
    if {entry.mark for entry in entries} != set(readable.marks.values()):
        raise ValueError("numbers beside those of the array")
    return entries, printed_shape


def far_from(printed: Printed, values: Array) -> list[tuple[int, str, str]]:
    """The documents with a decimal that is no rounding of its value: the decimal and the value."""
    indices = [entry.index for entry in printed.entries]
    wanted = values[np.ix_(printed.numbers, indices)]
    places = np.array(printed.places, dtype=np.float64).T
    found = np.array([[float(size) for size in column] for column in printed.sizes]).T / 10.0**places
    half = 0.5 * 10.0**-places
    wrong = ~(np.abs(found - wanted) <= half * (1 + TIE) + KNOWN * np.abs(wanted))
    return [
        (printed.numbers[row], f"{found[row, entry]:.12g}", f"{wanted[row, entry]:.12g}")
        for row in np.flatnonzero(wrong.any(axis=1)).tolist()
        for entry in [int(np.argmax(wrong[row]))]
    ]


def other_than(printed: Printed, wanted: Mapping[int, Sequence[Fraction]]) -> list[tuple[int, str, str]]:
    """The documents with a decimal that is not exactly the number wanted."""
    found = []
    for column, number in enumerate(printed.numbers):
        for entry, sizes, places in zip(printed.entries, printed.sizes, printed.places, strict=True):
            value, scale = wanted[number][entry.index], places[column]
            up, down = 10 ** max(scale, 0), 10 ** max(-scale, 0)
            if sizes[column] * down * value.denominator != value.numerator * up:
                found.append((number, f"{sizes[column] * down / up:.12g}", f"{float(value):.12g}"))
                break
    return found


def rounds_to(value: Any, sizes: Sequence[int], places: Sequence[int]) -> list[bool]:
    """Whether each value gives the decimal m / 10^p when it is rounded half away from zero.

    False also where that is not sure: a real within a millionth of a unit of where rounding changes.
    """
    many = value if isinstance(value, Many) else Many.of([value] * len(sizes))
    if not many.denominator:
        unit = 10.0 ** -np.array(places, dtype=np.float64)
        floats = many.floats()
        distance = np.abs(floats - np.array([float(size) for size in sizes]) * unit)
        sure = np.abs(floats) * 1e-15 < CLEAR * unit / 10
        return list((distance < (0.5 - CLEAR) * unit) & sure)
    agrees = []
    for number, size, count in zip(many.numbers, sizes, places, strict=True):
        up, down = 10 ** max(count, 0), 10 ** max(-count, 0)
        value_scaled, printed_scaled = number * up, size * down * many.denominator
        difference, unit_scaled = 2 * abs(value_scaled - printed_scaled), many.denominator * down
        tie = difference == unit_scaled and abs(printed_scaled) > abs(value_scaled)
        agrees.append(difference < unit_scaled or tie)
    return agrees
