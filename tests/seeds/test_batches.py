"""The exercises that the project comes from, line by line: a digit classifier, deltas over a batch, descent.

What our sheets say where the printed solutions are right, and where they are sloppy or wrong: a docstring says what is
printed there, the test asserts what is right.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from derive.solution import solve_problem
from derive.spec import Ask
from derive.spec.questions import Code
from tests.seeds.bank import expressed, formula, solved

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


def test_the_bias_is_row_0_of_the_weights() -> None:
    """Printed: W_2[1:] for the weights without their bias, which is row 0; so dL/dW_1[0, 2] is that of the second bias,
    and dL/dW_1[2, 1] that of the weight from the second input.
    """
    problem = solved("augmented-minibatch").problem
    asked = replace(
        problem,
        ask=(Ask("dL_sq/dW_1[0,2]"), Ask("dL_sq/dW_1[2,1]")),
        conventions=replace(problem.conventions, bias_index=0),
    )
    solution = solve_problem(asked)
    assert solution.values is not None
    gradient = solution.values["dL_sq/dW_1"]
    assert solution.values["dL_sq/dW_1[0,2]"] == pytest.approx(gradient[0, 1])
    assert solution.values["dL_sq/dW_1[2,1]"] == pytest.approx(gradient[2, 0])
    assert r"\left(\frac{\partial L_{\mathrm{sq}}}{\partial W_{1}}\right)_{02}" in solution.tex()
    assert all(finding.passed for finding in solution.all_findings)


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
    for name in ("gradient-descent-overview", "update-rule"):
        assert formula(name, "L") == "1/N * sum((y - t)**2)"
        assert formula(name, "dL/dy") == "2/N * (y - t)"
    assert expressed("update-rule", "dL/dtheta", "Z", "y", "t") == "2/N * (Z.T @ (y - t))"
    assert formula("update-rule", "theta'") == "theta - eta * dL/dtheta"
    assert r"\theta^{(\tau)}" in solved("update-rule").tex()
    assert formula("pen-and-paper", "dL/dy") == "2 * (y - t)"


def test_a_layer_in_the_symbols_of_the_overview() -> None:
    """Printed: a^(l) = W^(l) z^(l-1) + b^(l) and z^(l) = f(a^(l)); a column for each of N samples."""
    name = "gradient-descent-overview"
    tex = solved(name).tex()
    assert r"\begin{derivation}{a^{(l)}}%" in tex
    assert r"\equals{W^{(l)}\,z^{(l-1)} + b^{(l)}}" in tex
    assert r"\equals{\tanh(a^{(l)})}" in tex
    assert expressed(name, "dL/dW", "dL/da", "z_0") == "dL/da @ z_0.T"
    assert formula(name, "dL/dz") == "V.T @ dL/dy"
    assert formula(name, "W'") == "W - eta * dL/dW"


def test_the_network_of_part_1_is_that_of_part_2() -> None:
    one, two = solved("pen-and-paper").values, solved("numpy-layers").values
    assert one is not None
    assert two is not None
    for name in ("L", "dL/dW_1", "dL/db_1", "dL/dW_2", "dL/db_2", "W_1'", "b_1'", "W_2'", "b_2'"):
        np.testing.assert_array_equal(one[name], two[name])
    [code] = [question for question in solved("numpy-layers").problem.questions if isinstance(question, Code)]
    assert (code.code, code.style) == ("numpy", "layers")
