"""From equations to steps: what is split off and how it is named, which vectors are rows, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derive.errors import ProblemError
from derive.program import Program, Role, compile_problem
from derive.spec import read
from tests.support import equations, forward_lines, problem_of, program_of

PROBLEMS = Path(__file__).parents[2] / "problems"
SIZES: dict[str, tuple[int | str, ...]] = {
    "x": (3,), "W": (2, 3), "b": (2,), "V": (3, 2), "c": (2,), "X": ("N", 3), "t": (2,), "S": (3, 3), "k": (),
    "w": (3,), "T": ("N", 2), "Y": (2, "N"),
}  # fmt: skip


def compiled(forward: str, **more: tuple[int | str, ...]) -> Program:
    return program_of(equations(forward, **{**SIZES, **more}))


def steps(forward: str, **more: tuple[int | str, ...]) -> list[str]:
    return [str(step) for step in compiled(forward, **more)]


def refused(forward: str, **more: tuple[int | str, ...]) -> str:
    with pytest.raises(ProblemError) as caught:
        compiled(forward, **more)
    return str(caught.value)


def test_the_first_problem() -> None:
    program = compile_problem(read(PROBLEMS / "pen-and-paper.yaml"))
    assert [(str(step), step.role, step.rule, step.subject) for step in program] == [
        ("a = W_1 @ x + b_1", Role.FORWARD, "affine", ""),
        ("z = tanh(a)", Role.FORWARD, "function", "tanh"),
        ("y = W_2 @ z + b_2", Role.FORWARD, "affine", ""),
        ("L = (y - t)**2", Role.LOSS, "loss", ""),
    ]
    assert [(quantity.name, quantity.role, quantity.tensor.shape) for quantity in program.givens] == [
        ("W_1", "parameter", (2, 3)), ("b_1", "parameter", (2,)), ("W_2", "parameter", (1, 2)),
        ("b_2", "parameter", (1,)), ("x", "input", (3,)), ("t", "target", (1,)), ("eta", "constant", ()),
    ]  # fmt: skip
    assert program.rows == frozenset()


NESTED = {
    "an activation of an affine map": ("z = tanh(W @ x + b)", ["a_1 = W @ x + b", "z = tanh(a_1)"]),
    "its name is the next one free": (
        "a_1 = W @ x\nz = tanh(W @ x + b)\na_3 = 2*z",
        ["a_1 = W @ x", "a_2 = W @ x + b", "z = tanh(a_2)", "a_3 = 2 * z"]
    ),
    "names used later are not taken": (
        "z = tanh(W @ x)\na_1 = 2*z", ["a_2 = W @ x", "z = tanh(a_2)", "a_1 = 2 * z"]
    ),
    "a network on one line": (
        "y = V @ tanh(W @ x + b) + w",
        ["a_1 = W @ x + b", "z_1 = tanh(a_1)", "y = V @ z_1 + w"],
    ),
    "three layers on one line": (
        "y = W @ relu(V @ relu(W @ x + b))",
        ["a_1 = W @ x + b", "z_1 = relu(a_1)", "a_2 = V @ z_1", "z_2 = relu(a_2)", "y = W @ z_2"],
    ),
    "a loss of a prediction": (
        "L = mse(sigmoid(W @ x + b), t)", ["a_1 = W @ x + b", "y_1 = sigmoid(a_1)", "L = 1/2 * sum((y_1 - t)**2)"]
    ),
    "a loss of logits": (
        "L = cross_entropy_logits(W @ x, t)", ["a_1 = W @ x", "L = -sum(t * log_softmax(a_1))"]
    ),
    "a loss with a softmax inside": (
        "L = -sum(t*log(softmax(W @ x + b)))", ["a_1 = W @ x + b", "p_1 = softmax(a_1)", "L = -sum(t * log(p_1))"]
    ),
    "a loss with a sigmoid inside, twice": (
        "L = -sum(t*log(sigmoid(W @ x)) + (1 - t)*log(1 - sigmoid(W @ x)))",
        ["a_1 = W @ x", "p_1 = sigmoid(a_1)", "L = -sum(t * log(p_1) + (1 - t) * log(1 - p_1))"]
    ),
    "a softmax in a sum": ("y = softmax(x) + x", ["p_1 = softmax(x)", "y = p_1 + x"]),
    "a sigmoid that no logarithm is taken of": ("y = sigmoid(x) * x", ["y = sigmoid(x) * x"]),
    "an a of the author's": ("a = S @ x\np = softmax(S @ x)", ["a = S @ x", "s_1 = S @ x", "p = softmax(s_1)"]),
    "an a, an s and a z of the author's": (
        "a = S @ x\ns = tanh(S @ x)\nz = 2*s\ny = S @ tanh(S @ x)",
        ["a = S @ x", "u_1 = S @ x", "s = tanh(u_1)", "z = 2 * s", "h_1 = tanh(u_1)", "y = S @ h_1"],
    ),
    "softmax of an affine map": ("p = softmax(W @ x)", ["a_1 = W @ x", "p = softmax(a_1)"]),
    "a chain of products is one step": ("y = V @ W @ x", ["y = V @ W @ x"]),
    "a product inside a square": ("L = sum((W @ x - t)**2)", ["a_1 = W @ x - t", "L = sum(a_1**2)"]),
    "elementwise functions stay together": ("q = exp(-x**2) * log(1 + x*x)", ["q = exp(-x**2) * log(1 + x * x)"]),
    "augment inside a product": ("U = augment(X) @ S_1", ["U = augment(X) @ S_1"]),
    "augment of something computed": (
        "U = augment(tanh(X @ S)) @ S_1", ["a_1 = X @ S", "z_1 = tanh(a_1)", "U = augment(z_1) @ S_1"]
    ),
    "shared weights": (
        "h = tanh(S @ x)\ng = tanh(S @ h)", ["a_1 = S @ x", "h = tanh(a_1)", "a_2 = S @ h", "g = tanh(a_2)"]
    ),
    "a skip connection": ("y = relu(S @ x) + x", ["a_1 = S @ x", "y = relu(a_1) + x"]),
    "a scaled activation": ("y = 3*relu(x)", ["y = 3 * relu(x)"]),
    "a scalar circuit": ("s = k*k + k\nf = 1/(1 + exp(-s))", ["s = k * k + k", "f = 1/(1 + exp(-s))"]),
    "a count of samples": ("L = 1/(2*N) * sum((X @ V - T)**2)", ["a_1 = X @ V - T", "L = 1/(2 * N) * sum(a_1**2)"]),
    "identity is nothing": ("y = identity(W @ x)", ["y = W @ x"]),
    "a penalty": (
        "y = w @ x\nL = (y - k)**2 + 0.10/2 * sum(w**2)", ["y = w @ x", "L = (y - k)**2 + 0.10/2 * sum(w**2)"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NESTED)
def test_nested_equations_become_named_steps(case: str) -> None:
    forward, wanted = NESTED[case]
    assert steps(forward, S_1=(4, 2)) == wanted


@pytest.mark.parametrize(
    ("forward", "shape"),
    [
        ("y = W @ x + b", (2,)), ("y = x @ V + c", (2,)), ("y = V.T @ x", (2,)), ("y = x @ W.T", (2,)),
        ("y = X @ W.T + b", ("N", 2)), ("y = W @ X.T", (2, "N")), ("y = w @ x", ()), ("y = w @ S @ x", ()),
        ("y = augment(x)", (4,)), ("y = augment(x, last=True)", (4,)), ("y = augment(W)", (2, 4)),
        ("y = augment(W, axis=0)", (3, 3)), ("y = augment(X)", ("N", 4)), ("y = augment(X, axis=0)", ("N + 1", 3)),
        ("y = W[0]", (3,)), ("y = W[1:]", (1, 3)), ("y = W[:, 1:]", (2, 2)), ("y = W[:, -1]", (2,)),
        ("y = W[1, 2]", ()), ("y = X[:, 1:]", ("N", 2)), ("y = X[0]", (3,)), ("y = x[:-1]", (2,)),
        ("y = X[1:]", ("N - 1", 3)), ("y = sum(W)", ()), ("y = mean(X)", ()), ("y = k*W", (2, 3)),
        ("y = W + x", (2, 3)), ("y = W.T + b", (3, 2)),
        ("y = softmax(X)", ("N", 3)), ("y = max(0, W)", (2, 3)), ("y = S**2 / k", (3, 3)),
    ],
)  # fmt: skip
def test_shapes(forward: str, shape: tuple[Any, ...]) -> None:
    found = compiled(forward)["y"].target.shape
    assert tuple(size if isinstance(size, int) else str(size) for size in found) == shape


ROWS = {
    "W @ x + b": ("y = W @ x + b", set()),
    "x @ W + b": ("y = x @ V + b", {"x", "y", "b"}),
    "an activation of a row is a row": ("u = x @ V + b\nz = tanh(u)\ny = z @ W + w", {"x", "u", "b", "z", "y", "w"}),
    "a target beside a row is a row": ("y = x @ V\nL = sum((y - t)**2)", {"x", "y", "t"}),
    "a target beside a column is a column": ("y = W @ x\nL = sum((y - t)**2)", set()),
    "a bias of a batch is a row": ("Y_1 = X @ V + b", {"b"}),
    "a product of two vectors makes neither a row": ("y = w @ x", set()),
}


@pytest.mark.parametrize("case", ROWS)
def test_which_vectors_print_as_rows(case: str) -> None:
    forward, wanted = ROWS[case]
    assert compiled(forward).rows == wanted


REFUSED = {
    "inner dimensions": (
        "y = W @ b", ["in `y = W @ b`", "inner dimensions that agree, not 3 and 2", "W.T @ b would fit"]
    ),
    "a transpose that helps": ("y = x @ W", ["x @ W with shapes 3 and 2x3", "x @ W.T would fit"]),
    "a transpose of a flat list": ("y = x.T @ x", ["in `y = x.T @ x`", "a flat list", "leave .T out"]),
    "a transpose of a scalar": ("y = k.T", ["the transpose of a scalar"]),
    "a sum of different lengths": ("y = x + b", ["in `y = x + b`", "do not fit together elementwise: 3, 2"]),
    "a column and a flat list": ("y = C - x", ["3x1, 3", "write the vector as a matrix"]),
    "a row and a column": ("y = C + R", ["3x1, 1x2", "repeats along a matrix"]),
    "@ of a scalar": ("y = k @ x", ["use * to multiply by a scalar"]),
    "an index too large": ("y = x[3]", ["index 3 on an axis with 3 entries"]),
    "an empty slice": ("y = x[3:]", ["an empty slice"]),
    "too many indices": ("y = x[0, 1]", ["2 indices for a quantity of shape 3"]),
    "softmax of a scalar": ("y = softmax(k)", ["softmax", "scalar"]),
    "augment of a scalar": ("y = augment(k)", ["augment of a scalar"]),
    "augment along axis 2": ("y = augment(W, axis=2)", ["axis=2"]),
    "a loss of different shapes": ("L = mse(W @ x, w)", ["in `L = mse(W @ x, w)`", "shape 2", "shape 3"]),
    "a list of one class": ("L = cross_entropy_logits(x, b)", ["shape 2x3", "its class as a number, not a list"]),
    "a loss of one argument": ("L = mse(x)", ["mse(...)", "a prediction and a target"]),
    "a loss with an unknown option": ("L = mse(x, w, delta=1)", ["mse does not take delta"]),
    "an activation with an unknown option": ("y = tanh(x, alpha=1)", ["tanh(...)"]),
    "two arguments too many": ("y = tanh(x, x)", ["tanh(...)", "1 argument"]),
    "an axis that is no whole number": ("y = softmax(X, axis=1/2)", ["axis=1/2", "a whole number"]),
    "an axis that is a quantity": ("y = softmax(X, axis=k)", ["a number"]),
    "sum with an axis": ("y = sum(X, axis=0)", ["sum(...)", "no options"]),
    "an option that is a quantity": ("y = leaky_relu(x, alpha=w)", ["w", "a number"]),
    "different axes": ("L = cross_entropy(softmax(Q, axis=0), E)", ["axis"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_by_the_name_of_the_equation(case: str) -> None:
    forward, wanted = REFUSED[case]
    message = refused(forward, C=(3, 1), R=(1, 2), Q=(3, 3), E=(3, 3))
    for part in ("problem:2", f"in `{forward}`", *wanted):
        assert part in message


def test_a_fault_names_the_line_it_stands_on() -> None:
    assert "problem:3" in refused("y = W @ x\nz = y @ S\nL = sum(z)")


COLUMNS = """
architecture: [2, 3, 3]
activations: [relu, softmax]
loss: cross_entropy
input: {X: [[1, 2, 3, 4], [5, 6, 7, 8]]}
target: {T: [0, 1, 2, 1]}
conventions: {samples: columns}
"""


def test_the_short_form_with_samples_in_columns() -> None:
    assert forward_lines(COLUMNS) == [
        "a_1 = W_1 @ X + b_1",
        "z_1 = relu(a_1)",
        "a_2 = W_2 @ z_1 + b_2",
        "y = softmax(a_2, axis=0)",
        "t = one_hot(T, axis=0)",
        "L = -1/N * sum(t * log(y))",
    ]


@pytest.mark.parametrize(
    ("shape", "factor"), [("[N, 2]", "1/N"), ("[M, 2]", "1/M"), ("[4, 2]", "1/4"), ("[1, 2]", "-"), ("[n, 2]", "1/n")]
)
def test_the_number_of_samples_is_written_as_declared(shape: str, factor: str) -> None:
    text = f"architecture: [2, 1]\nactivations: [identity]\nloss: mse\ninput: [x]\nshapes: {{x: {shape}}}"
    assert forward_lines(text)[-1] == f"L = {factor} * sum((y - t)**2)".replace("- * sum((y - t)**2)", "(y - t)**2")


def test_the_number_of_samples_of_numbers_alone_is_n() -> None:
    text = """
    architecture: [2, 1]
    activations: [identity]
    loss: mse
    input: {x: [[1, 2], [3, 4], [5, 6]]}
    target: {t: [1, 2, 3]}
    """
    program = program_of(text)
    assert str(program["L"]) == "L = 1/N * sum((y - t)**2)"
    assert program.dimensions == {"N": 3}
    assert compile_problem(problem_of(text)) == program


@pytest.mark.parametrize("slope", ["0", "1/2", "1"])
def test_the_slope_of_relu_at_zero_is_a_convention(slope: str) -> None:
    text = equations("y = sum(relu(x))", x=(3,)) + f"conventions: {{relu_at_zero: {slope}}}\n"
    shown = "" if slope == "0" else f", at_zero={slope}"
    assert forward_lines(text) == [f"y = sum(relu(x{shown}))"]


def test_of_names_what_is_differentiated() -> None:
    text = equations("y = w @ x\nL = (y - k)**2\nq = 2*y", w=(3,), x=(3,), k=()) + "of: L\n"
    program = program_of(text)
    assert program.loss is program["L"]
    assert [step.role for step in program] == [Role.FORWARD, Role.LOSS, Role.FORWARD]
    assert compiled("y = W @ x").loss is None


def test_programs_refuse_steps_that_are_out_of_order() -> None:
    program = compiled("y = W @ x\nz = tanh(y)")
    bare = Program(program.givens)
    assert bare.extended(*program.steps).steps == program.steps
    with pytest.raises(ValueError, match="y is defined twice"):
        program.extended(program["y"])
    with pytest.raises(ValueError, match="z uses y before it is defined"):
        bare.extended(program["z"])
    with pytest.raises(KeyError):
        program["nothing"]
