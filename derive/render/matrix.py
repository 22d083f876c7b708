"""Matrices of decimals as LaTeX, large ones with their middle left out."""

from __future__ import annotations

from typing import Any

from pylatex import NoEscape
from pylatex.base_classes import Environment

from derive.ops import Array
from derive.sheet.written import visible


class AlignedMatrix(Environment):
    """mathtools' bracketed matrix with its entries aligned at the right."""

    _latex_name = "bmatrix*"
    content_separator = "\n"


def matrix(entries: Array) -> str:
    """A matrix of entries (anything whose text is LaTeX)."""
    rows, columns = (visible(length) for length in entries.shape)
    lines = [" & ".join(_cell(entries, i, j) for j in columns) for i in rows]
    between = r" \\[6pt] " if any("frac{" in line for line in lines) else r" \\ "
    environment = AlignedMatrix(options=NoEscape("r"), data=NoEscape(between.join(lines)))
    return str(environment.dumps()).replace("%\n", "")


def _cell(entries: Array, row: int | None, column: int | None) -> str:
    if row is None:
        return r"\vdots" if column is not None else r"\ddots"
    return r"\cdots" if column is None else entry_latex(entries[row, column])


def entry_latex(entry: Any) -> str:
    """A decimal as it is; a fraction as the author wrote it, as a fraction."""
    text = str(entry)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    top, slash, bottom = digits.partition("/")
    if slash and top.isdigit() and bottom.isdigit():
        return rf"{sign}\tfrac{{{top}}}{{{bottom}}}"
    return text
