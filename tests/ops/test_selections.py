"""Rows of an identity that take entries of a vector: in a product they take rows or columns of its other factor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from derive.ops import Augment, Diagonal, Node, Selection, Slice, Tensor, dot, entry, transpose
from derive.solution import solve_problem
from tests.support import problem_of, random_values, value_of

A, W, x = Tensor("A", (4, 3)), Tensor("W", (3, 2)), Tensor("x", (3,))
AHEAD, TAIL, LAST, SECOND = Selection(3, (1, None)), Selection(3, (0, 2)), Selection(3, -1), Selection(3, 1)

PRODUCTS: list[tuple[Callable[[], tuple[Node, Node]], str]] = [
    (lambda: (transpose(W), transpose(AHEAD)), "W[1:].T"),
    (lambda: (AHEAD, W), "W[1:]"),
    (lambda: (A, transpose(AHEAD)), "A[:, 1:]"),
    (lambda: (A, transpose(LAST)), "A[:, -1:]"),
    (lambda: (SECOND, W), "W[1:2]"),
    (lambda: (TAIL, x), "x[0:2]"),
    (lambda: (x, transpose(AHEAD)), "x[1:]"),
    (lambda: (TAIL, dot(Diagonal(x), W)), "diagonal(x)[0:2] @ W"),
    (lambda: (2 * A, transpose(AHEAD)), "2 * A[:, 1:]"),
    (lambda: (transpose(W), Augment(Tensor("z", (2,))).jacobian(0)), "W[1:].T"),
    (lambda: (transpose(W), Augment(Tensor("z", (2,)), 1, 1).jacobian(0)), "W[:-1].T"),
    (lambda: (Slice(x, (1, None)).jacobian(0), W), "W[1:]"),
]


@pytest.mark.parametrize(("operands", "wanted"), PRODUCTS, ids=[wanted for _, wanted in PRODUCTS])
def test_a_product_with_selected_rows_is_a_slice(operands: Callable[[], tuple[Node, Node]], wanted: str) -> None:
    left, right = operands()
    product = dot(left, right)
    assert str(product) == wanted
    values = random_values([A, W, x], np.random.default_rng(3))
    np.testing.assert_allclose(value_of(product, values), value_of(left, values) @ value_of(right, values))


@pytest.mark.parametrize("selection", [AHEAD, TAIL, LAST, SECOND], ids=["1:", "0:2", "-1", "1"])
def test_transposes_and_entries(selection: Selection) -> None:
    for node in (selection, transpose(selection)):
        whole = value_of(node, {})
        np.testing.assert_array_equal(value_of(transpose(node), {}), whole.T)
        assert transpose(transpose(node)) == node
        assert {index: value_of(entry(node, index), {}).item() for index in np.ndindex(whole.shape)} == dict(
            np.ndenumerate(whole)
        )


def test_what_puts_rows_back_is_no_slice() -> None:
    product = dot(transpose(AHEAD), Tensor("B", (2, 2)))
    values = random_values([Tensor("B", (2, 2))], np.random.default_rng(4))
    np.testing.assert_allclose(value_of(product, values), np.vstack([np.zeros((1, 2)), values["B"]]))


@pytest.mark.parametrize(
    ("conventions", "jacobian"),
    [
        ("{weights: in_out, vectors: rows, bias: augmented}", r"W_{2}[1{:}]^{\top}"),
        ("{weights: out_in, bias: augmented}", r"W_{2}[{:}, 1{:}]"),
        ("{weights: out_in, bias: augmented, derivatives: denominator}", r"W_{2}[{:}, 1{:}]^{\top}"),
    ],
)
def test_the_local_jacobian_of_augmented_weights_leaves_out_the_bias(conventions: str, jacobian: str) -> None:
    """dy/dz = W_2[1:]^T, and not W_2^T times rows of an identity."""
    weights = ("[[0.1, -0.1, 1], [0.2, 0, 2]]", "[[0.05, -0.1, 0.2], [1, 2, 1]]")
    if "in_out" in conventions:
        weights = ("[[0.1, 0.2], [-0.1, 0], [1, 2]]", "[[0.05, 1], [-0.1, 2], [0.2, 1]]")
    solution = solve_problem(
        problem_of(
            f"""
            architecture: [2, 2, 2]
            activations: [tanh, identity]
            loss: mse
            parameters: {{W_1: {weights[0]}, W_2: {weights[1]}}}
            input: {{x: [1, 2]}}
            target: {{t: [3, 1]}}
            detail: entries
            conventions: {conventions}
            """
        )
    )
    tex = solution.tex()
    assert rf"\local{{\frac{{\partial y}}{{\partial z}} = {jacobian} =" in tex
    assert "I_{" not in tex
    assert all(finding.passed for finding in solution.all_findings)
