"""Given numbers, summary, graph, key and worksheet are read again; a wrong digit or a leak is refused by name."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import derive.render.matrix as matrix
from derive.check import Finding, check_document
from derive.check.blanks import WORKSHEET, Hidden, check_numbers
from derive.check.figures import DIGITS, GIVEN, check_digits
from derive.evaluate import exact_array
from derive.output import Order, write
from derive.render.document import render
from derive.render.reading import reading
from derive.resources import folder
from derive.sheet import Blank
from derive.sheet.compose import _Composer
from derive.solution import SHEETS, Solution, solve_problem
from tests.problems import PROBLEMS
from tests.solved import solved
from tests.support import problem_of

NETWORK = """
    title: A network with 0.97 in its title
    architecture: [2, 2, 1]
    activations: [tanh, identity]
    loss: mse
    parameters:
      W_1: [[0.1, 0.30], [-0.2, 2/5]]
      b_1: [1e-1, 0.2]
      W_2: [[0.7, -0.8]]
      b_2: [0.3]
    input: {x: [0.3, 0.4]}
    target: {t: [0.5]}
    update: {sgd: {learning_rate: 0.5}}
    rounding: {places: 2}
"""
WIDE = f"""
    forward: |
      y = W @ x
      L = sum((y - t)**2)
    parameters: {{W: [{", ".join(str([(3 * i + j) % 7 / 10 for j in range(14)]) for i in range(13))}]}}
    input: {{x: {[k / 10 for k in range(1, 15)]}}}
    target: {{t: {[k / 5 for k in range(13)]}}}
    update: {{sgd: {{learning_rate: 0.1}}}}
"""
SYMBOLS = """
    architecture: [D, H, 1]
    activations: [tanh, identity]
    loss: mse
"""


def again(solution: Solution, kind: str, tex: str) -> tuple[Finding, ...]:
    return check_document(reading(solution.sheet(kind), solution.program, solution.exact), tex)


def refused(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(finding.route, finding.step) for finding in findings if not finding.passed}


def steps(findings: tuple[Finding, ...], route: str) -> list[str]:
    return [finding.step for finding in findings if finding.route == route]


# ------------------------------------------------------------------------------------------------ all is read


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("kind", ["worksheet", "key"])
def test_the_other_sheets_are_read_and_agree(name: str, kind: str) -> None:
    solution = solved(PROBLEMS[name])
    findings = solution.findings_of(kind)
    assert [finding for finding in findings if not finding.passed] == []
    sheet = solution.sheet(kind)
    assert len(steps(findings, GIVEN)) == len(solution.program.givens) + (sheet.samples is not None)
    lines = sheet.lines
    blanks = sum(isinstance(line.result, Blank) for line in lines)
    results = sum(line.result is not None and not isinstance(line.result, Blank) for line in lines)
    assert len(steps(findings, WORKSHEET)) >= blanks
    assert len(steps(findings, DIGITS)) == results
    assert blanks + results >= 1 or solution.exact is None


@pytest.mark.parametrize("kind", SHEETS)
def test_symbols_alone_are_read_too(kind: str) -> None:
    findings = solved(SYMBOLS).findings_of(kind)
    assert refused(findings) == set()
    assert len(steps(findings, GIVEN)) == 6
    assert len(steps(findings, "formulas")) >= 4


def test_numbers_in_summary_and_graph_are_read() -> None:
    found = steps(solved(NETWORK).printed_findings, DIGITS)
    assert sum("in the table" in step for step in found) == 4 * 3
    assert {"a in the graph", r"\frac{\partial L}{\partial z} in the graph", "L in the graph"} <= set(found)


# ------------------------------------------------------------------------------------------------ faults in the text

A = r"""\begin{bmatrix*}[r]
0.25 \\ 0.30
\end{bmatrix*}"""
ABOVE_A = f"{{${A}$}}"
PARTIAL_A = r"\frac{\partial L}{\partial a} in the graph"
JACOBIAN = r"\local{\frac{\partial y}{\partial z} = W_{2}}"
TEXT_FAULTS: dict[str, tuple[str, str, str, tuple[str, str]]] = {
    "a given number": ("solution", r"\fitted{\eta = 0.5}", r"\fitted{\eta = 0.6}", (GIVEN, "eta")),
    "a given number on the worksheet": ("worksheet", r"\fitted{\eta = 0.5}", r"\fitted{\eta = 0.6}", (GIVEN, "eta")),
    "a given number on the key": ("key", r"\fitted{\eta = 0.5}", r"\fitted{\eta = 0.6}", (GIVEN, "eta")),
    "the sign of a given number": ("key", "0.7 & -0.8", "0.7 & 0.8", (GIVEN, "W_2")),
    "given numbers exchanged": ("key", "0.7 & -0.8", "-0.8 & 0.7", (GIVEN, "W_2")),
    "a given column as a row": ("key", "0.3 \\\\ 0.4", "0.3 & 0.4", (GIVEN, "x")),
    "the symbol of a given quantity": ("worksheet", r"\fitted{\eta = ", r"\fitted{\alpha = ", (GIVEN, "eta")),
    "a given quantity twice": ("key", r"\fitted{\eta", r"\fitted{t = 0.5}\fitted{\eta", (GIVEN, "template")),
    "a digit above a node": ("solution", ABOVE_A, ABOVE_A.replace("0.25", "0.26"), (DIGITS, "a in the graph")),
    "values above a node exchanged": (
        "solution", ABOVE_A, ABOVE_A.replace("0.25", "0.3").replace("0.30", "0.25"), (DIGITS, "a in the graph"),
    ),
    "a value too few above a node": ("solution", ABOVE_A, "{$0.25$}", (DIGITS, "a in the graph")),
    "a shape at a node": ("solution", r"{$2 \times 1$}", r"{$1 \times 2$}", (DIGITS, "x in the graph")),
    "a shape at a node of the worksheet": (
        "worksheet", r"(2.94,-2.27) {$2 \times 1$}", r"(2.94,-2.27) {$3 \times 1$}", (DIGITS, "a in the graph"),
    ),
    "a value in the colour of gradients": ("solution", f"\\node[v] at (3.0,-0.41) {{${A}$}}",
        f"\\node[g] at (3.0,-0.41) {{${A}$}}", (DIGITS, "a in the graph"),
    ),
    "a box too few in the graph": (
        "worksheet", r"\path[b] (2.42,-0.60) rectangle (3.47,0.00);", "", (WORKSHEET, "a in the graph"),
    ),
    "a box on the solution": (
        "solution", r"\node[v] at (9.89", r"\path[b] (9.4,-0.9) rectangle (10.4,-0.3);\node[v] at (9.89",
        (WORKSHEET, "L in the graph"),
    ),
    "a digit below a node": (
        "solution", "{$\\begin{bmatrix*}[r]\n-0.34 ", "{$\\begin{bmatrix*}[r]\n-0.35 ", (DIGITS, PARTIAL_A),
    ),
    "a value below its node": ("solution", r"at (3.0,-0.41) {$", r"at (3.0,-2.55) {$", (DIGITS, PARTIAL_A)),
    "a parameter of the table": ("solution", "$b_{2}$&$0.3$", "$b_{2}$&$0.4$", (DIGITS, "b_{2} in the table")),
    "the symbol of a row of the table": ("solution", "$b_{2}$&$0.3$", "$b_{1}$&$0.3$", (DIGITS, "b_{1} in the table")),
    "a shape": (
        "solution", rf"\result{{{A}}}\dims{{2 \times 1}}", rf"\result{{{A}}}\dims{{1 \times 2}}", ("lines", "a"),
    ),
    "a digit of the key": ("key", "0.25 \\\\ 0.30", "0.25 \\\\ 0.31", (DIGITS, "a")),
    "a symbol of the key": ("key", r"\fitted{a\,=", r"\fitted{z\,=", ("lines", "a")),
    "a result of the key left out": ("key", r"\fitted{a\,=", r"\hspace{a\,=", ("lines", "template")),
    "a filled box": ("worksheet", r"\slot\end{room}", r"0.33\end{room}", (WORKSHEET, "y")),
    "a digit beside a box": ("worksheet", r"\slot\end{room}", r"\slot 3\end{room}", (WORKSHEET, "y")),
    "no room": ("worksheet", r"\begin{room}\slot\end{room}", "0.33", (WORKSHEET, "y")),
    "a box too few": ("worksheet", "\\slot \\\\ \\slot", r"\slot", (WORKSHEET, "a")),
    "another number in a line": (
        "worksheet", "0.3 \\\\ 0.4\n\\end{bmatrix*}}%", "0.25 \\\\ 0.4\n\\end{bmatrix*}}%", (WORKSHEET, "a"),
    ),
    "the wrong given number in a line": (
        "worksheet", "0.3 \\\\ 0.4\n\\end{bmatrix*}}%", "0.5 \\\\ 0.4\n\\end{bmatrix*}}%", ("lines", "a"),
    ),
    "a value in the graph": (
        "worksheet", r"\path[b] (9.14,", r"\node[v] at (9.66,-1.17) {$0.07$};\path[b] (9.14,",
        (DIGITS, "L in the graph"),
    ),
    "an answer in a heading": ("worksheet", r"\step{3}{Output}", r"\step{3}{Output, about 0.25}", (WORKSHEET, "a")),
    "an answer between the lines": ("worksheet", r"\pass{backward}", r"Hint: 0.25\pass{backward}", (WORKSHEET, "a")),
    "a formula that is asked for": ("worksheet", r"\equals{\tanh(a)}", r"\equals{\tanh(x)}", ("formulas", "z")),
    "a local Jacobian": (
        "worksheet", r"\pass{backward}", JACOBIAN + r"\pass{backward}", ("formulas", "template"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_fault_in_the_text_is_refused_by_name(fault: str) -> None:
    kind, right, wrong, finding = TEXT_FAULTS[fault]
    solution = solved(NETWORK)
    tex = render(solution.sheet(kind))
    body = tex.index(r"\begin{document}")
    assert right in tex[body:]
    assert refused(again(solution, kind, tex)) == set()
    assert finding in refused(again(solution, kind, tex[:body] + tex[body:].replace(right, wrong)))


# ------------------------------------------------------------------------------------------------ stated lines


def test_of_a_matrix_with_dots_the_printed_entries_are_read() -> None:
    solution = solved(WIDE)
    tex = render(solution.sheet())
    assert r"\ddots" in tex
    assert refused(solution.printed_findings) == set()
    assert {"dL/dW", "W'"} <= set(steps(solution.printed_findings, DIGITS))


TEN_BY_TWELVE = exact_array(np.arange(120).reshape(10, 12))
SECOND, LEFT_OUT = r"12 & 13 & \cdots & 23", r"\vdots & \vdots & \ddots & \vdots"
DOTTED = r"""\begin{bmatrix*}[r]
0 & 1 & \cdots & 11 \\ 12 & 13 & \cdots & 23 \\ \vdots & \vdots & \ddots & \vdots \\ 108 & 109 & \cdots & 119
\end{bmatrix*}"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("119", "118"),
        ("0 & 1 &", "1 & 0 &"),
        (rf"{SECOND} \\ {LEFT_OUT}", rf"{LEFT_OUT} \\ {SECOND}"),
        (LEFT_OUT, "24 & 25 & 26 & 27"),
        (r"& \cdots & 119", r"& 119 & \cdots"),
    ],
)  # fmt: skip
def test_a_wrong_entry_beside_dots_is_refused(right: str, wrong: str) -> None:
    assert check_digits("W", DOTTED, TEN_BY_TWELVE).passed
    assert not check_digits("W", DOTTED.replace(right, wrong), TEN_BY_TWELVE).passed


# ------------------------------------------------------------------------------------------------ faults in the code


def test_a_printer_that_writes_another_given_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = matrix.entry_latex
    monkeypatch.setattr(matrix, "entry_latex", lambda entry: right(entry).replace("0.30", "0.3001"))
    for kind in SHEETS:
        assert (GIVEN, "W_1") in refused(solve_problem(problem_of(NETWORK)).findings_of(kind))


def test_a_worksheet_that_puts_computed_numbers_into_a_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Composer, "_only_given", lambda *_: True)
    findings = solve_problem(problem_of(NETWORK)).findings_of("worksheet")
    assert {(WORKSHEET, "z"), (WORKSHEET, "y"), (WORKSHEET, "W_2'")} <= refused(findings)


def test_a_worksheet_with_a_filled_graph_is_refused() -> None:
    solution = solved(NETWORK)
    filled, blank = solution.sheet("solution"), solution.sheet("worksheet")
    findings = again(solution, "worksheet", render(replace(blank, graph=filled.graph)))
    assert {(DIGITS, "a in the graph"), (DIGITS, "y in the graph")} <= refused(findings)


def test_constants_of_a_formula_are_no_answers() -> None:
    hidden = Hidden({}, frozenset({Fraction(3, 10)}))
    assert check_numbers("y", r"\frac{1}{2}\,(-0.3)^{2}", hidden, {Fraction(2)}).passed
    assert not check_numbers("y", r"\frac{1}{3}\,0.3", hidden, {Fraction(2)}).passed


# ------------------------------------------------------------------------------------------------ files


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    copy = tmp_path / "templates"
    copy.mkdir()
    for file in folder("templates").glob("*.j2"):
        (copy / file.name).write_text(file.read_text())
    return copy


def test_a_refused_worksheet_is_told(templates: Path, tmp_path: Path) -> None:
    macros = templates / "worksheet.tex.j2"
    macros.write_text(macros.read_text().replace("<< sheets.given(sheet) >>", ""))
    solution = solve_problem(problem_of(NETWORK), templates=templates)
    written = write(solution, tmp_path / "output", Order(("tex",), ("solution", "worksheet")))
    [fault] = written.failures
    assert fault.path == "template (given)"
    assert fault.where.endswith("worksheet.tex")
    assert not write(solution, tmp_path / "output", Order(("tex",), ("solution", "key"))).failures


def test_a_refused_key_says_so(templates: Path) -> None:
    macros = templates / "macros.tex.j2"
    before, start, answer = macros.read_text().partition("<% macro answer(line")
    macros.write_text(before + start + answer.replace(r"\result{<<", r"\result{-<<"))
    solution = solve_problem(problem_of(NETWORK), templates=templates)
    assert "NOT CONFIRMED" in solution.tex("key")
    assert "NOT CONFIRMED" not in solution.tex("solution")
    assert "NOT CONFIRMED" not in solved(NETWORK).tex("key")
