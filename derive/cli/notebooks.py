"""`derive notebook`: a problem as an assignment for nbgrader that marks itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.base import Problem, screen
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.exam.plan import Exam, Student
    from derive.grading.notebook_formulas import Assignment
    from derive.show import Screen


def notebook(
    file: Problem,
    variants: Annotated[
        int | None,
        typer.Option(
            help="A notebook with other numbers for each of so many students.",
            min=1,
            show_default="as many as students, or the problem's own numbers for all",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal numbers.", min=0)] = 0,
    roster: Annotated[
        Path | None, typer.Option(help="A CSV file of students with columns `id` and `name`.", show_default=False)
    ] = None,
    output: Annotated[Path, typer.Option(help="The folder of the course.")] = Path("output"),
    force: Annotated[bool, typer.Option("--force", help="Replace notebooks that are there already.")] = False,
    templates: Annotated[Path | None, typer.Option(help="Your own table of words.", show_default="built in")] = None,
) -> None:
    """Write a problem as a notebook that marks itself, for nbgrader.

    Each answer is checked against what follows from the student's own earlier answers, so that one slip costs one
    step. `source/` holds the solutions and the hidden tests, `release/` what students get; with other numbers for each
    student, `handout/` holds a notebook for each.
    """
    from derive.exam.reading import read_exam
    from derive.exam.roster import read_roster
    from derive.grading.notebook_files import course_files, write_course
    from derive.output import require_templates

    shown = screen()
    own_words = require_templates(templates) if templates else None
    exam = read_exam(file)
    students = read_roster(roster) if roster else ()
    made = _assignments(shown, exam, variants or len(students), seed, students)
    paths = write_course(course_files(made, own_words), output, force)
    _show(shown, exam, made, paths, output)


def _assignments(
    shown: Screen, exam: Exam, count: int, seed: int, students: Sequence[Student]
) -> tuple[Assignment, ...]:
    from derive.grading.notebook_plan import assignments, own_assignment

    if not count:
        return (own_assignment(exam),)
    if len(students) > count:
        raise DeriveError(
            Fault(f"{len(students)} students for {count} notebooks", "one for each student", where="--variants")
        )
    with shown.stages() as progress:
        return assignments(exam, count, seed, students, progress)


def _show(shown: Screen, exam: Exam, made: Sequence[Assignment], paths: Sequence[Path], output: Path) -> None:
    """What was written, and what to do next."""
    from derive.grading.notebook_files import HANDOUT

    left_out = sum(len(part.problem.questions) for part in exam.parts)
    if left_out:
        shown.warning(f"{left_out} questions that are not answered by numbers stand in no notebook")
    handed_out = [path for path in paths if HANDOUT in path.relative_to(output).parts[:1]]
    for path in paths:
        if path not in handed_out:
            shown.line(str(path))
    if handed_out:
        shown.line(f"{output / HANDOUT}: {len(handed_out) - len(made)} notebooks to hand out")
    for assignment in made:
        shown.line(f"in {output}: nbgrader generate_assignment {assignment.name} --force", "green")
