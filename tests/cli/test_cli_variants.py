"""`derive variants` and `derive stress`: what is written, what is said, and what is refused."""

from __future__ import annotations

import json

import pytest

from tests.exam.papers import SMALL_STEP


@pytest.fixture
def exam(place):
    (place / "small.yaml").write_text(SMALL_STEP)
    (place / "midterm.yaml").write_text("title: Midterm\nproblems: [small.yaml, {file: small.yaml, points: 7}]\n")
    (place / "students.csv").write_text("id,name\n7,Zoë\n8,Łucja\n", encoding="utf-8")
    return place


def test_numbers_of_variants(run, exam):
    done = run("variants", "small.yaml", "--count", 5, "--seed", 3, "--format", "json,csv")
    assert done.code == 0, done.err
    papers = json.loads((exam / "output/small-exam/answers.json").read_text())
    assert [paper["number"] for paper in papers] == [1, 2, 3, 4, 5]
    assert "5 variants" in done.out
    assert "rounding" in done.out
    assert done.err == ""


def test_papers_of_another_seed_are_replaced_and_that_is_told(run, exam):
    words = ("variants", "small.yaml", "--count", 2, "--format", "json,csv")
    run(*words, "--seed", 3)
    again, other = run(*words, "--seed", 3), run(*words, "--seed", 4)
    assert (again.code, again.err) == (0, "")
    assert other.code == 0
    assert "2 files of an order with other numbers were replaced" in " ".join(other.err.split())


def test_a_roster_names_the_papers(run, exam):
    done = run("variants", "small.yaml", "--roster", "students.csv", "--format", "json")
    assert done.code == 0, done.err
    papers = json.loads((exam / "output/small-exam/answers.json").read_text())
    assert {paper["student"]: paper["name"] for paper in papers} == {"7": "Zoë", "8": "Łucja"}


def test_an_exam_of_two_problems(run, exam):
    done = run("variants", "midterm.yaml", "--count", 3, "--format", "json")
    assert done.code == 0, done.err
    for paper in json.loads((exam / "output/midterm-exam/answers.json").read_text()):
        first, second = paper["problems"]
        assert first["printed"] != second["printed"]


def test_an_id_makes_its_paper_again(run, exam):
    run("variants", "small.yaml", "--count", 4, "--seed", 3, "--format", "json")
    [*_, paper] = json.loads((exam / "output/small-exam/answers.json").read_text())
    done = run("variants", "small.yaml", "--id", paper["id"], "--format", "json")
    assert done.code == 0, done.err
    other = paper["id"][:-1] + ("A" if paper["id"][-1] != "A" else "B")
    refused = run("variants", "small.yaml", "--id", other, "--format", "json")
    assert refused.code == 2
    assert "no variant" in refused.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("small.yaml", "--count", "0"), "--count"),
        (("small.yaml", "--count", "-3"), "--count"),
        (("small.yaml", "--only", "9", "--count", "3"), "from 1 to 3"),
        (("small.yaml", "--format", "docx"), "docx"),
        (("small.yaml", "--backend", "cloud"), "cloud"),
        (("small.yaml", "--roster", "nowhere.csv"), "nowhere.csv"),
        (("nowhere.yaml",), "there is no such file"),
        (("small.yaml", "--id", "17"), "7-017-K7QB"),
        (("small.yaml", "--id", "7-017-K7QB", "--only", "3"), "one of them"),
    ],
)
def test_what_cannot_be_made_is_refused(run, exam, words, expected):
    done = run("variants", *words)
    assert done.code == 2
    assert expected in done.err
    assert "Traceback" not in done.err
    assert not (exam / "output").exists()


def test_requirements_that_nothing_meets(run, exam):
    (exam / "hard.yaml").write_text(SMALL_STEP + "require: {range: {L: [50, 60]}, budget: 20000}\n")
    done = run("variants", "hard.yaml", "--count", 3, "--format", "json")
    assert done.code == 2
    assert "require.range:" in done.err
    assert "among 2,000 candidates" in done.err
    assert not (exam / "output").exists()


def test_stress(run, exam):
    done = run("stress", "small.yaml", "--count", 50)
    assert done.code == 0, done.err
    data = json.loads((exam / "output/small-stress/stress.json").read_text())
    assert data["variants"] == 50
    assert set(data["answers"]) == {"y", "dL/dW_1"}
    for shares in data["acceptance"].values():
        assert 0 <= shares["passed"] <= 1
    assert data["difficulty"]["spread"] <= 0.05
    names = {path.name for path in (exam / "output/small-stress").iterdir()}
    assert names == {"stress.json", "stress.pdf", "stress.svg"}
    assert run("stress", "small.yaml", "--count", 50, "--json").data["answers"] == data["answers"]
