"""The table of words of a language, and how a phrase is filled in: text is escaped, mathematics is not."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pylatex.utils import escape_latex

Words = Mapping[str, Mapping[str, str]]
MATHEMATICS = re.compile(r"(\$[^$]*\$)")


@functools.lru_cache(maxsize=8)
def load_words(folder: Path, language: str = "en") -> Words:
    """The table `words/<language>.toml` of a templates folder."""
    with (folder / "words" / f"{language}.toml").open("rb") as file:
        table: Words = tomllib.load(file)
    return table


def escape(text: str) -> str:
    """Text for LaTeX: every special character printed as itself, white space folded."""
    return str(escape_latex(" ".join(text.split())))


def phrase(template: str, **fields: str) -> str:
    """A phrase with its `{fields}` filled in by LaTeX; outside of $...$ the phrase itself is escaped."""
    marks = {name: f"\x01{index}\x02" for index, name in enumerate(fields)}
    marked = re.sub(r"\{(\w+)\}", lambda found: marks.get(found[1], found[0]), template)
    parts = [part if part.startswith("$") else str(escape_latex(part)) for part in MATHEMATICS.split(marked)]
    filled = "".join(parts)
    for name, value in fields.items():
        filled = filled.replace(marks[name], value)
    return filled


def plural(words: Words, number: int | None) -> str:
    """`4 points`, `1 point`, or nothing."""
    if not number:
        return ""
    return f"{number} {words['words']['point' if number == 1 else 'points']}"


def lookup(words: Words, table: str, key: str) -> Any:
    """A phrase; a key the table does not have is named, so that a translation can be completed."""
    try:
        return words[table][key]
    except KeyError:
        raise KeyError(f"the table of words has no [{table}] {key}") from None
