"""One symbol, one meaning: what has the symbol of a total derivative on the same sheet must be that derivative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from derive.check.exact_arrays import exact as exact_fraction
from derive.check.latex_document import spelling
from derive.check.report import Finding
from derive.check.values import Expected, disagreement

if TYPE_CHECKING:
    from derive.check.promises import Promised

FORMULAS = "formulas"


def check_meanings(lines: Sequence[Promised], jacobians: Sequence[Promised]) -> Iterator[Finding]:
    """A finding for each line, and for each local Jacobian, with the symbol of a total derivative that it is not."""
    totals = {spelling(line.symbol): line for line in lines if line.total}
    for promise, is_local in (*((line, False) for line in lines), *((local, True) for local in jacobians)):
        total = totals.get(spelling(promise.symbol))
        if total is None or promise is total:
            continue
        if promise.name != total.name or (is_local and _differs(promise, total)):
            expected = f"another symbol than that of {total.name}, the total derivative"
            yield Finding(FORMULAS, promise.name, False, None, promise.symbol, expected)


def _differs(promise: Promised, total: Promised) -> bool:
    points = zip(promise.formula, total.formula, strict=False)
    return any(_differ(one, other) for one, other in points if one is not None and other is not None)


def _differ(one: Expected, other: Expected) -> bool:
    values = one.values.copy()
    for index in range(values.size):
        values.flat[index] = exact_fraction(values.flat[index])
    return disagreement(values, Expected(other.values, one.slack + other.slack)) is not None
