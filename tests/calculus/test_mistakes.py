"""Mistakes that people make: which there are for each step, and what they lead to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derive.errors import ShapeError
from derive.evaluate.wrong_answers import mistakes, wrong_values
from derive.program import Program
from tests.calculus.mistakes import all_mistakes, kinds, pen_and_paper, program_named

# ------------------------------------------------------------------------------------------------ pen and paper

EXPECTED = {
    "a": ["bias_forgotten", "sign"],
    "z": ["activation_forgotten"],
    "y": ["bias_forgotten", "sign", "pre_activation"],
    "L": ["target_sign", "target_forgotten", "square"],  # (t - y)^2 is right
    "dL/dy": ["error_reversed", "target_sign", "target_forgotten", "factor_two"],
    "dL/dW_2": ["pre_activation", "negated"],  # x has another length than z
    "dL/db_2": ["negated"],
    "dL/dz": ["updated_weight", "negated"],  # W_2 is not square
    "dz/da": ["square", "sign", "slope_at_output", "slope_of_argument", "negated"],
    "dL/da": ["slope_missing", "value_for_slope", "upstream_missing", "negated"],
    "dL/dW_1": ["gradient_before", "negated"],
    "dL/db_1": ["gradient_before", "negated"],
    "W_2'": ["learning_rate", "update_sign"],  # no other parameter has its shape
    "b_2'": ["learning_rate", "update_sign"],
    "W_1'": ["learning_rate", "update_sign"],
    "b_1'": ["learning_rate", "update_sign"],
    "a'": ["bias_forgotten", "sign", "old_value", "old_value"],
    "z'": ["activation_forgotten", "old_value"],
    "y'": ["bias_forgotten", "sign", "pre_activation", "old_value", "old_value", "old_value"],
    "L'": ["target_sign", "target_forgotten", "square", "old_value"],
}


def test_the_mistakes_of_every_step() -> None:
    program, exact, _ = pen_and_paper()
    assert {step.name: kinds(program, step.name) for step in program} == EXPECTED
    assert [m.kind for m in mistakes(program, program["dL/dz"], exact)] == EXPECTED["dL/dz"]


# By hand: a = (0.3, 0.24), z = (0.2913126, 0.2354958), y = 0.3155222, dL/dy = -0.3689555, dL/dW_2 = dL/dy z^T.
BY_HAND = {
    ("a", "bias_forgotten"): [0.2, 0.04],
    ("a", "sign"): [0.1, -0.16],
    ("z", "activation_forgotten"): [0.3, 0.24],
    ("y", "bias_forgotten"): [0.0155222],
    ("y", "pre_activation"): [0.318],  # 0.7 · 0.3 - 0.8 · 0.24 + 0.3
    ("L", "target_forgotten"): [0.0995543],
    ("L", "square"): [-0.1844778],
    ("dL/dy", "error_reversed"): [0.3689555],
    ("dL/dy", "factor_two"): [-0.1844778],
    ("dL/dy", "target_forgotten"): [0.6310445],
    ("dL/dW_2", "pre_activation"): [[-0.1106867, -0.0885493]],
    ("dL/dz", "updated_weight"): [-0.2780968, 0.2791355],  # W_2' = (0.7537407, -0.7565561)
    ("dz/da", "square"): [0.7086874, 0.7645042],
    ("dz/da", "sign"): [1.0848630, 1.0554583],
    ("dz/da", "slope_of_argument"): [0.91, 0.9424],
    ("dL/da", "slope_missing"): [-0.2582689, 0.2951644],  # W_2^T dL/dy
    ("dL/dW_1", "gradient_before"): [[-0.0774807, -0.1033076, 0.0258269], [0.0885493, 0.1180658, -0.0295164]],
    ("W_2'", "learning_rate"): [[0.8074814, -0.7131125]],
    ("W_2'", "update_sign"): [[0.6462593, -0.8434437]],
    ("b_2'", "learning_rate"): [0.6689555],
}


@pytest.mark.parametrize("name, kind", BY_HAND)
@pytest.mark.parametrize("is_exact", [True, False], ids=["exact", "float"])
def test_the_wrong_number_by_hand(name: str, kind: str, is_exact: bool) -> None:
    program, exact, floats = pen_and_paper()
    [value] = [
        answer.value
        for answer in wrong_values(program, exact if is_exact else floats, program[name])
        if answer.mistake.kind == kind
    ]
    assert value.shape == floats[name].shape
    np.testing.assert_allclose(value.astype(float), BY_HAND[name, kind], atol=1.5e-7)


# ------------------------------------------------------------------------------------------------ rules, one by one

TEXTS = [
    ("mini-batch with augmented inputs", "U_1", "bias_forgotten", "X @ W_1[1:]"),
    ("mini-batch with augmented inputs", "U_2", "other_layer", "augment(X) @ W_2"),
    ("mini-batch with augmented inputs", "L_sq", "factor_half", "1/N * sum((Z_2 - Y)**2)"),
    ("mini-batch with augmented inputs", "L_sq", "count_dropped", "1/2 * sum((Z_2 - Y)**2)"),
    ("mini-batch with augmented inputs", "dL_sq/dZ_2", "count_dropped", "Z_2 - Y"),
    ("mini-batch with augmented inputs", "dL_sq/dZ_1", "ones_row", "dL_sq/dU_2 @ W_2[:-1].T"),
    ("mini-batch with augmented inputs", "dL_sq/dW_2", "transpose_missing", "augment(Z_1) @ dL_sq/dU_2"),
    ("augment, batch in columns, ones behind", "dL/dZ", "ones_row", "W_2[:, 1:].T @ dL/dY"),
    ("augment, batch in columns, ones behind", "A", "bias_forgotten", "W_1[:, :-1] @ X"),
    ("augment, batch in columns, ones behind", "L", "count_dropped", "sum((Y - T)**2)"),
    ("augment, one sample", "a", "bias_forgotten", "W_1[:, 1:] @ x"),
    ("batch, softmax, class indices", "L", "minus_dropped", "1/N * sum(t * log(y))"),
    ("batch, softmax, class indices", "dL/da_2", "target_forgotten", "1/N * y"),
    ("batch, softmax, class indices", "dL/da_2", "slope_twice", "1/N * (y - t) * y * (1 - y)"),
    ("batch, softmax, class indices", "dL/dW_2", "outer_transposed", "z_1.T @ dL/da_2"),
    ("batch, softmax, class indices", "dL/db_2", "bias_averaged", "1/4 * sum_axis(dL/da_2)"),
    ("batch, softmax, class indices", "dL/dz_1", "transpose_added", "dL/da_2 @ W_2.T"),
    ("batch, softmax, class indices", "dL/dz_1", "updated_weight", "dL/da_2 @ (W_2 - eta * dL/dW_2)"),
    ("batch, softmax, class indices", "dz_1/da_1", "mask_of_ones", "ones(4, 3)"),
    ("batch, softmax, class indices", "dL/da_1", "mask_missing", "dL/dz_1"),
    ("batch, softmax, class indices", "b_2'", "other_gradient", "b_2 - eta * dL/db_1"),
    ("softmax in two steps, entries", "dL/da", "softmax_diagonal", "dL/dy * y * (1 - y)"),
    ("skip connection, shared weight, penalty", "L", "coefficient", "(y - t)**2 + 1/2 * sum(W**2)"),
    ("skip connection, shared weight, penalty", "dL/dW", "path_missing", "dL/dh @ z.T + dL/da @ x.T"),
    ("skip connection, shared weight, penalty", "dL/dz", "transpose_missing", "W @ dL/dh"),
    ("skip connection, shared weight, penalty", "dh/dx", "diagonal_missing", "W @ W + identity(2)"),
    ("Jacobians of compositions", "dk/dx", "order_reversed", "W_1 @ W_2"),
    ("Jacobians of compositions", "dh/dx", "path_missing", "W_1"),
    ("numerator layout", "dC/ds_1", "mask_missing", "dC/da_1"),
    ("numerator layout", "a_1", "constant_factor", "relu(s_1)"),
    ("numerator layout", "C", "count_added", "mean((y_tilde - y)**2)"),
    ("circuit of scalars", "s", "bias_forgotten", "w_0 * x_0 + w_1 * x_1"),
    ("circuit of scalars", "f", "minus_dropped", "1/(1 + exp(s))"),
    ("circuit of scalars", "df/dw_0", "factor_missing", "df/ds"),
    ("circuit of scalars", "df/dw_0", "upstream_missing", "x_0"),
    ("activation tanh", "dL/dW_2", "other_layer", "dL/dy @ x.T"),
    ("activation tanh", "dz/da", "slope_at_output", "1 - tanh(z)**2"),
    ("symbols, batch", "dL/da_2", "count_dropped", "y - t"),
    ("squared error, mean over the entries", "dL/dS", "count_dropped", "2 * (S - T)"),
]


@pytest.mark.parametrize("problem, name, kind, formula", TEXTS)
def test_the_formula_of_a_mistake(problem: str, name: str, kind: str, formula: str) -> None:
    found = [str(mistake.formula) for mistake in all_mistakes(problem)[name] if mistake.kind == kind]
    assert formula in found


NOT_THERE = [
    ("batch, softmax, class indices", "dz_1/da_1", "slope_at_output"),  # relu(a) > 0 where a > 0
    ("batch, softmax, class indices", "dL/dW_1", "outer_transposed"),  # not square
    ("mini-batch with augmented inputs", "L_sq", "error_reversed"),  # a square has no sign
    ("mini-batch with augmented inputs", "L_sq", "count_added"),  # the loss divides by N already
    ("numerator layout", "y_tilde", "activation_forgotten"),  # the identity
    ("skip connection, shared weight, penalty", "L", "count_dropped"),  # the 1/2 of a penalty counts nothing
    ("circuit of scalars", "df/ds", "factor_missing"),
]


@pytest.mark.parametrize("problem, name, kind", NOT_THERE)
def test_what_is_no_mistake(problem: str, name: str, kind: str) -> None:
    assert kind not in [mistake.kind for mistake in all_mistakes(problem)[name]]


def formulas(program: Program, name: str) -> dict[str, str]:
    """The formula of each kind of mistake in a step, the first of each kind."""
    found = [(mistake.kind, str(mistake.formula)) for mistake in mistakes(program, program[name])]
    return dict(reversed(found))


def test_a_gradient_that_passes_through_the_new_weights_can_be_taken_through_the_old_ones() -> None:
    program = program_named("new weights")
    step = program["dC/da_1"]
    through_new = replace(step, formula=step.formula.xreplace({program.tensor("W_2"): program.tensor("W_2'")}))
    position = program.steps.index(step)
    program = replace(program, steps=(*program.steps[:position], through_new, *program.steps[position + 1 :]))
    assert formulas(program, "dC/da_1") == {"old_value": "W_2 @ dC/ds_2", "negated": "-W_2' @ dC/ds_2"}


def test_a_rewrite_that_does_not_fit_is_no_fault() -> None:
    """Exchanges that raise a `ShapeError` where they are put in are passed over."""
    from derive.calculus.mistakes.place import changed_parts
    from derive.ops import Dot, Tensor, Transpose

    W, x = Tensor("W", (2, 3)), Tensor("x", (3,))
    with pytest.raises(ShapeError):
        Dot(Transpose(W), x)
    assert list(changed_parts(Dot(W, x), lambda node: [Transpose(W)] if node == W else [])) == []
