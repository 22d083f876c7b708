"""One symbol, one meaning: what a sheet says of a symbol in two places must be the same thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from derive.check.exact_arrays import exact as exact_fraction
from derive.check.latex_document import spelling
from derive.check.report import Finding
from derive.check.values import Expected, disagreement

if TYPE_CHECKING:
    from derive.check.printed import Promised

FORMULAS = "formulas"


def check_meanings(promised: Iterable[Promised]) -> Iterator[Finding]:
    """A finding for each line whose symbol stands for something else in a line before it."""
    known: dict[tuple[str, ...], Promised] = {}
    for promise in promised:
        if not promise.formula:
            continue
        first = known.setdefault(spelling(promise.symbol), promise)
        if any(_differ(one, other) for one, other in zip(first.formula, promise.formula, strict=True)):
            expected = f"another symbol than that of {first.name}"
            yield Finding(FORMULAS, promise.name, False, None, promise.symbol, expected)


def _differ(one: Expected | None, other: Expected | None) -> bool:
    if one is None or other is None or one is other:
        return False
    values = one.values.copy()
    for index in range(values.size):
        values.flat[index] = exact_fraction(values.flat[index])
    slack = max(one.slack, other.slack)
    return disagreement(values, Expected(other.values, 2 * slack)) is not None
