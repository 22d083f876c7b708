"""A worksheet as Markdown with mathematics, for notebooks: what is given, the formulas, no answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.render.choices import sentences
from derive.render.definitions import definition
from derive.render.document import View
from derive.render.words import MATHEMATICS, form
from derive.sheet import Entry, Line, Sheet

_MARKUP = frozenset(r"\`*_{}[]()<>#+-.!|$&~")
_MARKERS = re.compile(r"(BEGIN|END) (?=SOLUTION|HIDDEN|MARK)")  # lines that tools for assignments cut at
_FIELD = re.compile(r"\{(\w+)\}")
_STARRED = re.compile(r"(\\(?:begin|end)\{bmatrix)\*\}(?:\[r\])?")  # of a LaTeX package that pages do not have


def markdown_text(text: str) -> str:
    """Plain text in Markdown: what would be markup there is escaped."""
    escaped = "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in text)
    return _MARKERS.sub(r"\1&nbsp;", escaped)


@dataclass(frozen=True)
class Passage:
    """A piece of the statement; `quantity` is the one that it ends with, empty where nothing is asked."""

    text: str
    quantity: str = ""


class MarkdownView:
    """The pieces of a worksheet, of which a notebook is made."""

    def __init__(self, sheet: Sheet, view: View) -> None:
        self.sheet, self.view = sheet, view

    def statement(self) -> str:
        """The title, the text, how precisely to work, and by which conventions."""
        sheet, parts = self.sheet, [f"# {markdown_text(self.sheet.title)}", markdown_text(self.sheet.text)]
        if sheet.fractions:
            parts.append(self.phrase(self.view.words["words"]["fractions"]))
        elif sheet.places is not None:
            key = "carry_rounded" if sheet.carry == "rounded" else "places"
            parts.append(self.phrase(form(self.view.words["words"][key], sheet.places), places=str(sheet.places)))
        chosen = sentences(sheet.choices, self.view.notation)
        parts += [self.phrase(self.view.words["words"][key], **fields) for key, fields in chosen]
        return "\n\n".join(part for part in parts if part)

    def given(self) -> str:
        """The given quantities with their numbers."""
        shown = [f"${mathematics(self.view.given(shown))}$" for shown in self.sheet.givens]
        return "\n\n".join([f"**{markdown_text(self.view.words['words']['given'])}**", *shown])

    def passages(self, asked: frozenset[str]) -> Iterator[Passage]:
        """The lines in order, each under the headings in front of it; what neither asks nor explains is left out."""
        for section in self.sheet.sections:
            headings = [f"## {markdown_text(self.view.words['sections'][section.role])}"]
            for entry in section.entries if section.role != "question" else ():
                lines = [line for line in entry.lines if line.target.name in asked or line.formula is not None]
                headings.append(f"### {self.title(entry)}")
                for line in lines:
                    name = line.target.name if line.target.name in asked else ""
                    yield Passage("\n\n".join([*headings, f"${self.line(line)}$"]), name)
                    headings.clear()
                if not lines:
                    headings.pop()

    def title(self, entry: Entry) -> str:
        """The heading of a step, with the definition of the function in it."""
        gives_away = entry.lines[0].formula is None
        fields = {
            "symbol": f"{self.view.notation.symbol(entry.quantity)}",
            "layer": self.layer(entry.layer),
            "of": "".join(self.view.notation.symbol(name) for name in entry.differentiated[:1]),
            "by": self.view.notation.symbol(entry.quantity),
        }
        title = self.phrase(self.view.words["titles"][entry.title], **fields)
        explained = "" if gives_away else definition(entry.operands)
        return f"{title}\n\n{explained}" if explained else title

    def layer(self, name: str) -> str:
        """`hidden layer 2`"""
        kind, _, number = name.partition(" ")
        key = f"{kind}_number" if number else kind or "none"
        return self.phrase(self.view.words["layers"][key], number=number)

    def line(self, line: Line) -> str:
        """symbol = chain rule = formula, without the result."""
        shown = self.view.line(line)
        parts = [" ".join(part) for part in shown["parts"]]
        return mathematics(" = ".join([shown["symbol"], *parts]))

    def phrase(self, template: str, **fields: str) -> str:
        """A phrase of the table of words with its fields filled in; outside of $...$ its text is escaped."""
        parts = []
        for part in MATHEMATICS.split(template):
            between = _FIELD.split(part)
            if not part.startswith("$"):
                between[::2] = [markdown_text(text) for text in between[::2]]
            between[1::2] = [fields[name] for name in between[1::2]]
            parts.append("".join(between))
        return "".join(parts)


def mathematics(latex: str) -> str:
    """LaTeX as pages set it: without the macros and packages of the sheets, on one line."""
    plain = _STARRED.sub(r"\1}", latex)
    return _MARKERS.sub(r"\1\\ ", " ".join(plain.split()))
