"""A printed sheet with its numbers cut out: printed once for a network, filled in for each variant.

What stands between two numbers may depend on their signs (`+ 0.5`, `- 0.5`, `(-0.5)`), and on nothing else about them.
So a sheet is printed with stand-ins for its numbers, and what stands between them is remembered by the signs on both
sides; pairs of signs that have not occurred yet are printed when they do, as many of them at once as go together. The
filled documents are read again, every one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from derive.exam.numbers import ManyNumbers
from derive.ops import Array, Node
from derive.program import Program
from derive.sheet import Blank, Entry, Line, Sheet
from derive.sheet.model import GraphNode, Shown, SummaryRow
from derive.sheet.substitute import is_evaluated, moved

FIRST = 0xE000  # of Unicode's private use area, in which no other text of a sheet lies
MOST_SLOTS = 6400
_STAND_IN = re.compile("0\\.([\ue000-\uf8ff])0*1")
_BARE_MINUS = re.compile(r"(?<! )-$")


class NotStencilled(ValueError):
    """A sheet whose numbers cannot be cut out."""


@dataclass(frozen=True)
class Slot:
    """Where a number comes from: the entry of a quantity or part, as `kind` of number, in a line (-1: in no line)."""

    kind: str
    source: str | Node
    entry: int
    line: int = -1


class Stencil:
    """The sheet of a network, to be filled with the numbers of its variants; `printed` makes LaTeX of a sheet."""

    def __init__(
        self, sheet: Sheet, program: Program, varying: frozenset[str], printed: Callable[[Sheet], str]
    ) -> None:
        self.printed, self.varying, self.program = printed, varying, program
        self.lines: list[Line] = []
        self._places: dict[Slot, int] = {}
        self._negative: frozenset[Slot] = frozenset()
        self._between: dict[tuple[int, bool, bool], str] = {}
        self.sheet = sheet
        self._order = self._learn(frozenset())
        self._slots = tuple(self._places)

    def fill(self, numbers: ManyNumbers) -> list[str | None]:
        """The LaTeX of each variant; None for one that has to be printed by itself."""
        guards = [self._guards(line, numbers) for line in self.lines]
        columns = [self._texts(slot, numbers, guards) for slot in self._slots]
        texts = np.array(columns, dtype=str).reshape(len(columns), -1).T
        self._learn_all(texts[numbers.fits])
        return [self._filled(row.tolist()) if fits else None for row, fits in zip(texts, numbers.fits, strict=True)]

    def _learn_all(self, texts: Array) -> None:
        """Print the sheet as often as it takes until all pairs of neighbouring signs in these texts have occurred."""
        order: Sequence[int | None] = (None, *self._order, None)
        signs = np.pad(np.char.startswith(texts[:, self._order], "-"), ((0, 0), (1, 1)))
        pairs = {
            (gap, left, right)
            for left, right in itertools.product((False, True), repeat=2)
            for gap in np.flatnonzero(((signs[:, :-1] == left) & (signs[:, 1:] == right)).any(axis=0)).tolist()
        }
        while missing := sorted(pairs - self._between.keys()):
            chosen: dict[int | None, bool] = {None: False}
            for gap, left, right in missing:
                wanted = {order[gap]: left, order[gap + 1]: right}
                if all(chosen.get(place, sign) == sign for place, sign in wanted.items()):
                    chosen |= wanted
            self._learn(frozenset(self._slots[place] for place, sign in chosen.items() if sign and place is not None))

    def _filled(self, texts: Sequence[str]) -> str:
        signs = [text.startswith("-") for text in texts]
        parts: list[str] = []
        left = False
        for gap, place in enumerate((*self._order, None)):
            right = place is not None and signs[place]
            found = self._between[gap, left, right]
            parts.append(found)
            if place is not None:
                bare = texts[place].lstrip("-")
                is_zero = not bare.strip("0.")
                parts.append(f"({bare})" if is_zero and not right and _BARE_MINUS.search(found) else bare)
                left = right
        return "".join(parts)

    def _learn(self, negative: frozenset[Slot]) -> tuple[int, ...]:
        """Print the sheet with some numbers negative; remembers what stands between them, returns their order."""
        self._negative = negative
        pieces = _STAND_IN.split(self.printed(self._with_stand_ins(self.sheet)))
        order = tuple(ord(mark) - FIRST for mark in pieces[1::2])
        slots = tuple(self._places)
        signs = [False, *(slots[place] in negative for place in order), False]
        for gap, between in enumerate(pieces[::2]):
            self._between[gap, signs[gap], signs[gap + 1]] = between
        return order

    def _guards(self, line: Line, numbers: ManyNumbers) -> Array | None:
        if line.cut is None or line.formula is None:
            return None
        return numbers.guards(line.formula, line.target.name, list(line.cut))

    def _texts(self, slot: Slot, numbers: ManyNumbers, guards: Sequence[Array | None]) -> Sequence[str]:
        match slot.kind, slot.source:
            case "written", str(name):
                texts = numbers.written(name)
            case "result", str(name):
                texts = numbers.result(name)
            case "shown", str(name):
                texts = numbers.shown(name, _known(guards[slot.line]))
            case _, part:
                assert isinstance(part, Node)
                texts = numbers.computed(part, _known(guards[slot.line]))
        return list(texts[:, slot.entry])

    # ------------------------------------------------------------------------------------- stand-ins in a sheet

    def _with_stand_ins(self, sheet: Sheet) -> Sheet:
        """The sheet with a stand-in for each number that differs between variants."""
        if any(section.role == "question" for section in sheet.sections):
            raise NotStencilled("questions, whose blocks hold numbers of many kinds")
        if sheet.fractions:
            raise NotStencilled("fractions, which in another variant are whole numbers")
        self.lines = []
        graph = sheet.graph
        return replace(
            sheet,
            givens=tuple(self._given(shown) for shown in sheet.givens),
            sections=tuple(
                replace(section, entries=tuple(self._entry(entry) for entry in section.entries))
                for section in sheet.sections
            ),
            summary=tuple(self._row(row) for row in sheet.summary),
            graph=graph and replace(graph, nodes=tuple(self._node(node) for node in graph.nodes)),
        )

    def _given(self, shown: Shown) -> Shown:
        if shown.values is None:
            return shown
        return replace(shown, values=self._whole("written", shown.tensor.name, shown.values))

    def _entry(self, entry: Entry) -> Entry:
        return replace(entry, lines=tuple(self._line(line) for line in entry.lines))

    def _line(self, line: Line) -> Line:
        number = len(self.lines)
        self.lines.append(line)
        cut = line.cut and {part: self._part(part, array, number) for part, array in line.cut.items()}
        result = line.result
        if result is not None and not isinstance(result, Blank):
            result = self._whole("result", line.target.name, result)
        return replace(line, cut=cut, result=result)

    def _row(self, row: SummaryRow) -> SummaryRow:
        before, gradient, after = row.values
        names = row.before.name, row.gradient.name, f"{row.before.name}'"
        values = (
            self._whole("written", names[0], before),
            self._whole("result", names[1], gradient),
            self._whole("result", names[2], after),
        )
        return replace(row, values=values)

    def _node(self, node: GraphNode) -> GraphNode:
        loss = self.sheet.loss
        value, gradient = node.value, node.gradient
        if isinstance(value, np.ndarray):
            value = self._whole("result", node.tensor.name, value)
        if isinstance(gradient, np.ndarray):
            gradient = self._whole("result", f"d{loss}/d{node.tensor.name}", gradient)
        return replace(node, value=value, gradient=gradient)

    def _whole(self, kind: str, name: str, array: Array) -> Array:
        """A quantity, all of whose entries are printed."""
        if name in self.program.quantities:
            kind = "written"
            if name not in self.varying:
                return array
        places = np.arange(array.size).reshape(array.shape)
        return self._replaced(array, lambda index: Slot(kind, name, int(places[index])))

    def _part(self, part: Node, array: Array, line: int) -> Array:
        """The numbers of a part of a formula."""
        if is_evaluated(part):
            places = np.arange(array.size).reshape(array.shape)
            return self._replaced(array, lambda index: Slot("computed", part, int(places[index]), line))
        refs = moved(part, {t: self._references(t.name, part, line) for t in part.tensors}, self.program.dimensions)
        return self._replaced(array, lambda index: found if isinstance(found := refs[index], Slot) else None)

    def _references(self, name: str, part: Node, line: int) -> Array:
        """The slots of all entries of a quantity in a line."""
        tensor = next(tensor for tensor in part.tensors if tensor.name == name)
        shape = tuple(
            int(size) if isinstance(size, int) else self.program.dimensions[str(size)] for size in tensor.shape
        )
        result = np.empty(shape, dtype=object)
        given = name in self.program.quantities
        for place, index in enumerate(np.ndindex(shape)):
            constant = given and name not in self.varying
            if not constant:
                result[index] = Slot("written", name, place) if given else Slot("shown", name, place, line)
        return result

    def _replaced(self, array: Array, slot_at: Callable[[tuple[int, ...]], Slot | None]) -> Array:
        result = np.array(array, dtype=object)
        for index in np.ndindex(array.shape):
            slot = slot_at(index)
            if slot is None or array[index] is None:
                continue
            own = str(array[index])
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", own):
                raise NotStencilled(f"the number {own}")
            place = self._places.setdefault(slot, len(self._places))
            if place >= MOST_SLOTS:
                raise NotStencilled(f"more than {MOST_SLOTS} numbers")
            width = max(1, len(own.lstrip("-")) - 3)  # as long as a number of the sheet, for what depends on lengths
            result[index] = f"{'-' if slot in self._negative else ''}0.{chr(FIRST + place)}{'0' * width}1"
        return result


def _known(guards: Array | None) -> Array:
    assert guards is not None, "a line with numbers in its formula"
    return guards
