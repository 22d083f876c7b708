r"""Numbers that stand on a sheet outside of its lines: the given ones, and the summary table.

They are read again from the finished LaTeX. A given number must be the problem's own, any other lie within half a unit
of its last digit of the exact value. Of a matrix with dots the entries that are printed are read, in their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from derive.check.exact_arrays import shape_text
from derive.check.latex_document import Document, mathematics, spelling, without_shapes
from derive.check.latex_tokens import ReadingError, Unreadable, scan, split_equalities
from derive.check.report import Finding
from derive.check.reread import places_printed, read
from derive.check.shapes import Promise
from derive.evaluate import Real, are_simple, exact_array, real, simple_fraction
from derive.ops import Array

DIGITS = "digits"
GIVEN = "given"
DOTS = (r"\cdots", r"\vdots", r"\ddots")
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Given:
    """A given quantity: its name, its symbol, and its numbers as they lie on paper, none in a symbolic problem."""

    name: str
    symbol: str
    values: Array | None


@dataclass(frozen=True)
class Figures:
    """What tables and pictures may show: exact values on paper by symbol, shapes, and what the arrows stand for.

    `gradients` holds the symbol of the gradient for that of each quantity, `updated` that of the value after the step,
    `uses` what each forward step uses, `operations` what may stand at an arrow to a quantity beside these. A `blank`
    graph has boxes. With `fractions` simple numbers stand there exactly.
    """

    values: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, str] = field(default_factory=dict)
    updated: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shapes: Mapping[str, Promise] = field(default_factory=dict)
    blank: bool = False
    fractions: bool = False


# ------------------------------------------------------------------------------------------------ digits


def check_digits(name: str, tex: str, exact: Array, *, fractions: bool = False) -> Finding:
    """Every printed number within half a unit of its last digit of the exact value; a fraction is that value.

    With `fractions` numbers are the value itself in every quantity that holds simple fractions only.
    """
    try:
        cells = list(shown(tex, exact))
        numbers = [(read(cell), places_printed(cell), value) for cell, value in cells]
    except ReadingError as error:
        return Finding(DIGITS, name, False, None, tex, "decimals", str(error))
    except ValueError as error:
        return Finding(DIGITS, name, False, None, str(error), f"{exact.size} numbers")
    exactly = fractions and all(are_simple(exact_array(values)) for _, _, values in numbers)
    for printed, places, values in numbers:
        for digits, decimals, value in zip(*(array.flat for array in (printed, places, values)), strict=True):
            if not within_half_a_unit(Fraction(digits), None if exactly else decimals, real(value)):
                return Finding(DIGITS, name, False, None, *_told(Fraction(digits), real(value)))
    return Finding(DIGITS, name, True)


def within_half_a_unit(printed: Fraction, places: int | None, value: Real) -> bool:
    """Whether a decimal is a rounding of the value; without places, whether a number is the value."""
    slack = Fraction(0) if places is None else HALF / 10**places
    difference = abs(value.settled() - real(printed)) - real(slack)
    return bool(difference.number <= 0)


def _told(printed: Fraction, value: Real) -> tuple[str, str]:
    """A number as it is printed and as it should be, in the same way: both as fractions where they are simple."""
    numbers = np.array([real(printed), value], dtype=object)
    if are_simple(numbers):
        return str(printed), str(simple_fraction(value))
    return str(float(printed)), f"{float(value):.12g}"


def shown(tex: str, values: Array) -> Iterator[tuple[str, Array]]:
    """What is printed of an array, with the exact values of it: the whole, or the cells of a matrix with dots."""
    if not any(token.text in DOTS for token in scan(tex)):
        if not _fits(read(tex).shape, values):
            raise ValueError(f"an array of {shape_text(read(tex))}")
        yield tex, values
        return
    rows = matrix_cells(tex)
    grid = values if values.ndim == 2 else values.reshape((1, -1) if len(rows) == 1 else (-1, 1))
    for cells, row in zip(rows, _places([_is_left_out(cells) for cells in rows], grid.shape[0]), strict=True):
        if row is None:
            continue
        for cell, column in zip(cells, _places([cell in DOTS for cell in cells], grid.shape[1]), strict=True):
            if column is not None:
                yield cell, np.array([grid[row, column]], dtype=object)


def _fits(shape: tuple[int, ...], values: Array) -> bool:
    """Whether an array on paper has the shape of the values, or as many entries where these do not lie on paper."""
    return shape == values.shape if values.ndim == 2 else int(np.prod(shape)) == values.size


def _is_left_out(cells: Sequence[str]) -> bool:
    """Whether a printed row stands for rows that are left out."""
    return all(cell in DOTS for cell in cells) and any(cell != DOTS[0] for cell in cells)


def matrix_cells(tex: str) -> list[list[str]]:
    """The cells of a matrix, row by row."""
    tokens = list(scan(tex))
    if not tokens or tokens[0].kind != "begin" or tokens[-1].kind != "end" or tokens[-1].text != tokens[0].text:
        raise Unreadable(tex, 0, "dots", "a single matrix around them")
    rows: list[list[str]] = [[]]
    depth, start = 0, tokens[0].end
    for token in tokens[1:]:
        if (depth == 0 and token.breaks) or token is tokens[-1]:
            rows[-1].append(tex[start : token.start].strip())
            start = token.end
        if depth == 0 and token.kind == "row":
            rows.append([])
        depth += token.nesting
    if len({len(row) for row in rows}) > 1:
        raise Unreadable(tex, 0, "rows of different lengths", "a matrix")
    return rows


def _places(left_out: Sequence[bool], length: int) -> list[int | None]:
    """The index of each printed row or column: counted from the front before the dots, from the end behind them."""
    if sum(left_out) > 1 or (not any(left_out) and len(left_out) != length) or len(left_out) > length:
        raise ValueError(f"{len(left_out)} rows or columns for {length}")
    dots = left_out.index(True) if any(left_out) else length
    behind = length - len(left_out)
    return [None if place == dots else place if place < dots else place + behind for place in range(len(left_out))]


# ------------------------------------------------------------------------------------------------ given numbers


def check_givens(document: Document, givens: Sequence[Given]) -> Iterator[Finding]:
    """A finding for each given quantity: its symbol, and the problem's own numbers."""
    pieces = [piece for piece in document.pieces("fitted") if r"\result" not in piece]
    if len(pieces) != len(givens):
        found = f"{len(pieces)} given quantities in the document"
        yield Finding(GIVEN, "template", False, None, found, f"{len(givens)} given quantities")
        return
    for piece, given in zip(pieces, givens, strict=True):
        yield check_given(piece, given)


def check_given(tex: str, given: Given) -> Finding:
    """symbol = numbers, or the symbol with its shape."""
    expected = given.symbol if given.values is None else f"{given.symbol} = {_few(given.values)}"
    try:
        symbol, *numbers = split_equalities(without_shapes(tex))
        known = spelling(symbol) == spelling(given.symbol) and len(numbers) == (given.values is not None)
        right = known and (given.values is None or _is(numbers[0], given.values))
    except (ReadingError, ValueError) as error:
        return Finding(GIVEN, given.name, False, None, tex, expected, str(error))
    return Finding(GIVEN, given.name, True) if right else Finding(GIVEN, given.name, False, None, tex, expected)


def _is(tex: str, values: Array) -> bool:
    """Whether exactly these numbers are printed."""
    return all(
        real(number).number == real(value).number
        for cell, part in shown(tex, values)
        for number, value in zip(read(cell).flat, part.flat, strict=True)
    )


def _few(values: Array) -> str:
    """The first of some numbers, for a message."""
    numbers = [f"{float(value):.12g}" for value in values.flat[:4]]
    return ", ".join([*numbers, *["..."] * (values.size > len(numbers))])


# ------------------------------------------------------------------------------------------------ the table


def check_table(tex: str, figures: Figures) -> Iterator[Finding]:
    r"""symbol & before & gradient & after, for each row that begins with a symbol."""
    for row, symbol, numbers in table_rows(tex):
        name = f"{symbol} in the table"
        wanted = row_symbols(symbol, figures)
        if len(numbers) != len(wanted) or any(place not in figures.values for place in wanted):
            yield Finding(DIGITS, name, False, None, row.strip(), "a parameter, its gradient, and the updated one")
            continue
        before, *rest = zip(wanted, numbers, strict=True)
        given = check_given(f"{symbol} = {before[1]}", Given(name, symbol, figures.values[symbol]))
        yield replace(given, route=DIGITS)
        for place, cell in rest:
            values = figures.values[place]
            yield check_digits(f"{place} in the table", cell, values, fractions=figures.fractions)


def table_rows(tex: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each row of a table that begins with a symbol: as it stands, the symbol, and the numbers behind it."""
    for row in re.split(r"\\\\(?=%|\n|$)", tex):
        if cells := list(mathematics(row)):
            yield row, cells[0], cells[1:]


def row_symbols(symbol: str, figures: Figures) -> list[str]:
    """What the numbers of a row belong to: the parameter, its gradient, and the updated parameter."""
    return [symbol, figures.gradients.get(symbol, ""), figures.updated.get(symbol, "")]
