"""Exact fractions of very many variants: what `derive.evaluate.Style` prints for one, for float64 numbers at once.

The keys that are printed beside them come from exact numbers, and both must say the same.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from derive.evaluate import Style
from derive.evaluate.exact import LARGEST_DENOMINATOR
from derive.ops import Array

CLOSE = 1e-11  # two fractions that print differ by 1e-6 at least


def fractions_of(values: Array) -> Array:
    """The fraction that each number stands for if it prints as one, else None."""
    numbers, places = np.unique(values, return_inverse=True)
    found = np.empty(numbers.shape, dtype=object)
    found[:] = [_fraction(float(number)) for number in numbers]
    return found[places].reshape(values.shape)


def _fraction(number: float) -> Fraction | None:
    simple = Fraction(number).limit_denominator(LARGEST_DENOMINATOR)
    return simple if abs(float(simple) - number) <= CLOSE * max(1.0, abs(number)) else None


def with_fractions(texts: Array, values: Array, style: Style) -> Array:
    """The texts of a quantity, a row for each variant: exact ones where all its entries are simple."""
    result = texts.copy()
    for row, numbers in enumerate(fractions_of(values)):
        if None not in numbers:
            result[row] = [str(entry) for entry in style.written(numbers)]
    return result


def exact_rows(values: Array) -> tuple[Array, Array]:
    """Which variants have simple fractions only in a quantity, and the float64 numbers next to these."""
    numbers = fractions_of(values.reshape(len(values), -1))
    rows = np.array([None not in row for row in numbers])
    exact = np.array(values, dtype=float)
    exact[rows] = numbers[rows].astype(float).reshape(exact[rows].shape)
    return rows, exact
