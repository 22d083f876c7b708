"""LaTeX of sums over entries and of nodes that move entries: the rest of the printer, with products."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

import derive.render.latex_products  # noqa: F401  # registers itself
from derive.ops import (
    Array,
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Elementwise,
    Embed,
    EntryOf,
    Identity,
    LogSoftmax,
    Mean,
    Node,
    OneHot,
    Repeat,
    RowOf,
    Selection,
    Slice,
    Softmax,
    Sum,
    SumAxis,
    Tensor,
    is_single,
    set_latex,
    walk,
)
from derive.program import first_of
from derive.render.latex import LETTERS, Latex, _print, transposed
from derive.render.latex_numbers import ATOM, POWER, PRODUCT, SUM, parenthesised, rational, shape_latex

MOST_TERMS = 4


@_print.register
def _(node: Sum, printer: Latex) -> tuple[str, int]:
    [operand] = node.operands
    if printer.cut and not isinstance(node, Mean):
        return _written_out(operand, printer), SUM
    if printer.cut:
        return rf"{rational(node.weight())[0]}{parenthesised(_written_out(operand, printer))}", PRODUCT
    front = rational(node.weight())[0] if isinstance(node, Mean) else ""
    return front + _sigma(operand, printer), PRODUCT


def _sigma(operand: Node, printer: Latex) -> str:
    r"""A sum with its indices: \\sum_{i=1}^{N} (Z_{2,i} - Y_i)^2."""
    axes = [axis for axis, dimension in enumerate(operand.shape) if dimension != 1]
    letters = dict(zip(axes, LETTERS, strict=False))
    signs = "".join(f"{_sum_sign(letters[axis], operand, axis, printer)} " for axis in axes)
    index = tuple(letters.get(axis, "1") for axis in range(operand.rank))
    if all(isinstance(part, Elementwise) or not part.operands for part in walk(operand)):
        string, level = Latex(printer.notation, index=index).level(operand)
        return signs + (string if level >= PRODUCT and not string.startswith("-") else parenthesised(string))
    return signs + rf"{parenthesised(printer(operand))}_{{{''.join(index)}}}"


def _sum_sign(letter: str, operand: Node, axis: int, printer: Latex) -> str:
    """The sign of a sum along an axis; its last index is the symbol of the number of samples where it runs over these.

    Where entries count from 0, the last one is one less than their number.
    """
    first = first_of(operand, printer.notation.first)[axis]
    if first and printer.samples and printer.samples.run_along(operand, axis):
        last = printer.samples.symbol
    else:
        last = str(operand.shape[axis] + first - 1)
    return rf"\sum_{{{letter}={first}}}^{{{last}}}"


def _written_out(operand: Node, printer: Latex) -> str:
    """The terms of a sum one by one, with their numbers."""
    shape = next(values.shape for part, values in printer.cut.items() if part.shape == operand.shape)
    return _signed([printer.entry(operand, index) for index in np.ndindex(shape)])


def _signed(terms: list[str]) -> str:
    string = terms[0]
    for term in terms[1:]:
        string += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return string


@_print.register
def _(node: SumAxis, printer: Latex) -> tuple[str, int]:
    [operand] = node.operands
    if is_single(operand.shape):
        return printer.level(operand)
    if operand in printer.cut and printer.index is None:
        return _signed(_slices(node, operand, printer.cut[operand], printer)), SUM
    shown, level = printer.level(operand)
    if not isinstance(operand, Tensor) or level < ATOM or "_" in shown:
        shown = shown if shown.startswith(r"\left(") else parenthesised(shown)
    index = "i" if node.axis == 0 else "{:,i}"
    return rf"{_sum_sign('i', operand, node.axis, printer)} {shown}_{{{index}}}", PRODUCT


def _slices(node: SumAxis, operand: Node, values: Array, printer: Latex) -> list[str]:
    """The rows (or columns) that a sum runs over, or the entries of a vector, with their numbers."""
    if values.ndim == 1:
        return [printer.entry(operand, index) for index in np.ndindex(values.shape)]
    return [
        Latex(printer.notation, {operand: part}).decimals(part[None, :] if node.axis == 0 else part[:, None], operand)[
            0
        ]
        for part in np.moveaxis(values, node.axis, 0)
    ]


def _called(name: str, node: Node, printer: Latex) -> tuple[str, int]:
    return rf"\operatorname{{{name}}}{parenthesised(printer(node.operands[0]))}", ATOM


@_print.register
def _(node: Softmax, printer: Latex) -> tuple[str, int]:
    return _called("softmax", node, printer)


@_print.register
def _(node: LogSoftmax, printer: Latex) -> tuple[str, int]:
    return _called("logsoftmax", node, printer)


@_print.register
def _(node: OneHot, printer: Latex) -> tuple[str, int]:
    return _called("onehot", node, printer)


@_print.register
def _(node: Diagonal, printer: Latex) -> tuple[str, int]:
    return _called("diag", node, printer)


@_print.register
def _(node: Augment, printer: Latex) -> tuple[str, int]:
    """[1 X]: ones as a column in front (or behind), or as a row on top (or below)."""
    own = printer(node.operands[0])
    parts = [own, r"\mathbf{1}"] if node.last else [r"\mathbf{1}", own]
    stacked = node.axis == 0 and not (node.rank == 1 and printer.is_row(node.operands[0]))
    if node.rank == 1:
        parts = ["1" if part == r"\mathbf{1}" else part for part in parts]
    separator = r" \\ " if stacked else " & "
    return rf"\begin{{bmatrix}} {separator.join(parts)} \end{{bmatrix}}", ATOM


@_print.register
def _(node: Slice, printer: Latex) -> tuple[str, int]:
    items = []
    for item in node.items[: len(node.args) - 1]:
        if isinstance(item, int):
            items.append(str(item))
        else:
            items.append("{:}".join("" if bound is None else str(bound) for bound in item))
    return rf"{printer.wrapped(node.operands[0], ATOM)}[{', '.join(items)}]", ATOM


@_print.register
def _(node: EntryOf, printer: Latex) -> tuple[str, int]:
    """One entry: W_{1,12}, or its number where the quantity's are shown."""
    [operand] = node.operands
    if operand in printer.cut:
        return printer.entry_of_cut(operand, node.items)
    return printer.entry_symbol(operand, node.items)


@_print.register
def _(node: Repeat, printer: Latex) -> tuple[str, int]:
    [operand] = node.operands
    if is_single(node.shape) or printer.index is not None:
        return printer.level(operand)
    if isinstance(operand, Constant) and operand.number in (0, 1):
        return rf"\mathbf{{{operand.number}}}_{{{shape_latex(node.shape)}}}", ATOM
    if is_single(operand.shape):
        return rf"{printer.wrapped(operand, PRODUCT)}\,\mathbf{{1}}_{{{shape_latex(node.shape)}}}", PRODUCT
    if operand.rank == 2 and operand.shape[0] != 1:
        return rf"{printer.wrapped(operand, PRODUCT)}\,\mathbf{{1}}_{{{shape_latex((1, node.shape[1]))}}}", PRODUCT
    row = printer.vector(operand, True, PRODUCT) if operand.rank == 1 else printer.wrapped(operand, PRODUCT)
    return rf"\mathbf{{1}}_{{{shape_latex(node.shape[:1])}}}\,{row}", PRODUCT


@_print.register
def _(node: Embed, printer: Latex) -> tuple[str, int]:
    """Zeros with the entries in their place: a block matrix, in which a bare 0 is one row or column of zeros."""
    [operand] = node.operands
    items = Slice(Tensor("whole", node.shape), *node.args[2:]).items
    bands = [_bands(item, size) for item, size in zip(items, node.shape, strict=True)]
    if node.rank == 1:
        as_row = bool(operand.rank) and printer.is_row(operand)
        bands.insert(1 - as_row, [(sympy.Integer(1), True)])
        content = printer.vector(operand, as_row, SUM) if operand.rank else printer(operand)
    else:
        content = printer(operand) if operand.rank != 1 else printer.vector(operand, isinstance(items[0], int), SUM)
    rows = [
        [content if taken and across else _zeros(height, width, bands) for width, across in bands[1]]
        for height, taken in bands[0]
    ]
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}", ATOM


Band = tuple[sympy.Expr, bool]


def _bands(item: Any, size: Any) -> list[Band]:
    """How many entries of an axis lie before, within and behind what a slice takes, and which of them it takes."""
    start, stop = (item, item + 1 or None) if isinstance(item, int) else item
    first, last = (
        end if bound is None else size + bound if bound < 0 else bound for bound, end in ((start, 0), (stop, size))
    )
    bands = [(first, False), (last - first, True), (size - last, False)]
    return [(sympy.sympify(length), taken) for length, taken in bands if length != 0]


def _zeros(height: sympy.Expr, width: sympy.Expr, bands: list[list[Band]]) -> str:
    """A block of zeros; its size where that is more than one line beside the entries."""
    if (height, width) == (1, 1):
        return "0"
    beside = [length for length, across in ((height, len(bands[1]) == 1), (width, len(bands[0]) == 1)) if across]
    return r"\mathbf{0}" if beside == [1] else rf"\mathbf{{0}}_{{{shape_latex((height, width))}}}"


@_print.register
def _(node: Identity, printer: Latex) -> tuple[str, int]:
    return rf"I_{{{shape_latex(node.shape[:1])}}}", ATOM


@_print.register
def _(node: Selection, printer: Latex) -> tuple[str, int]:
    """Rows of the identity matrix, or its columns: I[1:]."""
    size = node.shape[0 if node.args[2] else 1]
    rows = printer(Slice(Identity(size), node.args[1]))
    return (rf"{rows}^{{\top}}", POWER) if node.args[2] else (rows, ATOM)


@_print.register
def _(node: RowOf, printer: Latex) -> tuple[str, int]:
    [operand] = node.operands
    if printer.is_row(operand):
        return printer.level(operand)
    return transposed(printer.wrapped(operand, ATOM), operand, printer), POWER


@_print.register
def _(node: ColumnOf, printer: Latex) -> tuple[str, int]:
    return printer.level(node.operands[0])


set_latex(Latex())  # notebooks and sympy.latex show expressions with this printer
