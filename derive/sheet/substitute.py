"""Numbers into formulas: which parts of a formula are shown as numbers, and with how many digits.

A line must recompute from the numbers printed in it. Where rounded numbers would not give the printed result, they
get guard digits until they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from derive.evaluate import (
    ExactArithmetic,
    Style,
    Uncertain,
    bound,
    exact_array,
    gives,
    rounded,
)
from derive.evaluate.exact import Undecided
from derive.ops import (
    Array,
    Augment,
    Constant,
    Diagonal,
    Elementwise,
    Embed,
    EntryOf,
    Fn,
    Identity,
    Node,
    OneHot,
    Plus,
    Power,
    Repeat,
    Selection,
    Shape,
    Slice,
    Sum,
    SumAxis,
    Tensor,
    Times,
    Transpose,
    as_spelled,
    evaluate,
    is_single,
    walk,
)
from derive.sheet.written import LARGEST, Written, shown_indices

MOST_GUARD_DIGITS = 8
MOST_ENTRIES = 8  # beyond this, entrywise formulas are not written out
MOST_TERMS = 12  # beyond this, sums are not
MOST_SUMMANDS = 6  # beyond this, sums of rows or columns are not
MOST_PARTS = 24  # parts of a formula that is written into every entry
MOVERS = (Transpose, Slice, Augment, Repeat, Diagonal, Identity, OneHot, Embed, Selection)


class _Printed:
    """The arithmetic of printed entries: they are moved, never computed with."""

    def __init__(self, dimensions: Mapping[str, int]) -> None:
        self.dimensions = dict(dimensions)

    def number(self, value: sympy.Expr) -> Array:
        return np.array(Written(str(value), Fraction(int(value.p), int(value.q))), dtype=object)

    def shape(self, shape: Shape) -> tuple[int, ...]:
        return bound(shape, self.dimensions)

    def apply(self, row: Any, *arrays: Array) -> Array:
        raise TypeError("printed numbers are not computed with")

    def shift(self, array: Array, axis: int) -> Array:
        raise TypeError("printed numbers are not computed with")


@dataclass(frozen=True)
class Numbers:
    """All exact values of a problem, the given ones as written, and how results are printed."""

    exact: Mapping[str, Array]
    written: Mapping[str, Array]
    style: Style
    dimensions: Mapping[str, int]

    @property
    def places(self) -> int:
        """The places that results are rounded to."""
        return self.style.places

    def result(self, name: str) -> Array:
        """The decimals of a computed quantity; of a large one those of the entries that are printed."""
        values = self.exact[name]
        if max(values.shape, default=1) <= LARGEST:
            return self.style.printed(values)
        result = np.full(values.shape, None, dtype=object)
        indices = list(shown_indices(values.shape))
        decimals = self.style.printed(np.array([values[index] for index in indices], dtype=object))
        for index, entry in zip(indices, decimals, strict=True):
            result[index] = entry
        return result

    def computed(self, node: Node, guard: int) -> Array:
        """A part of a formula that is shown as its value, diag(1 - z^2) say; whole numbers stay bare."""
        known: dict[Node, Array] = {tensor: exact_array(self.exact[tensor.name]) for tensor in node.tensors}
        values = exact_array(evaluate(node, known, ExactArithmetic(dict(self.dimensions))))
        if self.style.prints_exactly(values):
            return self.style.exactly(values)
        result = rounded(values, self.places + guard, decided=False)
        for index, value in np.ndenumerate(values):
            if value.is_exact and value.number.q == 1:
                result[index] = Written(str(value.number), Fraction(int(value.number.p)))
        return result

    def shown(self, name: str, guard: int) -> Array:
        """A quantity inside a formula: as written, or rounded with guard digits."""
        if name in self.written:
            return self.written[name]
        values = self.exact[name]
        is_whole = all(number.is_exact and number.number.q == 1 for number in values.flat)
        if guard == 0 or is_whole or self.style.prints_exactly(values):  # which need no further digits
            return self.style.printed(values)
        return rounded(values, self.places + guard, decided=False)


@dataclass(frozen=True)
class Substituted:
    """A cut of a formula: the decimals to print for its parts."""

    cut: Mapping[Node, Array]
    entrywise: bool


def substitute(formula: Node, result: Array, numbers: Numbers) -> Substituted | None:
    """The numbers to print in a formula so that it recomputes to `result`; None where none are to be shown."""
    entrywise = _is_entrywise(formula)
    if isinstance(formula, Tensor) or not formula.tensors or not _is_small(formula, entrywise, result, numbers):
        return None
    parts = _parts(formula, entrywise)
    if parts == [formula]:
        return None
    for read in readings(formula):
        for guard in range(MOST_GUARD_DIGITS + 1):
            known = {tensor: numbers.shown(tensor.name, guard) for tensor in formula.tensors}
            cut = {
                part: numbers.computed(part, guard) if is_evaluated(part) else moved(part, known, numbers.dimensions)
                for part in parts
            }
            if _recomputes(read, cut, result, numbers):
                return Substituted(cut, entrywise)
    return None


def readings(formula: Node) -> tuple[Node, ...]:
    """How the numbers of a line may be read: as print says it; if no digits do, with 0 log 0 = 0.

    So `0 log(0.00)` gets digits until there is a logarithm, as long as the number has any within reach.
    """
    return tuple(dict.fromkeys((as_spelled(formula), formula)))


def moved(part: Node, known: Mapping[Any, Array], dimensions: Mapping[str, int]) -> Array:
    """The entries of a part that only puts entries of quantities in other places (`known`, of any kind)."""
    return np.asarray(evaluate(part, dict(known), _Printed(dimensions)))


def _recomputes(formula: Node, cut: Mapping[Node, Array], result: Array, numbers: Numbers) -> bool:
    """Whether the printed numbers, computed with exactly, round to the printed result; a fraction they must give."""
    known = {part: exact_array(np.vectorize(lambda e: e.fraction, otypes=[object])(a)) for part, a in cut.items()}
    try:
        value = evaluate(formula, known, ExactArithmetic(dict(numbers.dimensions)))
        again = exact_array(value).reshape(result.shape)
        return all(gives(number, entry) for number, entry in zip(again.flat, result.flat, strict=True))
    except (Uncertain, Undecided, ArithmeticError):
        return False


def _parts(node: Node, entrywise: bool) -> list[Node]:
    """The parts of a formula that are printed as numbers, outermost first."""
    if (
        isinstance(node, Tensor)
        or _is_entry_of_computed(node)
        or (
            (not is_single(node.shape) or not node.tensors or isinstance(node, Slice))
            and not entrywise
            and (_only_moves(node) or is_evaluated(node))
        )
    ):
        return [node]
    within = entrywise or isinstance(node, Sum)  # a sum is written out term by term
    return list(dict.fromkeys(part for operand in node.operands for part in _parts(operand, within)))


def _only_moves(node: Node) -> bool:
    """Whether the entries of an expression are entries of a quantity (or ones), in other places."""
    return isinstance(node, MOVERS) and all(
        isinstance(operand, Tensor | Constant) or _only_moves(operand) for operand in node.operands
    )


def is_evaluated(node: Node) -> bool:
    """Whether a part is shown as its value: a diagonal matrix or an entry of something computed, a power of an array.

    A negative power is not: it prints as a quotient, with its base below the bar.
    """
    if _is_entry_of_computed(node):
        return True
    if isinstance(node, Diagonal):
        return not isinstance(node.operands[0], Tensor)
    return isinstance(node, Power) and not node.exponent.is_negative and not is_single(node.shape)


def _is_entry_of_computed(node: Node) -> bool:
    """Whether a part is one entry of a product that is too long to be taken apart."""
    return isinstance(node, EntryOf) and not isinstance(node.operands[0], Tensor)


def _is_entrywise(formula: Node) -> bool:
    """Whether numbers are better written into each entry: 1 - 0.29² for every entry rather than 1 - [..]²."""
    if is_single(formula.shape) or not all(isinstance(p, Elementwise) or not p.operands for p in walk(formula)):
        return False
    if isinstance(formula, Fn) and not formula.row.spelled:
        return False
    return any(_is_computed(part) for part in walk(formula))


def _is_computed(node: Node) -> bool:
    """A power, a function or a product with a sum in it of arrays, inside a larger formula."""
    if is_single(node.shape):
        return False
    if isinstance(node, Power | Fn):
        return True
    factors = node.operands if isinstance(node, Times) else ()
    arrays = [factor for factor in factors if not is_single(factor.shape)]
    return len(arrays) > 1 and any(isinstance(factor, Plus) for factor in arrays)


def _is_small(formula: Node, entrywise: bool, result: Array, numbers: Numbers) -> bool:
    """Whether all matrices in the line are printed in full, and sums are short enough to be written out."""

    def size_of(node: Node) -> tuple[int, ...]:
        return bound(node.shape, dict(numbers.dimensions))

    shapes = [size_of(tensor) for tensor in formula.tensors] + [result.shape]
    if any(max(shape, default=1) > LARGEST for shape in shapes):
        return False
    if entrywise and (result.size > MOST_ENTRIES or len(list(walk(formula))) > MOST_PARTS):
        return False
    along = [node.operands[0] for node in walk(formula) if isinstance(node, SumAxis)]
    if any(not isinstance(operand, Tensor) or max(size_of(operand)) > MOST_SUMMANDS for operand in along):
        return False
    sums = [node.operands[0] for node in walk(formula) if isinstance(node, Sum)]
    return all(
        np.prod(size_of(operand)) <= MOST_TERMS
        and all(isinstance(part, Elementwise) or not part.operands for part in walk(operand))
        for operand in sums
    )
