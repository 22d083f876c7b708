"""A comparison as text: formulas in the equation language, where two of them differ, decimals, JSON."""

from __future__ import annotations

import difflib
import re
from typing import Any

from derive.compare.rows import Comparison
from derive.ops import Array
from derive.program import Step

Span = tuple[int, int]
_TOKEN = re.compile(r"d\w+/d\w+|\w+(?:\.\w+)?'?|\*\*|\s+|.")


def formula_text(step: Step | None) -> str:
    """The right-hand side as an author would write it; empty where there is none."""
    return str(step.formula) if step else ""


def differences(left: str, right: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The places, as (start, end), of what stands in one text and not in the other, symbol by symbol."""
    tokens = _TOKEN.findall(left), _TOKEN.findall(right)
    starts = [[sum(map(len, side[:number])) for number in range(len(side) + 1)] for side in tokens]
    found: tuple[list[Span], list[Span]] = ([], [])
    for kind, a, b, c, d in difflib.SequenceMatcher(None, *tokens, autojunk=False).get_opcodes():
        if kind != "equal":
            found[0].append((starts[0][a], starts[0][b]))
            found[1].append((starts[1][c], starts[1][d]))
    one, other = (tuple(span for span in spans if span[0] < span[1]) for spans in found)
    return one, other


def decimals_text(values: Array) -> str:
    """`0.25`, `[0.25 1.00]`, `[[0.25 1.00] [0.50 0.75]]`"""
    if values.ndim == 0:
        return str(values[()])
    return (
        f"[{', '.join(decimals_text(row) for row in values[:])}]"
        if values.ndim > 1
        else f"[{', '.join(map(str, values))}]"
    )


def comparison_data(comparison: Comparison, everything: bool = False) -> dict[str, Any]:
    """The comparison for `derive compare --json`."""
    rows = comparison.rows if everything else comparison.changes
    return {
        "problems": [side.problem.name for side in comparison.sides],
        "passed": comparison.passed,
        "steps": [
            {
                "quantity": row.name,
                "pass": row.section,
                "change": row.change,
                "formulas": [str(step.formula) if step else None for step in (row.left, row.right)],
            }
            for row in rows
        ],
        "numbers": [
            {"quantity": row.name, "values": [decimals_text(values) for values in row.values]}
            for row in comparison.numbers
        ],
    }
