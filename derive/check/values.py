"""What a formula must give, and where it gives something else."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.check.exact_arrays import Array as Exact
from derive.check.exact_arrays import exact as exact_fraction
from derive.check.exact_arrays import shape_text

TOLERANCE = Fraction(1, 10**12)
NOISE = Fraction(1, 10**25)  # of the largest entry: where the terms of a formula cancel, nothing else remains
SMALLEST = Fraction(1, 10**10)  # what counts as the largest entry where all are zero


@dataclass(frozen=True, eq=False)
class Expected:
    """What a formula must give at a point: to within `slack`, or to twelve digits where that is zero."""

    values: Exact
    slack: Fraction = Fraction(0)


def disagreement(values: Exact, expected: Expected) -> tuple[str, str] | None:
    """The first entry that a formula gives and the one that it must give, where they differ."""
    if values.shape != expected.values.shape:
        return f"an array of {shape_text(values)}", f"an array of {shape_text(expected.values)}"
    wanted = [exact_fraction(number) for number in expected.values.flat]
    noise = NOISE * max(SMALLEST, *map(abs, wanted))
    for number, value in zip(values.flat, wanted, strict=True):
        if number != value and abs(exact_fraction(number) - value) > (expected.slack or abs(value) * TOLERANCE) + noise:
            return f"{float(number):.12g}", f"{float(value):.12g}"
    return None
