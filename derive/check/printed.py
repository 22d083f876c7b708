"""Routes 5 and 6: the printed document itself. Its digits against exact values, its lines against themselves.

The finished LaTeX is read again: every `derivation` in it gives the symbol, the parts between the equals signs and the
result. Digits must lie within half a unit of the exact value; the part with numbers must recompute to the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.check.report import Finding
from derive.check.reread import ELEMENTARY, ReadingError, places_printed, read, recompute
from derive.evaluate import Real, real
from derive.ops import Array

DIGITS = "digits"
LINES = "lines"
PART = re.compile(r"\\(equals|more)(?=\{)")


@dataclass(frozen=True)
class Promised:
    """What a sheet says it prints: the quantity, its symbol, its exact value (None: symbolic or blank).

    `substituted`: the line shows numbers; `complete`: all entries are printed.
    """

    name: str
    symbol: str
    exact: Array | None
    substituted: bool
    complete: bool = True


@dataclass(frozen=True)
class Derivation:
    """A line as it stands in the document."""

    symbol: str
    parts: tuple[str, ...]
    result: str | None


def check_document(
    promised: Sequence[Promised], tex: str, functions: Mapping[str, Any], matrix_functions: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Findings for every line of a document; a line that the template leaves out is one that fails."""
    found = list(derivations(tex))
    if len(found) != len(promised):
        note = f"{len(found)} derivations in the document", f"{len(promised)} derivations"
        return (Finding(LINES, "template", False, None, *note),)
    findings: list[Finding] = []
    for line, promise in zip(found, promised, strict=True):
        if line.symbol != promise.symbol:
            findings.append(Finding(LINES, promise.name, False, None, line.symbol, promise.symbol))
        elif promise.exact is not None and promise.complete:
            findings += _check_line(line, promise, {**ELEMENTARY, **functions}, matrix_functions)
    return tuple(findings)


def _check_line(
    line: Derivation, promise: Promised, functions: Mapping[str, Any], matrix_functions: Mapping[str, Any]
) -> Iterable[Finding]:
    if line.result is None:
        yield Finding(LINES, promise.name, False, None, "no result", "a result")
        return
    assert promise.exact is not None
    yield check_digits(promise.name, line.result, promise.exact)
    if not promise.substituted:
        return
    try:
        again = recompute(line.parts[-1], line.result, functions, matrix_functions)
    except ReadingError as error:
        yield Finding(LINES, promise.name, False, None, line.parts[-1], "numbers that can be read again", str(error))
        return
    yield Finding(LINES, promise.name, again.passed, None, "" if again.passed else again.sentence)


def check_digits(name: str, tex: str, exact: Array) -> Finding:
    """Every printed number within half a unit of its last digit of the exact value."""
    try:
        printed, places = read(tex), places_printed(tex)
    except ReadingError as error:
        return Finding(DIGITS, name, False, None, tex, "decimals", str(error))
    if printed.size != exact.size:
        return Finding(DIGITS, name, False, None, f"{printed.size} numbers", f"{exact.size} numbers")
    for digits, decimals, value in zip(printed.ravel().tolist(), places.flat, exact.flat, strict=True):
        if not _within_half_a_unit(Fraction(digits), int(decimals), real(value)):
            return Finding(DIGITS, name, False, None, str(float(digits)), f"{float(value):.12g}")
    return Finding(DIGITS, name, True)


def _within_half_a_unit(printed: Fraction, places: int, value: Real) -> bool:
    difference = abs(value - real(printed)) - real(Fraction(1, 2 * 10**places))
    return bool(difference.number <= 0)


def derivations(tex: str) -> Iterable[Derivation]:
    r"""Every \begin{derivation}{symbol} ... \end{derivation}: its parts \equals{...}, each with its \more{...}."""
    body = tex[tex.find(r"\begin{document}") :]
    for match in re.finditer(r"\\begin\{derivation\}", body):
        symbol, position = _group(body, match.end())
        end = body.index(r"\end{derivation}", position)
        parts = []
        while found := PART.search(body, position, end):
            part, position = _group(body, found.end())
            if found[1] == "equals":
                parts.append(part)
            else:
                parts[-1] += " " + part
        result = None
        if parts and parts[-1].startswith(r"\result"):
            result, _ = _group(parts.pop(), len(r"\result"))
        yield Derivation(symbol, tuple(parts), result)


def _group(text: str, start: int) -> tuple[str, int]:
    """The content of the {...} that begins at `start`, and the position behind it."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] == "\\":
            continue
        escaped = position > 0 and text[position - 1] == "\\"
        depth += {"{": 1, "}": -1}.get(text[position], 0) if not escaped else 0
        if depth == 0:
            return text[start + 1 : position], position + 1
    raise ValueError("unbalanced braces")
