"""Bad input: each a message that names the student and the answer, and the others are marked."""

import json
from pathlib import Path

import pytest

from derive.errors import DeriveError, Fault
from derive.grading.submissions import LARGEST, read_submissions
from tests.grading.sheets import RIGHT, Typed, exam_from, graded, notebook, papers_of, points, write
from tests.variants.exams import TANH

LAX = "require: {difficulty: any, rounding: any, different: any}\n"
GOOD = Typed("good", "", RIGHT)


def refused(place: Path, content: object, name: str = "bad.json") -> tuple[dict[str, dict[str, str]], list[Fault]]:
    """The points of a good sheet and of what is usable in a bad file, and what was told."""
    exam = exam_from()
    bad = place / name
    bad.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    found = graded(exam, bad, *write(place / "good.json", [GOOD], exam))
    lost = points(found)
    assert lost.pop("good") == {}
    return lost, list(found.refused)


def sheet(**answers: object) -> dict[str, object]:
    return Typed("anna", "", RIGHT | answers).data


@pytest.mark.parametrize(
    ("name", "value", "found", "expected"),
    [
        ("dL/dz", "x", "`x`", "2 numbers"),
        ("y", ["five"], "the text 'five'", "a number such as"),
        ("y", [1, 2], "2 numbers", "1 number"),
        ("y", ["1/0"], "division by zero", "a number such as"),
        ("y", [True], "True", "a number such as"),
        ("y", [1e301], "1e+301", "a finite number"),
        ("y", [10**60], "1" + "0" * 38, "a number such as"),
        ("y", ["nan"], "nan", "a finite number"),
        ("y", [{"value": 1}], "value", "a number such as"),
        ("dL/dW_1", [[1, 2, 3], [4, 5, 6]], "2 rows of 3 numbers", "2 rows of 2 numbers"),
        ("dL/dW_1", [[1, 2], [3]], "1 number", "rows of equal length"),
        ("dL/dW_1", "[[1, 2], [3, 4]", "cannot be read", "a list such as"),
        ("dL/dW_1", [[[[[[[[1]]]]]]]], "lists in lists", "a list of rows"),
        ("dL/dz", "0,5", "`0,5`", "2 numbers"),
    ],
)
def test_an_answer_that_cannot_be_read(tmp_path, name, value, found, expected):
    lost, [fault] = refused(tmp_path, [sheet(**{name: value})])
    assert list(lost["anna"]) == [name], "it costs itself"
    assert fault.path.startswith(f"student anna: {name}")
    assert found in fault.found
    assert expected in fault.expected
    assert fault.where == str(tmp_path / "bad.json")


def test_an_entry_that_cannot_be_read_is_named(tmp_path):
    lost, [fault] = refused(tmp_path, [sheet(**{"dL/dW_1": [[-24, "-12"], ["48 or so", 24]]})])
    assert fault.path == "student anna: dL/dW_1[2,1]"
    assert lost == {"anna": {"dL/dW_1": "3/4 of 1"}}


@pytest.mark.parametrize(
    ("name", "found", "hint"),
    [
        ("dL/dW1", "not asked for", "dL/dW_1"),
        ("x", "not asked for", "asked are"),
        ("dL/dW_1[3,1]", "the entry [3,1]", ""),
        ("dL/dW_1[0,1]", "the entry [0,1]", ""),
        ("dL/dW_1[1]", "the entry [1]", ""),
        ("W_9[1,1]", "not asked for", ""),
        ("2: y", "another problem", ""),
        ("other: y", "another problem", ""),
        ("dL/dW_1[1,1]", "already", ""),
        ("\x1b[31m", "not asked for", ""),
        ("a" * 5000, "not asked for", ""),
        ("__import__('os')", "not asked for", ""),
    ],
)
def test_a_name_that_nobody_asked_for(tmp_path, name, found, hint):
    lost, [fault] = refused(tmp_path, [sheet(**{name: 1})])
    assert lost == {"anna": {}}
    assert "student anna: " in fault.path
    assert "\x1b" not in str(fault)
    assert len(str(fault)) < 1000
    assert found in fault.found
    assert hint in fault.hint


def test_an_answer_that_stands_there_twice(tmp_path):
    lost, [fault] = refused(tmp_path, [sheet(**{"∂L/∂y": 7})])
    assert "already" in fault.found
    assert lost == {"anna": {}}


def test_many_faults_of_one_sheet_do_not_bury_the_others(tmp_path):
    _, faults = refused(tmp_path, [sheet(**{f"w_{number}": 1 for number in range(1000)})])
    assert len(faults) < 20


@pytest.mark.parametrize(
    "content",
    [
        [{"student": "anna"}],
        [{"student": "anna", "answers": [1, 2]}],
        [{"student": "anna", "answers": None}],
        [{"student": "anna", "answers": {}, "variant": ["1"]}],
        {"anna": 5},
        {"anna": {"y": 5}},
    ],
)
def test_a_sheet_without_answers(tmp_path, content):
    lost, faults = refused(tmp_path, content)
    assert lost == {}
    assert all("anna" in fault.path for fault in faults if "number" not in fault.found) and faults


@pytest.mark.parametrize("student", [None, "", " ", True, ["1"], {"id": 1}, "x" * 300, "a\nb", "\x1b[31mred"])
def test_a_sheet_of_nobody(tmp_path, student):
    lost, [fault] = refused(tmp_path, [{"student": student, "answers": RIGHT}])
    assert lost == {}
    assert "\x1b" not in str(fault)
    assert "[1]" in fault.path


def test_students_are_texts_or_numbers(tmp_path):
    lost, faults = refused(tmp_path, [{"student": 1001, "answers": RIGHT}])
    assert (lost, faults) == ({"1001": {}}, [])


@pytest.mark.parametrize(
    "content",
    [
        [sheet(), sheet(y=[7])],
        b'{"anna": {"answers": %s}, "anna": {"answers": {}}}' % json.dumps(RIGHT).encode(),
    ],
)
def test_of_two_sheets_the_first_one_counts(tmp_path, content):
    lost, [fault] = refused(tmp_path, content)
    assert lost == {"anna": {}}
    assert fault.path == "student anna"
    assert "second sheet" in fault.found


def test_of_two_sheets_in_two_files_the_first_one_counts(tmp_path):
    exam = exam_from()
    one, two = (tmp_path / name for name in ("one.csv", "two.yaml"))
    found = graded(exam, *write(one, [GOOD], exam), *write(two, [Typed("good", "", {"y": 1})], exam))
    assert points(found) == {"good": {}}
    [fault] = found.refused
    assert str(one) in fault.found
    assert fault.where.startswith(str(two))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bad.json", b"[{"),
        ("bad.json", b"\xff\xfe"),
        ("bad.json", b"[" * 100_000),
        ("bad.json", b'"text"'),
        ("bad.json", b""),
        ("bad.yaml", b"a: [1"),
        ("bad.yaml", b"[" * 1000 + b"]" * 1000),
        ("bad.yaml", b"!!python/object/apply:os.system ['true']"),
        ("bad.yaml", b"- &a [1]\n- *a"),
        ("bad.yaml", b""),
        ("bad.csv", b"y,a\n1,2\n"),
        ("bad.csv", b""),
        ("bad.csv", b'student,y\n1,"2\n'),
        ("bad.csv", b"student,y\n1,\xff\n"),
        ("bad.ipynb", b"no notebook"),
        ("bad.ipynb", b"[]"),
        ("bad.ipynb", b'{"cells": 5}'),
        ("bad.ipynb", b'{"cells": [5, {}, {"cell_type": "code", "metadata": []}]}'),
        ("bad.xlsx", b"PK"),
        ("bad", b""),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, name, content):
    lost, faults = refused(tmp_path, content, name)
    assert lost == {}
    assert faults
    assert all(fault.where.startswith(str(tmp_path / name)) for fault in faults)


def test_a_file_that_is_too_large_or_not_there(tmp_path):
    exam = exam_from()
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (LARGEST + 1))
    (tmp_path / "folder.csv").mkdir()
    missing = [large, tmp_path / "missing.csv", tmp_path / "folder.csv"]
    found = graded(exam, *missing, *write(tmp_path / "good.json", [GOOD], exam))
    assert points(found) == {"good": {}}
    assert [fault.where for fault in found.refused] == [str(path) for path in missing]
    assert "10 MB" in found.refused[0].found


def test_a_row_with_a_decimal_comma_that_is_a_cell_too_many(tmp_path):
    lost, [fault] = refused(tmp_path, b"student,y,L\nanna,-5,0,36,0\n", "bad.csv")
    assert lost == {}
    assert (fault.path, fault.where) == ("student anna", f"{tmp_path / 'bad.csv'}:2")
    assert "quotation marks" in fault.hint


def test_two_columns_of_one_name(tmp_path):
    lost, [fault] = refused(tmp_path, b"student,y,y\nanna,-5,7\n", "bad.csv")
    assert "y" not in lost["anna"]
    assert "two columns `y`" in fault.found


@pytest.mark.parametrize("variant", ["7-017-AAAA", "7", "x", "7-017", "0", "1-999999999-AAAA", "é" * 300, "\x1b[31m"])
def test_a_wrong_id(tmp_path, variant):
    lost, [fault] = refused(tmp_path, [{"student": "anna", "variant": variant, "answers": RIGHT}])
    assert lost == {}
    assert fault.path == "student anna: variant"
    assert "id" in fault.expected
    assert "\x1b" not in str(fault)


def test_the_id_of_another_problem(tmp_path):
    exam = exam_from(TANH)
    [here] = papers_of(exam, 1, 3)
    [other] = papers_of(exam_from(TANH.replace("0.7, -0.8", "0.7, 0.8")), 1, 3)
    sheets = [Typed("anna", other["id"], {}), Typed("bert", here["id"], here["printed"])]
    found = graded(exam, *write(tmp_path / "answers.json", sheets, exam))
    assert points(found) == {"bert": {}}
    [fault] = found.refused
    assert fault.path == "student anna: variant"
    assert other["id"] in fault.found


def test_an_id_of_papers_that_cannot_be_made(tmp_path):
    """A number that has a right check but no paper refuses its own student only."""
    from derive.variants.identity import make_id

    exam = exam_from(TANH + "vary: {x: [[0.3, 0.4], [0.4, 0.3], [-0.3, 0.4]]}\n" + LAX, "few")
    [paper] = papers_of(exam, 1, 3)
    sheets = [
        Typed("anna", str(make_id(exam.digest, 3, 90)), {}),
        Typed("eve", str(make_id(exam.digest, 3, 900_000)), {}),
        Typed("bert", paper["id"], paper["printed"]),
    ]
    found = graded(exam, *write(tmp_path / "answers.json", sheets, exam))
    assert points(found) == {"bert": {}}
    assert sorted(fault.path for fault in found.refused) == ["student anna: variant", "student eve: variant"]


def test_a_notebook_of_another_problem(tmp_path):
    """Its cells are told; nothing of it counts."""
    exam = exam_from()
    (tmp_path / "bad.ipynb").write_text(json.dumps(notebook(Typed("anna", "", RIGHT), exam, problem="0" * 64)))
    found = graded(exam, tmp_path / "bad.ipynb", *write(tmp_path / "good.json", [GOOD], exam))
    assert points(found)["good"] == {}
    assert "anna" not in points(found)
    [fault] = found.refused
    assert fault.path == "student anna"
    assert "another problem" in fault.found
    empty = notebook(Typed("anna", "", dict.fromkeys(RIGHT)), exam, problem="0" * 64)
    (tmp_path / "bad.ipynb").write_text(json.dumps(empty))
    with pytest.raises(DeriveError, match="another problem"):
        graded(exam, tmp_path / "bad.ipynb")


def test_a_notebook_of_two_variants(tmp_path):
    exam = exam_from()
    data = notebook(Typed("anna", "", RIGHT), exam)
    data["cells"][3]["metadata"]["derive"]["variant"] = "7-001-AAAA"
    (tmp_path / "bad.ipynb").write_text(json.dumps(data))
    sheets, [fault] = read_submissions([tmp_path / "bad.ipynb"])
    assert sheets == []
    assert "7-001-AAAA" in fault.found


def test_nothing_usable_is_an_error(tmp_path):
    path = tmp_path / "answers.json"
    path.write_text(json.dumps([{"student": "anna", "variant": "7-017-AAAA", "answers": {}}]))
    with pytest.raises(DeriveError, match="anna"):
        graded(exam_from(), path)


def test_formulas_with_calls_are_texts(tmp_path):
    """No answer is evaluated: an attribute or a call is a text like any other."""
    for text in ("().__class__", "open('x')", "W_1 @ x", "1 if True else 2", "9**9**9"):
        lost, [fault] = refused(tmp_path, [sheet(y=[text])])
        assert list(lost["anna"]) == ["y"]
        assert fault.path == "student anna: y[1]"
