"""Check files: right answers are recognised, the key cannot be read, hostile files are refused."""

from __future__ import annotations

import json

import pytest

from derive.exam.answers import own_record
from derive.grading import selfcheck
from derive.grading.selfcheck import CheckFileError, check_answers, check_file, read_check_file
from derive.program import read
from derive.resources import folder

PEN_AND_PAPER = folder("problems") / "pen-and-paper.yaml"


@pytest.fixture(scope="module")
def record():
    return own_record(read(PEN_AND_PAPER))


@pytest.fixture(scope="module")
def checks(record):
    few = {**record, "accepted": {name: record["accepted"][name] for name in ("y", "dL/dW_2")}}
    return json.loads(check_file(few, "A check", 2))


def test_every_accepted_decimal_is_right_and_its_neighbours_are_not(record, checks):
    [[low, high]] = record["accepted"]["y"]
    units = range(round(low * 100) - 2, round(high * 100) + 3)
    found = {unit: next(check_answers(checks, {"y": str(unit / 100)})).is_right for unit in units}
    assert found == {unit: round(low * 100) <= unit <= round(high * 100) for unit in units}


def test_each_entry_by_itself(record, checks):
    [[first, _]] = record["printed"]["dL/dW_2"]
    [checked] = check_answers(checks, {"dL/dW_2": f"[[{first}, 5]]"})
    assert checked.entries == (True, False)
    assert not checked.is_right


def test_answers_as_students_type_them(record, checks):
    [printed] = record["printed"]["y"]
    for text in (printed.replace(".", ","), f" {printed} ", f"[{printed}]", f"{float(printed):e}"):
        assert next(check_answers(checks, {"y": text})).is_right, text


def test_the_file_holds_no_answer(record, checks):
    text = json.dumps(checks)
    assert "printed" not in text
    assert "accepted" not in text
    for entry in checks["answers"]["dL/dW_2"]["hashes"]:
        assert len(entry) == selfcheck.LEAST_HASHES  # as many for every entry, so that their number says nothing
        assert entry == sorted(entry)


def test_two_files_of_the_same_answers_share_no_hash(record, checks):
    few = {**record, "accepted": {"y": record["accepted"]["y"]}}
    other = json.loads(check_file(few, "A check", 2))
    [one], [another] = checks["answers"]["y"]["hashes"], other["answers"]["y"]["hashes"]
    assert not set(one) & set(another)


@pytest.mark.parametrize("answers", [{"q": "1"}, {"y": "one"}, {"y": "[1, 2]"}, {"dL/dW_2": "[[1], [2], [3]]"}])
def test_what_does_not_fit_is_refused_by_name(checks, answers):
    with pytest.raises(CheckFileError) as raised:
        list(check_answers(checks, answers))
    [name] = answers
    assert name in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"derive": "answers to check"}', "[" * 5000, '{"derive": 1}'])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(CheckFileError):
        read_check_file(path)
