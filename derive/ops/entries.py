"""One entry of an expression, written in entries of its quantities: (W x)_i is W_i1 x_1 + W_i2 x_2."""

from __future__ import annotations

import functools
from typing import Any

from derive.ops.algebra import Elementwise
from derive.ops.linear import ColumnOf, Diagonal, Dot, Outer, RowOf
from derive.ops.node import Constant, Node
from derive.ops.reassemble import reassembled
from derive.ops.reductions import Sum, SumAxis
from derive.ops.shapes import Shape
from derive.ops.structure import Augment, Embed, Identity, Repeat, Selection, Slice, Transpose
from derive.ops.tidy import plus, times

MOST_TERMS = 8  # a longer sum is not written out

Index = tuple[int, ...]


class EntryOf(Slice):
    """The entry of a quantity at an index counted from 0, as a slice is; paper mostly counts from 1."""

    __slots__ = ()


@functools.singledispatch
def entry(node: Node, index: Index) -> Node:
    """The entry of an expression at an index counted from 0; that of the whole where it has no simpler form."""
    return EntryOf(node, *index) if node.rank else node


@entry.register
def _(node: Elementwise, index: Index) -> Node:
    return reassembled(node, (entry(operand, _lined_up(index, operand.shape)) for operand in node.operands))


@entry.register
def _(node: Dot, index: Index) -> Node:
    left, right = node.operands
    own_left, own_right = index[: left.rank - 1], index[left.rank - 1 :]
    return _sum(
        node,
        left.shape[-1],
        index,
        lambda k: times(entry(left, (*own_left, k)), entry(right, (k, *own_right))),
    )


def _sum(node: Node, length: Any, index: Index, term: Any) -> Node:
    """The terms added up where their number is known and small."""
    if not isinstance(length, int) or length > MOST_TERMS:
        return EntryOf(node, *index) if index else node
    return plus(*(term(k) for k in range(length)))


@entry.register
def _(node: Outer, index: Index) -> Node:
    left, right = node.operands
    return times(entry(left, index[:1]), entry(right, index[1:]))


@entry.register
def _(node: Transpose, index: Index) -> Node:
    return entry(node.operands[0], index[::-1])


@entry.register
def _(node: Diagonal, index: Index) -> Node:
    return entry(node.operands[0], index[:1]) if index[0] == index[1] else Constant(0)


@entry.register
def _(node: Identity, index: Index) -> Node:
    return Constant(int(index[0] == index[1]))


@entry.register
def _(node: Selection, index: Index) -> Node:
    taken, place = index[::-1] if node.puts_back else index
    full = node.shape[0 if node.puts_back else 1]
    if not isinstance(full, int):
        return EntryOf(node, *index)
    return Constant(int(range(full)[slice(*node.item)][taken] == place))


@entry.register
def _(node: RowOf, index: Index) -> Node:
    return entry(node.operands[0], index[1:])


@entry.register
def _(node: ColumnOf, index: Index) -> Node:
    return entry(node.operands[0], index[:1])


@entry.register
def _(node: Repeat, index: Index) -> Node:
    return entry(node.operands[0], _lined_up(index, node.operands[0].shape))


@entry.register
def _(node: Sum, index: Index) -> Node:
    return node


@entry.register
def _(node: SumAxis, index: Index) -> Node:
    [operand] = node.operands
    axis = node.axis
    rest = index[:axis] + index[axis + 1 :] if node.keep else index
    return _sum(node, operand.shape[axis], index, lambda k: entry(operand, (*rest[:axis], k, *rest[axis:])))


@entry.register
def _(node: Augment, index: Index) -> Node:
    place, length = index[node.axis], node.operands[0].shape[node.axis]
    if node.last and not isinstance(length, int):
        return EntryOf(node, *index)
    if place == (length if node.last else 0):
        return Constant(1)
    own = place if node.last else place - 1
    return entry(node.operands[0], (*index[: node.axis], own, *index[node.axis + 1 :]))


@entry.register
def _(node: Slice, index: Index) -> Node:
    remaining = iter(index)
    own = []
    for item, length in zip(node.items, node.operands[0].shape, strict=True):
        start = item if isinstance(item, int) else (item[0] or 0) + next(remaining)
        if start < 0:
            if not isinstance(length, int):
                return EntryOf(node, *index)
            start += length
        own.append(start)
    return entry(node.operands[0], tuple(own))


@entry.register
def _(node: Embed, index: Index) -> Node:
    return EntryOf(node, *index)


def _lined_up(index: Index, shape: Shape) -> Index:
    """The index in an operand that is repeated: its axes line up at the end, an axis of one entry has only that."""
    own = index[len(index) - len(shape) :] if len(shape) <= len(index) else (0,) * (len(shape) - len(index)) + index
    return tuple(0 if dimension == 1 else place for place, dimension in zip(own, shape, strict=True))
