"""Arithmetic on single numbers of a printed line: exact fractions, or 60-digit reals beyond.

A number stays a `Fraction` as long as the operations are rational; roots and functions make it an `mpf`. What cannot be
done (division by zero, the root of a negative number) raises `ValueError` or `ArithmeticError`.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, Any, TypeAlias

import mpmath  # type: ignore[import-untyped, unused-ignore]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Number: TypeAlias = Any  # Fraction or mpmath.mpf, which has no types

DIGITS = 60
CANCELLED = mpmath.mpf("1e-50")  # of two reals: what remains of them below this is their rounding errors
NEGLIGIBLE = Fraction(1, 10**40)  # two 60-digit reals closer than this may be equal
LARGEST_FRACTION = 4096  # bits of an exact power
LARGEST_EXPONENT = 20_000  # bits: beyond, a number takes too long to round
LOG_OF_ZERO = "the logarithm of 0"


class Vector:
    """Several numbers at once, with an arithmetic of their own; numbers beside them hold for all of them."""

    def joined(self, number: Number) -> Vector:
        """A number as as many equal ones; a vector as it is."""
        raise NotImplementedError

    def finished(self) -> Vector:
        """The same if a line may come to each of the numbers."""
        raise NotImplementedError


class LogarithmOfZero:
    """log 0, which is no number; by continuity 0 log 0 = 0, and so it may be a factor beside 0 and nothing else."""

    def __neg__(self) -> LogarithmOfZero:
        return self


def finished(number: Number) -> Number:
    """A number that a line may come to."""
    if isinstance(number, LogarithmOfZero):
        raise ValueError(LOG_OF_ZERO)
    return number.finished() if isinstance(number, Vector) else number


def real(number: Number) -> Number:
    """A number as a 60-digit real."""
    if isinstance(number, LogarithmOfZero):
        raise ValueError(LOG_OF_ZERO)
    return mpmath.mpf(number.numerator) / number.denominator if isinstance(number, Fraction) else number


def exact(number: Number) -> Fraction:
    """The fraction that a number is (each binary real is one)."""
    if isinstance(number, Fraction):
        return number
    if isinstance(number, LogarithmOfZero):
        raise ValueError(LOG_OF_ZERO)
    mantissa, exponent = (int(part) for part in number.man_exp)
    signed = -abs(mantissa) if number < 0 else abs(mantissa)
    return Fraction(signed << exponent) if exponent >= 0 else Fraction(signed, 1 << -exponent)


def checked(number: Number) -> Number:
    """A number that can be computed with; integers become fractions."""
    if isinstance(number, int | Fraction):
        return Fraction(number)
    if isinstance(number, Vector | LogarithmOfZero):
        return number
    if not isinstance(number, mpmath.mpf):
        raise ValueError(f"a {type(number).__name__}, not a real number")
    if not mpmath.isfinite(number) or (number and abs(mpmath.mag(number)) > LARGEST_EXPONENT):
        raise ValueError("a number out of range")
    return number


def _mixed(operation: Callable[[Number, Number], Number]) -> Callable[[Number, Number], Number]:
    """`operation`, exact if both numbers are."""

    def apply(a: Number, b: Number) -> Number:
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return operation(a, b)
        if isinstance(a, Vector) or isinstance(b, Vector):
            return operation(a, b) if isinstance(a, Vector) else operation(b.joined(a), b)
        return operation(real(a), real(b))

    return apply


def root(number: Number) -> Number:
    """The square root, exact for the squares of fractions."""
    if number < 0:
        raise ValueError("the square root of a negative number")
    if isinstance(number, Fraction):
        candidate = Fraction(isqrt(number.numerator), isqrt(number.denominator))
        if candidate**2 == number:
            return candidate
    return mpmath.sqrt(real(number))


def raised(base: Number, exponent: Number) -> Number:
    """`base ** exponent`; a fractional power needs a base that is not negative."""
    if not base and exponent < 0:
        raise ValueError("division by zero")
    if exponent == Fraction(1, 2):
        return root(base)
    if exponent == int(exponent):
        power = int(exponent)
        if not isinstance(base, Fraction):
            return base**power
        bits = max(abs(base.numerator), base.denominator).bit_length()
        return base**power if bits * abs(power) <= LARGEST_FRACTION else real(base) ** power
    if base < 0:
        raise ValueError("a fractional power of a negative number")
    return real(base) ** real(exponent)


_RELATIONS: Mapping[str, Callable[[Number, Number], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
}


def indicator(relation: str) -> Callable[[Number, Number], Fraction]:
    """1 where the relation holds, else 0; refuses to decide between reals that agree to 40 digits."""

    def decide(a: Number, b: Number) -> Fraction:
        rational = isinstance(a, Fraction) and isinstance(b, Fraction)
        if not rational and abs(exact(a) - exact(b)) < NEGLIGIBLE:
            raise ValueError("a comparison that rounding decides")
        return Fraction(_RELATIONS[relation](exact(a), exact(b)))

    return decide


def known_at(function: Callable[[Number], Number], known: Mapping[int, Fraction | int]) -> Callable[[Number], Number]:
    """A transcendental function, exact at the points where its value is rational."""

    def apply(number: Number) -> Number:
        return Fraction(known[number]) if number in known else function(real(number))

    return apply


def logarithm(number: Number) -> Number:
    """The natural logarithm, exact at 1."""
    return known_at(mpmath.log, {1: 0})(number) if number else LogarithmOfZero()


ELEMENTARY: Mapping[str, Callable[..., Number]] = {
    r"\tanh": known_at(mpmath.tanh, {0: 0}),
    r"\sigma": known_at(lambda u: 1 / (1 + mpmath.exp(-u)), {0: Fraction(1, 2)}),
    r"\exp": known_at(mpmath.exp, {0: 1}),
    r"\log": logarithm,
    r"\ln": logarithm,
    r"\sin": known_at(mpmath.sin, {0: 0}),
    r"\cos": known_at(mpmath.cos, {0: 1}),
}


def _sum(operation: Callable[[Any, Any], Any]) -> Callable[[Number, Number], Number]:
    """A sum or difference; reals that cancel but for their last digits leave 0, not a sign that rounding decides."""
    mixed = _mixed(operation)

    def apply(a: Number, b: Number) -> Number:
        result = mixed(a, b)
        if isinstance(result, Fraction | Vector) or abs(result) > CANCELLED * abs(real(a)):
            return result
        return Fraction(0)

    return apply


add = _sum(operator.add)
subtract = _sum(operator.sub)
_product_of_numbers = _mixed(operator.mul)


def multiply(a: Number, b: Number) -> Number:
    """The product, exact if both numbers are; 0 log 0 is 0."""
    if isinstance(a, LogarithmOfZero) or isinstance(b, LogarithmOfZero):
        other = b if isinstance(a, LogarithmOfZero) else a
        if not isinstance(other, Vector | LogarithmOfZero) and not other:
            return Fraction(0)
    return _product_of_numbers(a, b)


def divide(a: Number, b: Number) -> Number:
    """The quotient, exact if both numbers are."""
    if not b:
        raise ValueError("division by zero")
    return _mixed(operator.truediv)(a, b)
