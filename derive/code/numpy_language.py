"""NumPy: how each operation on whole arrays is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.code.binding import ATOM, Written
from derive.code.expressions import SHARED, Language, Writer, slice_item
from derive.ops import (
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Embed,
    Identity,
    LogSoftmax,
    Mean,
    OneHot,
    Outer,
    Repeat,
    Row,
    RowOf,
    Selection,
    Slice,
    Softmax,
    Sum,
    SumAxis,
    Tensor,
    is_single,
)


def call(name: str) -> Callable[[Writer, Any], Written]:
    """`name(operand, ...)`"""
    return lambda writer, node: (f"{name}({', '.join(writer.text(operand) for operand in node.operands)})", ATOM)


def sum_axis(writer: Writer, node: SumAxis) -> Written:
    """`np.sum(g, axis=0)`"""
    keep = ", keepdims=True" if node.keep else ""
    return f"np.sum({writer.text(node.operands[0])}, axis={node.axis}{keep})", ATOM


def along_axis(name: str) -> Callable[[Writer, Any], Written]:
    """softmax(s), or softmax(S, axis=0)"""

    def write(writer: Writer, node: Any) -> Written:
        axis = "" if node.axis == -1 else ", axis=0"
        return f"{writer.helper(name)}({writer.text(node.operands[0])}{axis})", ATOM

    return write


def one_hot(writer: Writer, node: OneHot) -> Written:
    """Rows (or columns) of the identity matrix."""
    by_column = int(node.args[2]) == 0 and node.operands[0].rank == 1
    index = f"{':, ' if by_column else ''}{writer.text(node.operands[0])}"
    return f"np.eye({writer.count(node.args[1])})[{index}]", ATOM


def repeat(writer: Writer, node: Repeat) -> Written:
    """Ones, or an array filled with a number or a row; a single number only changes its shape."""
    operand, shape = node.operands[0], writer.shape(node.shape)
    if operand == Constant(1):
        return f"np.ones({shape})", ATOM
    if is_single(node.shape) and is_single(operand.shape):
        if type(operand) is Sum and operand.operands[0].rank == node.rank:
            return f"np.sum({writer.text(operand.operands[0])}, keepdims=True)", ATOM
        return f"np.reshape({writer.text(operand)}, {shape})", ATOM
    return f"np.full({shape}, {writer.text(operand)})", ATOM


def augment(writer: Writer, node: Augment) -> Written:
    """`augment(X)`, `augment(X, axis=0, last=True)`"""
    axis = ", axis=0" if node.axis == 0 and node.rank == 2 else ""
    last = ", last=True" if node.last else ""
    return f"{writer.helper('augment')}({writer.text(node.operands[0])}{axis}{last})", ATOM


def embed(writer: Writer, node: Embed) -> Written:
    """`embed(g, (3, 2), np.s_[1:])`"""
    index = ", ".join(slice_item(item) for item in embedded_items(node))
    operand = writer.text(node.operands[0])
    return f"{writer.helper('embed')}({operand}, {writer.shape(node.shape)}, np.s_[{index}])", ATOM


def embedded_items(node: Embed) -> tuple[Any, ...]:
    """The rows and columns into which entries are put back: those of the slice that it is the transpose of."""
    items: tuple[Any, ...] = Slice(Tensor("whole", node.shape), *node.args[2:]).items
    return items[: len(node.args) - 2]


def selection(writer: Writer, node: Selection) -> Written:
    """Rows of the identity matrix."""
    transposed = ".T" if node.args[2] else ""
    return f"np.eye({writer.count(full_size(node))})[{selected(node)}]{transposed}", ATOM


def full_size(node: Selection) -> Any:
    """The length of the vector from which entries are taken."""
    return node.shape[0] if node.args[2] else node.shape[1]


def selected(node: Selection) -> str:
    """The rows of the identity matrix that take them, as a slice."""
    [item] = Slice(Tensor("whole", (full_size(node),)), node.args[1]).items
    if isinstance(item, int):
        return f"{item}:{item + 1 or ''}"
    return slice_item(item)


def _pattern(row: Row, is_default: bool) -> str:
    return row.numpy_default if is_default and row.numpy_default else row.numpy


NUMPY = Language(
    "numpy",
    {
        **SHARED,
        Sum: call("np.sum"),
        Mean: call("np.mean"),
        SumAxis: sum_axis,
        Softmax: along_axis("softmax"),
        LogSoftmax: along_axis("log_softmax"),
        OneHot: one_hot,
        Outer: call("np.outer"),
        Diagonal: call("np.diag"),
        RowOf: lambda writer, node: (f"{writer.wrapped(node.operands[0], ATOM)}[np.newaxis, :]", ATOM),
        ColumnOf: lambda writer, node: (f"{writer.wrapped(node.operands[0], ATOM)}[:, np.newaxis]", ATOM),
        Repeat: repeat,
        Augment: augment,
        Embed: embed,
        Selection: selection,
        Identity: lambda writer, node: (f"np.eye({writer.count(node.shape[0])})", ATOM),
    },
    _pattern,
    {
        "softmax": (
            "def softmax(s, axis=-1):",
            "    exp_s = np.exp(s - np.max(s, axis=axis, keepdims=True))  # no overflow",
            "    return exp_s / np.sum(exp_s, axis=axis, keepdims=True)",
        ),
        "log_softmax": (
            "def log_softmax(s, axis=-1):",
            "    s = s - np.max(s, axis=axis, keepdims=True)  # no overflow",
            "    return s - np.log(np.sum(np.exp(s), axis=axis, keepdims=True))",
        ),
        "augment": (
            "def augment(u, axis=-1, last=False):",
            "    ones = np.ones_like(np.take(u, [0], axis=axis))",
            "    return np.concatenate([u, ones] if last else [ones, u], axis=axis)",
        ),
        "embed": (
            "def embed(entries, shape, index):",
            "    whole = np.zeros(shape)",
            "    whole[index] = entries",
            "    return whole",
        ),
    },
    "np.sqrt",
    "np.pi",
)
