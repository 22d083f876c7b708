"""What makes a sheet easy to read and to fill in: titles that differ, counts by name, points, nodes, room."""

from __future__ import annotations

import re

import pytest

from derive.check.latex_document import Heading, take_apart
from derive.check.printed import check_document, derivations
from derive.render.document import render
from derive.render.reading import reading
from derive.sheet import Blank
from derive.solution import Solution
from tests.problems import PROBLEMS
from tests.solved import solved

PENALTY = """
forward: |
  a = W_1 @ x + b_1
  z = sigmoid(a)
  y = W_2 @ z + b_2
  E_data = 1/2 * sum((y - t)**2)
  E_reg = lam/2 * (sum(W_1**2) + sum(W_2**2))
  E = E_data + E_reg
parameters: {W_1: [[0.5, -0.25], [0.1, 0.3]], b_1: [0.1, -0.2], W_2: [[1, -0.5]], b_2: [0.1]}
input: {x: [0.4, -0.6]}
target: {t: [0.3]}
constants: {lam: 0.1}
update: {sgd: {learning_rate: 0.1}}
rounding: {places: 3}
ask: {y: 2, E: 1, dE/dW_1: 4, "W_1'": 2}
"""
BATCH_OF_TWO = """
forward: |
  Y = X @ W
  L = 1/(2*N) * sum((Y - T)**2) + 1/2 * sum(W**2)
shapes: {X: [N, 2]}
parameters: {W: [[0.5, -0.25], [0.1, 0.3]]}
input: {X: [[1, 2], [0.5, -1]]}
target: {T: [[0, 1], [1, 1]]}
update: {sgd: {learning_rate: 0.1}}
"""
COLUMNS = PROBLEMS["samples in columns"]


def parts(solution: Solution, symbol: str) -> list[str]:
    """The parts of the line of a symbol on the solution, with its result."""
    [line] = [line for line in derivations(solution.tex()) if line.symbol == symbol]
    return [*line.parts, *([line.result] if line.result else [])]


def headings(tex: str) -> list[list[str]]:
    """The titles of the steps, pass by pass."""
    passes = tex[tex.index(r"\begin{document}") :].split(r"\pass{")[1:]
    return [[block.title for block in take_apart(part).blocks if isinstance(block, Heading)] for part in passes]


# ------------------------------------------------------------------------------------------------ titles


@pytest.mark.parametrize("text", [PENALTY, *(PROBLEMS[name] for name in PROBLEMS if not name.startswith("activation"))])
def test_no_two_gradients_have_the_same_title(text: str) -> None:
    for titles in headings(render(solved(text).sheet())):
        gradients = [title for title in titles if "Update" not in title]
        assert len(gradients) == len(set(gradients))


def test_titles_say_what_a_quantity_is() -> None:
    forward, _, backward, *_ = headings(solved(PENALTY).tex())
    assert r"Term $E_{\mathrm{reg}}$ of the loss" in forward
    assert r"Gradient with respect to $E_{\mathrm{reg}}$" in backward
    assert "Gradients of the hidden layer" in backward


def test_a_local_derivative_stands_with_its_gradient() -> None:
    """dz_5/du belongs to dL/du, not to whichever gradient comes next."""
    sheet = solved(PROBLEMS["every function"]).sheet()
    [backward] = [section for section in sheet.sections if section.role == "backward"]
    for entry in backward.entries:
        lowers = {line.target.name.split("/d")[1] for line in entry.lines}
        assert len(lowers) == 1 or entry.title == "parameters"


# ------------------------------------------------------------------------------------------------ lines


def test_a_number_is_not_repeated() -> None:
    solution = solved(PENALTY)
    assert parts(solution, r"\frac{\partial E}{\partial E_{\mathrm{reg}}}") == ["1"]
    assert parts(solution, r"\frac{\partial E}{\partial E_{\mathrm{data}}}") == ["1"]


def test_a_penalty_shows_its_numbers() -> None:
    assert r"0.5^{2} + (-0.25)^{2} + 0.1^{2} + 0.3^{2}" in parts(solved(PENALTY), r"E_{\mathrm{reg}}")[1]


def test_a_long_loss_line_is_broken_over_lines() -> None:
    tex = solved(PROBLEMS["binary cross-entropy, written out"]).tex()
    [loss] = re.findall(r"\\begin\{derivation\}\{L\}(.*?)\\end\{derivation\}", tex, re.DOTALL)
    assert loss.count(r"\more{") >= 8
    assert max(len(piece) for piece in loss.split("%\n")) < 200


@pytest.mark.parametrize("name", ["softmax in two steps, entries"])
def test_a_number_beside_a_vector_is_spread_over_it(name: str) -> None:
    formula, numbers, _ = parts(solved(PROBLEMS[name]), r"\frac{\partial L}{\partial a}")[-3:]
    assert formula.endswith(r"\,\mathbf{1}_{3}\right)")
    assert r"\,\mathbf{1}_{3}" in numbers


# ------------------------------------------------------------------------------------------------ samples


def test_the_number_of_samples_is_given_by_its_symbol() -> None:
    solution = solved(BATCH_OF_TWO)
    for kind in ("solution", "worksheet", "key"):
        assert r"\fitted{N = 2\dims{\ \text{samples}}}" in solution.tex(kind)
        assert all(finding.passed for finding in solution.findings_of(kind))


def test_a_wrong_number_of_samples_is_refused() -> None:
    solution = solved(BATCH_OF_TWO)
    wrong = render(solution.sheet()).replace(r"\fitted{N = 2", r"\fitted{N = 3")
    findings = check_document(reading(solution.sheet(), solution.program, solution.exact), wrong)
    assert [finding.step for finding in findings if not finding.passed] == ["N"]


def test_only_sums_over_samples_run_to_their_number() -> None:
    """W has two rows as well, but these are no samples."""
    formula = parts(solved(BATCH_OF_TWO), "L")[0]
    assert r"\sum_{i=1}^{N} \sum_{j=1}^{2} (Y_{ij} - T_{ij})^{2}" in formula
    assert r"\sum_{i=1}^{2} \sum_{j=1}^{2} W_{ij}^{2}" in formula


def test_samples_in_columns_are_counted_by_the_second_index() -> None:
    tex = solved(COLUMNS).tex()
    assert r"\sum_{j=1}^{N}" in tex or r"\sum_{i=1}^{N} \left(\frac" in tex
    assert r"\sum_{i=1}^{3}" not in tex and r"\sum_{j=1}^{3}" not in tex


def test_a_single_sample_is_not_counted() -> None:
    assert r"\text{samples}" not in solved(PENALTY).tex()


# ------------------------------------------------------------------------------------------------ graph


def test_what_hangs_on_parameters_is_a_node() -> None:
    graph = solved(PENALTY).sheet().graph
    assert graph is not None
    nodes = {node.tensor.name: (node.column, node.row) for node in graph.nodes}
    edges = {(edge.source, edge.target) for edge in graph.edges}
    assert {("W_1", "E_reg"), ("W_2", "E_reg"), ("E_reg", "E"), ("W_1", "a")} <= edges
    assert nodes["E_reg"][1] == 1 and nodes["E_data"][1] == 0
    assert len(set(nodes.values())) == len(nodes)
    assert all("E_reg" not in edge.parameters and "W_1" not in edge.parameters for edge in graph.edges)


# ------------------------------------------------------------------------------------------------ points and room


def test_a_key_prints_the_points() -> None:
    key = solved(PENALTY).tex("key")
    results = re.split(r"\\mbox\{(?:\\numbered\{\d+\})?\\fitted\{", key)[1:]
    pointed = {result.partition(r"\,=")[0] for result in results if r"\pointsof{" in result}
    assert pointed == {"y", "E", r"\frac{\partial E}{\partial W_{1}}", "W_{1}'"}
    assert r"\pointsof{4 points}" in key and r"\pointsof{1 point}" in key


def test_each_answer_has_room_to_be_worked_out() -> None:
    solution = solved(PENALTY)
    worksheet = solution.tex("worksheet")
    blank = [line for line in solution.sheet("worksheet").lines if isinstance(line.result, Blank)]
    rooms = re.findall(r"\\working\{(\d+)\}", worksheet[worksheet.index(r"\begin{document}") :])
    assert len(rooms) == len(blank) == 4
    assert all(int(rows) >= 2 for rows in rooms)
    assert r"\working{" not in solution.tex() + solution.tex("key")


@pytest.mark.parametrize("places", [0, 2, 4])
def test_a_box_is_large_enough_to_write_in(places: int) -> None:
    text = PENALTY.replace("places: 3", f"places: {places}")
    [(width, height)] = re.findall(r"\\drawnbox\((\d+),(\d+)\)\{\}\}\\kern", solved(text).tex("worksheet"))
    assert int(width) >= max(11, 3 * places) and int(height) >= 7


def test_a_worksheet_asks_for_the_jacobian_of_each_sample() -> None:
    sheet = solved(PROBLEMS["Jacobian of a batch in columns"]).sheet("worksheet")
    asked = [line.target.name for line in sheet.lines if isinstance(line.result, Blank)]
    assert asked == [f"dy({sample})/dX({sample})" for sample in (1, 2, 3)]
