"""Answers as they come in: every format says the same, and numbers may be typed in many ways."""

import json
import math
import random
import re
from pathlib import Path

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.grading.submissions import read_submissions
from derive.grading.values import FlawedNumber, read_array, read_cell, read_number
from derive.grading.writing import marks_data
from tests.grading.sheets import RIGHT, Typed, exam_from, graded, notebook, papers_of, points, write
from tests.variants.exams import TANH

FORMATS = ("answers.json", "answers.yaml", "answers.cells.csv", "answers.entries.csv", "answers.ipynb")
DOCUMENT = (Path(__file__).parents[2] / "docs" / "grading.md").read_text()


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


# ------------------------------------------------------------------------------------------------ formats


def typed_like_students(seed: int) -> list[Typed]:
    """A class whose answers are right, wrong, missing, and typed in many ways."""
    exam, rng = exam_from(TANH), random.Random(seed)
    sheets = []
    for number, paper in enumerate(papers_of(exam, 4, 5)):
        answers = {name: _typed(value, rng) for name, value in paper["printed"].items() if rng.random() > 0.1}
        sheets.append(Typed(f"student {number}", paper["id"] if number else "", answers))
    return sheets


def _typed(value, rng):
    if isinstance(value, list):
        return [_typed(part, rng) for part in value]
    number = float(value) + rng.choice([0, 0, 0, 1, -2]) / 100
    return rng.choice([number, number, round(number * 100) / 100, None])


@pytest.mark.parametrize("seed", range(3))
def test_every_format_gives_the_same_marks(tmp_path, seed):
    exam, sheets = exam_from(TANH), typed_like_students(seed)
    found = [graded(exam, *write(tmp_path / name, sheets, exam)) for name in FORMATS]
    assert [marks.refused for marks in found] == [()] * len(FORMATS), f"seed {seed}"
    books = [marks_data(marks.gradebook) for marks in found]
    assert len({json.dumps(book) for book in books}) == 1, f"seed {seed}"
    totals = {student["total"] for student in books[0].values()}
    assert len(totals) > 1
    assert max(totals) > 0


def test_one_file_or_many(tmp_path):
    exam, sheets = exam_from(TANH), typed_like_students(7)
    together = graded(exam, *write(tmp_path / "all.json", sheets, exam))
    parts = [write(tmp_path / name, [sheet], exam) for name, sheet in zip(FORMATS, sheets, strict=False)]
    apart = graded(exam, *(path for paths in parts for path in paths))
    assert marks_data(apart.gradebook) == marks_data(together.gradebook)


def test_right_answers_in_every_spelling(tmp_path):
    """The right answers of the problem as different students type them."""
    exam = exam_from()
    spelled = RIGHT | {"y": "−5", "L": "36,0", "b_2'": "8/2", "dL/dy": "-1200 %", "W_2'": "[7; 1,0e1]", "a": [[2], [4]]}
    spelled["∂L/∂z"] = spelled.pop("dL/dz")
    spelled["W_1′"] = spelled.pop("W_1'")
    sheets = [Typed("1", "", spelled)]
    for name in ("answers.json", "answers.yaml", "answers.cells.csv"):
        if name.endswith("csv"):  # a text in a cell has no quotes
            sheets = [Typed("1", "", {key: value for key, value in spelled.items() if not isinstance(value, str)})]
        found = graded(exam, *write(tmp_path / name, sheets, exam))
        assert found.refused == ()
        lost = set(points(found)["1"])
        assert lost == (set() if not name.endswith("csv") else {"y", "L", "b_2'", "dL/dy", "W_2'"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_as_spreadsheets_write_them(tmp_path, delimiter, encoding):
    cells = [
        ["number", "id", "Student", "name", "y", "a[1]", "a[2]", ""],
        ["1", "", "é7", "José", '"-5,0"', "2", "4", ""],
    ]
    text = "\r\n".join(delimiter.join(row) for row in cells) + "\r\n\r\n"
    (tmp_path / "answers.csv").write_bytes(text.encode(encoding))
    [sheet], faults = read_submissions([tmp_path / "answers.csv"])
    assert faults == []
    assert (sheet.student, sheet.variant) == ("é7", "")
    assert sheet.answers == {"y": "-5,0", "a[1]": "2", "a[2]": "4"}


def test_the_table_of_an_exam_is_read_as_it_is(tmp_path):
    """`answers.csv` of the papers, with the id of a student in each row: all right."""
    exam = exam_from(TANH)
    heads = [f"{name}" for name in ("number", "id", "student", "name")]
    rows = []
    for paper in papers_of(exam, 3, 2):
        cells = {
            name + (f"[{','.join(str(i + 1) for i in index)}]" if index else ""): text
            for name, texts in paper["printed"].items()
            for index, text in np.ndenumerate(np.array(texts))
        }
        rows.append([str(paper["number"]), paper["id"], f"s{paper['number']}", "Name", *cells.values()])
    lines = [heads + list(cells), *rows]
    (tmp_path / "answers.csv").write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines))
    found = graded(exam, tmp_path / "answers.csv")
    assert found.refused == ()
    assert points(found) == {"s1": {}, "s2": {}, "s3": {}}


def test_the_student_of_a_notebook(tmp_path):
    """The notebook's own word, nbgrader's folder, the name of the file."""
    exam = exam_from()
    data = notebook(Typed("", "", RIGHT), exam)
    for path, own in (("a/9.ipynb", "7"), ("submitted/8/hand-in/x.ipynb", ""), ("6.ipynb", "")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        data["metadata"] = {"derive": {"student": own}}
        (tmp_path / path).write_text(json.dumps(data))
    found = graded(exam, *(tmp_path / path for path in ("a/9.ipynb", "submitted/8/hand-in/x.ipynb", "6.ipynb")))
    assert points(found) == {"7": {}, "8": {}, "6": {}}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("answer = [1, -2]", [1, -2]),
        ("answer = np.array([[1, 2], [+3, -4]], dtype=float)", [[1, 2], [3, -4]]),
        ("answer = (1/2, -1/4)", [0.5, -0.25]),
        ("answer: float = 1e-3", 1e-3),
        ("answer = None\nraise NotImplementedError()", None),
        ("answer = 1\nanswer = 2", 2),
        ("import os\nos.remove('/')\n!rm -r .\nanswer = other = 3", 3),
        ("", None),
    ],
)
def test_what_is_read_in_a_cell(tmp_path, source, value):
    exam = exam_from()
    data = notebook(Typed("1", "", {"y": None}), exam)
    data["cells"][1]["source"] = source
    data["cells"][1]["metadata"]["derive"]["variable"] = "answer"
    (tmp_path / "1.ipynb").write_text(json.dumps(data))
    [sheet], faults = read_submissions([tmp_path / "1.ipynb"])
    assert faults == []
    assert list(sheet.answers.values()) == [value]


@pytest.mark.parametrize(
    "source",
    [
        *(
            "answer = 2 * 3",
            "answer = W @ x",
            "answer = float('nan')",
            "answer = __import__('os').getcwd()",
            "answer = np.pi",
        ),
        *("answer = [x for x in range(3)]", "answer = True", "answer = 1j", "answer = 1/0", "answer = (", "other = 3"),
        *(
            "answer = np.array([1]).tolist()",
            "answer = " + "-" * 9000 + "1",
            "answer = 10**9",
            "answer = '''" + "1" * 30000,
        ),
    ],
)
def test_what_is_not_read_in_a_cell(tmp_path, source):
    """Nothing is run: what is no number is told, with the student and the answer."""
    exam = exam_from()
    data = notebook(Typed("anna", "", RIGHT), exam)
    [cell] = [cell for cell in data["cells"] if cell["metadata"].get("derive", {}).get("quantity") == "y"]
    cell["source"] = source
    cell["metadata"]["derive"]["variable"] = "answer"
    (tmp_path / "1.ipynb").write_text(json.dumps(data))
    found = graded(exam, tmp_path / "1.ipynb")
    assert points(found) == {"anna": {"y": "0/1"}}
    [fault] = found.refused
    assert fault.path == "student anna: y"


# ------------------------------------------------------------------------------------------------ the document


def test_the_sheets_of_the_document_are_read(tmp_path):
    for language, ending in (("csv", "csv"), ("json", "json"), ("answers", "yaml")):
        [block] = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
        path = tmp_path / f"answers.{ending}"
        path.write_text(block)
        sheets, faults = read_submissions([path])
        assert faults == []
        assert sheets[0].student == "1001"
        assert sheets[0].variant == "7-017-K7QB"
        assert len(sheets[0].answers) >= 2


def test_the_numbers_of_the_document_are_read():
    rows = [line.split("|") for line in DOCUMENT.splitlines() if line.startswith("| `") and "0.5" in line]
    for cells in rows:
        for text in re.findall(r"`([^`]+)`", cells[1]):
            if "[" not in text:
                assert read_number(text) == 0.5


def test_nothing_at_all_is_an_error():
    with pytest.raises(DeriveError, match="no answers"):
        graded(exam_from())
