"""Slices as models: their values, slopes, kinks, readings and ranges."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.evaluate import evaluate_program
from derive.program import Program
from derive.sheet.blocks import Symbol
from derive.sheet.plots import Slice, Variation, parse_entry, slice_along, slice_plot
from derive.sheet.plots.axes import grid_lines, within
from tests.sheet.figures import LINE, NETWORK, QUARTIC, SHALLOW, solved


def with_entry(program: Program, values, name: str, index: tuple[int, ...], number: float):
    """All values anew, with one entry exchanged: the slow way to a point of the curve."""
    given = {quantity.name: values[quantity.name].copy() for quantity in program.givens}
    given[name][index] = number
    return evaluate_program(program, given)


# ------------------------------------------------------------------------------------------------ curves


@pytest.mark.parametrize(
    ("text", "by", "index"),
    [(LINE, "phi_0", ()), (SHALLOW, "theta_11", ()), (NETWORK, "W_1[2,3]", (1, 2)), (NETWORK, "x[2]", (1,))],
)
def test_a_slice_holds_the_values_of_full_evaluations(text, by, index):
    program, values = solved(text)
    found = slice_along(program, values, by)
    name = by.partition("[")[0]
    for place in range(0, len(found.x), 37):
        expected = with_entry(program, values, name, index, found.x[place])["L"]
        assert found.y[place] == pytest.approx(float(expected), rel=1e-12)
    assert found.start == (values[name][index], float(values["L"]))
    assert found.start[0] in found.x


@pytest.mark.parametrize(
    ("text", "by"), [(LINE, "phi_0"), (LINE, "phi_1"), (SHALLOW, "w_2"), (NETWORK, "W_1[1,2]"), (NETWORK, "x[3]")]
)
def test_the_slope_is_that_of_the_curve(text, by):
    program, values = solved(text)
    found = slice_along(program, values, by)
    variation = Variation(program, values, found.entry)
    step = 1e-5
    below, above = variation.along("L", found.start[0] + step * np.array([-1.0, 1.0]))
    assert found.slope == pytest.approx(float(above - below) / (2 * step), rel=1e-6)


def test_any_scalar_may_be_plotted():
    program, values = solved(NETWORK.replace("L = ", "s = sum(z)\n  L = "))
    found = slice_along(program, values, "W_1[1,1]", of="s")
    expected = (1 - values["z"][0] ** 2) * values["x"][0]
    assert found.slope == pytest.approx(expected)
    assert found.vertical.label == Symbol("s")
    assert found.gradient == Symbol("ds/dW_1", (1, 1))


def test_a_large_problem_is_computed_in_parts(monkeypatch):
    program, values = solved(NETWORK)
    whole = slice_along(program, values, "W_1[1,1]")
    monkeypatch.setattr("derive.sheet.plots.variation.LARGEST_BATCH", 200)
    parts = slice_along(program, values, "W_1[1,1]")
    assert np.array_equal(whole.y, parts.y)


# ------------------------------------------------------------------------------------------------ kinks


@pytest.mark.parametrize(("unit", "offset"), [(1, "theta_10"), (2, "theta_20")])
def test_the_kinks_of_a_shallow_network_are_where_a_unit_switches_on_a_sample(unit, offset):
    """theta_0 + theta_1 x = 0, so the loss has a corner at theta_0 = -theta_1 x for each sample x."""
    program, values = solved(SHALLOW)
    found = slice_along(program, values, offset, low=-2, high=2)
    expected = sorted(-values[f"theta_{unit}1"] * values["x"])
    assert [x for x, _ in found.kinks] == pytest.approx(expected, abs=1e-12)


def test_kinks_along_a_slope_parameter():
    program, values = solved(SHALLOW)
    found = slice_along(program, values, "theta_11", low=-1, high=2)
    expected = sorted(values["theta_10"] / -values["x"])
    assert [x for x, _ in found.kinks] == pytest.approx([x for x in expected if x <= 2], abs=1e-12)


def test_there_is_no_kink_where_none_is_seen():
    program, values = solved(SHALLOW.replace("w_1: -1.3", "w_1: 0"))
    assert slice_along(program, values, "theta_10").kinks == ()  # the unit switches, and nothing listens to it
    assert slice_along(program, values, "w_1").kinks == ()


def test_a_smooth_square_of_a_kink_is_no_kink():
    text = "forward: |\n  h = relu(q)\n  k = abs(q - 1)\n  L = h**2 + k\nparameters: {q: 0.5}\n"
    program, values = solved(text)
    assert [x for x, _ in slice_along(program, values, "q", low=-2, high=2).kinks] == pytest.approx([1.0], abs=1e-12)


# ------------------------------------------------------------------------------------------------ readings


def random_slices():
    """200 problems: three shapes of loss, their parameters and data drawn anew, another entry each time."""
    generator = np.random.default_rng(20_260)
    programs = [(text, *solved(text)) for text in (LINE, SHALLOW, NETWORK, QUARTIC)]
    for number in range(200):
        _, program, values = programs[number % len(programs)]
        given = {
            quantity.name: values[quantity.name] + generator.normal(0, 0.5, values[quantity.name].shape)
            for quantity in program.givens
        }
        drawn = evaluate_program(program, given)
        parameters = [quantity.name for quantity in program.givens if quantity.role == "parameter"]
        name = parameters[generator.integers(len(parameters))]
        index = [int(generator.integers(size)) + 1 for size in drawn[name].shape]
        by = f"{name}[{','.join(map(str, index))}]" if index else name
        yield f"seed 20260, problem {number}: {by}", slice_along(program, drawn, by)


def test_slopes_that_are_read_are_right_within_their_errors():
    for case, found in random_slices():
        check_reading(case, found)


def check_reading(case: str, found: Slice) -> None:
    """Within the bound that the reading states, and that is at most 4 % of the slope and 1 % of the frame's own."""
    reading = found.reading
    assert reading is not None
    height = found.vertical.high - found.vertical.low
    width = found.horizontal.high - found.horizontal.low
    assert abs(float(reading.slope.fraction) - found.slope) <= reading.error * (1 + 1e-9), case
    assert reading.error <= 0.04 * abs(found.slope) + 0.01 * height / width, case
    for x, y in (reading.first, reading.second):
        assert within(found.horizontal, float(x.fraction)), case
        assert within(found.vertical, float(y.fraction)), case
    assert reading.rise.fraction == reading.second[1].fraction - reading.first[1].fraction
    printed = reading.rise.fraction / reading.run.fraction
    assert abs(reading.slope.fraction - printed) <= Fraction(1, 2 * 10**reading.slope.places), case
    assert within(found.vertical, found.start[1]), case
    assert all(within(found.vertical, y) for y in found.y), f"{case}: the whole curve is seen"


def test_one_coordinate_stands_on_a_grid_line_and_the_other_is_read_to_a_fifth():
    program, values = solved(LINE)
    found = slice_along(program, values, "phi_1")
    lines = set(grid_lines(found.vertical, found.vertical.minor))
    unit = Fraction(str(found.horizontal.minor)) / 5
    for x, y in (found.reading.first, found.reading.second):
        assert y.fraction in lines
        assert (x.fraction / unit).denominator == 1


@pytest.mark.parametrize(
    ("start", "key"), [(3, "slope_says_decrease"), (-3, "slope_says_increase"), (1, "slope_says_stay")]
)
def test_what_the_sign_says(start, key):
    program, values = solved(f"forward: |\n  L = (q - 1)**2\nparameters: {{q: {start}}}\n")
    found = slice_along(program, values, "q")
    assert found.reading.advice(found.entry).key == key
    assert found.reading.advice(Symbol("W_1", (1, 2))).fields == (("symbol", "W_1[1,2]"),)


# ------------------------------------------------------------------------------------------------ ranges


def test_a_steep_curve_leaves_room_for_its_tangent():
    program, values = solved(QUARTIC.replace("q: 3", "q: 1"))
    wide = slice_along(program, values, "q", low=-10, high=10)
    rise = abs(wide.slope) * (wide.horizontal.high - wide.horizontal.low)
    assert rise > 0.1 * (wide.vertical.high - wide.vertical.low)
    for curve in slice_plot(wide).curves:
        assert min(curve.y) >= wide.vertical.low - 1e-9
        assert max(curve.y) <= wide.vertical.high + 1e-9
    assert max(slice_plot(wide).curves[0].y) == wide.vertical.high  # it leaves through the upper edge


def test_an_authors_range_is_kept():
    program, values = solved(LINE)
    found = slice_along(program, values, "phi_0", low=0, high=2.5)
    assert (found.horizontal.low, found.horizontal.high) == (0, 2.5)
    one_sided = slice_along(program, values, "phi_0", low=0.2)
    assert one_sided.horizontal.high == pytest.approx(2.2, abs=0.5)


def test_a_curve_ends_where_it_is_not_defined():
    program, values = solved("forward: |\n  L = q - log(q)\nparameters: {q: 2}\n")
    found = slice_along(program, values, "q", low=-1, high=4)
    (curve,) = [curve for curve in slice_plot(found).curves if curve.style == "curve"]
    assert min(curve.x) >= 0
    assert np.isfinite(curve.y).all()


def test_a_constant_loss_is_drawn():
    program, values = solved("forward: |\n  h = relu(q)\n  L = h + r**2\nparameters: {q: -3, r: 1}\n")
    found = slice_along(program, values, "q", low=-4, high=-2)
    assert found.vertical.low < 1 < found.vertical.high
    assert found.reading.slope.units == 0


@pytest.mark.parametrize(
    ("by", "options", "message"),
    [
        ("nothing", {}, "not a given quantity"),
        ("L", {}, "not a given quantity"),
        ("W_1", {}, "expected: an entry from W_1\\[1,1\\] to W_1\\[2,3\\]"),
        ("W_1[0,1]", {}, "an entry from"),
        ("W_1[3,1]", {}, "an entry from"),
        ("W_1[1]", {}, "an entry from"),
        ("W_1[1,2,3]", {}, "counted from 1"),
        ("__import__('os')", {}, "counted from 1"),
        ("b_1[1]", {"of": "a"}, "no single number"),
        ("b_1[1]", {"of": "nothing"}, "no single number"),
        ("b_1[1]", {"low": 1.0, "high": 2.0}, "a range that holds the start, b_1\\[1\\] = 0.1"),
        ("b_1[1]", {"low": 0.1, "high": 0.1}, "a range that holds the start"),
    ],
)
def test_what_cannot_be_plotted(by, options, message):
    program, values = solved(NETWORK)
    with pytest.raises(DeriveError, match=message):
        slice_along(program, values, by, **options)


def test_an_entry_of_a_single_number_needs_no_index():
    program, values = solved("forward: |\n  L = sum(w**2)\nparameters: {w: [3]}\n")
    assert parse_entry("w", program, values) == Symbol("w")
    assert parse_entry(" w[ 1 ] ", program, values) == Symbol("w", (1,))
    assert slice_along(program, values, "w").slope == 6


def test_a_blank_has_the_same_axes_and_nothing_else():
    program, values = solved(LINE)
    plot = slice_plot(slice_along(program, values, "phi_0"))
    assert plot.curves
    assert plot.marks
    blank = plot.blank()
    assert (blank.curves, blank.marks) == ((), ())
    assert (blank.horizontal, blank.vertical) == (plot.horizontal, plot.vertical)
