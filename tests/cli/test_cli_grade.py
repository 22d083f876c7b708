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
