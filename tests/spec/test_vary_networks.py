"""`vary:` of the network itself: the file read with each architecture, activation and loss."""

from __future__ import annotations

import pytest

from derive.program import compile_problem, read_text
from derive.spec import Literal
from tests.spec.conftest import Refuse

BATCH = """\
architecture: [3, 2, 1]
activations: [tanh, identity]
loss: mse
parameters: {W_1: [[1, 2, 3], [4, 5, 6]], b_1: [1, 2], W_2: [[1, 2]], b_2: [1]}
input: {X: [[1, 2, 3], [4, 5, 6]]}
target: {Y: [[1], [2]]}
"""


def test_every_combination_is_a_problem_of_its_own() -> None:
    problem = read_text(
        BATCH + "vary: {W_1: [1, 2], loss: [mse, {huber: {delta: 2}}], activations: [[tanh, identity], [relu, tanh]]}"
    )
    structures = problem.vary.structures
    assert [structure.label for structure in structures] == [
        "tanh, identity; mse",
        "tanh, identity; huber(delta=2)",
        "relu, tanh; mse",
        "relu, tanh; huber(delta=2)",
    ]
    last = structures[-1].problem
    assert [equation.text for equation in last.equations] == [
        "a_1 = X @ W_1.T + b_1",
        "z_1 = relu(a_1)",
        "a_2 = z_1 @ W_2.T + b_2",
        "y = tanh(a_2)",
        "L = huber(y, Y, delta=2)",
    ]
    assert last.givens == problem.givens
    assert all(s.problem.vary.choices == problem.vary.choices for s in structures)
    assert not any(structure.problem.vary.structures for structure in structures)
    assert structures[0].problem.equations == problem.equations
    assert compile_problem(last).steps


def test_numbers_drawn_one_by_one_count_only_where_they_fit() -> None:
    problem = read_text(
        BATCH + "vary: {X: [1, 2], W_1: [1, 2], b_1: [1], W_2: [1], architecture: [[3, 2, 1], [2, 2, 1], [2, 4, 1]]}"
    )
    numbers = [
        {given.name: given.value is not None for given in structure.problem.givens}
        for structure in problem.vary.structures
    ]
    have = {"W_1": True, "b_1": True, "W_2": True, "b_2": True, "X": True, "Y": True}
    assert numbers == [have, {**have, "W_1": False, "X": False}, {
        **have, "W_1": False, "X": False, "b_1": False, "W_2": False}]  # fmt: skip
    widest = problem.vary.structures[-1].problem
    assert [given.shape for given in widest.givens[:4]] == [(4, 2), (4,), (1, 4), (1,)]
    assert widest.given("b_2").value == Literal(["1"])
    assert widest.mlp and widest.mlp.samples == "rows"
    assert widest.dimensions == {"N": 2}


def test_the_number_of_samples_is_that_of_numbers_that_are_dropped() -> None:
    text = BATCH.replace("{Y: [[1], [2]]}", "[Y]")
    problem = read_text(text + "vary: {X: [1, 2], Y: [1], W_1: [1, 2], architecture: [[2, 2, 1]]}")
    assert [structure.problem.dimensions for structure in problem.vary.structures] == [{"N": 2}]


def test_quantities_without_numbers_have_the_shape_of_each_network() -> None:
    problem = read_text(
        "architecture: [3, 2, 1]\nactivations: [tanh, identity]\nloss: mse\n"
        "vary: {architecture: [[3, 4, 1], [2, 2, 2]], W_1: [1], W_2: [1], b_1: [1], b_2: [1], x: [1], t: [1]}"
    )
    shapes = [[given.shape for given in structure.problem.givens] for structure in problem.vary.structures]
    assert shapes == [[(4, 3), (4,), (1, 4), (1,), (3,), (1,)], [(2, 2), (2,), (2, 2), (2,), (2,), (2,)]]


@pytest.mark.parametrize(
    ("varied", "faults"),
    [
        (
            "architecture: [[3, 2, 1], [3, 4, 1]]",
            [
                ("vary.architecture[1]", "parameters.W_1: `W_1` of shape [2, 3]"),
                ("vary.architecture[1]", "parameters.b_1: `b_1` of shape [2]"),
                ("vary.architecture[1]", "parameters.W_2: `W_2` of shape [1, 2]"),
            ],
        ),
        (
            "architecture: [[3, 4, 1]], W_1: [1, 2], b_1: [[1, 2]], W_2: [1, 2]",
            [("vary.architecture[0]", "parameters.b_1: `b_1` of shape [2]")],
        ),
        ("architecture: [[3, 2, 2, 1]]", [("vary.architecture[0]", "activations: 2 activations for 3 layers")]),
        ("activations: [[tanh, identity], [tanh]]", [("vary.activations[1]", "activations: 1 activations for 2")]),
        ("activations: [[tnah, identity]]", [("vary.activations[0]", "activations[0]: the unknown activation `tnah`")]),
        (
            "activations: [[tanh, {elu: {beta: 1}}], [tanh, identity]], loss: [mse, mae]",
            [("vary.activations[0]", "activations[1].elu.beta: the unknown option `beta`")],
        ),
        ("loss: [mse, maee]", [("vary.loss[1]", "loss: the unknown loss `maee`")]),
        ("loss: [mse, mse]", [("vary.loss[1]", "the same once more")]),
        ("loss: []", [("vary.loss", "a list")]),
        ("loss: mae", [("vary.loss", "`mae`")]),
        ("activations: [tanh, identity]", [("vary.activations[0]", "`tanh`"), ("vary.activations[1]", "`identity`")]),
        ("architecture: [[3, 0, 1]]", [("vary.architecture[0][1]", "`0`")]),
        ("architecture: [[3]]", [("vary.architecture[0]", "a list")]),
    ],
)
def test_a_fault_of_another_network_names_the_choice(
    refuse: Refuse, varied: str, faults: list[tuple[str, str]]
) -> None:
    found = refuse(f"{BATCH}vary: {{{varied}}}")
    assert [fault.path for fault in found] == [path for path, _ in faults]
    assert all(fault.found.startswith(start) for fault, (_, start) in zip(found, faults, strict=True)), found
    assert {fault.where for fault in found} == {"file.yaml:7"}


def test_a_fault_of_several_networks_names_each_and_what_always_fails_once(refuse: Refuse) -> None:
    """The activation without a pre-activation `a` is to blame, whatever the loss is."""
    varied = "vary: {loss: [mse, mae], activations: [[tanh, identity], [tanh, tanh], [identity, identity]]}"
    found = refuse(f"{BATCH}ask: [a]\n{varied}")
    assert [(fault.path, fault.found) for fault in found] == [
        ("vary.activations[1]", "ask.a: the unknown name `a`"),
        ("vary.activations[2]", "ask.a: the unknown name `a`"),
    ]


def test_a_fault_of_one_combination_names_all_of_it(refuse: Refuse) -> None:
    text = BATCH.replace("[3, 2, 1]", "[2, 2]").replace("tanh, identity", "softmax").replace("mse", "cross_entropy")
    text = text.replace("[[1, 2, 3], [4, 5, 6]], b_1: [1, 2], W_2: [[1, 2]], b_2: [1]", "[[1, 2], [3, 4]], b_1: [1, 2]")
    text = text.replace("[[1, 2, 3], [4, 5, 6]]", "[[1, 2], [3, 4]]").replace("[[1], [2]]", "[0, 1]")
    varied = "W_1: [1], b_1: [1], X: [1], loss: [cross_entropy, mse], architecture: [[2, 2], [2, 1]]"
    found = refuse(f"{text}vary: {{{varied}}}")
    assert [(fault.path, fault.found) for fault in found] == [
        ("vary.architecture[0], vary.loss[1]", "target.Y: `Y` of shape [2]"),
        ("vary.architecture[1], vary.loss[0]", "target.Y: the class index 1"),
    ]


def test_what_is_wrong_with_the_file_itself_is_told_once(refuse: Refuse) -> None:
    found = refuse(f"{BATCH}ask: [q]\ntitle: [x]\nvary: {{activations: [[tanh, identity], [relu, identity]]}}")
    assert [fault.path for fault in found] == ["ask.q", "title"]


def test_too_many_networks(refuse: Refuse) -> None:
    hidden = ", ".join(f"[3, 2, {width}]" for width in range(1, 52))
    [fault] = refuse(f"{BATCH}vary: {{architecture: [{hidden}]}}")
    assert (fault.path, fault.expected) == ("vary.architecture", "at most 50 entries")
    options = ", ".join(f"{{elu: {{alpha: {number}}}}}" for number in range(1, 12))
    activations = ", ".join(f"[{option}, identity]" for option in options.split(", "))
    losses = ", ".join(f"{{huber: {{delta: {number}}}}}" for number in range(1, 12))
    [fault] = refuse(f"{BATCH}vary: {{activations: [{activations}], loss: [{losses}]}}")
    assert (fault.found, fault.expected) == ("121 networks", "at most 100")


@pytest.mark.parametrize("key", ["loss: [mse]", "activations: [[tanh]]", "architecture: [[3, 1]]"])
def test_equations_have_no_other_networks(refuse: Refuse, key: str) -> None:
    [fault] = refuse(f"forward: y = 2*w\nparameters: {{w: 1}}\nvary: {{{key}}}")
    assert fault.path == f"vary.{key.partition(':')[0]}"
    assert fault.found.endswith("beside equations")
