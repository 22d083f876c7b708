"""Feedback pages: what they show, that they are well formed, and that nothing in them runs or is loaded."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from derive.grading.feedback import feedback, number_text, symbol_html, write_feedback
from derive.grading.gradebook import Gradebook
from derive.grading.writing import write_marks
from derive.render.notation import Notation
from tests.grading.sheets import AFTER_A_SLIP, RELU, RIGHT, Typed, exam_from, graded, write

HOSTILE = '"><script>alert(1)</script>../../etc & co'
VOID = {"meta"}


class Page(HTMLParser):
    """The elements of a page, each closed in its turn, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr" and self.open.count("table") == 1:
            self.rows.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.rows and "table" in self.open:
            self.rows[-1] += f" {data.strip()}" if data.strip() else ""


def gradebook(place: Path, *sheets: Typed, text: str = RELU) -> Gradebook:
    exam = exam_from(text)
    return graded(exam, *write(place / "answers.json", list(sheets), exam)).gradebook


def page_of(place: Path, answers: dict[str, Any], student: str = "1", text: str = RELU) -> tuple[str, Page]:
    [(_, page)] = feedback(gradebook(place, Typed(student, "", answers), text=text))
    return page, Page(page)


def row(page: Page, name: str) -> str:
    """The text of the row of a step: its symbol in pieces, its name, then the first entry."""
    [found] = [row for row in page.rows if re.search(rf" {re.escape(name)} [−–0-9]", row) and f"/∂ {name}" not in row]
    return found


def test_every_step_with_answer_expected_and_points(tmp_path: Path) -> None:
    _, page = page_of(tmp_path, AFTER_A_SLIP)
    assert len(page.rows) == 1 + len(RIGHT)
    assert row(page, "y").strip() == "y y −4.00 ✗ wrong −5.00 accepted: −5.02 to −4.98 0.00 of 1.00 Wrong."
    carried = row(page, "dL/dW_2")
    assert "−20.00 ↷ right from your own earlier answers −40.00" in carried
    assert carried.endswith("1.00 of 1.00 Right from your own earlier answers.")


def test_the_slip_is_named_in_a_sentence(tmp_path: Path) -> None:
    _, page = page_of(tmp_path, RIGHT | {"dL/dy": -6})
    assert "What went wrong: the factor 2 was left out." in row(page, "dL/dy")


def test_missing_answers_and_some_of_several(tmp_path: Path) -> None:
    _, page = page_of(tmp_path, RIGHT | {"z": None, "dL/dW_1": [[-24, 7], [48, 24]]})
    assert row(page, "z").endswith("0.00 of 1.00 No answer.")
    assert "0.75 of 1.00 3 of 4 entries earn points." in row(page, "dL/dW_1")


def test_what_follows_from_zeros_says_so(tmp_path: Path) -> None:
    zeros = {"dL/dz": [0, 0], "dL/da": [0, 0], "dL/dW_1": [[0, 0], [0, 0]], "dL/db_1": [0, 0]}
    _, page = page_of(tmp_path, RIGHT | zeros)
    assert "makes the rest easy" not in row(page, "dL/dz")
    assert "This follows from wrong numbers that make the rest easy" in row(page, "dL/da")


def test_nothing_is_run_or_loaded_and_text_is_text(tmp_path: Path) -> None:
    text = RELU.replace("One step by hand", "'<img src=x onerror=alert(1)> & <b>bold</b>'")
    source, page = page_of(tmp_path, RIGHT, HOSTILE, text)
    assert {"script", "img", "link", "iframe", "object", "form", "a"}.isdisjoint(tag for tag, _ in page.tags)
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert {"src", "href", "style", "srcset"}.isdisjoint(attributes)
    assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"https?:|url\(|@import|javascript:", source)
    assert "&lt;img src=x" in source
    assert "&lt;script&gt;" in source


def test_pages_are_accessible_and_print(tmp_path: Path) -> None:
    source, page = page_of(tmp_path, RIGHT)
    tags = dict(page.tags)
    assert tags["html"]["lang"] == "en"
    assert {"title", "main", "h1"} <= set(tags)
    scopes = [attrs.get("scope") for tag, attrs in page.tags if tag == "th"]
    assert set(scopes) == {"col", "row"}
    for part in ("prefers-color-scheme: dark", "@media print", "color-scheme"):
        assert part in source


def test_files_have_safe_names_of_their_own(tmp_path: Path) -> None:
    book = gradebook(tmp_path, Typed(HOSTILE, "", RIGHT), Typed("../x", "", RIGHT), Typed("Żółw", "", RIGHT))
    write_feedback(book, tmp_path / "feedback")
    names = sorted(path.name for path in (tmp_path / "feedback").iterdir())
    assert len(names) == 3
    assert all(re.fullmatch(r"[0-9]{4}[A-Za-z0-9-]*\.html", name) for name in names)
    [folder] = write_marks(book, tmp_path, ["html"])
    assert sorted(path.name for path in folder.iterdir()) == names


def test_a_symbol_of_the_author_is_shown(tmp_path: Path) -> None:
    source, _ = page_of(tmp_path, RIGHT, text=RELU + "notation: {dL/da: '\\delta_1'}\n")
    assert "<i>δ</i><sub>1</sub>" in source


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("dL/dW_1", "∂<i>L</i>/∂<i>W</i><sub>1</sub>"),
        ("W_1'", "<i>W</i>"),
        ("y", "<i>y</i>"),
    ],
)
def test_symbols(name: str, shown: str) -> None:
    assert shown in symbol_html(name, Notation())


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.5, "0.50"),
        (-0.5, "−0.50"),
        (-0.0, "0.00"),
        (0.125, "0.125"),
        (1e12, "1e+12"),
        (0.3, "0.30"),
        (-3e-7, "−3e−07"),
    ],
)
def test_numbers(number: float, text: str) -> None:
    assert number_text(number, 2) == text
