"""Products of vectors and matrices (`@`), and the tidying constructors that keep them as a teacher writes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from derive.ops.node import Arithmetic, Array, Constant, Node
from derive.ops.shapes import Shape, require, show
from derive.ops.structure import Identity, Repeat, Selection, Slice, Transpose
from derive.ops.tidy import expand, split_scalar, times


class Dot(Node):
    """a @ b with NumPy's meaning: a flat vector is a column to the right of @ and a row to its left."""

    __slots__ = ()

    def infer_shape(self) -> Shape:
        left, right = (operand.shape for operand in self.operands)
        require(
            all(len(shape) in (1, 2) for shape in (left, right)),
            f"{self.operands[0]} @ {self.operands[1]} with shapes {show(left)} and {show(right)}",
            "vectors or matrices on both sides of @",
            "use * to multiply by a scalar",
        )
        require(
            left[-1] == right[0],
            f"{self.operands[0]} @ {self.operands[1]} with shapes {show(left)} and {show(right)}",
            f"inner dimensions that agree, not {left[-1]} and {right[0]}",
            _transposition_hint(self.operands[0], self.operands[1]),
        )
        return left[:-1] + right[1:]

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        left_vector, right_vector = (operand.rank == 1 for operand in self.operands)
        left = arrays[0][..., None, :] if left_vector else arrays[0]
        right = arrays[1][..., :, None] if right_vector else arrays[1]
        product = np.matmul(left, right)
        if right_vector:
            product = product[..., 0]
        if left_vector:
            product = product[..., 0, :] if not right_vector else product[..., 0]
        return np.asarray(product)

    def pull(self, gradient: Node, index: int) -> Node:
        """d(A B): wrt A it is G B^T, wrt B it is A^T G; with vectors an outer product or a matrix times a vector."""
        left, right = self.operands
        gradient = expand(gradient, self.shape)
        if left.rank == right.rank == 1:
            return times(gradient, right if index == 0 else left)
        if index == 0:
            return outer(gradient, right) if right.rank == 1 else dot(gradient, transpose(right))
        return outer(left, gradient) if left.rank == 1 else dot(transpose(left), gradient)

    def runs_along(self, axis: int) -> tuple[int | None, ...]:
        """Rows of A B are those of A times B, its columns A times those of B."""
        return (0, None) if axis == 0 and self.operands[0].rank == 2 else (None, 1)

    def jacobian(self, index: int) -> Node:
        left, right = self.operands
        if left.rank == right.rank == 1:
            return row_of(right if index == 0 else left)
        return left if index == 1 else transpose(right)


class Outer(Node):
    """u v^T of two vectors: entry (i, j) is u_i v_j."""

    __slots__ = ()

    def infer_shape(self) -> Shape:
        left, right = (operand.shape for operand in self.operands)
        require(len(left) == len(right) == 1, "an outer product of matrices", "two vectors")
        return left + right

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return arrays[0][..., :, None] * arrays[1][..., None, :]

    def pull(self, gradient: Node, index: int) -> Node:
        gradient = expand(gradient, self.shape)
        return dot(gradient, self.operands[1]) if index == 0 else dot(self.operands[0], gradient)


class Diagonal(Node):
    """diag(s): the square matrix with the vector on its diagonal."""

    __slots__ = ()

    def infer_shape(self) -> Shape:
        return self.operands[0].shape * 2

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        zero = arithmetic.number(sympy.Integer(0))
        return np.where(np.eye(arrays[0].shape[-1], dtype=bool), arrays[0][..., :, None], zero)


class RowOf(Node):
    """A vector as a matrix with one row, v^T."""

    __slots__ = ()

    def infer_shape(self) -> Shape:
        return (1, *self.operands[0].shape)

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return arrays[0][..., None, :]


class ColumnOf(Node):
    """A vector as a matrix with one column."""

    __slots__ = ()

    def infer_shape(self) -> Shape:
        return (*self.operands[0].shape, 1)

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return arrays[0][..., :, None]


def dot(left: Node, right: Node) -> Node:
    """left @ right with single numbers in front, identities gone and outer products kept outermost.

    Selected rows of an identity take those rows, and transposed those columns: I[1:] A is A[1:].
    """
    for_left, left = split_scalar(left)
    for_right, right = split_scalar(right)
    if (factor := times(for_left, for_right)) != Constant(1):
        return times(factor, dot(left, right))
    if isinstance(left, Identity):
        return right
    if isinstance(right, Identity):
        return left
    if isinstance(left, Selection) and not left.puts_back:
        return take(right, (left.item, (None, None))[: right.rank])
    if isinstance(right, Selection) and right.puts_back:
        return take(left, ((None, None), right.item)[-left.rank :])
    if isinstance(left, Diagonal) and isinstance(right, Diagonal):
        return diagonal(times(left.operands[0], right.operands[0]))
    if isinstance(left, RowOf) and isinstance(right, Diagonal):
        return row_of(right.operands[0] if _is_ones(left.operands[0]) else times(left.operands[0], right.operands[0]))
    if isinstance(right, Outer) and left.rank == 2:
        return outer(dot(left, right.operands[0]), right.operands[1])
    if isinstance(left, Outer) and right.rank == 2:
        return outer(left.operands[0], dot(transpose(right), left.operands[1]))
    return Dot(left, right)


def outer(left: Node, right: Node) -> Node:
    """left right^T with numbers in front."""
    for_left, left = split_scalar(left)
    for_right, right = split_scalar(right)
    if (factor := times(for_left, for_right)) != Constant(1):
        return times(factor, outer(left, right))
    return Outer(left, right)


def transpose(node: Node) -> Node:
    """node^T: (A^T)^T is A, (A B)^T is B^T A^T, (u v^T)^T is v u^T."""
    factor, rest = split_scalar(node)
    if factor != Constant(1):
        return times(factor, transpose(rest))
    if isinstance(node, Transpose):
        return node.operands[0]
    if isinstance(node, (Identity, Diagonal)):
        return node
    if isinstance(node, Selection):
        return node.flipped()
    if isinstance(node, Outer):
        return Outer(node.operands[1], node.operands[0])
    if isinstance(node, Dot) and all(operand.rank == 2 for operand in node.operands):
        return dot(transpose(node.operands[1]), transpose(node.operands[0]))
    return Transpose(node)


def diagonal(slope: Node) -> Node:
    """diag(slope) with numbers in front; diag(c 1) is c I."""
    if isinstance(slope, Repeat) and slope.operands[0].rank == 0:
        return times(slope.operands[0], Identity(slope.shape[0]))
    factor, rest = split_scalar(slope)
    return times(factor, Diagonal(rest))


def row_of(vector: Node) -> Node:
    """v^T with numbers in front."""
    factor, rest = split_scalar(vector)
    return times(factor, RowOf(rest))


def take(node: Node, items: tuple[Any, ...]) -> Node:
    """node[items]: rows and columns of a product are taken from its factors, (G W^T)[:, 1:] is G W[1:]^T."""
    if all(item == (None, None) for item in items):
        return node
    if all(isinstance(item, tuple) for item in items):
        if isinstance(node, Transpose):
            return transpose(take(node.operands[0], items[::-1]))
        if isinstance(node, Dot):
            return _take_of_product(node, items)
    return Slice(node, *_without_open_end(items))


def _take_of_product(node: Dot, items: tuple[Any, ...]) -> Node:
    left, right = node.operands
    everything = (None, None)
    if left.rank == 2:
        left = take(left, (items[0], everything))
    if right.rank == 2:
        right = take(right, (everything, items[-1]))
    return dot(left, right)


def _without_open_end(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """`W[1:, :]` as `W[1:]`."""
    return items[:-1] if len(items) > 1 and items[-1] == (None, None) else items


def _is_ones(node: Node) -> bool:
    return isinstance(node, Repeat) and node.operands[0] == Constant(1)


def _transposition_hint(left: Node, right: Node) -> str:
    """Which transpose would make the product fit."""
    if left.rank == 2 and left.shape[0] == right.shape[0]:
        return f"{transpose(left)} @ {right} would fit"
    if right.rank == 2 and left.shape[-1] == right.shape[-1]:
        return f"{left} @ {transpose(right)} would fit"
    return ""
