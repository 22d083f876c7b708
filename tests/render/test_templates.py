"""An instructor's own templates: used where they are, refused with their place where they cannot be, never trusted."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from derive.render.templates import TemplateError
from derive.resources import folder
from derive.solution import solve_problem
from derive.spec import read_text
from tests.problems import PROBLEMS

PROBLEM = read_text(dedent(PROBLEMS["one sample"]))


def tex(templates: Path) -> str:
    return solve_problem(PROBLEM, templates=templates).tex()


def test_one_changed_template_is_enough(tmp_path: Path) -> None:
    preamble = (folder("templates") / "preamble.tex.j2").read_text()
    (tmp_path / "preamble.tex.j2").write_text(preamble.replace("11pt", "12pt"))
    assert r"\documentclass[12pt,a4paper]{article}" in tex(tmp_path)


def test_a_table_of_words_may_hold_just_what_differs(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.toml").write_text('[sections]\nforward = "Step 1: Forward pass"\n')
    text = tex(tmp_path)
    assert r"\pass{forward}{Step 1: Forward pass}" in text
    assert r"\pass{backward}{Backward pass}" in text


def test_words_are_text(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.toml").write_text("[sections]\nforward = '\\input{/etc/passwd} 100%'\n")
    assert r"\textbackslash{}input\{/etc/passwd\} 100\%" in tex(tmp_path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("<% for %>", "Expected"),
        ("<< sheet.titel >>", "titel"),
        ('<% include "none.tex.j2" %>', "none.tex.j2"),
        ("<< ''.__class__.__mro__ >>", "__class__"),
        ("<< sheet.sections.append(1) >>", "append"),
    ],
    ids=["syntax", "unknown field", "unknown file", "attribute access", "change of data"],
)
def test_a_template_that_cannot_be_used_is_named(tmp_path: Path, content: str, found: str) -> None:
    (tmp_path / "solution.tex.j2").write_text(f"first line\n{content}\n")
    with pytest.raises(TemplateError) as error:
        tex(tmp_path)
    [fault] = error.value.faults
    assert "solution.tex.j2" in fault.where
    assert found in fault.found


@pytest.mark.parametrize("content", ["[sections", "[sections]\nforward = 3", "sections = 3", "\xff"])
def test_words_that_cannot_be_used_are_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.toml").write_bytes(content.encode("latin-1"))
    with pytest.raises(TemplateError) as error:
        tex(tmp_path)
    assert "en.toml" in str(error.value)
