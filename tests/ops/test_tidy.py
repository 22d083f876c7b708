"""What derivatives are written with: each line is an expression and what a teacher would write for it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from derive.ops import (
    Augment,
    Constant,
    Diagonal,
    Dot,
    Fn,
    Identity,
    Node,
    Outer,
    Plus,
    Power,
    Repeat,
    Sum,
    Tensor,
    Times,
    Transpose,
    as_node,
    diagonal,
    dot,
    expand,
    ones,
    outer,
    plus,
    row_of,
    sum_to,
    take,
    times,
    transpose,
)
from tests.support import equations, forward_lines, random_values, value_of

N, H = sympy.symbols("N H", integer=True, positive=True)
rational = sympy.Rational
EVERY = (None, None)
FROM_1 = (1, None)

s, u = Tensor("s"), Tensor("u")
x, y, t = (Tensor(name, (3,)) for name in "xyt")
v = Tensor("v", (2,))
ONE = Tensor("one", (1, 1))
A, B = Tensor("A", (2, 3)), Tensor("B", (3, 4))
g, W, Z, c = Tensor("g", (5, 4)), Tensor("W", (3, 4)), Tensor("Z", (5, 3)), Tensor("c", (5, 1))

TIDY: list[tuple[Callable[[], Node], str]] = [
    # products: constants first and multiplied out, powers of one base joined
    (lambda: x * (1 / x), "1"),
    (lambda: 2 * (y - t), "2 * (y - t)"),
    (lambda: y * 2 * 3, "6 * y"),
    (lambda: x * -1 * y * -2, "2 * x * y"),
    (lambda: x * (y - t) * 3, "3 * x * (y - t)"),
    (lambda: 2 * (2 * (y - t)), "4 * (y - t)"),
    (lambda: rational(1, 2) * (2 * x), "x"),
    (lambda: 1 * x, "x"),
    (lambda: 0 * x, "0"),
    (lambda: -1 * (-x), "x"),
    (lambda: -(y - t), "-(y - t)"),
    (lambda: x * s / x, "s"),
    (lambda: (x * y) / (x * t), "y/t"),
    (lambda: x**2 / x, "x"),
    (lambda: 1 / (1 / x), "x"),
    (lambda: x**2 * x, "x**3"),
    (lambda: (x**2) ** 3, "x**6"),
    (lambda: (y - t) * (y - t), "(y - t)**2"),
    (lambda: x ** rational(1, 2) * x ** rational(1, 2), "x"),
    (lambda: x**1, "x"),
    (lambda: x**0, "1"),
    (lambda: x / (-y), "-x/y"),
    (lambda: 1 / (x * y), "1/(x * y)"),
    (lambda: x / (y + t), "x/(y + t)"),
    (lambda: x / (2 * y), "1/2 * x/y"),
    (lambda: Fn("tanh", x) * Fn("tanh", x), "tanh(x)**2"),
    # single numbers stand in front of arrays, and a number repeated is a number
    (lambda: x * s, "s * x"),
    (lambda: x * y * s * 2, "2 * s * x * y"),
    (lambda: times(Repeat(s, (3,)), x), "s * x"),
    (lambda: times(Repeat(1 / (s * u), (3,)), x, s), "1/u * x"),
    # sums: equal whole terms are collected, nothing else is
    (lambda: t - t, "0"),
    (lambda: t + t, "2 * t"),
    (lambda: -t - t, "-2 * t"),
    (lambda: plus(t, t, t), "3 * t"),
    (lambda: plus(-t, -t, t), "-t"),
    (lambda: x + y - x, "y"),
    (lambda: x + 0, "x"),
    (lambda: as_node(3) + x + 2, "5 + x"),
    (lambda: rational(51, 50) * y - t, "51/50 * y - t"),
    (lambda: y - t + rational(1, 50) * y, "y - t + 1/50 * y"),
    (lambda: x - (y - t), "x - (y - t)"),
    (lambda: x - 2 * (y - t), "x - 2 * (y - t)"),
    (lambda: -x - y, "-x - y"),
    (lambda: 1 - x**2, "1 - x**2"),
    (lambda: -t / y + (1 - t) / (1 - y), "-t/y + (1 - t)/(1 - y)"),
    (lambda: x - rational(1, 2) * y, "x - 1/2 * y"),
    # counts
    (lambda: as_node(1 / N) * (y - t), "1/N * (y - t)"),
    (lambda: (y - t) / N, "1/N * (y - t)"),
    (lambda: -(y - t) / N, "-1/N * (y - t)"),
    (lambda: as_node(2 / (3 * N)) * (y - t), "2/(3*N) * (y - t)"),
    (lambda: as_node(1 / (2 * N)) * (2 * (y - t)), "1/N * (y - t)"),
    (lambda: as_node(N) * (y / N), "y"),
    (lambda: as_node(H + 1) * x, "(H + 1) * x"),
    (lambda: as_node(1 - 1 / N) * x, "(1 - 1/N) * x"),
    (lambda: x / as_node(H + 1), "1/(H + 1) * x"),
    # transposes
    (lambda: transpose(Dot(A, B)), "B.T @ A.T"),
    (lambda: transpose(transpose(A)), "A"),
    (lambda: transpose(2 * A), "2 * A.T"),
    (lambda: transpose(times(s, A)), "s * A.T"),
    (lambda: transpose(Outer(v, x)), "x @ v.T"),
    (lambda: transpose(Identity(3)), "identity(3)"),
    (lambda: transpose(Fn("tanh", A)), "tanh(A).T"),
    # products of matrices
    (lambda: dot(2 * A, 3 * B), "6 * (A @ B)"),
    (lambda: dot(times(s, A), times(u, B)), "s * u * (A @ B)"),
    (lambda: dot(Diagonal(x) - Outer(x, x), diagonal(Repeat(s, (3,)))), "s * (diagonal(x) - x @ x.T)"),
    (lambda: diagonal(3 * s * x), "3 * s * diagonal(x)"),
    (lambda: row_of(2 * (y - t)), "2 * row_of(y - t)"),
    (lambda: dot(A, -x), "-A @ x"),
    (lambda: dot(Identity(2), A), "A"),
    (lambda: dot(A, Identity(3)), "A"),
    (lambda: dot(A, Outer(x, v)), "A @ x @ v.T"),
    (lambda: dot(transpose(A), Dot(A, B)), "A.T @ (A @ B)"),
    (lambda: dot(Diagonal(x), Diagonal(y)), str(Diagonal(x * y))),
    (lambda: outer(2 * v, x), "2 * (v @ x.T)"),
    (lambda: diagonal(ones((3,))), "identity(3)"),
    (lambda: diagonal(Repeat(Constant(2), (3,))), "2 * identity(3)"),
    # slices
    (lambda: take(Dot(g, Transpose(W)), (EVERY, FROM_1)), "g @ W[1:].T"),
    (lambda: take(Dot(A, B), (FROM_1, EVERY)), "A[1:] @ B"),
    (lambda: take(A, (EVERY, EVERY)), "A"),
    (lambda: take(A, (FROM_1, EVERY)), "A[1:]"),
    (lambda: take(Transpose(A), (FROM_1, EVERY)), "A[:, 1:].T"),
    # sums over what was broadcast
    (lambda: sum_to(Z, (5, 3), ()), "sum(Z)"),
    (lambda: sum_to(2 * x * Fn("exp", x), (3,), ()), "2 * sum(x * exp(x))"),
    (lambda: sum_to(s, (N, 3), (3,)), "N * s"),
    (lambda: sum_to(c, (5, 3), (5, 1)), "3 * c"),
    (lambda: sum_to(Z, (5, 3), (5, 3)), "Z"),
    (lambda: expand(x, (3,)), "x"),
    (plus, "0"),
    (times, "1"),
]


@pytest.mark.parametrize(("build", "wanted"), TIDY, ids=[wanted for _, wanted in TIDY])
def test_reads_as_a_teacher_writes_it(build: Callable[[], Node], wanted: str) -> None:
    assert str(build()) == wanted


@pytest.mark.parametrize(
    ("node", "full", "shape"),
    [
        (Z, (5, 3), (3,)), (2 * Z, (5, 3), (1, 3)), (Z, (5, 3), (5, 1)), (Z, (5, 3), ()), (c, (5, 3), (3,)),
        (x, (5, 3), (3,)), (x, (5, 3), (5, 1)), (x, (5, 3), ()), (s, (5, 3), (1, 3)), (Constant(2), (5, 3), (3,)),
        (Z, (5, 3), (1, 1)), (x, (5, 3), (1, 1)), (x, (3,), (1,)), (s, (5, 1), (1,)), (ONE, (1, 1), (1,)),
        (ONE, (1, 1), ()), (ONE, (1, 1), (1, 1)), (Tensor("w", (1,)), (1,), ()), (s, (1, 1), (1,)), (s, (1,), (1,)),
    ],
)  # fmt: skip
def test_sums_undo_broadcasting(node: Node, full: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """The sum of the repeated entries, whatever part of the repetition was written out before."""
    values = random_values(node.tensors, np.random.default_rng(1))
    repeated = np.broadcast_to(value_of(node, values), full)
    lifted = (1,) * (len(full) - len(shape)) + shape
    axes = tuple(axis for axis, size in enumerate(lifted) if size == 1)
    wanted = repeated.sum(axis=axes, keepdims=True).reshape(shape)
    found = value_of(sum_to(node, full, shape), values)
    np.testing.assert_allclose(np.broadcast_to(found, shape), wanted, rtol=1e-14)


LEAVES = [x, y, t, s, Constant(2), Constant(-1), Constant(rational(3, 4))]
expressions = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner.filter(lambda node: node != Constant(0)), st.sampled_from([-1, 2, 3])).map(
            lambda pair: pair[0] ** pair[1]
        ),
    ),
    max_leaves=8,
)


@st.composite
def operations(draw: st.DrawFn) -> tuple[str, Node, Node]:
    return draw(st.sampled_from(["+", "*", "-"])), draw(expressions), draw(expressions)


@given(operations())
def test_tidying_never_changes_the_value(operation: tuple[str, Node, Node]) -> None:
    sign, left, right = operation
    values = random_values((x, y, t, s), np.random.default_rng(2))
    with np.errstate(divide="ignore", invalid="ignore"):  # 1/(y - (y + 0)) may be drawn, and says nothing
        numbers = [np.broadcast_to(value_of(node, values), (3,)) for node in (left, right)]
    assume(np.isfinite(numbers).all())
    wanted = {"+": np.add, "*": np.multiply, "-": np.subtract}[sign](*numbers)
    result = {"+": left + right, "*": left * right, "-": left - right}[sign]
    found = np.broadcast_to(value_of(result, values), (3,))
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-8 * max(1, *map(np.max, map(np.abs, numbers))))


@pytest.mark.parametrize("order", list(permutations((x, y, t))))
def test_the_order_of_terms_and_factors_is_kept(order: tuple[Tensor, ...]) -> None:
    assert str(plus(*order)) == " + ".join(tensor.name for tensor in order)
    assert str(times(*order)) == " * ".join(tensor.name for tensor in order)


def test_raw_constructors_tidy_nothing() -> None:
    minus = Constant(-1)
    assert str(Plus(t, Times(minus, t))) == "t - t"
    assert str(Times(x, Power(x, minus))) == "x/x"
    assert str(Times(x, Constant(2), Constant(3))) == "x * 2 * 3"
    assert str(Power(x, Constant(1))) == "x**1"
    assert str(Plus(x, Constant(0))) == "x + 0"
    assert str(Transpose(Transpose(A))) == "A.T.T"
    assert str(Dot(Identity(2), A)) == "identity(2) @ A"


@pytest.mark.parametrize(
    "line",
    [
        "q = t - t", "q = x * 2 * 3", "q = x**1 + 0", "q = 2 * (y - t)", "q = -2 * t + 2 * y", "q = (y - t) * 2",
        "q = -t * log(y) - (1 - t) * log(1 - y)", "q = x/y", "q = 0.10 * x + 1.0", "q = y - 0.50 * t", "q = x + y + t",
        "q = x - (y - t)", "q = x - (y + t)", "q = x/(2 * y)", "q = x/y/t", "q = x/(y/t)", "q = x * (y * t)",
        "q = -(x - y)", "q = (-x)**2", "q = -x**2", "q = 1/x", "q = x**(1/2)",
        "q = x * (y + t)**2", "q = max(0, x)", "q = sum(x) * y", "q = A.T", "q = A @ x", "q = v @ A @ B",
        "q = v @ (A @ B)", "q = A @ x * v", "q = A[0] + x", "q = A[:, 1:]", "q = A.T[1:]", "q = B[1:].T",
        "q = augment(A)", "q = augment(A, axis=0)", "q = augment(A, axis=0, last=True)", "q = softmax(A)",
        "q = softmax(A, axis=0)", "q = log_softmax(A, axis=0)", "q = leaky_relu(x, alpha=0.2)",
        "q = softplus(x, beta=2)",
        "q = mean(A)", "q = 1/(2 * 3) * x", "q = x * 1/y", "q = x * (1/y)",
        "q = 1/2 * x", "q = x - -y", "q = x * (-y)", "q = 2 * (-x)", "q = -2 * x", "q = - -x", "q = x/y * t",
        "q = x * y/t", "q = x/(-y)", "q = exp(-x)", "q = -1/x", "q = (x**2)**3", "q = 2**3 * x",
        "q = x - 1", "q = -1 + x", "q = x * 0.5", "q = 1e-3 * x", "q = x / 2",
    ],
)  # fmt: skip
def test_what_the_author_wrote_is_printed_as_written(line: str) -> None:
    """Order, numbers and brackets are the author's; only spaces and a `+`, `1 *` or brackets without effect may go."""
    text = equations(line, x=(3,), y=(3,), t=(3,), v=(2,), A=(2, 3), B=(3, 4))
    steps = forward_lines(text)
    assert line_without_spaces(steps[-1]) == line_without_spaces(line)


def line_without_spaces(line: str) -> str:
    return line.replace(" ", "")


def test_a_sum_of_a_sum_is_one_entry_each() -> None:
    assert str(Sum(Augment(A))) == "sum(augment(A))"
