"""The exercises that the project comes from, line by line: two linear layers, the softmax, and Jacobians.

What our sheets say where the printed solutions are right, and where they are sloppy or wrong: a docstring says what is
printed there, the test asserts what is right.
"""

from __future__ import annotations

import numpy as np
import pytest

from derive.spec.questions import Order
from tests.seeds.bank import expressed, formula, solved

# ------------------------------------------------------------------------------------------------ two linear layers

NUMERATOR = ["three-relu-regression", "tanh-sigmoid-squared-error", "tanh-sigmoid-cross-entropy"]
TWO_LAYERS = ("x", "W_1", "b_1", "W_2", "b_2")


def test_the_five_steps_of_an_iteration() -> None:
    """Printed: generate, loss, zero_grad, backward, step; "Step in towards the negative of the gradient parameters" is
    a step against the gradient.
    """
    [order] = [q for q in solved("three-relu-regression").problem.questions if isinstance(q, Order)]
    assert order.is_iteration
    tex = solved("three-relu-regression").tex()
    places = {said: tex[: tex.index(said)].rstrip(" &")[-1] for said in STEPS}
    assert list(places.values()) == list("12345")


STEPS = [
    "Generate a prediction.",
    "Compute the loss.",
    "Set the gradients to zero.",
    "Compute the gradients by backpropagation.",
    "Take a step against the gradients.",
]


@pytest.mark.parametrize(
    ("name", "prediction"),
    [
        ("three-relu-regression", "3 * (W_2.T @ relu(W_1.T @ x + b_1)) + b_2"),
        ("tanh-sigmoid-squared-error", "sigmoid(W_2.T @ tanh(W_1.T @ x + b_1) + b_2)"),
        ("tanh-sigmoid-cross-entropy", "sigmoid(W_2.T @ tanh(W_1.T @ x + b_1) + b_2)"),
    ],
)
def test_the_prediction(name: str, prediction: str) -> None:
    """Printed in the part on cross-entropy: `exp(-W_2 * tanh(...) - b_2)`, without the transpose of the lines above."""
    assert expressed(name, "y_tilde", *TWO_LAYERS) == prediction


@pytest.mark.parametrize("name", NUMERATOR[1:])
def test_products_of_factors_in_the_printed_order(name: str) -> None:
    """Printed: (x) (dC/dy~) (dy~/ds_2) (W_2^T) (da_1/ds_1). In our sheet the gradient is a row, and so is this product:
    x times a row. The part on cross-entropy has 3ReLU left over from the question before in dC/dW_2; there it is a_1.
    """
    row = "dC/dy_tilde @ dy_tilde/ds_2 @ W_2.T @ da_1/ds_1"
    factors = ("dC/dy_tilde", "dy_tilde/ds_2", "W_2", "da_1/ds_1")
    assert expressed(name, "dC/dW_1", "x", *factors) == f"x @ ({row}).T"
    assert expressed(name, "dC/db_1", *factors) == row
    assert expressed(name, "dC/dW_2", "a_1", *factors[:2]) == "a_1 @ (dC/dy_tilde @ dy_tilde/ds_2).T"
    assert expressed(name, "dC/db_2", *factors[:2]) == "dC/dy_tilde @ dy_tilde/ds_2"
    partial = r"\frac{\partial C}{\partial \tilde{\boldsymbol{y}}}\,"
    factor = r"\frac{\partial \tilde{\boldsymbol{y}}}{\partial \boldsymbol{s}_2}\,"
    assert rf"\equals{{\boldsymbol{{x}}\,{partial}{factor}\boldsymbol{{W}}_2^{{\top}}\," in solved(name).tex()


def test_the_identity_at_the_end_is_a_matrix() -> None:
    """Printed: dy~/ds_2 = 1, and two lines on I of K x K. It is the identity matrix; as a factor it stays."""
    assert formula("three-relu-regression", "dy_tilde/ds_2") == "identity(K)"
    factors = ("dC/dy_tilde", "dy_tilde/ds_2", "W_2", "da_1/ds_1")
    product = expressed("three-relu-regression", "dC/dW_1", "x", *factors)
    assert product == "x @ (dC/dy_tilde @ dy_tilde/ds_2 @ W_2.T @ da_1/ds_1).T"


def test_the_jacobian_of_three_relu_switches_with_the_pre_activation() -> None:
    """Printed: `3 when i = j and S_ij > 0`; s_1 is a vector, so it is s_i > 0."""
    assert formula("three-relu-regression", "da_1/ds_1") == "3 * diagonal(step(s_1))"
    tex = solved("three-relu-regression").tex()
    assert r"\begin{cases} 3 & i = j,\ \boldsymbol{s}_{1,i} > 0 \\ 0 & \text{otherwise} \end{cases}" in tex


def test_the_gradient_of_the_squared_error_is_a_row() -> None:
    """Printed: 2[y~ - y] of 1 x K."""
    assert r"\equals{2\,(\tilde{\boldsymbol{y}} - \boldsymbol{y})^{\top}}" in solved("three-relu-regression").tex()
    assert formula("three-relu-regression", "dC/dy_tilde") == "2 * (y_tilde - y)"


@pytest.mark.parametrize("name", NUMERATOR[1:])
def test_the_jacobians_of_tanh_and_sigmoid_are_diagonal(name: str) -> None:
    """Printed: `y~ * (1 - y~) of dimension K x K` and `1 - tanh^2(s_ij)`; these are vectors, and the Jacobian has them
    on its diagonal.
    """
    program = solved(name).program
    assert formula(name, "dy_tilde/ds_2") == "diagonal(y_tilde * (1 - y_tilde))"
    assert formula(name, "da_1/ds_1") == "diagonal(1 - a_1**2)"
    shapes = [tuple(map(str, program.tensor(quantity).shape)) for quantity in ("dy_tilde/ds_2", "da_1/ds_1")]
    assert shapes == [("K", "K"), ("L1", "L1")]


def test_the_gradient_of_the_binary_cross_entropy() -> None:
    """Printed first: `-1 * y~/y~ + (1 - y~)/(1 - y~)`, which is 0; then (1 - y)/(1 - y~) - y/y~, which is right. With
    the slope of the sigmoid it becomes y~ - y.
    """
    assert formula("tanh-sigmoid-cross-entropy", "dC/dy_tilde") == "-y/y_tilde + (1 - y)/(1 - y_tilde)"
    problem = solved("tanh-sigmoid-cross-entropy").problem
    assert not problem.conventions.fused
    rng = np.random.default_rng(7)
    target, prediction = rng.uniform(0.1, 0.9, (2, 5))
    gradient = -target / prediction + (1 - target) / (1 - prediction)
    np.testing.assert_allclose(gradient * prediction * (1 - prediction), prediction - target)


# ------------------------------------------------------------------------------------------------ softmax, Jacobians


def test_softmax_is_a_smooth_maximum_and_softargmax_is_its_gradient() -> None:
    """Printed: libraries' softmax "gives the one-hot encoded vector". It does so only in the limit of beta; at finite
    beta it is a vector of probabilities, exp(beta e)/sum exp(beta e), the gradient of 1/beta log sum exp(beta e).
    """
    assert expressed("smooth-maximum", "dm/de", "v", "Z", "beta") == "1/Z * v"
    values, probabilities = solved("smooth-maximum").values, solved("softargmax").values
    assert values is not None
    assert probabilities is not None
    np.testing.assert_allclose(values["dm/de"], probabilities["p"], rtol=1e-12)
    assert formula("softargmax", "dp/de") == "beta * (diagonal(p) - p @ p.T)"
    assert r"\equals{\beta\,(\operatorname{diag}(p) - p\,p^{\top})}" in solved("softargmax").tex()


@pytest.mark.parametrize(
    ("name", "jacobian"),
    [
        ("jacobian-of-a-sum", "W_1 + W_2"),
        ("jacobian-of-a-sum-shared", "2 * W"),
        ("jacobian-of-a-composition", "W_2 @ W_1"),
        ("jacobian-of-a-composition-shared", "W @ W"),
    ],
)
def test_jacobians_of_linear_maps(name: str, jacobian: str) -> None:
    """Printed: `h = dh/dx = 2 (W_2)` and `h = dh/dx = (W_1)^2`; the Jacobian is not h, and a square of a matrix is a
    product of matrices: it needs W to be square.
    """
    assert formula(name, "dh/dx") == jacobian


def test_the_same_with_numbers() -> None:
    first, second = np.array([[1, 2], [-1, 1]]), np.array([[0.5, -1], [3, 1]])
    sums, products = solved("jacobian-of-a-sum-numbers"), solved("jacobian-of-a-composition-numbers")
    np.testing.assert_allclose(sums.jacobians["dh/dx"], first + second)
    np.testing.assert_allclose(sums.jacobians["dk/dx"], 2 * first)
    np.testing.assert_allclose(products.jacobians["dh/dx"], second @ first)
    np.testing.assert_allclose(products.jacobians["dk/dx"], first @ first)
    assert not np.allclose(first @ first, first**2)
