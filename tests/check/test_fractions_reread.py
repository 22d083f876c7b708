"""Sheets with exact fractions are read again: every numerator, in lines, graph, table and answers, must be right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from derive.check import check_document
from derive.check.figures import DIGITS, check_digits
from derive.check.printed import LINES
from derive.check.reread import recompute
from derive.evaluate import exact_array
from derive.program import read, read_text
from derive.render.document import render
from derive.resources import folder
from derive.sheet import Sheet
from derive.solution import SHEETS, Solution, solve_problem

FRACTION = re.compile(r"\\t?frac\{(\d+)\}\{\d+\}")
BY_HAND = ("by-hand-relu", "by-hand-sigmoid")
ASKED = """
forward: |
  o = w @ x
  p = sigmoid(log(o))
  L = 1/2 * (p - t)**2
parameters: {w: [1, 1/2]}
input: {x: [1, 2]}
target: {t: 1}
rounding: {fractions: true}
ask:
  - choice: dL/dw
  - table: [o, p, L]
  - explain: What is the slope?
    answer: It is {dL/do}, and {p} is the probability.
"""


@pytest.fixture(scope="module", params=BY_HAND)
def by_hand(request: pytest.FixtureRequest) -> Solution:
    return solve_problem(read(folder("problems") / f"{request.param}.yaml"))


def numbers_on(sheet: Sheet) -> Iterator[str]:
    """Every number of the lines, of what is given, of the table and the graph, as it is printed."""
    arrays = [shown.values for shown in sheet.givens] + [values for row in sheet.summary for values in row.values]
    for line in sheet.lines:
        arrays += [line.result, *(line.cut or {}).values()]
    for node in sheet.graph.nodes if sheet.graph else ():
        arrays += [node.value, node.gradient]
    yield from (str(entry) for array in arrays if isinstance(array, np.ndarray) for entry in array.flat)


@pytest.mark.parametrize("kind", SHEETS)
def test_no_decimal_is_printed_and_everything_agrees(by_hand: Solution, kind: str) -> None:
    assert all(finding.passed for finding in (*by_hand.findings, *by_hand.findings_of(kind)))
    numbers = list(numbers_on(by_hand.sheet(kind)))
    assert len(numbers) > 5
    assert all(re.fullmatch(r"-?\d+(/\d+)?", number) for number in numbers)
    if kind != "key":
        assert "Work with exact fractions." in by_hand.tex(kind)


def decides_a_sign(tex: str, found: re.Match[str]) -> bool:
    r"""Whether a number stands in \mathbf{1}[a > 0], where any other of its sign does as well, or in a definition."""
    part = tex[tex.rfind(r"\equals", 0, found.start()) : found.start()]
    return (r"\mathbf{1}[" in part and r"\result" not in part) or "e^" in found[0]


def test_every_wrong_numerator_is_refused(by_hand: Solution) -> None:
    tex, reading = render(by_hand.sheet()), by_hand.reading()
    assert all(finding.passed for finding in check_document(reading, tex))
    body = tex.index(r"\begin{document}")
    numbers = [found for found in FRACTION.finditer(tex) if found.start() > body and not decides_a_sign(tex, found)]
    assert len(numbers) > 20
    for found in numbers:
        wrong = tex[: found.start(1)] + str(int(found[1]) + 1) + tex[found.end(1) :]
        assert not all(finding.passed for finding in check_document(reading, wrong)), tex[
            found.start() - 60 : found.end()
        ]


def test_a_wrong_result_is_refused_by_the_name_of_its_step(by_hand: Solution) -> None:
    tex = render(by_hand.sheet())
    found = FRACTION.search(tex, tex.index(r"\result{", tex.index(r"\pass{loss}")))
    assert found
    wrong = tex[: found.start(1)] + str(int(found[1]) + 2) + tex[found.end(1) :]
    refused = [finding for finding in check_document(by_hand.reading(), wrong) if not finding.passed]
    assert [(finding.route, finding.step) for finding in refused] == [(DIGITS, "L"), (LINES, "L")]
    assert Fraction(refused[0].expected) == Fraction(found[0][6:-1].replace("}{", "/"))


@pytest.mark.parametrize(
    ("tex", "passed"),
    [
        (r"\frac{2}{3}", True),
        (r"\tfrac{4}{6}", True),
        (r"\frac{2}{4}", False),
        (r"-\frac{2}{3}", False),
        (r"\frac{6667}{10000}", False),
        (r"\frac{2}{0}", False),
        ("0.6667", False),
    ],
)
def test_a_fraction_is_the_value_itself(tex: str, passed: bool) -> None:
    assert check_digits("p", tex, exact_array([[Fraction(2, 3)]]), fractions=True).passed == passed


def test_a_rounded_number_is_right_where_none_prints_exactly() -> None:
    assert check_digits("p", "0.6667", exact_array([[Fraction(2, 3)]])).passed
    assert check_digits("p", "0.0010", exact_array([[Fraction(1, 1001)]]), fractions=True).passed


@pytest.mark.parametrize(
    ("line", "result", "passed"),
    [
        (r"\frac{1}{2} \cdot \frac{1}{3}", r"\frac{1}{6}", True),
        (r"\frac{1}{2} \cdot \frac{1}{3}", r"\frac{1}{7}", False),
        (r"0.3333 \cdot 2", r"\frac{2}{3}", False),
        (r"1 - \frac{5}{3}", r"-\frac{2}{3}", True),
        (r"1 - \frac{5}{3}", r"\frac{2}{3}", False),
    ],
)
def test_a_line_gives_a_fraction_as_it_is(line: str, result: str, passed: bool) -> None:
    assert recompute(line, result).passed == passed


def test_a_line_of_exact_numbers_gives_a_whole_number_exactly() -> None:
    line = r"\frac{1}{2} \cdot \frac{7}{2}"
    assert recompute(line, "2").passed
    assert not recompute(line, "2", exactly=True).passed
    assert recompute(r"\frac{1}{2} \cdot 4", "2", exactly=True).passed
    assert recompute(r"1.4142^{2}", "2", exactly=True).passed  # of a rounded number no more can be asked


def test_answers_to_questions_are_fractions_and_read_again() -> None:
    solution = solve_problem(read_text(ASKED))
    for kind in SHEETS:
        assert all(finding.passed for finding in solution.findings_of(kind))
    tex = render(solution.sheet("key"))
    assert not re.search(r"\d\.\d", tex[tex.index(r"\pass{question}") :])
    assert r"\answer{It is {-}1/27, and 2/3 is the probability.}" in tex
    at = tex.index(r"\pass{question}")
    numbers = [found for found in FRACTION.finditer(tex) if found.start() > at and "{1}{2}" not in found[0]]
    places = [(found.start(1), found.end(1)) for found in numbers if r"\tfrac" not in found[0]]
    for start, end in [*places, *((at, at + 1) for at in (tex.index("1/27"), tex.index("2/3 is")))]:
        wrong = f"{tex[:start]}{int(tex[start:end]) + 1}{tex[end:]}"
        refused = [finding for finding in check_document(solution.reading("key"), wrong) if not finding.passed]
        assert [finding.route for finding in refused] == ["questions"]
    wrong = tex[:at] + tex[at:].replace(r"-\tfrac{1}{27}", r"-\tfrac{4}{27}")
    refused = [finding for finding in check_document(solution.reading("key"), wrong) if not finding.passed]
    assert [finding.step for finding in refused] == ["choice dL/dw"]
