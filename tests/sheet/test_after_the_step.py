"""`ask: L'`: what the forward pass comes to after the step, on worksheets as well."""

from __future__ import annotations

import numpy as np
import pytest

from derive.check import check_document
from derive.errors import ProblemError
from derive.sheet import Blank
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from tests.problems import PEN_AND_PAPER

EQUATIONS = """
forward: |
  k = 2*c
  y = w*x + b
  q = v*x
  L = (y - k)**2
parameters: {w: 1, b: 2, v: 3}
input: {x: 2}
target: {c: 1}
update: {sgd: {learning_rate: 0.03}}
"""
SYMBOLS = """
architecture: [D, 1]
activations: [identity]
loss: mse
input: [x]
target: [t]
update: sgd
"""


def solved(text: str) -> Solution:
    return solve_problem(read_text(text))


def rooms(solution: Solution) -> list[str]:
    return [line.target.name for line in solution.sheet("worksheet").lines if isinstance(line.result, Blank)]


def test_what_is_asked_after_the_step_has_room_and_an_answer_with_its_formula() -> None:
    solution = solved(f'{EQUATIONS}ask: {{"y\'": 1, "L\'": 2}}\n')
    assert rooms(solution) == ["y'", "L'"]
    # y = 4, k = 2, dL/dy = 4: w' = 1 - 0.03 * 8 = 0.76, b' = 2 - 0.03 * 4 = 1.88, y' = 1.52 + 1.88 = 3.4
    assert solution.values is not None
    np.testing.assert_allclose([solution.values["y'"], solution.values["L'"]], [3.4, 1.96], rtol=1e-12)
    [lines] = [entry.lines for s in solution.sheet().sections for entry in s.entries if entry.title == "loss_after"]
    assert [line.formula is not None for line in lines] == [True, True]
    for kind in ("solution", "worksheet", "key"):
        assert [finding for finding in solution.findings_of(kind) if not finding.passed] == []
        assert "3 points" in solution.tex(kind)
    assert "{w' x + b'}" in solution.tex().replace(r"\,", " ")


def test_a_quantity_that_is_not_the_loss_is_not_called_the_loss() -> None:
    solution = solved(f'{EQUATIONS}ask: ["y\'"]\n')
    assert "Loss after the step" not in solution.tex("worksheet")
    assert "{After the step}" in solution.tex("worksheet")


@pytest.mark.parametrize("detail", ["brief", "matrix", "entries"])
def test_a_worksheet_that_asks_for_everything_asks_for_the_loss_after_the_step(detail: str) -> None:
    solution = solved(f"{PEN_AND_PAPER}detail: {detail}\n")
    after = ["a'", "z'", "y'", "L'"] if detail == "entries" else ["L'"]
    assert [name for name in rooms(solution) if name.strip("'") in "azyL" and name.endswith("'")] == after
    assert [finding for finding in solution.findings_of("worksheet") if not finding.passed] == []


def test_a_worksheet_with_other_wishes_does_not_ask_for_it() -> None:
    assert rooms(solved(f"{PEN_AND_PAPER}ask: [y]\n")) == ["y"]


def test_in_symbols() -> None:
    solution = solved(f'{SYMBOLS}ask: ["y\'"]\n')
    assert [line.target.name for line in solution.sheet().lines][-1] == "y'"
    assert all(finding.passed for finding in solution.all_findings)
    assert "L'" not in solved(SYMBOLS).tex()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("v'", "`v'`, but the step does not change `v`"),
        ("k'", "`k'`, but the step does not change `k`"),
        ("q'", "`q'`, but the step does not change `q`"),
        ("x'", "the unknown name `x`"),
        ("h'", "the unknown name `h`"),
    ],
)
@pytest.mark.parametrize("ask", ['["{}"]', '[{{shapes: ["{}"]}}]'])
def test_what_does_not_change_is_refused(name: str, found: str, ask: str) -> None:
    with pytest.raises(ProblemError) as caught:
        solved(f"{EQUATIONS}ask: {ask.format(name)}\n")
    [fault] = caught.value.faults
    assert fault.found == found
    assert fault.path.startswith("ask.")
    assert fault.where


def test_without_an_update_nothing_is_after_the_step() -> None:
    with pytest.raises(ProblemError, match="without an update"):
        solved(EQUATIONS[: EQUATIONS.index("update")] + 'ask: ["L\'"]\n')


def test_a_wrong_digit_and_a_wrong_sign_after_the_step_are_refused() -> None:
    solution = solved(f'{EQUATIONS}ask: ["y\'", "L\'"]\n')
    tex = solution.tex()
    for right, wrong, step in (
        (r"\begin{derivation}{y'}%", r"\begin{derivation}{y'}\equals{w'\,x - b'}%", "y'"),
        (r"\result{3.4000}", r"\result{3.4001}", "y'"),
    ):
        assert right in tex
        findings = check_document(solution.reading(), tex.replace(right, wrong))
        assert step in {finding.step for finding in findings if not finding.passed}
