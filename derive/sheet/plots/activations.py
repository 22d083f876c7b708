"""Activation functions and their slopes as figures; where a slope jumps, the ends of its pieces are open or closed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from derive.errors import Fault
from derive.evaluate import FloatArithmetic
from derive.ops import ROWS, Array, Constant, Fn, Node, Tensor, as_node, evaluate
from derive.sheet.blocks import Axis, Curve, Formula, Mark, Plot, Plots, Symbol
from derive.sheet.plots.axes import PlotError, axis_around, visible_curves
from derive.sheet.plots.variation import sign_changes

POINTS = 801
ARGUMENT, RESULT = "u", "z"
ROOM = 0.05
JUMP = 1e-6  # a slope that changes by less does not jump


def activation_plots(
    name: str, options: Mapping[str, Constant] | None = None, low: float = -4.0, high: float = 4.0
) -> Plots:
    """z = f(u) and dz/du side by side, for a function of one argument with its parameters (the defaults, if none)."""
    row = ROWS[name]
    if row.arity != 1 or not low < high:
        found = f"a plot of `{name}` from {low:g} to {high:g}"
        raise PlotError(Fault(found=found, expected="a function of one argument, and a range from low to high"))
    given = options or {}
    operand = Tensor(ARGUMENT)
    function = as_node(Fn(name, operand, *(given.get(key, Constant(default)) for key, default in row.parameters)))
    slope = function.partial(0) if isinstance(function, Fn) else Constant(1)
    horizontal = axis_around(Symbol(ARGUMENT), low, high)
    u = np.linspace(horizontal.low, horizontal.high, POINTS)
    kinks = _kinks(function, u)
    left, right = (_values(slope, kinks + side * 1e-9 * (high - low)) for side in (-1, 1))
    jumps = np.abs(right - left) > JUMP * (1 + np.abs(left))
    z = _values(function, u)
    corners = zip(kinks[jumps].tolist(), _values(function, kinks[jumps]).tolist(), strict=True)
    vertical = _vertical(Symbol(RESULT), z)
    drawn = Plot(
        horizontal,
        vertical,
        visible_curves(u, z, vertical),
        tuple(Mark(x, y, "kink") for x, y in corners),
    )
    slopes = np.where(np.isfinite(z), _values(slope, u), np.nan)
    below = _slope_plot(horizontal, u, slopes, slope, kinks[jumps], left[jumps], right[jumps])
    title = Formula(function)
    return Plots((replace(drawn, title=title), replace(below, title=title)))


def _slope_plot(
    horizontal: Axis, u: Array, values: Array, slope: Node, jumps: Array, left: Array, right: Array
) -> Plot:
    """dz/du in pieces; at a jump its own value is the closed point, a limit that it does not take an open one."""
    vertical = _vertical(Symbol(f"d{RESULT}/d{ARGUMENT}"), np.concatenate([values, left, right]))
    bounds = [-np.inf, *jumps, np.inf]
    curves: tuple[Curve, ...] = ()
    for number, (start, end) in enumerate(itertools.pairwise(bounds)):
        inner = (u > start) & (u < end)
        x, y = u[inner], values[inner]
        if number > 0:
            x, y = np.append(start, x), np.append(right[number - 1], y)
        if number < len(jumps):
            x, y = np.append(x, end), np.append(y, left[number])
        curves += visible_curves(x, y, vertical, "derivative")
    marks = []
    for place, own, *limits in zip(jumps, _values(slope, jumps), left, right, strict=True):
        marks += [Mark(float(place), float(limit), "open") for limit in limits if abs(limit - own) > JUMP]
        marks.append(Mark(float(place), float(own), "closed"))
    return Plot(horizontal, vertical, curves, tuple(marks))


def _values(node: Node, u: Array) -> Array:
    """The values of an expression in u; not finite where it is not defined."""
    with np.errstate(all="ignore"):
        return np.broadcast_to(evaluate(node, {Tensor(ARGUMENT): u}, FloatArithmetic({})), u.shape).astype(float)


def _kinks(function: Node, u: Array) -> Array:
    """The corners of the function."""
    if not isinstance(function, Fn) or function.row.kink is None:
        return np.zeros(0)
    kink = as_node(function.row.kink(*function.operands))
    return sign_changes(lambda points: _values(kink, points)[:, None], u)


def _vertical(label: Symbol, values: Array) -> Axis:
    """An axis with room above and below, so that what tends to a limit does not run along the frame."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    room = ROOM * (high - low)
    return axis_around(label, low - room, high + room)
