"""Every kind of node: its gradient and its Jacobian are its derivative by complex steps, and agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

from derive.errors import ShapeError
from derive.ops import (
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Dot,
    Fn,
    LogSoftmax,
    Mean,
    Node,
    OneHot,
    Plus,
    Power,
    RowOf,
    Slice,
    Softmax,
    Sum,
    Tensor,
    Times,
)
from tests.ops.examples import DIMENSIONS, A, every_example, leaves, shape_in_numbers, t, v, x, y
from tests.support import value_of


def operand_values(node: Node) -> list[np.ndarray]:
    values = leaves(node)
    return [value_of(operand, values, DIMENSIONS) for operand in node.operands]


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
