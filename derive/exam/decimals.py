"""The decimals of very many variants: what `derive.evaluate.rounding` prints for one, for float64 numbers at once.

The documents that are made of these decimals are read again with exact numbers.
"""

from __future__ import annotations

import numpy as np

from derive.ops import Array
from derive.variants.rounding import units

WHOLE = 1e-11


def rounded(values: Array, places: int) -> Array:
    """The numbers that the decimals stand for."""
    return np.asarray(units(values, places) / 10.0**places)


def are_whole(values: Array) -> Array:
    """Which variants have whole numbers in every entry; the first axis is that of the variants."""
    rows = values.reshape(len(values), -1)
    return np.asarray((np.abs(rows - np.rint(rows)) <= WHOLE * np.maximum(1, np.abs(rows))).all(axis=1))


def text(unit_count: float, places: int) -> str:
    """One decimal as it is printed, without its sign."""
    digits = f"{abs(int(unit_count)):0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
