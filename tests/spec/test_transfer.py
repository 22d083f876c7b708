"""A problem brought to the notation of each preset: its numbers come along, and the update stays the same."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction
from textwrap import dedent

import numpy as np
import pytest

from derive.derivation import derive_program
from derive.errors import ProblemError
from derive.ops import Array
from derive.spec import Ask, OneMore, Problem, read_text
from derive.spec.presets import PRESETS
from derive.spec.questions import Shapes
from derive.spec.transfer import in_notation
from tests.problems import PEN_AND_PAPER
from tests.support import evaluated

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


def texts(problem: Problem) -> list[str]:
    return [equation.text for equation in problem.equations]


def value(problem: Problem, name: str) -> list[object]:
    literal = problem.given(name).value
    assert literal is not None
    result: list[object] = literal.text.tolist()
    return result


# ------------------------------------------------------------------------------------------------ what comes along


def test_numbers_come_along() -> None:
    problem = in_notation(read_text(PEN_AND_PAPER), "augmented")
    assert value(problem, "W_1") == [["0.1", "0.2"], ["0.1", "-0.2"], ["0.3", "0.4"], ["-0.5", "0.6"]]
    assert [given.name for given in problem.givens] == ["W_1", "W_2", "x", "t"]
    assert texts(problem) == ["a = augment(x) @ W_1", "z = tanh(a)", "y = augment(z) @ W_2", "L = mse(y, t)"]
    assert [equation.line for equation in problem.equations] == [2, 2, 2, 4]


def test_there_and_back() -> None:
    """Brought to a preset and from there to another, a problem is as if it had been brought there at once."""
    first = read_text(BATCH)
    for one, other in itertools.product(PRESETS, repeat=2):
        direct, detour = in_notation(first, other), in_notation(in_notation(first, one), other)
        assert detour.conventions == direct.conventions
        assert sorted(detour.givens, key=lambda given: given.name) == sorted(direct.givens, key=lambda g: g.name)
        assert (texts(detour), detour.notation) == (texts(direct), direct.notation), (one, other)


BATCH = dedent("""
    architecture: [2, 2, 1]
    activations: [relu, identity]
    loss: squared_error
    parameters: {W_1: [[1, 2], [3, 4]], b_1: [5, 6], W_2: [[7, 8]], b_2: [9]}
    input: {X: [[1, 2], [3, 4], [5, 6]]}
    target: {T: [1, 2, 3]}
    update: {sgd: {learning_rate: 1}}
""")


def asked(ask: str, preset: str, more: str = "") -> list[tuple[str, int | None]]:
    problem = in_notation(read_text(f"{BATCH}ask: {ask}\n{more}"), preset)
    return [(item.quantity, item.points) for item in problem.ask]


@pytest.mark.parametrize(
    ("ask", "preset", "expected"),
    [
        ("{'dL/dW_1[1,2]': 1, 'z[3,1]': 1}", "bishop", [("dL/dW_1[1,2]", 1), ("z[3,1]", 1)]),
        ("{'dL/dW_1[1,2]': 1, 'z[3,1]': 1}", "nielsen", [("dL/dW_1[1,2]", 1), ("z[1,3]", 1)]),
        ("{'dL/dW_1[1,2]': 1, 'z[3,1]': 1}", "cs231n", [("dL/dW_1[2,1]", 1), ("z[3,1]", 1)]),
        ("{'dL/dW_1[1,2]': 1, 'dL/db_1[2]': 2}", "augmented", [("dL/dW_1[2,1]", 1), ("dL/dW_1[0,2]", 2)]),
        ("{dL/dW_1: 1, dL/db_1: 2, y: 1}", "augmented", [("dL/dW_1", 3), ("y", 1)]),
        ('{"b_1\'": 2}', "augmented", [("W_1'", 2)]),
        ("{'dL/db_1[2]': 2}", "udl", [("dL/db_1[2,1]", 2)]),
    ],
)
def test_what_is_asked_comes_along(ask: str, preset: str, expected: list[tuple[str, int | None]]) -> None:
    assert asked(ask, preset) == expected


def test_what_is_asked_comes_off_augmented_weights() -> None:
    problem = read_text(AUGMENTED + "    ask: {dL/dW_1: 3, 'dL/dW_1[0,1]': 1, 'dL/dW_1[2,1]': 2}\n")
    expected = (Ask("dL/dW_1", 3), Ask("dL/db_1"), Ask("dL/db_1[1]", 1), Ask("dL/dW_1[1,2]", 2))
    assert in_notation(problem, "bishop").ask == expected


@pytest.mark.parametrize("index", [0, 1])
def test_the_bias_keeps_its_place_however_it_is_counted(index: int) -> None:
    """Row 1 in a file that says so is row 0 of the preset, and back; every other row keeps its distance to it."""
    conventions = f"conventions: {{weights: in_out, bias: augmented, bias_index: {index}}}"
    text = AUGMENTED.replace("notation: augmented", conventions)
    problem = read_text(f"{text}    ask: ['dL/dW_1[{index},1]', 'dL/dW_1[{index + 2},1]']\n")
    assert in_notation(problem, "augmented").ask == (Ask("dL/dW_1[0,1]"), Ask("dL/dW_1[2,1]"))
    assert in_notation(problem, "cs231n").ask == (Ask("dL/db_1[1]"), Ask("dL/dW_1[2,1]"))


def test_questions_come_along() -> None:
    problem = read_text(f"{BATCH}ask:\n- shapes: [W_1, b_1, z]\n  points: 2\n")
    assert in_notation(problem, "nyu").questions == problem.questions
    [question] = in_notation(problem, "augmented").questions
    assert isinstance(question, Shapes)
    assert (question.shapes, question.points) == (("W_1", "z"), 2)


def test_frozen_parameters_come_along_where_they_can() -> None:
    both = read_text(BATCH + "conventions: {frozen: [W_1, b_1]}\n")
    assert in_notation(both, "augmented").conventions.frozen == ("W_1",)
    assert in_notation(in_notation(both, "augmented"), "bishop").conventions.frozen == ("W_1", "b_1")
    with pytest.raises(ProblemError) as caught:
        in_notation(read_text(BATCH + "conventions: {frozen: [b_1]}\n"), "augmented")
    assert caught.value.faults[0].found == "`b_1` is frozen alone"


def test_symbolic_widths_take_the_bias_in_and_give_it_back() -> None:
    problem = read_text("architecture: [2, H, 1]\nactivations: [tanh, identity]\nloss: mse")
    assert in_notation(problem, "nyu").given("W_2").shape == ("H", 1)
    augmented = in_notation(problem, "augmented")
    assert [given.shape for given in augmented.givens if given.role == "parameter"] == [(3, "H"), (OneMore("H"), 1)]
    gradient = derive_program(augmented).tensor("dL/dW_2")
    assert [str(side) for side in gradient.shape] == ["H + 1", "1"]
    back = in_notation(augmented, "d2l")
    assert [given.shape for given in back.givens if given.role == "parameter"] == [(2, "H"), ("H",), ("H", 1), (1,)]


def test_equations_cannot_be_brought_to_another_notation() -> None:
    problem = read_text("forward: |\n  L = w**2\nparameters: {w: 1}")
    with pytest.raises(ProblemError) as caught:
        in_notation(problem, "nyu")
    assert caught.value.faults[0].path == "--notation"


# ------------------------------------------------------------------------------------------------ the same update


def random_text(chance: random.Random, loss: str) -> str:
    """A small network with numbers, in a layout of its own; neither kinks nor saturation."""
    widths = [chance.randint(1, 3) for _ in range(chance.randint(2, 4))]
    hidden = [chance.choice(["tanh", "sigmoid", "softplus", "elu", "identity"]) for _ in widths[2:]]
    last = {"bce": "sigmoid", "cross_entropy": "softmax"}.get(loss, chance.choice(["identity", "tanh"]))
    if loss == "cross_entropy":
        widths[-1] = max(2, widths[-1])
    weights, bias = chance.choice(["out_in", "in_out"]), chance.choice(["last", "first", "augmented"])
    samples, count = chance.choice(["rows", "columns"]), chance.choice([0, 0, 2, 3])

    def numbers(rows: int, columns: int) -> list[list[float]]:
        return [[chance.randint(-9, 9) / 10 for _ in range(columns)] for _ in range(rows)]

    def batch(width: int) -> list[list[float]] | list[float]:
        found = numbers(count or 1, width)
        return (
            found[0] if not count else found if samples == "rows" else [list(row) for row in zip(*found, strict=True)]
        )

    parameters: dict[str, object] = {}
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(widths), start=1):
        rows = inputs + (bias == "augmented")
        parameters[f"W_{layer}"] = numbers(rows, outputs) if weights == "in_out" else numbers(outputs, rows)
        if bias != "augmented":
            parameters[f"b_{layer}"] = numbers(1, outputs)[0]
    indices = [chance.randrange(widths[-1]) for _ in range(count or 1)]
    target = batch(widths[-1]) if loss != "cross_entropy" else indices if count else indices[0]
    if loss == "bce":
        target = np.where(np.array(target) > 0, 1, 0).tolist()
    return f"""
architecture: {widths}
activations: [{", ".join([*hidden, last])}]
loss: {loss}
parameters: {parameters}
input: {{X: {batch(widths[0])}}}
target: {{T: {target}}}
update: {{sgd: {{learning_rate: {chance.randint(1, 9)}/10}}}}
conventions: {{weights: {weights}, samples: {samples}, bias: {bias}}}
""".replace("'", "")


def layers(problem: Problem, values: dict[str, Array], prefix: str = "", suffix: str = "") -> list[Array]:
    """For each layer a matrix with a row for each input, on top of it the bias, whatever the layout."""
    assert problem.mlp is not None
    conventions, found = problem.conventions, []
    for layer in range(1, len(problem.mlp.widths)):
        weights = values[f"{prefix}W_{layer}{suffix}"]
        weights = weights if conventions.weights == "in_out" else weights.T
        if conventions.bias != "augmented":
            weights = np.vstack([values[f"{prefix}b_{layer}{suffix}"].reshape(1, -1), weights])
        found.append(weights)
    return found


def solved(problem: Problem) -> tuple[list[Array], list[Array]]:
    """The updated parameters and the gradients, layer by layer; gradients of columns for numerator layout as well."""
    values = dict(evaluated(derive_program(problem), problem))
    return layers(problem, values, suffix="'"), layers(problem, values, prefix="dL/d")


@pytest.mark.parametrize("loss", ["mse", "mae", "bce", "cross_entropy"])
@pytest.mark.parametrize("seed", range(5))
def test_every_notation_gives_the_same_update(seed: int, loss: str) -> None:
    text = random_text(random.Random(f"{seed} {loss}"), loss)
    problem = read_text(text)
    expected = solved(problem)[0]
    for name in PRESETS:
        for found, wanted in zip(solved(in_notation(problem, name))[0], expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12, err_msg=f"seed {seed}, {name}:\n{text}")


@pytest.mark.parametrize("seed", range(8))
def test_squared_errors_differ_by_their_factors(seed: int) -> None:
    text = random_text(random.Random(f"{seed} squared"), "squared_error")
    problem = read_text(text)
    assert problem.mlp is not None
    x = problem.given("X")
    assert x.value is not None
    count = 1 if problem.mlp.samples == "one" else x.value.shape[problem.mlp.samples == "columns"]
    plain = [gradient * count for gradient in solved(problem)[1]]  # without a preset: the mean over the samples
    for name, preset in PRESETS.items():
        factor = preset.squared_error.factor / (count if preset.squared_error.reduction == "samples" else 1)
        for found, wanted in zip(solved(in_notation(problem, name))[1], plain, strict=True):
            np.testing.assert_allclose(
                found, float(factor) * wanted, rtol=1e-12, atol=1e-12, err_msg=f"seed {seed}, {name}:\n{text}"
            )


def test_a_wrong_layout_would_be_seen() -> None:
    """The comparison above refuses numbers that are read in a layout which is not theirs."""
    problem = read_text(BATCH)
    wrong = replace(problem, givens=tuple(_transposed_weights(problem)))
    difference = max(
        float(np.max(np.abs(one - other))) for one, other in zip(solved(wrong)[0], solved(problem)[0], strict=True)
    )
    assert difference > Fraction(1, 10)


def _transposed_weights(problem: Problem) -> list[object]:
    literal = problem.given("W_1").value
    assert literal is not None
    other = type(literal)(literal.text.T)
    return [replace(given, value=other) if given.name == "W_1" else given for given in problem.givens]
