"""Exact numbers on paper: what prints as the fraction that it is, and what is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from derive.evaluate.exact import LARGEST_DENOMINATOR, Real, real
from derive.evaluate.rounding import Decimal, printed, round_half_away
from derive.ops import Array
from derive.spec import Problem
from derive.spec.numbers import Literal
from derive.spec.variation import Each, OneOf


@dataclass(frozen=True)
class Ratio:
    """A number that is printed as a fraction in lowest terms: `-2/3`."""

    fraction: Fraction

    def __str__(self) -> str:
        return str(self.fraction)


@dataclass(frozen=True)
class Style:
    """How computed numbers are printed: rounded to `places`, or with `fractions` exactly where they are simple.

    `as_decimals`: simple numbers all of whose decimals end within the places are decimals, as the given ones are.
    """

    places: int
    fractions: bool = False
    as_decimals: bool = False

    def printed(self, values: Array) -> Array:
        """The numbers of a whole quantity as they are printed."""
        return self.exactly(values) if self.prints_exactly(values) else printed(values, self.places)

    def prints_exactly(self, values: Array) -> bool:
        """Whether a quantity prints without any rounding, as all its entries are simple."""
        return self.fractions and are_simple(values)

    def exactly(self, values: Array) -> Array:
        """Simple numbers: whole ones bare, the others as fractions or, all of them, as decimals."""
        numbers = np.empty(values.shape, dtype=object)
        numbers.flat[:] = [simple_fraction(number) for number in values.flat]
        return self.written(numbers)

    def written(self, numbers: Array) -> Array:
        """The same from an array of `Fraction`."""
        ends = self.as_decimals and all(10**self.places % number.denominator == 0 for number in numbers.flat)
        result = np.empty(numbers.shape, dtype=object)
        result.flat[:] = [_written(number, ends) for number in numbers.flat]
        return result


def style_of(problem: Problem) -> Style:
    """How a problem prints what is computed; its own numbers say whether one half is 0.5 or 1/2."""
    rounding = problem.rounding
    return Style(rounding.places, rounding.fractions, rounding.fractions and _has_decimals(problem))


def are_simple(values: Array) -> bool:
    """Whether all entries are fractions with denominators of at most `LARGEST_DENOMINATOR`."""
    settled = (number.settled() for number in values.flat)
    return all(number.is_exact and number.number.q <= LARGEST_DENOMINATOR for number in settled)


def gives(number: Real, entry: Decimal | Ratio) -> bool:
    """Whether a computed number is the one that is printed: a decimal when it is rounded, a fraction as it is."""
    if isinstance(entry, Decimal):
        return round_half_away(number, entry.places) == entry
    wanted = real(entry.fraction)
    return number == wanted if number.is_exact else bool(number.ball().contains(wanted.number))


def simple_fraction(number: Real) -> Fraction:
    """A number that is known to be a fraction as that."""
    settled = number.settled()
    return Fraction(int(settled.number.p), int(settled.number.q))


def _written(number: Fraction, as_decimal: bool) -> Decimal | Ratio:
    """A whole number bare, a decimal with the digits that it has."""
    if not as_decimal and number.denominator > 1:
        return Ratio(number)
    places = next(places for places in range(number.denominator) if 10**places % number.denominator == 0)
    return Decimal(int(number * 10**places), places)


def _has_decimals(problem: Problem) -> bool:
    """Whether a given number has a decimal point: the same for all students, who may get others than the file has."""
    given: dict[str, list[Literal | None]] = {given.name: [given.value] for given in problem.givens}
    if problem.update:
        given[problem.update.symbol] = [problem.update.learning_rate]
    for choice in problem.vary.choices:
        if isinstance(choice, Each):
            given[choice.name] = [choice.numbers]
        elif isinstance(choice, OneOf):
            given |= {name: [option[name] for option in choice.options] for name in choice.options[0]}
    literals = [literal for found in given.values() for literal in found]
    return any(_is_decimal(text) for literal in literals if isinstance(literal, Literal) for text in literal.text.flat)


def _is_decimal(text: str) -> bool:
    return "." in text or "e-" in text.lower()
