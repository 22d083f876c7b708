r"""Numbers that stand on a sheet outside of its lines: the given ones, the summary table, those in the drawn graph.

They are read again from the finished LaTeX. A given number must be the problem's own, any other lie within half a unit
of its last digit of the exact value. Of a matrix with dots the entries that are printed are read, in their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from derive.check.chains import CHAIN, Network
from derive.check.exact_arrays import shape_text
from derive.check.latex_document import Document, group, mathematics, spelling, without_shapes
from derive.check.latex_tokens import ReadingError, Unreadable, scan, split_equalities
from derive.check.report import Finding
from derive.check.reread import places_printed, read
from derive.evaluate import Real, real
from derive.ops import Array

DIGITS = "digits"
GIVEN = "given"
DOTS = (r"\cdots", r"\vdots", r"\ddots")
HALF = Fraction(1, 2)
_NODE = re.compile(
    r"\\node\[(?P<style>[a-z])\]\s*(?:\((?P<handle>[^()]*)\))?\s*at\s*\((?P<x>[-0-9.e]+),(?P<y>[-0-9.e]+)\)\s*(?={)"
)
_ARROW = re.compile(r"\\draw\[->\]\s*\((?P<source>[^()]*)\)(?P<label>[^;]*?)\((?P<target>[^()]*)\);")
_LABEL_SEPARATOR = r",\,"


@dataclass(frozen=True)
class Given:
    """A given quantity: its name, its symbol, and its numbers as they lie on paper, none in a symbolic problem."""

    name: str
    symbol: str
    values: Array | None


@dataclass(frozen=True)
class Figures:
    """What tables and pictures may show: exact values on paper by symbol, and what the arrows stand for.

    `gradients` holds the symbol of the gradient for that of each quantity, `updated` that of the value after the step,
    `uses` what each forward step uses, `operations` what may stand at an arrow to a quantity beside these.
    """

    values: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, str] = field(default_factory=dict)
    updated: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)


# ------------------------------------------------------------------------------------------------ digits


def check_digits(name: str, tex: str, exact: Array) -> Finding:
    """Every printed number within half a unit of its last digit of the exact value."""
    try:
        cells = list(shown(tex, exact))
        numbers = [(read(cell), places_printed(cell), value) for cell, value in cells]
    except ReadingError as error:
        return Finding(DIGITS, name, False, None, tex, "decimals", str(error))
    except ValueError as error:
        return Finding(DIGITS, name, False, None, str(error), f"{exact.size} numbers")
    for printed, places, values in numbers:
        for digits, decimals, value in zip(printed.ravel().tolist(), places.flat, values.flat, strict=True):
            if not within_half_a_unit(Fraction(digits), int(decimals), real(value)):
                return Finding(DIGITS, name, False, None, str(float(digits)), f"{float(value):.12g}")
    return Finding(DIGITS, name, True)


def within_half_a_unit(printed: Fraction, places: int, value: Real) -> bool:
    """Whether a decimal is a rounding of the value."""
    difference = abs(value.settled() - real(printed)) - real(HALF / 10**places)
    return bool(difference.number <= 0)


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
    for row in re.split(r"\\\\(?=%|\n|$)", tex):
        cells = list(mathematics(row))
        if not cells:
            continue
        symbol, *numbers = cells
        name = f"{symbol} in the table"
        wanted = [symbol, figures.gradients.get(symbol, ""), figures.updated.get(symbol, "")]
        if len(numbers) != len(wanted) or any(place not in figures.values for place in wanted):
            yield Finding(DIGITS, name, False, None, row.strip(), "a parameter, its gradient, and the updated one")
            continue
        before, *rest = zip(wanted, numbers, strict=True)
        given = check_given(f"{symbol} = {before[1]}", Given(name, symbol, figures.values[symbol]))
        yield replace(given, route=DIGITS)
        for place, cell in rest:
            yield check_digits(f"{place} in the table", cell, figures.values[place])


# ------------------------------------------------------------------------------------------------ the graph


@dataclass(frozen=True)
class _Node:
    style: str
    handle: str
    x: float
    y: float
    text: str


def check_picture(tex: str, figures: Figures) -> Iterator[Finding]:
    """The numbers above and below the nodes, and the arrows between them."""
    nodes = list(_nodes(tex))
    drawn = {node.handle: _only(node.text) for node in nodes if node.handle}
    for handle, symbol in drawn.items():
        if symbol not in {*figures.uses, *(used for uses in figures.uses.values() for used in uses)}:
            yield Finding(CHAIN, "graph", False, None, f"a node {symbol} ({handle})", "the symbol of a quantity")
    for label in nodes:
        if not label.handle and "$" in label.text:
            yield _check_label(label, nodes, figures)
    yield from _check_arrows(tex, drawn, figures)


def _nodes(tex: str) -> Iterator[_Node]:
    for found in _NODE.finditer(tex):
        text, _ = group(tex, found.end())
        yield _Node(found["style"], found["handle"] or "", float(found["x"]), float(found["y"]), text)


def _only(text: str) -> str:
    """The mathematics of a node."""
    found = list(mathematics(text))
    return found[0] if len(found) == 1 else text


def _check_label(label: _Node, nodes: Sequence[_Node], figures: Figures) -> Finding:
    """Numbers at a node: above it those of the quantity, below it those of its gradient."""
    quantity = min((node for node in nodes if node.handle), key=lambda node: _distance(node, label))
    symbol = _only(quantity.text)
    shows = symbol if label.y > quantity.y else figures.gradients.get(symbol, "")
    if shows not in figures.values:
        return Finding(DIGITS, f"{symbol} in the graph", False, None, label.text, "a quantity with numbers")
    cells = _only(label.text).split(_LABEL_SEPARATOR)
    exact = figures.values[shows]
    name = f"{shows} in the graph"
    if len(cells) != exact.size:
        return Finding(DIGITS, name, False, None, f"{len(cells)} numbers", f"{exact.size} numbers")
    checked = [
        check_digits(name, cell, np.array([value], dtype=object)) for cell, value in zip(cells, exact.flat, strict=True)
    ]
    return next((finding for finding in checked if not finding.passed), Finding(DIGITS, name, True))


def _distance(one: _Node, other: _Node) -> float:
    return (one.x - other.x) ** 2 + (one.y - other.y) ** 2


def _check_arrows(tex: str, drawn: Mapping[str, str], figures: Figures) -> Iterator[Finding]:
    """An arrow for each use of a drawn quantity and none beside; at it only what the step uses and does."""
    network = Network(figures.uses)
    found = set()
    for arrow in _ARROW.finditer(tex):
        source, target = (drawn.get(arrow[end], "") for end in ("source", "target"))
        found.add((source, target))
        labels = [part for text in mathematics(arrow["label"]) for part in text.split(_LABEL_SEPARATOR)]
        allowed = {*figures.uses.get(target, ()), *figures.operations.get(target, ())}
        right = network.is_step(spelling(target), spelling(source)) and set(labels) <= allowed
        text = f"{source} -> {target}: {', '.join(labels)}"
        yield Finding(CHAIN, "graph", right, None, *(() if right else (text, f"what {target} is computed from")))
    wanted = {(use, target) for target, uses in figures.uses.items() for use in uses} & {
        (source, target) for source in drawn.values() for target in drawn.values()
    }
    for source, target in sorted(wanted - found):
        yield Finding(CHAIN, "graph", False, None, f"no arrow {source} -> {target}", "an arrow for each use")
