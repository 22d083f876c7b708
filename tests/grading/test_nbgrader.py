"""The same notebooks through nbgrader itself: made, filled in, graded, and the marks of its gradebook compared."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest

from derive.exam.plan import Student, exam_of
from derive.grading.notebook_files import course_files, write_course
from derive.grading.notebook_plan import assignments
from derive.program import read
from derive.resources import folder
from tests.grading.nbgrader_command import nbgrader
from tests.grading.notebooks import marked, one_slip, own, solutions, typed

pytest.importorskip("nbgrader")
pytestmark = pytest.mark.slow
NAME = "pen-and-paper"
SEEDS = (3, 5)


@pytest.fixture(scope="module")
def assignment():
    return own(NAME)


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory):
    """The file of a gradebook in which there is nothing yet, which nbgrader is slow to make."""
    folder = tmp_path_factory.mktemp("empty")
    nbgrader(folder, "db", "student", "list")
    return folder / "gradebook.db"


@pytest.fixture(scope="module")
def course(assignment, tmp_path_factory, empty_gradebook):
    """A course folder as `derive notebook` writes it, after `nbgrader generate_assignment`."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(empty_gradebook, folder)
    write_course(course_files([assignment]), folder, force=False)
    ours = (folder / "release" / NAME / f"{NAME}.ipynb").read_text()
    nbgrader(folder, "generate_assignment", NAME, "--force")
    return folder, ours


def submit(folder: Path, student: str, answers: dict[str, str], handed_out: str = f"release/{NAME}") -> None:
    """A notebook that was handed out, filled in."""
    book = nbformat.read(folder / handed_out / f"{NAME}.ipynb", 4)
    for cell in book.cells:
        quantity = cell.metadata.get("derive", {}).get("quantity")
        if quantity in answers:
            cell.source = answers[quantity]
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True)
    nbformat.write(book, place / f"{NAME}.ipynb")


def gradebook(folder: Path) -> dict[str, dict[str, float]]:
    """The points of each student in each check."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in book.assignment_submissions(NAME)
        }


def students(assignment):
    """What students type, by their ids, and the same as numbers for `marking`, NaN where there is none."""
    right = {name: np.array(assignment.solution(name, 0), dtype=float) for name in assignment.asked}
    absent = {name: np.full(assignment.shape(name), np.nan) for name in assignment.asked}
    texts = solutions(assignment)
    by_id = {"right": (texts, right), "empty": ({}, absent)}
    for seed in SEEDS:
        slip = one_slip(assignment, seed)
        by_id[f"slip-{seed}"] = (typed(assignment, slip), slip)
    wrong = {name: array + 3.21 + place for place, (name, array) in enumerate(right.items())}
    by_id["wrong"] = (typed(assignment, wrong), wrong)
    by_id["shape"] = (texts | {"z": "z = [[0.29, 0.24]]"}, right | {"z": absent["z"]})
    by_id["strings"] = (texts | {"y": "y = ['0.32']"}, right | {"y": absent["y"]})
    half = np.array([np.nan, 0.24])
    by_id["nan"] = (texts | {"z": "z = [float('nan'), 0.24]"}, right | {"z": half})
    by_id["loop"] = (texts | {"y": "while True:\n    pass"}, right | {"y": absent["y"]})
    by_id["kept"] = ({name: f"{text}\nraise NotImplementedError()" for name, text in texts.items()}, right)
    return by_id


def test_the_release_is_that_of_nbgrader(course):
    folder, ours = course
    theirs = (folder / "release" / NAME / f"{NAME}.ipynb").read_text()
    assert ours == theirs
    assert "HIDDEN" not in theirs
    assert "derive_checks" not in theirs
    assert "HIDDEN" in (folder / "source" / NAME / f"{NAME}.ipynb").read_text()


def test_the_gradebook_holds_the_marks_of_marking(assignment, course):
    folder, _ = course
    by_id = students(assignment)
    for student, (texts, _) in by_id.items():
        submit(folder, student, texts)
    nbgrader(folder, "autograde", NAME, "--Execute.timeout=5")
    expected = dict(zip(by_id, marked(assignment, [numbers for _, numbers in by_id.values()]), strict=True))
    found = gradebook(folder)
    assert set(found) == set(by_id)
    for student, marks in expected.items():
        own = {name: found[student][f"check-{assignment.names[name]}"] for name in assignment.asked}
        assert own == pytest.approx(marks), student
    total = len(assignment.asked)
    assert [sum(found[student].values()) for student in ("right", "kept", "empty", "loop")] == [
        total,
        total,
        0,
        total - 1,
    ]
    nbgrader(folder, "generate_feedback", NAME)
    told = (folder / "feedback" / "wrong" / NAME / f"{NAME}.html").read_text()
    assert "follow from your earlier answers" in told


def test_other_numbers_for_each_student_are_one_assignment(tmp_path, empty_gradebook):
    shutil.copy(empty_gradebook, tmp_path)
    exam = exam_of(read(folder("problems") / f"{NAME}.yaml"))
    [drawn] = assignments(exam, 3, 8, (Student("ada"), Student("bob"), Student("eve")), lambda *_: None)
    places = {paper.student.id: place for place, paper in enumerate(drawn.papers)}
    write_course(course_files([drawn]), tmp_path, force=False)
    nbgrader(tmp_path, "generate_assignment", NAME, "--force")
    for student, whose in {"ada": "ada", "bob": "bob", "eve": "bob"}.items():
        submit(tmp_path, student, solutions(drawn, places[whose]), f"handout/{NAME}/{whose}")
    nbgrader(tmp_path, "autograde", NAME)
    totals = {student: sum(marks.values()) for student, marks in gradebook(tmp_path).items()}
    assert totals == {"ada": len(drawn.asked), "bob": len(drawn.asked), "eve": 0}
