"""The blocks of a question as LaTeX: tables, options, ruled lines, listings, figures."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.ops import Shape, Tensor
from derive.render.latex import Latex
from derive.render.listing import listing_latex
from derive.render.templates import Words as WordTables
from derive.render.words import escape, phrase
from derive.sheet.blocks import (
    Blank,
    Choice,
    Decimals,
    Dimensions,
    Formula,
    Listing,
    Plain,
    Plots,
    Ruled,
    Symbol,
    Table,
    Words,
)

ENTRY = re.compile(r"(?P<name>[^\[]+)\[(?P<index>[0-9, ]+)\]")
LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class BlockPrinter:
    """What the blocks of one sheet need: its symbols, its words, room for an answer, and figures made so far.

    `figures` collects the pictures that the LaTeX names, by file name.
    """

    latex: Latex
    words: WordTables
    room: Callable[[Tensor, tuple[int, ...] | None], str]
    shape: Callable[[Shape], str]
    picture: Callable[[Any], bytes]
    figures: dict[str, bytes] = field(default_factory=dict)
    prefix: str = "figure"

    def __call__(self, block: Any) -> str:
        return _block(block, self)

    def symbol(self, text: str) -> str:
        """The symbol of `W_1`, or of an entry `W_1[1,2]`."""
        match = ENTRY.fullmatch(text)
        if match is None:
            return self.latex.notation.symbol(text)
        return self.latex.notation.indexed(match["name"], match["index"].replace(" ", ""))

    def prompt(self, prompt: Words | str) -> str:
        """What is asked, a phrase with its symbols or the author's own text."""
        return escape(prompt) if isinstance(prompt, str) else self.phrase(prompt)

    def phrase(self, words: Words) -> str:
        fields: Mapping[str, str] = {key: self.symbol(value) for key, value in words.fields}
        return phrase(self.words["questions"][words.key], **fields)

    def cell(self, cell: Any) -> str:
        return _cell(cell, self)


@functools.singledispatch
def _block(block: Any, printer: BlockPrinter) -> str:
    raise TypeError(f"no LaTeX for {type(block).__name__}")


@_block.register
def _(block: Table, printer: BlockPrinter) -> str:
    columns = max(len(row) for row in (block.heading, *block.rows))
    lines = [" & ".join(printer.cell(cell) for cell in row) + r" \\[3pt]" for row in block.rows]
    heading = [" & ".join(printer.cell(cell) for cell in block.heading) + r" \\ \midrule"] if block.heading else []
    rules = (r"\toprule", r"\bottomrule") if block.heading else ("", "")
    body = "\n".join([rules[0], *heading, *lines, rules[1]])
    alignment = "l" * columns
    return rf"\begin{{answertable}}{{{alignment}}}{body}\end{{answertable}}"


@_block.register
def _(block: Choice, printer: BlockPrinter) -> str:
    lines = []
    for letter, option in zip(LETTERS, block.options, strict=False):
        content = r"\quad ".join(printer.cell(cell) for cell in option.cells)
        note = printer.phrase(option.mistake) if option.mistake else ""
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
    pictures = []
    for plot in block.plots:
        name = f"{printer.prefix}-{len(printer.figures) + 1}.pdf"
        printer.figures[name] = printer.picture(plot)
        pictures.append(rf"\includegraphics{{{name}}}")
    side_by_side = r"\hfill ".join(pictures)
    return rf"\begin{{plots}}{side_by_side}\end{{plots}}"


@functools.singledispatch
def _cell(cell: Any, printer: BlockPrinter) -> str:
    raise TypeError(f"no LaTeX for {type(cell).__name__}")


@_cell.register
def _(cell: Symbol, printer: BlockPrinter) -> str:
    entry = f"[{','.join(map(str, cell.entry))}]" if cell.entry else ""
    return f"${printer.symbol(cell.name + entry)}$"


@_cell.register
def _(cell: Dimensions, printer: BlockPrinter) -> str:
    written = printer.shape(cell.shape)
    return f"${written}$" if written else escape(printer.words["questions"]["single_number"])


@_cell.register
def _(cell: Words, printer: BlockPrinter) -> str:
    return printer.phrase(cell)


@_cell.register
def _(cell: Plain, printer: BlockPrinter) -> str:
    return escape(cell.text)


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
    return r"\answerline" if cell.shape is None else rf"${printer.room(Tensor('answer', cell.shape), cell.shape)}$"
