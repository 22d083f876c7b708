"""What a check found: the route, the step, how closely the two values agree, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One comparison of one step by one route.

    `error` is the largest difference relative to the size of the values (None where the comparison is exact or
    symbolic); `found` and `expected` are the two values where they disagree; `note` says why a route had to pass, and
    `kinks` names the steps that stand at a kink, where a disagreement is none.
    """

    route: str
    step: str
    passed: bool
    error: float | None = None
    found: str = ""
    expected: str = ""
    note: str = ""
    kinks: tuple[str, ...] = ()


def all_passed(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing disagrees."""
    return all(finding.passed for finding in findings)
