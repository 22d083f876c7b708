"""Statistics of a class: counted by hand for a small one."""

from __future__ import annotations

import io
import json
from fractions import Fraction
from pathlib import Path

import pytest
from rich.console import Console

from derive.cli.grading import statistics_table
from derive.grading.gradebook import Gradebook
from derive.grading.statistics import Statistics, statistics, statistics_data
from derive.grading.statistics_figure import draw_statistics
from derive.grading.writing import write_marks
from tests.grading.sheets import AFTER_A_SLIP, RELU, RIGHT, Typed, exam_from, graded, write

FACTOR = {"dL/dy": -6}


@pytest.fixture
def book(tmp_path: Path) -> Gradebook:
    """One is right, one carries on from a slip, three forgot the factor 2, one has three of four entries, one none."""
    exam = exam_from(RELU)
    sheets = [
        Typed("right", "", RIGHT),
        Typed("slip", "", AFTER_A_SLIP),
        *(Typed(f"factor {number}", "", RIGHT | FACTOR) for number in range(3)),
        Typed("entry", "", RIGHT | {"dL/dW_1": [[-24, 7], [48, 24]]}),
        Typed("blank", "", {"a": [2, 4]}),
    ]
    return graded(exam, *write(tmp_path / "answers.json", sheets, exam)).gradebook


def found(book: Gradebook) -> Statistics:
    return statistics(book)


def test_students_are_counted_by_outcome(book: Gradebook) -> None:
    steps = {step.name: step for step in found(book).steps}
    assert list(steps) == list(RIGHT)
    assert steps["a"].counts == {"right": 7, "carried": 0, "wrong": 0, "missing": 0}
    assert steps["y"].counts == {"right": 5, "carried": 0, "wrong": 1, "missing": 1}
    assert steps["dL/dy"].counts == {"right": 2, "carried": 1, "wrong": 3, "missing": 1}
    assert steps["dL/dW_1"].counts == {"right": 4, "carried": 1, "wrong": 1, "missing": 1}
    assert steps["dL/dW_1"].entries == {"right": 4 * 4 + 3, "carried": 4, "wrong": 1, "missing": 4}


def test_slips_are_counted(book: Gradebook) -> None:
    steps = {step.name: step for step in found(book).steps}
    [slip] = steps["dL/dy"].slips
    assert (slip.kind, slip.count, slip.sentence) == ("factor_two", 3, "the factor 2 was left out")
    assert found(book).slips[0] == slip


def test_points_are_means_and_totals(book: Gradebook) -> None:
    steps = {step.name: step for step in found(book).steps}
    assert steps["y"].points == Fraction(5, 7)
    assert found(book).totals[0] == 16
    assert found(book).totals == tuple(marks.total for marks in book.students)
    data = statistics_data(found(book))
    assert data["students"] == 7
    assert data["total"]["of"] == 16
    assert data["total"]["quartiles"][0] == 1
    assert data["steps"]["y"]["shares"] == {"right": 0.7143, "carried": 0.0, "wrong": 0.1429, "missing": 0.1429}


def test_shares_add_up(book: Gradebook) -> None:
    for step in found(book).steps:
        assert sum(step.counts.values()) == step.students == 7
        assert sum(step.share(key) for key in step.counts) == pytest.approx(1)


def test_the_table_names_the_most_frequent_slip(book: Gradebook) -> None:
    console = Console(file=io.StringIO(), width=160)
    console.print(statistics_table(found(book)))
    assert isinstance(console.file, io.StringIO)
    [line] = [line for line in console.file.getvalue().splitlines() if line.split()[:1] == ["dL/dy"]]
    assert " ".join(line.split()) == "dL/dy 29% 14% 43% 14% 0.43 1.00 3 x the factor 2 was left out"


def test_files(book: Gradebook, tmp_path: Path) -> None:
    [path] = write_marks(book, tmp_path, ["statistics"])
    assert json.loads(path.read_text(encoding="utf-8")) == statistics_data(found(book))
    assert (path.parent / "statistics.pdf").read_bytes().startswith(b"%PDF")
    assert b"<svg" in (path.parent / "statistics.svg").read_bytes()


def test_the_figure_is_that_of_the_class(book: Gradebook) -> None:
    """Equal bytes for equal classes, other bytes for others; no date in it."""
    whole = draw_statistics(found(book), "svg")
    assert draw_statistics(found(book), "svg") == whole
    fewer = Gradebook(book.name, book.title, book.students[:3], book.notation)
    assert draw_statistics(found(fewer), "svg") != whole
