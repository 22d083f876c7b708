"""The programs in PyTorch, run: autograd finds the derived gradients, shapes are as told, and the loss falls."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from derive.code import torch_shapes, training_iteration
from derive.code.losses import CLASSES
from derive.code.names import program_names
from derive.errors import ProblemError
from derive.ops import LOSSES
from derive.resources import folder
from tests.code.running import ALL_STYLES, Case, case_of, close, losses, named, run, source_or_skip
from tests.code.test_numpy import ACTIVATIONS, ENDINGS, layouts, network, weight_layouts
from tests.problems import PROBLEMS

problems = pytest.mark.parametrize("name", PROBLEMS)

DIGITS = """
    title: Handwritten digits
    architecture: [784, H, 10]
    activations: [relu, softmax]
    loss: cross_entropy
    shapes: {X: [N, 784], c: [N]}
    input: [X]
    target: [c]
    conventions: {weights: in_out}
    update: sgd
    """
REGRESSION = """
    title: Regression
    architecture: [1, H, 1]
    activations: [tanh, identity]
    loss: mse
    shapes: {X: [N, 1]}
    input: [X]
    update: {sgd: {}}
    """


@pytest.fixture(autouse=True)
def defaults() -> Iterator[None]:
    """A program may choose the type of numbers for itself."""
    yield
    torch.set_default_dtype(torch.float32)


def check_loop(case: Case) -> None:
    """One pass of the loop without the zeroing at its end: `.grad` holds the derived gradients."""
    text = source_or_skip(case, "pytorch", "loop").text()
    if case.values is None:
        return
    variables = run(text.replace("param.grad.zero_()", "pass"), epochs=1)
    names = torch_names(case)
    assert case.updated
    for parameter in case.updated:
        close(variables[names[parameter]].grad, case.gradient(parameter), 1e-11)
        close(variables[names[parameter]].detach(), case.values[f"{parameter}'"], 1e-11)


def torch_names(case: Case) -> dict[str, str]:
    """Parameters keep their own names."""
    return program_names(case.program)


@problems
def test_autograd_finds_the_derived_gradients(name: str) -> None:
    check_loop(named(name))


@weight_layouts
@layouts
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation: str, samples: str, weights: str) -> None:
    check_loop(case_of(network(activation, ENDINGS[0], samples, weights)))


@weight_layouts
@layouts
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: f"{ending[0]}-{ending[1]}-{ending[2]}")
def test_every_loss(ending: tuple[str, str, str], samples: str, weights: str) -> None:
    check_loop(case_of(network("tanh", ending, samples, weights)))


def test_every_loss_is_tried() -> None:
    tried = {re.sub(r"[{}: ].*", "", loss.lstrip("{")) for _, loss, _ in ENDINGS}
    assert tried | {"cross_entropy_logits"} == set(LOSSES)


@problems
def test_the_module_takes_the_same_step(name: str) -> None:
    check_module(named(name))


@layouts
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: f"{ending[0]}-{ending[1]}-{ending[2]}")
def test_modules_of_every_loss(ending: tuple[str, str, str], samples: str) -> None:
    check_module(case_of(network("tanh", ending, samples, "in_out")))


def check_module(case: Case) -> None:
    """One iteration from the given numbers: the loss, and weights and biases after the step, whatever their layout."""
    text = source_or_skip(case, "pytorch", "module").text()
    if case.values is None:
        return
    variables = run(text, epochs=1)
    close(variables["loss"].detach().reshape(()), np.reshape(case.values[case.program.loss.name], ()), 1e-11)
    found = np.sort(np.concatenate([p.detach().numpy().ravel() for p in variables["model"].parameters()]))
    expected = np.concatenate([case.values[f"{name}'"].ravel() for name in case.updated])
    frozen = case.problem.conventions.frozen
    expected = np.concatenate([expected, *(case.values[name].ravel() for name in frozen)])
    close(found, np.sort(expected), 1e-11)


@pytest.mark.parametrize("text", [DIGITS, REGRESSION], ids=["digits", "regression"])
@pytest.mark.parametrize(("language", "style"), [("pytorch", "loop"), ("pytorch", "module"), ("numpy", "layers")])
def test_the_loss_falls(text: str, language: str, style: str, capsys: pytest.CaptureFixture[str]) -> None:
    case = case_of(text)
    variables = run(case.source(language, style).text())
    assert (variables["N"], variables["H"]) == (32, 16)
    printed = losses(capsys.readouterr().out)
    assert len(printed) == 10
    assert printed[-1] < 0.8 * printed[0]


def test_regression_data_is_a_noisy_sine() -> None:
    variables = run(case_of(REGRESSION).source("pytorch", "module").text(), epochs=0)
    pairs = variables["training_data"]
    x, t = (torch.cat(parts) for parts in zip(*pairs, strict=True))
    assert x.shape == t.shape == (320, 1)
    noise = t - torch.sin(x)
    assert 0.05 < float(noise.std()) < 0.2
    again = run(case_of(REGRESSION).source("pytorch", "module").text(), epochs=0)["training_data"]
    assert torch.equal(again[0][0], pairs[0][0])


def test_the_table_of_shapes() -> None:
    case = case_of(DIGITS)
    table = torch_shapes(case.problem, case.program)
    assert [(row.tensor, row.shape, row.given) for row in table] == [
        ("x_batch", "(N, 784)", True),
        ("y_batch", "(N,)", True),
        ("linear_out_1", "(N, H)", False),
        ("activations_1", "(N, H)", False),
        ("logits", "(N, 10)", False),
        ("probs", "(N, 10)", False),
        ("loss", "()", False),
        ("W1.grad", "(784, H)", False),
        ("b1.grad", "(H,)", False),
        ("W2.grad", "(H, 10)", False),
        ("b2.grad", "(10,)", False),
    ]
    text = case.source("pytorch", "loop").text()
    assert all(f"assert {row.tensor}.shape == {row.shape}\n" in text for row in table)


@pytest.mark.parametrize("number", range(len(torch_shapes(case_of(DIGITS).problem, case_of(DIGITS).program))))
def test_a_wrong_shape_is_refused_by_the_program(number: int) -> None:
    case = case_of(DIGITS)
    row = torch_shapes(case.problem, case.program)[number]
    right = f"{row.tensor}.shape == {row.shape}\n"
    text = case.source("pytorch", "loop").text()
    assert right in text
    with pytest.raises(AssertionError):
        run(text.replace(right, f"{row.tensor}.shape == (7, H)\n"), epochs=1)


def test_the_sheet_of_the_digits() -> None:
    blanked = case_of(DIGITS).source("pytorch", "loop").text(blank=True)
    for line in [
        "W1 = torch.randn(size=(_____))",
        "b1 = torch.randn(size=(_____))",
        "    for x_batch, y_batch in training_data:",
        "        linear_out_1 = _____",
        "        activations_1 = _____",
        "        logits = _____",
        "        probs = _____",
        "        loss = _____  # applies the softmax itself",
        "                param -= _____",
        "assert linear_out_1.shape == _____",
        "assert W2.grad.shape == _____",
    ]:
        assert f"\n{line}\n" in blanked


def test_a_worksheet_does_not_say_what_the_five_steps_are() -> None:
    source = case_of(DIGITS).source("pytorch", "module")
    key, worksheet = source.text(), source.text(blank=True)
    for number, step in enumerate(training_iteration(), 1):
        assert f"        # {number}. {step.comment}\n" in key
        assert step.comment not in worksheet
        assert f"        # {number}. _____\n        _____\n" in worksheet


@pytest.mark.parametrize("name", ["softmax-squared-error", "mlp-squared-error"])
@pytest.mark.parametrize(
    ("language", "style"), [(language, style) for language, style in ALL_STYLES if style != "step"]
)
def test_the_networks_of_the_lab_learn(
    name: str, language: str, style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their targets are one-hot rows that depend on the input, so that the squared error falls by a third and more."""
    case = case_of((folder("problems") / f"{name}.yaml").read_text(encoding="utf-8"))
    variables = run(case.source(language, style).text())
    printed = losses(capsys.readouterr().out)
    assert printed[-1] < 2 / 3 * printed[0]
    for _, targets in variables["training_data"]:
        rows = np.asarray(targets)
        assert set(np.unique(rows)) == {0, 1}
        assert (rows.sum(axis=1) == 1).all()


BEHIND = """
    forward: |
      s = W @ x + b
      p = {function}(s)
      L = sum((p - t)**2)
    shapes: {{W: [3, 4], b: [3], x: [4], t: [3]}}
    parameters: [W, b]
    input: [x]
    target: [t]
    update: sgd
    """


@pytest.mark.parametrize(("function", "kind"), [("softmax", "one-hot"), ("sigmoid", "binary"), ("tanh", "numbers")])
@pytest.mark.parametrize(("language", "style"), [("numpy", "loop"), ("pytorch", "loop")])
def test_targets_are_what_the_last_function_can_reach(function: str, kind: str, language: str, style: str) -> None:
    variables = run(case_of(BEHIND.format(function=function)).source(language, style).text(), epochs=1)
    targets = np.array([np.asarray(t) for _, t in variables["training_data"]])
    zero_or_one = set(np.unique(targets)) == {0, 1}
    assert (
        "one-hot" if zero_or_one and (targets.sum(axis=1) == 1).all() else "binary" if zero_or_one else "numbers"
    ) == kind


def test_samples_in_columns_have_one_hot_columns() -> None:
    text = DIGITS.replace("cross_entropy", "squared_error").replace("{weights: in_out}", "{samples: columns}")
    text = text.replace("{X: [N, 784], c: [N]}", "{X: [784, N]}").replace("target: [c]", "target: [T]")
    variables = run(case_of(text).source("pytorch", "loop").text(), epochs=1)
    assert all((targets.sum(axis=0) == 1).all() for _, targets in variables["training_data"])


def test_the_five_steps_stand_in_the_module_in_their_order() -> None:
    steps = training_iteration()
    assert [step.key for step in steps] == ["predict", "loss", "zero_grad", "backward", "step"]
    text = case_of(DIGITS).source("pytorch", "module").text()
    places = [text.index(step.code) for step in training_iteration("X", "y_pred", "loss_function(y_pred, c)")]
    assert places == sorted(places)


@pytest.mark.parametrize("function", CLASSES)
def test_classes_of_losses_exist(function: str) -> None:
    assert issubclass(getattr(torch.nn, CLASSES[function]), torch.nn.Module)
    assert callable(getattr(torch.nn.functional, function))


def test_gradients_through_new_weights_are_refused() -> None:
    case = named("new weights")
    for style in ("loop", "module"):
        with pytest.raises(ProblemError, match="update_uses"):
            case.source("pytorch", style)


def test_samples_in_columns_with_a_softmax_inside_are_refused_by_the_module() -> None:
    text = network("softmax", ENDINGS[0], "columns", "out_in")
    with pytest.raises(ProblemError, match="samples in columns"):
        case_of(text).source("pytorch", "module")
