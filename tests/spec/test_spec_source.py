"""Files that are no problem file at all: each is refused by name and line, safely and before any harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from derive.errors import Fault, ProblemError
from derive.spec import read, read_text

Refuse = Callable[[str], tuple[Fault, ...]]

LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


def faults_of_file(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(ProblemError) as caught:
        read(path)
    return caught.value.faults


@pytest.mark.parametrize(
    ("text", "where", "path", "found", "expected"),
    [
        ("", "file.yaml", "", "the file is empty", "a problem in YAML"),
        (" \n\n", "file.yaml", "", "the file is empty", "a problem in YAML"),
        ("# nothing\n", "file.yaml:1", "", "the file holds nothing", "a mapping of keys"),
        ("- title", "file.yaml:1", "", "the file holds a list", "a mapping of keys"),
        ("hello", "file.yaml:1", "", "the file holds `hello`", "a mapping of keys"),
        (LAUGHS, "file.yaml:1", "a", "`&a`", "anchors and aliases are not read"),
        ("title: !!python/object/apply:os.system [ls]", "file.yaml:1", "title", "os.system", "tags are not read"),
        ("title: !!str x", "file.yaml:1", "title", "the tag `tag:yaml.org,2002:str`", "tags are not read"),
        ("title: a\n---\ntitle: b", "file.yaml:2", "", "a second document", "one problem in a file"),
        ("title: a\nof: L\ntitle: b", "file.yaml:3", "title", "on line 1 and on line 3", "each key once"),
        ("input:\n  x: 1\n  x: 2", "file.yaml:3", "input.x", "on line 2 and on line 3", "each key once"),
        ("input:\n  <<: {x: 1}", "file.yaml:2", "input.<<", "the merge key `<<`", "merging is not read"),
        ("[a, b]: 1", "file.yaml:1", "", "a list as a key", "a word as a key"),
        ("input: {x: " + "[" * 60 + "]" * 60 + "}", "file.yaml:1", "input.x", "more than 50 levels", "lists of lists"),
        ("input: " + "[" * 100_000, "file.yaml:1", "input", "more than 50 levels", "lists of lists"),
        ("title: a\nof: [", "file.yaml:3", "", "this is not YAML", "a problem in YAML"),
        ("title: Pen: paper", "file.yaml:1", "", "this is not YAML", "a problem in YAML"),
        ("title: a\n\tof: b", "file.yaml:2", "", "this is not YAML", "a problem in YAML"),
        ("title: a\0b", "file.yaml:1", "", "this is not YAML", "a problem in YAML"),
        ("title: \ud800", "file.yaml", "", "half of a surrogate pair", "text in Unicode"),
    ],
)
def test_what_is_not_a_problem_file(
    text: str, where: str, path: str, found: str, expected: str, refuse: Refuse
) -> None:
    fault = next(fault for fault in refuse(text) if "no network" not in fault.found)
    assert fault.where == where
    assert path in fault.path
    assert found in fault.found
    assert expected in fault.expected


def test_all_faults_of_the_text_come_at_once(refuse: Refuse) -> None:
    faults = refuse("title: !x a\ntitle: b\nof: &c d\nforward: d = 2*x\ninput: {x: 1}\n")
    assert [fault.where for fault in faults] == ["file.yaml:1", "file.yaml:2", "file.yaml:3"]


def test_ten_megabytes_are_refused_by_their_size(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(10_000_000)
    [fault] = faults_of_file(path)
    assert (fault.where, fault.found, fault.expected) == (str(path), "a file of 10.0 MB", "at most 4 MB")


def test_a_large_text_is_refused_too() -> None:
    with pytest.raises(ProblemError, match=r"a file of 5\.0 MB"):
        read_text("x" * 5_000_000)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert faults_of_file(tmp_path / "none.yaml")[0].found == "there is no such file"
    assert faults_of_file(tmp_path)[0].found == "a folder"


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: a\ntext: \xfcber\n".encode("latin-1"))
    [fault] = faults_of_file(path)
    assert (fault.where, fault.found) == (f"{path}:2", "a byte that is not UTF-8 (0xfc)")


def test_a_file_with_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: T\r\nforward: |\r\n  y = 2*x\r\n  z = y\r\ninput: {x: 1}\r\n")
    problem = read(path)
    assert (problem.name, problem.title, problem.source) == ("windows", "T", path)
    assert [(equation.text, equation.line) for equation in problem.equations] == [("y = 2*x", 3), ("z = y", 4)]


def test_a_problem_in_json() -> None:
    problem = read_text('{\n"forward": "y = 2*x\\nz = y**2",\n"input": {"x": [0.10, -2]}\n}')
    assert [(equation.text, equation.line) for equation in problem.equations] == [("y = 2*x", 2), ("z = y**2", 2)]
    assert problem.given("x").line == 3


def test_words_of_yaml_1_1_stay_words() -> None:
    problem = read_text("title: no\ntext: on\nforward: y = 2*x\ninput: {x: 1}")
    assert (problem.title, problem.text) == ("no", "on")


def test_a_character_that_yaml_refuses_is_told_with_its_line() -> None:
    with pytest.raises(ProblemError) as caught:
        read_text("forward: |\n  f = w**2\ntitle: a\x07b\nparameters: {w: 1}\n", "file.yaml")
    [fault] = caught.value.faults
    assert fault.where == "file.yaml:3"
    assert "control characters" in fault.found
