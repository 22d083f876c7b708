"""Symbols that end with an exponent, as W^{(1)}: transposed, indexed, defined as a derivative; and read strictly."""

from __future__ import annotations

import numpy as np
import pytest

from derive.check.latex_reader import parse
from derive.check.latex_tokens import ReadingError
from derive.evaluate import exact_array
from derive.render.notation import Notation
from derive.solution import solve_problem
from derive.spec import read_text
from tests.problems import PEN_AND_PAPER

SYMBOLS = {"W^{(1)}": exact_array(np.array([[1, 2]])), r"\delta": exact_array(np.array([[3]]))}


def test_a_transpose_sign_may_join_the_exponent() -> None:
    tree = parse(r"W^{(1)\top}", (), SYMBOLS)
    assert (tree.head, tree.parts[0].words) == ("transpose", ("W^{(1)}",))
    indexed = parse("W^{(1)}_{12}", (), SYMBOLS)
    assert (indexed.head, indexed.words) == ("indexed", ("12",))


@pytest.mark.parametrize(
    "tex", [r"W^{(1)\top}^{2}", "W^{(1)}^{2}", "W^{(1)}_{12}^{2}", r"W^{(2)\top}", r"\delta^{\top}_{1}"]
)
def test_what_print_does_not_show_clearly_is_refused(tex: str) -> None:
    with pytest.raises(ReadingError):
        parse(tex, (), SYMBOLS)


@pytest.mark.parametrize(
    ("right", "wrong", "step"),
    [
        (r"\frac{\partial E}{\partial \mathbf{y}}", r"\frac{\partial E}{\partial \mathbf{t}}", "dL/dy"),
        (r"\mathbf{W}^{(2)\top}\,", r"\mathbf{W}^{(2)}\,", "dL/dz"),
    ],
)
def test_a_wrong_meaning_and_a_lost_transpose_are_refused(
    right: str, wrong: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    solution = solve_problem(read_text(PEN_AND_PAPER + "notation: bishop\n"))
    tex = solution.tex()
    assert all(finding.passed for finding in solution.printed_findings)
    at = tex.index(right, tex.index(r"\boldsymbol{\delta}^{(2)}"))
    planted = tex[:at] + wrong + tex[at + len(right) :]
    monkeypatch.setattr("derive.solution.render", lambda *_: planted)
    refused = {
        f.step for f in solve_problem(read_text(PEN_AND_PAPER + "notation: bishop\n")).printed_findings if not f.passed
    }
    assert step in refused


def test_a_single_factor_is_no_chain_for_the_derivative_itself() -> None:
    """One factor says what delta is; in front of dL/dy it would say that dL/dy is dL/dy."""
    assert Notation({"dL/dy": r"\delta"}).meaning("dL/dy", "L") == ((("L", "y"),),)
    assert Notation().meaning("dL/dy", "L") == ()
    assert Notation({"dy/dx": "J"}).meaning("dy/dx", "L") == ()
