"""The program in NumPy, run: its values, gradients and updates are those of the derivation."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

from derive.code import numpy_loop, numpy_step
from derive.code.names import program_names
from derive.code.numpy_language import NUMPY
from tests.code.running import Case, case_of, close, losses, named, run, source_or_skip
from tests.problems import PROBLEMS

problems = pytest.mark.parametrize("name", PROBLEMS)


@problems
def test_every_step_has_its_value(name: str) -> None:
    case = named(name)
    variables = run(case.source("numpy", "step").text())
    names = program_names(case.program)
    for step in case.program:
        found = np.asarray(variables[names[step.name]])
        if case.values is not None:
            close(found, case.values[step.name])
        else:
            sizes = [d if isinstance(d, int) else variables[names[str(d)]] for d in step.target.shape]
            assert found.shape == tuple(sizes)


def test_jacobians_in_parts_have_their_values() -> None:
    """Entry by entry (what lies on the way among them) and sample by sample."""
    case = case_of(
        """
        forward: |
          A = X @ W
          Z = tanh(A)
          L = mean((Z - T)**2)
        parameters: {W: [[0.1, -0.7], [0.3, 0.9]]}
        input: {X: [[1, 2], [0.5, -1]]}
        target: {T: [[1, 0], [0, 1]]}
        ask: [dZ/dW, dZ/dX]
        """
    )
    variables, names = run(case.source("numpy", "step").text()), program_names(case.program)
    assert {"dZ_at1x2_dW", "dZ_at1x2_dA", "dZ_sample2_dX_sample2"} <= set(names.values())
    for step in case.program:
        close(np.asarray(variables[names[step.name]]), case.values[step.name])


@problems
def test_the_loop_updates_as_the_derivation_does(name: str) -> None:
    case = named(name)
    source = source_or_skip(case, "numpy", "loop")
    if case.values is None:
        pytest.skip("no numbers")
    variables = run(source.text(), epochs=1)
    names = program_names(case.program)
    assert case.updated
    for parameter in case.updated:
        close(variables[names[parameter]], case.values[f"{parameter}'"])
        close(variables[names[f"d{case.program.loss.name}/d{parameter}"]], case.gradient(parameter))


@problems
def test_layers_have_the_gradients_of_the_derivation(name: str) -> None:
    check_layers(named(name))


def check_layers(case: Case) -> None:
    """One pass of the network of layers against the derivation."""
    text = source_or_skip(case, "numpy", "layers").text()
    if case.values is None:
        return
    variables = run(text, epochs=0)
    network = variables["network"]
    [sample] = variables["training_data"]
    loss = network.forward(*sample) if isinstance(sample, tuple) else network.forward(sample)
    close(np.reshape(loss, ()), np.reshape(case.values[case.program.loss.name], ()))
    network.backward()
    learnt = [name for name in vars(network.layers[0]) if name == "W"]
    assert learnt
    found = {}
    names = program_names(case.program)
    for parameter in case.updated:
        array = variables[names[parameter]]
        [(layer, own)] = [
            (layer, own) for layer in network.layers for own, held in vars(layer).items() if held is array
        ]
        found[parameter] = getattr(layer, f"d{own}")
    assert found.keys() == set(case.updated)
    for parameter, gradient in found.items():
        close(gradient, case.gradient(parameter))
    network.step(variables[names[case.problem.update.symbol]])
    for parameter in case.updated:
        close(variables[names[parameter]], case.values[f"{parameter}'"])


TARGETS = {
    "numbers": [[0.5, 1, 0.25], [1, 0.5, -1], [0.2, 0.1, 0.7]],
    "probabilities": [[0, 1, 0], [1, 0, 0], [0, 0, 1]],
    "signs": [[1, -1, 1], [-1, 1, 1], [1, 1, -1]],
}
ACTIVATIONS = [
    "tanh", "sigmoid", "relu", "identity", "{leaky_relu: {alpha: 0.1}}", "{softplus: {beta: 2}}", "softplus", "elu",
    "{elu: {alpha: 1/2}}", "silu", "gelu", "gelu_tanh", "softmax", "log_softmax",
]  # fmt: skip
ENDINGS = [
    ("identity", "mse", "numbers"), ("identity", "{mse: {reduction: sum, factor: 1/2}}", "numbers"),
    ("tanh", "mae", "numbers"), ("identity", "{huber: {delta: 0.5}}", "numbers"), ("identity", "huber", "numbers"),
    ("sigmoid", "bce", "probabilities"), ("identity", "bce_logits", "probabilities"),
    ("softmax", "cross_entropy", "probabilities"), ("softmax", "{cross_entropy: {reduction: sum}}", "classes"),
    ("identity", "cross_entropy", "classes"), ("identity", "hinge", "signs"),
]  # fmt: skip


def network(activation: str, ending: tuple[str, str, str], samples: str, weights: str, fused: str = "true") -> str:
    """A problem in the short form of two layers."""
    first = np.array([[0.5, -0.2], [0.3, 0.7], [0.4, -0.6], [0.1, 0.9]])
    second = np.array([[0.2, -0.5, 0.3, 0.1], [0.7, 0.1, -0.4, 0.2], [-0.6, 0.2, 0.5, -0.3]])
    if weights == "in_out":
        first, second = first.T, second.T
    last, loss, kind = ending
    inputs = {
        "one": "x: [1, 0.5]",
        "rows": "X: [[1, 0.5], [-1, 2], [0.3, -0.2]]",
        "columns": "X: [[1, -1, 0.3], [0.5, 2, -0.2]]",
    }
    if kind == "classes":
        target = "c: 1" if samples == "one" else "c: [1, 0, 2]"
    else:
        array = np.array(TARGETS[kind])
        target = f"T: {(array[0] if samples == 'one' else array.T if samples == 'columns' else array).tolist()}"
    layout = "" if samples == "one" else f"samples: {samples}, "
    return f"""
        architecture: [2, 4, 3]
        activations: [{activation}, {last}]
        loss: {loss}
        parameters:
          W_1: {first.tolist()}
          b_1: [0.1, -0.2, 0.3, 0.05]
          W_2: {second.tolist()}
          b_2: [0, 0.1, -0.3]
        input: {{{inputs[samples]}}}
        target: {{{target}}}
        update: {{sgd: {{learning_rate: 0.1}}}}
        conventions: {{{layout}weights: {weights}, fused: {fused}}}
        """


layouts = pytest.mark.parametrize("samples", ["one", "rows", "columns"])
weight_layouts = pytest.mark.parametrize("weights", ["out_in", "in_out"])


@weight_layouts
@layouts
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_layers_of_every_activation(activation: str, samples: str, weights: str) -> None:
    check_layers(case_of(network(activation, ENDINGS[0], samples, weights)))


@weight_layouts
@layouts
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: f"{ending[0]}-{ending[1]}-{ending[2]}")
def test_layers_of_every_loss(ending: tuple[str, str, str], samples: str, weights: str) -> None:
    check_layers(case_of(network("tanh", ending, samples, weights)))


@pytest.mark.parametrize("ending", [ENDINGS[5], ENDINGS[7]], ids=["sigmoid", "softmax"])
def test_layers_where_softmax_and_sigmoid_are_layers_of_their_own(ending: tuple[str, str, str]) -> None:
    case = case_of(network("tanh", ending, "rows", "out_in", fused="false"))
    check_layers(case)
    assert f"class {ending[0].capitalize()}:" in case.source("numpy", "layers").text()


def test_a_slope_that_is_wrong_makes_layers_that_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    from derive.ops import ROWS

    text = network("tanh", ENDINGS[0], "rows", "out_in")
    right = case_of(text)
    monkeypatch.setitem(ROWS, "tanh", dataclasses.replace(ROWS["tanh"], slopes=(lambda u, z: 1 + z**2,)))
    wrong = case_of(f"{text}\n")  # derived anew
    assert "1 + self.z**2" in wrong.source("numpy", "layers").text()
    with pytest.raises(AssertionError):
        check_layers(Case(wrong.problem, wrong.program, right.values))


def test_logarithms_of_zero() -> None:
    """Where a probability is 0 and so is its target, t log p is 0; as on paper it would be no number."""
    case = case_of("""
        forward: |
          L = cross_entropy(p, t)
        input: {p: [1, 0]}
        target: {t: [1, 0]}
        """)
    assert "def xlogy" in case.source("numpy", "step").text()
    close(run(case.source("numpy", "step").text())["L"], 0)
    assert "xlogy" not in named("batch, softmax, class indices").source("numpy", "step").text()


@pytest.mark.parametrize("style", ["loop", "layers"])
def test_a_problem_without_numbers_learns_from_data_of_its_own(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(named("symbols, batch").source("numpy", style).text())
    printed = losses(capsys.readouterr().out)
    assert len(printed) == 10
    assert printed[-1] < printed[0] / 2


CLASSIFIER = """
    architecture: [5, H, 3]
    activations: [relu, softmax]
    loss: cross_entropy
    shapes: {X: [N, 5], c: [N]}
    input: [X]
    target: [c]
    update: sgd
    """


@pytest.mark.parametrize("style", ["step", "loop", "layers"])
def test_a_worksheet_without_numbers_does_not_tell_the_sizes_of_the_parameters(style: str) -> None:
    source = case_of(CLASSIFIER).source("numpy", style)
    assert [gap.answer for gap in source.gaps if gap.about.startswith("size:")] == ["H, 5", "H,", "3, H", "3,"]
    worksheet = source.text(blank=True)
    assert "W1 = 0.1 * rng.normal(size=(_____))\n" in worksheet
    assert not re.search(r"\(H, 5\)|\(3, H\)|\(H,\)|\(3,\)", worksheet)
    assert "# (N, H)" in worksheet or style == "layers"


def test_a_program_runs_by_itself() -> None:
    text = named("one sample").source("numpy", "step").text()
    done = subprocess.run([sys.executable, "-I", "-"], input=text, capture_output=True, text=True, check=True)
    assert done.stdout == "[0.03403205] [0.06409763]\n"


def test_functions_and_language() -> None:
    case = named("one sample")
    assert numpy_step(case.problem, case.program, case.values).language == NUMPY.name
    assert numpy_loop(case.problem, case.program).text().count("for ") == 2
