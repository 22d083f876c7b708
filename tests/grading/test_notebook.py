"""Notebooks that mark themselves: what their checks say to students, held against `derive.grading.marking`."""

from __future__ import annotations

import copy
import json
import re

import nbformat
import numpy as np
import pytest

from derive.errors import DeriveError
from derive.exam.plan import Student, exam_of
from derive.grading.notebook import Writer
from derive.grading.notebook_files import course_files, notebook_text
from derive.grading.notebook_plan import assignments
from derive.grading.notebook_release import release
from derive.program import read, read_text
from derive.resources import folder
from tests.grading.notebooks import checked, marked, one_slip, own, points, run_cells, solutions, typed

PROBLEMS = ("pen-and-paper", "batch-of-two", "circuit-of-scalars", "gelu-network", "minibatch-softmax", "dead-relu")
RELU = """
title: "A trap: ### BEGIN SOLUTION and ### BEGIN HIDDEN TESTS $x$"
text: "### END SOLUTION"
forward: |
  a = W @ x
  z = relu(a)
  L = sum(z * z) / 2
parameters: {W: [[0.5, -1], [1.5, 1]]}
input: {x: [1, 0.5]}
ask: {a: 2, "dL/dW": 4, "dL/dW[1,2]": 1}
rounding: {places: 2}
"""
LARGE = f"""
forward: |
  y = W @ x
  L = sum(y)
parameters: {{W: {[[1] * 11] * 11}}}
input: {{x: {[1] * 11}}}
ask: {{"dL/dW": 1}}
"""


@pytest.fixture(scope="module")
def pen():
    return own("pen-and-paper")


def answers_of(assignment, **changed):
    """The right answers as texts, some of them changed; `dL_dW1` is the name of a variable."""
    by_variable = {variable: name for name, variable in assignment.names.items()}
    right = solutions(assignment)
    return {**right, **{by_variable[key]: f"{key} = {value}" for key, value in changed.items()}}


def markdown_of(assignment):
    cells = Writer(assignment).source()["cells"]
    return "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("name", PROBLEMS)
def test_right_answers_earn_everything_in_silence(name):
    assignment = own(name)
    notebook = Writer(assignment).source()
    nbformat.validate(nbformat.from_dict(notebook), relax_add_props=False)
    [found] = checked(assignment, [{}])
    assert set(found) == {"checks", *assignment.asked}
    assert {(one["value"], one["said"], one["failed"]) for one in found.values()} == {(None, "", "")}


@pytest.mark.parametrize("name", ["pen-and-paper", "circuit-of-scalars", "dead-relu", "logistic-regression"])
def test_marks_are_those_of_marking(name):
    assignment = own(name)
    seeds = range(12)
    students = [one_slip(assignment, seed) for seed in seeds]
    expected = marked(assignment, students)
    found = checked(assignment, [typed(assignment, student) for student in students])
    for seed, one, right in zip(seeds, found, expected, strict=True):
        assert points(assignment, one) == pytest.approx(right), f"seed {seed}"
    totals = [sum(one.values()) for one in expected]
    assert min(totals) < sum(map(float, assignment.points.values())) == max(totals)


def test_a_slip_costs_its_own_step_only(pen):
    z = [0.5, 0.24]
    y = 0.7 * 0.5 - 0.8 * 0.24 + 0.3
    slip = answers_of(pen, z=z, y=[round(y, 2)], L=[round((round(y, 2) - 0.5) ** 2, 2)])
    [found] = checked(pen, [slip])
    assert points(pen, found)["z"] == 0.5
    assert points(pen, found)["y"] == points(pen, found)["L"] == 1


def test_a_wrong_formula_in_the_hidden_tests_shows(pen):
    """The comparison with `marking` would see a check that computes something else."""
    source = Writer(pen).source()
    checks = next(cell for cell in source["cells"] if "def step_3(" in cell["source"])
    assert "return W2 @ z + b2" in checks["source"]
    checks["source"] = checks["source"].replace("return W2 @ z + b2", "return W2 @ z - b2")
    slip = answers_of(pen, z=[0.5, 0.24], y=[0.46])
    [found] = run_cells(source["cells"], [slip])
    assert found["check-y"]["failed"].startswith("AssertionError")


SAID = {
    "shape": ("a", "[[0.30, 0.24]]", "`a` should be a list of 2 numbers."),
    "number": ("a", "0.3", "`a` should be a list of 2 numbers."),
    "row": ("dL_dW2", "[-0.11, -0.09]", "`dL_dW2` should be a list of 1 row, each a list of 2 numbers."),
    "text": ("a", "['0.30', '0.24']", "`a` holds no number yet."),
    "placeholder": ("a", "[None, None]", "`a` holds no number yet."),
    "nan": ("a", "[float('nan'), float('inf')]", "`a` holds no number yet."),
    "truth": ("a", "[True, False]", "`a` holds no number yet."),
    "complex": ("a", "[1j, 1j]", "`a` holds no number yet."),
    "wrong": ("a", "[0.5, 0.6]", "Entries 1 and 2 of `a` do not follow from your earlier answers."),
    "one number": ("L", "[0.7]", "`L` does not follow from your earlier answers."),
    "huge": ("a", "[10**400, 1e308]", "Entry 2 of `a` does not follow from your earlier answers."),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_wrong_is_said_in_words(pen, case):
    variable, answer, said = SAID[case]
    [found] = checked(pen, [answers_of(pen, **{variable: answer})])
    name = next(name for name in pen.asked if pen.names[name] == variable)
    assert said in found[name]["failed"]
    assert points(pen, found)[name] == 0
    others = [points(pen, found)[other] for other in pen.asked if other != name]
    assert sum(others) >= len(others) - 4, "what does not use it is not touched"


def test_a_part_of_an_answer_earns_its_part(pen):
    [found] = checked(pen, [answers_of(pen, dL_dW1="[[-0.07, None, 0.02], [0.09, 0.7, -0.03]]")])
    assert found["dL/dW_1"]["value"] == pytest.approx(4 / 6)
    assert "no number at place 2" in found["dL/dW_1"]["said"]
    assert "Entry 5 of `dL_dW1` does not follow" in found["dL/dW_1"]["said"]


def test_no_message_holds_a_right_number(pen):
    wrong = typed(pen, {name: np.full(pen.shape(name), 9.87 + place) for place, name in enumerate(pen.asked)})
    [found] = checked(pen, [wrong])
    said = " ".join(one["failed"] + one["said"] for one in found.values())
    assert not re.search(r"\d\.\d", said)
    assert sum(points(pen, found).values()) == 0


def test_what_is_missing_is_replaced_by_what_follows_from_the_answers_before_it(pen):
    without = {name: text for name, text in solutions(pen).items() if name not in ("a", "dL/dy")}
    gone = {"a": "raise NotImplementedError()", "dL/dy": "undefined + 1"}
    [found] = checked(pen, [without | gone])
    lost = {name for name, got in points(pen, found).items() if not got}
    assert lost == {"a", "dL/dy"}
    y = float(0.7 * np.tanh(0.5) - 0.8 * np.tanh(0.64) + 0.3)
    slip = answers_of(pen, a=[0.5, 0.64], y=[round(y, 2)], L=[round((round(y, 2) - 0.5) ** 2, 2)])
    [found] = checked(pen, [slip | {"z": "raise NotImplementedError()"}])
    assert [points(pen, found)[name] for name in ("a", "z", "y", "L")] == [0, 0, 1, 1]


def test_zeros_bring_nothing(pen):
    zeros = {name: np.zeros(pen.shape(name)) for name in pen.asked if name.startswith("d")}
    given = pen.papers[0].given
    updates = {name: given[name.rstrip("'")] for name in pen.asked if name.rstrip("'") in given}
    [found] = checked(pen, [solutions(pen) | typed(pen, zeros | updates)])
    got = points(pen, found)
    assert all(got[name] == 0 for name in [*zeros, *updates])
    assert "make the rest easy" in found["dL/dz"]["failed"]


def test_names_that_students_choose_do_no_harm(pen):
    first = pen.asked[0]
    taken = "np = list = len = sum = max = print = str = abs = range = enumerate = isinstance = tuple = None\n"
    [found] = checked(pen, [{**solutions(pen), first: taken + solutions(pen)[first]}])
    assert sum(points(pen, found).values()) == len(pen.asked)


def test_an_answer_counts_as_it_was_when_it_was_checked(pen):
    later = solutions(pen)["L"] + "\nz = 'scratch'\ny = [7]"
    [found] = checked(pen, [{**solutions(pen), "L": later}])
    assert sum(points(pen, found).values()) == len(pen.asked)


def test_arrays_and_tuples_are_answers(pen):
    [found] = checked(pen, [answers_of(pen, a="__import__('numpy').array([0.3, 0.24])", z="(0.29, 0.24)")])
    assert sum(points(pen, found).values()) == len(pen.asked)


# ------------------------------------------------------------------------------------------------ the notebook


def test_a_release_gives_nothing_away(pen):
    source = Writer(pen).source()
    before = copy.deepcopy(source)
    text = notebook_text(release(source))
    assert source == before
    for hidden in ("HIDDEN", "SOLUTION", "derive_checks", "step_1", "ACCEPTED", "0.29", "-0.37"):
        assert hidden not in text
    cells = {c["metadata"].get("nbgrader", {}).get("grade_id"): c for c in json.loads(text)["cells"]}
    assert "".join(cells["answer-dL_dW1"]["source"]) == (
        "dL_dW1 = [[None, None, None], [None, None, None]]\n# YOUR CODE HERE\nraise NotImplementedError()"
    )
    [found] = run_cells(release(source)["cells"], [{}])
    assert {one["failed"] for key, one in found.items() if key != "checks"} == {
        f"AssertionError: `{pen.names[name]}` holds no number yet." for name in pen.asked
    }


def test_gradients_are_not_given_away(pen):
    shown = markdown_of(pen)
    assert r"$a = W_{1}\,x + b_{1}$" in shown
    assert r"\frac{\partial L}{\partial y}\,\frac{\partial y}{\partial W_{2}}$" in shown
    assert r"2\,(y - t)" not in shown
    assert r"z^{\top}" not in shown


def test_text_of_an_author_is_text_and_nothing_else():
    assignment = own(RELU)
    assert assignment.names["dL/dW[1,2]"] == "dL_dW_entry_1_2"
    statement = Writer(assignment).source()["cells"][0]["source"]
    for mark in ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "$x$"):
        assert mark not in statement.replace(r"\$", "")
    [found] = checked(assignment, [{}])
    assert points(assignment, found) == {"a": 2, "dL/dW": 4, "dL/dW[1,2]": 1}


def test_mathematics_needs_no_package():
    for name in PROBLEMS:
        shown = "\n".join(
            cell["source"] for cell in Writer(own(name)).source()["cells"] if cell["cell_type"] == "markdown"
        )
        assert not re.search(r"bmatrix\*|\\dims|\\slot|room|framebox", shown)


def test_problems_that_make_no_notebook():
    with pytest.raises(DeriveError, match="without numbers"):
        own("mlp-squared-error")
    with pytest.raises(DeriveError, match="nothing with numbers to type"):
        own("numpy-layers")
    with pytest.raises(DeriveError, match="121 numbers in dL/dW"):
        own(LARGE)


# ------------------------------------------------------------------------------------------------ variants


@pytest.fixture(scope="module")
def class_of_three():
    exam = exam_of(read(folder("problems") / "pen-and-paper.yaml"))
    students = (Student("ada", "Ada"), Student("b/ob"))
    [assignment] = assignments(exam, 3, 5, students, lambda *_: None)
    return assignment


def test_each_student_has_other_numbers(class_of_three):
    for place, paper in enumerate(class_of_three.papers):
        own_source = Writer(class_of_three).source(place)
        [found] = run_cells(own_source["cells"], [{}])
        assert not any(one["failed"] or one["said"] or one["value"] for one in found.values()), paper.id
    other = solutions(class_of_three, 1)
    [found] = checked(class_of_three, [other], place=0)
    assert sum(points(class_of_three, found).values()) < len(class_of_three.asked)


def test_the_numbers_of_another_student_are_refused(class_of_three, tmp_path):
    place = next(p for p, paper in enumerate(class_of_three.papers) if paper.student and paper.student.id != "ada")
    cells = Writer(class_of_three).source(place)["cells"]
    mine = tmp_path / "ada" / "pen-and-paper"
    mine.mkdir(parents=True)
    [found] = run_cells(cells, [{}], mine)
    assert found["checks"]["failed"] == "AssertionError: These are the numbers of another student."
    assert all(one["failed"] for one in found.values())
    [found] = run_cells(cells, [{}], tmp_path)
    assert not any(one["failed"] for one in found.values())
    cells[2]["source"] = "variant = '1-001-AAAA'"
    [found] = run_cells(cells, [{}])
    assert "not the id of any paper" in found["checks"]["failed"]


def test_files_of_a_course(class_of_three):
    files = course_files([class_of_three])
    handed_out = [name for name in files if name.startswith("handout/") and name.endswith(".ipynb")]
    assert len(handed_out) == 3
    assert "handout/pen-and-paper/ada/pen-and-paper.ipynb" in handed_out
    assert not any("b/ob" in name for name in files)
    listed = files["handout/pen-and-paper/students.csv"].splitlines()
    assert len(listed) == 4
    assert sum("b/ob" in line for line in listed) == 1
    ada = json.loads(files["handout/pen-and-paper/ada/pen-and-paper.ipynb"])
    assert ada["metadata"]["derive"]["student"] == "ada"
    source = json.loads(files["source/pen-and-paper/pen-and-paper.ipynb"])
    assert "student" not in source["metadata"]["derive"]


def test_symbols_get_numbers():
    exam = exam_of(read_text((folder("problems") / "l2-regularisation.yaml").read_text()))
    [assignment] = assignments(exam, 2, 1, (), lambda *_: None)
    [found] = checked(assignment, [{}], place=1)
    assert sum(points(assignment, found).values()) == sum(map(float, assignment.points.values()))
