"""`derive grade`: from the answers of a class to its gradebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.base import DISAGREES, Json, Problem, screen

if TYPE_CHECKING:
    from rich.table import Table

    from derive.grading.gradebook import Gradebook, StudentMarks
    from derive.grading.statistics import Statistics
    from derive.show import Screen

MOST_SHOWN = 40  # students in the table on the terminal


def grade(
    file: Problem,
    answers: Annotated[
        list[Path],
        typer.Argument(metavar="ANSWERS...", help="YAML, JSON, CSV, or filled notebooks.", show_default=False),
    ],
    output: Annotated[Path, typer.Option(help="The folder that gets `<exam>-marks`.")] = Path("output"),
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="What to write: json, csv, html, statistics.", show_default="json,csv"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Mark the answers of students: a slip costs its own step, and what follows from it is right.

    FILE is the problem or the exam that the papers were made from; the id on a paper tells which numbers it has. The
    exit code is 1 if a sheet or an answer could not be read, and 2 if nothing at all could be marked.
    """
    from derive.exam.reading import read_exam
    from derive.grading.grade import grade as grade_exam
    from derive.grading.statistics import statistics
    from derive.grading.submissions import read_submissions
    from derive.grading.writing import DEFAULT_FORMATS, FORMATS, marks_data, write_marks
    from derive.output import choose

    shown = screen()
    wanted = choose("--format", formats or DEFAULT_FORMATS, FORMATS)
    exam = read_exam(file)
    with shown.stages() as progress:
        submissions, faults = read_submissions(answers, lambda done: progress("files", done, len(answers)))
        graded = grade_exam(exam, submissions, faults, progress)
    paths = write_marks(graded.gradebook, output, wanted)
    shown.faults(graded.refused)
    if by_hand := sum(len(part.problem.questions) for part in exam.parts):
        shown.warning(f"questions on each paper that are left to you (choices, shapes, words, figures): {by_hand}")
    if as_json:
        shown.json({"marks": marks_data(graded.gradebook), "refused": [str(fault) for fault in graded.refused]})
    else:
        _show(shown, graded.gradebook)
        if "statistics" in wanted:
            shown.out.print(statistics_table(statistics(graded.gradebook)))
        for path in paths:
            shown.line(str(path))
    if graded.refused:
        shown.warning(f"not read or not marked, as told above: {len(graded.refused)}")
        raise typer.Exit(DISAGREES)


def _show(shown: Screen, gradebook: Gradebook) -> None:
    """A line for each student, or for the first of very many, and the mean."""
    from rich.text import Text

    from derive.show import table_of

    table = table_of(gradebook.title, "student", "variant", "points", "of", "carried", "wrong", "missing")
    for marks in gradebook.students[:MOST_SHOWN]:
        table.add_row(*map(Text, _cells(marks)))
    for column in table.columns[2:]:
        column.justify = "right"
    shown.out.print(table)
    count = len(gradebook.students)
    if count > MOST_SHOWN:
        shown.line(f"... and {count - MOST_SHOWN:,} more")
    mean = sum(float(marks.total) for marks in gradebook.students) / count
    shown.line(f"{count:,} {'student' if count == 1 else 'students'}, {mean:.2f} points on average")


def _cells(marks: StudentMarks) -> tuple[str, ...]:
    """Points, and how many steps were right by carrying on, wrong in part at least, and not answered."""
    from derive.grading.gradebook import text_of

    carried = sum(step.carried and step.is_full for step in marks.steps)
    missing = sum(step.is_missing for step in marks.steps)
    wrong = sum(not step.is_full and not step.is_missing for step in marks.steps)
    counts = (str(number) if number else "" for number in (carried, wrong, missing))
    return (marks.student, marks.variant, text_of(marks.total), text_of(marks.of), *counts)


def statistics_table(found: Statistics) -> Table:
    """A line for each step, with its most frequent slip."""
    from rich.text import Text

    from derive.grading.statistics import OUTCOMES
    from derive.show import table_of

    table = table_of(f"{found.title}: steps", "step", *OUTCOMES, "points", "of", "most frequent slip")
    for step in found.steps:
        shares = (f"{step.share(key):.0%}" if step.counts[key] else "" for key in OUTCOMES)
        points = (f"{float(points):.2f}" for points in (step.points, step.of))
        slip = f"{step.slips[0].count} x {step.slips[0].sentence}" if step.slips else ""
        table.add_row(*map(Text, (step.title, *shares, *points, slip)))
    for column in table.columns[1:-1]:
        column.justify = "right"
    return table
