"""The gradebook: hand-worked examples, points, and the files that it is written to."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import pytest

from derive.exam.reading import read_exam
from derive.grading.gradebook import Gradebook, StepMark, StudentMarks, nested, number_of, text_of
from derive.grading.marking import Verdict
from derive.grading.writing import marks_data, write_marks
from tests.grading.sheets import AFTER_A_SLIP, ASKED, RELU, RIGHT, Typed, exam_from, graded, papers_of, points, write


def marks_of(text: str, place: Path, answers: dict[str, object]) -> StudentMarks:
    """The marks of one student with the numbers of the problem."""
    exam = exam_from(text)
    found = graded(exam, *write(place / "answers.json", [Typed("1", "", answers)], exam))
    assert found.refused == ()
    [marks] = found.gradebook.students
    return marks


def lost(marks: StudentMarks) -> dict[str, str]:
    return {step.name: f"{step.points}/{step.of}" for step in marks.steps if step.points != step.of}


def step(marks: StudentMarks, name: str) -> StepMark:
    [found] = [step for step in marks.steps if step.name == name]
    return found


def test_all_right(tmp_path):
    marks = marks_of(RELU, tmp_path, RIGHT)
    assert lost(marks) == {}
    assert (marks.total, marks.of) == (16, 16)
    assert not any(step.carried for step in marks.steps)
    assert [step.name for step in marks.steps] == list(RIGHT)


def test_one_slip_loses_that_step_only(tmp_path):
    marks = marks_of(RELU, tmp_path, AFTER_A_SLIP)
    assert lost(marks) == {"y": "0/1"}
    assert [step.name for step in marks.steps if step.carried] == list(RIGHT)[3:]
    assert list(step(marks, "dL/dW_1").expected) == [-20, -10, 40, 20]
    assert list(step(marks, "y").expected) == [-5]


def test_what_does_not_follow_from_the_slip_is_lost_too(tmp_path):
    """A second slip costs its own step again, and the loss after the step follows from both."""
    marks = marks_of(RELU, tmp_path, AFTER_A_SLIP | {"b_2'": 3, "L'": 104**2})
    assert lost(marks) == {"y": "0/1", "b_2'": "0/1"}
    marks = marks_of(RELU, tmp_path, AFTER_A_SLIP | {"b_2'": 3})
    assert lost(marks) == {"y": "0/1", "b_2'": "0/1", "L'": "0/1"}


def test_a_slip_is_named(tmp_path):
    marks = marks_of(RELU, tmp_path, RIGHT | {"dL/dy": -6})
    slip = step(marks, "dL/dy").slip
    assert slip is not None
    assert (slip.kind, slip.sentence) == ("factor_two", "the factor 2 was left out")
    assert step(marks, "y").slip is None


def test_a_slip_names_quantities_without_latex(tmp_path):
    marks = marks_of(RELU, tmp_path, RIGHT | {"W_2'": [[25, 46]]})  # 1 + 24, -2 + 48
    slip = step(marks, "W_2'").slip
    assert slip is not None
    assert slip.sentence == "the learning rate eta was forgotten"


def test_missing_answers_cost_themselves(tmp_path):
    answers = {name: value for name, value in RIGHT.items() if name not in ("dL/dy", "dL/dz")} | {"dL/dz": None}
    marks = marks_of(RELU, tmp_path, answers)
    assert lost(marks) == {"dL/dy": "0/1", "dL/dz": "0/1"}
    assert step(marks, "dL/dy").is_missing
    assert list(step(marks, "dL/dz").given) == [None, None]
    assert list(step(marks, "dL/da").expected) == [-12, 24]


def test_zeros_earn_nothing(tmp_path):
    zeros = {
        name: [[0] * len(value[0])] * len(value)
        if isinstance(value, list) and isinstance(value[0], list)
        else [0] * len(value)
        if isinstance(value, list)
        else 0
        for name, value in RIGHT.items()
    }
    assert marks_of(RELU, tmp_path, zeros).total == 0
    assert lost(marks_of(RELU, tmp_path, {**RIGHT, "dL/dy": 0, "dL/db_2": 0, "b_2'": 1})) == {
        "dL/dy": "0/1",
        "dL/db_2": "0/1",
        "b_2'": "0/1",
    }


@pytest.mark.parametrize(
    ("rows", "earned"),
    [
        ([[-24, -12], [48, 24]], "4"),
        ([[-23, -12], [48, 24]], "3"),
        ([[-23, -12], [48, None]], "2"),
        ([[-23, -11], [47, 24]], "1"),
        ([[0, 0], [0, 0]], "0"),
    ],
)
def test_a_matrix_earns_entry_by_entry(tmp_path, rows, earned):
    marks = marks_of(ASKED, tmp_path, {**RIGHT_AS_ASKED, "dL/dW_1": rows, "W_1'": None})
    assert str(step(marks, "dL/dW_1").points) == earned
    assert str(step(marks, "dL/dW_1").of) == "4"


RIGHT_AS_ASKED = {name: RIGHT[name] for name in ("y", "L", "dL/dW_2", "dL/dW_1", "W_1'")}


def test_points_are_those_of_ask(tmp_path):
    marks = marks_of(ASKED, tmp_path, RIGHT_AS_ASKED)
    assert {step.name: step.of for step in marks.steps} == {"y": 2, "L": 1, "dL/dW_2": 2, "dL/dW_1": 4, "W_1'": 3}
    assert (marks.total, marks.of) == (12, 12)
    thirds = marks_of(ASKED, tmp_path, {**RIGHT_AS_ASKED, "W_1'": [[7, 2], [0, -5]]})
    assert thirds.total == Fraction(45, 4)


def test_points_of_an_exam_are_shared_out_as_in_the_key(tmp_path):
    (tmp_path / "question.yaml").write_text(RELU)
    (tmp_path / "exam.yaml").write_text("problems: [{file: question.yaml, points: 5}]")
    exam = read_exam(tmp_path / "exam.yaml")
    found = graded(exam, *write(tmp_path / "answers.json", [Typed("1", "", RIGHT)], exam))
    [marks] = found.gradebook.students
    assert (marks.total, marks.of) == (5, 5)
    assert {str(step.of) for step in marks.steps} <= {"1/4", "1/2", "1/5", "2/5"}


def test_the_steps_of_several_problems_are_grouped(tmp_path):
    """A name has the number of the problem on the paper in front, or the name of its file; the order is the exam's."""
    (tmp_path / "first.yaml").write_text(RELU)
    (tmp_path / "second.yaml").write_text(ASKED)
    (tmp_path / "exam.yaml").write_text("shuffle: true\nproblems: [first.yaml, second.yaml]")
    exam = read_exam(tmp_path / "exam.yaml")
    papers = papers_of(exam, 4, 3)
    assert len({tuple(part["problem"] for part in paper["problems"]) for paper in papers}) == 2
    by_number, by_name, nested_tables = [], [], []
    for number, paper in enumerate(papers):
        parts = [(place, part["problem"], part["printed"]) for place, part in enumerate(paper["problems"], 1)]
        named = {1: "first", 2: "second"}
        numbered = {f"{place}: {name}": value for place, _, printed in parts for name, value in printed.items()}
        names = {f"{named[own]}: {name}": value for _, own, printed in parts for name, value in printed.items()}
        by_number.append(Typed(f"a{number}", paper["id"], numbered))
        by_name.append(Typed(f"b{number}", paper["id"], names))
        nested_tables.append(Typed(f"c{number}", paper["id"], {str(place): printed for place, _, printed in parts}))
    for sheets in (by_number, by_name, nested_tables):
        found = graded(exam, *write(tmp_path / "answers.json", sheets, exam))
        assert found.refused == ()
        assert set(points(found)) == {sheet.student for sheet in sheets}
        assert not any(points(found).values())
        titles = [step.title for step in found.gradebook.students[0].steps]
        assert titles == [f"first: {name}" for name in RIGHT] + [f"second: {name}" for name in RIGHT_AS_ASKED]


def test_marks_json_is_as_documented(tmp_path):
    exam = exam_from(ASKED)
    answers = {**RIGHT_AS_ASKED, "y": -4, "L": 25, "dL/dW_2": [[-20, None]]}
    found = graded(exam, *write(tmp_path / "answers.json", [Typed("é 1", "", answers)], exam))
    paths = write_marks(found.gradebook, tmp_path)
    assert [path.relative_to(tmp_path) for path in paths] == [
        Path("question-marks/marks.json"),
        Path("question-marks/marks.csv"),
    ]
    data = json.loads(paths[0].read_text())
    assert data == marks_data(found.gradebook)
    student = data["é 1"]
    assert list(student) == ["total", "of", "variant", "steps"]
    assert (student["total"], student["of"], student["variant"]) == (9, 12, "")
    assert student["steps"]["L"] == {
        "points": 1,
        "of": 1,
        "carried": True,
        "expected": [25],
        "given": [25],
        "slip": None,
    }
    assert student["steps"]["dL/dW_2"]["given"] == [[-20, None]]
    assert student["steps"]["dL/dW_2"]["expected"] == [[-20, -40]]
    assert student["steps"]["dL/dW_2"]["points"] == 1
    assert student["steps"]["y"]["carried"] is False
    [head, row] = csv.reader(paths[1].open(newline=""))
    assert head == ["student", "variant", "y", "L", "dL/dW_2", "dL/dW_1", "W_1'", "total", "of"]
    assert row == ["é 1", "", "0.00", "1.00", "1.00", "4.00", "3.00", "9.00", "12.00"]


def test_a_spreadsheet_takes_no_student_for_a_formula(tmp_path):
    exam = exam_from()
    found = graded(exam, *write(tmp_path / "answers.json", [Typed("=1+1", "", RIGHT)], exam))
    _, table = write_marks(found.gradebook, tmp_path)
    assert table.read_text().splitlines()[1].startswith("'=1+1,")


def test_only_the_wanted_formats_are_written(tmp_path):
    exam = exam_from()
    found = graded(exam, *write(tmp_path / "answers.json", [Typed("1", "", RIGHT)], exam))
    write_marks(found.gradebook, tmp_path, ["csv"])
    assert [path.name for path in (tmp_path / "question-marks").iterdir()] == ["marks.csv"]


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        (Fraction(7, 3), "2.33", 2.33),
        (Fraction(1, 200), "0.01", 0.01),
        (Fraction(2, 3), "0.67", 0.67),
        (Fraction(0), "0.00", 0),
        (Fraction(120), "120.00", 120),
    ],
)
def test_points_have_two_decimals(value, text, number):
    assert text_of(value) == text
    assert number_of(value) == number


def test_entries_bring_together_what_is_known():
    mark = StepMark(
        "y",
        Fraction(1, 2),
        Fraction(1),
        (2,),
        [2, 0],
        [1.0, None],
        [1.0, 3.0],
        ([0.9, 2.9], [1.1, 3.1]),
        ([1, 2], [1, 2]),
    )
    [first, second] = mark.entries
    assert (first.verdict, first.own, first.right) == (Verdict.RIGHT, (0.9, 1.1), (1, 1))
    assert (second.verdict, second.given, second.expected) == (Verdict.WRONG, None, 3.0)
    assert not mark.is_full
    assert nested(range(8), (2, 2, 2)) == [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]
    assert Gradebook("x", "X", ()).columns == ()


def test_a_sheet_without_a_paper_is_doubted_where_numbers_vary():
    from derive.exam.plan import exam_of
    from derive.grading.grade import grade
    from derive.grading.submissions import Submission
    from derive.program import read_text

    text = """
architecture: [1, 1]
activations: [tanh]
loss: mse
parameters: {W_1: [[0.5]], b_1: [0.1]}
input: {x: [0.4]}
target: {t: [1]}
ask: [y]
vary: {x: [0.2, 0.4, 0.6]}
"""
    graded = grade(exam_of(read_text(text)), [Submission("7", "", {"y": "0.2913"}, "here")])
    assert [fault.path for fault in graded.refused] == ["student 7: variant"]
    assert graded.gradebook.students[0].total == graded.gradebook.students[0].of
