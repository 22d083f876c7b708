"""Axes: nice steps, limits on the grid, and curves that are cut at the frame."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from derive.sheet.blocks import Axis, Symbol
from derive.sheet.plots.axes import axis_around, clipped_line, visible_curves, within


@pytest.mark.parametrize("scale", [1e-12, 3e-4, 0.7, 1, 12.3, 4e5, 2e17])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.37, 2.22), (1.01, 1.07), (-5, -4.5)])
def test_axes_have_nice_steps_and_limits_on_the_grid(low, high, scale):
    axis = axis_around(Symbol("q"), low * scale, high * scale)
    assert within(axis, low * scale)
    assert within(axis, high * scale)
    for step in (axis.major, axis.minor):
        digits = str(Fraction(str(step)).numerator * 10**40 // Fraction(str(step)).denominator).strip("0")
        assert digits in {"1", "2", "5"}
        assert abs(axis.low / step - round(axis.low / step)) < 1e-6
    assert 2.999 <= (axis.high - axis.low) / axis.major <= 9.001
    assert (axis.high - axis.low) < 2 * (high - low) * scale


def test_a_curve_is_cut_at_the_frame():
    frame = Axis(Symbol("L"), 0, 4, 1, 0.2)
    x = np.linspace(-4, 4, 9)
    (piece,) = visible_curves(x, x**2, frame)
    assert (piece.x, piece.y) == ((-2, -1, 0, 1, 2), (4, 1, 0, 1, 4))
    (cut,) = visible_curves(x, 4 * np.abs(x), Axis(Symbol("L"), 0, 6, 1, 0.2))
    assert (cut.x, cut.y) == ((-1.5, -1, 0, 1, 1.5), (6, 4, 0, 4, 6))
    assert visible_curves(x, np.full(9, np.nan), frame) == ()


def test_a_tangent_is_cut_at_the_frame():
    horizontal, vertical = Axis(Symbol("q"), 0, 4, 1, 0.2), Axis(Symbol("L"), 0, 4, 1, 0.2)
    assert clipped_line((2, 2), 0, horizontal, vertical) == ((0, 2), (4, 2))
    assert clipped_line((2, 2), -2, horizontal, vertical) == ((1, 4), (3, 0))
