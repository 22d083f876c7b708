"""Numbers that TeX reads and nobody sees are no answers; what stands within them is."""

from __future__ import annotations

import pytest

from derive.check import Finding, check_document
from derive.check.blanks import WORKSHEET
from derive.render.reading import reading
from tests.solved import solved

PROBLEM = """
    forward: |
      a = w * x
      L = (a - t)**2
    parameters: {w: 0.7}
    input: {x: 0.3}
    target: {t: 0.5}
    rounding: {places: 2}
"""  # a = 0.21
PICTURE = r"\begin{tikzpicture}"


def refused(before_the_picture: str) -> list[Finding]:
    """What is refused of the worksheet with this in front of its graph."""
    solution = solved(PROBLEM)
    tex = solution.tex("worksheet")
    assert tex.count(PICTURE) == 1
    planted = tex.replace(PICTURE, before_the_picture + PICTURE)
    findings = check_document(reading(solution.sheet("worksheet"), solution.program, solution.exact), planted)
    return [finding for finding in findings if not finding.passed]


@pytest.mark.parametrize(
    "command",
    [
        r"\scalebox{0.21}{}",
        r"\scalebox{0.9}[0.21]{}",
        r"\scalebox{ 0.21 }{}",
        r"\renewcommand{\arraystretch}{0.21}",
        r"\renewcommand\baselinestretch{0.21}",
        r"\linespread{0.21}",
        r"\hspace*{0.21em}",
    ],
)
def test_a_scale_is_no_answer(command: str) -> None:
    assert refused(command) == []


@pytest.mark.parametrize(
    "text", ["0.21", r"\scalebox{0.9}{0.21}", r"\scalebox{0.21}{a = 0.21}", r"\linespread{1.1} 0.21", r"\emph{0.21}"]
)
def test_an_answer_is_one_at_any_scale(text: str) -> None:
    assert [(finding.route, finding.step, finding.found) for finding in refused(text)] == [(WORKSHEET, "a", "0.21")]
