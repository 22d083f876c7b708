"""Sheets of answers in every format, written without the code that reads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.exam.answers import paper_records
from derive.exam.plan import Exam, exam_of, places
from derive.exam.records import Record
from derive.grading.grade import Graded, grade
from derive.grading.submissions import read_submissions
from derive.program import read_text
from derive.variants.identity import problem_digest
from derive.variants.search import find_variants

RELU = """
title: One step by hand
architecture: [2, 2, 1]
activations: [relu, identity]
loss: mse
parameters:
  W_1: [[1, -1], [2, 1]]
  b_1: [1, -1]
  W_2: [[1, -2]]
  b_2: [1]
input: {x: [2, 1]}
target: {t: [1]}
update: {sgd: {learning_rate: 1/4}}
rounding: {places: 2}
"""
ASKED = RELU + """ask: [{y: 2}, {L: 1}, {dL/dW_2: 2}, {dL/dW_1: 4}, {"W_1'": 3}]\n"""
# Worked out on paper from the numbers above.
RIGHT: dict[str, Any] = {
    "a": [2, 4],
    "z": [2, 4],
    "y": -5,
    "L": 36,
    "dL/dy": -12,
    "dL/dW_2": [[-24, -48]],
    "dL/db_2": -12,
    "dL/dz": [-12, 24],
    "dL/da": [-12, 24],
    "dL/dW_1": [[-24, -12], [48, 24]],
    "dL/db_1": [-12, 24],
    "W_2'": [[7, 10]],
    "b_2'": 4,
    "W_1'": [[7, 2], [-10, -5]],
    "b_1'": [4, -7],
    "L'": 20449,  # y' = 7 * 20 + 4 = 144
}
# The same from y = -4 on.
AFTER_A_SLIP: dict[str, Any] = RIGHT | {
    "y": -4,
    "L": 25,
    "dL/dy": -10,
    "dL/dW_2": [[-20, -40]],
    "dL/db_2": -10,
    "dL/dz": [-10, 20],
    "dL/da": [-10, 20],
    "dL/dW_1": [[-20, -10], [40, 20]],
    "dL/db_1": [-10, 20],
    "W_2'": [[6, 8]],
    "b_2'": 3.5,
    "W_1'": [[6, 1.5], [-8, -4]],
    "b_1'": [3.5, -6],
    "L'": 10920.25,  # y' = 6 * 17 + 3.5 = 105.5
}


@dataclass(frozen=True)
class Typed:
    """A sheet before it is written into a file."""

    student: str
    variant: str
    answers: Mapping[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        return {"student": self.student, "variant": self.variant, "answers": dict(self.answers)}


def exam_from(text: str = RELU, name: str = "question") -> Exam:
    """The exam of one problem."""
    return exam_of(read_text(text, name))


def papers_of(exam: Exam, count: int, seed: int) -> list[Record]:
    """The records of papers, as they go to the instructor."""
    pools = [find_variants(part.problem, count, seed) for part in exam.parts]
    return list(paper_records(places(exam, count, seed), pools))


def write(path: Path, sheets: Sequence[Typed], exam: Exam) -> list[Path]:
    """The sheets in the format that the ending of the path says (`.entries.csv`: a column an entry); where they are."""
    if path.name.endswith(".ipynb"):
        return [_notebook(path.parent / f"{sheet.student}.ipynb", sheet, exam) for sheet in sheets]
    if path.suffix == ".json":
        path.write_text(json.dumps([sheet.data for sheet in sheets]))
    elif path.suffix == ".yaml":
        path.write_text("".join(_yaml(sheet) for sheet in sheets))
    else:
        path.write_text(_table(sheets, by_entry="entries" in path.name))
    return [path]


def _yaml(sheet: Typed) -> str:
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in sheet.answers.items()]
    return f"{sheet.student}:\n  variant: {sheet.variant}\n  answers: {{{', '.join(lines)}}}\n"


def _table(sheets: Sequence[Typed], *, by_entry: bool) -> str:
    rows = []
    for sheet in sheets:
        row = {"student": sheet.student, "variant": sheet.variant}
        for name, value in sheet.answers.items():
            row |= _cells(name, value) if by_entry else {name: "" if value is None else json.dumps(value)}
        rows.append(row)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _cells(name: str, value: Any) -> dict[str, str]:
    array = np.array(value, dtype=object)
    return {
        name + (f"[{','.join(str(i + 1) for i in index)}]" if index else ""): "" if entry is None else str(entry)
        for index, entry in np.ndenumerate(array)
    }


def notebook(sheet: Typed, exam: Exam, problem: str = "") -> dict[str, Any]:
    """A filled notebook, with code around the answers that would do harm if it ran."""
    digest = problem or problem_digest(exam.parts[0].problem)
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": "# Question"}]
    for number, (name, value) in enumerate(sheet.answers.items()):
        about = {"quantity": name, "variable": f"answer_{number}", "problem": digest, "variant": sheet.variant}
        source = f"%matplotlib inline\nraise SystemExit\nanswer_{number} = 'first try'\nanswer_{number} = {value!r}\n"
        cells.append({"cell_type": "code", "metadata": {"derive": about}, "source": source.splitlines(keepends=True)})
    return {"cells": cells, "metadata": {"derive": {"student": sheet.student}}, "nbformat": 4, "nbformat_minor": 5}


def _notebook(path: Path, sheet: Typed, exam: Exam) -> Path:
    path.write_text(json.dumps(notebook(sheet, exam)))
    return path


def graded(exam: Exam, *paths: Path) -> Graded:
    """The marks of some files."""
    return grade(exam, *read_submissions(paths))


def points(found: Graded) -> dict[str, dict[str, str]]:
    """The points of every step that is not full, by student."""
    return {
        marks.student: {step.title: f"{step.points} of {step.of}" for step in marks.steps if step.points != step.of}
        for marks in found.gradebook.students
    }
