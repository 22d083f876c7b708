"""The sentence at the end of a sheet: what was checked, by which routes, and how closely they agree."""

from __future__ import annotations

import math
from collections import defaultdict

from derive.check import Finding, all_passed
from derive.render.templates import Words
from derive.render.words import phrase


def checked_sentence(findings: tuple[Finding, ...], words: Words) -> str:
    """One sentence for each route; a failure is named."""
    by_route: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_route[finding.route].append(finding)
    head = words["checks"]["passed" if all_passed(findings) else "failed"]
    parts = []
    for route, found in by_route.items():
        text = words["checks"].get(route, route)
        errors = [finding.error for finding in found if finding.error is not None]
        parts.append(phrase(text, count=str(len(found)), error=_power_of_ten(max(errors, default=0.0))))
    failures = [f"{finding.step} ({finding.route})" for finding in findings if not finding.passed]
    failed = phrase(" Disagreement: {steps}.", steps=phrase(", ".join(failures))) if failures else ""
    return f"{phrase(head)}: {'; '.join(parts)}.{failed}"


def _power_of_ten(error: float) -> str:
    r"""2.3e-16 as $2\\cdot10^{-16}$."""
    if error == 0:
        return "$0$"
    exponent = math.floor(math.log10(error))
    return rf"${math.ceil(error / 10**exponent)}\cdot10^{{{exponent}}}$"
