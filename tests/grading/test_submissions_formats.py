"""Every format says the same: tables, lists, notebooks, and those of the document."""

import json
import random
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.exam.records import Record
from derive.grading.submissions import read_submissions
from derive.grading.values import read_number
from derive.grading.writing import marks_data
from tests.grading.sheets import RIGHT, Typed, exam_from, graded, notebook, papers_of, points, write
from tests.variants.exams import TANH

FORMATS = ("answers.json", "answers.yaml", "answers.cells.csv", "answers.entries.csv", "answers.ipynb")
DOCUMENT = (Path(__file__).parents[2] / "docs" / "grading.md").read_text()


@cache
def papers() -> list[Record]:
    return papers_of(exam_from(TANH), 4, 5)


def typed_like_students(seed: int) -> list[Typed]:
    """A class whose answers are right, wrong, missing; the first one has the numbers of the problem file."""
    rng = random.Random(seed)
    sheets = []
    for number, paper in enumerate(papers()):
        answers = {name: _typed(value, rng) for name, value in paper["printed"].items() if rng.random() > 0.1}
        sheets.append(Typed(f"student-{number}", paper["id"] if number else "", answers))
    return sheets


def _typed(value, rng):
    if isinstance(value, list):
        return [_typed(part, rng) for part in value]
    number = float(value) + rng.choice([0, 0, 0, 1, -2]) / 100
    return rng.choice([number, number, round(number * 100) / 100, None])


def test_every_format_gives_the_same_marks(tmp_path):
    """Classes of several seeds, each in every format; all are marked together, and every student again."""
    exam, paths = exam_from(TANH), []
    classes = {seed: typed_like_students(seed) for seed in range(5)}
    for seed, sheets in classes.items():
        for number, name in enumerate(FORMATS):
            own = [replace(sheet, student=f"{seed} {sheet.student} {number}") for sheet in sheets]
            paths += write(tmp_path / f"{seed}-{number}-{name}", own, exam)
    found = graded(exam, *paths)
    assert found.refused == ()
    marks = marks_data(found.gradebook)
    totals = set()
    for seed, sheets in classes.items():
        for sheet in sheets:
            same = [marks[f"{seed} {sheet.student} {number}"] for number in range(len(FORMATS))]
            assert same == same[:1] * len(FORMATS), f"seed {seed}, {sheet.student}"
            totals.add(same[0]["total"])
    assert len(totals) > 5


def test_one_file_or_many(tmp_path):
    exam, sheets = exam_from(), [Typed(f"s{number}", "", dict(list(RIGHT.items())[number:])) for number in range(5)]
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
    for paper in papers()[:3]:
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
            "answer = x" + ".b" * 900,
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
    assert points(found) == {"anna": {"y": "0 of 1"}}
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


@pytest.mark.parametrize(
    ("entries", "lost"),
    [
        ({"dL/dW_2[1]": -24, "dL/dW_2[2]": -48}, {}),
        ({"dL/dW_2[1, 1]": -24, "dL/dW_2 [1,2]": "-48,0"}, {}),
        ({"dL/dW_2[1,2]": -48}, {"dL/dW_2": "1/2 of 1"}),
        ({"dL/dW_2[2]": -24, "dL/dW_2[1]": -48}, {"dL/dW_2": "0 of 1"}),
    ],
)
def test_an_answer_entry_by_entry(tmp_path, entries, lost):
    """Entries are counted from 1; one number is enough in a row or a column."""
    exam = exam_from()
    answers = {name: value for name, value in RIGHT.items() if name != "dL/dW_2"} | {"L[1]": 36} | entries
    del answers["L"]
    found = graded(exam, *write(tmp_path / "answers.json", [Typed("1", "", answers)], exam))
    assert found.refused == ()
    assert points(found) == {"1": lost}


def test_a_class_marked_in_parts_or_in_another_order_is_the_same(tmp_path, monkeypatch):
    exam, sheets = exam_from(TANH), typed_like_students(11)
    together = graded(exam, *write(tmp_path / "answers.json", sheets, exam))
    monkeypatch.setattr("derive.grading.grade.AT_ONCE", 1)
    apart = graded(exam, *write(tmp_path / "answers.json", sheets[::-1], exam))
    assert marks_data(apart.gradebook) == marks_data(together.gradebook)
    assert [marks.student for marks in apart.gradebook.students] == [sheet.student for sheet in sheets[::-1]]
    assert len({student["total"] for student in marks_data(together.gradebook).values()}) > 1


def test_an_entry_that_stands_twice_is_told_and_the_first_one_counts(tmp_path):
    exam = exam_from()
    path = tmp_path / "twice.json"
    answers = {"student": "anna", "answers": {**RIGHT, "dL/dW_1": None}}
    entries = {f"dL/dW_1[{row},{column}]": RIGHT["dL/dW_1"][row - 1][column - 1] for row in (1, 2) for column in (1, 2)}
    del answers["answers"]["dL/dW_1"]
    answers["answers"] |= {**entries, "dL/dW_1[1, 2]": 77}
    path.write_text(json.dumps([answers]))
    found = graded(exam, path)
    assert points(found) == {"anna": {}}
    assert [fault.found for fault in found.refused] == ["an answer that stands there already"]
