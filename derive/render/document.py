"""Sheet -> LaTeX document, through the Jinja2 templates that an instructor may copy and change."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy

import derive.render.latex_arrays  # noqa: F401  # registers the rest of the printer
from derive.evaluate import bound
from derive.ops import Shape, Tensor, is_single
from derive.program import Program, Step
from derive.render.chains import chain_latex
from derive.render.checked import checked_sentence
from derive.render.choices import sentences
from derive.render.definitions import definition, slope
from derive.render.graph import graph_latex
from derive.render.latex import Latex
from derive.render.latex_numbers import shape_latex
from derive.render.matrix import matrix
from derive.render.notation import ENTRY, Notation
from derive.render.summary import summary_latex
from derive.render.templates import Words, fill, load_words
from derive.render.terms import broken, terms
from derive.render.words import escape, form, phrase, plural
from derive.render.written_out import cases, equal_matrices
from derive.sheet import Blank, Entry, Line, Local, Sheet, Shown
from derive.sheet.graph_rooms import beside
from derive.sheet.written import LARGEST
from derive.spec import Problem

if TYPE_CHECKING:
    from derive.render.blocks import BlockPrinter

SLOT = r"\slot"
LARGEST_ROOM = 40  # entries that a worksheet leaves boxes for
MOST_ROWS = 5  # of squares below a line


def render(sheet: Sheet, templates: Path | None = None) -> str:
    """The LaTeX source of a sheet; templates that `templates` does not hold come from the built-in folder."""
    words = load_words(templates)
    view = View(sheet, words)
    fields = {
        "questions": any(section.role == "question" for section in sheet.sections),
        "sheet": view.sheet(),
        "words": view.plain_words(),
        "kind": escape(words["kinds"][sheet.kind]),
        "title": escape(sheet.title),
        "slot_width": 9 + 2 * min(sheet.places or 2, 6),
    }
    return fill(f"{sheet.kind}.tex.j2", templates, fields)


class View:
    """A sheet as the LaTeX fragments that templates arrange."""

    def __init__(self, sheet: Sheet, words: Words) -> None:
        self.data, self.words = sheet, words
        self.notation = Notation(sheet.notation, sheet.rows, sheet.first, sheet.ranks)
        self.latex = Latex(self.notation, dimensions=sheet.dimensions, samples=sheet.samples)

    def plain_words(self) -> Mapping[str, str]:
        loss = self.notation.symbol(self.data.loss) if self.data.loss else ""
        plain = {key: phrase(text, loss=loss) for key, text in self.words["words"].items()}
        down = self.data.graph is not None and self.data.graph.down
        way, nodes = ("_down" if down else ""), (self.data.graph.nodes if self.data.graph else ())
        shapes_only = all(node.gradient is None for node in nodes)
        gradients = plain[f"{'gradient_shapes' if shapes_only else 'gradients'}{way}"]
        above = plain[f"values{way}"]
        del plain["values"]  # a method of the mapping in Jinja2
        return {**plain, "above": above, "gradients": gradients}

    def sheet(self) -> Mapping[str, Any]:
        data = self.data
        return {
            "title": escape(data.title),
            "text": escape(data.text),
            "instruction": self.instruction(),
            "points": plural(self.words, data.points),
            "givens": [self.given(shown) for shown in data.givens] + self.count_of_samples(),
            "graph": graph_latex(data.graph, self.notation) if data.graph else "",
            "summary": self.summary(),
            "graph_has": {
                "values": any(node.value is not None for node in data.graph.nodes) if data.graph else False,
                "gradients": any(beside(node)[1] is not None for node in data.graph.nodes) if data.graph else False,
            },
            "sections": [
                {
                    "role": section.role,
                    "title": escape(self.words["sections"][section.role]),
                    "entries": [
                        self.question(entry) if section.role == "question" else self.entry(entry, section.role)
                        for entry in section.entries
                    ],
                }
                for section in data.sections
            ],
            "checked": checked_sentence(data.findings, self.words, self.notation.symbol) if data.findings else "",
        }

    def summary(self) -> str:
        """The table of parameters before and after the step."""
        words = self.plain_words()
        return summary_latex(self.data.summary, self.latex, (words["before"], words["gradient"], words["after"]))

    def instruction(self) -> str:
        """To how many decimals to work, from which number entries are counted where that is not 1, and conventions."""
        chosen = sentences(self.data.choices, self.notation)
        conventions = (phrase(self.words["words"][key], **fields) for key, fields in chosen)
        return " ".join(filter(None, [self._precision(), *self._counting(), *conventions]))

    def _counting(self) -> Iterator[str]:
        """`The rows of W_1 count from 0`, for what an entry is named of."""
        prompts = (entry.prompt for section in self.data.sections for entry in section.entries)
        asked = (words for prompt in prompts for words in (prompt if isinstance(prompt, tuple) else (prompt,)))
        fields = (field for words in asked if not isinstance(words, str) for _, field in words.fields)
        named = (ENTRY.fullmatch(name) for name in (*fields, *(line.target.name for line in self.data.lines)))
        for name in dict.fromkeys(entry["name"] for entry in named if entry):
            for axis, start in enumerate(first := self.data.first.get(name, ())):
                if not start:
                    key = "entries_from_zero" if len(first) == 1 else ("rows_from_zero", "columns_from_zero")[axis]
                    yield phrase(self.words["words"][key], symbol=self.notation.symbol(name))

    def _precision(self) -> str:
        if self.data.places is None:
            return ""
        if self.data.fractions:
            return escape(self.words["words"]["fractions"])
        key = "carry_rounded" if self.data.carry == "rounded" else "places"
        return phrase(form(self.words["words"][key], self.data.places), places=str(self.data.places))

    def given(self, shown: Shown) -> str:
        symbol = self.notation.symbol(shown.tensor.name)
        if shown.values is None:
            return rf"{symbol}\dims{{{shape}}}" if (shape := self.shape(shown.tensor)) else symbol
        values = shown.values
        if values.ndim == 0:
            return f"{symbol} = {self.latex.decimals(values, shown.tensor)[0]}"
        if values.ndim == 1:
            values = values[None, :] if self.notation.is_row(shown.tensor.name) else values[:, None]
        return f"{symbol} = {matrix(values)}"

    def count_of_samples(self) -> list[str]:
        """`N = 4 samples`"""
        samples = self.data.samples
        if samples is None:
            return []
        word = escape(self.words["words"]["sample" if samples.number == 1 else "samples"])
        return [rf"{sympy.latex(sympy.Symbol(samples.symbol))} = {samples.number}\dims{{\ \text{{{word}}}}}"]

    def entry(self, entry: Entry, role: str) -> Mapping[str, Any]:
        derived = role in ("backward", "jacobian") and entry.rule != "descend"
        gives_away = self.data.kind == "worksheet" and derived
        fields = {
            "symbol": self.notation.symbol(entry.quantity),
            "layer": self.layer(entry.layer),
            "definition": definition(entry.operands),
            "slope": slope(entry.operands),
            "of": "".join(self.notation.symbol(name) for name in entry.differentiated[:1]),
            "by": self.notation.symbol(entry.quantity),
            "loss": self.notation.symbol(self.data.loss) if self.data.loss else "",
            "rate": next((self.notation.symbol(s.tensor.name) for s in reversed(self.data.givens)), ""),
        }
        return {
            "number": str(entry.number or ""),
            "title": phrase(self.words["titles"][entry.title], **fields),
            "rule": "" if gives_away else phrase(self.words["rules"][entry.rule], **fields),
            "points": plural(self.words, entry.points),
            "lines": [self.line(line) for line in entry.lines],
            "jacobians": [] if gives_away else [self.jacobian(local) for local in entry.jacobians],
            "notes": [] if gives_away else self.notes(entry),
        }

    def question(self, entry: Entry) -> Mapping[str, Any]:
        """A question: its prompt, lines of mathematics, and blocks."""
        return {
            "number": str(entry.number or ""),
            "prompt": self.blocks.prompt(entry.prompt),
            "points": plural(self.words, entry.points),
            "lines": [self.line(line) for line in entry.lines],
            "blocks": [self.blocks(block) for block in entry.blocks],
        }

    @functools.cached_property
    def blocks(self) -> BlockPrinter:
        """The printer of what answers a question."""
        from derive.render.blocks import BlockPrinter

        return BlockPrinter(self.latex, self.words, self.data.kind, self.boxes)

    def notes(self, entry: Entry) -> list[str]:
        """The general entry of a Jacobian, and what the step assumes."""
        general = []
        for local in entry.general:
            symbol, otherwise = (
                self.notation.jacobian(local.upper, local.lower, local.of_slopes),
                escape(self.words["words"]["otherwise"]),
            )
            if text := cases(local.formula, symbol, otherwise, self.notation):
                general.append(f"${text}$")
        return general + [self.assumption(note) for note in dict.fromkeys(entry.assumptions)]

    def jacobian(self, local: Local) -> str:
        r"""∂y/∂z = W_2, with all entries where that is asked for; a long one has \more{...} where it may break."""
        symbol = self.notation.jacobian(local.upper, local.lower, local.of_slopes)
        parts = [self.latex(local.formula)]
        if local.written_out:
            parts += equal_matrices(local.formula, self.notation)
        return broken(symbol, list(dict.fromkeys(parts)))

    def layer(self, name: str) -> str:
        kind, _, number = name.partition(" ")
        key = f"{kind}_number" if number else kind or "none"
        return phrase(self.words["layers"][key], number=number)

    def assumption(self, note: str) -> str:
        kind, name, _ = note.split(":")
        return phrase(self.words["assumptions"][kind], symbol=self.notation.symbol(name))

    def line(self, line: Line) -> Mapping[str, Any]:
        parts = []
        if line.chain or self.notation.meaning(line.target.name, self.data.loss):
            parts.append(chain_latex(line, self.latex, self.data.loss))
        if line.formula is not None:
            parts.append(self.latex.oriented(line.formula, line.target))
        if line.cut is not None and line.formula is not None:
            parts.append(self.numbers(line))
        return {
            "symbol": self.notation.symbol(line.target.name),
            "parts": [terms(part) for part in dict.fromkeys(parts)],
            "result": self.result(line),
            "shape": self.shape(line.target),
            "points": plural(self.words, line.points),
            "working": str(rows_of_squares(line.result)) if isinstance(line.result, Blank) else "",
        }

    def numbers(self, line: Line) -> str:
        """The formula with its numbers, into every entry where that is clearer."""
        assert line.formula is not None and line.cut is not None
        printer = Latex(self.notation, line.cut, self.data.dimensions)
        if not line.entrywise:
            return printer.oriented(line.formula, line.target)
        import numpy as np

        shape = bound(line.formula.shape, dict(self.data.dimensions))
        entries = np.empty(shape, dtype=object)
        for index in np.ndindex(shape):
            entries[index] = printer.entry(line.formula, index)
        return self.latex.decimals(entries, line.target)[0]

    def result(self, line: Line) -> str:
        if isinstance(line.result, Blank):
            return self.room(line)
        return "" if line.result is None else self.latex.decimals(line.result, line.target)[0]

    def room(self, line: Line) -> str:
        """Room for an answer: a field for a formula, otherwise a box for each entry."""
        shape = line.result.shape if isinstance(line.result, Blank) else None
        if shape is None:
            return r"\begin{room}\framebox(100,10){}\end{room}"
        return self.boxes(Tensor(line.target.name, shape))

    def boxes(self, tensor: Tensor) -> str:
        """Boxes to write in, one for each entry; one large field where there are many."""
        import numpy as np

        if np.prod(tensor.shape, dtype=int) > LARGEST_ROOM or max(tensor.shape, default=1) > LARGEST:
            return r"\begin{room}\framebox(100,30){}\end{room}"
        entries = np.full(tensor.shape, SLOT, dtype=object)
        return rf"\begin{{room}}{self.latex.decimals(entries, tensor)[0]}\end{{room}}"

    def shape(self, tensor: Tensor) -> str:
        """The shape as it stands on paper: 2×1 for a column; nothing for a single number, or where it is asked for."""
        shape: Shape = tensor.shape
        if is_single(shape) or tensor.name in self.data.unshaped:
            return ""
        if len(shape) == 1:
            shape = (1, *shape) if self.notation.is_row(tensor.name) else (*shape, 1)
        return shape_latex(shape)


def rows_of_squares(blank: Blank) -> int:
    """How much room a line gets to be worked out: more for more entries, little for a formula in symbols."""
    entries = math.prod(blank.shape or ())
    return 2 if blank.shape is None else min(MOST_ROWS, 3 + entries // 6)


def symbol_latex(step: Step, problem: Problem, program: Program) -> str:
    """The symbol of the quantity that a step defines."""
    return Notation(problem.notation, program.rows, program.first, program.ranks).symbol(step.name)


def formula_latex(step: Step, problem: Problem, program: Program) -> str:
    """The right-hand side of a step in the problem's notation."""
    return Latex(Notation(problem.notation, program.rows, program.first, program.ranks))(step.formula)
