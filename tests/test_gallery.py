"""The list of the bank and the gallery made from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from derive.bank import LEVELS, bank
from derive.cli import app
from derive.docs import __main__ as documents
from derive.docs.gallery import missing_pictures, page
from derive.resources import folder

PROBLEMS = sorted(folder("problems").glob("*.yaml"))
DOCUMENTS = Path(__file__).parents[1] / "docs"


def listed(*options: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, ["list", "--problems", "--json", *options])
    assert result.exit_code == 0, result.output
    found: list[dict[str, object]] = json.loads(result.output)
    return found


def test_every_problem_of_the_bank_is_listed_easy_ones_first() -> None:
    entries = bank()
    assert {entry.file.name for entry in entries} == {path.name for path in PROBLEMS}
    ranks = [LEVELS.index(entry.level) for entry in entries]
    assert ranks == sorted(ranks)
    assert all(entry.title and entry.topics and entry.minutes for entry in entries)


def test_the_list_can_be_narrowed() -> None:
    everything = listed()
    assert len(everything) == len(PROBLEMS)
    advanced = listed("--level", "advanced")
    assert advanced
    assert {entry["level"] for entry in advanced} == {"advanced"}
    assert "attention.yaml" in {Path(str(entry["file"])).name for entry in listed("--topic", "attention")}
    assert listed("--topic", "no such topic") == []


def test_own_files_are_listed_in_place_of_the_bank(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("title: Mine\nforward: 'f = w*w'\nparameters: {w: 2}\nminutes: 3\n")
    [entry] = listed(str(tmp_path))
    assert (entry["title"], entry["minutes"], entry["asks"]) == ("Mine", 3, ["quantities"])


def test_an_unknown_level_is_refused() -> None:
    result = CliRunner().invoke(app, ["list", "--problems", "--level", "hard"])
    assert result.exit_code != 0


def test_the_gallery_shows_every_problem_with_its_picture() -> None:
    text = (DOCUMENTS / "gallery.md").read_text(encoding="utf-8")
    assert text == page(), "`make gallery` writes docs/gallery.md anew"
    assert missing_pictures(DOCUMENTS) == []
    for path in PROBLEMS:
        picture = DOCUMENTS / "images" / "gallery" / f"{path.stem}.png"
        assert f"({picture.relative_to(DOCUMENTS).as_posix()})" in text
        assert picture.stat().st_size < 80_000


def test_the_check_sees_a_page_that_differs_and_a_picture_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documents, "DOCUMENTS", tmp_path)
    pictures = tmp_path / "images" / "gallery"
    pictures.mkdir(parents=True)
    for path in PROBLEMS:
        (pictures / f"{path.stem}.png").write_bytes(b"")
    (tmp_path / "gallery.md").write_text(page(), encoding="utf-8")
    assert documents.main(["--check"]) == 0
    (pictures / "attention.png").unlink()
    assert documents.main(["--check"]) == 1
    assert "no picture of attention" in capsys.readouterr().err
    (pictures / "attention.png").write_bytes(b"")
    (tmp_path / "gallery.md").write_text(page() + "more", encoding="utf-8")
    assert documents.main(["--check"]) == 1
