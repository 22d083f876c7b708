"""Every kind of node: it survives copying, and its shape, value, gradient and Jacobian agree with each other."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Iterator

import numpy as np
import pytest
import sympy

from derive.errors import ShapeError
from derive.evaluate import ExactArithmetic, exact_array
from derive.ops import (
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Dot,
    Elementwise,
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
    evaluate,
)
from derive.ops.softmax import AlongAxis
from tests.support import random_values, value_of

N = sympy.Symbol("N", integer=True, positive=True)
DIMENSIONS = {"N": 2}
ABSTRACT = {Elementwise, AlongAxis}
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


def subclasses(kind: type[Node]) -> Iterator[type[Node]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def leaves(node: Node) -> dict[str, np.ndarray]:
    values = random_values(node.tensors, np.random.default_rng(7))
    return values | {name: np.arange(values[name].size).reshape(values[name].shape) for name in values if name in "kc"}


def operand_values(node: Node) -> list[np.ndarray]:
    values = leaves(node)
    return [value_of(operand, values, DIMENSIONS) for operand in node.operands]


def shape_in_numbers(node: Node) -> tuple[int, ...]:
    return tuple(size if isinstance(size, int) else int(size.subs(N, DIMENSIONS["N"])) for size in node.shape)


def differentiable(node: Node) -> list[int]:
    """The operands by which a node is ever differentiated: not exponents, parameters, class indices and Jacobians."""
    if isinstance(node, OneHot | Diagonal | RowOf | ColumnOf | Tensor):
        return []
    count = 1 if isinstance(node, Power) else len(node.arguments) if isinstance(node, Fn) else len(node.operands)
    return list(range(count))


def as_leaves(node: Node) -> tuple[Node, list[Tensor]]:
    """The same operation on plain quantities, which is where its local derivatives can be seen alone."""
    places = differentiable(node)
    plain = [Tensor(f"o_{place}", node.operands[place].shape) for place in places]
    remaining = iter(range(len(node.operands)))
    arguments = []
    for argument in node.args:
        place = next(remaining) if isinstance(argument, Node) else None
        arguments.append(argument if place is None or place not in places else plain[place])
    return node.func(*arguments), plain


def numeric_jacobian(node: Node, tensor: Tensor, values: dict[str, np.ndarray]) -> np.ndarray:
    """Entries of the node by entries of the quantity, by complex steps."""
    step = 1e-30
    columns = []
    for place in range(values[tensor.name].size):
        moved = values[tensor.name].astype(complex)
        moved.flat[place] += 1j * step
        columns.append(value_of(node, values | {tensor.name: moved}, DIMENSIONS).imag.ravel() / step)
    return np.array(columns).T.reshape(math.prod(shape_in_numbers(node)), len(columns))


def test_every_kind_of_node_has_an_example() -> None:
    kinds = {kind for kind in subclasses(Node) if kind.__module__.startswith("derive.")}
    assert kinds - ABSTRACT == set(EXAMPLES)
    for kind, nodes in EXAMPLES.items():
        assert any(isinstance(node, kind) for node in nodes), kind


@every_example
def test_copies_are_equal_and_print_the_same(node: Node) -> None:
    for again in (pickle.loads(pickle.dumps(node)), copy.deepcopy(node), copy.copy(node), node.func(*node.args)):
        assert again == node
        assert (hash(again), str(again), again.shape) == (hash(node), str(node), node.shape)
        assert sympy.latex(again) == sympy.latex(node)
        assert again.args == node.args


@every_example
def test_replacing_a_quantity_keeps_the_order(node: Node) -> None:
    there = {tensor: Tensor(f"q_{place}", tensor.shape) for place, tensor in enumerate(node.tensors)}
    replaced = node.xreplace(there)
    for tensor, other in there.items():
        assert tensor not in replaced.tensors
        assert other in replaced.tensors
    again = replaced.xreplace({other: tensor for tensor, other in there.items()})
    assert (again, str(again), sympy.latex(again)) == (node, str(node), sympy.latex(node))
    assert (again.shape, again.tensors) == (node.shape, node.tensors)


@every_example
def test_the_value_has_the_shape(node: Node) -> None:
    value = value_of(node, leaves(node), DIMENSIONS)
    assert value.shape == shape_in_numbers(node)
    assert np.isfinite(value).all()


@every_example
def test_sympy_shows_it(node: Node) -> None:
    assert str(node) == sympy.sstr(node) == sympy.srepr(node)
    assert sympy.latex(node) and sympy.pretty(node)


@every_example
def test_variants_are_the_separate_values(node: Node) -> None:
    """Three variants in one call, whether they reach every operand or one of them only."""
    names = list(leaves(node))
    generator = np.random.default_rng(11)
    several = [
        {
            name: values if name in "kc" else values * generator.uniform(0.5, 1.0, values.shape)
            for name, values in leaves(node).items()
        }
        for _ in range(3)
    ]
    for varied in [names, *([name] for name in names)]:
        stacked = {name: np.stack([values[name] for values in several]) for name in varied}
        together = value_of(node, several[0] | stacked, DIMENSIONS)
        for number, values in enumerate(several):
            alone = value_of(node, several[0] | {name: values[name] for name in varied}, DIMENSIONS)
            found = together[number] if varied else together
            np.testing.assert_allclose(found, alone, rtol=1e-14, err_msg=f"{varied} varied")


@every_example
def test_exact_arithmetic_agrees(node: Node) -> None:
    values = leaves(node)
    floats = value_of(node, values, DIMENSIONS)
    known: dict[Node, np.ndarray] = {tensor: exact_array(values[tensor.name]) for tensor in node.tensors}
    exact = evaluate(node, known, ExactArithmetic(DIMENSIONS))
    assert exact.shape == floats.shape
    np.testing.assert_allclose(np.vectorize(float, otypes=[float])(exact), floats, rtol=1e-13)


@every_example
def test_pull_is_the_gradient(node: Node) -> None:
    plain, tensors = as_leaves(node)
    values = dict(zip((tensor.name for tensor in tensors), operand_values(node), strict=False)) | leaves(node)
    full = Tensor("G", plain.shape)
    generator = np.random.default_rng(3)
    for gradient in (full, Tensor("g")):
        cotangent = generator.uniform(-1, 1, shape_in_numbers(gradient))
        spread = np.broadcast_to(cotangent, shape_in_numbers(plain)).ravel()
        for place, tensor in zip(differentiable(node), tensors, strict=True):
            pulled = value_of(plain.pull(gradient, place), values | {gradient.name: cotangent}, DIMENSIONS)
            wanted = (spread @ numeric_jacobian(plain, tensor, values)).reshape(values[tensor.name].shape)
            found = np.broadcast_to(pulled, values[tensor.name].shape)
            np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13, err_msg=f"{plain} by {tensor}")


@every_example
def test_jacobian_is_the_matrix_of_derivatives_and_agrees_with_pull(node: Node) -> None:
    plain, tensors = as_leaves(node)
    values = dict(zip((tensor.name for tensor in tensors), operand_values(node), strict=False)) | leaves(node)
    for place, tensor in zip(differentiable(node), tensors, strict=True):
        if plain.rank > 1 or tensor.rank > 1:
            continue
        try:
            jacobian = plain.jacobian(place)
        except (NotImplementedError, ShapeError):
            continue
        wanted = numeric_jacobian(plain, tensor, values)
        found = value_of(jacobian, values, DIMENSIONS)
        if plain.rank == tensor.rank == 1:
            assert found.shape == wanted.shape, "rows are entries of the result, columns entries of the operand"
        matrix = found.reshape(wanted.shape)
        np.testing.assert_allclose(matrix, wanted, rtol=1e-11, atol=1e-13, err_msg=f"{plain} by {tensor}")
        gradient = np.random.default_rng(5).uniform(-1, 1, wanted.shape[0])
        shaped = values | {"G": gradient.reshape(shape_in_numbers(plain))}
        pulled = value_of(plain.pull(Tensor("G", plain.shape), place), shaped, DIMENSIONS)
        pulled = np.broadcast_to(pulled, shape_in_numbers(tensor))
        np.testing.assert_allclose(pulled.ravel(), matrix.T @ gradient, rtol=1e-11, atol=1e-13)


VECTOR_FUNCTIONS = [
    Plus(y, t), Times(y, t), Power(y, Constant(2)), Fn("tanh", x), Fn("xlogy", t, y), Dot(A, x), Dot(v, A), Dot(x, y),
    Augment(x), Augment(x, 1, True), Slice(x, (1, None)), Slice(x, (None, -1)), Sum(x), Mean(x), Softmax(x),
    LogSoftmax(x),
]  # fmt: skip


@pytest.mark.parametrize("node", VECTOR_FUNCTIONS, ids=str)
def test_functions_of_vectors_have_a_jacobian(node: Node) -> None:
    for place in differentiable(node):
        if node.operands[place].rank == 1:
            rows = node.shape[0] if node.rank else 1
            assert node.jacobian(place).shape == (rows, node.operands[place].shape[0])


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Plus(x, Tensor("c", (3, 1))), "do not fit together elementwise: 3, 3x1"),
        (lambda: Times(A, v), "do not fit together"),
        (lambda: Plus(row, column), "do not fit together"),
        (lambda: Dot(A, v), "inner dimensions that agree, not 3 and 2"),
        (lambda: Dot(A, s), r"use \* to multiply by a scalar"),
        (lambda: Dot(A, B), r"A\.T @ B would fit"),
        (lambda: Dot(Tensor("w", (4,)), C), r"w @ C\.T would fit"),
        (lambda: Dot(A, v), r"A\.T @ v would fit"),
        (lambda: Transpose(x), "a flat list is a column"),
        (lambda: Augment(s), "augment of a scalar"),
        (lambda: Augment(A, 2), "axis=2"),
        (lambda: Slice(x, 3), "index 3 on an axis with 3 entries"),
        (lambda: Slice(x, (3, None)), "an empty slice"),
        (lambda: Slice(x, 0, 0), "2 indices for a quantity of shape 3"),
        (lambda: Softmax(s), "softmax along axis -1 of a quantity of shape scalar"),
        (lambda: Softmax(A, 2), "softmax along axis 2"),
        (lambda: Outer(A, x), "an outer product of matrices"),
        (lambda: OneHot(A, 3), "class indices of shape 2x3"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(build: object, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        build()  # type: ignore[operator]
