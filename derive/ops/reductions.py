"""Sums and means: over all entries as the author writes them, over one axis where a derivative needs it."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from derive.ops.linear import RowOf
from derive.ops.node import Arithmetic, Array, Constant, Node
from derive.ops.shapes import Shape, require, show, size
from derive.ops.structure import ones
from derive.ops.tidy import split_constant, times


class Sum(Node):
    """The sum of all entries."""

    __slots__ = ()

    def infer_shape(self) -> Shape:
        return ()

    def weight(self) -> sympy.Expr:
        """What each entry counts."""
        return sympy.Integer(1)

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        rank = self.operands[0].rank
        return np.asarray(arrays[0].sum(axis=tuple(range(-rank, 0))))

    def pull(self, gradient: Node, index: int) -> Node:
        """Every entry gets the gradient of the sum (times its weight), whatever its place."""
        return times(gradient, Constant(self.weight()))

    def jacobian(self, index: int) -> Node:
        operand = self.operands[index]
        require(operand.rank <= 1, f"the Jacobian of a sum over a {show(operand.shape)} matrix", "a vector")
        return times(Constant(self.weight()), RowOf(ones(operand.shape)))


class Mean(Sum):
    """The mean of all entries: their sum divided by how many there are."""

    __slots__ = ()

    def weight(self) -> sympy.Expr:
        return 1 / size(self.operands[0].shape)

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return super().value(arithmetic, *arrays) * arithmetic.number(
            sympy.Integer(1) / sympy.Mul(*arithmetic.shape(self.operands[0].shape))
        )


class SumAxis(Node):
    """The sum along one axis, which vanishes or stays with one entry (`keep`)."""

    __slots__ = ()

    def __new__(cls, node: Node, axis: Any, keep: Any = False) -> Node:
        return super().__new__(cls, node, sympy.Integer(axis), sympy.Integer(bool(keep)))

    @property
    def axis(self) -> int:
        return int(self.args[1]) % self.operands[0].rank

    @property
    def keep(self) -> bool:
        return bool(self.args[2])

    def infer_shape(self) -> Shape:
        shape = self.operands[0].shape
        return shape[: self.axis] + ((1,) if self.keep else ()) + shape[self.axis + 1 :]

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return np.asarray(arrays[0].sum(axis=self.axis - self.operands[0].rank, keepdims=self.keep))

    def runs_along(self, axis: int) -> tuple[int, ...] | None:
        """The other axis, which stays where it was or moves up."""
        own = axis + (not self.keep and axis >= self.axis)
        return (own,) if own != self.axis else None

    def pull(self, gradient: Node, index: int) -> Node:
        from derive.ops.tidy import expand

        shape = self.operands[0].shape
        require(self.keep or self.axis == 0, "a sum along columns that drops its axis", "keep=True")
        return expand(gradient, shape) if gradient.rank else gradient


def sum_axis(node: Node, axis: int, keep: bool) -> Node:
    """The sum along an axis with numbers in front."""
    number, rest = split_constant(node)
    if rest is not None and number != 1:
        return times(Constant(number), SumAxis(rest, axis, keep))
    return SumAxis(node, axis, keep)


def sum_entries(node: Node) -> Node:
    """The sum of all entries with numbers in front."""
    number, rest = split_constant(node)
    if rest is not None and number != 1 and rest.shape == node.shape:
        return times(Constant(number), Sum(rest))
    return Sum(node)
