r"""Routes 5 to 7: the printed document itself. Its digits against exact values, its lines and formulas by evaluation.

The finished LaTeX is read again. Digits must lie within half a unit of the exact value; the part with numbers must
recompute to the result; the formula in symbols, and every part of a local Jacobian, must give the value of what it says
it is. The chain in front of a formula, the words of a step, the given numbers, table and graph, and the boxes of a
worksheet have readers of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from derive.check.blanks import Hidden, check_blank, check_numbers, check_words
from derive.check.chains import CHAIN, Network, check_chain, split_direct
from derive.check.exact_arrays import Array as Exact
from derive.check.figures import DIGITS, Figures, Given, check_digits, check_givens, check_table
from derive.check.graphs import check_picture
from derive.check.latex_document import (
    Derivation,
    Document,
    equation,
    result_and_shape,
    shape_of,
    spelling,
    take_apart,
)
from derive.check.latex_values import First
from derive.check.meanings import check_meanings
from derive.check.question_terms import Asked, Functions
from derive.check.questions import check_questions
from derive.check.report import Finding
from derive.check.reread import ELEMENTARY, ReadingError, read, recompute
from derive.check.shapes import read_shape
from derive.check.statements import Stated, Wording, check_statements
from derive.check.values import Expected, disagreement
from derive.evaluate import are_simple
from derive.ops import Array

__all__ = ["DIGITS", "FORMULAS", "LINES", "Expected", "Promised", "Reading", "check_document"]

LINES = "lines"
FORMULAS = "formulas"


@dataclass(frozen=True)
class Promised:
    """What a sheet says it prints: the quantity, its symbol, its exact value (None: symbolic or blank).

    `substituted`: the line shows numbers; `complete`: all entries are printed; `formula`: the line shows a formula in
    symbols, with what it must give at each point (None: it is not defined there). `shape` is that on paper, where it is
    known in numbers; `chain` the symbols of the loss and of the quantity by which it is differentiated. If `chained`,
    named factors must stand there; `direct` is what the share must give that enters the loss without them. A `blank`
    line of a worksheet leaves room for the result, others state a formula; `value` is what the numbers of either give,
    `constants` are those of its formula. Where the quantity is an entry of another one, `whole` holds that by its
    symbol at each point. `total`: the line states a Jacobian that is asked for.
    """

    name: str
    symbol: str
    exact: Array | None
    substituted: bool
    complete: bool = True
    formula: Sequence[Expected | None] = ()
    shape: tuple[int, int] | None = None
    chain: tuple[str, str] | None = None
    chained: bool = False
    direct: Sequence[Expected | None] = ()
    blank: bool = False
    value: Expected | None = None
    constants: frozenset[Fraction] = frozenset()
    whole: Sequence[Mapping[str, Exact]] = ()
    total: bool = False


@dataclass(frozen=True)
class Reading:
    """All that is needed to read a document again: what it promises, and what the names in it stand for.

    `jacobians` are the lines of local Jacobians; each of `points` holds numbers for all quantities by their symbols.
    `defining` are the functions that definitions are written with, `wordings` what the words of each step may say,
    `symbols` what may stand between the steps, `conventions` the equations that must stand there, `hidden` what a
    worksheet must not print. A `listed` sheet, the key, has results only. `totals` are the pairs of symbols whose total
    derivative stands on the sheet. `asked` holds the questions, where there are any. `first` is the index of the first
    row and column of the symbols that do not count both from 1. In `denominator` layout chains of factors end with
    that of the loss.
    """

    lines: Sequence[Promised]
    jacobians: Sequence[Promised] = ()
    functions: Mapping[str, Any] = field(default_factory=dict)
    matrix_functions: Mapping[str, Any] = field(default_factory=dict)
    points: Sequence[Mapping[str, Exact]] = ()
    defining: Mapping[str, Any] = field(default_factory=dict)
    wordings: Sequence[Wording] = ()
    symbols: frozenset[str] = frozenset()
    conventions: Sequence[Stated] = ()
    givens: Sequence[Given] = ()
    figures: Figures = field(default_factory=Figures)
    hidden: Hidden | None = None
    listed: bool = False
    asked: Asked | None = None
    first: First = field(default_factory=dict)
    denominator: bool = False
    totals: frozenset[tuple[str, str]] = frozenset()

    @property
    def all_functions(self) -> Mapping[str, Any]:
        """Those of the sheet and the elementary ones, whose own definitions go first."""
        return {**self.functions, **ELEMENTARY}

    @cached_property
    def network(self) -> Network:
        """Which quantity is computed from which."""
        return Network(self.figures.uses, self.totals)


def check_document(reading: Reading, tex: str) -> tuple[Finding, ...]:
    """Findings for everything that a document prints; a line that the template leaves out is one that fails."""
    document = take_apart(tex)
    findings: list[Finding] = []
    for route, kind, found, promised in (
        (LINES, "derivations", listed(document) if reading.listed else document.derivations, reading.lines),
        (FORMULAS, "local Jacobians", document.local_jacobians, reading.jacobians),
    ):
        if len(found) != len(promised):
            note = f"{len(found)} {kind} in the document", f"{len(promised)} {kind}"
            return (*findings, Finding(route, "template", False, None, *note))
        for line, promise in zip(found, promised, strict=True):
            if spelling(line.symbol) != spelling(promise.symbol):
                findings.append(Finding(route, promise.name, False, None, line.symbol, promise.symbol))
            elif route == FORMULAS:
                findings += _check_formulas(line, line.parts, promise, reading)
            else:
                findings += _check_line(line, promise, reading)
    findings += check_meanings(reading.lines, reading.jacobians)
    return (*findings, *_check_rest(document, reading, tex))


def _check_rest(document: Document, reading: Reading, tex: str) -> Iterator[Finding]:
    """What stands beside the lines: given numbers, words, table and graph."""
    yield from check_givens(document, reading.givens)
    functions = {**reading.defining, **reading.all_functions}
    kinds = functions, reading.matrix_functions
    yield from check_statements(document, reading.wordings, reading.symbols, *kinds, reading.conventions)
    for table in document.pieces("tabular"):
        yield from check_table(table, reading.figures)
    for picture in document.pieces("tikzpicture"):
        yield from check_picture(picture, reading.figures)
    if reading.hidden:
        yield from check_words(document, reading.hidden)
    if reading.asked:
        yield from check_questions(reading.asked, tex, Functions(reading.all_functions, reading.matrix_functions))


def listed(document: Document) -> tuple[Derivation, ...]:
    r"""The results of a key: every \fitted{symbol = \result{...}}; a formula where there is no number."""
    return tuple(listed_line(piece) for piece in document.pieces("fitted") if r"\result{" in piece)


def listed_line(piece: str) -> Derivation:
    r"""symbol = \result{...}"""
    start = piece.index(r"\result{")
    result, shape = result_and_shape(piece[start:])
    return Derivation(equation(f"{piece[:start]}0").symbol, (result,), None, shape)


# ------------------------------------------------------------------------------------------------ one line


def _check_line(line: Derivation, promise: Promised, reading: Reading) -> Iterator[Finding]:
    if reading.listed and not promise.formula and line.parts:
        line = Derivation(line.symbol, (), line.parts[0], line.shape)
    symbols = line.parts[: len(line.parts) - promise.substituted]
    chains = symbols[:-1] if promise.formula else symbols
    for chain in chains or (symbols if promise.chained else ()):  # a formula may be the chain itself
        yield from _check_named_factors(chain, promise, reading)
    yield from _check_shape(line, promise, reading)
    if promise.blank:
        yield check_blank(promise.name, line.result, promise.shape)
    elif promise.exact is not None:
        yield from _check_result(line, promise.exact, promise, reading)
    elif line.result is not None:
        yield Finding(LINES, promise.name, False, None, line.result, "no result")
    if promise.substituted and reading.hidden and line.parts:  # numbers of a worksheet, with or without room behind
        yield check_numbers(promise.name, line.parts[-1], reading.hidden, promise.constants)
        yield from _check_value(line.parts[-1], promise, reading)
    if promise.formula:
        yield from _check_formulas(line, symbols[-1:], promise, reading)
        if promise.whole:
            yield _check_formula(promise.name, line.symbol, promise, reading, promise.whole)


def _check_named_factors(tex: str, promise: Promised, reading: Reading) -> Iterator[Finding]:
    """What stands in front of a formula in symbols is the chain rule by name, and what enters the loss directly."""
    if promise.chain is None:
        yield Finding(CHAIN, promise.name, False, None, tex, "the formula alone")
        return
    chain, direct = split_direct(tex) if promise.direct else (tex, "")
    least = 2 if promise.symbol.startswith(r"\frac") else 1  # one factor says what a symbol such as delta stands for
    layout, loss, quantity = reading.denominator, *promise.chain
    yield check_chain(
        promise.name, chain, reading.network, loss, quantity, least, denominator=layout, direct=bool(direct)
    )
    if direct:
        yield _check_formula(promise.name, direct, replace(promise, formula=promise.direct), reading)


def _check_formulas(
    line: Derivation, formulas: Sequence[str], promise: Promised, reading: Reading
) -> Iterator[Finding]:
    """Formulas in symbols for one quantity, at least one of them."""
    if not formulas or all(expected is None for expected in promise.formula):
        yield Finding(FORMULAS, promise.name, False, None, " = ".join(line.parts), "a formula that has a value")
    else:
        yield from (_check_formula(promise.name, tex, promise, reading) for tex in formulas)


def _check_result(line: Derivation, exact: Array, promise: Promised, reading: Reading) -> Iterable[Finding]:
    if line.result is None:
        yield Finding(LINES, promise.name, False, None, "no result", "a result")
        return
    yield check_digits(promise.name, line.result, exact, fractions=reading.figures.fractions)
    if not promise.substituted or not promise.complete:
        return
    exactly = reading.figures.fractions and are_simple(exact)
    yield check_numbers_of_line(promise.name, line.parts[-1], line.result, reading, exactly=exactly)


def check_numbers_of_line(
    name: str, substituted: str, result: str, reading: Reading, *, exactly: bool = False
) -> Finding:
    """The numbers of a line give its result."""
    functions = reading.all_functions, reading.matrix_functions
    try:
        again = recompute(substituted, result, *functions, exactly=exactly)
    except ReadingError as error:
        return Finding(LINES, name, False, None, substituted, "numbers that can be read again", str(error))
    return Finding(LINES, name, again.passed, None, "" if again.passed else again.sentence)


def _check_value(tex: str, promise: Promised, reading: Reading) -> Iterable[Finding]:
    """The numbers of a line without a result."""
    if promise.value is None or not promise.complete:
        return
    try:
        differing = disagreement(read(tex, reading.all_functions, reading.matrix_functions), promise.value)
    except ReadingError as error:
        yield Finding(LINES, promise.name, False, None, tex, "numbers that can be read again", str(error))
        return
    yield Finding(LINES, promise.name, not differing, None, *(differing or ("", "")))


def _check_formula(
    name: str, tex: str, promise: Promised, reading: Reading, points: Sequence[Mapping[str, Exact]] = ()
) -> Finding:
    """A formula evaluated at every point where it is defined."""
    for symbols, expected in zip(points or reading.points, promise.formula, strict=True):
        if expected is None or (points and not symbols):
            continue
        try:
            values = read(tex, reading.all_functions, reading.matrix_functions, symbols, reading.first)
        except ReadingError as error:
            return Finding(FORMULAS, name, False, None, tex, "a formula that can be read again", str(error))
        if differing := disagreement(values, expected):
            return Finding(FORMULAS, name, False, None, f"{tex} = {differing[0]}", differing[1])
    return Finding(FORMULAS, name, True)


# ------------------------------------------------------------------------------------------------ shapes


def _check_shape(line: Derivation, promise: Promised, reading: Reading) -> Iterator[Finding]:
    r"""The grey shape of a line, 2 \times 1: in numbers that of the quantity, in symbols that of it at each point."""
    if not (tex := line.shape or shape_of(line.rest)):
        return
    wanted = [promise.shape] if promise.shape else [e.values.shape if e else None for e in promise.formula]
    points: Sequence[Mapping[str, Exact]] = [{}] if promise.shape else reading.points
    for symbols, shape in zip(points, wanted, strict=False):
        try:
            found = read_shape(tex, symbols)
        except ReadingError as error:
            yield Finding(LINES, promise.name, False, None, tex, "a shape", str(error))
            return
        if shape is not None and found != shape:
            yield Finding(LINES, promise.name, False, None, tex, r" \times ".join(map(str, shape)))
            return


# ------------------------------------------------------------------------------------------------ for those who look


def derivations(tex: str) -> Iterable[Derivation]:
    """The lines of a document."""
    return iter(take_apart(tex).derivations)


def local_jacobians(tex: str) -> Iterable[Derivation]:
    r"""Every \local{symbol = part = part} of a document."""
    return iter(take_apart(tex).local_jacobians)
