"""The parts of an exam paper as LaTeX: what all papers share, the front page, and one problem as question or key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive.ops import Array, Tensor
from derive.render.document import View
from derive.render.scripts import typeset
from derive.render.templates import Words, fill, load_words
from derive.render.words import escape, form, phrase, plural
from derive.sheet import Sheet
from derive.spec.faults import shorten

SLOT_WIDTH = 9  # millimetres of a box for a number without decimals
PLACE_WIDTH = 2
MOST_PLACES = 6
FOOT, FOOT_NAME, FOOT_EXAM = 84, 40, 16  # characters at the foot of a page: all, the longest name, the shortest exam
ROW = 90  # characters of the title of a problem on the front page


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

    @property
    def foot(self) -> tuple[str, str]:
        """What stands at the foot of each page: which exam, and whose paper."""
        student = shorten(self.student or self.student_id, FOOT_NAME)
        exam = " · ".join(part for part in (self.course, self.title) if part)
        return shorten(exam, max(FOOT_EXAM, FOOT - len(student) - len(self.id))), student

    @property
    def table(self) -> tuple[tuple[str, int | None], ...]:
        """The rows of the table of points."""
        return tuple((shorten(title, ROW), points) for title, points in self.rows)

    @property
    def texts(self) -> tuple[str, ...]:
        """All that may hold letters of any script."""
        own = (self.title, self.course, self.date, self.student, self.student_id, *self.instructions)
        return (*own, *(title for title, _ in self.table), *self.foot)


@dataclass(frozen=True)
class Accepted:
    """A row of the mark scheme: the lowest and highest decimals of an answer that are accepted, and its points."""

    tensor: Tensor
    low: Array
    high: Array
    points: Fraction | int | None = None


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
            "title": typeset(front.title),
            "title_length": len(front.title),
            "id": escape(front.id),
            "course": typeset(front.course),
            "date": typeset(front.date),
            "length": phrase(form(words[key], total), **lengths) if key else "",
            "instructions": [typeset(line) for line in front.instructions],
            "rows": [
                {"number": str(number), "title": typeset(title), "points": str(points or "")}
                for number, (title, points) in enumerate(front.table, 1)
            ],
            "total": str(total or ""),
            "student": typeset(front.student),
            "student_id": typeset(front.student_id),
        }
        return fill("exam-front.tex.j2", self.templates, {"front": fields, "is_key": is_key, "words": self._words()})

    def footer(self, front: Front) -> str:
        """What stands at the foot of each page, at the left of its number."""
        exam, student = (typeset(text) for text in front.foot)
        return rf"\footer{{{exam}}}{{{student}}}{{{escape(front.id)}}}"

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
        words = self._words()
        said = words["follow_through"] if sheet.fractions else f"{words['follow_through']} {words['brackets']}"
        data = {"rows": shown, "words": {**words, "follow_through": said}, "fractions": sheet.fractions}
        return fill("exam-scheme.tex.j2", self.templates, data)

    def _words(self) -> Mapping[str, str]:
        return {key: escape(text) for key, text in self.words["exam"].items()}
