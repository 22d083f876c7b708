"""Numbers and lists as students type them."""

import math

import numpy as np
import pytest

from derive.grading.submissions import read_submissions
from derive.grading.values import FlawedNumber, read_array, read_cell, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+0.5", 0.5),
        ("5.", 5),
        ("007", 7),
        ("0,5", 0.5),
        ("-,25", -0.25),
        ("1e-3", 1e-3),
        ("2,5E2", 250),
        ("1/3", 1 / 3),
        ("-1 / 4", -0.25),
        ("50%", 0.5),
        ("12,5 %", 0.125),
        ("\u22122", -2),
        ("\u2013 0,5", -0.5),
        ("- 0.5", -0.5),
        ("\u00a00.5 ", 0.5),
    ],
)
def test_numbers_as_they_are_typed(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "  ", "\u00a0", "null", "None"])
def test_nothing_is_no_answer(text):
    assert math.isnan(read_number(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "nan",
            "inf",
            "-Infinity",
            "1e400",
            "9" * 41,
            "1/0",
            "1/0,0",
            "1,234.5",
            "1.234.567",
            "1 000",
            "2*3",
            "1e",
            "x",
        ),
        *(
            "0x10",
            "1_000",
            "\u0663",
            "\u00bd",
            "1//2",
            "50%%",
            "--1",
            "__import__('os')",
            "1+1",
            "[1]",
            "0.5.",
            "1e5/0",
        ),
    ],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(FlawedNumber) as told:
        read_number(text)
    assert told.value.flaw.found
    assert "number" in told.value.flaw.expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2]", ["1", "2"]),
        ("[[1,2],[3,4]]", [["1", "2"], ["3", "4"]]),
        ("(0,5; 1,5)", ["0,5", "1,5"]),
        ("[1, , 2]", ["1", None, "2"]),
        ("[ ]", []),
        (" 0,5 ", "0,5"),
        ("", None),
    ],
)
def test_cells(text, value):
    assert read_cell(text) == value


@pytest.mark.parametrize(
    "text", ["[1, 2", "[1]]", "[1][2]", "[1] 2", "2 [1]", "[" * 50 + "]" * 50, "[1 [2]]", "[1]; [2]"]
)
def test_cells_that_cannot_be_read(text):
    with pytest.raises(FlawedNumber):
        value = read_cell(text)
        array, flaws = read_array(value, (1,))
        assert np.isnan(array).all()
        raise FlawedNumber(flaws[0])


@pytest.mark.parametrize(
    ("raw", "shape"),
    [([1, 2], (2,)), ([[1, 2]], (2,)), ([[1], [2]], (1, 2)), ([1, 2], (2, 1)), ([[1, 2]], (2, 1)), ("[1, 2]", (2, 1))],
)
def test_a_row_is_as_good_as_a_column(raw, shape):
    array, flaws = read_array(raw, shape)
    assert flaws == []
    assert array.shape == shape
    assert array.reshape(-1).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("raw", "shape", "found", "hint"),
    [
        ([[1, 2, 3], [4, 5, 6]], (3, 2), "2 rows of 3 numbers", "transposed"),
        ([0, 5, 1, 5], (2,), "4 numbers", "0,5; 1,5"),
        ([1, 2, 3, 4], (2, 2), "4 numbers", ""),
        (1, (2,), "a single number", ""),
        ([], (2,), "0 numbers", ""),
        ([[1, 2], [3]], (2, 2), "part 2", ""),
        ([[1, 2], 3], (2, 2), "part 2", ""),
        ([[[[[[[1]]]]]]], (), "lists in lists", ""),
        ("x", (2,), "`x`", ""),
    ],
)
def test_other_shapes_are_told(raw, shape, found, hint):
    array, [flaw] = read_array(raw, shape)
    assert np.isnan(array).all()
    assert found in flaw.found
    assert hint in flaw.hint


def test_an_entry_that_is_no_number_costs_itself():
    array, [flaw] = read_array([[1, "x"], [True, "1/4"]], (2, 2))[0], read_array([[1, "x"], [2, "1/4"]], (2, 2))[1]
    assert flaw.place == "[1,2]"
    assert np.isnan(array).tolist() == [[False, True], [True, False]]


def test_a_table_without_students_stands_for_its_papers(tmp_path):
    """The table of the key, as `derive variants` writes it without a roster: each paper by its own id."""
    path = tmp_path / "answers.csv"
    path.write_text("number,id,y\n1,7-001-K7QB,0.5\n2,7-002-ABCD,0.25\n")
    [one, two], faults = read_submissions([path])
    assert not faults
    assert (one.student, one.variant, two.variant) == ("7-001-K7QB", "7-001-K7QB", "7-002-ABCD")


def test_a_list_of_students_is_no_table_of_answers(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text("id,name\n1001,Zoë\n")
    submissions, [fault] = read_submissions([path])
    assert not submissions
    assert "no column of an answer" in fault.found
