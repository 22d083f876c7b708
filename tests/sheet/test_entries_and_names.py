"""No entry of a quantity prints like another quantity: z_1 beside the first entry of z."""

from __future__ import annotations

import functools
import re

import pytest

from derive.check import Finding, check_document
from derive.render.document import render
from derive.render.notation import Notation
from derive.solution import SHEETS, Solution, solve_problem
from tests.support import problem_of

OWN = """
forward: |
  z_1 = W @ x
  z = tanh(z_1)
  y = z * z_1
  L = sum((y - t)**2)
parameters: {W: [[1, 2], [0.5, -1]]}
input: {x: [1, 2]}
target: {t: [1, 0]}
ask: [dy/dz, dz/dz_1, dy/dx, "z[1]"]
detail: entries
"""
AUTOMATIC = """
forward: |
  a = W @ x + b
  z = silu(a)
  p = softmax(V @ z)
  L = cross_entropy(p, t)
parameters: {W: [[1, 2], [0.5, -1]], b: [1, 0], V: [[1, 0], [2, 1]]}
input: {x: [1, 2]}
target: {t: [1, 0]}
ask: [dz/da, dp/dz, dp/dx]
detail: entries
"""
SYMBOLS = """
forward: |
  a = W @ x + b
  z = gelu(a)
  p = softmax(V @ z)
  L = cross_entropy(p, t)
shapes: {x: [2], W: [2, 2], b: [2], V: [2, 2], t: [2]}
parameters: [W, b, V]
input: [x]
target: [t]
ask: [dp/dx, dz/da, dp/dz, dL/dx]
detail: entries
"""


@functools.cache
def solved(text: str) -> Solution:
    return solve_problem(problem_of(text))


def refused(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(finding.route, finding.step) for finding in findings if not finding.passed}


@pytest.mark.parametrize("text", [OWN, AUTOMATIC, SYMBOLS], ids=["own", "automatic", "symbols"])
@pytest.mark.parametrize("kind", SHEETS)
def test_every_sheet_is_read_and_agrees(text: str, kind: str) -> None:
    assert refused(solved(text).findings_of(kind)) == set()


def test_an_entry_beside_a_quantity_that_prints_like_it_has_parentheses() -> None:
    tex = render(solved(OWN).sheet())
    assert r"\begin{derivation}{\left(z\right)_{1}}" in tex
    assert r"1 - \left(z\right)_{1}^{2}" in tex
    assert r"z_{1,1}" in tex  # which is an entry of z_1 alone
    assert "z_{2}" not in tex


def test_an_automatic_name_is_no_entry() -> None:
    names = {step.name for step in solved(AUTOMATIC).program}
    assert "s_1" in names
    assert not any(re.fullmatch(r"[az]_[0-9]", name) for name in names)


def test_entries_printed_like_a_quantity_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Notation, "indexed", Notation._indexed)
    found = refused(solve_problem(problem_of(OWN)).printed_findings)
    assert {("formulas", "dz/dz_1"), ("formulas", "dy/dx")} <= found


def test_a_fault_in_an_entry_in_parentheses_is_refused() -> None:
    solution = solved(OWN)
    tex, right = render(solution.sheet()), r"\left(z\right)_{2}"
    assert right in tex
    wrong = tex.replace(right, r"\left(z\right)_{1}")
    assert ("formulas", "dz/dz_1") in refused(check_document(solution.reading(), wrong))


@pytest.mark.parametrize(
    ("symbols", "entry", "printed"),
    [
        ({"z": "z", "z_1": "z_1"}, ("z", "2"), r"\left(z\right)_{2}"),
        ({"z": "z", "z_1": r"\tilde{z}"}, ("z", "2"), "z_{2}"),
        ({"h": "h_{1}", "g": "h_{1,2}"}, ("h", "1"), r"\left(h_{1}\right)_{1}"),
        ({"h": "h_{1}", "g": "h_{2}"}, ("h", "1"), "h_{1,1}"),
    ],
)
def test_what_is_ambiguous_goes_by_symbols(symbols: dict[str, str], entry: tuple[str, str], printed: str) -> None:
    assert Notation(symbols, ranks=dict.fromkeys(symbols, 1)).indexed(*entry) == printed


@pytest.mark.parametrize(("rank", "printed"), [(1, r"\left(W\right)_{21}"), (2, r"\left(W\right)_{21}"), (0, "W_{21}")])
def test_a_matrix_has_two_indices(rank: int, printed: str) -> None:
    assert Notation({"W": "W", "V": "W_{12}"}, ranks={"W": rank, "V": 0}).indexed("W", "21") == printed
    assert Notation({"W": "W", "V": "W_{1}"}, ranks={"W": 2, "V": 0}).indexed("W", "21") == "W_{21}"
