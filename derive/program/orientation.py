"""Which flat vectors print as rows: those that stand left of `@`, and those added to or computed from them."""

from __future__ import annotations

from collections.abc import Iterable

from derive.ops import Dot, Elementwise, Node, Tensor
from derive.program.program import Step


def find_rows(steps: Iterable[Step]) -> frozenset[str]:
    """The names of the one-dimensional quantities that print as rows, inferred from all their uses."""
    steps = tuple(steps)
    rows: set[str] = set()
    columns = {name for step in steps for name in _right_of_dot(step.formula)}
    while True:
        before = len(rows)
        for step in steps:
            if _is_row(step.formula, rows, columns):
                rows.add(step.name)
            if step.name in rows and step.formula.rank == 1:
                _mark(step.formula, rows, columns)
        if len(rows) == before:
            return frozenset(rows)


def _right_of_dot(node: Node) -> Iterable[str]:
    """Vectors to the right of @, which print as columns whatever else they do."""
    if isinstance(node, Dot) and node.operands[1].rank == 1:
        yield from (tensor.name for tensor in node.operands[1].tensors if tensor.rank == 1)
    for operand in node.operands:
        yield from _right_of_dot(operand)


def _is_row(node: Node, rows: set[str], columns: set[str]) -> bool:
    """Whether a vector expression is a row; marks the vectors in it that must then be rows too."""
    if isinstance(node, Dot):
        left, right = node.operands
        if left.rank == 1 and right.rank == 2:
            _mark(left, rows, columns)
            return True
        return left.rank == 1 and _is_row(left, rows, columns)
    if isinstance(node, Tensor):
        return node.name in rows
    if isinstance(node, Elementwise) and node.rank == 2:
        for operand in node.operands:
            if operand.rank == 1:
                _mark(operand, rows, columns)
    found = [_is_row(operand, rows, columns) for operand in node.operands]
    if any(found) and node.rank == 1:
        _mark(node, rows, columns)
        return True
    return False


def _mark(node: Node, rows: set[str], columns: set[str]) -> None:
    """Make the vectors of an elementwise expression rows, unless they are used as columns."""
    if isinstance(node, Tensor):
        if node.rank == 1 and node.name not in columns:
            rows.add(node.name)
    elif not isinstance(node, Dot):
        for operand in node.operands:
            _mark(operand, rows, columns)
