"""Axes that a person would draw: steps of 1, 2 or 5 times a power of ten, limits on the grid, curves within them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from derive.errors import DeriveError
from derive.ops import Array
from derive.sheet.blocks import Axis, Curve, Symbol, Words

MOST_STEPS = 7  # major steps within the range that is to be shown; rounding outward adds at most two
NEAR_ZERO = 0.35  # a range of positive numbers begins at 0 where that adds at most this part of it
FLAT = 1e-9  # a range that is shorter than this part of its numbers is one number and rounding errors
Point = tuple[float, float]


class PlotError(DeriveError):
    """A figure that cannot be drawn as it is asked for."""


def nice_steps(length: float) -> tuple[Fraction, Fraction]:
    """1, 2 or 5 times a power of ten of which few fit into the length, and the part of it that is such a number too."""
    raw = length / MOST_STEPS
    power = Fraction(10) ** math.floor(math.log10(raw))
    nice = next(nice for nice in (1, 2, 5, 10) if float(nice * power) >= raw * (1 - 1e-12))
    return nice * power, nice * power / (4 if nice == 2 else 5)


def axis_around(label: Symbol | Words, low: float, high: float) -> Axis:
    """A linear axis that shows the range, its limits rounded outward to major grid lines."""
    if high - low <= FLAT * max(abs(low), abs(high)):
        room = max(abs(low), 1.0)
        low, high = low - room, high + room
    major, minor = nice_steps(high - low)
    first = math.floor(low / float(major) + 1e-9)
    last = math.ceil(high / float(major) - 1e-9)
    return Axis(label, float(first * major), float(last * major), float(major), float(minor))


def logarithmic_axis(label: Symbol | Words, low: float, high: float) -> Axis:
    """A logarithmic axis from one power of ten to another."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return Axis(label, 10.0**first, 10.0 ** max(last, first + 1), logarithmic=True)


def from_zero(low: float, high: float) -> Point:
    """The range, begun at 0 where 0 is near."""
    return (0.0, high) if 0 < low < NEAR_ZERO * (high - low) else (low, high)


def grid_lines(axis: Axis, step: float) -> Iterator[Fraction]:
    """The multiples of a step within a linear axis, exact."""
    exact = Fraction(str(step))
    first = math.ceil(axis.low / step - 1e-9)
    last = math.floor(axis.high / step + 1e-9)
    return (number * exact for number in range(first, last + 1))


def within(axis: Axis, place: float) -> bool:
    """Whether a number stands on the axis; its ends belong to it, rounding errors included."""
    room = 1e-9 * (axis.high - axis.low)
    return axis.low - room <= place <= axis.high + room


def visible_curves(x: Array, y: Array, vertical: Axis, style: str = "curve") -> tuple[Curve, ...]:
    """The pieces of a line that lie within the frame, each up to the edge at which it leaves."""
    inside = np.isfinite(y) & (y >= vertical.low) & (y <= vertical.high)
    pieces = []
    for shown, group in itertools.groupby(range(len(x)), key=lambda place: bool(inside[place])):
        places = list(group)
        if not shown:
            continue
        points = [(float(x[place]), float(y[place])) for place in places]
        before, after = places[0] - 1, places[-1] + 1
        if before >= 0 and np.isfinite(y[before]):
            points.insert(0, _leaving(points[0], (float(x[before]), float(y[before])), vertical))
        if after < len(x) and np.isfinite(y[after]):
            points.append(_leaving(points[-1], (float(x[after]), float(y[after])), vertical))
        points = [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]
        if len(points) > 1:
            pieces.append(Curve(tuple(point[0] for point in points), tuple(point[1] for point in points), style))
    return tuple(pieces)


def _leaving(inner: Point, outer: Point, vertical: Axis) -> Point:
    """Where the segment between a point inside and one outside meets the upper or lower edge."""
    edge = vertical.high if outer[1] > vertical.high else vertical.low
    part = (edge - inner[1]) / (outer[1] - inner[1])
    return inner[0] + part * (outer[0] - inner[0]), edge


def clipped_line(through: Point, slope: float, horizontal: Axis, vertical: Axis) -> tuple[Point, Point]:
    """The two ends, from left to right, of a straight line within the frame."""
    x, y = through
    left, right = horizontal.low, horizontal.high
    if slope:
        lower, upper = sorted((x + (vertical.low - y) / slope, x + (vertical.high - y) / slope))
        left, right = max(left, lower), min(right, upper)
    return (left, y + slope * (left - x)), (right, y + slope * (right - x))
