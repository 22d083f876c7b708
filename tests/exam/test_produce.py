"""From a problem to a folder of papers: whole, the same again, gone on with when interrupted, no foreign files."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from derive.errors import DeriveError
from derive.exam import folder as folders
from derive.exam.folder import FolderError
from derive.exam.order import Order
from derive.exam.plan import Student, exam_of
from derive.exam.produce import produce
from derive.program import read_text
from tests.exam.papers import SMALL_STEP


@pytest.fixture
def exam():
    return exam_of(read_text(SMALL_STEP, "small"))


@pytest.fixture(scope="module")
def made_here(tmp_path_factory):
    """The files of three papers made without workers."""
    place = tmp_path_factory.mktemp("here")
    produce(exam_of(read_text(SMALL_STEP, "small")), Order(3, 5, formats=("pdf",)), place)
    return digests(place / "small-exam")


def contents(path):
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def digests(path):
    """The same, short enough to be shown where two folders differ."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents(path).items()}


def test_numbers_only(exam, tmp_path):
    produced = produce(exam, Order(12, 5, formats=("json", "csv", "jsonl", "parquet")), tmp_path)
    files = contents(tmp_path / "small-exam")
    assert sorted(files) == ["answers.csv", "answers.json", "answers.jsonl", "answers.parquet", "manifest.json"]
    papers = json.loads(files["answers.json"])
    assert papers == [json.loads(line) for line in files["answers.jsonl"].decode().splitlines()]
    assert [paper["number"] for paper in papers] == list(range(1, 13))
    for paper in papers:
        assert set(paper["printed"]) == set(paper["accepted"]) == set(paper["answers"]) == {"y", "dL/dW_1"}
        [printed], [[low, high]] = paper["printed"]["y"], paper["accepted"]["y"]
        assert low <= float(printed) <= high
    rows = files["answers.csv"].decode().splitlines()
    assert rows[0] == 'number,id,y[1],"dL/dW_1[1,1]"'
    assert rows[1].startswith(f"1,{papers[0]['id']},{papers[0]['printed']['y'][0]},")
    from pyarrow import parquet

    table = parquet.read_table(tmp_path / "small-exam" / "answers.parquet").to_pylist()
    assert [row["y[1]"] for row in table] == [paper["answers"]["y"][0] for paper in papers]
    assert [row["y[1] low"] for row in table] == [paper["accepted"]["y"][0][0] for paper in papers]
    assert produced.compared > 0


def test_the_same_again_and_another_seed(exam, tmp_path):
    for place, seed in (("one", 5), ("two", 5), ("three", 6)):
        produce(exam, Order(4, seed, formats=("json",)), tmp_path / place)
    one, two, three = (contents(tmp_path / place / "small-exam")["answers.json"] for place in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_a_folder_of_somebody_else_is_left_alone(exam, tmp_path):
    own = tmp_path / "small-exam"
    own.mkdir()
    (own / "thesis.txt").write_text("three years of work")
    with pytest.raises(FolderError, match="other things"):
        produce(exam, Order(2, formats=("json",)), tmp_path)
    assert contents(own) == {"thesis.txt": b"three years of work"}


def test_a_forged_manifest_is_none(exam, tmp_path):
    own = tmp_path / "small-exam"
    own.mkdir()
    for text in ("{", "[]", '{"made_by": "derive variants"}', '{"made_by": "me", "files": {}}'):
        (own / "manifest.json").write_text(text)
        with pytest.raises(FolderError):
            produce(exam, Order(2, formats=("json",)), tmp_path)


def test_a_manifest_cannot_name_files_elsewhere(exam, tmp_path):
    produce(exam, Order(2, formats=("json",)), tmp_path)
    victim = tmp_path / "victim.txt"
    victim.write_text("x")
    manifest = tmp_path / "small-exam" / "manifest.json"
    data = json.loads(manifest.read_text())
    data["files"]["../victim.txt"] = folders._digest(b"x")
    manifest.write_text(json.dumps(data))
    with pytest.raises(FolderError):
        produce(exam, Order(3, formats=("json",)), tmp_path)
    assert victim.read_text() == "x"


def test_changed_files_are_not_replaced(exam, tmp_path):
    produce(exam, Order(2, formats=("csv",)), tmp_path)
    table = tmp_path / "small-exam" / "answers.csv"
    table.write_text(table.read_text() + "a note of mine\n")
    for count in (3, 2):  # another order, and the same one
        with pytest.raises(FolderError, match="changed"):
            produce(exam, Order(count, formats=("csv",)), tmp_path)
        assert "a note of mine" in table.read_text()


def test_another_order_replaces_its_own_files(exam, tmp_path):
    produce(exam, Order(3, formats=("json", "csv")), tmp_path)
    produce(exam, Order(2, formats=("json",)), tmp_path)
    assert sorted(contents(tmp_path / "small-exam")) == ["answers.json", "manifest.json"]


def test_a_full_disk(exam, tmp_path, monkeypatch):
    def full(self):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("csv.DictWriter.writeheader", full)
    with pytest.raises(DeriveError, match="the disk is full"):
        produce(exam, Order(2, formats=("json", "csv")), tmp_path)
    assert sorted(contents(tmp_path / "small-exam")) == ["answers.json", "manifest.json"]
    monkeypatch.undo()
    produce(exam, Order(2, formats=("json", "csv")), tmp_path)
    assert sorted(contents(tmp_path / "small-exam")) == ["answers.csv", "answers.json", "manifest.json"]


@pytest.mark.slow
def test_papers_interrupted_and_gone_on_with(exam, tmp_path, monkeypatch):
    for module in ("press", "printing"):
        monkeypatch.setattr(f"derive.exam.{module}.SHARD", 12)
    students = (Student("17", "Zoë Müller"), Student("18", "A & B"))
    order = Order(18, 5, students=students, jobs=2)
    whole = produce(exam, order, tmp_path / "whole")
    files = contents(tmp_path / "whole" / "small-exam")
    assert {f"{kind}-{number:03d}.pdf" for kind in ("exam", "key") for number in range(1, 19)} <= set(files)
    assert {"exams.pdf", "keys.pdf", "answers.json", "answers.csv", "manifest.json"} <= set(files)
    assert not any(name.startswith(".") for name in files)
    assert len(whole.places) == 18

    class Stopped(Exception):
        pass

    def stop(stage, done, total):
        if stage == "papers" and done >= 24:  # exams and keys of the first shard
            raise Stopped

    with pytest.raises(Stopped):
        produce(exam, order, tmp_path / "parts", stop)
    part = contents(tmp_path / "parts" / "small-exam")
    assert "exam-001.pdf" in part
    assert "exams.pdf" not in part
    made = []
    produce(exam, order, tmp_path / "parts", lambda stage, done, _: made.append(done) if stage == "papers" else None)
    assert made[0] > 24, "what was there is not made again"
    assert digests(tmp_path / "parts" / "small-exam") == digests(tmp_path / "whole" / "small-exam")

    produce(exam, Order(18, 5, students=students, jobs=1, only=(17,)), tmp_path / "only")
    only = contents(tmp_path / "only" / "small-exam")
    assert sorted(only) == ["exam-017.pdf", "key-017.pdf", "manifest.json"]
    for name in ("exam-017.pdf", "key-017.pdf"):
        assert digests(tmp_path / "only" / "small-exam")[name] == digests(tmp_path / "whole" / "small-exam")[name]


@pytest.mark.slow
def test_killed_and_started_again(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL_STEP)
    command = [sys.executable, "-m", "derive", "variants", "small.yaml", "--count", "27", "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    target = tmp_path / "output" / "small-exam"
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not any(target.glob("key-*.pdf")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=240)
    again = digests(target)
    subprocess.run(
        [*command, "--output", "other"],
        cwd=tmp_path,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=240,
    )
    assert again == digests(tmp_path / "other" / "small-exam")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["processes", "dask", "ray"])
def test_workers_make_the_same_papers(exam, tmp_path, backend, made_here):
    if backend == "ray":
        pytest.importorskip("ray")  # the `test` extra has none, as it is large
    produce(exam, Order(3, 5, formats=("pdf",), backend=backend, jobs=2), tmp_path)
    assert digests(tmp_path / "small-exam") == made_here


def test_an_unknown_package_is_named(exam, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DeriveError, match="ray is not installed"):
        produce(exam, Order(1, formats=("pdf",), backend="ray"), tmp_path)
