"""What a worksheet asks has the same number on all sheets; what it does not ask has none."""

from __future__ import annotations

from pathlib import Path

import pytest

import derive
from derive.resources import folder
from derive.sheet import Blank, Entry, Sheet
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from tests.problems import PEN_AND_PAPER

BANK = sorted(folder("problems").glob("*.yaml"))
ASKED = """
ask:
  - {z: 1, dL/db_2: 1, "b_1'": 1, "L'": 2}
  - {count: parameters, points: 1}
"""

Numbered = dict[int, tuple[str, Entry]]


def by_number(sheet: Sheet) -> Numbered:
    """The numbered entries with the roles of their sections; no number stands twice."""
    found = [(entry.number, (section.role, entry)) for section in sheet.sections for entry in section.entries]
    numbered = [(number, entry) for number, entry in found if number]
    assert len(dict(numbered)) == len(numbered)
    return dict(numbered)


def targets(entry: Entry) -> set[str]:
    return {line.target.name for line in entry.lines}


def check(solution: Solution) -> None:
    worksheet = solution.sheet("worksheet")
    asked = by_number(worksheet)
    assert list(asked) == list(range(1, len(asked) + 1))
    for section in worksheet.sections:
        for entry in section.entries:
            leaves_room = section.role == "question" or not worksheet.places
            leaves_room = leaves_room or any(isinstance(line.result, Blank) for line in entry.lines)
            assert bool(entry.number) <= leaves_room
            assert bool(entry.number) or section.role != "question"
            assert bool(entry.number) or not any(isinstance(line.result, Blank) for line in entry.lines)
    for kind in ("solution", "key"):
        told = by_number(solution.sheet(kind))
        assert told.keys() == asked.keys()
        for number, (role, entry) in told.items():
            assert role == asked[number][0]
            assert entry.prompt == asked[number][1].prompt
            assert entry.points == asked[number][1].points
            assert targets(entry) >= targets(asked[number][1])


@pytest.mark.parametrize("path", BANK, ids=lambda path: path.stem)
def test_the_sheets_of_the_bank_number_alike(path: Path) -> None:
    check(derive.solve(path))


def test_only_what_is_asked_has_a_number() -> None:
    solution = solve_problem(read_text(f"{PEN_AND_PAPER}{ASKED}"))
    check(solution)
    told = by_number(solution.sheet("solution"))
    assert [(role, sorted(targets(entry))) for role, entry in told.values()] == [
        ("forward", ["z"]),
        ("backward", ["dL/dW_2", "dL/db_2"]),
        ("update", ["W_1'", "b_1'"]),
        ("update", ["L'"]),
        ("question", []),
    ]


@pytest.mark.parametrize("ask", ["", "ask: [{count: parameters}]", "ask: [y]"])
def test_all_has_a_number_where_nothing_is_asked_and_only_questions_where_they_are(ask: str) -> None:
    solution = solve_problem(read_text(f"{PEN_AND_PAPER}{ask}\n"))
    check(solution)
    entries = [(section.role, entry) for section in solution.sheet().sections for entry in section.entries]
    numbered = [role for role, entry in entries if entry.number]
    assert numbered == ([role for role, _ in entries] if not ask else ["question" if "count" in ask else "forward"])


def test_the_numbers_are_printed_on_all_sheets() -> None:
    solution = solve_problem(read_text(f"{PEN_AND_PAPER}{ASKED}"))
    for kind in ("solution", "worksheet"):
        tex = solution.tex(kind)
        assert r"\step{4}{Loss after the step}" in tex
        assert r"\step{}{Loss}" in tex
        assert r"\question{5}{" in tex
    key = solution.tex("key")
    assert r"\numbered{4}\fitted{L'" in key
    assert r"\mbox{\fitted{L\," in key
    assert r"\question{5}{" in key
