"""Several notebooks of one student: one sheet where they belong together."""

import json

import pytest

from derive.exam.reading import read_exam
from derive.variants.identity import problem_digest
from tests.grading.sheets import ASKED, RELU, RIGHT, Typed, exam_from, graded, notebook, points


@pytest.fixture
def exam_of_two(tmp_path):
    (tmp_path / "first.yaml").write_text(RELU)
    (tmp_path / "second.yaml").write_text(ASKED)
    (tmp_path / "exam.yaml").write_text("problems: [first.yaml, second.yaml]")
    return read_exam(tmp_path / "exam.yaml")


def notebook_of(path, exam, part, answers, variant=""):
    data = notebook(Typed("anna", variant, answers), exam, problem_digest(exam.parts[part].problem))
    path.write_text(json.dumps(data))
    return path


def test_notebooks_of_one_student_for_several_problems_are_one_sheet(tmp_path, exam_of_two):
    asked = {name: RIGHT[name] for name in ("y", "L", "dL/dW_2", "dL/dW_1", "W_1'")}
    one = notebook_of(tmp_path / "one.ipynb", exam_of_two, 0, RIGHT)
    two = notebook_of(tmp_path / "two.ipynb", exam_of_two, 1, asked)
    found = graded(exam_of_two, one, two)
    assert (points(found), found.refused) == ({"anna": {}}, ())
    assert points(graded(exam_of_two, two, one)) == {"anna": {}}


def test_an_answer_in_two_notebooks_is_told_and_the_first_one_counts(tmp_path):
    exam = exam_from()
    half = {name: value for name, value in RIGHT.items() if name != "L"}
    one = notebook_of(tmp_path / "one.ipynb", exam, 0, half | {"L": [None]})
    two = notebook_of(tmp_path / "two.ipynb", exam, 0, {"L": RIGHT["L"], "y": 7})
    found = graded(exam, one, two)
    assert points(found) == {"anna": {}}
    [fault] = found.refused
    assert (fault.path, fault.where, str(one) in fault.found) == ("student anna: y", str(two), True)
    again = graded(exam, one, notebook_of(tmp_path / "again.ipynb", exam, 0, half))
    assert ["second sheet" in fault.found for fault in again.refused] == [True]
    other = graded(exam, one, notebook_of(tmp_path / "other.ipynb", exam, 0, {"L": 36}, "7-001-AAAA"))
    assert ["second sheet" in fault.found for fault in other.refused] == [True]
