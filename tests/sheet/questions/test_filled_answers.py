"""Numbers of the program in the author's own answers: `{L'}`, `{dL/dW_1[1,2]}`."""

from __future__ import annotations

import re

import pytest

from derive.check import check_document
from derive.errors import ProblemError
from derive.render.document import render
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from derive.spec.filled import Place, pieces

NETWORK = """
architecture: [2, 2, 1]
activations: [tanh, identity]
loss: mse
parameters:
  W_1: [[0.5, -1], [1, 1/4]]
  b_1: [0, 1e-1]
  W_2: [[1, -2]]
  b_2: [0.2]
input: {x: [1, 2]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.1}}
rounding: {places: 3}
ask:
  - explain: "What happens?"
    answer: "ANSWER"
"""
EQUATIONS = """
forward: |
  u = W @ x
  y = v @ u
parameters: {W: [[0.5, 0.5], [-1, -0.5]], v: [1.1, 2.099]}
input: {x: [1, 2]}
rounding: {places: 3}
ask:
  - explain: "What happens?"
    answer: "ANSWER"
"""
SYMBOLS = """
architecture: [D, 1]
activations: [identity]
loss: mse
input: [x]
target: [t]
ask:
  - explain: "What happens?"
    answer: "ANSWER"
"""


def solved(answer: str, text: str = NETWORK) -> Solution:
    return solve_problem(read_text(text.replace("ANSWER", answer)))


def answer(solution: Solution, kind: str = "solution") -> str:
    [found] = re.findall(r"\\answer\{(.*)\}", solution.tex(kind))
    return str(found).replace("{-}", "-")


def test_a_text_in_pieces() -> None:
    assert pieces("s is {s'}, {{a}} {dL/dW_1[1, 2]}") == (
        "s is ",
        Place("s'"),
        ", {a} ",
        Place("dL/dW_1[1,2]"),
    )
    assert pieces("") == ()
    assert pieces("} {x") == (Place(""), " ", Place(""), "x")


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        # a = (-1.5, 1.6), z = (-0.90515, 0.92167), y = -0.90515 - 1.84334 + 0.2, L = (y - 1)^2
        ("{y}", "-2.548"),
        ("from {L}", "from 12.592"),
        ("{dL/dy}", "-7.097"),
        ("{dL/dW_1[2,1]}", "2.137"),  # dL/dy W_2 (1 - z_2^2) x_1 = -7.09699 * -2 * 0.15053
        ("{W_1[2,2]}, {W_1[1, 2]}", "1/4, -1"),
        ("{b_1[2]}", "0.1"),
        ("{y}, {u[1]}, {u[2]}", "-2.548, 1.500, -2.000"),  # the digits of the whole vector
        ("{eta}", "0.1"),
        ("{{y}} is {y}", r"\{y\} is -2.548"),
    ],
)
def test_the_number_stands_in_the_answer(written: str, printed: str) -> None:
    solution = solved(written) if "u[" not in written else solved(written, EQUATIONS)
    for kind in ("solution", "key"):
        assert answer(solution, kind) == printed
        assert [finding for finding in solution.findings_of(kind) if not finding.passed] == []
    assert printed.rpartition(" ")[2] not in solution.tex("worksheet").partition(r"\pass{question}")[2]


def test_a_gradient_that_nothing_else_needs_is_derived() -> None:
    # dL/dx_2 = dL/dy (W_2[1] (1 - z_1^2) W_1[1,2] + W_2[2] (1 - z_2^2) W_1[2,2])
    assert answer(solved("{dL/dx[2]}")) == "1.817"


def test_a_number_after_the_step() -> None:
    solution = solved("{L'}")
    assert solution.values is not None
    assert float(answer(solution)) == pytest.approx(float(solution.values["L'"].item()), abs=5e-4)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("12.592", "12.593"), ("12.592", "{-}12.592"), ("from", "to"), ("12.592", ""), ("1/4", "1/3"), ("1/4", "0.26")],
)
def test_a_wrong_number_or_word_is_refused(right: str, wrong: str) -> None:
    solution = solved("from {L} to {W_1[2,2]}")
    tex = render(solution.sheet())
    start = tex.index(r"\answer{")
    changed = tex[:start] + tex[start:].replace(right, wrong, 1)
    assert changed != tex
    findings = check_document(solution.reading(), changed)
    assert [finding.route for finding in findings if not finding.passed] == ["questions"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("{q}", "the unknown name `q`"),
        ("{dL/dq[1]}", "the unknown name `q`"),
        ("{0, 1}", "`{0,1}`"),
        ("{y", "a brace by itself"),
        ("y}", "a brace by itself"),
        ("{}", "a brace by itself"),
        ("{W_1}", "`W_1`, where the shape of `W_1` is 2x2"),
        ("{dL/dW_1[3,1]}", "`dL/dW_1[3,1]`, where the shape of `dL/dW_1` is 2x2"),
        ("{dL/dW_1[0,1]}", "`dL/dW_1[0,1]`, where the shape of `dL/dW_1` is 2x2"),
        ("{dL/dW_1[1]}", "`dL/dW_1[1]`, where the shape of `dL/dW_1` is 2x2"),
        ("{x'}", "`x'`, but the step does not change `x`"),
    ],
)
def test_what_is_no_number_is_refused_with_its_line(written: str, found: str) -> None:
    with pytest.raises(ProblemError) as caught:
        solved(written).sheet()
    [fault] = caught.value.faults
    assert fault.found == found
    line = NETWORK[: NETWORK.index("- explain")].count("\n") + 1
    assert line <= int(fault.where.rpartition(":")[2]) <= line + 1


def test_a_problem_in_symbols_has_no_numbers_to_fill_in() -> None:
    assert answer(solved("No numbers.", SYMBOLS)) == "No numbers."
    with pytest.raises(ProblemError, match="in a problem in symbols"):
        solved("{y}", SYMBOLS).sheet()
