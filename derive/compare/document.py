"""A comparison as a LaTeX document: each formula by the printer of the sheets, in the notation of its own problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from derive.compare.rows import Comparison, NumberRow, Row
from derive.ops import Array
from derive.program import Step
from derive.render.checked import checked_sentence
from derive.render.document import View
from derive.render.templates import Words, fill, load_words
from derive.render.words import escape, phrase

SIDES = ("A", "B")


def comparison_tex(comparison: Comparison, everything: bool = False) -> str:
    """The LaTeX source, by the templates of the left side; without `everything` only of what changes."""
    templates = comparison.left.templates
    words = load_words(templates)
    return fill("comparison.tex.j2", templates, _Fields(comparison, words).fields(everything))


class _Fields:
    """A comparison as the LaTeX fragments that the template arranges."""

    def __init__(self, comparison: Comparison, words: Words) -> None:
        self.comparison, self.words = comparison, words
        self.views = tuple(View(side.sheet(), words) for side in comparison.sides)

    def fields(self, everything: bool) -> Mapping[str, Any]:
        words = {key: phrase(text) for key, text in self.words["comparison"].items()}
        titles = [escape(view.data.title) for view in self.views]
        rows = self.comparison.rows if everything else self.comparison.changes
        return {
            "kind": words["kind"],
            "title": " / ".join(escape(side.problem.name) for side in self.comparison.sides),
            "titles": [dict(zip(("side", "title"), pair, strict=True)) for pair in zip(SIDES, titles, strict=True)],
            "words": words,
            "sections": [
                {
                    "role": role,
                    "title": escape(self.words["sections"][role]),
                    "rows": [self.row(row) for row in members],
                }
                for role, members in groupby(rows, lambda row: row.section)
            ],
            "has_numbers": self.comparison.has_numbers,
            "numbers": [self.numbers(row) for row in self.comparison.numbers],
            "checked": [{"side": side, "sentence": text} for side, text in zip(SIDES, self.checked(), strict=True)],
        }

    def row(self, row: Row) -> Mapping[str, Any]:
        steps = (row.left, row.right)
        return {
            "symbol": self.symbol(steps),
            "formulas": [self.formula(view, step) for view, step in zip(self.views, steps, strict=True)],
            "changed": row.change != "same",
        }

    def symbol(self, steps: Iterable[Step | None]) -> str:
        """The symbol of a quantity; both where the problems write it differently."""
        found = (view.notation.symbol(step.name) for view, step in zip(self.views, steps, strict=True) if step)
        return r"\;\;".join(dict.fromkeys(found))

    def formula(self, view: View, step: Step | None) -> str:
        return view.latex.oriented(step.formula, step.target) if step else ""

    def numbers(self, row: NumberRow) -> Mapping[str, Any]:
        steps = (row.left, row.right)
        triples = zip(self.views, row.values, steps, strict=True)
        return {"symbol": self.symbol(steps), "values": [self.decimals(*triple) for triple in triples]}

    def decimals(self, view: View, values: Array, step: Step) -> str:
        return view.latex.decimals(values, step.target)[0]

    def checked(self) -> list[str]:
        """What was checked, for each side."""
        pairs = zip(self.comparison.sides, self.views, strict=True)
        return [checked_sentence(side.all_findings, self.words, view.notation.symbol) for side, view in pairs]
