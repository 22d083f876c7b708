"""Decimals on paper: rounded half away from zero, only digits that are certain, never -0.00, ties told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import flint
import numpy as np

from derive.evaluate.exact import Real, exact_array, real
from derive.ops import Array
from derive.program import Role, Step

MOST_PLACES = 30


class Uncertain(ArithmeticError):
    """The precision at hand does not determine the last digit."""


@dataclass(frozen=True)
class Decimal:
    """A decimal as it is printed: `units` of 10**-places."""

    units: int
    places: int

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.units, 10**self.places)

    def __str__(self) -> str:
        digits = f"{abs(self.units):0{self.places + 1}d}"
        whole, decimals = digits[: len(digits) - self.places], digits[len(digits) - self.places :]
        return ("-" if self.units < 0 else "") + whole + (f".{decimals}" if decimals else "")


def round_half_away(number: Real, places: int) -> Decimal:
    """The nearest decimal, halves away from zero; raises `Uncertain` if the ball allows two."""
    if number.is_exact:
        scaled = abs(number.number) * 10**places + flint.fmpq(1, 2)
        units = int(scaled.floor())
        return Decimal(-units if number.number < 0 else units, places)
    scaled = number.number * flint.arb(10) ** places + flint.arb(1) / 2
    unique = scaled.floor().unique_fmpz()
    if unique is None:
        raise Uncertain(f"{number} to {places} places")
    return Decimal(int(unique), places)


def is_tie(number: Real, places: int) -> bool:
    """Whether the number lies exactly half way between two decimals."""
    number = number.settled()
    if not number.is_exact:
        return False
    doubled = number.number * 2 * 10**places
    return bool(doubled.q == 1 and doubled.p % 2 == 1)


def printed(values: Array, places: int) -> Array:
    """The decimals of a whole quantity, all with the same places: one digit more while an entry is an exact tie.

    A quantity of whole numbers (the slope of a ReLU) prints without decimals.
    """
    if all(number.is_exact and number.number.q == 1 for number in values.flat):
        return rounded(values, 0)
    while places < MOST_PLACES:
        if not any(is_tie(number, places) for number in values.flat):
            try:
                return rounded(values, places)
            except Uncertain:  # a ball about a tie, which no precision decides
                pass
        places += 1
    return rounded(values, places)


def rounded(values: Array, places: int, *, decided: bool = True) -> Array:
    """The decimals of a quantity at fixed places; unless `decided`, of a ball about a tie those of its middle."""
    result = np.empty(values.shape, dtype=object)
    for index, number in np.ndenumerate(values):
        try:
            result[index] = round_half_away(number, places)
        except Uncertain:
            if decided:
                raise
            result[index] = round_half_away(real(Fraction(str(number.number.mid().str(40, radius=False)))), places)
    return result


def as_real(decimals: Array) -> Array:
    """Printed decimals as exact numbers."""
    return exact_array(np.vectorize(lambda decimal: decimal.fraction, otypes=[object])(decimals))


def carry_rounded(places: int) -> Callable[[Step, Array], Array]:
    """The rule of a student who rounds every line before going on; the result of each step, halves away from zero."""

    def after(step: Step, value: Array) -> Array:
        return value if step.role in (Role.JACOBIAN, Role.WAY) else as_real(rounded(value, places, decided=False))

    return after
