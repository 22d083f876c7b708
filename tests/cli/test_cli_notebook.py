"""`derive notebook`"""

import json
import sys

NOTEBOOK = "first/first.ipynb"


def test_an_assignment(run, place):
    done = run("notebook", "first.yaml", "--output", "course")
    assert done.code == 0
    assert "nbgrader generate_assignment first --force" in done.out
    source, release = (json.loads((place / "course" / kind / NOTEBOOK).read_text()) for kind in ("source", "release"))
    assert len(source["cells"]) == len(release["cells"])
    assert "BEGIN HIDDEN TESTS" in json.dumps(source)
    assert "BEGIN HIDDEN TESTS" not in json.dumps(release)
    quantities = [cell["metadata"].get("derive", {}).get("quantity") for cell in release["cells"]]
    assert "dL/dW_1" in quantities


def test_what_was_changed_by_hand_is_kept(run, place):
    run("notebook", "first.yaml", "--output", "course")
    file = place / "course" / "source" / NOTEBOOK
    written = file.read_bytes()
    assert run("notebook", "first.yaml", "--output", "course").code == 0
    file.write_bytes(b"changed")
    done = run("notebook", "first.yaml", "--output", "course")
    assert (done.code, file.read_bytes()) == (2, b"changed")
    assert "--force replaces them" in done.err
    assert run("notebook", "first.yaml", "--output", "course", "--force").code == 0
    assert file.read_bytes() == written


def test_a_notebook_for_each_student(run, place):
    (place / "students.csv").write_text("id,name\nada,Ada\nbob,Bob\n")
    done = run("notebook", "first.yaml", "--roster", "students.csv", "--seed", 2, "--output", "course")
    assert done.code == 0
    assert "2 notebooks to hand out" in done.out
    books = [(place / "course" / "handout" / "first" / student / "first.ipynb") for student in ("ada", "bob")]
    ids = {json.loads(book.read_text())["metadata"]["derive"]["variant"] for book in books}
    assert len(ids) == 2
    assert not (place / "course" / "release").exists()
    again = run("notebook", "first.yaml", "--variants", 2, "--seed", 3, "--output", "course", "--force")
    assert again.code == 2
    assert "notebooks of other papers" in again.err


def test_more_students_than_notebooks(run, place):
    (place / "students.csv").write_text("id\n1\n2\n3\n")
    done = run("notebook", "first.yaml", "--roster", "students.csv", "--variants", 2)
    assert done.code == 2
    assert "3 students for 2 notebooks" in done.err
    assert not (place / "output").exists()


def test_an_exam_of_several_problems(run, place):
    (place / "exam.yaml").write_text("problems: [first.yaml, first.yaml]\n")
    done = run("notebook", "exam.yaml")
    assert done.code == 2
    assert "an exam of 2 problems" in done.err


def test_without_nbformat(run, place, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    done = run("notebook", "first.yaml")
    assert done.code == 2
    assert "pip install nbformat" in done.err
    assert not (place / "output").exists()


def test_nbgrader_is_not_needed_to_write(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    assert run("notebook", "first.yaml").code == 0
