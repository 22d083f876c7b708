"""`ask:` questions of all kinds are read; everything that is wrong with them is told at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from derive.cli import app
from derive.errors import DeriveError
from derive.program.reading import read_text
from derive.solution import solve_problem
from derive.spec import Problem
from derive.spec.problem import Ask
from derive.spec.questions import KINDS
from tests.problems import PEN_AND_PAPER

NETWORK = """architecture: [3, 2, 1]
activations: [tanh, identity]
loss: mse
parameters:
  W_1: [[0.1, 0.3, -0.5], [-0.2, 0.4, 0.6]]
  b_1: [0.1, 0.2]
  W_2: [[0.7, -0.8]]
  b_2: [0.3]
input: {x: [0.3, 0.4, -0.1]}
target: {t: [0.5]}
update: {sgd: {learning_rate: 0.5}}
"""
FIRST = NETWORK.count("\n") + 2  # the line of the first item
GOOD = {
    "shapes": "shapes: [a, z]",
    "count": "count: parameters",
    "table": "table: [a, z]",
    "graph": "graph: both",
    "express": "express: L\n    in: [y, t]",
    "choice": "choice: dL/dW_1",
    "explain": "explain: 'Why?'",
    "order": "order: [first, second]",
    "code": "code: numpy",
    "slice": "slice: L\n    by: W_2[1,2]",
    "sweep": 'sweep: "b_2\'"\n    by: eta\n    from: 0\n    to: 1',
    "plot": "plot: [relu]",
    "limit": 'limit: "b_2\'"\n    by: eta\n    to: 0',
}


def asked(items: str) -> Problem:
    return read_text(f"{NETWORK}ask:\n{items}")


def faults(items: str) -> list[tuple[int, str, str]]:
    """Line, what was found, what was expected, of every fault in reading, solving and composing."""
    with pytest.raises(DeriveError) as caught:
        for kind in ("solution", "worksheet", "key"):
            solve_problem(asked(items)).sheet(kind)
    return [(int(fault.where.rpartition(":")[2]), fault.found, fault.expected) for fault in caught.value.faults]


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_is_read_and_printed(key: str) -> None:
    problem = asked(f"  - {GOOD[key]}\n    points: 3\n")
    [question] = problem.questions
    assert (question.key, question.points, question.line) == (key, 3, FIRST)
    solution = solve_problem(problem)
    for kind in ("solution", "worksheet", "key"):
        assert [finding for finding in solution.findings_of(kind) if not finding.passed] == []
        assert "3 points" in solution.tex(kind)


def test_quantities_and_questions_stand_in_one_list() -> None:
    problem = asked("  - y: 2\n  - dL/dW_1[1, 2]\n  - shapes: [a]\n  - W_2': 3\n")
    assert problem.ask == (Ask("y", 2), Ask("dL/dW_1[1,2]"), Ask("W_2'", 3))
    assert [question.key for question in problem.questions] == ["shapes"]


def test_a_mapping_of_quantities_is_as_it_was() -> None:
    problem = read_text(f"{NETWORK}ask: {{y: 2, dL/dW_2: 3, dL/dx}}")
    assert problem.ask == (Ask("y", 2), Ask("dL/dW_2", 3), Ask("dL/dx"))
    assert problem.questions == ()


BAD = {
    "a misspelt kind": ("  - shapez: [a]", 0, "a list", "points: a whole number"),
    "an unknown option": ("  - shapes: [a]\n    width: 2", 1, "the unknown key `width`", "one of `points`, `shapes`"),
    "two kinds": ("  - shapes: [a]\n    count: a", 1, "the unknown key `count`", "one of `points`, `shapes`"),
    "a quantity and a kind": ("  - y: 2\n    shapes: [a]", 0, "the unknown key `y`", "one of `points`, `shapes`"),
    "an unknown quantity": ("  - shapes: [a, q]", 0, "the unknown name `q`", "a quantity that the equations define"),
    "an unknown quantity asked for": (
        "  - y\n  - q: 1",
        1,
        "the unknown name `q`",
        "a quantity that the equations define",
    ),
    "an empty list": ("  - shapes: []", 0, "a list of 0", "a list of 1 to 30"),
    "a long list": (f"  - shapes: [{', '.join(f'a{n}' for n in range(31))}]", 0, "a list of 31", "a list of 1 to 30"),
    "a name twice": ("  - table: [a, a]", 0, "`a` more than once", "each once"),
    "a mapping for names": ("  - count: {a: 1}", 0, "a mapping", "a name such as `y` or `dL/dW_1`"),
    "negative points": ("  - shapes: [a]\n    points: -1", 1, "`-1`", "at least 0"),
    "too many points": ("  - shapes: [a]\n    points: 10000", 1, "`10000`", "at most 9999"),
    "points in words": ("  - shapes: [a]\n    points: two", 1, "`two`", "a whole number"),
    "an unknown word": ("  - graph: purple", 0, "`purple`", "`values`, `gradients` or `both`"),
    "another language": ("  - code: java", 0, "`java`", "`numpy` or `pytorch`"),
    "a style of another": (
        "  - code: numpy\n    style: module",
        1,
        "the style `module` in numpy",
        "one of `step`, `loop`, `layers`",
    ),
    "too many options": ("  - choice: dL/dW_1\n    options: 99", 1, "`99`", "at most 8"),
    "no formula without `in`": ("  - express: L", 0, "no key `in`", "`in:` here"),
    "an empty question": ("  - explain: ''", 0, "an empty text", "a text"),
    "no lines": ("  - explain: Why?\n    lines: 0", 1, "`0`", "at least 1"),
    "one thing in order": (
        "  - order: [a]",
        0,
        "one item",
        "two or more to be brought into order, or `training iteration`",
    ),
    "an entry": ("  - shapes: ['W_1[1,1]']", 0, "the entry `W_1[1,1]`", "a whole quantity: `W_1`"),
    "a given quantity": ("  - choice: x", 0, "`x` is given", "a quantity to be computed"),
    "a value that the table has not": (
        "  - table: [a]\n    given: [z]",
        1,
        "`z`, which is not in the table",
        "quantities of the table",
    ),
    "an end that is no number": (
        "  - limit: y\n    by: eta\n    to: there",
        2,
        "`there`, which is not a number",
        "a number such as 0.1, -2, 1e-3 or 1/2",
    ),
    "a range that ends before it begins": (
        "  - plot: [relu]\n    to: -9",
        1,
        "a plot from -4 to -9",
        "a number, and a larger one",
    ),
    "an option of an activation": ("  - plot: [{relu: {b: 1}}]", 0, "the unknown option `b` of `relu`", "no option"),
    "nothing": ("  - shapes:", 0, "no key `shapes`", "`shapes:` here"),
    "a list in a list": ("  - graph: [values]", 0, "a list", "`values`, `gradients` or `both`"),
    # those that only the derivation shows
    "an entry outside": (
        "  - dL/dW_1[3,1]: 2",
        0,
        "`dL/dW_1[3,1]` of a quantity whose shape is 2x3",
        "one index for each axis, counted from 1",
    ),
    "an entry 0": ("  - a[0]", 0, "`a[0]` of a quantity whose shape is 2", "one index for each axis, counted from 1"),
    "an expression": (
        "  - express: dL/dW_1\n    in: [y, t]",
        0,
        "`dL/dW_1` needs `W_2`, which is not among t, y",
        "quantities in which it can be written",
    ),
    "an entry that is varied": (
        "  - slice: L\n    by: W_2[9,9]",
        0,
        "`W_2[9,9]` of a quantity of shape (1, 2)",
        "an entry from W_2[1,1] to W_2[1,2]",
    ),
    "a limit of a matrix": (
        "  - limit: y\n    by: x\n    to: oo",
        0,
        "`x`, which holds more than one number, tends to something",
        "a constant that is a single number",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_line(case: str) -> None:
    text, line, found, expected = BAD[case]
    assert faults(text) == [(FIRST + line, found, expected)]


def test_all_is_told_at_once() -> None:
    reading = "  - shapes: [q]\n  - graph: purple\n  - explain: ''\n  - y: -1\n  - choice: x\n"
    assert [line for line, *_ in faults(reading)] == [FIRST + place for place in range(5)]
    composing = "  - express: dL/dW_1\n    in: [y]\n  - y\n  - slice: z\n    by: b_2\n  - slice: L\n    by: x\n"
    assert [line for line, *_ in faults(composing)] == [FIRST, FIRST + 3, FIRST + 5]
    entries = "  - a[3]\n  - y\n  - a[9]\n"
    assert [line for line, *_ in faults(entries)] == [FIRST, FIRST + 2]


@pytest.mark.parametrize("wrong", ["{shapes: [a]}", "{shapes: [a], points: 2}", "{graph: both}"])
def test_a_question_by_itself_is_told_how_it_is_written(wrong: str) -> None:
    with pytest.raises(DeriveError) as caught:
        read_text(f"{NETWORK}ask: {wrong}\n")
    assert [fault.found for fault in caught.value.faults] == ["a question by itself"]


def test_a_thousand_questions_are_read() -> None:
    assert len(asked("  - shapes: [a]\n" * 1000).questions) == 1000


HOSTILE = [
    r"\input{/etc/passwd}",
    r"$\write18{ls}$",
    r"% & # _ ^ ~ { }",
    r"\end{document}",
    "<% include 'x' %> << x >>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_print_as_they_are(text: str) -> None:
    quoted = text.replace("'", "''")
    braced = quoted.replace("{", "{{").replace("}", "}}")  # in an answer a brace by itself begins a number
    items = f"  - explain: '{quoted}'\n    answer: '{braced}'\n  - order: ['{quoted}', 'b']\n"
    solution = solve_problem(asked(items))
    for kind in ("solution", "worksheet", "key"):
        assert [finding for finding in solution.findings_of(kind) if not finding.passed] == []
        for command in (r"\input{/", r"\write18", "$\\write"):
            assert command not in solution.tex(kind)
        assert solution.tex(kind).count(r"\end{document}") == 1


def test_exit_code_and_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "asked.yaml"
    for items in ("  - shapes: [q]\n", "  - express: dL/dW_1\n    in: [y]\n", "  - a[9]\n"):
        file.write_text(f"{NETWORK}ask:\n{items}", encoding="utf-8")
        for arguments in (
            ["check", str(file)],
            ["solve", str(file), "--output", str(tmp_path / "out"), "--format", "tex"],
        ):
            result = CliRunner().invoke(app, arguments)
            assert result.exit_code == 2
            assert f"asked.yaml:{FIRST}" in result.output
            assert "Traceback" not in result.output
        assert not list(tmp_path.glob("out/*/*"))


def test_one_quantity_needs_no_list() -> None:
    [ask] = read_text(PEN_AND_PAPER + "\nask: dL/dW_1[1, 2]\n").ask
    assert ask.quantity == "dL/dW_1[1,2]"
