"""A family of curves: the entries of a quantity against one number of the problem."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from derive.errors import Fault
from derive.evaluate import Values
from derive.program import Program
from derive.sheet.blocks import Curve, Plot, Symbol
from derive.sheet.plots.axes import PlotError, axis_around, from_zero, logarithmic_axis, visible_curves
from derive.sheet.plots.variation import Variation, parse_entry

POINTS = 401
MOST_CURVES = 6  # more are not told apart


def sweep_plot(
    program: Program,
    values: Values,
    of: str,
    by: str,
    low: float,
    high: float,
    *,
    logarithmic: bool = False,
    asymptotes: Sequence[float] = (),
) -> Plot:
    """The entries of `of` against `by`, each with its name; `asymptotes` are heights that the curves tend to."""
    variation = Variation(program, values, parse_entry(by, program, values))
    _require_range(of, variation, low, high, logarithmic)
    horizontal = (logarithmic_axis if logarithmic else axis_around)(variation.entry, low, high)
    spaced = np.geomspace if logarithmic else np.linspace
    x = spaced(low, high, POINTS)
    y = variation.along(of, x)
    entries = variation.values[of].size
    finite = np.append(y[np.isfinite(y)], asymptotes)
    if not finite.size:
        raise PlotError(Fault(found=f"`{of}` is not defined from {low:g} to {high:g}", expected="another range"))
    vertical = axis_around(Symbol(of), *from_zero(float(finite.min()), float(finite.max())))
    first = program.first_index(of)
    curves = tuple(
        replace(curve, label=Symbol(of, tuple(map(operator.add, index, first))) if entries > 1 else None)
        for index in np.ndindex(y.shape[1:])
        for curve in visible_curves(x, y[(slice(None), *index)], vertical)
    )
    ends = (horizontal.low, horizontal.high)
    lines = tuple(Curve(ends, (height, height), "asymptote") for height in asymptotes)
    return Plot(horizontal, vertical, lines + curves, wide=True)


def _require_range(of: str, variation: Variation, low: float, high: float, logarithmic: bool) -> None:
    if of not in variation.program.names:
        raise PlotError(Fault(found=f"the unknown name `{of}`", expected="a quantity of the problem"))
    entries = variation.values[of].size
    if entries > MOST_CURVES:
        found = f"the {entries} entries of `{of}` in one figure"
        raise PlotError(Fault(found=found, expected=f"a quantity with at most {MOST_CURVES} entries"))
    if not low < high or (logarithmic and low <= 0):
        expected = "a positive number, and a larger one behind it" if logarithmic else "a number, and a larger one"
        raise PlotError(Fault(found=f"a plot of `{of}` from {low:g} to {high:g}", expected=expected))
