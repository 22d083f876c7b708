"""Problems printed in every notation: symbols and lines as the books have them, and all checks of all sheets pass."""

from __future__ import annotations

import functools
import shutil

import pytest

from derive.render.document import formula_latex, symbol_latex
from derive.render.notation import Notation, primed, raised
from derive.solution import SHEETS, Solution, solve_problem
from derive.spec import read_text
from derive.spec.presets import PRESETS
from derive.spec.transfer import in_notation
from tests.problems import PEN_AND_PAPER

LINES = {
    "bishop": (
        r"\mathbf{a}^{(1)} = \mathbf{W}^{(1)}\,\mathbf{x} + \mathbf{b}^{(1)}",
        r"\mathbf{W}^{(1)\prime} = \mathbf{W}^{(1)} - \eta\,\frac{\partial E}{\partial \mathbf{W}^{(1)}}",
    ),
    "nyu": (
        r"\boldsymbol{s}_{1} = \boldsymbol{W}_{1}^{\top}\,\boldsymbol{x} + \boldsymbol{b}_{1}",
        r"\boldsymbol{W}_{1}' = \boldsymbol{W}_{1} - \eta\,\frac{\partial C}{\partial \boldsymbol{W}_{1}}",
    ),
    "cs231n": (
        r"z_{1} = x\,W_{1} + b_{1}",
        r"W_{1}' = W_{1} - \eta\,\frac{\partial L}{\partial W_{1}}",
    ),
    "udl": (
        r"\mathbf{f}_{0} = \boldsymbol{\beta}_{0} + \boldsymbol{\Omega}_{0}\,\mathbf{x}",
        r"\boldsymbol{\Omega}_{0}' = \boldsymbol{\Omega}_{0} - \alpha\,"
        r"\frac{\partial L}{\partial \boldsymbol{\Omega}_{0}}",
    ),
    "d2l": (
        r"\mathbf{z}^{(1)} = \mathbf{x}\,\mathbf{W}^{(1)} + \mathbf{b}^{(1)}",
        r"\mathbf{W}^{(1)\prime} = \mathbf{W}^{(1)} - \eta\,\frac{\partial L}{\partial \mathbf{W}^{(1)}}",
    ),
    "nielsen": (
        r"z^{2} = w^{2}\,x + b^{2}",
        r"w^{2\prime} = w^{2} - \eta\,\frac{\partial C}{\partial w^{2}}",
    ),
    "goodfellow": (
        r"\boldsymbol{a}^{(1)} = \boldsymbol{b}^{(1)} + \boldsymbol{W}^{(1)}\,\boldsymbol{x}",
        r"\boldsymbol{W}^{(1)\prime} = \boldsymbol{W}^{(1)} - \epsilon\,"
        r"\frac{\partial J}{\partial \boldsymbol{W}^{(1)}}",
    ),
    "augmented": (
        r"U_{1} = \begin{bmatrix} 1 & X \end{bmatrix}\,W_{1}",
        r"W_{1}' = W_{1} - \alpha\,\frac{\partial L_{\mathrm{sq}}}{\partial W_{1}}",
    ),
}
BATCH = """
architecture: [2, 2, 2]
activations: [relu, softmax]
loss: cross_entropy
parameters: {W_1: [[0.5, 1], [-1, 0.25]], b_1: [0.1, 0.5], W_2: [[1, -2], [0.5, 0.5]], b_2: [0.2, 0]}
input: {X: [[1, 2], [0.5, -1]]}
target: {c: [1, 0]}
update: {sgd: {learning_rate: 0.1}}
rounding: {places: 3}
"""
SQUARED = """
architecture: [2, 2, 1]
activations: [tanh, sigmoid]
loss: squared_error
parameters: {W_1: [[0.5, 1], [-1, 0.25]], b_1: [0.1, 0.5], W_2: [[1, -2]], b_2: [0.2]}
input: {X: [[1, 2], [0.5, -1], [0, 1]]}
target: {T: [1, 0, 0.5]}
update: {sgd: {learning_rate: 0.1}}
detail: brief
"""
SYMBOLIC = """
architecture: [3, 4, 2]
activations: [tanh, softmax]
loss: cross_entropy
update: sgd
detail: entries
"""
WIDTHS = """
architecture: [D, H, 2]
activations: [relu, softmax]
loss: cross_entropy
shapes: {X: [N, D], c: [N]}
input: [X]
target: [c]
update: sgd
"""
TEXTS = {
    "one": PEN_AND_PAPER + "detail: entries\n",
    "batch": BATCH,
    "squared": SQUARED,
    "symbolic": SYMBOLIC,
    "widths": WIDTHS,
}


@functools.cache
def printed(name: str, text: str = PEN_AND_PAPER) -> Solution:
    return solve_problem(in_notation(read_text(text), name))


def line(solution: Solution, name: str) -> str:
    step, problem, program = solution.program[name], solution.problem, solution.program
    return f"{symbol_latex(step, problem, program)} = {formula_latex(step, problem, program)}"


@pytest.mark.parametrize("name", PRESETS)
def test_the_first_equation_and_the_update_read_as_in_the_book(name: str) -> None:
    solution = printed(name)
    assert (line(solution, "a"), line(solution, "W_1'")) == LINES[name]


def test_transposes_and_indices_join_an_exponent() -> None:
    assert r"\mathbf{W}^{(2)\top}\,\boldsymbol{\delta}^{(2)}" in line(printed("bishop"), "dL/dz")
    notation = Notation({"W_1": "W^{[1]}", "v": r"\hat{v}^{2}_1", "g": r"\frac{a}{b}"})
    assert notation.indexed("W_1", "12") == "W^{[1]}_{12}"
    assert notation.symbol("W_1(2)") == "W^{[1],(2)}"
    assert notation.indexed("g", "1") == r"\left(\frac{a}{b}\right)_{1}"
    assert (primed("W^{[1]}"), primed("W^2"), raised("x", "2")) == (r"W^{[1]\prime}", "(W^2)'", "x^{2}")


@pytest.mark.parametrize("detail", ["brief", "matrix"])
def test_a_delta_is_said_to_be_a_derivative(detail: str) -> None:
    tex = printed("nielsen", f"{PEN_AND_PAPER}detail: {detail}\n").tex()
    line = "\\begin{derivation}{\\delta^{3}}%\n\\equals{\\frac{\\partial C}{\\partial a^{3}}}%\n"
    assert line in tex


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", PRESETS)
def test_all_sheets_pass_their_checks(name: str, text: str) -> None:
    solution = printed(name, TEXTS[text])
    assert [finding for finding in solution.findings if not finding.passed] == []
    for kind in SHEETS:
        assert [finding for finding in solution.findings_of(kind) if not finding.passed] == [], kind
    assert len(solution.printed_findings) > 10


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX")
@pytest.mark.parametrize("name", PRESETS)
def test_all_sheets_compile(name: str) -> None:
    solution = printed(name, TEXTS["one"])
    for kind in SHEETS:
        compiled = solution.pdf(kind)
        assert compiled.pdf.startswith(b"%PDF")
        assert max((box.points for box in compiled.overfull), default=0) < 5, kind
