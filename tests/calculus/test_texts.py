"""Derivations as a teacher writes them: every line of the backward pass, word for word."""

from __future__ import annotations

import pytest

from derive.program import Role
from tests.support import derivation, derived, equations

LOGISTIC = {"w": (3,), "x": (3,), "t": ()}
SOFTMAX = {"W": (2, 3), "x": (3,), "t": (2,)}


def backward(
    forward: str, wanted: tuple[str, ...] = (), fused: bool = True, **shapes: tuple[int | str, ...]
) -> list[str]:
    """The derivation where `t` (and `T`, `Y`) is a target and everything else a parameter."""
    return derivation(problem(forward, **shapes), wanted, fused=fused)


def problem(forward: str, **shapes: tuple[int | str, ...]) -> str:
    text = equations(forward, **shapes)
    targets = [name for name in shapes if name in ("t", "T", "Y")]
    inputs = [name for name in shapes if name in ("x", "X")]
    learnt = [name for name in shapes if name not in targets + inputs]
    given_as = f"parameters: [{', '.join(shapes)}]"
    return text.replace(
        given_as,
        f"parameters: [{', '.join(learnt)}]\ninput: [{', '.join(inputs)}]\ntarget: [{', '.join(targets)}]",
    )


def test_the_first_problem() -> None:
    text = "architecture: [3, 2, 1]\nactivations: [tanh, identity]\nloss: mse"
    assert derivation(text) == [
        "dL/dy = 2 * (y - t)",
        "dL/dW_2 = dL/dy @ z.T",
        "dL/db_2 = dL/dy",
        "dL/dz = W_2.T @ dL/dy",
        "dz/da = 1 - z**2",
        "dL/da = dL/dz * dz/da",
        "dL/dW_1 = dL/da @ x.T",
        "dL/db_1 = dL/da",
    ]


def test_a_batch_in_rows() -> None:
    text = "architecture: [3, 4, 2]\nactivations: [relu, softmax]\nloss: cross_entropy\nshapes: {x: [N, 3]}"
    assert derivation(text) == [
        "dL/da_2 = 1/N * (y - t)",
        "dL/dW_2 = dL/da_2.T @ z_1",
        "dL/db_2 = sum_axis(dL/da_2)",
        "dL/dz_1 = dL/da_2 @ W_2",
        "dz_1/da_1 = step(a_1)",
        "dL/da_1 = dL/dz_1 * dz_1/da_1",
        "dL/dW_1 = dL/da_1.T @ x",
        "dL/db_1 = sum_axis(dL/da_1)",
    ]


def test_a_batch_of_one_number_each() -> None:
    """A bias of one entry is the sum over the samples like any other."""
    text = "architecture: [3, 1]\nactivations: [sigmoid]\nloss: bce\nshapes: {x: [N, 3]}"
    lines = derivation(text)
    assert lines[:2] == ["dL/da = 1/N * (y - t)", "dL/dW_1 = dL/da.T @ x"]
    assert lines[2] in ("dL/db_1 = sum_axis(dL/da)", "dL/db_1 = sum(dL/da)")


def test_softmax_with_cross_entropy_in_one_step_and_in_two() -> None:
    forward = "S = X @ W\nP = softmax(S)\nL = -1/N * sum(T * log(P))"
    sizes: dict[str, tuple[int | str, ...]] = {"X": ("N", 3), "W": (3, 2), "T": ("N", 2)}
    assert backward(forward, **sizes) == ["dL/dS = 1/N * (P - T)", "dL/dW = X.T @ dL/dS"]
    program = derived(problem(forward, **sizes))
    assert [assumption.split(":")[:2] for assumption in program["dL/dS"].assumptions] == [["sum", "T"]]
    assert program["dL/dS"].rule == "fused"
    in_two = backward(forward, fused=False, **sizes)
    assert in_two[0] == "dL/dP = -1/N * T/P"
    assert [line.split(" = ")[0] for line in in_two] == ["dL/dP", "dL/dS", "dL/dW"]
    assert not any(step.assumptions for step in derived(problem(forward, **sizes), fused=False))


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        ("cross_entropy(p, t)", "p - t"),
        ("-sum(t * log(p))", "p - t"),
        ("2*cross_entropy(p, t)", "2 * (p - t)"),
        ("-2 * sum(t * log(p))", "2 * (p - t)"),
        ("cross_entropy(p, t) + 0.5 * sum(W**2)", "p - t"),
        ("-mean(t * log(p))", "1/2 * (p - t)"),
        ("k * cross_entropy(p, t)", "k * (p - t)"),
    ],
)
def test_cross_entropy_through_softmax_however_it_is_written(loss: str, gradient: str) -> None:
    lines = backward(f"s = W @ x\np = softmax(s)\nL = {loss}", ("W",), k=(), **SOFTMAX)
    assert lines[0] == f"dL/ds = {gradient}"


@pytest.mark.parametrize(
    "loss", ["sum((p - t)**2)", "cross_entropy(p, t) + sum(p**2)", "-sum(t * log(p)) - sum(log(p))"]
)
def test_other_losses_of_softmax_go_in_two_steps(loss: str) -> None:
    lines = backward(f"s = W @ x\np = softmax(s)\nL = {loss}", ("W",), **SOFTMAX)
    assert [line.split(" = ")[0] for line in lines] == ["dL/dp", "dL/ds", "dL/dW"]


def test_softmax_whose_result_is_used_elsewhere_keeps_its_own_gradient() -> None:
    lines = backward("s = W @ x\np = softmax(s)\nL_1 = cross_entropy(p, t)\nL = L_1 + sum(p**2)", ("W",), **SOFTMAX)
    assert "dL/dp" in [line.split(" = ")[0] for line in lines]


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        ("bce(y, t)", "y - t"),
        ("-t*log(y) - (1-t)*log(1-y)", "y - t"),
        ("-(t*log(y) + (1 - t)*log(1 - y))", "y - t"),
        ("2*bce(y, t)", "2 * (y - t)"),
        ("bce(y, t) + 1/2 * sum(w**2)", "y - t"),
    ],
)
def test_binary_cross_entropy_through_a_sigmoid(loss: str, gradient: str) -> None:
    lines = backward(f"s = w @ x\ny = sigmoid(s)\nL = {loss}", ("w",), **LOGISTIC)
    assert lines[0] == f"dL/ds = {gradient}"


def test_binary_cross_entropy_in_two_steps() -> None:
    assert backward("s = w @ x\ny = sigmoid(s)\nL = bce(y, t)", ("w",), fused=False, **LOGISTIC) == [
        "dL/dy = -t/y + (1 - t)/(1 - y)",
        "dy/ds = y * (1 - y)",
        "dL/ds = dL/dy * dy/ds",
        "dL/dw = dL/ds * x",
    ]


def test_squared_error_of_a_sigmoid_is_not_fused() -> None:
    assert backward("s = w @ x\ny = sigmoid(s)\nL = 1/2 * (y - t)**2", ("w",), **LOGISTIC) == [
        "dL/dy = y - t",
        "dy/ds = y * (1 - y)",
        "dL/ds = dL/dy * dy/ds",
        "dL/dw = dL/ds * x",
    ]


@pytest.mark.parametrize("targets", ["one_hot", "indices"])
def test_cross_entropy_from_logits(targets: str) -> None:
    """The softmax of the logits less the targets, whether those are vectors or class indices."""
    shape: tuple[int | str, ...] = ("N", 2) if targets == "one_hot" else ("N",)
    lines = backward("S = X @ W\nL = cross_entropy_logits(S, T)", ("W",), X=("N", 3), W=(3, 2), T=shape)
    [gradient] = [line for line in lines if line.startswith("dL/dS = ")]
    names = ["T"] if targets == "one_hot" else ["t", "one_hot(T)"]
    assert gradient in [f"dL/dS = 1/N * (softmax(S) - {name})" for name in names]


@pytest.mark.parametrize(
    ("formula", "slope"),
    [
        ("1/(1 + exp(-s))", "f * (1 - f)"),
        ("exp(s)/(1 + exp(s))", "f * (1 - f)"),
        ("1 - 1/(1 + exp(s))", "f * (1 - f)"),
        ("(exp(s) - exp(-s))/(exp(s) + exp(-s))", "1 - f**2"),
        ("2*sigmoid(2*s) - 1", "1 - f**2"),
        ("sigmoid(s)", "f * (1 - f)"),
        ("tanh(s)", "1 - f**2"),
        ("exp(s)", "f"),
        ("s**2", "2 * s"),
        ("s**3", "3 * s**2"),
        ("1/s", "-s**(-2)"),
        ("log(s)", "1/s"),
        ("sin(s)", "cos(s)"),
        ("cos(s)", "-sin(s)"),
        ("relu(s)", "step(s)"),
        ("leaky_relu(s, alpha=1/5)", "leaky_step(s, alpha=1/5)"),
        ("abs(s)", "sign(s)"),
        ("3*relu(s)", "3 * step(s)"),
        ("softplus(s)", "sigmoid(s)"),
        ("s*s", "2 * s"),
        ("s*exp(s)", "exp(s) + f"),
        ("(s + 1)**2", "2 * (s + 1)"),
        ("5*s", "5"),
    ],
)
def test_slopes_as_taught(formula: str, slope: str) -> None:
    """Both where f is a step on the way and where it is itself what is differentiated."""
    on_the_way = backward(f"s = k*x\nf = {formula}\nL = f*f", ("k",), k=(), x=())
    at_the_end = backward(f"s = k*x\nf = {formula}", ("k",), k=(), x=())
    assert at_the_end[0] == f"df/ds = {slope}"
    written = {f"df/ds = {slope}", f"dL/ds = dL/df * {slope}", f"dL/ds = {slope} * dL/df"}
    assert len(written.intersection(on_the_way)) == 1


@pytest.mark.parametrize(
    "formula",
    [
        "1/(1 + exp(-2*s))", "1/(2 + exp(-s))", "1/(1 + exp(s))", "2/(1 + exp(-s))", "1/(1 + exp(-s)) + 1",
        "max(0, s)*1.0", "max(0, s)", "(abs(s) + s)/2", "log(2 + exp(s))", "s/(1 + exp(-2*s))", "exp(-s)/(1 + exp(-s))",
        "1/(1 + exp(-s**2))", "max(s, 0) + min(s, 0)", "1/(1 + exp(-abs(s)))",
    ],
)  # fmt: skip
def test_lookalikes_are_not_taken_for_what_they_resemble(formula: str) -> None:
    lines = backward(f"s = k*x\nf = {formula}\nL = f*f", ("k",), k=(), x=())
    [slope] = [line for line in lines if line.startswith("df/ds")]
    assert slope not in ("df/ds = f * (1 - f)", "df/ds = 1 - f**2", "df/ds = 1", "df/ds = sigmoid(s)")


def test_a_sum_over_samples_with_its_half() -> None:
    forward = "U_1 = augment(X) @ W_1\nZ_1 = sigmoid(U_1)\nU_2 = augment(Z_1) @ W_2\nZ_2 = sigmoid(U_2)\n"
    lines = backward(
        forward + "L = 1/(2*N) * sum((Z_2 - Y)**2)", ("W_1", "W_2"), X=("N", 2), W_1=(3, 2), W_2=(3, 1), Y=("N", 1)
    )
    assert lines == [
        "dL/dZ_2 = 1/N * (Z_2 - Y)",
        "dZ_2/dU_2 = Z_2 * (1 - Z_2)",
        "dL/dU_2 = dL/dZ_2 * dZ_2/dU_2",
        "dL/dW_2 = augment(Z_1).T @ dL/dU_2",
        "dL/dZ_1 = dL/dU_2 @ W_2[1:].T",
        "dZ_1/dU_1 = Z_1 * (1 - Z_1)",
        "dL/dU_1 = dL/dZ_1 * dZ_1/dU_1",
        "dL/dW_1 = augment(X).T @ dL/dU_1",
    ]


def test_shared_weights_get_the_sum_of_both_paths() -> None:
    lines = backward("a = W @ x\nz = tanh(a)\ny = W @ z\nL = sum((y - t)**2)", ("W",), W=(3, 3), x=(3,), t=(3,))
    assert lines[-1] == "dL/dW = dL/dy @ z.T + dL/da @ x.T"


def test_a_skip_connection_adds_its_path() -> None:
    forward = "z = W @ x\nh = tanh(z)\ny = h + z\nL = sum((y - t)**2)"
    assert backward(forward, ("W",), W=(3, 3), x=(3,), t=(3,)) == [
        "dL/dy = 2 * (y - t)",
        "dL/dh = dL/dy",
        "dh/dz = 1 - h**2",
        "dL/dz = dL/dy + dL/dh * dh/dz",
        "dL/dW = dL/dz @ x.T",
    ]


def test_a_penalty_stays_a_term_of_its_own() -> None:
    forward = "y = w @ x\nL = (y - t)**2 + 0.02 * sum(w**2)"
    assert backward(forward, ("w",), **LOGISTIC) == ["dL/dy = 2 * (y - t)", "dL/dw = 1/25 * w + dL/dy * x"]


def test_vectors_left_of_the_product() -> None:
    forward = "y = x @ W + b\nL = sum((y - t)**2)"
    assert backward(forward, ("W", "b"), x=(3,), W=(3, 2), b=(2,), t=(2,)) == [
        "dL/dy = 2 * (y - t)",
        "dL/dW = x @ dL/dy.T",
        "dL/db = dL/dy",
    ]


def test_every_entry_of_a_sum_counts_one() -> None:
    assert backward("L = sum(w)", w=(3,)) == ["dL/dw = ones(3)"]
    assert backward("L = mean(w)", w=(3,)) == ["dL/dw = 1/3 * ones(3)"]


def test_roles_and_rules() -> None:
    text = "architecture: [3, 2, 1]\nactivations: [tanh, identity]\nloss: mse"
    program = derived(text)
    rules = {step.name: (step.role, step.rule) for step in program if step not in program.forward}
    assert rules == {
        "dL/dy": (Role.BACKWARD, "loss"),
        "dL/dW_2": (Role.BACKWARD, "factor"),
        "dL/db_2": (Role.BACKWARD, "bias"),
        "dL/dz": (Role.BACKWARD, "factor"),
        "dz/da": (Role.LOCAL, "local"),
        "dL/da": (Role.BACKWARD, "slope"),
        "dL/dW_1": (Role.BACKWARD, "factor"),
        "dL/db_1": (Role.BACKWARD, "bias"),
    }
    assert {step.through for step in program if step.role is Role.BACKWARD} == {("L",), ("y",), ("z",), ("a",)}


def test_what_is_shown_or_wanted_keeps_its_own_gradient() -> None:
    text = problem("s = w @ x\ny = sigmoid(s)\nL = bce(y, t)", **LOGISTIC)
    assert "dL/dy" not in derived(text, ["w"]).names
    assert "dL/dy" in derived(text, ["w", "y"]).names
    assert "dL/dy" in derived(text, ["w"], shown=frozenset({"y"})).names


def test_nothing_is_derived_that_nobody_wants() -> None:
    forward = "s = w @ x\nq = 3*s\ny = sigmoid(s)\nL = (y - t)**2"
    assert not any("q" in line for line in backward(forward, ("w",), **LOGISTIC))
    assert not any(line.startswith("dL/dx") for line in backward(forward, ("w",), **LOGISTIC))
