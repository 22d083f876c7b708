"""The structure of a file: unknown keys, wrong kinds of values, and the JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
import yaml

from derive.errors import Fault
from derive.spec import Ask, Conventions, Literal, Rounding, Update, read_text, schema
from tests.problems import PEN_AND_PAPER

Refuse = Callable[[str], tuple[Fault, ...]]

CIRCUIT = "forward: |\n  s = w*x\n  f = 1/(1 + exp(-s))\nparameters: {w: 2}\ninput: {x: -1}\n"
EVERYTHING = (
    CIRCUIT
    + r"""
title: A circuit
text: Compute $f$.
of: f
ask: {f: 1, df/dw: 2, df/dx: null, w': 3}
conventions:
  weights: in_out
  derivatives: numerator
  samples: columns
  relu_at_zero: 1/2
  update_uses: new
  frozen: []
  fused: false
update: {sgd: {learning_rate: 1/10, symbol: alpha}}
notation: {w: \omega, df/dw: \delta, alpha: \alpha}
rounding: {places: 3, carry: rounded}
detail: entries
points: 6
"""
)


def test_every_key_arrives() -> None:
    problem = read_text(EVERYTHING, "circuit")
    assert (problem.name, problem.title, problem.text) == ("circuit", "A circuit", "Compute $f$.")
    assert (problem.of, problem.detail, problem.points, problem.source) == ("f", "entries", 6, None)
    assert problem.ask == (Ask("f", 1), Ask("df/dw", 2), Ask("df/dx", None), Ask("w'", 3))
    assert problem.conventions == Conventions("in_out", "numerator", "columns", Fraction(1, 2), "new", (), False)
    assert problem.update == Update("sgd", Literal("1/10"), "alpha")
    assert problem.notation == {"w": r"\omega", "df/dw": r"\delta", "alpha": r"\alpha"}
    assert problem.preset is None
    assert problem.rounding == Rounding(3, "rounded")


def test_the_defaults() -> None:
    problem = read_text(CIRCUIT)
    assert problem.conventions == Conventions()
    assert problem.rounding == Rounding(4, "exact")
    assert (problem.update, problem.ask, problem.of, problem.points) == (None, (), None, None)
    assert (problem.detail, problem.notation, problem.preset) == ("matrix", {}, None)


@pytest.mark.parametrize("update", ["sgd", "{sgd: }", "{sgd: {}}"])
def test_a_symbolic_update(update: str) -> None:
    jsonschema.validate(yaml.safe_load(f"{CIRCUIT}update: {update}"), schema())
    assert read_text(f"{CIRCUIT}update: {update}").update == Update("sgd", None, "eta")


@pytest.mark.parametrize(
    ("line", "path", "found", "expected", "hint"),
    [
        ("activation: [tanh]", "activation", "the unknown key `activation`", "one of `title`", "`activations`"),
        ("conventions: {weight: in_out}", "conventions.weight", "the unknown key `weight`", "", "`weights`"),
        ("rounding: {digits: 2}", "rounding.digits", "the unknown key `digits`", "`places`, `carry`", ""),
        ("update: {sdg: {}}", "update", "no key `sgd`", "`sgd:` here", ""),
        ("update: {sgd: {rate: 1}}", "update.sgd.rate", "the unknown key `rate`", "`learning_rate`", ""),
        ("update: {sgd: {learning_rate: -1}}", "update.sgd.learning_rate", "`-1`", "a positive number", ""),
        ("update: {sgd: {learning_rate: '1'}}", "update.sgd.learning_rate", "in quotes", "without quotes", ""),
        ("update: {sgd: {learning_rate: [1]}}", "update.sgd.learning_rate", "a list", "a number such as", ""),
        ("conventions: {weights: out}", "conventions.weights", "`out`", "`out_in` or `in_out`", ""),
        ("conventions: {weights: [a]}", "conventions.weights", "a list", "`out_in` or `in_out`", ""),
        ("conventions: {relu_at_zero: 2}", "conventions.relu_at_zero", "`2`", "a number from 0 to 1", ""),
        ("conventions: {fused: yes}", "conventions.fused", "`yes`", "true or false", ""),
        ("conventions: {frozen: w}", "conventions.frozen", "`w`", "a list", ""),
        ("conventions: in_out", "conventions", "`in_out`", "a mapping of keys", ""),
        ("rounding: {places: 13}", "rounding.places", "`13`", "at most 12", ""),
        ("rounding: {places: -1}", "rounding.places", "`-1`", "at least 0", ""),
        ("rounding: {places: 2.5}", "rounding.places", "`2.5`", "a whole number", ""),
        ("rounding: {places: '2'}", "rounding.places", 'the text "2"', "a whole number", ""),
        ("rounding: {carry: exactly}", "rounding.carry", "`exactly`", "`exact` or `rounded`", ""),
        ("detail: all", "detail", "`all`", "`brief`, `matrix` or `entries`", ""),
        ("points: six", "points", "`six`", "a whole number", ""),
        ("title: {a: b}", "title", "a mapping", "a text", ""),
        ('title: "a\\ab"', "title", "the control character U+0007", "text that can be printed", ""),
        ("of: 1x", "of", "`1x` as a name", "a name", ""),
        ("ask: [[f]]", "ask[0]", "a list", "a quantity such as `y`", ""),
        ("ask: {f: 1.5}", "ask.f", "`1.5`", "a whole number", ""),
        ("ask: [f, f]", "ask", "`f` more than once", "each name once", ""),
        ("ask: [[f]]", "ask[0]", "a list", "a quantity", ""),
        ("constants: {lambda: 1}", "constants.lambda", "`lambda` as a name", "no word of Python", ""),
        ("constants: {2x: 1}", "constants.2x", "`2x` as a name", "starting with a letter", ""),
        ("constants: c", "constants", "`c`", "a mapping name: numbers", ""),
        ("shapes: {x: 3}", "shapes.x", "`3`", "a list", ""),
        ("shapes: {x: [0]}", "shapes.x[0]", "`0`", "a positive whole number", ""),
        ("shapes: {x: [1000000000]}", "shapes.x[0]", "`1000000000`", "whole number below 1,000,000,000", ""),
        ("shapes: {x: [1, 2, 3]}", "shapes.x", "a list", "at most 2 entries", ""),
        ("architecture: [3]", "architecture", "a list", "at least 2 entries", ""),
        ("loss: [mse]", "loss", "a list", "a name with options", ""),
        ("notation: bischop", "notation", "the unknown preset `bischop`", "one of `bishop`", "`bishop`"),
        ("notation: [a]", "notation", "a list", "a preset, or a table", ""),
        (r"notation: {w: '\input{/etc/passwd}'}", "notation.w", r"`\input`", "mathematical LaTeX", ""),
        (r"notation: {w: '\write18{ls}'}", "notation.w", r"`\write`", "mathematical LaTeX", ""),
        (r"notation: {w: '\csname x\endcsname'}", "notation.w", r"`\csname`", "mathematical LaTeX", ""),
        ("notation: {w: '^^5cinput'}", "notation.w", "`^^`", "mathematical LaTeX", ""),
        ("notation: {w: 'a % b'}", "notation.w", "`%`", "mathematical LaTeX", ""),
        ("notation: {w: '$w$'}", "notation.w", "`$`", "mathematical LaTeX", ""),
        (r"notation: {w: '\hat{w'}", "notation.w", "a brace without its partner", "mathematical LaTeX", ""),
        ("notation: {w: 'w}{'}", "notation.w", "a brace without its partner", "mathematical LaTeX", ""),
        ("notation: {w: 'w\\'}", "notation.w", "a brace without its partner", "mathematical LaTeX", ""),
        (f"notation: {{w: {'w' * 81}}}", "notation.w", "LaTeX of 81 characters", "at most 80", ""),
        ("notation: {w: }", "notation.w", "nothing", "LaTeX for a symbol", ""),
    ],
)
def test_a_wrong_value(line: str, path: str, found: str, expected: str, hint: str, refuse: Refuse) -> None:
    fault = refuse(CIRCUIT + line)[0]
    assert fault.where == "file.yaml:6"
    assert fault.path == path
    assert found in fault.found
    assert expected in fault.expected
    assert hint in fault.hint


def test_braces_may_be_escaped() -> None:
    assert read_text(CIRCUIT + r"notation: {w: '\{w\}'}").notation == {"w": r"\{w\}"}


def test_all_structural_faults_come_at_once_in_the_order_of_the_file(refuse: Refuse) -> None:
    faults = refuse(
        """
        titel: A
        forward: |
          y = tahn(x)
          z = x.real
        parameters: {W: [[1, 2], [3]]}
        input: {x: [nan, "1"]}
        rounding: {places: 99}
        """
    )
    assert [(fault.where, fault.path) for fault in faults] == [
        ("file.yaml:2", "titel"),
        ("file.yaml:4", "forward"),
        ("file.yaml:5", "forward"),
        ("file.yaml:6", "parameters.W[1]"),
        ("file.yaml:7", "input.x[0]"),
        ("file.yaml:7", "input.x[1]"),
        ("file.yaml:8", "rounding.places"),
    ]


@pytest.mark.parametrize("text", [PEN_AND_PAPER + "notation: bishop\n", CIRCUIT, EVERYTHING])
def test_the_schema_accepts_what_is_read(text: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(yaml.safe_load(text), schema())


@pytest.mark.parametrize(
    "change",
    [
        {"titel": "x"},
        {"detail": "all"},
        {"rounding": {"places": 99}},
        {"architecture": [3]},
        {"input": {"x": "abc"}},
        {"loss": "mes"},
    ],
)
def test_the_schema_refuses_what_is_not(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**yaml.safe_load(CIRCUIT), **change}, schema())


def test_every_key_of_the_schema_is_described() -> None:
    tables = schema()["$defs"]
    for key in schema()["properties"].values():
        assert "description" in key or "description" in tables[key["$ref"].rpartition("/")[2]]
