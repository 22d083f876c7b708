"""Softmax and its relatives: functions of a whole row (or column) of logits, and one-hot vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from derive.ops.linear import Diagonal, Outer, dot
from derive.ops.node import Arithmetic, Array, Node
from derive.ops.reductions import sum_axis
from derive.ops.shapes import Shape, require, show
from derive.ops.structure import Identity, ones
from derive.ops.tidy import expand, times

WHOLE = ("sum", "mean", "softmax", "log_softmax", "augment")  # functions of whole arrays in the equation language


class AlongAxis(Node):
    """A function that maps a vector to a vector of the same length, along one axis."""

    __slots__ = ()

    def __new__(cls, node: Node, axis: Any = -1) -> Node:
        return super().__new__(cls, node, sympy.Integer(axis))

    @property
    def axis(self) -> int:
        """The axis of the classes, counted from the end."""
        axis = int(self.args[1])
        return axis if axis < 0 else axis - self.rank

    def infer_shape(self) -> Shape:
        shape = self.operands[0].shape
        axis = int(self.args[1])
        require(
            len(shape) in (1, 2) and -len(shape) <= axis < len(shape),
            f"{type(self).__name__.lower()} along axis {axis} of a quantity of shape {show(shape)}",
            "a vector, or a matrix with axis=-1 (classes in columns) or axis=0 (classes in rows)",
        )
        return shape

    def runs_along(self, axis: int) -> tuple[int, ...] | None:
        return (axis,) if axis - self.rank != self.axis else None

    def at_one(self, axis: int, operands: tuple[Node, ...]) -> Node:
        return type(self)(operands[0])

    def total(self, node: Node) -> Node:
        """The sum over the classes, kept as one entry per sample so that it broadcasts."""
        full = expand(node, self.shape)
        return sum_axis(full, self.axis % self.rank, keep=self.rank == 2)


class Softmax(AlongAxis):
    """p_i = exp(s_i) / sum_j exp(s_j); dp_i/ds_j = p_i (1[i = j] - p_j)."""

    __slots__ = ()

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        powers = np.exp(arrays[0] - arithmetic.shift(arrays[0], self.axis))
        return np.asarray(powers / powers.sum(axis=self.axis, keepdims=True))

    def pull(self, gradient: Node, index: int) -> Node:
        """p ⊙ (g - sum(p ⊙ g)), one sum per sample; for one sample the sum is p^T g."""
        if self.rank == 1:
            return times(self, gradient - dot(self, expand(gradient, self.shape)))
        return times(self, gradient - self.total(times(self, gradient)))

    def jacobian(self, index: int) -> Node:
        require(self.rank == 1, "the Jacobian of a softmax over a batch", "one sample")
        return Diagonal(self) - Outer(self, self)


class LogSoftmax(AlongAxis):
    """log p_i = s_i - log sum_j exp(s_j); d(log p_i)/ds_j = 1[i = j] - p_j."""

    __slots__ = ()

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        shifted = arrays[0] - arithmetic.shift(arrays[0], self.axis)
        return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=self.axis, keepdims=True)))

    def pull(self, gradient: Node, index: int) -> Node:
        """g - p ⊙ sum(g), one sum per sample."""
        return expand(gradient, self.shape) - times(Softmax(*self.args), self.total(gradient))

    def jacobian(self, index: int) -> Node:
        require(self.rank == 1, "the Jacobian of a log-softmax over a batch", "one sample")
        return Identity(self.shape[0]) - Outer(ones(self.shape), Softmax(*self.args))


class OneHot(Node):
    """Class indices (counted from 0) as vectors with a single 1, along the axis of the classes."""

    __slots__ = ()

    def __new__(cls, node: Node, classes: Any, axis: Any = -1) -> Node:
        return super().__new__(cls, node, sympy.sympify(classes), sympy.Integer(axis))

    def infer_shape(self) -> Shape:
        shape = self.operands[0].shape
        require(len(shape) <= 1, f"class indices of shape {show(shape)}", "one whole number for each sample")
        classes = int(self.args[1]) if self.args[1].is_Integer else self.args[1]
        return (*shape, classes) if int(self.args[2]) == -1 or not shape else (classes, *shape)

    def runs_along(self, axis: int) -> tuple[int, ...] | None:
        """The samples, not the classes."""
        samples = 1 if int(self.args[2]) == 0 else 0
        return (0,) if self.rank == 2 and axis == samples else None

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        rank = self.operands[0].rank
        classes = arithmetic.shape((self.args[1],))[0]
        columns = int(self.args[2]) == 0 and rank == 1
        numbers = np.arange(classes).reshape(-1, 1) if columns else np.arange(classes)
        indices = arrays[0][..., None, :] if columns else arrays[0][..., None]
        one, zero = (arithmetic.number(sympy.Integer(number)) for number in (1, 0))
        return np.where(np.asarray(indices == numbers, dtype=bool), one, zero)
