"""The files of a gradebook: all that is known of each answer, the points, feedback for students, statistics."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from derive.files import staged_folder
from derive.grading.feedback import FOLDER, write_feedback
from derive.grading.gradebook import Gradebook, StepMark, StudentMarks, nested, number_of, text_of

Record = dict[str, Any]


def student_record(marks: StudentMarks) -> Record:
    """A student's marks: `{total, of, variant, steps: {title: {points, of, carried, expected, given, slip}}}`."""
    return {
        "total": number_of(marks.total),
        "of": number_of(marks.of),
        "variant": marks.variant,
        "steps": {step.title: _step_record(step) for step in marks.steps},
    }


def _step_record(step: StepMark) -> Record:
    """`expected` follows from the student's own earlier answers, `given` is null where nothing was answered."""
    return {
        "points": number_of(step.points),
        "of": number_of(step.of),
        "carried": step.carried,
        "expected": nested(step.expected, step.shape),
        "given": step.formula or nested(step.given, step.shape),
        "slip": None if step.slip is None else {"kind": step.slip.kind, "sentence": step.slip.sentence},
    }


def marks_data(gradebook: Gradebook) -> Record:
    """The whole of `marks.json`."""
    return {marks.student: student_record(marks) for marks in gradebook.students}


def rows(gradebook: Gradebook) -> Iterable[list[str]]:
    """The lines of `marks.csv`: student, variant, the points of each step, their sum, and what could be had."""
    columns = gradebook.columns
    yield ["student", "variant", *map(_cell, columns), "total", "of"]
    for marks in gradebook.students:
        points = {step.title: text_of(step.points) for step in marks.steps}
        own = (points.get(column, "") for column in columns)
        yield [_cell(marks.student), marks.variant, *own, text_of(marks.total), text_of(marks.of)]


def _cell(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _write_json(gradebook: Gradebook, path: Path) -> None:
    """A student on each line."""
    with path.open("x", encoding="utf-8") as file:
        separator = "{\n"
        for marks in gradebook.students:
            student = json.dumps(marks.student, ensure_ascii=False)
            record = json.dumps(student_record(marks), ensure_ascii=False, allow_nan=False)
            file.write(f"{separator}{student}: {record}")
            separator = ",\n"
        file.write("\n}\n")


def _write_csv(gradebook: Gradebook, path: Path) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows(gradebook))


def _write_statistics(gradebook: Gradebook, path: Path) -> None:
    from derive.grading.statistics import statistics, write_statistics

    write_statistics(statistics(gradebook), path.parent)


WRITERS: dict[str, Callable[[Gradebook, Path], None]] = {
    "json": _write_json,
    "csv": _write_csv,
    "html": write_feedback,
    "statistics": _write_statistics,
}
NAMES = {"html": FOLDER, "statistics": "statistics.json"}
FORMATS = tuple(WRITERS)
DEFAULT_FORMATS = ("json", "csv")


def write_marks(gradebook: Gradebook, output: Path, formats: Sequence[str] = DEFAULT_FORMATS) -> list[Path]:
    """Write `marks.json`, `marks.csv` and more into `output`/<exam>-marks/, all of them or none; where they are."""
    folder = output / f"{gradebook.name}-marks"
    names = {suffix: NAMES.get(suffix, f"marks.{suffix}") for suffix in formats}
    with staged_folder(folder) as staged:
        for suffix, name in names.items():
            WRITERS[suffix](gradebook, staged / name)
    return [folder / name for name in names.values()]
