"""Every sheet of many kinds of problem is set by TeX, with nothing beyond the margin; hostile text stays text."""

from __future__ import annotations

import itertools
import re
from io import BytesIO
from textwrap import dedent

import pypdf
import pytest

from derive.render.pdf import compile_pdf
from derive.solution import solve_problem
from derive.spec import read_text
from tests.problems import PROBLEMS
from tests.problems.exercises import EXERCISES
from tests.solved import solved

KINDS = ("solution", "worksheet", "key")
OVERFULL = 5.0  # points


def sheets() -> list[tuple[str, str]]:
    """Each exercise on every sheet; the problems that look alike on one sheet each, all sheets in turn."""
    alike = [name for name in PROBLEMS if name not in EXERCISES]
    turns = zip(alike, itertools.cycle(KINDS))
    return [(name, kind) for name in EXERCISES for kind in KINDS] + list(turns)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), sheets())
def test_it_compiles_within_the_margins(name: str, kind: str) -> None:
    solution = solved(PROBLEMS[name])
    assert [finding for finding in solution.all_findings if not finding.passed] == []
    compiled = solution.pdf(kind)
    assert [box for box in compiled.overfull if box.points > OVERFULL] == []
    assert compiled.pages >= 1
    assert "undefined" not in compiled.log  # no reference is left open,
    first, *_ = pypdf.PdfReader(BytesIO(compiled.pdf)).pages
    assert re.search(rf"1\s*/\s*{compiled.pages}\b", first.extract_text())  # and the foot of the page has its numbers


@pytest.mark.slow
def test_the_log_tells_of_a_reference_that_is_left_open() -> None:
    tex = solved(PROBLEMS["one sample"]).tex().replace("LastPage", "NoPage")
    assert "undefined" in compile_pdf(tex).log


HOSTILE = r"""\input{/etc/passwd} \write18{touch owned} 50% a_b {x #1 & $y$ ~ ^^41 <>|" \\ é ü"""


@pytest.mark.slow
def test_hostile_text_is_printed_as_it_is() -> None:
    problem = read_text(
        dedent("""
        title: 'TITLE'
        text: 'TITLE'
        forward: |
          y = w * x
        parameters: {w: 2}
        input: {x: 3}
        """).replace("TITLE", HOSTILE.replace("'", "''"))
    )
    solution = solve_problem(problem)
    for kind in KINDS:
        tex = solution.tex(kind)
        assert r"\input{/etc" not in tex and r"\write18" not in tex
        compiled = solution.pdf(kind)
        text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(compiled.pdf)).pages)
        assert "passwd" in text and "root:" not in text


@pytest.mark.slow
def test_equal_problems_give_equal_bytes() -> None:
    solution = solved(PROBLEMS["one sample"])
    assert solution.pdf().pdf == solution.pdf().pdf
