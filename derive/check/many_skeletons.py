r"""A piece of LaTeX without its numbers, so that one parse serves for many documents that differ in their numbers only.

In a skeleton each number, with a minus sign that touches it, is a `MARK`. To be parsed, every mark gets a stand-in for
its number. Where a number fills the cell of a matrix or a pair of parentheses, its sign belongs to it; elsewhere the
sign is written out in front of the stand-in, so that -0.1^2 and (-0.1)^2 stay what they are, and skeletons that differ
in such a sign are parsed apart. Cells and parentheses that hold a formula are pieces of their own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from derive.check.latex_tokens import negative_zeros

MARK = "\x00"
NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)")
STANDING_IN = ("", "-", ".5", "-.5")
FIRST = 100_000  # a stand-in is this and the place of its mark, with .5 behind it where it stands for a decimal
MOST = 90_000

_MATRIX = re.compile(r"(?<=\\begin\{bmatrix\*\}\[r\]\n)((?:(?!\\begin|\\end).)*?)(?=\n\\end\{bmatrix\*\})", re.DOTALL)
_BETWEEN_CELLS = re.compile(r"( & | \\\\ )")
_SUM_IN_PARENTHESES = re.compile(rf"(?<=\()[-+/ {MARK}]*(?=\))")
_ALONE = re.compile(  # a number that is all of a cell or of what stands in parentheses
    rf"(?:(?<=\*\}}\[r\]\n)|(?<=& )|(?<=\\\\ )){MARK}(?= & | \\\\ |\n\\end\{{bmatrix\*\}})"
    rf"|(?<=\(){MARK}(?=\)|\\right\))"
)
_WHOLE = re.compile(rf"[_^]\{{[^{{}}]*\}}|[_^]{MARK}|\{{{MARK}\}}|{MARK}(?=\^)")  # an integer here is part of the form


@dataclass(frozen=True)
class Piece:
    """A cell or a pair of parentheses with a formula: its skeleton, and which of the numbers are its own."""

    skeleton: str
    first: int
    last: int


@dataclass(frozen=True)
class Skeleton:
    """A skeleton with its pieces taken out.

    `slots` says for each mark which number it is, or which piece; `alone` are the marks that stand alone, `forms` those
    of which an integer belongs to the form, as an exponent does.
    """

    text: str
    slots: tuple[int | Piece, ...]
    alone: frozenset[int]
    forms: frozenset[int]

    @functools.cached_property
    def formulas(self) -> frozenset[int]:
        """The marks of pieces."""
        return frozenset(place for place, slot in enumerate(self.slots) if isinstance(slot, Piece))

    @functools.cached_property
    def _deciding(self) -> tuple[tuple[int, bool], ...]:
        """The numbers that do not stand alone, and whether an integer in their place belongs to the form."""
        return tuple(
            (slot, place in self.forms)
            for place, slot in enumerate(self.slots)
            if place not in self.alone and isinstance(slot, int)
        )

    def form(self, row: Sequence[str]) -> tuple[str, ...]:
        """What besides the skeleton decides how a row of numbers is parsed: signs, decimal points, exponents."""
        return tuple([_form(row[slot], whole) for slot, whole in self._deciding])


def _form(number: str, whole: bool) -> str:
    if "." in number:
        return "-.5" if number[0] == "-" else ".5"
    return number if whole else number[: number[0] == "-"]


@functools.lru_cache(maxsize=8192)
def skeleton_of(text: str) -> Skeleton:
    """A skeleton as it is printed, with formulas in cells and in parentheses taken out."""
    taken: list[tuple[int, int]] = []
    for found in _MATRIX.finditer(text):
        start = found.start()
        for cell in _BETWEEN_CELLS.split(found[0]):
            if MARK in cell and cell != MARK and _is_closed(cell):
                taken.append((start, start + len(cell)))
            start += len(cell)
    inside = {place for start, end in taken for place in range(start, end)}
    sums = [found for found in _SUM_IN_PARENTHESES.finditer(text) if MARK in found[0] and found[0] != MARK]
    taken += [found.span() for found in sums if found.start() not in inside]
    slots: list[int | Piece] = []
    parts, position, number = [], 0, 0
    for start, end in [*sorted(taken), (len(text), len(text))]:
        before = text[position:start]
        slots += range(number, number + before.count(MARK))
        number += before.count(MARK)
        parts.append(before)
        if piece := text[start:end]:
            slots.append(Piece(piece, number, number + piece.count(MARK)))
            number += piece.count(MARK)
            parts.append(MARK)
        position = end
    rest = "".join(parts)
    return Skeleton(rest, tuple(slots), _places(rest, _ALONE), _places(rest, _WHOLE))


@functools.lru_cache(maxsize=8192)
def unparted(text: str) -> Skeleton:
    """A skeleton as it is printed, all its numbers its own."""
    return Skeleton(text, tuple(range(text.count(MARK))), _places(text, _ALONE), _places(text, _WHOLE))


def place_of(standing_in: int) -> tuple[int, bool]:
    """The mark whose stand-in has these digits, and whether it stands for a decimal: 1000035 is 100003.5."""
    decimal = standing_in >= 10 * FIRST
    return (standing_in // 10 if decimal else standing_in) - FIRST, decimal


def _is_closed(cell: str) -> bool:
    return all(cell.count(one) == cell.count(other) for one, other in ("{}", "()", (r"\left", r"\right")))


def _places(text: str, pattern: re.Pattern[str]) -> frozenset[int]:
    """The marks within what the pattern finds."""
    return frozenset(
        text.count(MARK, 0, found.start()) + place
        for found in pattern.finditer(text)
        for place in range(found[0].count(MARK))
    )


@dataclass(frozen=True)
class Parsable:
    """LaTeX with stand-ins: the mark of each stand-in, those where a zero would carry a minus sign, those with one."""

    tex: str
    marks: dict[str, int]
    signed: frozenset[int]
    negative: frozenset[int]


@functools.lru_cache(maxsize=8192)
def parsable(text: str, form: tuple[str, ...]) -> Parsable:
    """The LaTeX of a skeleton without its pieces, with a stand-in for each number that is no part of the form."""
    *words, last = text.split(MARK)
    if len(words) > MOST:
        raise ValueError(f"a line of {len(words)} numbers")
    alone, forms = _places(text, _ALONE), iter(form)
    marks: dict[str, int] = {}
    negative: list[int] = []
    tex, zeros, ends = "", "", []
    for place, word in enumerate(words):
        kind = ".5" if place in alone else next(forms)
        name, zero = kind, kind
        if kind in STANDING_IN:
            name, zero = kind.replace(".5", "") + f"{FIRST + place}", kind.replace(".5", "") + "0"
            if kind.endswith(".5"):
                name, zero = f"{name}.5", f"{zero}.0"
            marks[name.lstrip("-")] = place
            negative += [place] * (kind[:1] == "-")
        tex, zeros = tex + word + name, zeros + word + zero
        ends.append(len(zeros))
    signed = [next(place for place, end in enumerate(ends) if end > sign) for sign in negative_zeros(zeros + last)]
    return Parsable(tex + last, marks, frozenset(signed), frozenset(negative))
