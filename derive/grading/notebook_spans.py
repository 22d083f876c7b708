"""Bounds of numbers, and of what is computed from them. Its text stands in the hidden tests of a notebook.

If numbers c_i may be off by r_i, then f may be off by sum_i |f(c + r_i e_i) - f(c)|, to first order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Span(NamedTuple):
    """Numbers that lie between `low` and `high`."""

    low: Array
    high: Array

    @property
    def centre(self) -> Array:
        """The middle."""
        return np.asarray((self.low + self.high) / 2)

    @property
    def radius(self) -> Array:
        """How far the numbers may lie from the middle."""
        return np.asarray((self.high - self.low) / 2)


def range_of(function: Callable[..., Any], spans: Sequence[Span], shape: tuple[int, ...]) -> Span:
    """Between which numbers a function lies, to first order, and at the corners of the bounds of what it takes."""
    centres = [span.centre if np.any(span.radius) else span.low for span in spans]
    middle = shaped(function(*centres), shape)
    spread, moves = np.zeros(shape), []
    for place, index in _uncertain(spans):
        radius = spans[place].radius[index]
        up, down = (shaped(function(*_moved(centres, [(place, index, s * radius)])), shape) for s in (1, -1))
        spread = spread + np.maximum(np.abs(up - middle), np.abs(down - middle))
        moves.append((place, index, radius, np.sign(up - down)))
    low, high = np.array(middle - spread), np.array(middle + spread)
    for entry in np.ndindex(*shape) if len(moves) > 1 else ():
        for sign in (1, -1):  # all moves that make this entry larger, or smaller, at once
            ends = _moved(centres, [(place, index, sign * r * signs[entry]) for place, index, r, signs in moves])
            value = shaped(function(*ends), shape)[entry]
            low[entry], high[entry] = np.minimum(low[entry], value), np.maximum(high[entry], value)
    return Span(low, high)


def shaped(value: Any, shape: tuple[int, ...]) -> Array:
    """The numbers in a shape; a single one may stand for all."""
    array = np.asarray(value, dtype=float)
    return array.reshape(shape) if array.size == np.prod(shape) else np.broadcast_to(array, shape)


def is_finite(span: Span) -> Array:
    """Where both bounds are numbers."""
    return np.asarray(np.isfinite(span.low) & np.isfinite(span.high))


def instead(span: Span, other: Span) -> Span:
    """The bounds, and others where these are endless."""
    kept = is_finite(span)
    return Span(np.where(kept, span.low, other.low), np.where(kept, span.high, other.high))


def both(before: Span, own: Span) -> Span:
    """An answer within the bounds that it was rounded from, where it agrees with them."""
    agrees = (before.low <= own.high) & (before.high >= own.low)
    low = np.where(agrees, np.maximum(before.low, own.low), own.low)
    return Span(low, np.where(agrees, np.minimum(before.high, own.high), own.high))


def _uncertain(spans: Sequence[Span]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The places of all entries that are not certain."""
    for place, span in enumerate(spans):
        for index in np.argwhere(span.radius > 0):
            yield place, tuple(int(axis) for axis in index)


def _moved(centres: Sequence[Array], moves: Sequence[tuple[int, tuple[int, ...], Any]]) -> list[Array]:
    """The numbers with some entries moved."""
    places = {place for place, _, _ in moves}
    moved = [np.array(array, dtype=float) if place in places else array for place, array in enumerate(centres)]
    for place, index, distance in moves:
        moved[place][index] += distance
    return moved
