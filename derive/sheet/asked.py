"""What a worksheet asks for, and the numbers that its entries have on every sheet."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from derive.program import Program, Role
from derive.sheet.model import Entry, Section
from derive.spec import Problem

PART = re.compile(r"\(\d+\)|\[[\d,]+\]")  # which sample, or which entry, a Jacobian is of

Points = Mapping[str, int | None]


def points_by_step(problem: Problem, program: Program) -> dict[str, int | None]:
    """What is asked, by step; of a Jacobian in parts, sample by sample or entry by entry, the first has the points."""
    points = {ask.quantity: ask.points for ask in problem.ask}
    waiting = dict(points)
    for step in program.by_role(Role.JACOBIAN):
        whole = PART.sub("", step.name)
        if whole != step.name and whole in points:
            points[step.name] = waiting.pop(whole, None)
    return points


def all_points(problem: Problem) -> int | None:
    """The sum over all that is asked; None where no points are given."""
    given = [ask.points for ask in problem.ask] + [question.points for question in problem.questions]
    return sum(points or 0 for points in given) or None


def numbered(sections: Iterable[Section], problem: Problem, points: Points) -> tuple[Section, ...]:
    """The entries that the worksheet asks for numbered 1, 2, ..., on each sheet alike; all others have no number."""
    numbers = itertools.count(1)

    def with_number(entry: Entry, role: str) -> Entry:
        return replace(entry, number=next(numbers)) if _is_asked(entry, role, problem, points) else entry

    return tuple(
        Section(section.role, tuple(with_number(entry, section.role) for entry in section.entries))
        for section in sections
    )


def _is_asked(entry: Entry, role: str, problem: Problem, points: Points) -> bool:
    """Whether the worksheet leaves room for an entry: a question, what `ask` names, or all if nothing is asked."""
    if role == "question" or not (problem.ask or problem.questions):
        return True
    return any(line.target.name in points for line in entry.lines)
