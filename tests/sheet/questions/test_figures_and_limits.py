"""Questions about figures and limits: the right content on solution and key, and nothing of it on the worksheet."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.errors import DeriveError
from derive.program.reading import read_text
from derive.sheet.blocks import Blank, Exact, Plain, Plots, Symbol, Words
from derive.solution import SHEETS, solve_problem
from tests.sheet.questions.asking import asked, question, rows, solved

# ------------------------------------------------------------------------------------------------ figures

FIGURES = [
    ("network", "slice: L\n    by: W_2[1,2]"),
    ("network", "slice: L\n    by: b_2\n    from: -1\n    to: 1"),
    ("network", "sweep: W_2'\n    by: eta\n    from: 0\n    to: 1"),
    ("gate", "sweep: p\n    by: beta\n    from: -3\n    to: 3"),
    ("network", "plot: [relu, {softplus: {beta: 2}}]"),
]


@pytest.mark.parametrize(("name", "item"), FIGURES)
def test_figures_of_a_worksheet_are_empty_axes(name: str, item: str) -> None:
    whole = [plot for block in question(name, item).blocks if isinstance(block, Plots) for plot in block.plots]
    blank = [
        plot for block in question(name, item, "worksheet").blocks if isinstance(block, Plots) for plot in block.plots
    ]
    assert all(plot.curves for plot in whole)
    assert [(plot.curves, plot.marks) for plot in blank] == [((), ())] * len(whole)
    assert [(plot.horizontal, plot.vertical) for plot in blank] == [(plot.horizontal, plot.vertical) for plot in whole]


def test_a_slice_says_what_is_read_and_the_worksheet_nothing() -> None:
    item = "slice: L\n    by: W_2[1,2]"
    start, read, slope, advice = rows("network", item)
    assert start[1] == Plain("(-0.8, 0.03403)")
    assert slope == (Symbol("dL/dW_2", (1, 2)), Plain("-0.08689"))
    assert isinstance(read[1], Plain)
    rise, run = read[1].text.partition(" = ")[0].split(" / ")
    assert float(rise) / float(run) == pytest.approx(-0.08689, rel=0.05)
    assert isinstance(advice[1], Words)
    assert advice[1].key == "slope_says_increase"
    assert all(row[1] == Blank(None) for row in rows("network", item, "worksheet"))
    assert "0.034" not in asked(solved("network", item).tex("worksheet"))


# ------------------------------------------------------------------------------------------------ limits

LIMITS = [
    ("p", "[0]", [["1/3", "1/3", "1/3"]]),
    ("p", "[oo, -oo]", [["0", "1", "0"], ["1", "0", "0"]]),
    ("r", "[oo, -oo, 0]", [["4/3"], ["-2/3"], ["1/3"]]),
    ("s", "[oo, 0]", [["1"], ["oo"]]),
    ("r", "[1]", [["1.0949"]]),
]


@pytest.mark.parametrize(("of", "to", "expected"), LIMITS)
def test_limits_are_those_known_by_hand(of: str, to: str, expected: list[list[str]]) -> None:
    item = f"limit: {of}\n    by: beta\n    to: {to}"
    found = [[str(entry) for entry in row[1].values.flat] for row in rows("gate", item) if isinstance(row[1], Exact)]
    assert found == expected
    assert all(row[1] == Blank(None) for row in rows("gate", item, "worksheet"))
    for kind in SHEETS:
        assert [finding for finding in solved("gate", item).findings_of(kind) if not finding.passed] == []


def test_a_limit_that_is_not_there_is_refused() -> None:
    text = """forward: |
  w = abs(beta - 1) / (beta - 1)
input: [u]
constants: {beta: 2}
"""
    with pytest.raises(DeriveError) as caught:
        solve_problem(
            read_text(f"{text.replace('input: [u]', 'input: {u: 1}')}ask:\n  - limit: w\n    by: beta\n    to: 1\n")
        ).sheet()
    [fault] = caught.value.faults
    assert fault.found == "no limit of `w` as `beta` tends to 1"
    assert fault.path == "ask.limit"


def test_ends_are_exact() -> None:
    [row] = rows("gate", "limit: r\n    by: beta\n    to: 1/3")
    assert getattr(row[0], "end", None) == Fraction(1, 3)
