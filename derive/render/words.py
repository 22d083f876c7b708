"""How a phrase of the table of words is filled in: text is escaped, mathematics is not."""

from __future__ import annotations

import functools
import re
from fractions import Fraction

from pylatex.utils import escape_latex

from derive.render.templates import Words

NUMBERS = re.compile(r"\((\w+)\|(\w+)\)")
MATHEMATICS = re.compile(r"(\$[^$]*\$)")


@functools.lru_cache(maxsize=4096)  # the papers of an exam say the same, letter by letter
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


def form(text: str, count: int) -> str:
    """`{count} (Jacobian|Jacobians)` with the word for one or that for several."""
    return NUMBERS.sub(r"\1" if count == 1 else r"\2", text)


def plural(words: Words, number: Fraction | int | None) -> str:
    """`4 points`, `1 point`, `0.5 points`, or nothing."""
    if not number:
        return ""
    return f"{float(number):.12g} {words['words']['point' if number == 1 else 'points']}"
