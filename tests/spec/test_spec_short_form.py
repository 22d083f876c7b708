"""The short form: which equations a network becomes, which shapes its quantities have."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.spec import MLP, Call, Given, Literal, Problem, Update, read, read_text
from tests.problems import PEN_AND_PAPER


def network(architecture: str, activations: str, loss: str = "mse", more: str = "") -> str:
    return f"architecture: {architecture}\nactivations: {activations}\nloss: {loss}\n{more}"


def equations(problem: Problem) -> list[str]:
    return [equation.text for equation in problem.equations]


def shapes(problem: Problem) -> dict[str, tuple[int | str, ...]]:
    return {given.name: given.shape for given in problem.givens}


def test_pen_and_paper_is_exactly_this_problem(tmp_path: Path) -> None:
    path = tmp_path / "pen-and-paper.yaml"
    path.write_text(PEN_AND_PAPER + "notation: bishop\n", encoding="utf-8")
    problem = read(path)
    assert problem.name == "pen-and-paper"
    assert problem.givens == (
        Given("W_1", "parameter", (2, 3), Literal([["0.1", "0.3", "-0.5"], ["-0.2", "0.4", "0.6"]]), 6),
        Given("b_1", "parameter", (2,), Literal(["0.1", "0.2"]), 7),
        Given("W_2", "parameter", (1, 2), Literal([["0.7", "-0.8"]]), 8),
        Given("b_2", "parameter", (1,), Literal(["0.3"]), 9),
        Given("x", "input", (3,), Literal(["0.3", "0.4", "-0.1"]), 10),
        Given("t", "target", (1,), Literal(["0.5"]), 11),
    )
    assert equations(problem) == ["a = W_1 @ x + b_1", "z = tanh(a)", "y = W_2 @ z + b_2", "L = mse(y, t)"]
    assert [equation.line for equation in problem.equations] == [2, 2, 2, 4]
    assert problem.mlp == MLP((3, 2, 1), (Call("tanh"), Call("identity")), Call("mse"), bias=True, samples="one")
    assert problem.update == Update("sgd", Literal("0.5"), "eta")
    assert (problem.preset, problem.rounding.places) == ("bishop", 2)
    assert (problem.dimensions, problem.symbols) == ({}, ())


@pytest.mark.parametrize(
    ("architecture", "activations", "expected"),
    [
        ("[3, 1]", "[identity]", ["y = W_1 @ x + b_1"]),
        ("[3, 1]", "[sigmoid]", ["a = W_1 @ x + b_1", "y = sigmoid(a)"]),
        (
            "[3, 2, 2]",
            "[tanh, sigmoid]",
            ["a_1 = W_1 @ x + b_1", "z_1 = tanh(a_1)", "a_2 = W_2 @ z_1 + b_2", "y = sigmoid(a_2)"],
        ),
        (
            "[3, 2, 2, 1]",
            "[relu, relu, identity]",
            [
                "a_1 = W_1 @ x + b_1",
                "z_1 = relu(a_1)",
                "a_2 = W_2 @ z_1 + b_2",
                "z_2 = relu(a_2)",
                "y = W_3 @ z_2 + b_3",
            ],
        ),
        (
            "[3, 2, 2, 1]",
            "[relu, identity, identity]",
            ["a_1 = W_1 @ x + b_1", "z_1 = relu(a_1)", "z_2 = W_2 @ z_1 + b_2", "y = W_3 @ z_2 + b_3"],
        ),
        ("[3, 2, 1]", "[identity, identity]", ["z = W_1 @ x + b_1", "y = W_2 @ z + b_2"]),
    ],
)
def test_names_of_the_layers(architecture: str, activations: str, expected: list[str]) -> None:
    assert equations(read_text(network(architecture, activations)))[:-1] == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("input: [a]", ["s = W_1 @ a + b_1", "z = tanh(s)", "y = W_2 @ z + b_2", "L = mse(y, t)"]),
        ("input: [z]", ["a = W_1 @ z + b_1", "h = tanh(a)", "y = W_2 @ h + b_2", "L = mse(y, t)"]),
        ("target: [y]", ["a = W_1 @ x + b_1", "z = tanh(a)", "y_hat = W_2 @ z + b_2", "L = mse(y_hat, y)"]),
        ("target: [L]", ["a = W_1 @ x + b_1", "z = tanh(a)", "y = W_2 @ z + b_2", "J = mse(y, L)"]),
        ("update: {sgd: {symbol: a}}", ["s = W_1 @ x + b_1", "z = tanh(s)", "y = W_2 @ z + b_2", "L = mse(y, t)"]),
    ],
)
def test_the_authors_names_are_left_alone(more: str, expected: list[str]) -> None:
    assert equations(read_text(network("[3, 2, 1]", "[tanh, identity]", more=more))) == expected


@pytest.mark.parametrize(
    ("conventions", "given", "first", "expected_shapes"),
    [
        ("{}", "{x: [1, 2]}", "a = W_1 @ x + b_1", {"x": (2,), "t": (1,), "W_1": (3, 2), "b_1": (3,)}),
        ("{weights: in_out}", "{x: [1, 2]}", "a = x @ W_1 + b_1", {"x": (2,), "W_1": (2, 3), "b_1": (3,)}),
        ("{}", "{x: [[1, 2]]}", "a = x @ W_1.T + b_1", {"x": ("N", 2), "t": ("N", 1), "W_1": (3, 2), "b_1": (3,)}),
        ("{weights: in_out}", "{x: [[1, 2]]}", "a = x @ W_1 + b_1", {"x": ("N", 2), "W_1": (2, 3), "b_1": (3,)}),
        (
            "{samples: columns}",
            "{x: [[1], [2]]}",
            "a = W_1 @ x + b_1",
            {"x": (2, "N"), "t": (1, "N"), "W_1": (3, 2), "b_1": (3, 1)},
        ),
        (
            "{samples: columns, weights: in_out}",
            "{x: [[1], [2]]}",
            "a = W_1.T @ x + b_1",
            {"x": (2, "N"), "W_1": (2, 3), "b_1": (3, 1)},
        ),
    ],
)
def test_layouts(conventions: str, given: str, first: str, expected_shapes: dict[str, tuple[int | str, ...]]) -> None:
    more = f"conventions: {conventions}\ninput: {given}\ntarget: [t]"
    problem = read_text(network("[2, 3, 1]", "[tanh, identity]", more=more))
    assert problem.equations[0].text == first
    assert expected_shapes.items() <= shapes(problem).items()
    assert problem.dimensions == ({"N": 1} if "N" in problem.symbols else {})


def test_a_batch_in_columns_takes_flat_biases_and_a_flat_target() -> None:
    problem = read_text(
        network(
            "[2, 2, 1]",
            "[{leaky_relu: {alpha: 0.1}}, sigmoid]",
            "{bce: {reduction: sum, factor: 1/2}}",
            """\
conventions: {samples: columns}
input: {X: [[1, 2, 3], [4, 5, 6]]}
target: {T: [0, 1, 1]}
parameters: {W_1: [[1, 2], [3, 4]], b_1: [5, 6], W_2: [[1, 2]], b_2: [[7]]}
""",
        )
    )
    assert problem.given("b_1") == Given("b_1", "parameter", (2, 1), Literal([["5"], ["6"]]), 7)
    assert problem.given("T") == Given("T", "target", (1, "N"), Literal([["0", "1", "1"]]), 6)
    assert problem.dimensions == {"N": 3}
    assert equations(problem) == [
        "a_1 = W_1 @ X + b_1",
        "z_1 = leaky_relu(a_1, alpha=0.1)",
        "a_2 = W_2 @ z_1 + b_2",
        "y = sigmoid(a_2)",
        'L = bce(y, T, reduction="sum", factor=1/2)',
    ]
    assert problem.mlp is not None
    assert problem.mlp.activations[0] == Call("leaky_relu", {"alpha": "0.1"})
    assert problem.mlp.loss == Call("bce", {"reduction": "sum", "factor": "1/2"})
    assert problem.mlp.samples == "columns"


def test_a_batch_in_rows_takes_a_flat_target_and_a_bias_as_a_row() -> None:
    more = "input: {X: [[1, 2], [3, 4], [5, 6]]}\ntarget: {T: [1, 2, 3]}\nparameters: {W_1: [[1, 2]], b_1: [[1]]}"
    problem = read_text(network("[2, 1]", "[identity]", more=more))
    assert problem.given("T").value == Literal([["1"], ["2"], ["3"]])
    assert problem.given("T").shape == ("N", 1)
    assert problem.given("b_1").shape == (1, 1)


@pytest.mark.parametrize(
    ("activations", "more", "loss", "shape"),
    [
        ("[softmax]", "input: {x: [1, 2]}\ntarget: {c: 2}", "L = cross_entropy(y, c)", ()),
        ("[identity]", "input: {x: [1, 2]}\ntarget: {c: 2}", "L = cross_entropy_logits(y, c)", ()),
        ("[softmax]", "input: {x: [1, 2]}\ntarget: {c: [0, 0, 1]}", "L = cross_entropy(y, c)", (3,)),
        ("[softmax]", "input: {x: [[1, 2], [3, 4]]}\ntarget: {c: [0, 2]}", "L = cross_entropy(y, c)", ("N",)),
        (
            "[softmax]",
            "conventions: {samples: columns}\ninput: {x: [[1, 2], [3, 4]]}\ntarget: {c: [0, 2]}",
            "L = cross_entropy(y, c, axis=0)",
            ("N",),
        ),
    ],
)
def test_cross_entropy(activations: str, more: str, loss: str, shape: tuple[int | str, ...]) -> None:
    problem = read_text(network("[2, 3]", activations, "cross_entropy", more))
    assert problem.equations[-1].text == loss
    assert problem.given("c").shape == shape
    if "axis" in loss:
        assert problem.equations[1].text == "y = softmax(a, axis=0)"


def test_a_symbolic_network() -> None:
    problem = read_text(network("[784, H, 10]", "[relu, softmax]", "cross_entropy"))
    assert [(given.name, given.shape, given.value) for given in problem.givens] == [
        ("W_1", ("H", 784), None),
        ("b_1", ("H",), None),
        ("W_2", (10, "H"), None),
        ("b_2", (10,), None),
        ("x", (784,), None),
        ("t", (10,), None),
    ]
    assert (problem.symbols, problem.dimensions) == (("H",), {})


def test_a_symbolic_batch_by_shapes() -> None:
    more = "input: [X]\ntarget: [T]\nshapes: {X: [M, D]}"
    problem = read_text(network("[D, 3]", "[identity]", more=more))
    assert shapes(problem) == {"X": ("M", "D"), "T": ("M", 3), "W_1": (3, "D"), "b_1": (3,)}
    assert problem.symbols == ("M", "D")


def test_numbers_bind_symbolic_widths() -> None:
    more = "input: {x: [1, 2]}\ntarget: {t: [1]}\nparameters: {W_1: [[1, 2], [3, 4], [5, 6]], W_2: [[1, 2, 3]]}"
    problem = read_text(network("[2, H, 1]", "[relu, identity]", more=more))
    assert problem.given("W_1").shape == ("H", 2)
    assert problem.dimensions == {"H": 3}


@pytest.mark.parametrize("more", ["bias: false", "parameters: [W_1, W_2]"])
def test_a_network_without_biases(more: str) -> None:
    problem = read_text(network("[2, 2, 1]", "[relu, identity]", more=more))
    assert equations(problem)[0] == "a = W_1 @ x"
    assert [given.name for given in problem.givens if given.role == "parameter"] == ["W_1", "W_2"]
    assert problem.mlp is not None
    assert not problem.mlp.bias
