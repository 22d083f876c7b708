"""`derive grade` as an instructor meets it."""

import csv
import json

import pytest

from tests.cli.folders import names

RIGHT = {"a": [0.3, 0.24], "z": [0.29, 0.24], "y": 0.31, "L": 0.04, "dL/dy": -0.38}


@pytest.fixture
def answers(place):
    sheets = [
        {"student": "1001", "answers": RIGHT},
        {"student": "1002", "answers": RIGHT | {"y": 0.41, "L": 0.01, "dL/dy": "-0,18"}},
    ]
    (place / "answers.json").write_text(json.dumps(sheets))
    return sheets


def test_marks_are_shown_and_written(run, place, answers):
    outcome = run("grade", "first.yaml", "answers.json")
    assert (outcome.code, outcome.err) == (0, "")
    assert names(place / "output" / "first-marks") == ["marks.csv", "marks.json"]
    lines = [line.split() for line in outcome.out.splitlines()]
    assert ["student", "variant", "points", "of", "carried", "wrong", "missing"] in lines
    [right] = [line for line in lines if line[:1] == ["1001"]]
    [slip] = [line for line in lines if line[:1] == ["1002"]]
    assert float(right[1]) == float(slip[1]) + 1
    assert slip[3:5] == ["2", "1"]
    assert "2 students" in outcome.out
    data = json.loads((place / "output" / "first-marks" / "marks.json").read_text())
    assert data["1002"]["steps"]["L"]["carried"]
    rows = list(csv.reader((place / "output" / "first-marks" / "marks.csv").open()))
    assert [row[0] for row in rows] == ["student", "1001", "1002"]


def test_machine_readable(run, place, answers):
    outcome = run("grade", "first.yaml", "answers.json", "--json", "--output", "elsewhere", "--format", "csv")
    assert outcome.code == 0
    assert set(outcome.data) == {"marks", "refused"}
    assert set(outcome.data["marks"]) == {"1001", "1002"}
    assert names(place / "elsewhere" / "first-marks") == ["marks.csv"]


def test_what_is_refused_is_told_and_the_others_are_marked(run, place, answers):
    (place / "more.csv").write_text("student,variant,y,L\n1001,,1,1\n1003,7-017-AAAA,1,1\n1004,,nought,0.04\n")
    outcome = run("grade", "first.yaml", "more.csv", "answers.json", "missing.csv")
    assert outcome.code == 1
    assert "more.csv:3: student 1003: variant" in outcome.err
    assert "more.csv:4: student 1004: y" in outcome.err
    assert "answers.json: student 1001: a second sheet" in outcome.err
    assert "missing.csv: No such file" in outcome.err
    data = json.loads((place / "output" / "first-marks" / "marks.json").read_text())
    assert set(data) == {"1001", "1002", "1004"}
    assert data["1004"]["total"] == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "student,y\n", "name: x", '[{"student": "1", "variant": "x", "answers": {}}]']
)
def test_nothing_to_mark(run, place, text):
    for suffix in ("json", "csv"):
        (place / f"answers.{suffix}").write_text(text)
        outcome = run("grade", "first.yaml", f"answers.{suffix}")
        assert outcome.code == 2
        assert outcome.err
        assert not (place / "output").exists()


def test_an_unknown_format(run, answers):
    outcome = run("grade", "first.yaml", "answers.json", "--format", "xlsx")
    assert outcome.code == 2
    assert "`xlsx`" in outcome.err


def test_a_problem_without_numbers(run, place):
    (place / "symbols.yaml").write_text("forward: [y = w x]\nshapes: {w: [], x: [], y: []}\n")
    (place / "answers.csv").write_text("student,y\n1,2\n")
    outcome = run("grade", "symbols.yaml", "answers.csv")
    assert outcome.code == 2


def test_very_many_students_are_not_all_shown(run, place):
    sheets = [{"student": f"s{number}", "answers": RIGHT} for number in range(100)]
    (place / "answers.json").write_text(json.dumps(sheets))
    outcome = run("grade", "first.yaml", "answers.json")
    assert "... and 60 more" in outcome.out
    assert " s99 " not in outcome.out


def test_the_notebooks_that_derive_writes_are_read(run, place):
    """With the solutions in them they are all right, as students get them nothing is answered."""
    assert run("notebook", "first.yaml", "--output", "course").code == 0
    for kind in ("source", "release"):
        [notebook] = (place / "course" / kind).rglob("*.ipynb")
        notebook.rename(place / f"{kind}.ipynb")
    outcome = run("grade", "first.yaml", "source.ipynb", "release.ipynb", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    marks = outcome.data["marks"]
    assert marks["source"]["total"] == marks["source"]["of"] > 10
    assert marks["release"]["total"] == 0
    assert all(step["given"] != step["expected"] for step in marks["release"]["steps"].values())


def test_the_notebooks_of_students_say_whose_and_which_they_are(run, place):
    (place / "students.csv").write_text("id\n1001\n1002\n")
    outcome = run("notebook", "first.yaml", "--roster", "students.csv", "--seed", "3", "--output", "course")
    assert outcome.code == 0
    notebooks = sorted((place / "course" / "handout").rglob("*.ipynb"))
    assert len(notebooks) == 2
    outcome = run("grade", "first.yaml", *notebooks, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    marks = outcome.data["marks"]
    assert set(marks) == {"1001", "1002"}
    assert all(student["variant"].startswith("3-00") for student in marks.values())
