"""Families of curves: a quantity along a constant, its ranges, labels and asymptotes."""

from __future__ import annotations

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.sheet.blocks import Symbol
from derive.sheet.plots import sweep_plot
from tests.sheet.figures import SOFTMAX, solved


def test_a_family_of_curves():
    program, values = solved(SOFTMAX)
    plot = sweep_plot(program, values, "p", "beta", 0, 20, asymptotes=(1, 0))
    lines, curves = plot.curves[:2], plot.curves[2:]
    assert [line.style for line in lines] == ["asymptote"] * 2
    assert [curve.label for curve in curves] == [Symbol("p", (place,)) for place in (1, 2, 3)]
    for curve in curves:
        powers = np.exp(np.outer(curve.x, values["e"]))
        expected = powers[:, curve.label.entry[0] - 1] / powers.sum(axis=1)
        assert curve.y == pytest.approx(expected)
    assert plot.wide


def test_a_logarithmic_axis_ends_at_powers_of_ten():
    program, values = solved(SOFTMAX)
    plot = sweep_plot(program, values, "m", "beta", 0.02, 50, logarithmic=True, asymptotes=[2.5])
    assert (plot.horizontal.low, plot.horizontal.high, plot.horizontal.logarithmic) == (0.01, 100, True)
    assert plot.curves[1].label is None
    assert plot.curves[1].y[-1] == pytest.approx(2.5, abs=0.01)


@pytest.mark.parametrize(
    ("of", "low", "high", "logarithmic", "message"),
    [
        ("nothing", 0, 1, False, "unknown name"),
        ("p", 1, 1, False, "a number, and a larger one"),
        ("p", 0, 1, True, "a positive number"),
        ("m", -2, 0, False, None),
    ],
)
def test_ranges_of_families(of, low, high, logarithmic, message):
    program, values = solved(SOFTMAX)
    if message is None:
        plot = sweep_plot(program, values, of, "beta", low, high, logarithmic=logarithmic)
        assert all(np.isfinite(curve.y).all() for curve in plot.curves)
        return
    with pytest.raises(DeriveError, match=message):
        sweep_plot(program, values, of, "beta", low, high, logarithmic=logarithmic)


def test_too_many_curves_are_refused():
    program, values = solved(
        SOFTMAX.replace("[1, 2.5, 0.3]", "[1, 2, 3, 4, 5, 6, 7]").replace("[0, 1, 0]", "[0, 1, 0, 0, 0, 0, 0]")
    )
    with pytest.raises(DeriveError, match="the 7 entries of `p`"):
        sweep_plot(program, values, "p", "beta", 0, 1)
