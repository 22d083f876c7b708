r"""Routes 5 to 7: the printed document itself. Its digits against exact values, its lines and formulas by evaluation.

The finished LaTeX is read again. Digits must lie within half a unit of the exact value; the part with numbers must
recompute to the result; the formula in symbols, and every part of a local Jacobian, must give the value of what it says
it is. The chain in front of a formula, the words of a step, the given numbers, table and graph, and the boxes of a
worksheet have readers of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from derive.check.blanks import check_blank, check_numbers, check_words
from derive.check.chains import CHAIN, check_chain, split_direct
from derive.check.exact_arrays import Array as Exact
from derive.check.figures import check_digits, check_givens, check_table
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
from derive.check.meanings import check_meanings
from derive.check.promises import Promised, Reading
from derive.check.question_terms import Functions
from derive.check.questions import check_questions
from derive.check.report import Finding
from derive.check.reread import ReadingError, read, recompute
from derive.check.shapes import read_shape
from derive.check.statements import check_statements
from derive.check.values import disagreement
from derive.evaluate import are_simple
from derive.ops import Array

LINES = "lines"
FORMULAS = "formulas"


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
    finding = check_numbers_of_line(promise.name, line.parts[-1], line.result, reading, exactly=exactly)
    yield _check_substituted(line, promise, reading) if finding.passed else finding


def _check_substituted(line: Derivation, promise: Promised, reading: Reading) -> Finding:
    """Each number of a line is that of what it stands for in the formula beside it."""
    if not reading.own or not promise.formula or len(line.parts) < 2:
        return Finding(LINES, promise.name, True)
    wrong = reading.beside.wrong(line.parts[-2], line.parts[-1])
    return Finding(LINES, promise.name, wrong is None, None, *((wrong.found, wrong.expected) if wrong else ()))


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


def derivations(tex: str) -> Iterable[Derivation]:
    """The lines of a document."""
    return iter(take_apart(tex).derivations)


def local_jacobians(tex: str) -> Iterable[Derivation]:
    r"""Every \local{symbol = part = part} of a document."""
    return iter(take_apart(tex).local_jacobians)
