"""PyTorch: how each operation on whole arrays is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from derive.code.binding import ATOM, Written
from derive.code.expressions import SHARED, Language, Writer
from derive.code.numpy_language import augment, call, embedded_items, full_size, selected
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
    Softmax,
    Sum,
    SumAxis,
    is_single,
)


def sum_axis(writer: Writer, node: SumAxis) -> Written:
    """`torch.sum(g, dim=0)`"""
    keep = ", keepdim=True" if node.keep else ""
    return f"torch.sum({writer.text(node.operands[0])}, dim={node.axis}{keep})", ATOM


def along_axis(name: str) -> Callable[[Writer, Any], Written]:
    """torch.softmax(s, dim=-1)"""
    return lambda writer, node: (
        f"torch.{name}({writer.text(node.operands[0])}, dim={-1 if node.axis == -1 else 0})",
        ATOM,
    )


def one_hot(writer: Writer, node: OneHot) -> Written:
    """Rows (or columns) of the identity matrix."""
    by_column = int(node.args[2]) == 0 and node.operands[0].rank == 1
    index = f"{':, ' if by_column else ''}{writer.text(node.operands[0])}"
    return f"torch.eye({writer.count(node.args[1])})[{index}]", ATOM


def repeat(writer: Writer, node: Repeat) -> Written:
    """Ones, or a number or row repeated."""
    operand, shape = node.operands[0], writer.shape(node.shape)
    if operand == Constant(1):
        return f"torch.ones({shape})", ATOM
    if isinstance(operand, Constant):
        return f"torch.full({shape}, {writer.text(operand)})", ATOM
    method = "reshape" if is_single(node.shape) and is_single(operand.shape) else "expand"
    return f"{writer.wrapped(operand, ATOM)}.{method}({shape})", ATOM


def embed(writer: Writer, node: Embed) -> Written:
    """`embed(g, (3, 2), (slice(1, None),))`"""
    items = (item if isinstance(item, int) else slice(*item) for item in embedded_items(node))
    index = ", ".join(str(item).replace(", None)", ")") for item in items)
    operand = writer.text(node.operands[0])
    return f"{writer.helper('embed')}({operand}, {writer.shape(node.shape)}, ({index},))", ATOM


def selection(writer: Writer, node: Selection) -> Written:
    """Rows of the identity matrix."""
    transposed = ".T" if node.args[2] else ""
    return f"torch.eye({writer.count(full_size(node))})[{selected(node)}]{transposed}", ATOM


def _pattern(row: Row, is_default: bool) -> str:
    """The pattern of the row as people write it: `F.` in front, and numbers that need not be made floats."""
    pattern = re.sub(r"\bfloat\((\{\d\})\)", r"\1", row.torch)
    return pattern.replace("torch.nn.functional.", "F.").replace("'", '"')


TORCH = Language(
    "pytorch",
    {
        **SHARED,
        Sum: call("torch.sum"),
        Mean: call("torch.mean"),
        SumAxis: sum_axis,
        Softmax: along_axis("softmax"),
        LogSoftmax: along_axis("log_softmax"),
        OneHot: one_hot,
        Outer: call("torch.outer"),
        Diagonal: call("torch.diag"),
        RowOf: lambda writer, node: (f"{writer.wrapped(node.operands[0], ATOM)}[None, :]", ATOM),
        ColumnOf: lambda writer, node: (f"{writer.wrapped(node.operands[0], ATOM)}[:, None]", ATOM),
        Repeat: repeat,
        Augment: augment,
        Embed: embed,
        Selection: selection,
        Identity: lambda writer, node: (f"torch.eye({writer.count(node.shape[0])})", ATOM),
    },
    _pattern,
    {
        "augment": (
            "def augment(u, axis=-1, last=False):",
            "    ones = torch.ones_like(u.narrow(axis, 0, 1))",
            "    return torch.cat([u, ones] if last else [ones, u], dim=axis)",
        ),
        "embed": (
            "def embed(entries, shape, index):",
            "    whole = torch.zeros(shape)",
            "    whole[index] = entries",
            "    return whole",
        ),
    },
    "math.sqrt",
    "math.pi",
    "torch.tensor({0})",
)
