"""The blocks of a question as LaTeX: tables, options, ruled lines, listings, figures."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from derive.ops import Tensor
from derive.render.figures import figure_name
from derive.render.latex import Latex
from derive.render.latex_numbers import rational, shape_latex
from derive.render.listing import listing_latex
from derive.render.templates import Words as WordTables
from derive.render.words import escape, phrase
from derive.sheet.blocks import (
    Choice,
    Decimals,
    Dimensions,
    Exact,
    Formula,
    Listing,
    Plain,
    Plots,
    Prompt,
    Ruled,
    Symbol,
    Table,
    Tends,
    Words,
)
from derive.sheet.model import Blank

LETTERS = "ABCDEFGH"
MINUS = re.compile(r"(?<![\w)\]])\{-\}(?=\d)")  # in front of a number, as `escape` writes it
INFINITE = {"oo": r"\infty", "-oo": r"-\infty"}


@dataclass(frozen=True)
class BlockPrinter:
    """What the blocks of one sheet need: its symbols, its words, boxes for an answer, and the numbers of figures."""

    latex: Latex
    words: WordTables
    kind: str
    room: Callable[[Tensor], str]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, block: Any) -> str:
        return _block(block, self)

    def prompt(self, prompt: Prompt) -> str:
        """What is asked, phrases with their symbols or the author's own text."""
        if isinstance(prompt, str):
            return escape(prompt)
        return " ".join(map(self.phrase, prompt if isinstance(prompt, tuple) else (prompt,)))

    def phrase(self, words: Words) -> str:
        fields: Mapping[str, str] = {key: self.latex.notation.symbol(value) for key, value in words.fields}
        lists = dict.fromkeys(key.rpartition("_")[0] for key in fields if key.rpartition("_")[2].isdigit())
        joined = {name: ", ".join(f"${fields[key]}$" for key in fields if key.startswith(f"{name}_")) for name in lists}
        return phrase(self.words[words.table][words.key], **joined, **fields)

    def cell(self, cell: Any) -> str:
        return _cell(cell, self)


@functools.singledispatch
def _block(block: Any, printer: BlockPrinter) -> str:
    raise TypeError(f"no LaTeX for {type(block).__name__}")


@_block.register
def _(block: Table, printer: BlockPrinter) -> str:
    columns = max(len(row) for row in (block.heading, *block.rows))
    lines = [" & ".join(_in_table(cell, printer) for cell in row) + r" \\[3pt]" for row in block.rows]
    heading = [" & ".join(printer.cell(cell) for cell in block.heading) + r" \\ \midrule"] if block.heading else []
    rules = (r"\toprule", r"\bottomrule") if block.heading else ("", "")
    body = "\n".join([rules[0], *heading, *lines, rules[1]])
    alignment = "l" * columns
    return rf"\begin{{answertable}}{{{alignment}}}{body}\end{{answertable}}"


def _in_table(cell: Any, printer: BlockPrinter) -> str:
    """A cell that keeps its distance to the rows above and below, where it may be higher than a line."""
    written = printer.cell(cell)
    has_boxes = isinstance(cell, Blank) and cell.shape is not None
    is_tall = has_boxes or isinstance(cell, Decimals | Formula | Exact | Symbol)
    return rf"\tall{{{written}}}" if is_tall else written


@_block.register
def _(block: Choice, printer: BlockPrinter) -> str:
    lines = []
    for letter, option in zip(LETTERS, block.options, strict=False):
        content = r"\quad ".join(printer.cell(cell) for cell in option.cells)
        note = "".join(printer.phrase(words) for words in (option.at, option.mistake) if words)
        right = "right" if option.right else ""
        lines.append(rf"\choice{{{letter}}}{{{content}}}{{{right}}}{{{note}}}")
    return "\n".join(lines)


@_block.register
def _(block: Ruled, printer: BlockPrinter) -> str:
    if block.answer:
        return rf"\answer{{{escape(block.answer)}}}"
    return "\n".join([r"\writingline"] * block.lines)


@_block.register
def _(block: Listing, printer: BlockPrinter) -> str:
    return rf"\begin{{code}}{listing_latex(block)}\end{{code}}"


@_block.register
def _(block: Plots, printer: BlockPrinter) -> str:
    names = (figure_name(printer.kind, next(printer.numbers)) for _ in block.plots)
    side_by_side = r"\hfill ".join(rf"\includegraphics{{{name}}}" for name in names)
    return rf"\begin{{plots}}{side_by_side}\end{{plots}}"


@functools.singledispatch
def _cell(cell: Any, printer: BlockPrinter) -> str:
    raise TypeError(f"no LaTeX for {type(cell).__name__}")


@_cell.register
def _(cell: Symbol, printer: BlockPrinter) -> str:
    entry = f"[{','.join(map(str, cell.entry))}]" if cell.entry else ""
    return f"${printer.latex.notation.symbol(cell.name + entry)}$"


@_cell.register
def _(cell: Dimensions, printer: BlockPrinter) -> str:
    sides = cell.shape
    if not sides:
        return escape(printer.words["questions"]["single_number"])
    if len(sides) == 1:
        sides = (1, *sides) if printer.latex.notation.is_row(cell.name) else (*sides, 1)
    return f"${shape_latex(sides)}$"


@_cell.register
def _(cell: Words, printer: BlockPrinter) -> str:
    return printer.phrase(cell)


@_cell.register
def _(cell: Plain, printer: BlockPrinter) -> str:
    return MINUS.sub(r"\\ensuremath{-}", escape(cell.text))


@_cell.register
def _(cell: Decimals, printer: BlockPrinter) -> str:
    return rf"$\displaystyle {printer.latex.decimals(cell.values, Tensor(cell.name, cell.values.shape))[0]}$"


@_cell.register
def _(cell: Formula, printer: BlockPrinter) -> str:
    if not cell.name:
        return rf"$\displaystyle {printer.latex(cell.node)}$"
    return rf"$\displaystyle {printer.latex.oriented(cell.node, Tensor(cell.name, cell.node.shape))}$"


@_cell.register
def _(cell: Blank, printer: BlockPrinter) -> str:
    return r"\answerline" if cell.shape is None else f"${printer.room(Tensor('answer', cell.shape))}$"


@_cell.register
def _(cell: Tends, printer: BlockPrinter) -> str:
    end = INFINITE.get(str(cell.end)) or rational(sympy.Rational(str(cell.end)))[0]
    side = "^{+}" if cell.end == 0 else ""  # a temperature, say: from above
    return rf"${printer.latex.notation.symbol(cell.name)} \to {end}{side}$"


@_cell.register
def _(cell: Exact, printer: BlockPrinter) -> str:
    written = np.vectorize(lambda entry: INFINITE.get(str(entry), entry), otypes=[object])(cell.values)
    return rf"$\displaystyle {printer.latex.decimals(written, Tensor(cell.name, cell.values.shape))[0]}$"
