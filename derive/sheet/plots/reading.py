"""The slope that a student reads: two points of the tangent on grid lines, rise over run, and what its sign says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from derive.evaluate import Decimal, real, round_half_away
from derive.sheet.blocks import Axis, Symbol, Words
from derive.sheet.plots.axes import Point, clipped_line, grid_lines

FINENESS = 5  # a coordinate between two lines is read to a fifth of the finest cell
FIGURES = 3  # significant figures of the slope that is read
CLEARER = 2  # lines with numbers are taken unless the fine ones are this much better


@dataclass(frozen=True)
class Reading:
    """Two points of the tangent as they are read, and slope = rise / run; it is off by at most `error`."""

    first: tuple[Decimal, Decimal]
    second: tuple[Decimal, Decimal]
    slope: Decimal
    error: float

    @property
    def run(self) -> Decimal:
        return _decimal(self.second[0].fraction - self.first[0].fraction)

    @property
    def rise(self) -> Decimal:
        return _decimal(self.second[1].fraction - self.first[1].fraction)

    def advice(self, entry: Symbol) -> Words:
        """A step against the slope lowers the loss: a positive one says that the parameter should become smaller."""
        sign = (self.slope.units > 0) - (self.slope.units < 0)
        key = {1: "slope_says_decrease", 0: "slope_says_stay", -1: "slope_says_increase"}[sign]
        return Words(key, (("symbol", entry_text(entry)),))


def entry_text(entry: Symbol) -> str:
    """`b`, or `W_1[1,2]`."""
    return f"{entry.name}[{','.join(map(str, entry.entry))}]" if entry.entry else entry.name


def read_slope(through: Point, slope: float, horizontal: Axis, vertical: Axis) -> Reading | None:
    """The reading of a tangent with the least error; None where it crosses fewer than two grid lines of a kind."""
    fine = _best(_readings(through, slope, (horizontal, vertical), minor=True))
    clear = _best(_readings(through, slope, (horizontal, vertical), minor=False))
    if clear and fine:
        return clear if clear.error <= CLEARER * fine.error else fine
    return clear or fine


def _best(readings: Iterator[Reading]) -> Reading | None:
    return min(readings, key=lambda reading: reading.error, default=None)


def _readings(through: Point, slope: float, axes: tuple[Axis, Axis], *, minor: bool) -> Iterator[Reading]:
    """Between the outermost vertical lines that the tangent crosses, and between the outermost horizontal ones."""
    ends = clipped_line(through, slope, *axes)
    for across in (0, 1):
        axis, other = axes[across], axes[1 - across]
        low, high = sorted(end[across] for end in ends)
        crossed = [line for line in grid_lines(axis, axis.minor if minor else axis.major) if _between(line, low, high)]
        steepness = slope if across == 0 else 1 / slope if slope else math.inf
        if len(crossed) < 2 or not math.isfinite(steepness):
            continue
        read = [
            (line, _to_a_fifth(through[1 - across] + steepness * (float(line) - through[across]), other))
            for line in (crossed[0], crossed[-1])
        ]
        points = sorted((point if across == 0 else point[::-1]) for point in read)
        if points[0][0] < points[1][0]:
            yield _reading(points, slope, Fraction(str(other.minor)) / FINENESS, across)


def _between(line: Fraction, low: float, high: float) -> bool:
    room = 1e-9 * (high - low)
    return low - room <= line <= high + room


def _to_a_fifth(place: float, axis: Axis) -> Fraction:
    """A coordinate as it is read from an axis."""
    unit = Fraction(str(axis.minor)) / FINENESS
    return round(Fraction(place) / unit) * unit


def _reading(points: list[tuple[Fraction, Fraction]], slope: float, unit: Fraction, across: int) -> Reading:
    """Rise over run; both ends are off by up to half a unit, in the rise or in the run, and the result is rounded."""
    (left, lower), (right, upper) = points
    run, rise = right - left, upper - lower
    read = _rounded(rise / run)
    uncertain = unit / run if across == 0 else Fraction(abs(slope)) * unit / run
    error = float(uncertain + abs(read.fraction - rise / run))
    return Reading((_decimal(left), _decimal(lower)), (_decimal(right), _decimal(upper)), read, error)


def _rounded(slope: Fraction) -> Decimal:
    """The slope to three significant figures."""
    places = FIGURES - 1 - math.floor(math.log10(abs(slope))) if slope else 0
    return round_half_away(real(slope), max(0, places))


def _decimal(number: Fraction) -> Decimal:
    """A decimal fraction with the places that it needs."""
    places = next(places for places in range(400) if (number * 10**places).denominator == 1)
    return Decimal(int(number * 10**places), places)
