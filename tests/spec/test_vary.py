"""`vary:` what is drawn for each student, read into choices; files whose quantities have no numbers of their own."""

from __future__ import annotations

from fractions import Fraction
from textwrap import dedent
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import derive
from derive.errors import ProblemError
from derive.program import read_text
from derive.spec import Literal, schema
from derive.spec.variation import Each, OneOf, Signs, Vary
from tests.problems import PEN_AND_PAPER

NETWORK = "architecture: [3, 2, 1]\nactivations: [relu, identity]\nloss: mse\n"
EVERYTHING = (
    PEN_AND_PAPER
    + """
vary:
  W_1: {grid: [-0.9, 0.9, 0.1], nonzero: true}
  b_1: [0.1, 0.2, 0.3]
  x: {integers: [-3, 3], nonzero: true}
  W_2: signs
  learning_rate: [0.1, 0.5]
  together:
    - {b_2: [1], t: [0.50]}
    - {b_2: 2, t: 1/3}
"""
)


def vary(numbers: str) -> Vary:
    """What the file on paper varies with one line under `vary:`."""
    return read_text(f"{PEN_AND_PAPER}vary:\n  {numbers}\n").vary


def drawn(numbers: str) -> list[str]:
    [choice] = vary(f"W_1: {numbers}").choices
    assert isinstance(choice, Each)
    return list(choice.numbers.text)


# ------------------------------------------------------------------------------------------------ numbers


def test_each_kind_of_choice() -> None:
    grid, listed, whole, signs, rate, together = read_text(EVERYTHING).vary.choices
    tenths = [*range(-9, 0), *range(1, 10)]
    assert grid == Each("W_1", Literal([f"{'-' if tenth < 0 else ''}0.{abs(tenth)}" for tenth in tenths]))
    assert listed == Each("b_1", Literal(["0.1", "0.2", "0.3"]))
    assert whole == Each("x", Literal(["-3", "-2", "-1", "1", "2", "3"]))
    assert signs == Signs("W_2")
    assert rate == OneOf(({"eta": Literal("0.1")}, {"eta": Literal("0.5")}))
    assert together == OneOf(
        ({"b_2": Literal(["1"]), "t": Literal(["0.50"])}, {"b_2": Literal(["2"]), "t": Literal(["1/3"])})
    )
    start = EVERYTHING[: EVERYTHING.index("vary:")].count("\n") + 2
    lines = [choice.line for choice in read_text(EVERYTHING).vary.choices]
    assert lines == list(range(start, start + 6))


def test_a_file_without_the_key_varies_nothing() -> None:
    assert read_text(PEN_AND_PAPER).vary == Vary()


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ("{grid: [0, 1, 0.25]}", ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        ("{grid: [-0.10, 0.1, 0.1]}", ["-0.10", "0.00", "0.10"]),
        ("{grid: [1, 2, 0.4]}", ["1.0", "1.4", "1.8"]),
        ("{grid: [-2, 2, 2]}", ["-2", "0", "2"]),
        ("{grid: [0, 1, 1/3]}", ["0", "1/3", "2/3", "1"]),
        ("{grid: [0, 2e-1, 1e-1]}", ["0.0", "0.1", "0.2"]),
        ("{grid: [-5, 1e2, 6e1]}", ["-5", "55"]),
        ("{grid: [3, 3, 1]}", ["3"]),
        ("{grid: [-1, 1, 1], nonzero: true}", ["-1", "1"]),
        ("{grid: [-1, 1, 1], nonzero: false}", ["-1", "0", "1"]),
        ("{integers: [7, 7]}", ["7"]),
        ("{choices: [0.10, -1/2]}", ["0.10", "-1/2"]),
        ("[1]", ["1"]),
    ],
)
def test_the_numbers_and_how_they_are_written(numbers: str, texts: list[str]) -> None:
    assert drawn(numbers) == texts


@given(
    st.tuples(
        st.decimals(-50, 50, places=2), st.decimals(0, 30, places=1), st.decimals("0.05", 5, places=2), st.booleans()
    )
)
def test_a_grid_is_exact(grid: tuple[Any, Any, Any, bool]) -> None:
    low, length, step, nonzero = grid
    high = low + length
    expected, number = [], Fraction(low)
    while number <= Fraction(high):
        expected += [number] if number or not nonzero else []
        number += Fraction(step)
    if expected:
        texts = drawn(f"{{grid: [{low}, {high}, {step}], nonzero: {str(nonzero).lower()}}}")
        assert [Fraction(text) for text in texts] == expected
        assert all(len(text.partition(".")[2]) == 2 for text in texts)


def test_ten_thousand_numbers_and_not_one_more(refuse: Any) -> None:
    assert len(drawn("{integers: [1, 10000]}")) == 10_000
    assert len(drawn("{grid: [0, 9.999, 0.001]}")) == 10_000
    for numbers in ("{integers: [0, 10000]}", "{grid: [0, 10, 0.001]}"):
        [fault] = refuse(f"{PEN_AND_PAPER}vary:\n  W_1: {numbers}\n")
        assert (fault.found, fault.expected) == ("10001 numbers", "at most 10000")


# ------------------------------------------------------------------------------------------------ options


@pytest.mark.parametrize("options", ["[[1, 0], [0, 1]]", "{choices: [[1, 0], [0, 1]]}"])
def test_options_of_the_whole(options: str) -> None:
    assert vary(f"b_1: {options}").choices == (OneOf(({"b_1": Literal(["1", "0"])}, {"b_1": Literal(["0", "1"])})),)


def test_a_flat_list_means_the_row_or_column_of_that_length() -> None:
    [choice] = vary("W_2: [[1, 0], [[0, 1]]]").choices
    assert choice == OneOf(({"W_2": Literal([["1", "0"]])}, {"W_2": Literal([["0", "1"]])}))


def test_a_learning_rate_with_another_symbol() -> None:
    text = PEN_AND_PAPER.replace("learning_rate: 0.5", "learning_rate: 0.5, symbol: alpha")
    problem = read_text(text + "vary: {learning_rate: {grid: [0.1, 0.3, 0.1]}}")
    assert problem.vary.choices == (OneOf(tuple({"alpha": Literal(f"0.{digit}")} for digit in "123")),)


def test_a_learning_rate_together_with_data() -> None:
    [choice] = vary("together: [{t: 1, learning_rate: 0.1}, {t: 0, learning_rate: 0.2}]").choices
    assert choice == OneOf(({"t": Literal(["1"]), "eta": Literal("0.1")}, {"t": Literal(["0"]), "eta": Literal("0.2")}))


def test_a_frozen_parameter_may_vary() -> None:
    text = f"{PEN_AND_PAPER}conventions: {{frozen: [W_1]}}\nvary: {{W_1: signs}}"
    assert read_text(text).vary.choices == (Signs("W_1"),)


def test_a_given_quantity_called_learning_rate_is_that_quantity() -> None:
    problem = read_text("forward: y = 2*learning_rate\nparameters: {learning_rate: 1}\nvary: {learning_rate: [-1, 1]}")
    assert problem.vary.choices == (Each("learning_rate", Literal(["-1", "1"])),)


CLASSES = """\
architecture: [2, 3]
activations: [softmax]
loss: cross_entropy
parameters: {W_1: [[0.1, 0.2], [0.3, -0.4], [0, 0.5]], b_1: [0, 0, 0]}
"""


@pytest.mark.parametrize(
    ("data", "target"),
    [
        ("input: {x: [1, 0]}\ntarget: {t: 1}\n", "{integers: [0, 2]}"),
        ("input: {x: [[1, 0], [0, 1]]}\ntarget: {t: [1, 2]}\n", "[0, 1, 2]"),
        ("input: {x: [[1, 0], [0, 1]]}\ntarget: {t: [1, 2]}\n", "[[0, 1], [2, 2]]"),
        ("input: {x: [1, 0]}\ntarget: {t: [1, 0, 0]}\n", "[[1, 0, 0], [0, 1, 0]]"),
    ],
)
def test_classes_that_there_are(data: str, target: str) -> None:
    assert len(read_text(f"{CLASSES}{data}vary: {{t: {target}}}").vary.choices) == 1


# ------------------------------------------------------------------------------------------------ without numbers

ALL = "W_1: [1, 2], b_1: [1, 2], W_2: [1, 2], b_2: [1, 2], x: [1, 2], t: [1, 2]"


@pytest.mark.parametrize(
    "text",
    [
        f"{NETWORK}vary: {{{ALL}}}",
        f"{NETWORK}vary: {{{ALL}}}\nupdate: {{sgd: {{learning_rate: 0.5}}}}",
        f"{NETWORK}vary: {{{ALL}, learning_rate: [0.5, 1]}}\nupdate: sgd",
        f"{NETWORK}vary: {{{ALL}}}\nparameters: [W_1, b_1, W_2, b_2]\ninput: [x]\ntarget: [t]",
        NETWORK + "parameters: {W_1: [[1, 2, 3], [4, 5, 6]], W_2: [[1, 2]]}\ninput: {x: [1, 2, 3]}\n"
        "vary: {b_1: [1, 2], b_2: [1], t: [[1], [2]]}",
        NETWORK + "parameters: {W_1: [[1, 2, 3], [4, 5, 6]], b_1: [0, 0], W_2: [[1, 2]], b_2: [1]}\n"
        "vary: {together: [{x: [1, 2, 3], t: 1}, {x: [3, 2, 1], t: 0}]}",
        "forward: y = W @ x\nshapes: {W: [2, 3]}\nparameters: [W]\ninput: {x: [1, 2, 3]}\nvary: {W: [1, 2]}",
    ],
    ids=["none", "a rate", "a varying rate", "named", "some", "together", "equations"],
)  # fmt: skip
def test_what_varies_needs_no_numbers_and_is_solved_in_symbols(text: str) -> None:
    problem = read_text(text)
    assert problem.vary.choices
    solution = derive.solve(problem)
    assert solution.values is None
    assert all(finding.passed for finding in solution.all_findings)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{NETWORK}vary: {{{ALL}}}\nupdate: sgd", "no numbers for eta"),
        (NETWORK + "vary: {W_1: [1, 2], b_1: [0, 1], x: [1, 2]}", "no numbers for W_2, b_2, t"),
        (NETWORK + "parameters: {W_1: [[1, 2, 3], [4, 5, 6]], W_2: [[1, 2]]}\ninput: {x: [1, 2, 3]}\n"
         "target: [t]\nvary: {b_1: [1], b_2: [1]}", "no numbers for t"),
        (NETWORK + "parameters: {W_1: [[1, 2, 3], [4, 5, 6]], W_2: [[1, 2]]}\ninput: {x: [1, 2, 3]}\n"
         "vary: {b_1: [1], b_2: [1]}", "no target"),
        (NETWORK + "parameters: {W_1: [[1, 2, 3], [4, 5, 6]], W_2: [[1, 2]], b_2: [1]}\ninput: {x: [1, 2, 3]}\n"
         "target: {t: [1]}\nvary: {b_2: [1]}", "no `b_1`"),
        ("forward: y = W @ x + b\nshapes: {b: [1]}\nparameters: [b]\ninput: {x: [1, 2], W: [[1, 2]]}\n"
         "vary: {x: [1, 2]}", "no numbers for b"),
    ],
)  # fmt: skip
def test_a_quantity_with_neither_numbers_nor_variation_is_told(text: str, found: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_text(text)
    assert [fault.found for fault in caught.value.faults] == [found]


# ------------------------------------------------------------------------------------------------ the schema


def test_the_schema_accepts_what_is_read() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    networks = (
        "  architecture: [[3, 2, 1], [3, H, 1]]\n  activations: [[tanh, {elu: {alpha: 2}}]]\n  loss: [mse, mae]\n"
    )
    jsonschema.validate(yaml.safe_load(EVERYTHING + networks), schema())


@pytest.mark.parametrize(
    "varied",
    [
        "{}",
        "[W_1]",
        "{W_1: sings}",
        "{W_1: []}",
        "{W_1: {gird: [1, 2, 1]}}",
        "{W_1: {grid: [1, 2]}}",
        "{W_1: {integers: [1, 2], choices: [1]}}",
        "{loss: mse}",
        "{loss: [mes]}",
        "{activations: [tanh]}",
        "{architecture: [3, 2, 1]}",
        "{together: {x: 1}}",
    ],
)
def test_the_schema_refuses_what_is_not(varied: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(dedent(PEN_AND_PAPER) + f"vary: {varied}"), schema())
