"""Numbers in the lines that a worksheet states, as it does not ask for them."""

from __future__ import annotations

import pytest

from derive.check.blanks import WORKSHEET
from derive.render.document import render
from tests.check.test_other_sheets_reread import again, refused
from tests.solved import solved

STATED = """
forward: |
  h = tanh(W_1 @ x + b_1)
  y = W_2 @ h + b_2
  L = 1/2*sum((y - t)**2)
parameters: {W_1: [[0.1, -0.7], [0.3, 0.9]], b_1: [0.1, 0.2], W_2: [[1, -1]], b_2: [0.3]}
input: {x: [1, 2]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.5}}
ask: [dL/dx, "L'"]
"""
STATED_FAULTS = {
    "a number that is not given": ("0.9", "0.8", {(WORKSHEET, "a_1"), ("lines", "a_1")}),
    "another sign of a number": ("-0.7", "0.7", {("lines", "a_1")}),
    "another sign between terms": (r"\more{+", r"\more{-", {("lines", "a_1")}),
    "a given number in the place of another": ("0.9", "0.3", {("lines", "a_1")}),
    "an answer": ("0.9", "-1.5138", {(WORKSHEET, "a_1"), ("lines", "a_1")}),
}


@pytest.mark.parametrize("fault", STATED_FAULTS)
def test_the_numbers_of_a_line_that_a_worksheet_states_are_read(fault: str) -> None:
    """With `ask`, the forward pass is stated: given numbers in it, and no result."""
    right, wrong, findings = STATED_FAULTS[fault]
    solution = solved(STATED)
    tex = render(solution.sheet("worksheet"))
    assert refused(again(solution, "worksheet", tex)) == set()
    start = tex.index(r"\begin{derivation}{a_{1}}")
    place = tex.index(right, start)
    assert place < tex.index(r"\end{derivation}", start)
    assert refused(again(solution, "worksheet", tex[:place] + wrong + tex[place + len(right) :])) == findings


# ------------------------------------------------------------------------------------------------ dots
