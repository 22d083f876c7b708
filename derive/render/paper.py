"""The parts of an exam paper as LaTeX: what all papers share, the front page, and one problem as question or key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derive.ops import Array, Tensor
from derive.render.document import View
from derive.render.templates import Words, fill, load_words
from derive.render.words import escape, phrase, plural
from derive.sheet import Sheet

SLOT_WIDTH = 9  # millimetres of a box for a number without decimals
PLACE_WIDTH = 2
MOST_PLACES = 6


@dataclass(frozen=True)
class Front:
    """What a front page says; `rows` has the title and the points of each problem in the order of the paper."""

    title: str
    id: str
    course: str = ""
    date: str = ""
    minutes: int | None = None
    instructions: Sequence[str] = ()
    rows: Sequence[tuple[str, int | None]] = ()
    student: str = ""
    student_id: str = ""


@dataclass(frozen=True)
class Accepted:
    """A row of the mark scheme: the lowest and highest decimals of an answer that are accepted, and its points."""

    tensor: Tensor
    low: Array
    high: Array
    points: int | None = None


@dataclass(frozen=True)
class Printer:
    """Prints the parts of the papers of one exam, with an instructor's own templates in front of ours."""

    templates: Path | None = None
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", load_words(self.templates))

    def preamble(self, title: str, is_key: bool, places: int) -> str:
        r"""All that stands before \begin{document}; `places` are the most decimals that a box must hold."""
        kind = self.words["exam"]["key" if is_key else "exam"]
        return fill(
            "exam-preamble.tex.j2",
            self.templates,
            {
                "is_key": is_key,
                "kind": escape(kind),
                "title": escape(title),
                "slot_width": SLOT_WIDTH + PLACE_WIDTH * min(places, MOST_PLACES),
            },
        )

    def front(self, front: Front, is_key: bool) -> str:
        """The front page, or the head of a key."""
        words = self.words["exam"]
        total = sum(points or 0 for _, points in front.rows)
        lengths = {"minutes": str(front.minutes or ""), "points": str(total or "")}
        key = {(True, True): "length", (True, False): "length_in_minutes", (False, True): "length_in_points"}.get(
            (bool(front.minutes), bool(total))
        )
        fields: dict[str, Any] = {
            "title": escape(front.title),
            "id": escape(front.id),
            "course": escape(front.course),
            "date": escape(front.date),
            "length": phrase(words[key], **lengths) if key else "",
            "instructions": [escape(line) for line in front.instructions],
            "rows": [
                {"number": str(number), "title": escape(title), "points": str(points or "")}
                for number, (title, points) in enumerate(front.rows, 1)
            ],
            "total": str(total or ""),
            "student": escape(front.student),
            "student_id": escape(front.student_id),
        }
        return fill("exam-front.tex.j2", self.templates, {"front": fields, "is_key": is_key, "words": self._words()})

    def footer(self, course: str, title: str, id_: str, student: str) -> str:
        """What stands at the foot of each page, at the left of its number."""
        parts = [course, title, student]
        shown = [escape(part) for part in parts if part]
        return r" \textperiodcentered{} ".join([*shown, rf"\texttt{{{escape(id_)}}}"])

    def problem(self, sheet: Sheet, points: int | None, is_key: bool) -> str:
        """One problem with room for answers, or as its key; its number is that of the problem on the paper."""
        view = View(sheet, self.words)
        heading = phrase(self.words["exam"]["problem_number"], number=r"\theproblem")
        return fill(
            "exam-problem.tex.j2",
            self.templates,
            {
                "sheet": view.sheet(),
                "is_key": is_key,
                "heading": heading,
                "points": plural(self.words, points),
                "words": {**view.plain_words(), **self._words()},
            },
        )

    def scheme(self, sheet: Sheet, rows: Sequence[Accepted]) -> str:
        """The mark scheme of a problem."""
        latex = View(sheet, self.words).latex
        shown = [
            {
                "symbol": latex.notation.symbol(row.tensor.name),
                "low": latex.decimals(row.low, row.tensor)[0],
                "high": latex.decimals(row.high, row.tensor)[0],
                "points": plural(self.words, row.points),
            }
            for row in rows
        ]
        return fill("exam-scheme.tex.j2", self.templates, {"rows": shown, "words": self._words()})

    def _words(self) -> Mapping[str, str]:
        return {key: escape(text) for key, text in self.words["exam"].items()}
