"""`update_uses: new`: gradients further down pass through the weights that the step has already changed."""

from __future__ import annotations

import numpy as np
import pytest

import derive
from derive.spec import read_text
from tests.problems import PEN_AND_PAPER

NEW = PEN_AND_PAPER + "\nconventions: {update_uses: new}\n"


def test_the_hidden_gradient_passes_through_the_new_weights() -> None:
    solution = derive.solve(read_text(NEW))
    assert str(solution.formulas["dL/dz"]) == "W_2'.T @ dL/dy"
    assert solution.passed


def test_the_numbers_are_those_of_a_step_by_hand() -> None:
    old, new = derive.solve(read_text(PEN_AND_PAPER)), derive.solve(read_text(NEW))
    assert old.values is not None
    z, x = np.tanh(old.values["a"]), np.array([0.3, 0.4, -0.1])
    error = 2 * (np.array([[0.7, -0.8]]) @ z + 0.3 - 0.5)
    w_2 = np.array([[0.7, -0.8]]) - 0.5 * np.outer(error, z)
    delta = (w_2.T @ error) * (1 - z**2)
    np.testing.assert_allclose(new.updated["W_2"], w_2, rtol=1e-12)
    np.testing.assert_allclose(new.gradients["W_1"], np.outer(delta, x), rtol=1e-12)
    assert not np.allclose(new.gradients["W_1"], old.gradients["W_1"])


def test_the_gradient_of_the_input_passes_through_the_new_weights_too() -> None:
    solution = derive.solve(read_text(NEW + "ask: [dL/dx]\n"))
    assert str(solution.formulas["dL/dx"]) == "W_1'.T @ dL/da"
    assert solution.passed
    expected = solution.updated["W_1"].T @ solution.gradients["a"]
    np.testing.assert_allclose(solution.gradients["x"], expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["W_2", "b_2"])
def test_what_comes_first_is_the_same(name: str) -> None:
    old, new = derive.solve(read_text(PEN_AND_PAPER)), derive.solve(read_text(NEW))
    np.testing.assert_array_equal(old.gradients[name], new.gradients[name])
