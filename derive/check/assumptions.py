"""What a step assumes, confirmed on the numbers: targets that must sum to 1 do."""

from __future__ import annotations

import numpy as np

from derive.check.differences import compare
from derive.check.report import Finding
from derive.evaluate import Values
from derive.program import Program

ROUTE = "assumption"
TOLERANCE = 1e-12


def check_assumptions(program: Program, values: Values) -> tuple[Finding, ...]:
    """A finding for each assumption of each step (`sum:t:-1`: the entries of t sum to 1 along the last axis)."""
    findings = []
    for step in program.steps:
        for note in step.assumptions:
            _, name, axis = note.split(":")
            totals = values[name].sum(axis=int(axis))
            findings.append(compare(ROUTE, f"{step.name}: {name} sums to 1", totals, np.ones_like(totals), TOLERANCE))
    return tuple(findings)
