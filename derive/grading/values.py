"""Values as students type them: `0,5`, `1/3`, `50%`, a list of rows; read without evaluating anything.

A raw value is a number, a text, nothing, or a list of raw values. It becomes the entries of its quantity row by row,
NaN where nothing was written.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from derive.exam.roster import visible
from derive.ops import Array
from derive.spec.faults import shorten

Raw = float | str | None | list["Raw"]
Shape = tuple[int, ...]

LONGEST = 100  # characters of a number
DEEPEST = 6  # levels of brackets
MOST = 1e300  # in size; larger numbers are no answers
MOST_FLAWS = 5  # of one answer that are told
A_NUMBER = "a number such as 0.5, -0,5, 1e-3, 1/3 or 50%"

_PLAIN = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{0,40})?")
_DECIMAL = r"(?:[0-9]{1,40}(?:[.,][0-9]{0,40})?|[.,][0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?"
_NUMBER = re.compile(rf"(?P<sign>[+-]?) *(?P<top>{_DECIMAL})(?: */ *(?P<bottom>{_DECIMAL})| *(?P<percent>%))?")
_MINUS = str.maketrans(dict.fromkeys("\u2212\u2013\ufe63\uff0d\u2010\u2011", "-"))
_NOT_FINITE = frozenset({"nan", "inf", "infinity", "np.nan", "np.inf"})
_NOTHING = frozenset({"", "null", "none", "~"})
_TOKEN = re.compile(r"[\[\]()]|[,;]|[^\[\](),;]+")


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a value; `place` is the entry, counted from 1: `[1,2]`."""

    found: str
    expected: str
    hint: str = ""
    place: str = ""


class FlawedNumber(ValueError):
    """Raised by the reader of one number or of one cell."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.found)
        self.flaw = flaw


def read_number(text: str) -> float:
    """A number in a text; NaN where the text is empty."""
    if _PLAIN.fullmatch(text):
        return float(text)
    bare = " ".join(text.translate(_MINUS).split())
    if bare.lower() in _NOTHING:
        return math.nan
    match = _NUMBER.fullmatch(bare) if len(bare) <= LONGEST else None
    if match is None:
        raise FlawedNumber(_not_a_number(bare))
    number = _decimal(match["top"])
    if match["bottom"]:
        bottom = _decimal(match["bottom"])
        if bottom == 0:
            raise FlawedNumber(Flaw(f"{visible(bare)}, a division by zero", A_NUMBER))
        number /= bottom
    if match["percent"]:
        number /= 100
    if not math.isfinite(number):
        raise FlawedNumber(Flaw(visible(bare), "a finite number"))
    return -number if match["sign"] == "-" else number


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


def _not_a_number(text: str) -> Flaw:
    shown = visible(shorten(text))
    if text.lower().lstrip("+-") in _NOT_FINITE:
        return Flaw(shown, "a finite number", "leave it empty if there is no answer")
    if re.fullmatch(r"[+-]?[0-9]+(?:[.,][0-9]+){2,}", text):
        return Flaw(shown, A_NUMBER, "no marks between thousands")
    if re.fullmatch(r"[0-9 +\-*/^.,()eE]+", text):
        return Flaw(f"the calculation {shown}", A_NUMBER, "only the result is read")
    return Flaw(f"the text {shown!r}", A_NUMBER)


def read_cell(text: str) -> Raw:
    """A number, or a list in brackets: `[[1, 2], [3, 4]]`. Where `;` divides the entries, commas are decimal."""
    bare = text.strip()
    return _Brackets(bare).read() if bare.startswith(("[", "(")) else bare or None


class _Brackets:
    """The reader of a list: `entry` is what stands behind the last comma, `is_closed` whether that was a list."""

    def __init__(self, text: str) -> None:
        self.text, self.divider = text, ";" if ";" in text else ","
        self.root: list[Raw] = []
        self.stack = [self.root]
        self.entry, self.is_closed = "", False

    def read(self) -> Raw:
        """The list, from its first bracket to its last."""
        for token in _TOKEN.findall(self.text):
            self._require(len(self.stack) > 1 or not self.root)
            if token in "[(":
                self._open()
            elif token in "])":
                self._close()
            elif token == self.divider:
                self._divide()
            else:
                self._require(not (self.is_closed and token.strip()))
                self.entry += token
        self._require(len(self.stack) == 1)
        return self.root[0]

    def _open(self) -> None:
        self._require(not self.entry.strip() and not self.is_closed and len(self.stack) <= DEEPEST)
        inner: list[Raw] = []
        self.stack[-1].append(inner)
        self.stack.append(inner)

    def _close(self) -> None:
        inner = self.stack.pop()
        if not self.is_closed and (inner or self.entry.strip()):
            inner.append(self.entry.strip() or None)
        self.entry, self.is_closed = "", True

    def _divide(self) -> None:
        if not self.is_closed:
            self.stack[-1].append(self.entry.strip() or None)
        self.entry, self.is_closed = "", False

    def _require(self, fits: bool) -> None:
        if not fits:
            found, expected = f"{visible(shorten(self.text))}, which cannot be read", "a list such as [0.5, -1]"
            raise FlawedNumber(Flaw(found, f"{expected} or [[1, 2], [3, 4]]"))


def read_array(raw: Raw, shape: Shape) -> tuple[Array, list[Flaw]]:
    """The same as `read_entries` in the shape of the quantity."""
    entries, flaws = read_entries(raw, shape)
    return np.array(entries).reshape(shape), flaws


def read_entries(raw: Raw, shape: Shape) -> tuple[list[float], list[Flaw]]:
    """The entries of an answer row by row, NaN where nothing was written or can be read, and what is wrong with them.

    Axes of size 1 say nothing: a row is as good as a column, and `[0.5]` as 0.5.
    """
    if not shape and isinstance(raw, (str, float)):
        with suppress(FlawedNumber):  # a list in brackets, or what is told below
            return [_number(raw)], []
    size = math.prod(shape)
    try:
        value = read_cell(raw) if isinstance(raw, str) else raw
        if value is None:
            return [math.nan] * size, []
        leaves: list[Raw] = []
        found = _shape(value, leaves)
    except FlawedNumber as error:
        return [math.nan] * size, [error.flaw]
    if found != shape and [size for size in found if size != 1] != [size for size in shape if size != 1]:
        hint = "is it transposed?" if len(found) == 2 and found[::-1] == shape else _comma_hint(found, shape)
        told = f"`{visible(shorten(value))}`" if isinstance(value, str) else shape_text(found)
        return [math.nan] * size, [Flaw(told, shape_text(shape), hint)]
    flaws: list[Flaw] = []
    entries = []
    for place, leaf in enumerate(leaves):
        try:
            entries.append(leaf if type(leaf) is float and abs(leaf) < MOST else _number(leaf))
        except FlawedNumber as error:
            entries.append(math.nan)
            flaws.append(Flaw(error.flaw.found, error.flaw.expected, error.flaw.hint, place_text(place, shape)))
    return entries, _few(flaws) if flaws else flaws


def _few(flaws: list[Flaw]) -> list[Flaw]:
    """The first flaws of an answer; hundreds of the same kind would bury those of other students."""
    if len(flaws) <= MOST_FLAWS:
        return flaws
    return [*flaws[:MOST_FLAWS], Flaw(f"{len(flaws) - MOST_FLAWS} more entries like these", A_NUMBER)]


def _shape(value: Raw, leaves: list[Raw], depth: int = 0) -> Shape:
    """The shape of nested lists, whose entries are added to `leaves`."""
    if not isinstance(value, list):
        leaves.append(value)
        return ()
    if depth >= DEEPEST:
        raise FlawedNumber(Flaw("lists in lists in lists", "a number, a list, or a list of rows"))
    if not any(isinstance(part, list) for part in value):
        leaves += value
        return (len(value),)
    shapes = [_shape(part, leaves, depth + 1) for part in value]
    for number, other in enumerate(shapes):
        if other != shapes[0]:
            found = f"a part {number + 1} with {shape_text(other)}, but a part 1 with {shape_text(shapes[0])}"
            raise FlawedNumber(Flaw(found, "rows of equal length"))
    return (len(value), *shapes[0])


def _number(leaf: Raw) -> float:
    if leaf is None:
        return math.nan
    if isinstance(leaf, str):
        return read_number(leaf)
    if isinstance(leaf, bool) or not isinstance(leaf, (int, float)):
        raise FlawedNumber(Flaw(visible(shorten(str(leaf))), A_NUMBER))
    number = float(leaf) if abs(leaf) < MOST else math.inf
    if not math.isfinite(number):
        raise FlawedNumber(Flaw(visible(shorten(str(leaf))), "a finite number"))
    return number


def _comma_hint(found: Shape, shape: Shape) -> str:
    if len(found) == 1 and math.prod(found) == 2 * math.prod(shape):
        return "in a list a comma divides the entries: write 0.5, or [0,5; 1,5]"
    return ""


def shape_text(shape: Shape) -> str:
    """`a single number`, `3 numbers`, `2 rows of 3 numbers`."""
    if not shape:
        return "a single number"
    if len(shape) == 1:
        return "1 number" if shape[0] == 1 else f"{shape[0]} numbers"
    first = "1 row" if shape[0] == 1 else f"{shape[0]} rows"
    return f"{first} of {shape_text(shape[1:])}" if len(shape) == 2 else " x ".join(map(str, shape)) + " numbers"


def place_text(place: int, shape: Shape) -> str:
    """The place of an entry, counted from 1: `[1,2]`."""
    return f"[{','.join(str(index + 1) for index in np.unravel_index(place, shape))}]" if shape else ""
