"""Lines of many documents evaluated at once: each skeleton is parsed once, its entries are numbers of all documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from derive.check import exact_arrays as arrays
from derive.check.exact_arrays import ELEMENTARY, Array, Number
from derive.check.latex_tokens import ReadingError
from derive.check.latex_tree import Tree
from derive.check.latex_values import Evaluation
from derive.check.many_numbers import Many, lifted, lifted_to_arrays
from derive.check.many_skeletons import Parsable, Piece, parsable, skeleton_of

Row = Sequence[str]  # the numbers of a piece in one document, as they are printed
Inner = Mapping[tuple[int, int], "Number | None"]  # the values of formulas in cells, by piece and mark


class Decimals(dict[str, tuple[int, int]]):
    """A printed number as m / 10^p."""

    def __missing__(self, text: str) -> tuple[int, int]:
        whole, _, part = text.partition(".")
        found = self[text] = int(whole + part), len(part)
        return found


class _Together(Evaluation):
    """One line of many documents: a stand-in is the number of each."""

    def __init__(self, tex: str, reader: Lines, columns: Mapping[str, Many]) -> None:
        super().__init__(tex, reader.functions, reader.matrix_functions, None)
        self.columns = columns

    def operation(self, tree: Tree, values: list[Array]) -> Array:
        match tree.head:
            case "number" if tree.words[0] in self.columns:
                return arrays.scalar(self.columns[tree.words[0]])
            case "power":
                exponent = self.entry(values[1])
                return arrays.elementwise(lambda base: _raised(base, exponent), values[0])
            case "sqrt":
                return arrays.elementwise(lifted(arrays.root), values[0])
            case "exp":
                return arrays.elementwise(lifted(ELEMENTARY[r"\exp"]), values[0])
            case "iverson":
                return arrays.elementwise(lifted(arrays.indicator(tree.words[0])), *values)
        return super().operation(tree, values)

    def call(self, name: str, values: list[Array]) -> Array:
        if name not in self.functions:
            return lifted_to_arrays(self.matrix_functions[name])(*values)
        return super().call(name, values)


def _raised(base: Number, exponent: Number) -> Number:
    if isinstance(base, Many) and isinstance(exponent, Fraction):
        return base.power(exponent)
    return lifted(arrays.raised)(base, exponent)


class Lines:
    """Reads pieces of lines with the functions of the sheet; what a number is, is remembered."""

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], matrix_functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.functions = {name: lifted(_remembered(function)) for name, function in functions.items()}
        self.matrix_functions = matrix_functions
        self.decimals = Decimals()

    def read(self, pieces: Sequence[tuple[str, Row]]) -> Iterator[tuple[list[int], Array | None]]:
        """The value of each piece, a skeleton with its numbers, for those at once that are parsed alike.

        None where there is none, or where a zero has a sign; these must be read one by one to say what is wrong.
        """
        inner = self._inner(pieces)
        alike: dict[tuple[str, frozenset[int], tuple[str, ...]], list[int]] = defaultdict(list)
        skeletons = {text: skeleton_of(text) for text in {text for text, _ in pieces}}
        for number, (text, row) in enumerate(pieces):
            skeleton = skeletons[text]
            alike[skeleton.text, skeleton.formulas, skeleton.form(row)].append(number)
        for (text, _, form), numbers in alike.items():
            slots = [skeletons[pieces[number][0]].slots for number in numbers]
            yield from self._evaluated(parsable(text, form), numbers, [pieces[n][1] for n in numbers], slots, inner)

    def _inner(self, pieces: Sequence[tuple[str, Row]]) -> Inner:
        """The values of formulas in cells and in parentheses, by piece and mark."""
        parted = {text: _formulas(text) for text in {text for text, _ in pieces}}
        owners = [(number, place, slot) for number, (text, _) in enumerate(pieces) for place, slot in parted[text]]
        parts = [(slot.skeleton, pieces[number][1][slot.first : slot.last]) for number, _, slot in owners]
        values: dict[tuple[int, int], Number | None] = {}
        for numbers, array in self.read(parts) if parts else ():
            entry = array[0, 0] if array is not None and arrays.is_scalar(array) else None
            singles = entry.singles() if isinstance(entry, Many) else [entry] * len(numbers)
            values |= {owners[number][:2]: single for number, single in zip(numbers, singles, strict=True)}
        return values

    def _evaluated(
        self,
        readable: Parsable,
        numbers: Sequence[int],
        rows: Sequence[Row],
        slots: Sequence[Sequence[int | Piece]],
        inner: Inner,
    ) -> Iterator[tuple[list[int], Array | None]]:
        """The pieces of one form, and those among them that cannot be read so."""
        refused: set[int] = set()
        columns: dict[str, Many] = {}
        for name, place in readable.marks.items():
            if (numbers[0], place) in inner:
                column = [inner[number, place] for number in numbers]
                refused.update(k for k, number in enumerate(column) if number is None)
                columns[name] = Many.of([Fraction(0) if number is None else number for number in column])
                continue
            texts = [row[slot[place]] for row, slot in zip(rows, slots, strict=True)]  # type: ignore[index]
            decimals = [self.decimals[text] for text in texts]
            if any(not size for size, _ in decimals):
                refused.update(k for k, text in enumerate(texts) if _is_signed_zero(text, place in readable.signed))
            sizes = [abs(size) if place in readable.negative else size for size, _ in decimals]
            columns[name] = Many.of_decimals(sizes, [places for _, places in decimals])
        try:
            array = _Together(readable.tex, self, columns).whole()
        except (ReadingError, ArithmeticError, ValueError):
            yield list(numbers), None
            return
        kept = [k for k in range(len(numbers)) if k not in refused]
        if refused:
            yield [numbers[k] for k in sorted(refused)], None
            array = np.frompyfunc(lambda entry: entry.only(kept) if isinstance(entry, Many) else entry, 1, 1)(array)
        if kept:
            yield [numbers[k] for k in kept], array


def _formulas(text: str) -> list[tuple[int, Piece]]:
    """The formulas in cells and in parentheses, by mark."""
    return [(place, slot) for place, slot in enumerate(skeleton_of(text).slots) if isinstance(slot, Piece)]


def _is_signed_zero(text: str, signed: bool) -> bool:
    """Whether a number is a zero with a minus sign of its own, or behind a sign that would be its own."""
    return not text.strip("-0.") and (signed or text[0] == "-")


def _remembered(function: Callable[..., Number]) -> Callable[..., Number]:
    known: dict[tuple[Number, ...], Number] = {}

    def apply(*arguments: Number) -> Number:
        if arguments not in known:
            known[arguments] = function(*arguments)
        return known[arguments]

    return apply
