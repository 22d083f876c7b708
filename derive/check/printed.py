r"""Routes 5 to 7: the printed document itself. Its digits against exact values, its lines and formulas by evaluation.

The finished LaTeX is read again: every `derivation` in it gives the symbol, the parts between the equals signs and the
result. Digits must lie within half a unit of the exact value; the part with numbers must recompute to the result; the
formula in symbols, and every part of a local Jacobian, must give the value of what it says it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.check.exact_arrays import Array as Exact
from derive.check.exact_arrays import exact as exact_fraction
from derive.check.exact_arrays import shape_text
from derive.check.report import Finding
from derive.check.reread import ELEMENTARY, ReadingError, places_printed, read, recompute, split_equalities
from derive.evaluate import Real, real
from derive.ops import Array

DIGITS = "digits"
LINES = "lines"
FORMULAS = "formulas"
TOLERANCE = Fraction(1, 10**12)
NOISE = Fraction(1, 10**25)  # of the largest entry: where the terms of a formula cancel, nothing else remains
SMALLEST = Fraction(1, 10**10)  # what counts as the largest entry where all are zero
PART = re.compile(r"\\(equals|more)(?=\{)")


@dataclass(frozen=True, eq=False)
class Expected:
    """What a formula must give at a point: to within `slack`, or to twelve digits where that is zero."""

    values: Exact
    slack: Fraction = Fraction(0)


@dataclass(frozen=True)
class Promised:
    """What a sheet says it prints: the quantity, its symbol, its exact value (None: symbolic or blank).

    `substituted`: the line shows numbers; `complete`: all entries are printed; `formula`: the line shows a formula in
    symbols, with what it must give at each point (None: it is not defined there).
    """

    name: str
    symbol: str
    exact: Array | None
    substituted: bool
    complete: bool = True
    formula: Sequence[Expected | None] = ()


@dataclass(frozen=True)
class Reading:
    """All that is needed to read a document again: what it promises, and what the names in it stand for.

    `jacobians` are the lines of local Jacobians; each of `points` holds numbers for all quantities by their symbols.
    """

    lines: Sequence[Promised]
    jacobians: Sequence[Promised] = ()
    functions: Mapping[str, Any] = field(default_factory=dict)
    matrix_functions: Mapping[str, Any] = field(default_factory=dict)
    points: Sequence[Mapping[str, Exact]] = ()

    @property
    def all_functions(self) -> Mapping[str, Any]:
        """Those of the sheet and the elementary ones, whose own definitions go first."""
        return {**self.functions, **ELEMENTARY}


@dataclass(frozen=True)
class Derivation:
    """A line as it stands in the document."""

    symbol: str
    parts: tuple[str, ...]
    result: str | None


def check_document(reading: Reading, tex: str) -> tuple[Finding, ...]:
    """Findings for every line of a document; a line that the template leaves out is one that fails."""
    findings: list[Finding] = []
    for route, kind, found, promised in (
        (LINES, "derivations", list(derivations(tex)), reading.lines),
        (FORMULAS, "local Jacobians", list(local_jacobians(tex)), reading.jacobians),
    ):
        if len(found) != len(promised):
            note = f"{len(found)} {kind} in the document", f"{len(promised)} {kind}"
            return (*findings, Finding(route, "template", False, None, *note))
        for line, promise in zip(found, promised, strict=True):
            if line.symbol != promise.symbol:
                findings.append(Finding(route, promise.name, False, None, line.symbol, promise.symbol))
                continue
            if promise.exact is not None and promise.complete:
                findings += _check_line(line, promise, reading)
            if promise.formula:
                findings += _check_formulas(line, promise, reading, all_parts=route == FORMULAS)
    return tuple(findings)


def _check_formulas(line: Derivation, promise: Promised, reading: Reading, *, all_parts: bool) -> Iterable[Finding]:
    """The formula of a line, in front of the numbers (and behind a chain of derivatives by name); or all its parts."""
    parts = line.parts[: len(line.parts) - promise.substituted]
    if not parts or all(expected is None for expected in promise.formula):
        yield Finding(FORMULAS, promise.name, False, None, " = ".join(line.parts), "a formula that has a value")
        return
    for tex in parts if all_parts else parts[-1:]:
        yield _check_formula(promise.name, tex, promise, reading)


def _check_line(line: Derivation, promise: Promised, reading: Reading) -> Iterable[Finding]:
    if line.result is None:
        yield Finding(LINES, promise.name, False, None, "no result", "a result")
        return
    assert promise.exact is not None
    yield check_digits(promise.name, line.result, promise.exact)
    if not promise.substituted:
        return
    try:
        again = recompute(line.parts[-1], line.result, reading.all_functions, reading.matrix_functions)
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
    difference = abs(value.settled() - real(printed)) - real(Fraction(1, 2 * 10**places))
    return bool(difference.number <= 0)


def _check_formula(name: str, tex: str, promise: Promised, reading: Reading) -> Finding:
    """A formula evaluated at every point where it is defined."""
    for symbols, expected in zip(reading.points, promise.formula, strict=True):
        if expected is None:
            continue
        try:
            values = read(tex, reading.all_functions, reading.matrix_functions, symbols)
        except ReadingError as error:
            return Finding(FORMULAS, name, False, None, tex, "a formula that can be read again", str(error))
        if disagreement := _disagreement(values, expected):
            return Finding(FORMULAS, name, False, None, f"{tex} = {disagreement[0]}", disagreement[1])
    return Finding(FORMULAS, name, True)


def _disagreement(values: Exact, expected: Expected) -> tuple[str, str] | None:
    """The first entry that a formula gives and the one that it must give, where they differ."""
    if values.shape != expected.values.shape:
        return f"an array of {shape_text(values)}", f"an array of {shape_text(expected.values)}"
    wanted = [exact_fraction(number) for number in expected.values.flat]
    noise = NOISE * max(SMALLEST, *map(abs, wanted))
    for number, value in zip(values.flat, wanted, strict=True):
        if number != value and abs(exact_fraction(number) - value) > (expected.slack or abs(value) * TOLERANCE) + noise:
            return f"{float(number):.12g}", f"{float(value):.12g}"
    return None


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


def local_jacobians(tex: str) -> Iterable[Derivation]:
    r"""Every \local{symbol = part = part}."""
    body = tex[tex.find(r"\begin{document}") :]
    for match in re.finditer(r"\\local(?=\{)", body):
        content, _ = _group(body, match.end())
        try:
            symbol, *parts = split_equalities(content)
        except ReadingError:
            symbol, parts = content, []
        yield Derivation(symbol, tuple(parts), None)


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
