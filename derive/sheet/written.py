"""Numbers as their author wrote them, and which entries of a large array are printed."""

from __future__ import annotations

import decimal
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from derive.ops import Array
from derive.spec.numbers import Literal

LARGEST = 12  # rows or columns that are printed in full
SHOWN = 3  # rows or columns kept in front of the dots of a larger matrix


def visible(length: int) -> list[int | None]:
    """The indices along an axis that are printed, None for the dots."""
    return list(range(length)) if length <= LARGEST else [*range(SHOWN), None, length - 1]


def shown_indices(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The entries of an array that are printed."""
    axes = ([index for index in visible(length) if index is not None] for length in shape)
    return itertools.product(*axes)


@dataclass(frozen=True)
class Written:
    """A number as the author wrote it."""

    text: str
    fraction: Fraction

    def __str__(self) -> str:
        return self.text


def as_written(literal: Literal) -> Array:
    """The entries of a given quantity as they print."""
    entries = np.empty(literal.text.shape, dtype=object)
    for index in shown_indices(entries.shape):
        value = literal.exact[index]
        entries[index] = Written(plain_decimal(literal.text[index]) if value else "0", value)
    return entries


def plain_decimal(text: str) -> str:
    """`1e-3` as 0.001; anything else as the author wrote it."""
    return format(decimal.Decimal(text), "f") if "e" in text.lower() else text
