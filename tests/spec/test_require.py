"""`require:` what every variant meets: its values, its conditions, and what is wrong with them."""

from __future__ import annotations

import ast
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
import yaml

from derive.errors import ProblemError
from derive.program import read_text
from derive.spec import schema
from derive.spec.variation import Range, Require
from tests.problems import PEN_AND_PAPER
from tests.spec.conftest import Refuse

START = PEN_AND_PAPER.rstrip("\n") + "\n"
LINE = START.count("\n") + 2  # the first line below `require:`
EVERYTHING = (
    START
    + """\
require:
  dead_units: some
  kink_distance: 0.1
  saturation: 1/20
  zeros: exact
  ties: true
  different: every
  relabelled: true
  rounding: digits
  by_hand: true
  difficulty: 2.5%
  mistakes: different
  range: {L: [0.05, 5], dL/dW_1: [-2, 2], "W_2'": [-1, -1], x: [-1, 1]}
  conditions: ["L > 0.05", "abs(a) >= 0.1"]
  budget: 1000000
"""
)


def require(line: str) -> Require:
    return read_text(f"{START}require:\n  {line}\n").require


def test_every_key() -> None:
    found = read_text(EVERYTHING).require
    assert found.ranges == (
        Range("L", Fraction(1, 20), Fraction(5)),
        Range("dL/dW_1", Fraction(-2), Fraction(2)),
        Range("W_2'", Fraction(-1), Fraction(-1)),
        Range("x", Fraction(-1), Fraction(1)),
    )
    first, second = found.conditions
    assert (first.text, first.relation, ast.unparse(first.left), ast.unparse(first.right)) == (
        "L > 0.05", ">", "L", "0.05")  # fmt: skip
    assert (second.text, second.relation, ast.unparse(second.left)) == ("abs(a) >= 0.1", ">=", "abs(a)")
    assert (found.ranges[0].line, first.line) == (LINE + 11, LINE + 12)
    assert found == Require(
        dead_units="some",
        kink_distance=Fraction(1, 10),
        saturation=Fraction(1, 20),
        zeros="exact",
        ties=True,
        different="every",
        relabelled=True,
        rounding="digits",
        tolerance=None,
        by_hand=24,
        difficulty=Fraction(1, 40),
        mistakes="different",
        ranges=found.ranges,
        conditions=found.conditions,
        budget=1_000_000,
        stated=found.stated,
    )


@pytest.mark.parametrize("text", ["", "require:\n", "require: {}\n"])
def test_what_is_left_out_has_its_default(text: str) -> None:
    assert read_text(START + text).require == Require()


def test_what_is_stated_is_known_as_such() -> None:
    assert set(read_text(EVERYTHING).require.stated) == set(vars(Require())) - {"tolerance", "stated"}
    assert require("range: {L: [0, 1]}").stated == ("ranges",)
    assert require("zeros: none").stated == ("zeros",)  # although this is the default


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("dead_units: none", "dead_units", "none"),
        ("dead_units: any", "dead_units", "any"),
        ("kink_distance: 0", "kink_distance", 0),
        ("saturation: 1", "saturation", 1),
        ("ties: false", "ties", False),
        ("by_hand: false", "by_hand", None),
        ("by_hand: 12", "by_hand", 12),
        ("by_hand: 1", "by_hand", 1),
        ("difficulty: any", "difficulty", None),
        ("difficulty: 0.05", "difficulty", Fraction(1, 20)),
        ("difficulty: '5%'", "difficulty", Fraction(1, 20)),
        ("difficulty: 100%", "difficulty", 1),
        ("difficulty: 0", "difficulty", 0),
        ("mistakes: any", "mistakes", "any"),
        ("rounding: any", "rounding", "any"),
        ("rounding: tolerance", "rounding", "tolerance"),
        ("rounding: tolerance", "tolerance", None),
        ("rounding: {tolerance: 0.02}", "rounding", "tolerance"),
        ("rounding: {tolerance: 0.02}", "tolerance", Fraction(1, 50)),
        ("budget: 1", "budget", 1),
    ],
)
def test_the_values(line: str, key: str, value: Any) -> None:
    assert getattr(require(line), key) == value


# ------------------------------------------------------------------------------------------------ conditions


@pytest.mark.parametrize(
    ("text", "left", "relation", "right"),
    [
        ("L < 5", "L", "<", "5"),
        ("1/2 <= sum(W_1**2)", "1 / 2", "<=", "sum(W_1 ** 2)"),
        ("W_2[0, 0] > -max(b_1, 0)", "W_2[0, 0]", ">", "-max(b_1, 0)"),
        ("W_1 @ x >= 0.5", "W_1 @ x", ">=", "0.5"),
        ("(y - t)**2 > a[1:] - 1", "(y - t) ** 2", ">", "a[1:] - 1"),
    ],
)
def test_a_condition_by_itself(text: str, left: str, relation: str, right: str) -> None:
    [condition] = require(f'conditions: "{text}"').conditions
    sides = condition.left, condition.right
    assert condition.relation == relation
    assert [ast.unparse(side) for side in sides] == [left, right]


def test_numbers_in_a_condition_keep_their_text() -> None:
    [condition] = require("conditions: y >= 0.10").conditions
    assert isinstance(condition.right, ast.Constant)
    assert condition.right.kind == "0.10"


def test_a_condition_on_several_lines_of_the_file() -> None:
    [condition] = require("conditions: >\n    L >\n    0.05").conditions
    assert condition.text == "L > 0.05"


@pytest.mark.parametrize(
    ("condition", "found"),
    [("a > x", "shapes that do not fit together elementwise"), ("sum(W_2 @ x) > 0", "W_2 @ x with shapes 1x2 and 3")],
)
def test_the_shapes_of_a_condition_fit(refuse: Refuse, condition: str, found: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_text(f"{START}require:\n  conditions: {condition}\n", "f")
    [fault] = caught.value.faults
    assert (fault.where, fault.path) == (f"f:{LINE}", f"in `{condition}`")
    assert fault.found.startswith(found)


def test_a_condition_holds_for_quantities_of_every_network(refuse: Refuse) -> None:
    varied = "vary: {activations: [[tanh, identity], [tanh, tanh]]}\n"
    [fault] = refuse(f"{START}{varied}require: {{conditions: a > 0}}\n")
    assert (fault.path, fault.found) == ("vary.activations[1]", "require.conditions: the unknown name `a`")


def test_the_shapes_of_a_condition_fit_in_every_network() -> None:
    varied = "vary: {W_1: [1], b_1: [1], W_2: [1], x: [1], architecture: [[3, 2, 1], [4, 2, 1]]}\n"
    with pytest.raises(ProblemError) as caught:
        read_text(f"{START}{varied}require: {{conditions: [W_1 @ x > 0, 'a > x[1:]']}}\n", "f")
    assert [(fault.path, fault.found) for fault in caught.value.faults] == [
        ("in `a > x[1:]`, for 4-2-1", "shapes that do not fit together elementwise: 2, 3")
    ]


# ------------------------------------------------------------------------------------------------ the schema


def test_the_schema_accepts_what_is_read() -> None:
    jsonschema.validate(yaml.safe_load(EVERYTHING), schema())
    for line in ("by_hand: 12", "difficulty: any", "rounding: {tolerance: 0.02}", "conditions: L > 1"):
        jsonschema.validate(yaml.safe_load(f"{START}require: {{{line}}}"), schema())


@pytest.mark.parametrize(
    "line",
    ["zero: any", "dead_units: all", "by_hand: [1]", "rounding: digit", "range: {L: [1]}", "ties: 3", "budget: 0"],
)
def test_the_schema_refuses_what_is_not(line: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(f"{START}require: {{{line}}}"), schema())
