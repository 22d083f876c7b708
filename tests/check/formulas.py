"""Solved problems, their documents, and the formulas in these that are refused."""

from __future__ import annotations

from derive.check import Finding, check_document
from derive.check.printed import FORMULAS as ROUTE
from derive.render.document import render
from derive.render.reading import reading
from derive.solution import Solution
from tests import solved as solutions
from tests.problems import FORMULAS
from tests.problems import PROBLEMS as ALL

PROBLEMS = FORMULAS | {f"also: {name}": text for name, text in ALL.items()}


def solved(name: str) -> Solution:
    """The problem with every check, PyTorch's among them."""
    return solutions.solved(PROBLEMS[name])


def document(name: str) -> str:
    """The LaTeX of the solution, without what the checks found."""
    return render(solved(name).sheet())


def again(name: str, tex: str) -> tuple[Finding, ...]:
    """What is found in this LaTeX where the problem's own is expected."""
    solution = solved(name)
    return check_document(reading(solution.sheet(), solution.program, solution.exact), tex)


def refused(findings: tuple[Finding, ...]) -> set[str]:
    """The names of the lines whose formula is refused."""
    return {finding.step for finding in findings if not finding.passed and finding.route == ROUTE}
