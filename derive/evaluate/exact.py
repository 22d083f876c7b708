"""Exact numbers: rationals as long as the operations are rational, balls of certified radius beyond (python-flint).

A `Real` goes into NumPy object arrays; NumPy calls its methods (`exp`, `tanh`, ...) where it would call ufuncs, so
that an operation's one `value` serves float64 and exact numbers alike.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from derive.ops import Array, Row, Shape

Number = Any  # flint.fmpq | flint.arb, which FLINT's own types cannot tell apart after arithmetic
PRECISIONS = (128, 256, 512, 1024, 2048)  # bits; the first that decides every comparison is taken
NEGLIGIBLE = flint.arb(2) ** -1536  # two numbers that are no further apart count as equal
SHARP_BITS = 64
SHARP = flint.arb(2) ** -SHARP_BITS
MOST_SIMPLE = 2**256  # the denominator of a fraction that a ball may stand for
LARGEST_DENOMINATOR = 1000  # of a fraction that prints as one
LARGEST_EXPONENT = 2**16  # of a number written out as a fraction: exp(-10^12) would fill the memory


class Undecided(ArithmeticError):
    """A comparison that the precision at hand cannot decide."""


class NotANumber(Undecided):
    """What has no value at the precision at hand: a logarithm or quotient of a ball that contains 0."""


class Real:
    """A real number: an `fmpq` where it is known exactly, otherwise an `arb` ball that contains it."""

    __slots__ = ("number",)

    def __init__(self, number: Number) -> None:
        self.number = number

    @property
    def is_exact(self) -> bool:
        return isinstance(self.number, flint.fmpq)

    @property
    def is_finite(self) -> bool:
        return self.is_exact or bool(self.number.is_finite())

    def is_sharp(self) -> bool:
        """Whether a ball is so narrow, for its size or altogether, that its middle can be taken for the number."""
        return self.is_exact or bool(self.number.rad() < SHARP) or bool(self.number.rel_accuracy_bits() > SHARP_BITS)

    def settled(self) -> Real:
        """The rational that a ball stands for: of radius zero its middle, of one below `NEGLIGIBLE` a simple one in it.

        Where terms cancel, exp(w) - exp(w), or a value is rational after all, log(exp(1/2)), every ball contains that
        value and none is it. An irrational number agrees with no simple fraction to 460 digits, except by an accident
        that nobody will see; only the highest precision gets so far.
        """
        if self.is_exact or not self.number.is_finite() or not self.number.rad() < NEGLIGIBLE:
            return self
        return self._simplest(MOST_SIMPLE) or self

    def may_be_simple(self) -> bool:
        """Whether a ball contains a fraction that prints as one; more precision tells whether it stands for it."""
        if self.is_exact or not self.number.is_finite():
            return False
        return self._simplest(LARGEST_DENOMINATOR) is not None

    def _simplest(self, largest_denominator: int) -> Real | None:
        """The fraction in a ball with at most that denominator, a ball of radius zero itself; None without one."""
        mantissa, exponent = (int(part) for part in self.number.mid().man_exp())
        if abs(exponent) > LARGEST_EXPONENT:
            return None
        middle = Fraction(mantissa) * Fraction(2) ** exponent
        if self.number.is_exact():
            return real(middle)
        simple = real(middle.limit_denominator(largest_denominator))
        return simple if self.number.overlaps(simple.ball()) else None

    def ball(self) -> flint.arb:
        """The number as a ball at the working precision."""
        ball: flint.arb = flint.arb(self.number) if self.is_exact else self.number
        return ball

    def __float__(self) -> float:
        return int(self.number.p) / int(self.number.q) if self.is_exact else float(self.number.mid())

    def __repr__(self) -> str:
        return f"Real({self.number})"

    def __neg__(self) -> Real:
        return Real(-self.number)

    def __abs__(self) -> Real:
        return Real(abs(self.number))

    def __add__(self, other: Any) -> Real:
        return NotImplemented if isinstance(other, np.ndarray) else Real(self.number + real(other).number)

    def __sub__(self, other: Any) -> Real:
        if self is other:  # x - x is 0 although x is known as a ball only
            return real(0)
        return NotImplemented if isinstance(other, np.ndarray) else Real(self.number - real(other).number)

    def __mul__(self, other: Any) -> Real:
        return NotImplemented if isinstance(other, np.ndarray) else Real(self.number * real(other).number)

    def __truediv__(self, other: Any) -> Real:
        return NotImplemented if isinstance(other, np.ndarray) else Real(self.number / real(other).number)

    def __radd__(self, other: Any) -> Real:
        return real(other) + self

    def __rsub__(self, other: Any) -> Real:
        return real(other) - self

    def __rmul__(self, other: Any) -> Real:
        return real(other) * self

    def __rtruediv__(self, other: Any) -> Real:
        return real(other) / self

    def __pow__(self, exponent: Any) -> Real:
        """A power; whole ones by squaring, as FLINT's own of a ball that contains 0 is not a number."""
        if not isinstance(exponent, int):
            return self._zero_to_the(real(exponent)) if self.is_zero() else Real(self.ball() ** real(exponent).ball())
        if exponent < 0:
            return real(1) / self**-exponent
        if self.is_exact or exponent == 0:
            return Real(self.number**exponent)
        if exponent == 1:
            return self
        half = self ** (exponent // 2)
        return half * half * self if exponent % 2 else half * half

    @staticmethod
    def _zero_to_the(exponent: Real) -> Real:
        if exponent < 0:
            raise ZeroDivisionError(f"0 to the {exponent}")
        return real(0)

    def is_zero(self) -> bool:
        """Whether the number is 0; raises `Undecided` where the precision does not tell."""
        return self._sign(0) == 0

    def _sign(self, other: Any) -> int:
        difference = (self - other).settled().number
        if difference > 0:
            return 1
        if difference < 0:
            return -1
        if isinstance(difference, flint.fmpq):
            return 0
        if not difference.is_finite():
            raise NotANumber("a comparison of what has no value")
        raise Undecided(f"is {difference} positive?")

    def __gt__(self, other: Any) -> bool:
        return self._sign(other) > 0

    def __lt__(self, other: Any) -> bool:
        return self._sign(other) < 0

    def __ge__(self, other: Any) -> bool:
        return self._sign(other) >= 0

    def __le__(self, other: Any) -> bool:
        return self._sign(other) <= 0

    def __eq__(self, other: object) -> bool:
        try:
            return self._sign(other) == 0
        except Undecided:
            return False

    __hash__ = None  # type: ignore[assignment]

    def exp(self) -> Real:
        return real(1) if self.number == 0 else Real(self.ball().exp())

    def expm1(self) -> Real:
        return real(0) if self.number == 0 else Real(self.ball().expm1())

    def log(self) -> Real:
        return real(0) if self.number == 1 else Real(self.ball().log())

    def log1p(self) -> Real:
        return real(0) if self.number == 0 else Real(self.ball().log1p())

    def tanh(self) -> Real:
        return real(0) if self.number == 0 else Real(self.ball().tanh())

    def sin(self) -> Real:
        return real(0) if self.number == 0 else Real(self.ball().sin())

    def cos(self) -> Real:
        return real(1) if self.number == 0 else Real(self.ball().cos())

    def sqrt(self) -> Real:
        """The square root, exact of a ratio of squares."""
        if self.is_exact and self.number >= 0:
            root = flint.fmpq(self.number.p.isqrt(), self.number.q.isqrt())
            if root * root == self.number:
                return Real(root)
        return real(0) if self.is_zero() else Real(self.ball().sqrt())

    def normal_cdf(self) -> Real:
        """Φ(u) = erfc(-u/√2)/2"""
        if self.number == 0:
            return real(Fraction(1, 2))
        return Real((-self.ball() / flint.arb(2).sqrt()).erfc() / 2)


@functools.lru_cache(maxsize=4096)
def _rational(numerator: int, denominator: int) -> Real:
    return Real(flint.fmpq(numerator, denominator))


def real(number: Any) -> Real:
    """A number of any kind as a `Real`; a float counts as the binary fraction that it is."""
    if isinstance(number, Real):
        return number
    if isinstance(number, float | np.floating):
        number = Fraction(float(number))
    if isinstance(number, int | np.integer):
        return _rational(int(number), 1)
    return _rational(number.numerator, number.denominator)


def exact_array(values: Any) -> Array:
    """An object array of `Real`."""
    array = np.asarray(values, dtype=object)
    return np.vectorize(real, otypes=[object])(array) if array.size else array


class ExactArithmetic:
    """Arithmetic on object arrays of `Real`; dimension symbols are bound to numbers."""

    def __init__(self, dimensions: dict[str, int]) -> None:
        self.dimensions = dimensions

    def number(self, value: sympy.Expr) -> Array:
        bound = value.subs({symbol: self.dimensions[symbol.name] for symbol in value.free_symbols})
        if bound.is_Rational:
            return exact_array(Fraction(int(bound.p), int(bound.q)))
        digits = flint.ctx.dps + 10
        return np.array(Real(flint.arb(str(sympy.N(bound, digits)), f"1e-{digits - 2}")), dtype=object)

    def shape(self, shape: Shape) -> tuple[int, ...]:
        return bound(shape, self.dimensions)

    def apply(self, row: Row, *arrays: Array) -> Array:
        return exact_array(row.value(*(np.asarray(array, dtype=object) for array in arrays)))

    def shift(self, array: Array, axis: int) -> Array:
        """An entry near the largest: which of two nearly equal ones is larger need not be decided.

        Being an entry, it leaves an exact 0 in its place: the softmax of equal numbers comes out as a fraction.
        """
        return np.take_along_axis(array, np.expand_dims(array.astype(float).argmax(axis=axis), axis), axis=axis)


def bound(shape: Shape, dimensions: dict[str, int]) -> tuple[int, ...]:
    """A shape with its symbols replaced by numbers."""
    return tuple(
        size if isinstance(size, int) else int(size.subs({s: dimensions[s.name] for s in size.free_symbols}))
        for size in shape
    )
