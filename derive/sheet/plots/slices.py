"""A slice: q -> L(q) along one entry of a given quantity, with the start, the tangent there, and its slope as read."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from derive.calculus import gradient_name
from derive.check.differences import through_new_weights
from derive.errors import Fault
from derive.evaluate import Values, jacobian_values
from derive.ops import Array
from derive.program import Program
from derive.sheet.blocks import Axis, Curve, Mark, Plot, Symbol
from derive.sheet.plots.axes import PlotError, Point, axis_around, clipped_line, from_zero, visible_curves
from derive.sheet.plots.reading import Reading, entry_text, read_slope
from derive.sheet.plots.variation import Variation, parse_entry

POINTS = 401
NEARER = (1.0, 0.5, 0.2, 0.1, 0.05)  # parts of the widest range that are tried in turn
TRIED = 33  # points in each
STEEP = 1 / 2  # the tangent should rise over this part of the curve's height, or it cannot be read
SEEN = 1 / 10  # below this the start is as good as a minimum, and a closer look would show no more
CUT = 5  # an author's range keeps this many rises of the tangent, and the rest of a steep curve leaves the frame
KEPT = 1 / 4  # but no cut that leaves less of the curve than this part of its points


@dataclass(frozen=True)
class Slice:
    """The curve of `of` along one number: where it starts, its slope there, its kinks, and what can be read off.

    `gradient` names the slope where the program derives it: the entry of dL/dq.
    """

    of: str
    entry: Symbol
    x: Array
    y: Array
    start: Point
    slope: float
    gradient: Symbol
    kinks: tuple[Point, ...]
    horizontal: Axis
    vertical: Axis
    reading: Reading | None


def slice_along(
    program: Program, values: Values, by: str, of: str = "", low: float | None = None, high: float | None = None
) -> Slice:
    """The slice of a scalar (the loss, if none is named) along `b` or `W_1[1,2]`, over a range that shows the slope."""
    name = of or (program.loss.name if program.loss else "")
    if name not in program.names or values[name].size != 1:
        raise PlotError(Fault(found=f"`{name}` is no single number", expected="a scalar such as the loss"))
    variation = Variation(program, values, parse_entry(by, program, values))
    slope = _slope(variation, name)
    start = (variation.start, float(values[name].reshape(())))
    horizontal = axis_around(variation.entry, *_range(variation, name, slope, low, high))
    x = np.union1d(np.linspace(horizontal.low, horizontal.high, POINTS), [start[0]])
    y = variation.along(name, x).reshape(-1)
    chosen = low is not None or high is not None
    rise = abs(slope) * (horizontal.high - horizontal.low)
    vertical = axis_around(Symbol(name), *_visible(y, start[1], rise if chosen else math.inf))
    kinks = np.array(variation.kinks(name, x))
    heights = variation.along(name, kinks).reshape(-1) if kinks.size else kinks
    return Slice(
        of=name,
        entry=variation.entry,
        x=x,
        y=y,
        start=start,
        slope=slope,
        gradient=Symbol(gradient_name(name, variation.entry.name), variation.entry.entry),
        kinks=tuple(zip(kinks.tolist(), heights.tolist(), strict=True)),
        horizontal=horizontal,
        vertical=vertical,
        reading=read_slope(start, slope, horizontal, vertical),
    )


def slice_plot(found: Slice, wide: bool = False) -> Plot:
    """The curve with its start and kinks, the tangent, and the two points that are read; `blank()` for a worksheet."""
    (left, lower), (right, upper) = clipped_line(found.start, found.slope, found.horizontal, found.vertical)
    curves = visible_curves(found.x, found.y, found.vertical)
    curves += (Curve((left, right), (lower, upper), "tangent"),)
    marks = [Mark(x, y, "kink") for x, y in found.kinks if found.vertical.low <= y <= found.vertical.high]
    marks.append(Mark(*found.start))
    if found.reading:
        (left, lower), (right, upper) = (
            tuple(float(coordinate.fraction) for coordinate in point)
            for point in (found.reading.first, found.reading.second)
        )
        curves += (Curve((left, right, right), (lower, lower, upper), "guide"),)
        marks += [Mark(left, lower, "read"), Mark(right, upper, "read")]
    return Plot(found.horizontal, found.vertical, curves, tuple(marks), wide, legend=True)


def _slope(variation: Variation, of: str) -> float:
    """The entry of the gradient; by reverse mode anew where the program has none, or one through new weights."""
    program, values, name = variation.program, variation.values, variation.entry.name
    gradient = gradient_name(of, name)
    if gradient in values and gradient not in through_new_weights(program):
        return float(values[gradient][variation.place])
    return float(jacobian_values(program, values, of, name).reshape(values[name].shape)[variation.place])


def _range(variation: Variation, of: str, slope: float, low: float | None, high: float | None) -> Point:
    """The author's range, or one about the start; a limit that is left out lies as far away as the other."""
    start = variation.start
    if low is None and high is None:
        radius = _radius(variation, of, slope)
        return start - radius, start + radius
    low = 2 * start - high if low is None and high is not None else low
    high = 2 * start - low if high is None and low is not None else high
    assert low is not None
    assert high is not None
    if not low <= start <= high or not low < high:
        found = f"a plot of `{of}` from {low:g} to {high:g}"
        expected = f"a range that holds the start, {entry_text(variation.entry)} = {start:g}"
        raise PlotError(Fault(found=found, expected=expected))
    return low, high


def _radius(variation: Variation, of: str, slope: float) -> float:
    """The widest range in which the tangent still rises over half of the curve's height; the widest at a minimum."""
    start = variation.start
    size = max(1.0, abs(start))
    power = 10.0 ** math.floor(math.log10(size))
    widest = next(nice * power for nice in (1, 2, 5, 10) if nice * power >= size)
    radii = widest * np.array(NEARER)
    points = start + radii[:, None] * np.linspace(-1, 1, TRIED)
    heights = variation.along(of, points.reshape(-1)).reshape(points.shape)
    heights = np.where(np.isfinite(heights), heights, float(variation.values[of].reshape(())))
    with np.errstate(all="ignore"):
        steepness = np.nan_to_num(np.abs(slope) * 2 * radii / np.ptp(heights, axis=1))
    if steepness.max() < SEEN:
        return float(widest)
    enough = steepness >= min(STEEP, steepness.max())
    return float(radii[np.argmax(enough)])


def _visible(y: Array, start: float, rise: float) -> Point:
    """All of the curve, unless it grows so steeply that the tangent's rise would not be seen beside it."""
    finite = y[np.isfinite(y)]
    low, high = float(finite.min()), float(finite.max())
    room = CUT * rise if CUT * rise >= np.quantile(np.abs(finite - start), KEPT) else math.inf
    return from_zero(max(low, start - room), min(high, start + room))
