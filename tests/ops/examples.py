"""Examples of every kind of node, and numbers for them."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from derive.ops import (
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Dot,
    Embed,
    Fn,
    Identity,
    LogSoftmax,
    Mean,
    Node,
    OneHot,
    Outer,
    Plus,
    Power,
    Repeat,
    RowOf,
    Selection,
    Slice,
    Softmax,
    Sum,
    SumAxis,
    Tensor,
    Times,
    Transpose,
)
from derive.ops.entries import EntryOf
from tests.support import random_values

N = sympy.Symbol("N", integer=True, positive=True)
DIMENSIONS = {"N": 2}
MINUS = Constant(-1)

s, r = Tensor("s"), Tensor("r")
x, y, t = (Tensor(name, (3,)) for name in "xyt")
v = Tensor("v", (2,))
A, B = (Tensor(name, (2, 3)) for name in "AB")
C, D = Tensor("C", (3, 4)), Tensor("D", (2, 1))
X = Tensor("X", (N, 3))
row, column = Tensor("row", (1, 3)), Tensor("column", (2, 1))
k = Tensor("k", (2,))

EXAMPLES: dict[type[Node], list[Node]] = {
    Tensor: [s, x, A, X],
    Constant: [Constant(2), Constant(sympy.Rational(1, 10), "0.10"), Constant(1 / (2 * N)), Constant(-3)],
    Plus: [
        Plus(y, Times(MINUS, t)), Plus(A, x), Plus(A, row), Plus(column, A), Plus(s, x, Constant(1)), Plus(X, x),
    ],
    Times: [Times(Constant(2), Plus(y, Times(MINUS, t))), Times(A, B), Times(s, A), Times(A, x), Times(X, x, s)],
    Power: [
        Power(y, Constant(2)), Power(A, Constant(-1)), Power(x, Constant(sympy.Rational(1, 2))), Power(s, Constant(-3)),
        Power(x, Constant(sympy.Rational(-3, 2))), Power(A, Constant(sympy.Rational(1, 3))),
    ],
    Fn: [
        Fn("tanh", x), Fn("leaky_relu", A, Constant(sympy.Rational(1, 5))), Fn("max", x, y), Fn("xlogy", t, y),
        Fn("max", Constant(0), s), Fn("softplus", X), Fn("min", A, x), Fn("elu", x),
    ],
    Dot: [
        Dot(A, x), Dot(v, A), Dot(x, y), Dot(A, C), Dot(Dot(v, A), C), Dot(X, C), Dot(Transpose(A), v),
        Dot(v, Transpose(Transpose(A))),
    ],
    Outer: [Outer(v, x), Outer(x, x)],
    Diagonal: [Diagonal(x)],
    RowOf: [RowOf(x)],
    ColumnOf: [ColumnOf(x)],
    Transpose: [Transpose(A), Transpose(X), Dot(Transpose(A), B)],
    Repeat: [Repeat(s, (3,)), Repeat(x, (2, 3)), Repeat(column, (2, 3)), Repeat(s, (N, 3)), Repeat(x, (N, 3))],
    Augment: [
        Augment(A), Augment(A, 0), Augment(x), Augment(A, 1, True), Augment(A, 0, True), Augment(X),
        Augment(x, 1, True),
    ],
    Slice: [
        Slice(A, (1, None)), Slice(A, (None, None), (1, None)), Slice(A, 0), Slice(A, (None, None), -1), Slice(x, 1),
        Slice(x, (None, -1)), Slice(A, 1, 2), Slice(X, (None, None), (1, None)), Slice(x, (1, 3)), Slice(x, -1),
    ],
    EntryOf: [EntryOf(x, 1), EntryOf(A, 1, 2), EntryOf(X, 0, 1)],
    Embed: [Slice(x, (1, None)).pull(v, 0), Slice(A, 0).pull(x, 0), Slice(A, 0, 1).pull(s, 0)],
    Selection: [Selection(3, (1, None)), Selection(3, 1), Selection(3, -1), Selection(3, (None, -1), True)],
    Identity: [Identity(3), Identity(N)],
    Sum: [Sum(x), Sum(A), Sum(Power(Plus(X, Times(MINUS, X)), Constant(2)))],
    Mean: [Mean(x), Mean(A), Mean(X)],
    SumAxis: [
        SumAxis(A, 0), SumAxis(A, 1, True), SumAxis(A, 0, True), SumAxis(x, 0), SumAxis(X, 0), SumAxis(A, -1, True),
    ],
    Softmax: [Softmax(x), Softmax(A), Softmax(A, 0), Softmax(X)],
    LogSoftmax: [LogSoftmax(x), LogSoftmax(A), LogSoftmax(A, 0), LogSoftmax(X)],
    OneHot: [OneHot(k, 3), OneHot(k, 3, 0), OneHot(Tensor("c"), 3)],
}  # fmt: skip

ALL = [node for nodes in EXAMPLES.values() for node in nodes]
every_example = pytest.mark.parametrize("node", ALL, ids=str)


def leaves(node: Node) -> dict[str, np.ndarray]:
    values = random_values(node.tensors, np.random.default_rng(7))
    return values | {name: np.arange(values[name].size).reshape(values[name].shape) for name in values if name in "kc"}


def shape_in_numbers(node: Node) -> tuple[int, ...]:
    return tuple(size if isinstance(size, int) else int(size.subs(N, DIMENSIONS["N"])) for size in node.shape)
