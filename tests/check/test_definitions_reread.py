"""Definitions, slopes, the update rule and general entries are read again from the document; a wrong one is refused."""

from __future__ import annotations

import functools
from dataclasses import replace
from textwrap import dedent

import pytest
import sympy

from derive.check import Finding, check_document
from derive.check.latex_document import Heading, Piece, mathematics, take_apart
from derive.check.statements import DEFINITIONS
from derive.ops import ROWS, Constant, Node, Row
from derive.render.document import render
from derive.render.reading import reading
from derive.solution import Solution, solve_problem
from derive.spec import read_text

AUTHORS = [row for row in ROWS.values() if not row.internal and row.name != "identity"]
SLOPED = [row for row in AUTHORS if row.arity == 1]


def text_of(row: Row, option: str = "") -> str:
    """A problem whose step z applies a function."""
    arguments = "a" if row.arity == 1 else "a, w"
    return f"""
        forward: |
          a = w * x
          z = {row.name}({arguments}{option})
          L = sum((z - t)**2)
        parameters: {{w: [0.7, 0.9]}}
        input: {{x: [0.8, 0.6]}}
        target: {{t: [0.2, 0.1]}}
        update: {{sgd: {{learning_rate: 0.5}}}}
        """


def solved(text: str) -> Solution:
    return solve_problem(read_text(dedent(text)))


def read_again(solution: Solution, tex: str | None = None, kind: str = "solution") -> tuple[Finding, ...]:
    sheet = solution.sheet(kind)
    return check_document(reading(sheet, solution.program, solution.exact), tex or render(sheet))


def definitions(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.route == DEFINITIONS]


def refused(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.step for finding in definitions(findings) if not finding.passed}


# ------------------------------------------------------------------------------------------------ functions


@pytest.mark.parametrize("row", AUTHORS, ids=lambda row: row.name)
def test_the_definition_and_the_slope_of_every_function_are_read(row: Row) -> None:
    for option in ["", *(f", {name}=3" for name in row.options)]:
        solution = solved(text_of(row, option))
        findings = read_again(solution)
        assert [finding for finding in findings if not finding.passed] == []
        blocks = take_apart(render(solution.sheet())).blocks
        said = [tex for block in blocks if isinstance(block, Heading) for tex in mathematics(block.rule)]
        rules = [tex for tex in said if r"\theta" not in tex]
        assert len(rules) == 1 + (row.arity == 1), said
        assert len(definitions(findings)) == len(said)


@pytest.mark.parametrize("row", [row for row in AUTHORS if isinstance(row.definition, str) and row.definition])
def test_a_wrong_definition_in_a_row_is_refused(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS, row.name, replace(row, definition=f"2 + {row.definition}"))
    assert refused(read_again(solved(text_of(row)))) == {"z"}


def test_a_wrong_definition_as_an_expression_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS["softplus"]
    monkeypatch.setitem(ROWS, row.name, replace(row, definition=lambda u, beta: u * beta))
    assert refused(read_again(solved(text_of(row)))) == {"z"}


@pytest.mark.parametrize("row", [row for row in SLOPED if row.name != "exp"], ids=lambda row: row.name)
def test_a_wrong_slope_in_a_row_is_refused(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    right = row.slopes[0]

    def wrong(*operands: Node) -> Node:
        slope = right(*operands)
        return 2 * (slope if isinstance(slope, Node) else Constant(slope))

    monkeypatch.setitem(ROWS, row.name, replace(row, slopes=(wrong,)))
    solution = solved(text_of(row))
    assert refused(read_again(solution)) & {step.name for step in solution.program.steps if "/d" in step.name}


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "abs"])
def test_a_wrong_case_of_a_slope_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    solution = solved(text_of(ROWS[name]))
    tex = render(solution.sheet())
    [slope] = [
        tex
        for block in take_apart(tex).blocks
        if isinstance(block, Heading)
        for tex in mathematics(block.rule)
        if "'(u)" in tex or ")'" in tex
    ]
    for right, wrong in (("u > 0", "u < 0"), (" 1 &", " 2 &"), (r"\\", r"\\ 7 & u > 0 \\")):
        assert right in slope
        assert refused(read_again(solution, tex.replace(slope, slope.replace(right, wrong)))) == {"dL/da"}


def test_a_wrong_sympy_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS["tanh"]
    monkeypatch.setitem(ROWS, "tanh", replace(row, scalar=lambda u: sympy.tanh(u) + sympy.Rational(1, 100)))
    assert refused(read_again(solved(text_of(row)))) == {"z"}


# ------------------------------------------------------------------------------------------------ the text

CLASSES = """
    architecture: [2, 3, 3]
    activations: [tanh, softmax]
    loss: cross_entropy
    parameters:
      W_1: [[0.5, -0.2], [0.1, 0.4], [-0.3, 0.8]]
      b_1: [0.1, 0, -0.1]
      W_2: [[0.2, -0.5, 0.3], [0.7, 0.1, -0.4], [-0.6, 0.2, 0.5]]
      b_2: [0, 0.1, 0.2]
    input: {x: [1, 2]}
    target: {t: [0, 1, 0]}
    update: {sgd: {learning_rate: 0.1}}
"""
SCALED = """
    forward: |
      s = W @ x
      a = 3*relu(s)
      L = sum((a - t)**2)
    parameters: {W: [[0.5, 0.2], [-0.4, 0.1]]}
    input: {x: [1, 0.5]}
    target: {t: [1, 0]}
    ask: [da/ds]
    detail: entries
"""


@functools.cache
def example(text: str) -> Solution:
    return solved(text)


TEXT_FAULTS: dict[str, tuple[str, str, str, set[str]]] = {
    "a sign": (CLASSES, "e^u - e^{-u}}", "e^u + e^{-u}}", {"z_1"}),
    "the square of a slope": (CLASSES, r"1 - \tanh^{2}(u)", r"1 - \tanh(u)", {"dL/da_1"}),
    "another function": (CLASSES, r"{$\tanh(u) =", r"{$\sin(u) =", {"z_1"}),
    "the function for its slope": (CLASSES, r"\tanh'(u) =", r"\tanh(u) =", {"dL/da_1"}),
    "the softmax of one class": (CLASSES, r"/ \sum_j e^{u_j}", r"/ e^{u_i}", {"y"}),
    "the index of a softmax": (CLASSES, r"e^{u_i} / \sum_j", r"e^{u_j} / \sum_j", {"y"}),
    "uphill": (CLASSES, r"\theta - \eta\,", r"\theta + \eta\,", {"b_2'", "b_1'"}),
    "the gradient of another quantity": (
        CLASSES, r"\partial L/\partial \theta", r"\partial L/\partial \phi", {"b_2'", "b_1'"},
    ),
    "mathematics that nobody knows": (CLASSES, "{affine map}", "{affine map $a = W x$}", {"a_1", "a_2"}),
    "another quantity in a title": (CLASSES, "respect to $z_{1}$", "respect to $x$", {"dL/dz_1"}),
    "mathematics between the steps": (CLASSES, r"\pass{backward}", r"$y = t$\pass{backward}", {"template"}),
    "braces that nothing closes": (CLASSES, r"{$\tanh(u) = \frac", r"{$\tanh(u) = \left(\frac", {"z_1"}),
    "a number in a general entry": (SCALED, r"\begin{cases} 3 &", r"\begin{cases} 2 &", {"da/ds"}),
    "the diagonal of a general entry": (SCALED, "i = j,", "i > j,", {"da/ds"}),
    "the condition of a general entry": (SCALED, "s_{i} > 0", "s_{i} < 0", {"da/ds"}),
    "another quantity in a condition": (SCALED, "s_{i} > 0", "x_{i} > 0", {"da/ds"}),
    "what a general entry is otherwise": (SCALED, r"s_{i} > 0 \\ 0 &", r"s_{i} > 0 \\ 1 &", {"da/ds"}),
    "the general entry of another matrix": (
        SCALED, r"\right)_{ij} = \begin{cases}", r"\right)_{ji} = \begin{cases}", {"dL/ds"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_fault_in_the_text_is_refused_by_name(fault: str) -> None:
    text, right, wrong, steps = TEXT_FAULTS[fault]
    solution = example(text)
    tex = render(solution.sheet())
    assert refused(read_again(solution, tex)) == set()
    body = tex.index(r"\begin{document}")
    assert right in tex[body:]
    assert refused(read_again(solution, tex[:body] + tex[body:].replace(right, wrong))) == steps


def test_the_general_entry_is_read() -> None:
    solution = example(SCALED)
    notes = [
        b.content for b in take_apart(render(solution.sheet())).blocks if isinstance(b, Piece) and b.kind == "note"
    ]
    assert sum("cases" in note for note in notes) >= 1
    assert "da/ds" in {finding.step for finding in definitions(read_again(solution))}


def test_a_heading_that_the_template_drops_is_refused() -> None:
    solution = example(CLASSES)
    lines = render(solution.sheet()).splitlines()
    tex = "\n".join(line for line in lines if not line.startswith(r"\step{3}"))
    assert refused(read_again(solution, tex)) == {"template"}


@pytest.mark.parametrize("at_zero", ["0", "1/2", "1"])
def test_the_slope_at_the_corner_is_the_one_that_is_used(at_zero: str) -> None:
    text = f"{text_of(ROWS['relu']).rstrip()}\n        conventions: {{relu_at_zero: {at_zero}}}\n"
    assert refused(read_again(solved(text))) == set()


def test_the_sheet_says_how_many_were_read() -> None:
    solution = example(CLASSES)
    count = len(definitions(solution.printed_findings))
    assert count == 5
    assert f"{count} definitions read again and evaluated" in solution.tex()


WIDE = """
    forward: |
      s = W @ x
      a = 3*relu(s)
      L = sum((a - t)**2)
    shapes: {x: [D], W: [H, D], t: [H]}
    parameters: [W]
    input: [x]
    target: [t]
    conventions: {derivatives: numerator}
    detail: entries
    ask: [da/ds]
"""
CASES = r"\begin{cases} 3 & i = j,\ s_{i} > 0 \\ 0 & \text{otherwise} \end{cases}"


@pytest.mark.parametrize("text", [WIDE, WIDE.replace("ask: [da/ds]", ""), WIDE.replace("[H", "[9")])
def test_the_general_entry_of_a_jacobian_of_any_width_is_told_and_read(text: str) -> None:
    solution = solved(text)
    tex = render(solution.sheet())
    assert tex.count(CASES) == 1
    assert refused(read_again(solution, tex)) == set()
    for wrong in (CASES.replace("3 &", "2 &"), CASES.replace("> 0", "< 0")):
        assert refused(read_again(solution, tex.replace(CASES, wrong))) == {"da/ds"}
