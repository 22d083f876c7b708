"""A Jacobian that is asked for is the total derivative; the partial one of a single step has a symbol of its own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from derive.check import check_document
from derive.program import Program
from derive.render.document import render
from derive.render.notation import Notation
from derive.solution import Solution, solve_problem
from tests.code.running import case_of, close, run
from tests.solved import solved
from tests.support import problem_of

SCALAR = """
forward: |
  g = sigmoid(w*x)
  h = g*x
  L = (h-t)**2
parameters: {w: 0.5}
input: {x: 2}
target: {t: 1}
"""
GATE = """
forward: |
  g = sigmoid(W @ x + b)
  c = tanh(V @ x)
  h = g * c + (1 - g) * x
  L = sum((h - t)**2)
parameters: {W: [[0.1, -0.7], [0.3, 0.9]], b: [0.5, 1], V: [[1, 0], [0.5, 2]]}
input: {x: [1, 2]}
target: {t: [1, 0]}
"""
AFFINE = """
forward: |
  g = tanh(W @ x)
  h = U @ g + V @ x
  L = sum((h - t)**2)
parameters: {W: [[0.1, -0.7], [0.3, 0.9]], U: [[1, 2], [3, 4]], V: [[1, 0], [0.5, 2]]}
input: {x: [1, 2]}
target: {t: [1, 0]}
"""
BATCH = """
forward: |
  G = sigmoid(X @ W)
  H = G * X
  L = mean((H - T)**2)
parameters: {W: [[1, 2], [0.5, -1]]}
input: {X: [[1, 2], [0, 1]]}
target: {T: [[1, 0], [0, 1]]}
"""
PATHS = {
    "numbers": (SCALAR, "h", "x", "g"),
    "vectors": (GATE, "h", "x", "g,c"),
    "affine": (AFFINE, "h", "x", "g"),
}
LAYOUTS = ("mixed", "numerator", "denominator")


def _asking(text: str, asked: str, layout: str = "mixed") -> Solution:
    return solved(f"{text}conventions: {{derivatives: {layout}}}\nask: [{asked}]\ndetail: entries\n")


def _refused(solution: Solution, tex: str) -> set[tuple[str, str]]:
    return {(f.route, f.step) for f in check_document(solution.reading(), tex) if not f.passed}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", PATHS)
def test_an_asked_jacobian_is_the_total_derivative(name: str, layout: str) -> None:
    text, of, by, held = PATHS[name]
    solution = _asking(text, f"dL/d{by}, d{of}/d{by}", layout)
    assert all(finding.passed for finding in solution.all_findings)
    assert solution.program.partials == {(of, by): f"{by}|{held}"}
    whole = solution.jacobian(of, by)
    matrix = solution.values[f"d{of}/d{by}"]
    np.testing.assert_allclose(matrix.T if layout == "denominator" else matrix, whole, atol=1e-15)
    told = json.loads(solution.to_json())
    np.testing.assert_allclose(told["jacobians"][f"{of}/{by}"], whole)
    assert told["shapes"][f"d{of}/d{by}"] == list(matrix.shape)
    bar = rf"\left.\frac{{\partial {of}}}{{\partial {by}}}\right|_{{{held}}}"
    chain = solution.tex().partition("Jacobians}")[0]
    assert bar in chain
    assert rf"\frac{{\partial {of}}}{{\partial {by}}}" not in chain.replace(bar, "")


def test_the_worksheet_has_room_for_the_total_derivative() -> None:
    sheet = _asking(GATE, "dh/dx").sheet("worksheet")
    [line] = [line for line in sheet.lines if line.target.name == "dh/dx"]
    assert line.result.shape == (2, 2)


@pytest.mark.parametrize("name", PATHS)
def test_without_the_total_derivative_no_bar_is_needed(name: str) -> None:
    text, _, by, _ = PATHS[name]
    solution = _asking(text, f"dL/d{by}")
    assert not solution.program.partials
    assert r"\right|" not in solution.tex()
    assert all(finding.passed for finding in solution.all_findings)


def test_samples_of_a_batch_have_total_derivatives_too() -> None:
    solution = _asking(BATCH, "dL/dX, dH/dX")
    assert all(finding.passed for finding in solution.all_findings)
    assert solution.program.partials == {("H", "X"): "X|G"}
    whole = solution.jacobian("H", "X")
    for k in (0, 1):
        np.testing.assert_allclose(solution.values[f"dH({k + 1})/dX({k + 1})"], whole[k, :, k])


def test_programs_tell_them_apart() -> None:
    case = case_of(f"{GATE}ask: [dL/dx, dh/dx]\n")
    variables = run(case.source("numpy", "step").text())
    close(np.asarray(variables["dh_dx_holding_g_c"]), case.values["dh/dx|g,c"])
    close(np.asarray(variables["dh_dx"]), case.values["dh/dx"])


# ------------------------------------------------------------------------------------------------ planted faults

BAR = r"\left.\frac{\partial h}{\partial x}\right|_{g,c}"


@pytest.mark.parametrize(
    "planted",
    [
        r"\frac{\partial h}{\partial x}",
        r"\left.\frac{\partial h}{\partial x}\right|_{g}",
        r"\left.\frac{\partial h}{\partial x}\right|_{g,c,t}",
        r"\left.\frac{\partial h}{\partial x}\right|_{}",
        r"\left.\frac{\partial c}{\partial x}\right|_{g,c}",
        r"\left.\frac{\partial h}{\partial x}\right.",
    ],
)
def test_a_factor_that_is_another_derivative_is_refused(planted: str) -> None:
    solution = _asking(GATE, "dL/dx, dh/dx")
    tex = render(solution.sheet())
    chain = rf"\frac{{\partial L}}{{\partial h}}\,{BAR}"
    assert tex.count(chain) == 1
    assert _refused(solution, tex.replace(chain, chain.replace(BAR, planted))) == {("chain", "dL/dx")}


def test_a_bar_where_nothing_is_held_fixed_is_refused() -> None:
    solution = _asking(GATE, "dL/dx")
    tex = render(solution.sheet())
    factor = r"\frac{\partial L}{\partial h}\,\frac{\partial h}{\partial x}"
    planted = tex.replace(factor, factor.replace(r"\frac{\partial h}{\partial x}", BAR))
    assert planted != tex
    assert ("chain", "dL/dx") in _refused(solution, planted)


def test_one_symbol_for_both_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet that forgets the bar of a local Jacobian."""
    monkeypatch.setattr(Program, "lower_of", lambda self, upper, lower: lower)
    solution = solve_problem(problem_of(f"{AFFINE}ask: [dL/dx, dh/dx]\ndetail: entries\n"))
    found = {(finding.route, finding.step) for finding in solution.printed_findings if not finding.passed}
    assert found == {("formulas", "dh/dx"), ("chain", "dL/dx")}


def test_a_notation_without_the_bar_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Notation,
        "partial",
        lambda self, upper, lower: (
            rf"\frac{{\partial {self.symbol(upper)}}}{{\partial {self.symbol(lower.partition('|')[0])}}}"
        ),
    )
    solution = solve_problem(problem_of(f"{GATE}ask: [dL/dx, dh/dx]\n"))
    found = {(finding.route, finding.step) for finding in solution.printed_findings if not finding.passed}
    assert {("formulas", "dh/dx|g,c"), ("chain", "dL/dx")} <= found
