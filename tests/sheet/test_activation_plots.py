"""Figures of activations: curve and slope agree, ends at a jump follow the convention."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from derive.ops import ROWS, Constant
from derive.sheet.plots import activation_plots

OF_ONE_ARGUMENT = [name for name, row in ROWS.items() if row.arity == 1 and not row.internal and not row.domain]


@pytest.mark.parametrize("name", OF_ONE_ARGUMENT)
def test_the_slope_that_is_drawn_is_that_of_the_function_that_is_drawn(name):
    function, slope = activation_plots(name).plots
    u, z = (np.concatenate([getattr(curve, part) for curve in function.curves]) for part in "xy")
    middles, rises = (u[1:] + u[:-1]) / 2, np.diff(z) / np.diff(u)
    for curve in slope.curves:
        inner = (middles > curve.x[0]) & (middles < curve.x[-1])
        assert np.allclose(np.interp(middles[inner], curve.x, curve.y), rises[inner], atol=2e-3)
    assert len(slope.curves) == 1 + len(function.marks)


@pytest.mark.parametrize(
    ("at_zero", "marks"),
    [
        (0, {(0, 1, "open"), (0, 0, "closed")}),
        (1, {(0, 0, "open"), (0, 1, "closed")}),
        (Fraction(1, 2), {(0, 0, "open"), (0, 1, "open"), (0, 0.5, "closed")}),
    ],
)
def test_the_ends_at_a_jump_follow_the_convention(at_zero, marks):
    _, slope = activation_plots("relu", {"at_zero": Constant(at_zero)}).plots
    assert {(mark.x, mark.y, mark.style) for mark in slope.marks} == marks
    left, right = slope.curves
    assert (left.x[-1], left.y[-1], right.x[0], right.y[0]) == (0, 0, 0, 1)


def test_parameters_change_the_curve_and_smooth_functions_have_no_marks():
    steep, _ = activation_plots("leaky_relu", {"alpha": Constant(Fraction(1, 2))}, -2, 2).plots
    assert steep.curves[0].y[0] == -1
    assert [(mark.x, mark.y) for mark in steep.marks] == [(0, 0)]
    assert all(plot.marks == () for plot in activation_plots("elu").plots)  # its slope is 1 from both sides
    assert len(activation_plots("elu", {"alpha": Constant(2)}).plots[1].marks) == 2


def test_a_function_is_drawn_where_it_is_defined():
    for plot in activation_plots("log").plots:
        assert min(plot.curves[0].x) > 0
