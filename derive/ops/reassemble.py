"""An expression put together again from other operands, as a teacher would write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from derive.ops.algebra import Plus, Power, Times
from derive.ops.linear import Dot, Outer, dot, outer, transpose
from derive.ops.node import Node, as_node
from derive.ops.structure import Transpose
from derive.ops.tidy import plus, power, times

_TIDYING: Mapping[type[Node], Callable[..., Node]] = {
    Plus: plus,
    Times: times,
    Power: power,
    Dot: dot,
    Outer: outer,
    Transpose: transpose,
}


def reassembled(node: Node, operands: Iterable[Node]) -> Node:
    """The same operation on other operands, tidied: no products with one, no sums with zero, constants in front."""
    remaining = iter(operands)
    arguments: list[Any] = [next(remaining) if isinstance(part, Node) else part for part in node.args]
    return as_node(_TIDYING.get(type(node), node.func)(*arguments))
