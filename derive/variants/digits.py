"""Numbers as they are printed, and with how many significant digits."""

from __future__ import annotations

import functools

import numpy as np

from derive.ops import Array
from derive.variants.rounding import units

GIVEN_PLACES = 6  # given numbers are printed as they are written; 1/3 is not, and counts with the printed places
EXACT = 1e-9
_TABLE = 10**6


def significant_digits(whole: Array) -> Array:
    """The digits of whole numbers from the first to the last that is not zero; none of 0."""
    whole = np.abs(whole)
    if np.max(whole, initial=0) < _TABLE:  # false for numbers that are none
        return np.asarray(_small_digits()[whole.astype(np.int64)])
    small = np.where(whole < _TABLE, whole, 0).astype(np.int64)
    return np.where(whole < _TABLE, _small_digits()[small], np.floor(np.log10(np.maximum(whole, 1))) + 1)


@functools.cache
def _small_digits() -> Array:
    numbers = np.arange(_TABLE)
    digits = np.where(numbers > 0, np.floor(np.log10(np.maximum(numbers, 1)) + EXACT) + 1, 0)
    for power in range(1, 7):
        digits -= (numbers > 0) & (numbers % 10**power == 0)
    return digits


def as_printed(values: Array, places: int, most: int) -> tuple[Array, Array]:
    """Values as they are printed, with their significant digits; up to `most` places where these are all of them."""
    rounded = units(values, places)
    printed, digits = rounded / 10**places, significant_digits(rounded)
    if most > places:
        longer = units(values, most)
        is_short = np.abs(longer / 10**most - values) <= EXACT
        printed, digits = (
            np.where(is_short, longer / 10**most, printed),
            np.where(is_short, significant_digits(longer), digits),
        )
    return printed, digits
