"""Long products of Jacobians are taken apart, not shrunk; what is taken apart is read again like the rest."""

from __future__ import annotations

import re
import shutil

import pytest

from derive.check import check_document
from derive.render.document import render
from derive.render.pdf import compile_pdf
from derive.render.widths import LINE, width
from tests.solved import solved

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
LEAST = 0.8  # of its size, to which a part of a line may shrink
SOFTMAX = """
forward: |
  A = X @ W
  Z = relu(A)
  P = softmax(Z @ V)
  L = mean((P - T)**2)
parameters: {W: [[0.1, -0.7], [0.3, 0.9]], V: [[1, 0, 1], [2, 1, 0]]}
input: {X: [[1, 2], [0.5, -1]]}
target: {T: [[1, 0, 0], [0, 1, 0]]}
ask: [dP/dX, dP/dA]
detail: entries
"""
PATHS = """
forward: |
  a = W @ x
  h = relu(a) + x
  y = U @ h + V @ x
  L = sum((y - t)**2)
parameters: {W: [[0.1, -0.7], [0.3, 0.9]], U: [[1, 0], [2, 1], [0, 1]], V: [[1, 0], [0, 1], [1, 1]]}
input: {x: [1, 2]}
target: {t: [1, 0, 1]}
ask: [dy/dx, dh/dx]
detail: entries
"""
WIDE = """
forward: |
  a = W @ x
  h = gelu(a)
  c = V @ h
  p = softmax(c)
  s = U @ p
  L = sum((s - t)**2)
parameters: [W, V, U]
input: [x]
target: [t]
shapes: {x: [4], W: [4, 4], V: [4, 4], U: [4, 4], t: [4]}
ask: [ds/dx, dp/dh, dh/dx]
detail: entries
"""
PROBLEMS = {"softmax of samples": SOFTMAX, "several paths": PATHS, "wide": WIDE}
FORMULAS = [
    r"\frac{\partial P^{(1)}}{\partial X^{(1)}}",
    r"(\operatorname{diag}(p) - p\,p^{\top})\,V\,\operatorname{diag}(\sigma(a) + z \odot (1 - \sigma(a)))\,W",
    r"\begin{bmatrix*}[r]p_{1} - p_{1}\,p_{1} & -p_{1}\,p_{2} \\ -p_{2}\,p_{1} & p_{2} - p_{2}\,p_{2}\end{bmatrix*}",
    r"\mathbf{1}[a_{1} > 0]\,W_{1,11} + V_{11}",
    r"\begin{bmatrix*}[r]1.25 & -0.7 \\ 0 & 1\end{bmatrix*}\,\begin{bmatrix*}[r]\tfrac{1}{2} \\ 3\end{bmatrix*}",
    r"\left.\frac{\partial h}{\partial x}\right|_{g,c} + W^{\top}\,\frac{\partial L}{\partial a_{1}}",
]


@needs_tex
def test_widths_are_nearly_those_of_tex() -> None:
    tex = render(solved(SOFTMAX).sheet())
    head = tex[: tex.index(r"\begin{document}")]
    lines = [rf"\sbox{{\partbox}}{{$\displaystyle {formula}$}}\typeout{{WIDE=\the\wd\partbox}}" for formula in FORMULAS]
    log = compile_pdf("\n".join([head, r"\begin{document}", *lines, r"x\label{LastPage}\end{document}"])).log
    measured = [float(found) for found in re.findall(r"WIDE=([\d.]+)pt", log)][-len(FORMULAS) :]
    assert [width(formula) for formula in FORMULAS] == [pytest.approx(points, rel=0.15) for points in measured]


@needs_tex
@pytest.mark.parametrize("name", PROBLEMS)
def test_no_jacobian_is_shrunk(name: str) -> None:
    solution = solved(PROBLEMS[name])
    assert all(finding.passed for finding in solution.all_findings)
    told = r"\typeout{SHRUNK=\the\wd\partbox=\the\partwidth}\resizebox{\partwidth}"
    log = compile_pdf(solution.tex().replace(r"\resizebox{\partwidth}", told)).log
    ratios = [float(room) / float(wide) for wide, room in re.findall(r"SHRUNK=([\d.]+)pt=([\d.]+)pt", log)]
    assert [ratio for ratio in ratios if ratio < LEAST] == []


@pytest.mark.parametrize("name", PROBLEMS)
def test_an_entry_that_is_wrong_is_refused_in_what_is_taken_apart(name: str) -> None:
    solution = solved(PROBLEMS[name])
    tex = render(solution.sheet())
    start = tex.index(r"\more{= \begin{bmatrix*}", tex.index(r"\local{"))
    entry = re.compile(r"([A-Za-z]\^?\{?\(?\d?\)?\}?_\{[\d,]+\})").search(tex, start)
    assert entry is not None
    planted = f"{tex[: entry.start()]}2\\,{entry[0]}{tex[entry.end() :]}"
    refused = {
        (finding.route, finding.step) for finding in check_document(solution.reading(), planted) if not finding.passed
    }
    [(route, step)] = refused
    assert route == "formulas"
    assert step.startswith("d")


def test_a_short_one_stays_whole() -> None:
    assert width(r"\operatorname{diag}(1 - z^{2})") < LINE
    tex = render(solved(PATHS).sheet())
    assert r"\local{\frac{\partial h}{\partial x} = \operatorname{diag}(\mathbf{1}[a > 0])\,W + I_{2} = \begin" in tex
