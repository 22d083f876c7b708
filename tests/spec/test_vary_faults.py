"""What is wrong under `vary:`: each fault is told with its line and place, all at once, and nothing that follows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import ProblemError
from derive.program import read_text
from tests.problems import PEN_AND_PAPER
from tests.spec.conftest import Refuse

START = PEN_AND_PAPER.rstrip("\n") + "\n"
LINE = START.count("\n") + 2  # the first line below `vary:`


# Each is a whole line below `vary:` with its place, the beginning of what is found, and a part of what is expected.
FAULTS = [
    ("W1: signs", "W1", "the unknown name `W1`", "a given quantity, or `learning_rate`"),
    ("y: [1, 2]", "y", "`y` is computed", "a quantity that is given"),
    ("eta: [0.1, 0.2]", "eta", "the learning rate as `eta`", "the key `learning_rate`"),
    ("activation: [[tanh, identity]]", "activation[0][0]", "`tanh`, which is not a number", "a number"),
    ("W_1: sings", "W_1", "`sings`", "`signs`"),
    ("W_1: 0.5", "W_1", "`0.5`", "a list to choose from"),
    ("W_1:", "W_1", "nothing", "a list to choose from"),
    ("W_1: []", "W_1", "an empty list", "at least one number"),
    ("W_1: {choices: []}", "W_1.choices", "an empty list", "at least one number"),
    ("W_1: {choices: 3}", "W_1.choices", "`3`", "a list to choose from"),
    ("W_1: {}", "W_1", "a table without numbers", "`grid`, `integers` or `choices`"),
    ("W_1: {nonzero: true}", "W_1", "a table without numbers", "`grid`, `integers` or `choices`"),
    ("W_1: {gird: [0, 1, 0.1]}", "W_1.gird", "the unknown key `gird`", "`grid`"),
    ("W_1: {grid: [0, 1, 0.1], nonzeros: true}", "W_1.nonzeros", "the unknown key `nonzeros`", "`nonzero`"),
    ("W_1: {choices: [1], nonzero: true}", "W_1.nonzero", "the unknown key `nonzero`", "`choices`"),
    ("W_1: {grid: [0, 1, 0.1], choices: [1]}", "W_1", "both `grid` and `choices`", "one of them"),
    ("W_1: {grid: [0, 1]}", "W_1.grid", "a list", "at least 3 entries"),
    ("W_1: {grid: 3}", "W_1.grid", "`3`", "a list"),
    ("W_1: {grid: [0, a, 1]}", "W_1.grid[1]", "`a`, which is not a number", "a number"),
    ("W_1: {grid: [0, 1, '0.1']}", "W_1.grid[2]", "a number in quotes", "without quotes"),
    ("W_1: {grid: [1, 0, 0.1]}", "W_1.grid", "from 1 to 0", "the lower end first"),
    ("W_1: {grid: [0, 1, 0]}", "W_1.grid[2]", "the step 0", "a positive step"),
    ("W_1: {grid: [0, 1, -0.1]}", "W_1.grid[2]", "the step -1/10", "a positive step"),
    ("W_1: {grid: [0, 1e150, 1e-150]}", "W_1.grid", "very many numbers", "at most 10000"),
    ("W_1: {grid: [0, 1e-150, 1e-150]}", "W_1.grid", "a grid of very long numbers", "at most 40 digits"),
    ("W_1: {grid: [0, 0, 1], nonzero: true}", "W_1.nonzero", "no number but 0", "not 0"),
    ("W_1: {grid: [0, 1, 1], nonzero: 1}", "W_1.nonzero", "`1`", "true or false"),
    ("W_1: {integers: [0, 0], nonzero: true}", "W_1.nonzero", "no number but 0", "not 0"),
    ("W_1: {integers: [3, -3]}", "W_1.integers", "from 3 to -3", "the lower end first"),
    ("W_1: {integers: [0, 0.5]}", "W_1.integers[1]", "`0.5`", "a whole number"),
    ("W_1: {integers: [0, 1, 2]}", "W_1.integers", "a list", "at most 2 entries"),
    ("W_1: [0.1, nan]", "W_1[1]", "`nan`", "a finite number"),
    ("W_1: [0.1, 1/0]", "W_1[1]", "`1/0`, a division by zero", "a number"),
    ("W_1: [0.1, 0.10]", "W_1[1]", "the same once more", "each choice once"),
    ("b_1: [[1, 2], 3]", "b_1[1]", "`3` among lists", "every option a list"),
    ("b_1: [[1, 2], [1.0, 2]]", "b_1[1]", "the same once more", "each choice once"),
    ("b_1: [[1, 2], [1, 2, 3]]", "b_1[1]", "numbers of shape [3]", "[2], the shape of `b_1`"),
    ("W_1: [[1, 2, 3, 4, 5, 6]]", "W_1[0]", "numbers of shape [6]", "[2, 3], the shape of `W_1`"),
    ("W_2: [[[1], [2]]]", "W_2[0]", "numbers of shape [2, 1]", "[1, 2], the shape of `W_2`"),
    ("learning_rate: [0.1, 0]", "learning_rate[1]", "the learning rate 0", "a positive number"),
    ("learning_rate: signs", "learning_rate", "`signs` of the learning rate", "positive numbers"),
    ("learning_rate: [[0.1]]", "learning_rate", "lists for the learning rate", "positive numbers"),
    ("together: []", "together", "an empty list", "a list of rows"),
    ("together: {x: [1, 2, 3]}", "together", "a mapping", "a list of rows"),
    ("together: [1]", "together[0]", "`1`", "quantities with their numbers"),
    ("together: [{}]", "together[0]", "an empty row", "quantities with their numbers"),
    ("together: [{x: [1, 2, 3]}, {t: 1}]", "together[1]", "numbers of `t`", "those of `x`, as in the first row"),
    ("together: [{t: 1}, {t: 1.0}]", "together[1]", "the same once more", "each choice once"),
    ("together: [{t: 1}, {t: a}]", "together[1].t", "`a`, which is not a number", "a number"),
    ("together: [{t: 1}, {t: [1, 2]}]", "together[1].t", "numbers of shape [2]", "[1], the shape of `t`"),
    ("together: [{tt: 1}, {tt: 2}]", "together[0].tt", "the unknown name `tt`", "a given quantity"),
    ("together: [{t: 1, learning_rate: -1}]", "together[0].learning_rate", "the learning rate -1", "a positive"),
    ("together: [{t: 1, learning_rate: [1]}]", "together[0].learning_rate", "a list", "a positive number"),
    ("W_1: &w signs", "W_1", "`&w`", "anchors and aliases"),
    ("W_1: !!python/name:os.system signs", "W_1", "the tag", ""),
]


@pytest.mark.parametrize(("line", "path", "found", "expected"), FAULTS, ids=[line for line, *_ in FAULTS])
def test_a_fault_is_told_and_nothing_else(refuse: Refuse, line: str, path: str, found: str, expected: str) -> None:
    faults = refuse(f"{START}vary:\n  {line}\n  b_2: [1, 2]\n")
    if line.startswith("activation:"):  # the name is wrong as well, which is told once its value is right
        assert [fault.path for fault in faults] == ["vary.activation[0][0]", "vary.activation[0][1]"]
        return
    [fault] = faults
    assert (fault.where, fault.path) == (f"file.yaml:{LINE}", f"vary.{path}")
    assert fault.found.startswith(found)
    assert expected in fault.expected


@pytest.mark.parametrize("seed", range(60))
def test_faults_of_different_quantities_are_all_told(seed: int) -> None:
    """A line for each of several keys, in any order, beside a fault elsewhere."""
    numbers = random.Random(seed)
    by_key: dict[str, list[tuple[str, str, str, str]]] = {}
    for fault in FAULTS[4:]:
        by_key.setdefault(fault[0].partition(":")[0], []).append(fault)
    chosen = [numbers.choice(faults) for faults in by_key.values()]
    chosen = numbers.sample(chosen, numbers.randint(2, len(chosen)))
    text = START + "vary:\n" + "".join(f"  {line}\n" for line, *_ in chosen) + "ask: [nix]\n"
    with pytest.raises(ProblemError) as caught:
        read_text(text, "f")
    expected = {(f"f:{LINE + place}", f"vary.{path}") for place, (_, path, _, _) in enumerate(chosen)}
    told = {(fault.where, fault.path) for fault in caught.value.faults}
    assert told - {(f"f:{LINE + len(chosen)}", "ask.nix")} == expected, (seed, text)


@pytest.mark.parametrize("value", ["", "{}"])
def test_a_table_in_which_nothing_varies(refuse: Refuse, value: str) -> None:
    [fault] = refuse(f"{START}vary: {value}\n")
    assert (fault.path, fault.found) == ("vary", "nothing that varies")


@pytest.mark.parametrize("value", ["[W_1]", "signs", "3"])
def test_a_table_that_is_none(refuse: Refuse, value: str) -> None:
    [fault] = refuse(f"{START}vary: {value}\n")
    assert (fault.path, fault.expected) == ("vary", "a mapping from quantities to what they are drawn from")


@pytest.mark.parametrize("key", ["varry", "Vary", "vary_"])
def test_a_misspelt_key_is_read_as_the_one_that_is_meant(refuse: Refuse, key: str) -> None:
    told = [(fault.path, fault.found) for fault in refuse(f"{START}{key}: {{W_1: [], q: signs}}\n")]
    assert told == [
        (key, f"the unknown key `{key}`"),
        (f"{key}.W_1", "an empty list"),
        (f"{key}.q", "the unknown name `q`"),
    ]


def test_a_quantity_that_varies_twice(refuse: Refuse) -> None:
    [fault] = refuse(f"{START}vary: {{t: [1, 2], together: [{{t: 1, x: [1, 2, 3]}}, {{t: 2, x: [0, 0, 1]}}]}}\n")
    assert (fault.path, fault.found) == ("vary.together[0].t", "`t` varies twice")
    [fault] = refuse(f"{START}vary: {{t: [1, 2], t: [1]}}\n")
    assert fault.found.startswith("the key `t` stands twice")


def test_a_learning_rate_without_an_update(refuse: Refuse) -> None:
    text = START.replace("update: {sgd: {learning_rate: 0.5}}\n", "")
    [fault] = refuse(f"{text}vary: {{learning_rate: [0.1, 0.2]}}\n")
    assert (fault.found, fault.hint) == ("a learning rate without an update", "add `update: sgd`")


@pytest.mark.parametrize(
    ("numbers", "found"), [("b_1: [0, 0]", "`b_1` is 0"), ("b_1: [0.0, -0]", "`b_1` is 0"), ("b_1: [0, 1e-9]", None)]
)
def test_signs_of_nothing_but_zeros(numbers: str, found: str | None) -> None:
    text = START.replace("b_1: [0.1, 0.2]", numbers) + "vary: {b_1: signs}\n"
    if found is None:
        assert read_text(text).vary.choices
        return
    with pytest.raises(ProblemError) as caught:
        read_text(text)
    assert [fault.found for fault in caught.value.faults] == [found]


def test_signs_of_a_quantity_without_numbers(refuse: Refuse) -> None:
    text = "forward: y = W @ x\nshapes: {W: [2, 3], x: [3]}\nparameters: [W]\ninput: [x]\nvary: {W: signs}\n"
    [fault] = refuse(text)
    assert (fault.path, fault.found) == ("vary.W", "`W` has no numbers")


def test_numbers_of_a_quantity_whose_size_nobody_knows(refuse: Refuse) -> None:
    text = "forward: y = W @ x\nshapes: {W: [2, D], x: [D]}\nparameters: [W]\ninput: [x]\n"
    faults = refuse(f"{text}vary: {{W: [1, 2], x: [[1, 2]]}}\n")
    assert [fault.found for fault in faults] == [
        f"`{name}` varies, and its dimension D has no number" for name in ("W", "x")
    ]
    network = "architecture: [3, H, 1]\nactivations: [tanh, identity]\nloss: mse\n"
    names = ("W_1", "b_1", "W_2")
    varied = ", ".join(f"{name}: [1, 2]" for name in (*names, "b_2", "x", "t"))
    told = refuse(f"{network}vary: {{{varied}}}\n")
    assert [(fault.path, fault.expected[:36]) for fault in told] == [
        (f"vary.{name}", "a number for H in `architecture:`, o") for name in names
    ]


CLASSES = """\
architecture: [2, 3]
activations: [softmax]
loss: cross_entropy
parameters: {W_1: [[0.1, 0.2], [0.3, -0.4], [0, 0.5]], b_1: [0, 0, 0]}
input: {x: [1, 0]}
"""


@pytest.mark.parametrize(
    ("target", "varied", "path", "found"),
    [
        ("1", "{integers: [0, 3]}", "vary.t", "the class index 3"),
        ("1", "[-1, 0]", "vary.t", "the class index -1"),
        ("1", "[0, 0.5]", "vary.t", "the class index 1/2"),
        ("1", "signs", "vary.t", "the probabilities `t` drawn one by one"),
        ("[1, 0, 0]", "[0, 1]", "vary.t", "the probabilities `t` drawn one by one"),
        ("[1, 0, 0]", "signs", "vary.t", "the probabilities `t` drawn one by one"),
        ("[1, 0, 0]", "[[1, 0, 0], [1, 0]]", "vary.t[1]", "numbers of shape [2]"),
    ],
)
def test_classes_that_there_are_not(refuse: Refuse, target: str, varied: str, path: str, found: str) -> None:
    [fault] = refuse(f"{CLASSES}target: {{t: {target}}}\nvary: {{t: {varied}}}\n")
    assert (fault.path, fault.found) == (path, found)


@pytest.mark.parametrize(
    "text",
    [
        START.replace("W_1: [[0.1, 0.3,", "W_1: [[0.1, x,") + "vary: {W_1: signs, b_1: [1, 2]}",
        START.replace("W_2: [[0.7, -0.8]]", "W_2: [[0.7]]") + "vary: {W_2: signs, b_1: [1, 2]}",
        START.replace("[3, 2, 1]", "[3, -2, 1]") + "vary: {W_1: [1, 2], architecture: [[3, 2, 1]]}",
        START.replace("learning_rate: 0.5", "learning_rate: x") + "vary: {learning_rate: [1, 2]}",
        START.replace("b_2: [0.3]", "b_2: []") + "vary: {b_2: [[1], [2]]}",
        START.replace("  b_2: [0.3]\n", "") + "vary: {b_2: [x]}",
        START.replace("target: {t: [0.5]}\n", "") + "vary: {together: [{t: 1}, {t: x}]}",
    ],
)
def test_what_follows_from_another_fault_is_not_told(refuse: Refuse, text: str) -> None:
    assert len(refuse(text)) == 1


_LEAVES = st.sampled_from(
    ["x", "W_1", "1", "0.5", "-3", "1/2", "'1'", "true", "", "signs", "nan", "tanh", "mse", "1e150", "[]", "{}", "N"]
)
_KEYS = st.sampled_from(["grid", "integers", "choices", "nonzero", "x", "t", "learning_rate", "b_1"])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda entries: f"[{', '.join(entries)}]")
        | st.dictionaries(_KEYS, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{key}: {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=8,
)
_TARGETS = st.sampled_from(
    ["W_1", "b_1", "W_2", "x", "t", "learning_rate", "together", "architecture", "activations", "loss", "q", "eta"]
)


@given(st.dictionaries(_TARGETS, _VALUES, max_size=5))
def test_no_values_raise_anything_but_a_problem_error(table: dict[str, str]) -> None:
    text = START + "vary:\n" + "".join(f"  {key}: {value}\n" for key, value in table.items())
    try:
        read_text(text)
    except ProblemError as error:
        assert all(fault.where and fault.found for fault in error.faults)
