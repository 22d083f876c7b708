"""Every command of docs/exam.md runs, in the order of the guide, with fewer papers."""

from __future__ import annotations

import re
import shlex

import pytest
from typer.testing import CliRunner

from derive.cli import app
from derive.resources import folder
from tests.exam.papers import needs_tex

GUIDE = folder("problems").parent / "docs" / "exam.md"
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^    (derive .*)$", re.MULTILINE)
FEWER = {"30": "3", "17": "2", "300": "2", "1000": "40", "100000": "500"}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The files that the guide shows, under the names that its commands use."""
    shown = {match["language"]: match["text"] for match in BLOCK.finditer(GUIDE.read_text())}
    for name, language in (("question.yaml", "yaml"), ("midterm.yaml", "exam"), ("students.csv", "csv")):
        (tmp_path / name).write_text(shown[language], encoding="utf-8")
    (tmp_path / "second.yaml").write_text((folder("problems") / "dead-relu.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@needs_tex
@pytest.mark.slow
def test_every_command_of_the_guide_runs(course):
    commands = COMMAND.findall(GUIDE.read_text())
    assert len(commands) >= 7
    for command in commands:
        words = [FEWER.get(word, word) for word in shlex.split(command)[1:]]
        if "--scheduler" in words:
            place = words.index("--scheduler")
            words[place : place + 2] = ["--jobs", "2"]  # a cluster of this machine
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, f"{command}\n{done.output}\n{done.exception}"
    made = {path.relative_to(course).as_posix() for path in (course / "output").rglob("*.*")}
    assert {
        "output/question-stress/stress.json",
        "output/midterm-exam/exams.pdf",
        "output/midterm-exam/keys.pdf",
    } <= made
