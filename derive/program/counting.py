"""From which number the entries of a quantity are counted: in augmented weights the bias may be entry 0.

The one in front of an input is its entry 0, so its own entries keep their numbers, and x_0 = 1. An axis that is summed
against it, (W x)_j = sum_i x_i W_ij, begins at 0 as well, and so does every axis that runs along one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.ops import (
    Augment,
    ColumnOf,
    Diagonal,
    Dot,
    Elementwise,
    LogSoftmax,
    Node,
    Outer,
    Repeat,
    RowOf,
    Slice,
    Softmax,
    SumAxis,
    Tensor,
    Transpose,
    walk,
)
from derive.program.program import Program, Role

First = Mapping[str, tuple[int, ...]]
_ALONG = (Elementwise, Softmax, LogSoftmax, Repeat)  # their axes are those of their operands, lined up at the end


def find_first(program: Program) -> First:
    """The index of the first entry on each axis; a quantity that is not there counts from 1."""
    marked: dict[str, set[int]] = {}
    size = -1
    while size != (size := sum(map(len, marked.values()))):
        for step in program.forward:
            for node in walk(step.formula):
                _join(node, marked)
            for axis in tuple(marked.get(step.name, ())):
                _mark(step.formula, axis, marked)
            for axis in _from_zero(step.formula, marked):
                _mark(step.target, axis, marked)
    for step in program.steps:
        of = step.gradient[1] if step.role is Role.BACKWARD and step.gradient else step.name.rstrip("'")
        known = marked.get(of, set()) if of != step.name else _from_zero(step.formula, marked)
        marked.setdefault(step.name, set()).update(known)
    return {
        name: tuple(int(axis not in axes) for axis in range(program.tensor(name).rank))
        for name, axes in marked.items()
        if axes
    }


def first_of(node: Node, first: First) -> tuple[int, ...]:
    """The index of the first entry on each axis of an expression."""
    marked = {name: {axis for axis, number in enumerate(numbers) if not number} for name, numbers in first.items()}
    zero = _from_zero(node, marked) if marked else set()
    return tuple(int(axis not in zero) for axis in range(node.rank))


def _from_zero(node: Node, marked: Mapping[str, set[int]]) -> set[int]:
    """The axes of an expression that begin at 0."""
    match node:
        case Tensor():
            return set(marked.get(node.name, ()))
        case Augment() if not node.last:
            return {node.axis} | (_from_zero(node.operands[0], marked) - {node.axis})
        case SumAxis():
            found = _from_zero(node.operands[0], marked) - {node.axis}
            return found if node.keep else {axis - (axis > node.axis) for axis in found}
        case Slice():
            kept = [(axis, item) for axis, item in enumerate(node.items) if not isinstance(item, int)]
            found = _from_zero(node.operands[0], marked)
            return {new for new, (axis, (start, _)) in enumerate(kept) if axis in found and not start}
    return {
        axis
        for place, operand in enumerate(node.operands)
        for own in _from_zero(operand, marked)
        for axis in _above(node, place, own)
    }


def _mark(node: Node, axis: int, marked: dict[str, set[int]]) -> None:
    """Let an axis of an expression begin at 0, and so those of the quantities that it runs along."""
    if isinstance(node, Tensor):
        marked.setdefault(node.name, set()).add(axis)
        return
    for place, operand in enumerate(node.operands):
        for own in range(operand.rank):
            if axis in _above(node, place, own):
                _mark(operand, own, marked)


def _join(node: Node, marked: dict[str, set[int]]) -> None:
    """Axes of operands that run side by side, or are summed against each other, begin alike."""
    if isinstance(node, Dot):
        left, right = node.operands
        if left.rank - 1 in _from_zero(left, marked):
            _mark(right, 0, marked)
        elif 0 in _from_zero(right, marked):
            _mark(left, left.rank - 1, marked)
    elif isinstance(node, _ALONG):
        for axis in _from_zero(node, marked):
            _mark(node, axis, marked)


def _above(node: Node, place: int, own: int) -> Iterator[int]:
    """The axes of an expression that run along an axis of the operand at a place."""
    operand = node.operands[place]
    match node:
        case Transpose():
            yield 1 - own
        case Dot() if place == 0 and own < operand.rank - 1:
            yield own
        case Dot() if place == 1 and own > 0:
            yield node.rank - 1
        case Outer():
            yield place
        case RowOf():
            yield 1
        case ColumnOf():
            yield 0
        case Diagonal():
            yield from (0, 1)
        case Augment() if own != node.axis:
            yield own
        case Elementwise() | Softmax() | LogSoftmax() | Repeat() if operand.shape[own] != 1:
            yield own + node.rank - operand.rank
