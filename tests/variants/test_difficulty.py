"""Points of work: what obviously costs more does, and the vectorised count is the count of each variant."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from derive.ops import Array
from derive.variants.difficulty import FUNCTION, PRODUCT, SIGN, SUM, cost, hand_computable
from derive.variants.digits import significant_digits
from tests.support import equations, program_of
from tests.variants.test_rounding import NAMES, drawn
from tests.variants.test_rounding import evaluated as values_of


def points(forward: str, places: int = 2, **quantities: object) -> float:
    """The points of some equations, their quantities with these numbers."""
    arrays = {name: np.asarray(numbers, dtype=float) for name, numbers in quantities.items()}
    program = program_of(equations(forward, **{name: array.shape for name, array in arrays.items()}))
    [result] = cost(program, values_of(program, arrays), places)
    return float(result)


@pytest.mark.parametrize(
    ("number", "digits"), [(0, 0), (7, 1), (30, 1), (-125, 3), (1020, 3), (100000, 1), (1234567, 7)]
)
def test_significant_digits(number: int, digits: int) -> None:
    assert significant_digits(np.asarray(number)) == digits


def test_products() -> None:
    assert points("y = u * v", u=0.3, v=0.4) == PRODUCT
    assert points("y = u * v", u=0.35, v=0.4) == 2 * PRODUCT
    assert points("y = u * v", u=0.35, v=0.42) == 4 * PRODUCT
    assert points("y = u * v", u=-0.3, v=0.4) == PRODUCT + SIGN
    assert points("y = u * v", u=-0.3, v=-0.4) == PRODUCT + 2 * SIGN
    assert points("y = u * v", u=0, v=-0.4) == points("y = u * v", u=1, v=0.4) == 0
    assert points("y = u ** 2", u=0.25) == 4 * PRODUCT
    assert points("y = u ** 2", u=1) == 0


def test_a_given_number_counts_with_the_digits_it_is_written_with() -> None:
    assert points("y = u * v", places=1, u=0.125, v=0.2) == 3 * PRODUCT


def test_sums() -> None:
    assert points("y = u + v", u=0.3, v=0.4) == SUM * 2 / 2
    assert points("y = u + v", u=0.3, v=0) == 0
    assert points("y = u + v", u=0.35, v=0.4) > points("y = u + v", u=0.3, v=0.4)
    assert points("y = u - v", u=0.3, v=-0.4) == points("y = u - v", u=0.3, v=0.4) + SIGN
    assert points("y = sum(u)", u=[0.3, 0.4, 0.5]) == SUM * 3 * 2 / 3
    assert points("y = sum(u)", u=[0.3, 0, 0]) == 0


def test_functions() -> None:
    assert points("y = tanh(u)", u=[0.3, 0.4]) == 2 * FUNCTION
    assert points("y = tanh(u)", u=[0.3, 0]) == FUNCTION
    assert points("y = relu(u)", u=[-0.3, 0.4]) == 0
    assert points("y = softmax(u)", u=[0.1, 0.2, 0.3]) > points("y = softmax(u)", u=[0.1, 0.2]) > 2 * FUNCTION
    assert points("y = 1 / u", u=0.3) > points("y = 1 / u", u=1) == 0


def test_products_of_matrices() -> None:
    dot = "y = W @ x"
    small = points(dot, W=[[0.3, 0.4]], x=[0.5, 0.6])
    assert small == 2 * PRODUCT + SUM * 4 / 2
    assert points(dot, W=[[0.3, 0.4], [0.3, 0.4]], x=[0.5, 0.6]) == 2 * small
    assert points(dot, W=[[0.3, 0]], x=[0.5, 0.6]) == points("y = u * v", u=0.3, v=0.5)
    assert points(dot, W=[[0.3, 0.45]], x=[0.5, 0.6]) == small + PRODUCT + SUM / 2
    assert points(dot, W=[[0.3, -0.4]], x=[0.5, 0.6]) == small + SIGN


def test_moving_entries_is_free() -> None:
    assert points("y = W.T", W=[[0.31, 0.42], [0.53, 0.64]]) == 0
    assert points("y = W[0]", W=[[0.31, 0.42], [0.53, 0.64]]) == 0
    assert points("y = augment(x)", x=[0.31, 0.42]) == 0


@pytest.mark.parametrize("name", NAMES)
def test_many_at_once_are_each_alone(name: str) -> None:
    program, _, values = drawn(name, 12)
    together = cost(program, values, 2)
    for variant in np.flatnonzero(np.isfinite(together)):
        alone = {key: array[variant] for key, array in values.items()}
        assert cost(program, alone, 2).tolist() == [together[variant]]
    assert np.isfinite(together).mean() > 0.5
    assert np.nanmin(together) > 0


def test_the_order_of_units_does_not_matter() -> None:
    program, given, values = drawn("pen-and-paper", 200)
    swapped = {**given, "W_1": given["W_1"][:, ::-1], "b_1": given["b_1"][:, ::-1], "W_2": given["W_2"][:, :, ::-1]}
    np.testing.assert_allclose(cost(program, values_of(program, swapped), 2), cost(program, values, 2), rtol=1e-12)


def test_only_the_steps_of_some_answers() -> None:
    program, _, values = drawn("pen-and-paper", 50)
    parts = [cost(program, values, 2, [name]) for name in ("a", "z", "y", "L")]
    assert all((less <= more).all() and less.mean() < more.mean() for less, more in itertools.pairwise(parts))
    assert (parts[-1] < cost(program, values, 2)).all()
    assert (cost(program, values, 2, [step.name for step in program]) == cost(program, values, 2)).all()


def test_what_can_be_done_without_a_calculator() -> None:
    relu = "a = W @ x + b\nz = relu(a)\nL = sum((z - t)**2)"
    values = _values(relu, W=[[[1, -2], [3, 1]], [[1, -2], [3, 0.1]]], x=[2, 1], b=[0.5, -1], t=[1, 0])
    assert hand_computable(values, 4).tolist() == [True, False]
    assert hand_computable(values, 100).tolist() == [True, True]
    assert hand_computable(values, 1).tolist() == [False, False]
    sigmoid = "s = a * log(2)\np = sigmoid(s)\nL = -log(p)"
    values = _values(sigmoid, a=[0, 1, -1, 2, 0.5])
    assert hand_computable(values, 5, exempt=("s", "L")).tolist() == [True, True, True, True, False]
    assert not hand_computable(values, 5).all()


def test_values_without_the_axis_of_the_variants_are_refused() -> None:
    with pytest.raises(ValueError, match="with_variants"):
        hand_computable({"a": np.zeros((5, 2)), "t": np.zeros(2)}, 3)


def _values(forward: str, **quantities: object) -> dict[str, Array]:
    arrays = {name: np.asarray(numbers, dtype=float) for name, numbers in quantities.items()}
    first = next(iter(arrays))
    shapes = {name: array.shape[1:] if name == first else array.shape for name, array in arrays.items()}
    program = program_of(equations(forward, **shapes))
    return values_of(program, arrays)
