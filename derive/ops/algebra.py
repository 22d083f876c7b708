"""Sums, products and powers, entry by entry. The classes are raw: they keep what the author wrote, in that order.

Derivatives are built with the tidying constructors in `derive.ops.tidy` instead.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
import sympy

from derive.ops.node import Arithmetic, Array, Constant, Node, aligned
from derive.ops.shapes import Shape, broadcast


class Elementwise(Node):
    """A function applied entry by entry, with broadcasting; `partial(i)` is its slope in operand `i`."""

    __slots__ = ()
    is_elementwise = True

    def infer_shape(self) -> Shape:
        return broadcast(*(operand.shape for operand in self.operands))

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return self.apply(arithmetic, *aligned(arrays, tuple([len(operand.shape) for operand in self.operands])))

    def runs_along(self, axis: int) -> tuple[int | None, ...]:
        """Axes line up at the end; what repeats along the axis serves all entries."""
        own = [axis - self.rank + operand.rank for operand in self.operands]
        return tuple(
            place if place >= 0 and operand.shape[place] == self.shape[axis] else None
            for place, operand in zip(own, self.operands, strict=True)
        )

    def at_one(self, axis: int, operands: tuple[Node, ...]) -> Node:
        """An operand with a single entry along the axis, a bias in a column, loses the axis as well."""
        from derive.ops.structure import EVERYTHING, Slice

        lined_up = zip(self.operands, operands, self.runs_along(axis), strict=True)
        places = [(axis - self.rank + whole.rank, one, runs is None) for whole, one, runs in lined_up]
        alone = (
            Slice(one, *(EVERYTHING,) * place, 0) if repeats and place >= 0 else one for place, one, repeats in places
        )
        return super().at_one(axis, tuple(alone))

    def apply(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        """The values of aligned arrays."""
        raise NotImplementedError

    def scalar(self, *operands: sympy.Expr) -> sympy.Expr:
        """The textbook function of one entry, as SymPy knows it."""
        raise NotImplementedError

    def partial(self, index: int) -> Node:
        """The derivative of an entry with respect to the same entry of operand `index`."""
        raise NotImplementedError

    def pull(self, gradient: Node, index: int) -> Node:
        """gradient ⊙ slope, summed over the axes along which the operand repeats."""
        from derive.ops.tidy import sum_to, times

        return sum_to(times(gradient, self.partial(index)), self.shape, self.operands[index].shape)

    def jacobian(self, index: int) -> Node:
        """diag(slope); for a single number that repeats the column of slopes."""
        from derive.ops.linear import ColumnOf, diagonal
        from derive.ops.tidy import expand

        slope = expand(self.partial(index), self.shape)
        if not self.rank:
            return slope
        return diagonal(slope) if self.operands[index].shape == self.shape else ColumnOf(slope)


class Plus(Elementwise):
    """A sum of terms in the author's order; a term with a negative factor in front prints with a minus sign."""

    __slots__ = ()

    def apply(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return functools.reduce(operator.add, arrays)

    def scalar(self, *operands: sympy.Expr) -> sympy.Expr:
        return sympy.Add(*operands)

    def partial(self, index: int) -> Node:
        return Constant(1)


class Times(Elementwise):
    """A product, entry by entry; a factor to a negative power prints below a fraction bar."""

    __slots__ = ()

    def apply(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return functools.reduce(operator.mul, arrays)

    def scalar(self, *operands: sympy.Expr) -> sympy.Expr:
        return sympy.Mul(*operands)

    def partial(self, index: int) -> Node:
        from derive.ops.tidy import times

        return times(*self.operands[:index], *self.operands[index + 1 :])


class Power(Elementwise):
    """base ** exponent, the exponent a number: d(u^n) = n u^(n-1) du."""

    __slots__ = ()

    @property
    def base(self) -> Node:
        return self.operands[0]

    @property
    def exponent(self) -> sympy.Expr:
        """The number in the exponent."""
        return self.operands[1].number

    def apply(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        base, exponent = arrays[0], self.exponent
        if exponent == -1:
            return 1 / base
        if exponent.is_Integer:
            return base ** int(exponent)
        if exponent == sympy.Rational(1, 2):
            return np.sqrt(base)
        return base ** arrays[1]

    def scalar(self, *operands: sympy.Expr) -> sympy.Expr:
        return sympy.Pow(*operands)

    def partial(self, index: int) -> Node:
        if index == 1:
            raise NotImplementedError("exponents are numbers")
        from derive.ops.tidy import power, times

        return times(Constant(self.exponent), power(self.base, Constant(self.exponent - 1)))


def negative_factor(node: Node) -> bool:
    """Whether a term prints with a minus sign in front."""
    if isinstance(node, Constant):
        return node.is_negative_number
    return isinstance(node, Times) and negative_factor(node.operands[0])


def scalar(node: Node, symbols: dict[Node, Any]) -> sympy.Expr:
    """The textbook scalar form of an elementwise expression, each quantity one SymPy symbol."""
    if node in symbols:
        return symbols[node]
    if isinstance(node, Constant):
        return node.number
    if not isinstance(node, Elementwise):
        raise TypeError(f"not an elementwise expression: {node}")
    return node.scalar(*(scalar(operand, symbols) for operand in node.operands))
