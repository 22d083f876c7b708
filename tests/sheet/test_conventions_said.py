"""Conventions that decide the numbers stand on solution, worksheet and key, and what they say is read again."""

from __future__ import annotations

import functools
import re

import pytest

from derive.check import Finding, check_document
from derive.render.document import render
from derive.solution import SHEETS, Solution, solve_problem
from tests.support import problem_of

TWO_LAYERS = """
architecture: [2, 2, 1]
activations: [tanh, identity]
loss: mse
parameters: {W_1: [[0.1, -0.7], [0.3, 0.9]], b_1: [0.1, 0.2], W_2: [[1, -1]], b_2: [0.3]}
input: {x: [1, 2]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.5}}
"""
NEW = TWO_LAYERS + "conventions: {update_uses: new}\n"
INPUT_TOO = NEW + 'ask: [dL/dx, "L\'"]\n'
KINKS = """
forward: |
  z = {function}
  L = sum((z - t)**2)
parameters: {{w: [0.5, 2]}}
input: {{x: [1, 3], v: [0.5, 1]}}
target: {{t: [0.2, 0.1]}}
update: {{sgd: {{learning_rate: 0.5}}}}
"""
AT_ZERO = {  # with w = [0.5, 2], v = [0.5, 1], x = [1, 3]
    "relu(w - v)": (r"\operatorname{ReLU}'(0)", "0"),
    "leaky_relu(w - v, alpha=0.2)": (r"\operatorname{LReLU}_{0.2}'(0)", "0.2"),
    "abs(w - v)": (r"(\left|u\right|)'(0)", "0"),
    "max(w, v)": (r"\partial \max(u, v) / \partial u", "1"),
    "min(w, v)": (r"\partial \min(u, v) / \partial u", "0"),
}


@functools.cache
def solved(text: str) -> Solution:
    return solve_problem(problem_of(text))


def instruction(solution: Solution, kind: str) -> str:
    """The line below the title."""
    found = re.search(r"\\vspace\{2pt\}\{\\color\{quiet\}(.*?)\\hfill", render(solution.sheet(kind)))
    return found[1] if found else ""


def refused(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(finding.route, finding.step) for finding in findings if not finding.passed}


def planted(solution: Solution, kind: str, right: str, wrong: str) -> set[tuple[str, str]]:
    """What is refused when a piece of a sheet is another one; as it is, nothing is."""
    tex = render(solution.sheet(kind))
    assert right in tex
    assert refused(check_document(solution.reading(kind), tex)) == set()
    return refused(check_document(solution.reading(kind), tex.replace(right, wrong, 1)))


# ------------------------------------------------------------------------------------------------ what is said


@pytest.mark.parametrize("kind", SHEETS)
def test_new_weights_are_named_on_every_sheet(kind: str) -> None:
    assert "updated already: $W_{2}'$." in instruction(solved(NEW), kind)
    assert "updated already: $W_{2}'$, $W_{1}'$." in instruction(solved(INPUT_TOO), kind)
    assert "updated" not in instruction(solved(TWO_LAYERS), kind)


@pytest.mark.parametrize("kind", SHEETS)
def test_frozen_parameters_are_named_on_every_sheet(kind: str) -> None:
    solution = solved(TWO_LAYERS + "conventions: {frozen: [W_2, b_2]}\n")
    assert "The step leaves $W_{2}$, $b_{2}$ unchanged." in instruction(solution, kind)
    assert refused(solution.findings_of(kind)) == set()


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("function", AT_ZERO)
def test_the_derivative_at_a_kink_is_told_where_the_numbers_stand_there(function: str, kind: str) -> None:
    solution = solved(KINKS.format(function=function))
    slope, value = AT_ZERO[function]
    assert f"${slope} = {value}$." in instruction(solution, kind)
    assert refused(solution.findings_of(kind)) == set()


@pytest.mark.parametrize("function", AT_ZERO)
def test_away_from_kinks_nothing_is_told(function: str) -> None:
    solution = solved(KINKS.format(function=function.replace("v", "x")))
    assert instruction(solution, "worksheet") == "Work to 4 decimals."


def test_a_slope_that_the_author_chooses_is_told_without_numbers_too() -> None:
    text = "architecture: [2, 2, 1]\nactivations: [relu, identity]\nloss: mse\n"
    assert instruction(solved(text), "worksheet") == ""
    chosen = solved(text + "conventions: {relu_at_zero: 1/2}\n")
    assert r"$\operatorname{ReLU}'(0) = \frac{1}{2}$." in instruction(chosen, "worksheet")
    assert refused(chosen.findings_of("worksheet")) == set()


# ------------------------------------------------------------------------------------------------ planted faults


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("function", AT_ZERO)
def test_another_slope_is_refused(function: str, kind: str) -> None:
    slope, value = AT_ZERO[function]
    solution = solved(KINKS.format(function=function))
    name = function.partition("(")[0]
    assert planted(solution, kind, f"{slope} = {value}$", f"{slope} = 0.7$") == {("definitions", name)}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_slope_that_is_not_told_is_refused(kind: str) -> None:
    solution = solved(KINKS.format(function="relu(w - v)"))
    said = r"Where there is no derivative, this one is taken: $\operatorname{ReLU}'(0) = 0$."
    assert planted(solution, kind, said, "") == {("definitions", "relu")}


# ------------------------------------------------------------------------------------------------ new weights


@pytest.mark.parametrize("text", [NEW, INPUT_TOO])
def test_what_is_updated_stands_in_front_of_what_uses_it(text: str) -> None:
    solution = solved(text)
    for kind in ("solution", "worksheet"):
        names = [line.target.name for line in solution.sheet(kind).lines]
        assert len(names) == len(set(names))
        for place, name in enumerate(names):
            used = {tensor.name for tensor in solution.program[name].uses} & set(names)
            assert used <= set(names[:place]), name
    assert {step.name for step in solution.program} >= set(names)


def test_every_update_is_printed_once() -> None:
    names = [line.target.name for line in solved(INPUT_TOO).sheet("solution").lines]
    assert [name for name in names if name.endswith("'")] == ["W_2'", "b_2'", "W_1'", "b_1'", "L'"]


def test_the_local_derivative_is_the_one_that_is_used() -> None:
    local = r"\local{\frac{\partial y}{\partial z} = W_{2}'}"
    refusals = planted(solved(NEW), "solution", local, local.replace("'", ""))
    assert refusals == {("formulas", "dy/dz")}


def test_the_update_rule_stands_on_the_worksheet_where_the_updates_are() -> None:
    backward, _, later = render(solved(NEW).sheet("worksheet")).partition(r"\pass{update}")
    assert "{Update of the output layer}{gradient descent:" in backward
    assert "{Update of the hidden layer}{gradient descent:" in later


# ------------------------------------------------------------------------------------------------ layouts


@pytest.mark.parametrize("uses", ["old", "new"])
def test_an_updated_vector_lies_like_the_author_s_in_numerator_layout(uses: str) -> None:
    solution = solved(TWO_LAYERS + f"conventions: {{update_uses: {uses}, derivatives: numerator}}\n")
    tex = render(solution.sheet())
    line = tex[tex.index(r"\begin{derivation}{b_{1}'}") :]
    assert r"b_{1} - \eta\,\left(\frac{\partial L}{\partial b_{1}}\right)^{\top}" in line[:200]
    assert "b_1'" not in solution.program.rows
    assert "dL/db_1" in solution.program.rows
    for kind in SHEETS:
        assert refused(solution.findings_of(kind)) == set()
