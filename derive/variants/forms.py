"""Numbers known to first order in the deviations of other numbers, with a bound for all that is left.

A `Form` stands for v = c + sum_i s_i e_i + r, where |e_i| <= 1 says where in its interval an earlier number lies (each
of these has a number of its own), and |r| <= rest. Sums and products of forms are forms again, so that the evaluator
computes with arrays of them as with any other numbers, and a quantity that occurs twice in a formula, z (1 - z), is
the same one both times. All parts are vectors with one entry per variant.
See de Figueiredo and Stolfi, "Affine arithmetic: concepts and applications", Numerical Algorithms 37 (2004).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from derive.evaluate import FloatArithmetic
from derive.ops import Array, Fn, Node, Row, Tensor, evaluate

BEYOND_CUBIC = 2.0  # a remainder measured at both ends is exact for cubics and convex functions; others get twice that
NEARLY_ZERO = 1e-12  # float64 does not tell whether such a number is 0 on paper


class Form:
    """c + sum_i s_i e_i + r with |e_i| <= 1 and |r| <= rest; `slopes` holds the s_i by i."""

    __slots__ = ("_radius", "centre", "rest", "slopes")

    def __init__(self, centre: Array, slopes: Mapping[int, Array] | None = None, rest: Any = 0.0) -> None:
        self.centre = centre
        self.slopes = slopes or {}
        self.rest = rest
        self._radius: Any = None

    @property
    def is_certain(self) -> bool:
        """Whether the number has no interval."""
        return not self.slopes and isinstance(self.rest, float) and self.rest == 0

    @property
    def radius(self) -> Any:
        """How far the number may lie from the centre: sum_i |s_i| + rest."""
        if self._radius is None:
            self._radius = sum((np.abs(slope) for slope in self.slopes.values()), start=self.rest)
        return self._radius

    def ends(self, further: float = 0.0) -> tuple[Array, Array]:
        """The ends of the interval in which the number lies, or a little further out."""
        return self.centre - self.radius - further, self.centre + self.radius + further

    def scaled(self, number: Array) -> Form:
        """The form times a number that has no interval."""
        if np.ndim(number) == 0 and number in (0, 1):
            return self if number == 1 else Form(np.asarray(0.0))
        slopes = {place: slope * number for place, slope in self.slopes.items()}
        return Form(self.centre * number, slopes, 0.0 if self._has_no_rest else self.rest * np.abs(number))

    @property
    def _has_no_rest(self) -> bool:
        return isinstance(self.rest, float) and self.rest == 0

    def __add__(self, other: Any) -> Form:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = as_form(other)
        rest = self.rest if other._has_no_rest else other.rest if self._has_no_rest else self.rest + other.rest
        return Form(self.centre + other.centre, _added(self.slopes, other.slopes), rest)

    def __mul__(self, other: Any) -> Form:
        """(c + l + r)(c' + l' + r'): to first order c c' + c l' + c' l; the product of the rest is bounded."""
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = as_form(other)
        if other.is_certain or self.is_certain:
            return self.scaled(other.centre) if other.is_certain else other.scaled(self.centre)
        slopes = _added(self._times(other.centre), other._times(self.centre))
        rest = self.radius * other.radius
        for one, another in ((self, other), (other, self)):
            if not one._has_no_rest:
                rest = rest + np.abs(another.centre) * one.rest
        return Form(self.centre * other.centre, slopes, rest)

    def _times(self, number: Array) -> dict[int, Array]:
        return {place: slope * number for place, slope in self.slopes.items()}

    def __neg__(self) -> Form:
        return self.scaled(np.asarray(-1.0))

    def __sub__(self, other: Any) -> Form:
        return NotImplemented if isinstance(other, np.ndarray) else self + -as_form(other)

    def __truediv__(self, other: Any) -> Form:
        return NotImplemented if isinstance(other, np.ndarray) else self * as_form(other) ** -1

    def __radd__(self, other: Any) -> Form:
        return as_form(other) + self

    def __rsub__(self, other: Any) -> Form:
        return as_form(other) + -self

    def __rmul__(self, other: Any) -> Form:
        return as_form(other) * self

    def __rtruediv__(self, other: Any) -> Form:
        return as_form(other) * self**-1

    def __pow__(self, exponent: Any) -> Form:
        """d(u^n) = n u^(n-1) du; a negative power of what may be 0 may be anything."""
        if isinstance(exponent, np.ndarray):
            return NotImplemented
        number = exponent if isinstance(exponent, int) else float(as_form(exponent).centre)
        power = lifted(lambda u: u**number, (lambda u, _: number * u ** (number - 1),), (self,))
        if isinstance(number, float) and not number.is_integer():
            return power.unless(self.ends(NEARLY_ZERO)[0] <= 0)
        return power if number >= 0 else power.unless(np.abs(self.centre) - self.radius <= NEARLY_ZERO)

    def exp(self) -> Form:
        return lifted(np.exp, (lambda _, power: power,), (self,))

    def log(self) -> Form:
        logarithm = lifted(np.log, (lambda u, _: 1 / u,), (self,))
        return logarithm.unless(self.ends(NEARLY_ZERO)[0] <= 0)

    def sqrt(self) -> Form:
        root = lifted(np.sqrt, (lambda _, root: 0.5 / root,), (self,))
        return root.unless(self.ends(NEARLY_ZERO)[0] <= 0)

    def unless(self, mask: Array) -> Form:
        """The form, but anything at all where the mask says so."""
        return Form(self.centre, self.slopes, np.where(mask, np.inf, self.rest)) if np.any(mask) else self


def as_form(number: Any) -> Form:
    """A form as it is; a number as one without an interval."""
    return number if isinstance(number, Form) else Form(np.asarray(float(number)))


def lifted(
    value: Callable[..., Array], slopes: Sequence[Callable[..., Array]], operands: Sequence[Form], beyond: float = 1.0
) -> Form:
    """f(u, ...): f(c) + f'(c) (u - c), and for what is left the most that it is at the ends of the operands' intervals.

    At the ends it is largest if f is convex or concave there, or a cubic: |a d^2 + b d^3| <= |a| R^2 + |b| R^3, which
    is taken at d = R or -R. `beyond` multiplies it where f is neither. The slopes are given in the operands and f.
    """
    centres = [form.centre for form in operands]
    middle = value(*centres)
    uncertain = [place for place, form in enumerate(operands) if not form.is_certain]
    steepness = {place: np.asarray(slopes[place](*centres, middle)) for place in uncertain}
    steepness = {place: np.where(np.isnan(slope), 0.0, slope) for place, slope in steepness.items()}  # t/p at t = p = 0
    sums: dict[int, Array] = {}
    rest: Any = 0.0
    for place, slope in steepness.items():
        if slope.any():
            sums = _added(sums, operands[place]._times(slope))
            rest = rest + np.abs(slope) * operands[place].rest
    curved: Any = 0.0
    for signs in itertools.product((-1.0, 1.0), repeat=len(uncertain)):
        ends, line = list(centres), middle
        for sign, place in zip(signs, uncertain, strict=True):
            ends[place] = centres[place] + sign * operands[place].radius
            line = line + sign * steepness[place] * operands[place].radius
        curved = np.maximum(curved, np.abs(value(*ends) - line)) if uncertain else 0.0
    rest = rest + beyond * curved
    return Form(middle, sums, rest if np.any(rest) else 0.0)


def _added(left: Mapping[int, Array], right: Mapping[int, Array]) -> dict[int, Array]:
    sums = dict(left)
    for place, slope in right.items():
        sums[place] = sums[place] + slope if place in sums else slope
    return sums


class FormArithmetic(FloatArithmetic):
    """Arrays of forms: functions of the table by their own values and slopes."""

    def number(self, value: sympy.Expr) -> Array:
        found = np.empty((), dtype=object)
        found[()] = Form(super().number(value))
        return found

    def apply(self, row: Row, *arrays: Array) -> Array:
        slopes = [_compiled(slope, tensors) for tensors, slope in _slopes(row)]

        def of_entries(*operands: Form) -> Form:
            form = lifted(row.value, slopes, operands, BEYOND_CUBIC)
            return form.unless(_may_be_undefined(row, operands)) if row.domain else form

        return _array(np.frompyfunc(of_entries, len(arrays), 1)(*arrays))

    def shift(self, array: Array, axis: int) -> Array:
        """The largest centre: what is subtracted from all logits is arbitrary."""
        centres = np.frompyfunc(lambda form: Form(form.centre), 1, 1)(array)
        larger = np.frompyfunc(lambda one, other: Form(np.maximum(one.centre, other.centre)), 2, 1)
        return _array(larger.reduce(centres, axis=axis, keepdims=True))


def _may_be_undefined(row: Row, operands: Sequence[Form]) -> Array:
    """Whether a function is not defined at an end of the operands' intervals."""
    assert row.domain is not None
    ends = [(form.centre,) if form.is_certain else form.ends(NEARLY_ZERO) for form in operands]
    holds = [np.asarray(row.domain.holds(*corner)) for corner in itertools.product(*ends)]
    return ~functools.reduce(np.logical_and, holds)


def _array(thing: Any) -> Array:
    return thing if isinstance(thing, np.ndarray) else np.asarray(thing)


@functools.cache
def _slopes(row: Row) -> tuple[tuple[tuple[Node, ...], Node], ...]:
    """The slopes of a function in each argument as expressions, each with the quantities it is written in."""
    operands = tuple(Tensor(f"u_{place}") for place in range(row.arity + len(row.parameters)))
    node = Fn(row.name, *operands)
    assert isinstance(node, Fn)
    return tuple(((*operands, node), node.partial(place)) for place in range(row.arity))


def _compiled(slope: Node, tensors: tuple[Node, ...]) -> Callable[..., Array]:
    """A slope as a function of the values of its quantities."""
    arithmetic = FloatArithmetic({})

    def value(*arrays: Array) -> Array:
        return evaluate(slope, dict(zip(tensors, map(np.asarray, arrays), strict=True)), arithmetic)

    return value
