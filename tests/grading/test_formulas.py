"""Formulas as answers: right in every form and layout, wrong ones named, nothing evaluated as code."""

from __future__ import annotations

import pytest

from derive.grading.formulas import FormulaError, FormulaMarker
from derive.program import read
from derive.resources import folder
from derive.variants.setting import own_setting

PEN_AND_PAPER = folder("problems") / "pen-and-paper.yaml"


@pytest.fixture(scope="module")
def marker():
    return FormulaMarker(own_setting(read(PEN_AND_PAPER)))


@pytest.mark.parametrize(
    "text",
    [
        "dL/dW_2 = dL/dy @ z.T",
        "dL/dW_2 = 2*(y - t) @ z.T",
        "dL/dW_2 = -2*(t - y) * z",
        "dL/dy = 2*y - 2*t",
        "dL/dz = W_2.T @ dL/dy",
        "dL/dz = dL/dy @ W_2",
        "dL/da = dL/dz * (1 - z**2)",
        "dL/da = dL/dz * (1 - tanh(a)**2)",
        "dL/da = dL/dz * (1 - z) * (1 + z)",
        "dL/da = (1 - z**2) * dL/dz",
        "dL/dW_1 = dL/da @ x.T",
        "W_1' = W_1 - eta * dL/dW_1",
        "W_1'=W_1-eta*(dL/da @ x.T)",
        "y = W_2 @ z + b_2",
        "L = (y - t)**2",
    ],
)
def test_right_in_every_form(marker, text):
    mark = marker.mark(text)
    assert mark.is_right, mark
    assert not mark.is_transposed


@pytest.mark.parametrize("text", ["dL/dW_1 = x @ dL/da.T", "dL/dW_2 = z @ dL/dy.T", "dL/dW_1 = (dL/da @ x.T).T"])
def test_right_in_the_other_layout(marker, text):
    mark = marker.mark(text)
    assert mark.is_right
    assert mark.is_transposed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("dL/dy = y - t", "factor_two"),
        ("dL/dy = 2*(t - y)", "error_reversed"),
        ("dL/da = dL/dz", "slope_missing"),
        ("y = W_2 @ z", "bias_forgotten"),
        ("W_1' = W_1 + eta * dL/dW_1", "update_sign"),
        ("W_1' = W_1 - dL/dW_1", "learning_rate"),
    ],
)
def test_a_common_mistake_is_named(marker, text, kind):
    mark = marker.mark(text)
    assert not mark.is_right
    assert mark.slip is not None
    assert mark.slip.kind == kind


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dL/dW_2 = dL/dW_2", "explained by itself"),
        ("dL/dW_2 = W_1'", "only known after"),
        ("dL/dW_1 = dL/da", "2 x 1"),
        ("dL/dz = W_1 @ z", "do not fit"),
        ("dL/dy = 3*(y - t)", "other values"),
        ("dL/dy = 1/0 * y", "divides by 0"),
        ("dL/dy = 0**(-1) * y", "divides by 0"),
        ("dL/dy = y", "other values"),
    ],
)
def test_what_is_wrong_is_said_in_words(marker, text, words):
    mark = marker.mark(text)
    assert not mark.is_right
    assert words in mark.message or (mark.slip is not None and words == "other values"), mark


@pytest.mark.parametrize(
    "text",
    [
        "dL/dy = __import__('os').system('true')",
        "dL/dy = y.__class__",
        "dL/dy = (lambda: y)()",
        "dL/dy = [y for y in t]",
        "dL/dy = foo(y)",
        "dL/dy = q + 1",
        "dL/dy = " + "(" * 200,
        "dL/dy = 9**9**9",
        "dL/dy = " + "y+" * 400 + "y",
        "x = y",
        "nothing",
        "dL/dy =",
        "dL/dy = y; y",
    ],
)
def test_what_is_no_formula_is_refused(marker, text):
    with pytest.raises(FormulaError) as raised:
        marker.mark(text, where="student 7")
    assert all(fault.where == "student 7" for fault in raised.value.faults)


def test_formulas_among_numbers_are_marked():
    from derive.exam.plan import exam_of
    from derive.grading.grade import grade
    from derive.grading.submissions import Submission

    exam = exam_of(read(PEN_AND_PAPER))
    answers = {
        "y": "W_2 @ z + b_2",
        "dL/dy": "y - t",
        "dL/dW_2": "dL/dW_2 = dL/dy @ z.T",
        "dL/dz": "q @ W_2",
        "L": "(1/0) * (y - t)",
        "z": "tanh(a) * softmax(b_2, axis=0)",
        "dL/da": "(1 - z**2) * dL/dz",
        "a": "[0.3, 0.24]",
    }
    graded = grade(exam, [Submission("7", "", answers, "here")])
    [student] = graded.gradebook.students
    steps = {step.name: step for step in student.steps}
    assert steps["y"].points == steps["y"].of
    assert steps["dL/dW_2"].points == steps["dL/dW_2"].of
    assert steps["dL/dy"].points == 0
    assert steps["dL/dy"].slip.kind == "factor_two"
    assert steps["dL/dz"].is_missing
    assert steps["dL/da"].points == steps["dL/da"].of
    assert steps["z"].points == steps["z"].of  # the softmax of one number is 1
    assert steps["L"].points == 0
    assert "divides by 0" in steps["L"].remark
    assert [fault.path for fault in graded.refused] == ["student 7: dL/dz"]
    assert steps["y"].formula == "W_2 @ z + b_2"


@pytest.mark.parametrize(
    "text", ["0.5", "-1e-3", "1/3", "[0.5, 1]", "np.array([1, 2])", "n/a", "", "50%", "?", "-inf", "abc", "(0.1, abc)"]
)
def test_numbers_and_notes_are_no_formulas(text):
    from derive.grading.fields import is_formula

    assert not is_formula(text)


@pytest.mark.parametrize(
    "text",
    [
        "dL/dy @ z.T",
        "2*(y - t)",
        "-(t - y)",
        "W_2.T",
        "tanh(a)",
        "dL/dz - x",
        "y = W_2 @ z",
        "(1 - z**2) * x",
        "((y - t)) * 2",
    ],
)
def test_expressions_are_formulas(text):
    from derive.grading.fields import is_formula

    assert is_formula(text)
