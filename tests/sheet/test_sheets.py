"""What is said on a sheet: nothing leaks into a worksheet, keys hold values only, numbers recompute, details differ."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from derive.check.printed import derivations
from derive.sheet import Blank
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from tests.problems import PEN_AND_PAPER
from tests.problems import PROBLEMS as ALL

CARRIED = """
forward: |
  a = W @ x + b
  z = sigmoid(a)
  y = v @ z
  L = 1/2 * (y - t)**2 + lam/2 * sum(W**2)
parameters: {W: [[0.5, -0.25], [0.1, 0.3]], b: [0.1, -0.2], v: [1, -0.5]}
input: {x: [0.4, -0.6]}
target: {t: 0.3}
constants: {lam: 0.1}
update: {sgd: {learning_rate: 0.1}}
rounding: {places: 2, carry: rounded}
"""
POINTS = """
ask: {a: 2, z: 2, "dL/dW_1": 4, "W_2'": 1}
"""
PROBLEMS = {
    "one sample": dedent(ALL["one sample"]),
    "batch": ALL["batch, softmax, class indices"],
    "equations": ALL["mini-batch with augmented inputs"],
    "carried": CARRIED,
}


def solved(text: str) -> Solution:
    return solve_problem(read_text(dedent(text)))


@pytest.fixture(params=PROBLEMS)
def solution(request: pytest.FixtureRequest) -> Solution:
    return solved(PROBLEMS[request.param])


def computed_numbers(solution: Solution) -> set[str]:
    """The decimals of all results with at least two digits behind the point that are not among the given numbers."""
    tex = solution.tex("solution")
    results = {number for line in derivations(tex) if line.result for number in re.findall(r"\d+\.\d\d+", line.result)}
    given = set(re.findall(r"\d+\.\d\d+", tex[: tex.index(r"\pass{forward}")].split(r"\begin{tikzpicture}")[0]))
    return results - given


def test_all_checks_pass(solution: Solution) -> None:
    assert [finding for finding in solution.all_findings if not finding.passed] == []
    assert r"NOT CONFIRMED" not in solution.tex()


def test_a_worksheet_holds_no_answer(solution: Solution) -> None:
    sheet = solution.sheet("worksheet")
    assert all(isinstance(line.result, Blank) for line in sheet.lines)
    given = {quantity.name for quantity in solution.program.givens}
    for line in sheet.lines:
        assert line.cut is None or {tensor.name for part in line.cut for tensor in part.tensors} <= given
    assert sheet.summary == ()
    assert sheet.graph is not None
    assert all(node.value is None or isinstance(node.value, Blank) for node in sheet.graph.nodes)
    assert all(node.gradient is None or isinstance(node.gradient, Blank) for node in sheet.graph.nodes)


def test_no_computed_number_is_printed_on_a_worksheet(solution: Solution) -> None:
    numbers = computed_numbers(solution)
    assert len(numbers) > 10
    worksheet = solution.tex("worksheet")
    body = worksheet[worksheet.index(r"\begin{document}") :]
    body = re.sub(r"\(-?[\d.]+,-?[\d.]+\)|-?[\d.]+cm", "", body)  # places and lengths in the graph
    assert set(re.findall(r"\d+\.\d\d+", body)) & numbers == set()


def test_a_worksheet_gives_no_derivative_away() -> None:
    worksheet = solved(PROBLEMS["one sample"]).tex("worksheet")
    backward = worksheet[worksheet.index(r"\pass{backward}") : worksheet.index(r"\pass{update}")]
    assert "z^{" not in backward and r"\top" not in backward and r"\odot" not in backward
    assert r"\frac{\partial L}{\partial y}\,\frac{\partial y}{\partial W_{2}}" in backward  # the chain is a hint


def test_blanks_have_the_shape_of_the_answer() -> None:
    lines = list(derivations(solved(PROBLEMS["one sample"]).tex("worksheet")))
    slots = {line.symbol: (line.result or "").count(r"\slot") for line in lines}
    assert slots["a"] == 2
    assert slots[r"\frac{\partial L}{\partial W_{1}}"] == 6
    assert slots["L"] == 1


def test_points_stand_at_their_steps() -> None:
    solution = solved(PROBLEMS["one sample"] + POINTS)
    entries = [entry for section in solution.sheet().sections for entry in section.entries]
    points = {entry.lines[0].target.name: entry.points for entry in entries}
    assert (points["a"], points["z"], points["L"], points["dL/dW_1"], points["W_2'"]) == (2, 2, None, 4, 1)
    assert solution.sheet().points == 9
    assert "9 points" in solution.tex("worksheet")


def test_a_worksheet_asks_for_what_is_asked() -> None:
    """Forward pass and loss are stated; of the rest only what `ask:` names has a line, and room for its answer."""
    sheet = solved(PROBLEMS["one sample"] + POINTS).sheet("worksheet")
    asked = [line.target.name for line in sheet.lines if isinstance(line.result, Blank)]
    assert asked == ["a", "z", "dL/dW_1", "W_2'"]
    assert [line.target.name for line in sheet.lines] == ["a", "z", "y", "L", "dL/dW_1", "W_2'"]


def test_a_key_lists_every_result_and_no_formula(solution: Solution) -> None:
    key, whole = solution.tex("key"), solution.tex("solution")
    results = [line.result for line in derivations(whole) if line.result]
    assert all(result in key for result in results)
    assert r"\begin{derivation}" not in key


def test_rounded_values_are_carried() -> None:
    """Each step is computed from the decimals that the steps before it print."""
    solution = solved(PROBLEMS["carried"])
    assert solution.exact is not None and solution.values is not None
    z = [float(value) for value in solution.exact["z"].flat]
    assert z == [round(value, 2) for value in z]
    y = 1 * z[0] - 0.5 * z[1]
    assert float(solution.exact["y"].reshape(())[()]) == pytest.approx(round(y + 1e-12, 2), abs=1e-12)
    assert "Round every result to 2 decimals" in solution.tex()


@pytest.mark.parametrize("detail", ["brief", "matrix", "entries"])
def test_detail_says_more_or_less(detail: str) -> None:
    tex = solved(PROBLEMS["one sample"] + f"detail: {detail}\n").tex()
    assert (r"\frac{\partial y}{\partial z}\,\frac{\partial z}{\partial a}" in tex) is (detail != "brief")
    assert (r"\local{" in tex) is (detail != "brief")
    assert ("1 - z_{1}^{2}" in tex) is (detail == "entries")
    assert (r"\begin{derivation}{a'}" in tex) is (detail == "entries")  # the forward pass after the step


def test_a_symbolic_problem_has_formulas_and_shapes() -> None:
    solution = solved("""
        architecture: [784, H, 10]
        activations: [relu, softmax]
        loss: cross_entropy
        shapes: {X: [N, 784]}
        input: [X]
        update: {sgd: {}}
        """)
    assert solution.values is None and solution.loss is None and solution.gradients == {}
    tex = solution.tex()
    assert r"\frac{1}{N}\,(y - t)" in tex
    assert r"\sum_{i=1}^{N} \left(\frac{\partial L}{\partial a_{1}}\right)_{i}" in tex
    assert r"H \times 784" in tex
    assert solution.passed


def test_a_line_keeps_its_guard_digits_few(solution: Solution) -> None:
    """Substituted numbers show at most three digits more than results: more would hide what the step does."""
    places = solution.problem.rounding.places
    for line in solution.sheet().lines:
        for decimals in (line.cut or {}).values():
            assert all(getattr(decimal, "places", 0) <= places + 3 for decimal in decimals.flat), line.target


def test_a_jacobian_that_is_asked_for_is_written_out() -> None:
    """Entry (i, j) of W_2 diag(1 - z^2) W_1 is the sum over k of W_2,ik (1 - z_k^2) W_1,kj."""
    text = dedent(PROBLEMS["one sample"]) + "ask: [y, dy/dx]\ndetail: entries\n"
    solution = solved(text)
    assert r"W_{2,11}\,(1 - z_{1}^{2})\,W_{1,11} + W_{2,12}\,(1 - z_{2}^{2})\,W_{1,21}" in solution.tex()
    assert [finding for finding in solution.all_findings if not finding.passed] == []


def test_local_jacobians_stand_in_the_layout_of_the_course() -> None:
    shown = {}
    for layout in ("mixed", "denominator"):
        sheet = solve_problem(read_text(f"{PEN_AND_PAPER}\nconventions: {{derivatives: {layout}}}\n")).sheet()
        locals_ = [local for section in sheet.sections for entry in section.entries for local in entry.jacobians]
        shown[layout] = [str(local.formula) for local in locals_ if (local.upper, local.lower) == ("y", "z")]
    assert shown == {"mixed": ["W_2"], "denominator": ["W_2.T"]}
