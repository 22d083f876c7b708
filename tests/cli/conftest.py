"""The command line as a user meets it: run in an empty folder that holds one problem."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from derive.cli import app

ROOT = Path(__file__).parents[2]
FIRST = ROOT / "problems" / "pen-and-paper.yaml"


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The current folder; it holds `first.yaml`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")  # whatever terminal, or none, the tests themselves run in
    for name in ("FORCE_COLOR", "CI", "PYTHONIOENCODING"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(FIRST, tmp_path / "first.yaml")
    return tmp_path


@pytest.fixture
def run(place):
    def invoke(*words: object) -> Outcome:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert "Traceback" not in result.output or "--debug" in words, result.output
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return invoke


@pytest.fixture
def without_tex(monkeypatch, tmp_path_factory):
    """A machine without LaTeX: nothing at all on the path."""
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("nothing")))


@pytest.fixture
def wrong_tanh(monkeypatch):
    """A planted fault: tanh with the wrong sign in its derivative."""
    import dataclasses

    from derive.ops import ROWS

    monkeypatch.setitem(ROWS, "tanh", dataclasses.replace(ROWS["tanh"], slopes=(lambda u, z: 1 + z**2,)))
