"""The exercises that the project comes from, line by line: what our sheets say where the printed solutions are right,
and where they are sloppy or wrong. A docstring says what is printed there; the test asserts what is right.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

import derive
from derive.calculus.inline import in_terms_of
from derive.ops import text
from derive.resources import folder
from derive.solution import Solution
from derive.spec.questions import Code, Order


@functools.cache
def solved(name: str) -> Solution:
    return derive.solve(folder("problems") / f"{name}.yaml")


def formula(name: str, quantity: str) -> str:
    return text(solved(name).program[quantity].formula)


def expressed(name: str, quantity: str, *using: str) -> str:
    return text(in_terms_of(solved(name).program, quantity, using))


# ------------------------------------------------------------------------------------------------ a digit classifier


def test_shapes_of_the_digit_classifier() -> None:
    """Printed with blanks only; a batch stands in rows, so every activation begins with N and a gradient has the shape
    of its parameter. The loss is a single number.
    """
    program = solved("digit-classifier").program
    shapes = {name: tuple(map(str, program.tensor(name).shape)) for name in ("a_1", "z_1", "a_2", "y", "L")}
    assert shapes == {"a_1": ("N", "H"), "z_1": ("N", "H"), "a_2": ("N", "10"), "y": ("N", "10"), "L": ()}
    for parameter in ("W_1", "b_1", "W_2", "b_2"):
        assert program.tensor(f"dL/d{parameter}").shape == program.tensor(parameter).shape


def test_the_update_stands_outside_of_autograd_and_gradients_are_set_to_zero() -> None:
    """Printed: `param += ___` in the loop, and nothing else. PyTorch refuses that in place on a leaf, and gradients of
    the batches pile up. Ours subtracts under `no_grad` and zeroes.
    """
    tex = solved("digit-classifier").tex()
    assert r"with~torch.no\_grad():" in tex
    assert r"param.grad.zero\_()" in tex
    assert r"param~{-}=~\codeanswer{eta~*~param.grad}" in tex
    weight = torch.ones(2, requires_grad=True)
    (weight**2).sum().backward()
    with pytest.raises(RuntimeError, match="leaf"):
        weight += -0.1 * weight.grad


def test_the_loss_takes_logits_where_pytorch_applies_the_softmax_itself() -> None:
    """Printed: `cross_entropy_loss(probs, y_batch)`, a function of probabilities; PyTorch's `cross_entropy` applies the
    softmax itself, so it is given the logits.
    """
    assert r"F.cross\_entropy(logits{,}~y\_batch)" in solved("digit-classifier").tex()


def test_slopes_of_the_loss_at_the_start() -> None:
    """Not printed, estimated by hand there: both slopes are positive, so both parameters must become smaller."""
    solution = solved("line-slices")
    assert solution.values is not None
    x, t = (solution.values[name] for name in "xt")
    error = 1.20 + 0.2 * x - t
    assert len(x) == 12
    assert solution.values["dL/dphi_0"] == pytest.approx(2 * error.sum())
    assert solution.values["dL/dphi_1"] == pytest.approx(2 * (error * x).sum())
    assert solution.values["dL/dphi_0"] > 0 < solution.values["dL/dphi_1"]
    assert "decrease" in solution.tex()


# ------------------------------------------------------------------------------------------------ deltas over a batch

BATCH = ["augmented-minibatch", "augmented-minibatch-symbols"]


@pytest.mark.parametrize("name", BATCH)
def test_the_gradient_at_the_output_has_no_sum(name: str) -> None:
    """Printed: dL/dZ_2(i) = 1/N sum over i of (Z_2(i) - Y(i)), and the same sum in delta_2. Only the term of sample i
    depends on Z_2(i), so there is no sum.
    """
    assert formula(name, "dL_sq/dZ_2") == "1/N * (Z_2 - Y)"
    assert expressed(name, "dL_sq/dU_2", "Z_2", "Y") == "1/N * (Z_2 - Y) * Z_2 * (1 - Z_2)"


@pytest.mark.parametrize("name", BATCH)
def test_the_slope_of_the_sigmoid_in_one_quantity(name: str) -> None:
    """Printed: Z_2(i) (1 - sigma(U_2(i))), half in Z and half in U. The result stands for both: Z_2 (1 - Z_2)."""
    assert formula(name, "dZ_2/dU_2") == "Z_2 * (1 - Z_2)"


@pytest.mark.parametrize("name", BATCH)
def test_delta_1_passes_through_the_weights_without_their_first_row(name: str) -> None:
    """Printed: delta_2 W_2[1:] sigma(U_1) (1 - sigma(U_1)), without the transpose that the shapes need."""
    assert expressed(name, "dL_sq/dU_1", "dL_sq/dU_2", "W_2", "Z_1") == "dL_sq/dU_2 @ W_2[1:].T * Z_1 * (1 - Z_1)"


@pytest.mark.parametrize("name", BATCH)
def test_gradients_of_the_weights_are_products_with_the_transposed_inputs(name: str) -> None:
    """Printed: dL/dW_2 = delta_2 [1 Z_1], which does not fit the shape of W_2, then `dL/dW_2 = delta_1 [1 X]`, which is
    dL/dW_1. Right are [1 Z_1]^T delta_2 and [1 X]^T delta_1; here is the sum over the samples.
    """
    assert formula(name, "dL_sq/dW_2") == "augment(Z_1).T @ dL_sq/dU_2"
    assert formula(name, "dL_sq/dW_1") == "augment(X).T @ dL_sq/dU_1"
    tex = solved(name).tex()
    assert r"\equals{\begin{bmatrix} \mathbf{1} & Z_{1} \end{bmatrix}^{\top}\,\delta_2}" in tex
    assert r"\equals{\begin{bmatrix} \mathbf{1} & X \end{bmatrix}^{\top}\,\delta_1}" in tex


def test_the_numbers_of_the_assignment() -> None:
    """Printed: X, y, W1 and W2 only. PyTorch's gradients of the loss written as there are ours."""
    data = [[[1, 2], [2, -1], [3, 0]], [[0], [1], [0]], [[0.1, -0.1], [0.2, 0], [0, 0.3]], [[0.05], [-0.1], [0.2]]]
    x, y, w_1, w_2 = (torch.tensor(array, dtype=torch.float64) for array in data)
    w_1.requires_grad_()
    w_2.requires_grad_()
    ones = torch.ones(3, 1, dtype=torch.float64)
    z_1 = torch.sigmoid(torch.cat([ones, x], 1) @ w_1)
    z_2 = torch.sigmoid(torch.cat([ones, z_1], 1) @ w_2)
    (((z_2 - y) ** 2).sum() / 6).backward()
    values = solved("augmented-minibatch").values
    assert values is not None
    assert w_1.grad is not None
    assert w_2.grad is not None
    np.testing.assert_allclose(values["dL_sq/dW_1"], w_1.grad, rtol=1e-12)
    np.testing.assert_allclose(values["dL_sq/dW_2"], w_2.grad, rtol=1e-12)
    np.testing.assert_allclose(values["W_1'"], values["W_1"] - 0.1 * values["dL_sq/dW_1"], rtol=1e-12)


@pytest.mark.parametrize("name", ["softmax-squared-error", "mlp-squared-error"])
def test_the_squared_error_is_summed_over_classes_and_averaged_over_samples(name: str) -> None:
    """Printed: `.pow(2).sum(1)` and `.mean()`, which is 1/N and not 1/(10 N)."""
    assert formula(name, "L") == "1/N * sum((P - T)**2)"
    assert formula(name, "dL/dP") == "2/N * (P - T)"
    assert formula(name, "dL/dS") == "P * (dL/dP - sum_axis(P * dL/dP, axis=1))"


def test_the_loss_that_the_notebook_prints() -> None:
    """Printed: loss = 0.475 for two rows of predictions. The second row is cut off at the margin: 0.6, 0.3, 0.1 give
    it with zeros behind them: (0.01 + 0.04 + 0.04 + 0.36 + 0.49 + 0.01) / 2.
    """
    predictions = np.zeros((2, 10))
    predictions[:, :3] = [[0.2, 0.8, 0.1], [0.6, 0.3, 0.1]]
    labels = np.eye(10)[[1, 1]]
    assert ((labels - predictions) ** 2).sum(axis=1).mean() == pytest.approx(0.475)


# ------------------------------------------------------------------------------------------------ overview of descent


def test_mean_squared_error_and_the_update_rule_of_the_overview() -> None:
    """Printed: L = 1/N sum (y_i - t_i)^2 and theta^(tau) = theta^(tau-1) - eta grad L. Here the parts are named apart:
    the mean squared error of N samples has a factor 2/N in its gradient, that of the single sample of part 1 has 2.
    """
    assert formula("gradient-descent-overview", "L") == "1/N * sum((y - t)**2)"
    assert expressed("gradient-descent-overview", "dL/dtheta", "Z", "y", "t") == "2/N * (Z.T @ (y - t))"
    assert formula("gradient-descent-overview", "theta'") == "theta - eta * dL/dtheta"
    assert r"\theta^{(\tau)}" in solved("gradient-descent-overview").tex()
    assert formula("pen-and-paper", "dL/dy") == "2 * (y - t)"


def test_the_network_of_part_1_is_that_of_part_2() -> None:
    one, two = solved("pen-and-paper").values, solved("numpy-layers").values
    assert one is not None
    assert two is not None
    for name in ("L", "dL/dW_1", "dL/db_1", "dL/dW_2", "dL/db_2", "W_1'", "b_1'", "W_2'", "b_2'"):
        np.testing.assert_array_equal(one[name], two[name])
    [code] = [question for question in solved("numpy-layers").problem.questions if isinstance(question, Code)]
    assert (code.code, code.style) == ("numpy", "layers")


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
    """Printed: dy~/ds_2 = 1, and two lines on I of K x K. It is the identity matrix, and leaves the products."""
    assert formula("three-relu-regression", "dy_tilde/ds_2") == "identity(2)"
    factors = ("dC/dy_tilde", "dy_tilde/ds_2", "W_2", "da_1/ds_1")
    product = expressed("three-relu-regression", "dC/dW_1", "x", *factors)
    assert product == "x @ (dC/dy_tilde @ W_2.T @ da_1/ds_1).T"


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
    assert program.tensor("dy_tilde/ds_2").shape == program.tensor("da_1/ds_1").shape == (2, 2)


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
