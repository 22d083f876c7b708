r"""The tree of a printed line as numbers: exact where it is rational, in 60-digit reals beyond."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import mpmath  # type: ignore[import-untyped, unused-ignore]
import numpy as np

from derive.check import exact_arrays as arrays
from derive.check import exact_entries as entries
from derive.check.exact_arrays import DIGITS, ELEMENTARY, Array, Number
from derive.check.latex_reader import parse
from derive.check.latex_tokens import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from derive.check.latex_tree import Tree

Functions = Mapping[str, Callable[..., Number]]
MatrixFunctions = Mapping[str, Callable[..., Array]]
Symbols = Mapping[str, Array]
First = Mapping[str, entries.First]

MOVES = ("indexed", "slice", "transpose")  # the entries stay what they are
_KEPT = ("quotient", "power", "sqrt", "abs", "exp", "call")  # an entry of the result is that of the first operand
_BUILT_IN: MatrixFunctions = {
    r"\max": entries.extreme(max),
    r"\min": entries.extreme(min),
    r"\operatorname{diag}": entries.diagonal,
}


class Evaluation:
    """One line: what its names stand for, and the indices of the sums that are open.

    `first` is the index of the first row and of the first column of each symbol that does not count both from 1.
    """

    def __init__(
        self,
        tex: str,
        functions: Functions,
        matrix_functions: MatrixFunctions | None,
        symbols: Symbols | None,
        first: First | None = None,
    ) -> None:
        self.tex, self.functions, self.symbols, self.first = tex, functions, symbols, first or {}
        self.matrix_functions = {**_BUILT_IN, **(matrix_functions or {})}
        self.indices: dict[str, tuple[int, range]] = {}

    def whole(self) -> Array:
        """The value of the line."""
        tree = self.tree()
        with mpmath.workdps(DIGITS):
            return self.finished(tree)

    def by_index(self, letters: Mapping[str, range]) -> Array:
        """The value of a general entry for all values of its one or two indices."""
        tree = self.tree(letters)
        result = np.empty(tuple(map(len, letters.values())), dtype=object)
        with mpmath.workdps(DIGITS):
            for place in np.ndindex(result.shape):
                numbers = zip(letters.items(), place, strict=True)
                self.indices = {letter: (values[number], values) for (letter, values), number in numbers}
                result[place] = self.entry(self.finished(tree))
        return result.reshape((*result.shape, 1)[:2])

    def finished(self, tree: Tree) -> Array:
        """The value of all of it, which is made of numbers."""
        try:
            return arrays.elementwise(arrays.finished, self.value(tree))
        except ValueError as error:
            raise Unreadable(self.tex, tree.position, f"{tree.head} ({error})", "a number") from error

    def tree(self, letters: Iterable[str] = ()) -> Tree:
        """What the line says."""
        return parse(self.tex, [*self.functions, *self.matrix_functions], self.symbols, letters)

    def value(self, tree: Tree) -> Array:
        """The value of a piece of it."""
        try:
            match tree.head:
                case "matrix":
                    return self.matrix(tree)
                case "series":
                    return self.series(tree)
                case "cases":
                    return self.cases(tree)
                case "fill":
                    raise ValueError("as many as there is room for, outside of a block matrix")
            values = [self.value(part) for part in tree.parts]
            result = self.operation(tree, values)
            return result if tree.head in MOVES else arrays.elementwise(arrays.checked, result)
        except (ArithmeticError, ValueError, TypeError) as error:
            what = f"`{tree.words[0]}`" if tree.head == "call" else tree.head
            raise Unreadable(self.tex, tree.position, f"{what} ({error})", "arithmetic that can be done") from error

    def operation(self, tree: Tree, values: list[Array]) -> Array:  # noqa: C901, PLR0912 (a table of cases)
        """The value of an operation on values."""
        match tree.head:
            case "number":
                return arrays.scalar(Fraction(tree.words[0]))
            case "constant":
                return arrays.scalar(+mpmath.pi)
            case "letter":
                return arrays.scalar(Fraction(self.indices[tree.words[0]][0]))
            case "symbol":
                assert self.symbols is not None
                return self.symbols[tree.words[0]]
            case "indexed":
                first = self.first_entry(tree.parts[0])
                words = entries.digits(values[0], tree.words, first)
                return entries.indexed(values[0], [self.index(word) for word in words], first)
            case "slice":
                return entries.sliced(values[0], tree.words)
            case "ones":
                sizes = [entries.count(self.entry(value)) for value in values]
                return entries.constant(Fraction(tree.words[0]), sizes)
            case "identity":
                return entries.identity(entries.count(self.entry(values[0])))
            case "sum":
                return arrays.signed_sum(tree.words, values)
            case "product":
                return arrays.chain([r"\cdot"] * (len(values) - 1), values)
            case "chain":
                return arrays.chain(tree.words, values)
            case "quotient":
                return arrays.quotient(*values)
            case "power":
                return arrays.elementwise(lambda base: arrays.raised(base, self.entry(values[1])), values[0])
            case "transpose":
                return values[0].T
            case "sqrt":
                return arrays.elementwise(arrays.root, values[0])
            case "abs":
                return arrays.elementwise(abs, values[0])
            case "exp":
                return arrays.elementwise(ELEMENTARY[r"\exp"], values[0])
            case "iverson":
                return arrays.elementwise(arrays.indicator(tree.words[0]), *values)
            case "call":
                return self.call(tree.words[0], values)
        raise AssertionError(f"the grammar has no {tree.head}")

    def entry(self, value: Array) -> Number:
        """A single number."""
        if not arrays.is_scalar(value):
            raise ValueError(f"an array of {arrays.shape_text(value)} where a single number is needed")
        return value[0, 0]

    def call(self, name: str, values: list[Array]) -> Array:
        """A function of the table, entry by entry or on a whole array."""
        if name in self.functions:
            return arrays.elementwise(self.functions[name], *values)
        result = np.asarray(self.matrix_functions[name](*values), dtype=object)
        if result.ndim != 2:
            raise ValueError(f"a result of {result.ndim} dimensions instead of 2")
        return result

    def matrix(self, tree: Tree) -> Array:
        """A matrix of numbers, or of blocks."""
        rows: Sequence[Sequence[Array | Number]] = [
            [Fraction(cell.words[0]) if cell.head == "fill" else self.value(cell) for cell in row.parts]
            for row in tree.parts
        ]
        return entries.blocks(rows)

    def series(self, tree: Tree) -> Array:
        """A sum over an index."""
        *last, body = tree.parts
        letter, *first = tree.words
        start = int(first[0]) if first else 1
        end = entries.count(self.entry(self.value(last[0]))) if last else self.length(body, letter)
        outer = self.indices.get(letter)
        total = None
        for number in (values := range(start, end + 1)):
            self.indices[letter] = number, values
            term = self.value(body)
            if total is not None and term.shape != total.shape:
                raise ValueError("terms of different shapes")
            total = term if total is None else arrays.elementwise(arrays.add, total, term)
        if outer is not None:
            self.indices[letter] = outer
        assert total is not None
        return total

    def length(self, body: Tree, letter: str) -> int:
        """How many entries the vectors have that carry an index."""
        lengths = {self.value(tree.parts[0]).size for tree in _inside(body) if tree.words == (letter,)}
        if len(lengths) != 1:
            raise ValueError(f"a sum over {letter} without its last value")
        return lengths.pop()

    def cases(self, tree: Tree) -> Array:
        """The one case that holds, else the one of words; two at once would say two things of one number."""
        holding = [branch for branch in tree.parts if branch.words and self.holds(branch)]
        if len(holding) > 1:
            raise ValueError("two cases at once")
        holding += [branch for branch in tree.parts if not branch.words]
        if not holding:
            raise ValueError("none of the cases")
        return self.value(holding[0].parts[0])

    def holds(self, branch: Tree) -> bool:
        """Whether all comparisons of a case are true."""
        sides = [self.entry(self.value(part)) for part in branch.parts[1:]]
        compared = zip(branch.words, sides[::2], sides[1::2], strict=True)
        return all(arrays.indicator(relation)(left, right) for relation, left, right in compared)

    def first_entry(self, tree: Tree) -> entries.First:
        """The index of the first row and of the first column of a piece."""
        if not self.first:
            return entries.FROM_ONE
        match tree.head:
            case "symbol":
                return self.first.get(tree.words[0], entries.FROM_ONE)
            case "transpose":
                return self.first_entry(tree.parts[0])[::-1]
            case "product":  # of matrices, with numbers among them
                factors = [part for part in tree.parts if not arrays.is_scalar(self.value(part))] or tree.parts[:1]
                return self.first_entry(factors[0])[0], self.first_entry(factors[-1])[1]
            case "sum" | "chain":
                rows, columns = zip(*map(self.first_entry, tree.parts), strict=True)
                return min(rows), min(columns)
            case "matrix":
                return self.first_of_blocks(tree)
        return self.first_entry(tree.parts[0]) if tree.head in _KEPT else entries.FROM_ONE

    def first_of_blocks(self, tree: Tree) -> entries.First:
        """[1 X] counts its columns from the one in front, [1; x] its rows; their other side is that of X."""
        cells = [cell for row in tree.parts for cell in row.parts]
        if len(cells) != 2 or cells[0].head not in ("fill", "number") or cells[0].words != ("1",):
            return entries.FROM_ONE
        rows, columns = self.first_entry(cells[1])
        return (rows, 0) if len(tree.parts) == 1 else (0, columns)

    def index(self, word: str) -> entries.Index:
        """An index with the range of its letter."""
        if word == entries.EVERYTHING:
            return word
        return self.indices[word] if word in self.indices else (int(word), None)


def _inside(tree: Tree) -> Iterator[Tree]:
    """A tree and all its parts."""
    yield tree
    for part in tree.parts:
        yield from _inside(part)
