"""Every kind of node: it survives copying, has the shape it says, and a value that all arithmetics agree on."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import numpy as np
import pytest
import sympy

from derive.errors import ShapeError
from derive.evaluate import ExactArithmetic, exact_array
from derive.ops import (
    Augment,
    Constant,
    Dot,
    Elementwise,
    Fn,
    Node,
    OneHot,
    Outer,
    Plus,
    Slice,
    Softmax,
    Tensor,
    Times,
    Transpose,
    evaluate,
)
from derive.ops.softmax import AlongAxis
from tests.ops.examples import (
    DIMENSIONS,
    EXAMPLES,
    A,
    B,
    C,
    column,
    every_example,
    leaves,
    row,
    s,
    shape_in_numbers,
    v,
    x,
)
from tests.support import value_of

ABSTRACT = {Elementwise, AlongAxis}


def subclasses(kind: type[Node]) -> Iterator[type[Node]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


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
        (lambda: Dot(Transpose(A), x), r"hint: A @ x would fit"),
        (lambda: Fn("softplus", x, Constant(0)), "beta = 0"),
        (lambda: Fn("huber_of", x, Constant(-1)), "delta = -1"),
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
