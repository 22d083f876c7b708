"""Notation presets: their tables, what they change in a file, and one problem brought to all of them."""

from __future__ import annotations

import re

import pytest

from derive.derivation import derive_program
from derive.spec import OneMore, Problem, read_text
from derive.spec.presets import PRESETS
from derive.spec.transfer import in_notation
from tests.problems import PEN_AND_PAPER
from tests.spec.conftest import Refuse


def texts(problem: Problem) -> list[str]:
    return [equation.text for equation in problem.equations]


# ------------------------------------------------------------------------------------------------ the tables


@pytest.mark.parametrize("batch", [False, True], ids=["one", "batch"])
@pytest.mark.parametrize("name", PRESETS)
def test_the_symbols_of_a_network_are_distinct(name: str, batch: bool) -> None:
    preset = PRESETS[name]
    shared = [preset.symbol(role, batch=batch) for role in ("input", "target", "loss", "learning_rate", "classes")]
    layered = ("weights", "bias", "pre_activation", "activation", "delta")
    symbols = shared + [preset.symbol(role, layer, batch=batch) for role in layered for layer in (1, 2)]
    symbols += [preset.symbol("last_affine", 3, batch=batch), preset.symbol("output", 3, batch=batch)]
    known = [symbol for symbol in symbols if symbol]
    assert len(known) == len(set(known)) > 9
    assert not any(re.search("[<>]", symbol) for symbol in known)


def test_patterns_count_layers_as_their_books_do() -> None:
    assert PRESETS["nielsen"].symbol("weights", 1) == "w^{2}"
    assert PRESETS["udl"].symbol("weights", 1) == r"\boldsymbol{\Omega}_{0}"
    assert PRESETS["udl"].symbol("activation", 1) == r"\mathbf{h}_{1}"
    assert PRESETS["d2l"].symbol("weights", 2) == r"\mathbf{W}^{(2)}"


# ------------------------------------------------------------------------------------------------ in a file


def test_a_preset_fills_symbols_and_conventions() -> None:
    problem = read_text(
        """
        architecture: [2, 1]
        activations: [sigmoid]
        loss: bce
        parameters: {W_1: [[1], [2]], b_1: [0]}
        input: {u: [1, 2]}
        target: {v: [1]}
        notation: nyu
        """
    )
    assert texts(problem) == ["a = W_1.T @ u + b_1", "y = sigmoid(a)", "L = bce(y, v)"]
    assert problem.conventions.derivatives == "numerator"
    assert {name: problem.notation[name] for name in ("u", "v", "y", "L")} == {
        "u": r"\boldsymbol{x}",
        "v": r"\boldsymbol{y}",
        "y": r"\tilde{\boldsymbol{y}}",
        "L": "C",
    }


def test_what_the_author_states_goes_before_the_preset() -> None:
    more = "notation: {preset: nyu, W_1: A}\nconventions: {weights: out_in, derivatives: mixed, bias: first}\n"
    problem = read_text(PEN_AND_PAPER + more)
    assert texts(problem)[0] == "a = b_1 + W_1 @ x"
    assert (problem.preset, problem.conventions.derivatives) == ("nyu", "mixed")
    assert (problem.notation["W_1"], problem.notation["W_2"]) == ("A", r"\boldsymbol{W}_{2}")


@pytest.mark.parametrize(
    ("conventions", "equation"),
    [
        ("weights: out_in", "W_1 @ x + b_1"),
        ("weights: in_out", "x @ W_1 + b_1"),
        ("weights: in_out, vectors: columns", "W_1.T @ x + b_1"),
        ("weights: out_in, vectors: rows", "x @ W_1.T + b_1"),
        ("weights: in_out, bias: first", "b_1 + x @ W_1"),
        ("weights: in_out, bias: augmented", "augment(x) @ W_1"),
        ("weights: out_in, bias: augmented", "W_1 @ augment(x, axis=0)"),
    ],
)
def test_layouts_of_a_layer(conventions: str, equation: str) -> None:
    text = f"architecture: [2, 1]\nactivations: [identity]\nloss: mse\nconventions: {{{conventions}}}"
    assert texts(read_text(text))[0] == f"y = {equation}"


AUGMENTED = """
    architecture: [2, 1]
    activations: [identity]
    loss: squared_error
    parameters: {W_1: [[3], [1], [2]]}
    input: {X: [[1, 2], [3, 4]]}
    target: {Y: [[0], [1]]}
    update: {sgd: {learning_rate: 1}}
    notation: augmented
"""


def test_the_bias_is_the_first_row_of_augmented_weights() -> None:
    problem = read_text(AUGMENTED)
    assert texts(problem) == ["y = augment(X) @ W_1", "L = 1/(2*N) * sum((y - Y)**2)"]
    assert problem.given("W_1").shape == (3, 1)
    assert problem.notation["L"] == r"L_{\mathrm{sq}}"


def test_there_is_no_parameter_for_an_augmented_bias(refuse: Refuse) -> None:
    [fault] = refuse(AUGMENTED.replace("[[3], [1], [2]]", "[[3], [1], [2]], b_1: [3]"))
    assert (fault.path, fault.found) == ("parameters.b_1", "the unknown parameter `b_1`")
    assert "first row of the weights" in fault.hint


def test_weights_on_a_symbolic_width_have_one_row_more_for_the_bias() -> None:
    text = "architecture: [2, H, 1]\nactivations: [tanh, identity]\nloss: mse\nnotation: augmented"
    assert read_text(text).given("W_2").shape == (OneMore("H"), 1)


@pytest.mark.parametrize(
    ("preset", "loss"),
    [
        ("", "1/N * sum((y - T)**2)"),
        ("notation: bishop", "1/2 * sum((y - T)**2)"),
        ("notation: nyu", "sum((y - T)**2)"),
        ("notation: d2l", "1/(2*N) * sum((y - T)**2)"),
        ("notation: augmented", "1/(2*N) * sum((y - T)**2)"),
        ("shapes: {X: [4, 2]}", "1/4 * sum((y - T)**2)"),
    ],
)
def test_a_squared_error_has_the_factor_of_the_preset(preset: str, loss: str) -> None:
    text = "architecture: [2, 1]\nactivations: [tanh]\nloss: squared_error\nshapes: {X: [N, 2]}\n"
    text = text if "shapes" not in preset else text.replace("shapes: {X: [N, 2]}\n", "")
    assert texts(read_text(f"{text}input: [X]\ntarget: [T]\n{preset}"))[-1] == f"L = {loss}"


def test_mse_is_the_same_in_every_preset() -> None:
    found = {texts(in_notation(read_text(PEN_AND_PAPER), name))[-1] for name in PRESETS}
    assert found == {"L = mse(y, t)"}


def test_class_indices_and_their_vectors_have_symbols_of_their_own() -> None:
    problem = read_text(
        """
        architecture: [2, 2]
        activations: [softmax]
        loss: cross_entropy
        parameters: {W_1: [[1, 0], [2, 1]], b_1: [0, 1]}
        input: {x: [1, 2]}
        target: {k: 1}
        notation: goodfellow
        """
    )
    assert (problem.notation["k"], problem.notation["t"]) == ("c", r"\boldsymbol{y}")
    assert "t" in derive_program(problem).names


def test_a_dimension_keeps_its_letter() -> None:
    problem = read_text("architecture: [2, C]\nactivations: [softmax]\nloss: cross_entropy\nnotation: nielsen")
    assert "L" not in problem.notation  # the cost would be called C, which is the number of classes


def test_equations_get_conventions_and_symbols_of_parameters_only() -> None:
    problem = read_text(
        """
        forward: |
          y_hat = W_1 @ x
          L = mse(y_hat, y)
        parameters: {W_1: [[1, 2]]}
        input: {x: [1, 2]}
        target: {y: [1]}
        update: {sgd: {learning_rate: 1}}
        notation: {preset: udl, y: q}
        """
    )
    expected = {"W_1": r"\boldsymbol{\Omega}_{0}", "eta": r"\alpha", "L": "L", "y": "q"}
    assert problem.notation == expected
    assert (problem.conventions.derivatives, problem.conventions.samples) == ("denominator", "rows")


def test_a_symbol_that_another_name_has_is_not_taken() -> None:
    text = (
        "forward: |\n  L = alpha * w**2\nparameters: {w: 1}\nconstants: {alpha: 2}\nupdate: {sgd: {learning_rate: 1}}"
    )
    assert read_text(f"{text}\nnotation: augmented").notation == {"L": "L"}


@pytest.mark.parametrize(
    ("notation", "path", "hint"),
    [("udll", "notation", "`udl`"), ("{preset: udll}", "notation.preset", "`udl`"), ("{preset: []}", "notation", "")],
)
def test_an_unknown_preset(notation: str, path: str, hint: str, refuse: Refuse) -> None:
    [fault] = refuse(PEN_AND_PAPER + f"notation: {notation}\n")
    assert fault.path.startswith(path)
    assert "the unknown preset" in fault.found
    assert hint in fault.hint
