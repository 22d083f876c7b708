"""The paragraph at the end of a sheet: what was checked, by which routes, how closely they agree; what is chosen."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable

from derive.check import Finding, all_passed
from derive.render.templates import Words
from derive.render.words import form, phrase


def checked_sentence(findings: tuple[Finding, ...], words: Words, symbol: Callable[[str], str]) -> str:
    """A clause for each route, a failure by its name; then a sentence on what stands at a kink, by its symbol."""
    by_route: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_route[finding.route].append(finding)
    head = words["checks"]["passed" if all_passed(findings) else "failed"]
    parts = []
    for route, found in by_route.items():
        text = words["checks"].get(route, route)
        errors = [finding.error for finding in found if finding.error is not None]
        parts.append(
            phrase(form(text, len(found)), count=str(len(found)), error=_power_of_ten(max(errors, default=0.0)))
        )
    failures = [f"{finding.step} ({finding.route})" for finding in findings if not finding.passed]
    failed = phrase(" Disagreement: {steps}.", steps=phrase(", ".join(failures))) if failures else ""
    return f"{phrase(head)}: {'; '.join(parts)}.{failed}{_at_kinks(findings, words, symbol)}"


def _at_kinks(findings: tuple[Finding, ...], words: Words, symbol: Callable[[str], str]) -> str:
    """That a derivative which the routes do not share is a convention; nothing where all agree."""
    names = dict.fromkeys(name for finding in findings for name in finding.kinks)
    if not names:
        return ""
    return " " + phrase(words["words"]["at_kinks"], symbols=", ".join(f"${symbol(name)}$" for name in names))


def _power_of_ten(error: float) -> str:
    r"""2.3e-16 as $2\\cdot10^{-16}$."""
    if error == 0:
        return "$0$"
    exponent = math.floor(math.log10(error))
    digit = math.ceil(error / 10**exponent)
    if digit == 10:
        digit, exponent = 1, exponent + 1
    return rf"${digit}\cdot10^{{{exponent}}}$"
