"""Formats on disk: used by later runs, made anew where anything they were made of has changed, never in the way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from derive.render import cache
from derive.render import format as formats
from derive.render.cache import MOST_FILES
from derive.render.engine import Room
from derive.render.pdf import compile_pdf

pytestmark = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
TEX = "\\documentclass{article}\n\\usepackage{array}\n\\begin{document}\none $x^2$\n\\end{document}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERIVE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Runs:
    """Documents made by one process after the other; `dumps` counts how often a head was read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch, self.dumps, dump = monkeypatch, 0, Room.dump

        def counted(room: Room, deadline: float) -> object:
            self.dumps += 1
            return dump(room, deadline)

        monkeypatch.setattr(Room, "dump", counted)

    def pdf(self, tex: str = TEX) -> bytes:
        self.monkeypatch.setattr(formats, "_kept", {})  # what a new process knows
        return compile_pdf(tex).pdf


@pytest.fixture
def runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(monkeypatch)


def test_a_later_run_makes_the_same_document_without_reading_the_packages(runs: Runs, folder: Path) -> None:
    first = runs.pdf()
    assert (runs.dumps, len(list(folder.iterdir()))) == (1, 1)
    assert (runs.pdf(), runs.dumps) == (first, 1)


@pytest.mark.parametrize("changed", ["a package", "pdfTeX", "the list of files"])
def test_another_tex_is_told_by_its_files(changed: str, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    first = runs.pdf()
    ends = {"a package": "array.sty", "pdfTeX": "pdflatex", "the list of files": "ls-R"}[changed]
    state = cache._state
    seen = []

    def newer(path: Path) -> list[int] | None:
        found = state(path)
        if found is None or not path.name.endswith(ends):
            return found
        seen.append(path)
        return [found[0], found[1] + 1]

    monkeypatch.setattr(cache, "_state", newer)
    assert (runs.pdf(), runs.dumps) == (first, 2)
    assert seen
    assert (runs.pdf(), runs.dumps) == (first, 2)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1000],
        lambda content: content[:-10] + b"0123456789",
        lambda content: b"{}\n" + content.partition(b"\n")[2],
        lambda content: b"[]\n" + content.partition(b"\n")[2],
        lambda content: b'{"sources": [], "sum": 0}\n',
        lambda content: b"\xff" + content,
    ],
)
def test_a_damaged_format_is_made_anew(damage, runs: Runs, folder: Path) -> None:
    first = runs.pdf()
    [file] = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert (runs.pdf(), runs.dumps) == (first, 2)
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_done_without(runs: Runs, folder: Path) -> None:
    folder.write_text("a file of somebody")
    assert runs.pdf() == runs.pdf()
    assert runs.dumps == 2
    assert folder.read_text() == "a file of somebody"


def test_nothing_is_written_where_the_user_wants_it_so(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DERIVE_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    runs.pdf()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.delenv("DERIVE_CACHE")
    runs.pdf()
    assert len(list((tmp_path / "derive").glob("*.fmt"))) == 1


def test_those_that_were_not_used_for_longest_go(runs: Runs, folder: Path) -> None:
    texts = [TEX.replace("{article}", f"[{size}pt]{{article}}") for size in range(10, 10 + MOST_FILES)]
    for age, tex in enumerate(texts):
        known = set(folder.glob("*")) if folder.exists() else set()
        runs.pdf(tex)
        [new] = set(folder.iterdir()) - known
        os.utime(new, (1_000_000 + age, 1_000_000 + age))
    runs.pdf(texts[0])
    assert runs.dumps == MOST_FILES
    runs.pdf(TEX)
    assert len(list(folder.iterdir())) == MOST_FILES
    runs.pdf(texts[0])
    assert runs.dumps == MOST_FILES + 1
    runs.pdf(texts[1])
    assert runs.dumps == MOST_FILES + 2
