"""The mark scheme of a key: for each answer, entry by entry, the decimals between which it is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from derive.evaluate import style_of
from derive.exam.decimals import text
from derive.exam.fractions import with_fractions
from derive.exam.points import share
from derive.exam.stencil import FIRST
from derive.ops import Array, Tensor
from derive.render.matrix import entry_latex
from derive.render.paper import Accepted, Printer
from derive.sheet import Sheet
from derive.variants.rounding import Accepted as Intervals
from derive.variants.setting import Setting

_MARK = re.compile("([\ue000-\uf8ff])")
_ROW = re.compile(r"\\accepted\{(.*?)\}\n(?=\\accepted|\\end\{scheme\})", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.}])-?[0-9]+(?:\.[0-9]+|/[0-9]+)?(?![\w.])")
_APART = "\0"
ARGUMENTS = 4  # of a row: the answer, from, to, points
_BRACE = re.compile(r"[{}]")
NOTHING = 1e-9  # decimals that are further apart are others
_FRACTION = re.compile(r"\\tfrac\{([0-9]+)\}\{([0-9]+)\}")


class Scheme:
    """The scheme of a network, printed once with marks for its numbers; `points` are those of the whole problem."""

    def __init__(self, setting: Setting, sheet: Sheet, printer: Printer, points: int | None) -> None:
        self.setting, self.style = setting, style_of(setting.problem)
        points_of = worth(setting, points)
        self.slots: list[tuple[str, int, int]] = []  # the answer, 0 for low and 1 for high, the entry
        rows = []
        for name in setting.answers:
            tensor = setting.program.tensor(name)
            rows.append(Accepted(tensor, self._marks(tensor, 0), self._marks(tensor, 1), points_of.get(name)))
        pieces = _MARK.split(printer.scheme(sheet, rows))
        self.between, self.order = pieces[::2], [ord(mark) - FIRST for mark in pieces[1::2]]

    def _marks(self, tensor: Tensor, side: int) -> Array:
        shape = self.setting.arithmetic.shape(tensor.shape)
        result = np.empty(shape, dtype=object)
        for entry, index in enumerate(np.ndindex(shape)):
            result[index] = chr(FIRST + len(self.slots))
            self.slots.append((tensor.name, side, entry))
        return result

    def fill(self, intervals: Intervals) -> list[str]:
        """The LaTeX of the scheme of each variant."""
        texts = {name: [self._texts(*sides, side) for side in sides] for name, sides in intervals.intervals.items()}
        columns = [texts[name][side][:, entry].tolist() for name, side, entry in self.slots]
        ordered = [columns[place] for place in self.order]
        return [self._joined(texts) for texts in zip(*ordered, strict=True)]

    def _texts(self, low: Array, high: Array, side: Array) -> Array:
        """The bounds at one side, a row for each variant; where it is the other one, a fraction may stand for both."""
        places, bounds = self.setting.places, side.reshape(len(side), -1)
        signed = np.frompyfunc(lambda number: ("-" if number < 0 else "") + text(number, places), 1, 1)
        decimals: Array = signed(np.rint(bounds * 10.0**places))
        if not self.style.fractions:
            return decimals
        alone = (low == high).reshape(len(side), -1).all(axis=1)
        exact = with_fractions(decimals[alone], bounds[alone], self.style)
        decimals[alone] = np.frompyfunc(entry_latex, 1, 1)(exact)
        return decimals

    def _joined(self, texts: Sequence[str]) -> str:
        pieces = [self.between[0]]
        for number, between in zip(texts, self.between[1:], strict=True):
            pieces += (number, between)
        return "".join(pieces)


def worth(setting: Setting, points: int | None) -> dict[str, Fraction | int | None]:
    """What each answer is worth: what `ask:` says, or its share of the whole where nothing is asked by name."""
    problem = setting.problem
    if problem.ask or problem.questions:
        return {ask.quantity: ask.points for ask in problem.ask}
    return dict(zip(setting.answers, share(points or 0, [1] * len(setting.answers)), strict=True))


def disagreements(scheme: str, accepted: dict[str, list[object]], printed: dict[str, object]) -> Iterator[str]:
    """The answers of a record whose decimals are not those that a printed scheme shows, read from its LaTeX.

    Between low and high must lie what the key prints.
    """
    rows = [row for row in map(_arguments, _ROW.findall(scheme)) if len(row) == ARGUMENTS]
    if len(rows) != len(accepted):
        yield f"{len(rows)} rows for {len(accepted)} answers"
        return
    sides = _plain(_APART.join(side for _, *both, _ in rows for side in both)).split(_APART)
    shown = [[_number(found) for found in _NUMBER.findall(side)] for side in sides]
    for low, high, (name, bounds) in zip(shown[::2], shown[1::2], accepted.items(), strict=True):
        ends = np.array(bounds, dtype=float).reshape(-1, 2)
        right = [_number(entry) for entry in np.array(printed[name], dtype=object).flat]
        if not (len(low) == len(high) == len(right) == len(ends)) or not all(
            abs(least - start) <= NOTHING and abs(most - end) <= NOTHING and least - NOTHING <= entry <= most + NOTHING
            for least, most, entry, (start, end) in zip(low, high, right, ends.tolist(), strict=True)
        ):
            yield name


def _number(text: str) -> float:
    return float(Fraction(text)) if "/" in text else float(text)


def _arguments(row: str) -> list[str]:
    """The arguments of a macro, from `a}{b}{c}{d`: what stands between its first and its last brace."""
    ends, depth, start = [], 1, 0
    for brace in _BRACE.finditer(row):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            ends.append(row[start : brace.start()])
        elif depth == 1 and brace[0] == "{":
            start = brace.end()
    return [*ends, row[start:]]


def _plain(side: str) -> str:
    """A side without its commands, so that only numbers are left."""
    side = _FRACTION.sub(r"\1/\2", side)
    return re.sub(r"\\[A-Za-z]+\*?(\{[A-Za-z*]+\})?(\[r\])?", " ", side).replace("&", " ").replace("\\\\", " ")
