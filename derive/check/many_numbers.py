"""One number of each of many documents, as a single entry of an exact array.

Decimals and what sums, differences and products make of them are integers over one denominator, n_k / d for document
k: whole vectors of them are computed at once and stay exact. What goes beyond (a quotient that differs, a function) is
computed number by number, in fractions and 60-digit reals as on a single sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from derive.check.exact_arrays import Array
from derive.check.exact_numbers import Number, Vector, add, divide, finished, multiply, raised, subtract

LONGEST = 4096  # bits of a common denominator


class Many(Vector):
    """A number for each document: integers over a common `denominator`, or fractions and reals where that is 0."""

    __slots__ = ("denominator", "numbers")

    def __init__(self, numbers: Array, denominator: int = 0) -> None:
        self.numbers, self.denominator = numbers, denominator

    @classmethod
    def of(cls, numbers: Sequence[Number]) -> Many:
        """Fractions and reals, one for each document."""
        if all(isinstance(number, Fraction) for number in numbers):
            denominator = lcm(*{number.denominator for number in numbers})
            if denominator.bit_length() <= LONGEST:
                integers = [number.numerator * (denominator // number.denominator) for number in numbers]
                return cls(vector(integers), denominator)
        return cls(vector(numbers))

    @classmethod
    def of_decimals(cls, mantissas: Sequence[int], places: Sequence[int]) -> Many:
        """m_k / 10^p_k"""
        most = max(places)
        scaled = [m if p == most else m * 10 ** (most - p) for m, p in zip(mantissas, places, strict=True)]
        return cls(vector(scaled), 10**most)

    def joined(self, number: Number) -> Many:
        """A number for all documents."""
        if isinstance(number, Many):
            return number
        return Many.of([Fraction(number) if isinstance(number, int) else number] * len(self.numbers))

    def finished(self) -> Many:
        """The same if a line may come to each of the numbers; integers are numbers all."""
        return self if self.denominator else Many(np.frompyfunc(finished, 1, 1)(self.numbers))

    def only(self, documents: Sequence[int]) -> Many:
        """The numbers of some of the documents."""
        return Many(self.numbers[list(documents)], self.denominator)

    def singles(self) -> Array:
        """The numbers one by one, as fractions and reals."""
        if not self.denominator:
            return self.numbers
        return vector([Fraction(number, self.denominator) for number in self.numbers])

    def floats(self) -> Array:
        """The numbers in float64."""
        if self.denominator:
            return np.array([number / self.denominator for number in self.numbers], dtype=np.float64)
        return np.array([float(number) for number in self.numbers], dtype=np.float64)

    def _one_by_one(self, operation: Callable[..., Number], other: Many) -> Many:
        return Many(np.frompyfunc(operation, 2, 1)(self.singles(), other.singles()))

    def _common(self, other: Number) -> tuple[Array, Array, int] | None:
        """The integers of both over one denominator."""
        other = self.joined(other)
        if not self.denominator or not other.denominator:
            return None
        denominator = lcm(self.denominator, other.denominator)
        if denominator.bit_length() > LONGEST:
            return None
        return (
            self.numbers * (denominator // self.denominator),
            other.numbers * (denominator // other.denominator),
            denominator,
        )

    def __add__(self, other: Number) -> Many:
        common = self._common(other)
        return self._one_by_one(add, self.joined(other)) if common is None else Many(common[0] + common[1], common[2])

    def __sub__(self, other: Number) -> Many:
        common = self._common(other)
        if common is None:
            return self._one_by_one(subtract, self.joined(other))
        return Many(common[0] - common[1], common[2])

    def __mul__(self, other: Number) -> Many:
        other = self.joined(other)
        denominator = self.denominator * other.denominator
        if not denominator or denominator.bit_length() > LONGEST:
            return self._one_by_one(multiply, other)
        return Many(self.numbers * other.numbers, denominator)

    def __truediv__(self, other: Number) -> Many:
        other = self.joined(other)
        first = other.numbers[0]
        if self.denominator and other.denominator and all(number == first for number in other.numbers):
            sign = 1 if first > 0 else -1
            return Many(self.numbers * (other.denominator * sign), self.denominator * abs(first))
        return self._one_by_one(divide, other)

    def __neg__(self) -> Many:
        return Many(-self.numbers, self.denominator)

    def __abs__(self) -> Many:
        return Many(np.abs(self.numbers), self.denominator)

    def __bool__(self) -> bool:
        """Whether none of the numbers is 0: only then they can all be divided by."""
        return all(self.numbers)

    def power(self, exponent: Number) -> Many:
        """Every number to the same power."""
        if self.denominator and exponent == int(exponent) and 0 <= exponent <= 4:
            return Many(self.numbers ** int(exponent), self.denominator ** int(exponent))
        return Many.of([raised(number, exponent) for number in self.singles()])


def vector(numbers: Iterable[Any]) -> Array:
    """An object array of one dimension."""
    listed = list(numbers)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def lifted(function: Callable[..., Number]) -> Callable[..., Number]:
    """A function of single numbers, for each document; equal arguments are computed once."""

    def apply(*numbers: Number) -> Number:
        many = [number for number in numbers if isinstance(number, Many)]
        if not many:
            return function(*numbers)
        columns = [many[0].joined(number) for number in numbers]
        known: dict[tuple[Any, ...], Number] = {}
        rows = list(zip(*(column.numbers for column in columns), strict=True))
        for row in set(rows):
            arguments = [
                Fraction(number, column.denominator) if column.denominator else number
                for number, column in zip(row, columns, strict=True)
            ]
            known[row] = function(*arguments)
        return Many.of([known[row] for row in rows])

    return apply


def lifted_to_arrays(function: Callable[..., Array]) -> Callable[..., Array]:
    """A function of whole arrays, for each document."""

    def apply(*arrays: Array) -> Array:
        many = [number for array in arrays for number in array.ravel().tolist() if isinstance(number, Many)]
        if not many:
            return function(*arrays)
        count = len(many[0].numbers)
        columns = [[many[0].joined(number).singles() for number in array.ravel().tolist()] for array in arrays]
        results = []
        for document in range(count):
            single = [
                vector([column[document] for column in entries]).reshape(array.shape)
                for entries, array in zip(columns, arrays, strict=True)
            ]
            results.append(np.asarray(function(*single), dtype=object))
        if len({result.shape for result in results}) > 1:
            raise ValueError("results of different shapes")
        flat = zip(*(result.ravel() for result in results), strict=True)
        return vector([Many.of(list(numbers)) for numbers in flat]).reshape(results[0].shape)

    return apply
