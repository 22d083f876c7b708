"""Along which axes an operation treats entries one by one: what it says of them holds for the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from derive.ops import (
    EVERYTHING,
    Augment,
    Constant,
    Dot,
    Fn,
    LogSoftmax,
    Mean,
    Node,
    OneHot,
    Plus,
    Power,
    Slice,
    Softmax,
    Sum,
    SumAxis,
    Tensor,
    Times,
    Transpose,
    as_node,
)
from tests.support import random_values, value_of

A, B, S = Tensor("A", (4, 3)), Tensor("B", (3, 2)), Tensor("S", (4, 4))
row, flat, column, u, one, lone = (
    Tensor("row", (1, 3)),
    Tensor("flat", (3,)),
    Tensor("column", (4, 1)),
    Tensor("u", (4,)),
    Tensor("one", ()),
    Tensor("lone", (1, 1)),
)
NODES: dict[str, Node] = {
    "sum of a matrix and a flat bias": Plus(A, flat),
    "sum of a matrix and a bias in a row": Plus(A, row),
    "sum of a matrix and a bias in a column": Plus(A, column),
    "sum of a matrix and a number": Plus(A, one, lone),
    "product entry by entry": Times(A, column, flat),
    "power": Power(A, Constant(2)),
    "function": Fn("tanh", A),
    "product of matrices": Dot(A, B),
    "matrix times vector": Dot(A, flat),
    "vector times matrix": Dot(u, A),
    "vector times vector": Dot(u, u),
    "transpose": Transpose(A),
    "augmented by a column": Augment(A, 1),
    "augmented by a row": Augment(A, 0),
    "rows": Slice(A, (1, None)),
    "columns": Slice(A, EVERYTHING, (0, 2)),
    "one column": Slice(A, EVERYTHING, 1),
    "one row": Slice(A, -1),
    "softmax of rows": Softmax(A),
    "softmax of rows by number": Softmax(A, 1),
    "softmax of columns": Softmax(A, 0),
    "logarithm of softmax": LogSoftmax(A, 1),
    "one-hot rows": OneHot(u, 3),
    "one-hot columns": OneHot(u, 3, 0),
    "sum of all": Sum(A),
    "mean of all": Mean(A),
    "sum of rows": SumAxis(A, 0),
    "sum of columns": SumAxis(A, 1, True),
}
PLACES = [(name, axis) for name, node in NODES.items() for axis in range(node.rank)]


def _values(node: Node, seed: int) -> dict[str, np.ndarray]:
    values = random_values(node.tensors, np.random.default_rng(seed))
    return {n: np.abs(np.round(v)) % 3 for n, v in values.items()} if isinstance(node, OneHot) else values


@pytest.mark.parametrize(("name", "axis"), PLACES)
def test_entries_depend_on_no_other_entries_of_the_axes_that_run_along(name: str, axis: int) -> None:
    node = NODES[name]
    runs = node.runs_along(axis)
    if runs is None:
        return
    assert len(runs) == len(node.operands)
    before = value_of(node, _values(node, 1))
    for tensor, own in zip(node.operands, runs, strict=True):
        if own is None or not isinstance(tensor, Tensor):
            continue
        assert tensor.shape[own] == node.shape[axis]
        for k in range(int(node.shape[axis])):
            changed = _values(node, 1)
            rest = np.arange(changed[tensor.name].shape[own]) != k
            array = np.moveaxis(changed[tensor.name].copy(), own, 0)
            array[rest] += 1
            changed[tensor.name] = np.moveaxis(array, 0, own)
            np.testing.assert_array_equal(value_of(node, changed).take(k, axis), before.take(k, axis))


@pytest.mark.parametrize(("name", "axis"), PLACES)
def test_the_operation_on_one_entry_is_that_entry_of_the_whole(name: str, axis: int) -> None:
    node = NODES[name]
    runs = node.runs_along(axis)
    if runs is None or isinstance(node, SumAxis):  # in derivatives only
        return
    values = _values(node, 2)
    for k in range(int(node.shape[axis])):
        operands = tuple(
            operand if own is None else Slice(operand, *(EVERYTHING,) * own, k)
            for operand, own in zip(node.operands, runs, strict=True)
        )
        alone = as_node(node.at_one(axis, operands))
        assert alone.shape == node.shape[:axis] + node.shape[axis + 1 :]
        np.testing.assert_allclose(value_of(alone, values), value_of(node, values).take(k, axis), rtol=1e-14)


def test_what_mixes_says_so() -> None:
    mixing = {(name, axis) for name, axis in PLACES if NODES[name].runs_along(axis) is None}
    assert mixing == {
        ("augmented by a column", 1),
        ("augmented by a row", 0),
        ("rows", 0),
        ("columns", 1),
        ("softmax of rows", 1),
        ("softmax of rows by number", 1),
        ("softmax of columns", 0),
        ("logarithm of softmax", 1),
        ("one-hot rows", 1),
        ("one-hot columns", 0),
        ("sum of columns", 1),
    }
