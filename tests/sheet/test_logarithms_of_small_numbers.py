"""Beside the factor 0 there is a logarithm that exists, as far as guard digits reach; beyond, 0 log 0 is 0."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.check import check_document
from derive.check.latex_tokens import ReadingError
from derive.check.reread import read
from derive.exam.answers import numbers_of
from derive.exam.stencil import Stencil
from derive.render.document import render
from derive.render.reading import reading
from derive.solution import solve_problem
from derive.variants.search import find_variants
from tests.solved import solved
from tests.support import problem_of

CLASSES = """
    architecture: [2, 3]
    activations: [softmax]
    loss: cross_entropy
    parameters: {W_1: [[1, 1], [0, 0.5], [-1, -1]], b_1: [0.5, 0, 0]}
    input: {x: [1, 2]}
    target: {c: 0}
    update: {sgd: {learning_rate: 0.1}}
    rounding: {places: 2}
"""
UNIT = """
    architecture: [1, 1]
    activations: [sigmoid]
    loss: bce
    bias: false
    parameters: {W_1: [[LOGIT]]}
    input: {x: [1]}
    target: {t: [1]}
    rounding: {places: 2, carry: CARRY}
"""
WRITTEN_OUT = """
    forward: |
      y = sigmoid(w * x)
      L = -t*log(y) - (1 - t)*log(1 - y)
    parameters: {w: 6}
    input: {x: 1}
    target: {t: 1}
    rounding: {places: 2}
"""


def unit(logit: str, carry: str = "exact") -> str:
    return UNIT.replace("LOGIT", logit).replace("CARRY", carry)


def numbers_of_the_loss(text: str) -> str:
    """The line L = ... in numbers."""
    [line] = [line for line in solved(text).tex().splitlines() if r"\log(" in line and "y" not in line]
    return line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CLASSES, r"-(1\,\log(0.923) + 0\,\log(0.076) + 0\,\log(0.001))"),
        (unit("6"), r"-(1\,\log(0.998) + (1 - 1)\,\log(1 - 0.998))"),
        (unit("20"), r"-(1\,\log(0.999999998) + (1 - 1)\,\log(1 - 0.999999998))"),
        (unit("36"), r"-(1\,\log(1.00) + (1 - 1)\,\log(1 - 1.00))"),
        (unit("8", "rounded"), r"-(1\,\log(1) + (1 - 1)\,\log(1 - 1))"),
        (WRITTEN_OUT, r"-1\,\log(0.998) - (1 - 1)\,\log(1 - 0.998)"),
    ],
)
def test_a_line_has_the_digits_that_its_logarithms_need(text: str, expected: str) -> None:
    assert numbers_of_the_loss(text) == rf"\equals{{{expected}}}%"
    assert [finding for finding in solved(text).all_findings if not finding.passed] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"1\,\log(0.923)", r"1\,\log(0.00)"),
        (r"0\,\log(0.001)", r"1\,\log(0.001)"),
        (r"0\,\log(0.001)", r"\log(0.00)"),
        (r"0\,\log(0.001)", r"0.01\,\log(0.00)"),
        (r"0\,\log(0.001)", r"0\,(\log(0.00) + 1)"),
        (r"0\,\log(0.001)", r"0\,\log(-0.001)"),
    ],
)
def test_a_logarithm_of_zero_is_refused_beside_any_other_factor(right: str, wrong: str) -> None:
    solution = solved(CLASSES)
    tex = solution.tex()
    assert tex.count(right) == 1
    findings = check_document(reading(solution.sheet(), solution.program, solution.exact), tex.replace(right, wrong))
    assert ("lines", "L") in {(finding.route, finding.step) for finding in findings if not finding.passed}


@pytest.mark.parametrize(
    "text", [r"0\,\log(0)", r"(1 - 1)\,\log(1 - 1.00)", r"\log(0) \cdot 0.0", r"-0\,\log(0)", r"2 \cdot 0\,\log(0)"]
)
def test_nothing_of_the_logarithm_of_zero_is_nothing(text: str) -> None:
    assert read(text)[0, 0] == Fraction(0)


def test_a_product_of_arrays_has_it_entry_by_entry() -> None:
    row, column = (rf"\begin{{bmatrix}}{cells}\end{{bmatrix}}" for cells in ("1 & 0", r"2 \\ 3"))
    symbols = {"y": read(r"\begin{bmatrix}1 \\ 0\end{bmatrix}"), "t": read(row)}
    assert read(r"t\,\log(y)", symbols=symbols)[0, 0] == 0
    with pytest.raises(ReadingError, match="the logarithm of 0"):
        read(r"t\,\log(y)", symbols={**symbols, "t": read(column).T})


@pytest.mark.parametrize(
    "text",
    [
        r"\log(0)",
        r"-\log(0)",
        r"1\,\log(0)",
        r"0 + \log(0)",
        r"\log(0) - \log(0)",
        r"\log(0)\,\log(0)",
        r"\frac{0}{\log(0)}",
        r"\log(0)^{2}",
        r"\exp(\log(0))",
        r"\left|\log(0)\right|",
        r"\max(1, \log(0))",
        r"\sqrt{\log(0)}",
        r"\mathbf{1}[\log(0) > 0]",
        r"\begin{bmatrix}\log(0) & 1\end{bmatrix}",
    ],
)
def test_the_logarithm_of_zero_is_no_number(text: str) -> None:
    with pytest.raises(ReadingError):
        read(text)


def test_papers_have_the_same_digits() -> None:
    problem = problem_of(
        CLASSES + "    vary: {W_1: {grid: [-2, 2, 0.5]}}\n    require: {zeros: any, difficulty: any}\n"
    )
    variants = find_variants(problem, 12, seed=5).variants
    first = solve_problem(variants[0].problem)
    varying = frozenset(filling.name for filling in variants[0].setting.space.fillings)
    filled = Stencil(first.sheet(), variants[0].setting.program, varying, render).fill(numbers_of(variants))
    small = 0
    for variant, text in zip(variants, filled, strict=True):
        alone = solve_problem(variant.problem)._unchecked_tex("solution")
        lines = [[line for line in tex.splitlines() if r"\log(0" in line] for tex in (text, alone)]
        assert lines[0] == lines[1], f"variant {variant.number} of seed 5"
        assert r"\log(0.00)" not in text
        small += r"\log(0.00" in text
    assert small, "no variant has a small probability"
