"""LaTeX of sums over entries and of nodes that move entries: the rest of the printer, with products."""

from __future__ import annotations

import numpy as np

import derive.render.latex_products  # noqa: F401  # registers itself
from derive.ops import (
    Array,
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Elementwise,
    Embed,
    Identity,
    LogSoftmax,
    Mean,
    Node,
    OneHot,
    Repeat,
    RowOf,
    Selection,
    Shape,
    Slice,
    Softmax,
    Sum,
    SumAxis,
    Tensor,
    is_single,
    set_latex,
    walk,
)
from derive.render.latex import ATOM, LETTERS, POWER, PRODUCT, SUM, Latex, _print, parenthesised, rational, transposed

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
    signs = "".join(rf"\sum_{{{letters[a]}=1}}^{{{_upper(operand.shape, a, printer)}}} " for a in axes)
    index = tuple(letters.get(axis, "1") for axis in range(operand.rank))
    if all(isinstance(part, Elementwise) or not part.operands for part in walk(operand)):
        string, level = Latex(printer.notation, index=index).level(operand)
        return signs + (string if level >= PRODUCT else parenthesised(string))
    return signs + rf"{parenthesised(printer(operand))}_{{{''.join(index)}}}"


def _upper(shape: Shape, axis: int, printer: Latex) -> str:
    """The upper limit of a sum: the symbol of the number of samples where one is bound to it."""
    named = [name for name, number in printer.dimensions.items() if number == shape[axis]]
    return named[0] if len(named) == 1 and len(shape) == 2 and axis == 0 and not printer.cut else str(shape[axis])


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
    length = _upper(operand.shape, node.axis, printer)
    if operand in printer.cut and printer.index is None:
        return _signed(_slices(node, operand, printer.cut[operand], printer)), SUM
    shown, level = printer.level(operand)
    if not isinstance(operand, Tensor) or level < ATOM or "_" in shown:
        shown = shown if shown.startswith(r"\left(") else parenthesised(shown)
    index = "i" if node.axis == 0 else "{:,i}"
    return rf"\sum_{{i=1}}^{{{length}}} {shown}_{{{index}}}", PRODUCT


def _slices(node: SumAxis, operand: Node, values: Array, printer: Latex) -> list[str]:
    """The rows (or columns) that a sum runs over, or the entries of a vector, with their numbers."""
    if values.ndim == 1:
        return [printer.entry(operand, index) for index in np.ndindex(values.shape)]
    return [
        Latex(printer.notation, {operand: part}).decimals(part[None, :] if node.axis == 0 else part[:, None], operand)[0]
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
def _(node: Repeat, printer: Latex) -> tuple[str, int]:
    [operand] = node.operands
    if is_single(node.shape) or printer.index is not None:
        return printer.level(operand)
    ones = rf"\mathbf{{1}}_{{{_dimensions(node.shape)}}}"
    if isinstance(operand, Constant) and operand.number == 1:
        return ones, ATOM
    if not is_single(operand.shape):
        return printer.level(operand)
    return rf"{printer.wrapped(operand, PRODUCT)}\,{ones}", PRODUCT


def _dimensions(shape: Shape) -> str:
    return r" \times ".join(rational(d)[0] if not isinstance(d, int) else str(d) for d in shape)


@_print.register
def _(node: Identity, printer: Latex) -> tuple[str, int]:
    return rf"I_{{{_dimensions(node.shape[:1])}}}", ATOM


@_print.register
def _(node: Selection, printer: Latex) -> tuple[str, int]:
    """Rows of the identity matrix, or its columns: I[1:]."""
    size = node.shape[0 if node.args[2] else 1]
    rows = printer(Slice(Identity(size), _item_of(node)))
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
