"""Nodes that move entries without changing them: transpose, augment with ones, slices, repetition."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy.core.symbol import Str

from derive.ops.node import Arithmetic, Array, Constant, Node
from derive.ops.shapes import Shape, as_shape, is_single, require, show

EVERYTHING = (None, None)  # all of an axis


class Transpose(Node):
    """A^T of a matrix, shape (m, n) -> (n, m)."""

    __slots__ = ()

    def infer_shape(self) -> Shape:
        shape = self.operands[0].shape
        require(
            len(shape) == 2,
            f"the transpose of {'a scalar' if not shape else 'a flat list of numbers'}",
            "a matrix",
            "a flat list is a column to the right of @ and a row to its left; leave .T out, or write it as a matrix",
        )
        return shape[::-1]

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return np.swapaxes(arrays[0], -1, -2)

    def pull(self, gradient: Node, index: int) -> Node:
        from derive.ops.linear import transpose
        from derive.ops.tidy import expand

        return transpose(expand(gradient, self.shape))

    def runs_along(self, axis: int) -> tuple[int, ...]:
        return (1 - axis,)

    def at_one(self, axis: int, operands: tuple[Node, ...]) -> Node:
        """A row or a column, which is a vector and has no transpose."""
        return operands[0]


class Repeat(Node):
    """Entries repeated to a larger shape: a scalar times a vector of ones, a row for every sample."""

    __slots__ = ()

    def __new__(cls, node: Node, shape: Any) -> Node:
        return super().__new__(cls, node, sympy.Tuple(*shape))

    def infer_shape(self) -> Shape:
        return as_shape(self.args[1])

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        full = arithmetic.shape(self.shape)
        rank = self.operands[0].rank
        front = arrays[0].shape[: arrays[0].ndim - rank]
        own = arrays[0].shape[arrays[0].ndim - rank :]
        if is_single(self.operands[0].shape):
            own = (1,) * len(full)
        lifted = arrays[0].reshape(front + (1,) * (len(full) - len(own)) + own)
        return np.broadcast_to(lifted, front + full)

    def pull(self, gradient: Node, index: int) -> Node:
        from derive.ops.tidy import sum_to

        return sum_to(gradient, self.shape, self.operands[0].shape)


class Augment(Node):
    """Ones added for the bias: a column in front of a matrix (axis 1), a row on top (axis 0), or behind (`last`)."""

    __slots__ = ()

    def __new__(cls, node: Node, axis: Any = 1, last: Any = 0) -> Node:
        return super().__new__(cls, node, sympy.Integer(axis), sympy.Integer(last))

    @property
    def axis(self) -> int:
        """The axis that grows, counted in the operand (0 for a vector)."""
        return int(self.args[1]) if self.rank == 2 else 0

    @property
    def last(self) -> bool:
        return bool(self.args[2])

    def infer_shape(self) -> Shape:
        shape = self.operands[0].shape
        require(len(shape) in (1, 2), "augment of a scalar", "a vector or a matrix")
        require(self.args[1] in (0, 1), f"augment with axis={self.args[1]}", "axis 0 (a row) or 1 (a column)")
        axis = int(self.args[1]) if len(shape) == 2 else 0
        return tuple(d + 1 if i == axis else d for i, d in enumerate(shape))

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        axis = arrays[0].ndim - self.rank + self.axis
        edge = list(arrays[0].shape)
        edge[axis] = 1
        ones = np.broadcast_to(arithmetic.number(sympy.Integer(1)), edge)
        return np.concatenate([arrays[0], ones] if self.last else [ones, arrays[0]], axis=axis)

    def runs_along(self, axis: int) -> tuple[int, ...] | None:
        return (axis,) if axis != self.axis else None

    def kept(self) -> tuple[tuple[Any, Any], ...]:
        """The (start, stop) on each axis that select the operand's own entries."""
        own = (None, -1) if self.last else (1, None)
        return tuple(own if i == self.axis else (None, None) for i in range(self.rank))

    def pull(self, gradient: Node, index: int) -> Node:
        from derive.ops.linear import take
        from derive.ops.tidy import expand

        return take(expand(gradient, self.shape), self.kept())

    def jacobian(self, index: int) -> Node:
        return Selection(self.operands[0].shape[0] + 1, self.kept()[0], transposed=True)


class Slice(Node):
    """Some rows and columns: `W[1:]`, `Z[:, 1:]`, `x[0]` (an index drops its axis), negative numbers from the end."""

    __slots__ = ()

    def __new__(cls, node: Node, *items: Any) -> Node:
        return super().__new__(cls, node, *(_item(item) for item in items))

    @property
    def items(self) -> tuple[Any, ...]:
        """For each axis a whole number, or a pair (start, stop) where None is open."""
        found = [_plain(item) for item in self.args[1:]]
        return tuple(found + [EVERYTHING] * (self.operands[0].rank - len(found)))

    def infer_shape(self) -> Shape:
        shape = self.operands[0].shape
        given = len(self.args) - 1
        require(given <= len(shape), f"{given} indices for a quantity of shape {show(shape)}", "one for each axis")
        lengths = []
        for item, dimension in zip(self.items, shape, strict=True):
            if isinstance(item, int):
                require(
                    not isinstance(dimension, int) or -dimension <= item < dimension,
                    f"index {item} on an axis with {dimension} entries",
                    "an index from 0 to one less than the number of entries",
                )
            else:
                lengths.append(_length(item, dimension))
        return tuple(lengths)

    def runs_along(self, axis: int) -> tuple[int, ...] | None:
        """An axis that is kept whole."""
        kept = [place for place, item in enumerate(self.items) if not isinstance(item, int)]
        return (kept[axis],) if self.items[kept[axis]] == EVERYTHING else None

    def at_one(self, axis: int, operands: tuple[Node, ...]) -> Node:
        [place] = self.runs_along(axis) or (0,)
        items = tuple(item for number, item in enumerate(self.items) if number != place)
        return operands[0] if all(item == EVERYTHING for item in items) else Slice(operands[0], *items)

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        index = tuple(item if isinstance(item, int) else slice(*item) for item in self.items)
        return arrays[0][(..., *index)]

    def pull(self, gradient: Node, index: int) -> Node:
        from derive.ops.tidy import expand

        return Embed(expand(gradient, self.shape), self.operands[0].shape, *self.args[1:])

    def jacobian(self, index: int) -> Node:
        return Selection(self.operands[0].shape[0], self.items[0])


class Embed(Node):
    """The transpose of a slice: the entries put back into an array that is zero elsewhere."""

    __slots__ = ()

    def __new__(cls, node: Node, shape: Any, *items: Any) -> Node:
        return super().__new__(cls, node, sympy.Tuple(*shape), *items)

    def infer_shape(self) -> Shape:
        return as_shape(self.args[1])

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        rank = self.operands[0].rank
        front = arrays[0].shape[: arrays[0].ndim - rank]
        result = np.array(
            np.broadcast_to(arithmetic.number(sympy.Integer(0)), front + arithmetic.shape(self.shape)),
            dtype=arrays[0].dtype,
        )
        items = [_plain(item) for item in self.args[2:]]
        items += [(None, None)] * (self.rank - len(items))
        kept = sum(not isinstance(item, int) for item in items)  # axes of what is put back, where a number repeats
        entries = arrays[0].reshape(front + (1,) * (kept - rank) + arrays[0].shape[len(front) :])
        result[(..., *(item if isinstance(item, int) else slice(*item) for item in items))] = entries
        return result

    def pull(self, gradient: Node, index: int) -> Node:
        from derive.ops.linear import take
        from derive.ops.tidy import expand

        return take(expand(gradient, self.shape), tuple(_plain(item) for item in self.args[2:]))


class Selection(Node):
    """The matrix of zeros and ones that takes some entries of a vector (`transposed`: that puts them back)."""

    __slots__ = ()

    def __new__(cls, size: Any, item: Any, transposed: Any = False) -> Node:
        return super().__new__(cls, sympy.sympify(size), _item(item), sympy.Integer(bool(transposed)))

    @property
    def item(self) -> Any:
        """What is taken: a (start, stop) pair, or a single index as the pair of it alone."""
        item = _plain(self.args[1])
        return (item, item + 1 or None) if isinstance(item, int) else item

    @property
    def puts_back(self) -> bool:
        """Whether it is the transposed one, whose columns are those of the identity."""
        return bool(self.args[2])

    def flipped(self) -> Selection:
        """The matrix that puts back what this one takes, and the other way round."""
        return Selection(self.args[0], self.args[1], not self.args[2])

    def infer_shape(self) -> Shape:
        full = as_shape((self.args[0],))[0]
        taken = _length(self.item, full)
        return (full, taken) if self.args[2] else (taken, full)

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        full = arithmetic.shape((self.args[0],))[0]
        one, zero = (arithmetic.number(sympy.Integer(number)) for number in (1, 0))
        identity = np.where(np.eye(full, dtype=bool), one, zero)
        taken = identity[slice(*self.item)]
        return taken.T if self.puts_back else taken


class Identity(Node):
    """The identity matrix of a given size."""

    __slots__ = ()

    def __new__(cls, size: Any) -> Node:
        return super().__new__(cls, sympy.sympify(size))

    def infer_shape(self) -> Shape:
        return as_shape((self.args[0], self.args[0]))

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        full = arithmetic.shape(self.shape)[0]
        one, zero = (arithmetic.number(sympy.Integer(number)) for number in (1, 0))
        return np.where(np.eye(full, dtype=bool), one, zero)


def ones(shape: Shape) -> Node:
    """An array of ones."""
    return Repeat(Constant(1), shape)


def _item(item: Any) -> sympy.Basic:
    """A slice item as a SymPy argument: a whole number, or a tuple of two (an empty text for an open end)."""
    if isinstance(item, sympy.Basic):
        return item
    if isinstance(item, int):
        return sympy.Integer(item)
    return sympy.Tuple(*(Str("") if bound is None else sympy.Integer(bound) for bound in item))


def _plain(item: Any) -> Any:
    if isinstance(item, sympy.Integer):
        return int(item)
    return tuple(None if isinstance(bound, Str) else int(bound) for bound in item)


def _length(item: tuple[Any, Any], dimension: Any) -> Any:
    """How many entries a (start, stop) pair takes from an axis."""
    start, stop = item
    if isinstance(dimension, int):
        length = len(range(*slice(start, stop).indices(dimension)))
        require(length > 0, f"an empty slice of an axis with {dimension} entries", "at least one entry")
        return length
    first = dimension + start if start is not None and start < 0 else start or 0
    last = dimension if stop is None else dimension + stop if stop < 0 else stop
    return as_shape((sympy.sympify(last - first),))[0]
