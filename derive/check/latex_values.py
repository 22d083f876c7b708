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

MOVES = ("indexed", "slice", "transpose")  # the entries stay what they are
_BUILT_IN: MatrixFunctions = {
    r"\max": arrays.extreme(max),
    r"\min": arrays.extreme(min),
    r"\operatorname{diag}": arrays.diagonal,
}


class Evaluation:
    """One line: what its names stand for, and the indices of the sums that are open."""

    def __init__(
        self, tex: str, functions: Functions, matrix_functions: MatrixFunctions | None, symbols: Symbols | None
    ) -> None:
        self.tex, self.functions, self.symbols = tex, functions, symbols
        self.matrix_functions = {**_BUILT_IN, **(matrix_functions or {})}
        self.indices: dict[str, tuple[int, int]] = {}

    def whole(self) -> Array:
        """The value of the line."""
        with mpmath.workdps(DIGITS):
            return self.value(self.tree())

    def by_index(self, letters: Mapping[str, int]) -> Array:
        """The value of a general entry for all values of its one or two indices, from 1 to the number of each."""
        tree = self.tree(letters)
        result = np.empty(tuple(letters.values()), dtype=object)
        with mpmath.workdps(DIGITS):
            for place in np.ndindex(result.shape):
                ends = zip(letters.items(), place, strict=True)
                self.indices = {letter: (number + 1, end) for (letter, end), number in ends}
                result[place] = self.entry(self.value(tree))
        return result.reshape((*result.shape, 1)[:2])

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
                return entries.indexed(values[0], [self.index(w) for w in entries.digits(values[0], tree.words)])
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
        [letter] = tree.words
        end = entries.count(self.entry(self.value(last[0]))) if last else self.length(body, letter)
        outer = self.indices.get(letter)
        total = None
        for number in range(1, end + 1):
            self.indices[letter] = number, end
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
