"""Notebooks of problems, filled in by students, and what the checks in them say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from derive.evaluate import run
from derive.exam.plan import exam_of
from derive.grading.marking import Answers, mark
from derive.grading.notebook import Writer
from derive.grading.notebook_formulas import Assignment
from derive.grading.notebook_plan import own_assignment
from derive.ops import Array
from derive.program import Step, read, read_text
from derive.resources import folder
from derive.variants.rounding import needed_steps, units

RUNNER = Path(__file__).parent / "run_cells.py"
MARKER = "### BEGIN SOLUTION\n"


def own(name_or_text: str) -> Assignment:
    """The assignment of a problem of the collection, or of the text of a file."""
    is_text = "\n" in name_or_text
    problem = read_text(name_or_text) if is_text else read(folder("problems") / f"{name_or_text}.yaml")
    return own_assignment(exam_of(problem))


def typed(assignment: Assignment, answers: Mapping[str, Any]) -> dict[str, str]:
    """The text of the answer cells: numbers as lists, None where there is none."""
    return {name: f"{assignment.names[name]} = {_listed(value)}" for name, value in answers.items()}


def _listed(value: Any) -> str:
    if isinstance(value, str):
        return value
    array = np.asarray(value, dtype=float)
    return repr(np.where(np.isnan(array), None, array.astype(object)).tolist())


def solutions(assignment: Assignment, place: int = 0) -> dict[str, str]:
    """The text of the answer cells of a source, placeholders and all."""
    cells = Writer(assignment).source(place)["cells"]
    about = ((cell["metadata"].get("derive", {}).get("quantity"), cell["source"]) for cell in cells)
    return {quantity: source for quantity, source in about if quantity}


def checked(assignment: Assignment, students: Sequence[Mapping[str, str]], place: int = 0) -> list[dict[str, Any]]:
    """What each check says to each student, by quantity; cells without an answer hold the solution."""
    checks = {f"check-{assignment.names[name]}": name for name in assignment.asked}
    found = run_cells(Writer(assignment).source(place)["cells"], students)
    return [{checks.get(key, key): value for key, value in one.items()} for one in found]


def run_cells(
    cells: Sequence[Any], students: Sequence[Mapping[str, str]], where: Path | None = None
) -> list[dict[str, Any]]:
    """What the checks in a notebook say, run in a process of its own where a warning is an error."""
    given = json.dumps({"cells": cells, "students": list(students)})
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    command = [sys.executable, str(RUNNER)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, env=environment, cwd=where, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def points(assignment: Assignment, found: Mapping[str, Any]) -> dict[str, float]:
    """The points that nbgrader gives for what check cells did."""
    return {name: _points(float(assignment.points[name]), found[name]) for name in assignment.asked}


def _points(of: float, found: Mapping[str, Any]) -> float:
    return 0.0 if found["failed"] else of if found["value"] is None else found["value"]


def marked(assignment: Assignment, students: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """The points of the same students by `derive.grading.marking`."""
    shapes = {name: assignment.shape(name) for name in assignment.asked}
    answers = {
        name: np.stack([np.asarray(student.get(name, np.full(shape, np.nan)), dtype=float) for student in students])
        for name, shape in shapes.items()
    }
    given = {name: np.stack([array] * len(students)) for name, array in assignment.papers[0].given.items()}
    shares = {found.name: found.share for found in mark(Answers(assignment.setting, given, answers))}
    return [
        {name: float(assignment.points[name]) * float(shares[name][row]) for name in assignment.asked}
        for row in range(len(students))
    ]


def one_slip(assignment: Assignment, seed: int) -> dict[str, Array]:
    """A student who rounds every step, does something to one of them, and goes on with that."""
    generator = np.random.default_rng(seed)
    setting = assignment.setting
    slip, kind = generator.choice(assignment.asked), generator.integers(len(CHANGES))
    answers: dict[str, Array] = {}

    def after(step: Step, value: Array) -> Array:
        rounded = units(value, setting.places) / 10.0**setting.places
        if step.name == slip:
            rounded = CHANGES[kind](rounded, generator)
        answers[step.name] = rounded
        return np.where(np.isnan(rounded), value, rounded)

    tensors = {setting.program.tensor(name): array for name, array in assignment.papers[0].given.items()}
    with np.errstate(all="ignore"):
        run(needed_steps(setting.program, assignment.asked), tensors, setting.arithmetic, after=after)
    return {name: answers[name].reshape(assignment.shape(name)) for name in assignment.asked}


def _one_entry(array: Array, change: Any, generator: np.random.Generator) -> Array:
    changed = np.array(array, dtype=float)
    place = generator.integers(changed.size)
    changed.reshape(-1)[place] = change(changed.reshape(-1)[place])
    return changed


CHANGES = (
    lambda array, generator: array,
    lambda array, generator: -array,
    lambda array, generator: 2 * array,
    lambda array, generator: array + np.round(generator.uniform(0.1, 0.5, array.shape), 2),
    lambda array, generator: np.zeros_like(array),
    lambda array, generator: np.ones_like(array),
    lambda array, generator: np.full_like(array, np.nan, dtype=float),
    lambda array, generator: _one_entry(array, lambda number: 0.0, generator),
    lambda array, generator: _one_entry(array, lambda number: number + 0.4, generator),
    lambda array, generator: _one_entry(array, lambda number: np.nan, generator),
)
