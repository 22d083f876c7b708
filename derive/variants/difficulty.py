"""How much work a variant is by hand, in points of work, and whether it can be done without a calculator.

The points are no seconds. They say which of two variants is more work, and by what share.

| Points | for | because |
| --- | --- | --- |
| 1 | each pair of digits in a product | long multiplication takes each digit of one factor times each of the other |
| 0.5 | each digit of the terms of a sum | adding goes once through the digits, and is easier than multiplying |
| 0.5 | each negative number in a sum or product | a sign to keep track of |
| 6 | each value of a function such as tanh | a key on the calculator or a line in a table, and copying it |
| 2 | each pair of digits in a division | as a product, and the digits of the result must be found |

Digits are significant digits as printed: 0.30 has one, 12.5 has three. Free are products with 0, 1 and -1, sums with 0,
function values that can be read off (0, 1, -1, or an argument itself: ReLU), and entries that are only moved.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import sympy

from derive.evaluate import FloatArithmetic
from derive.ops import (
    Array,
    Constant,
    Dot,
    Fn,
    LogSoftmax,
    Mean,
    Node,
    Outer,
    Plus,
    Power,
    Softmax,
    Sum,
    SumAxis,
    Tensor,
    Times,
    negative_factor,
)
from derive.ops.node import aligned
from derive.program import Program
from derive.variants.digits import EXACT, GIVEN_PLACES, as_printed, significant_digits
from derive.variants.rounding import needed_steps, with_variants

PRODUCT, SUM, SIGN, FUNCTION, DIVISION = 1.0, 0.5, 0.5, 6.0, 2.0
MOST_VARIANTS = 4096  # that many vectors of numbers stay in the cache


@dataclass(frozen=True)
class Operand:
    """Numbers that a step computes with: their values, and the significant digits with which they are written."""

    node: Node
    value: Array
    digits: Array

    @functools.cached_property
    def present(self) -> Array:
        """1 where the number is not zero."""
        return np.asarray(self.value != 0, dtype=float)

    @functools.cached_property
    def factor(self) -> Array:
        """The digits that count in a product: none of 0, 1 and -1."""
        return np.where(np.abs(self.value) == 1, 0.0, self.digits)

    @functools.cached_property
    def counts(self) -> Array:
        """1 where a product with the number is work."""
        return np.asarray(self.factor > 0, dtype=float)

    @functools.cached_property
    def negative(self) -> Array:
        """1 where the number has a minus sign of its own; that of a number in a formula is the same for everyone."""
        return np.zeros_like(self.digits) if isinstance(self.node, Constant) else (self.value < 0).astype(float)


def cost(program: Program, values: Mapping[str, Array], places: int, names: Collection[str] | None = None) -> Array:
    """The points of work of each variant: of all steps, or of those that some answers depend on."""
    full = with_variants(program, values)
    steps = needed_steps(program, names if names is not None else [step.name for step in program.steps])
    points = np.zeros(len(next(iter(full.values()))))
    with np.errstate(all="ignore"):
        for start in range(0, len(points), MOST_VARIANTS):
            part = slice(start, start + MOST_VARIANTS)
            counter = _Counter(program, {name: array[part] for name, array in full.items()}, places)
            for step in steps:
                counter.operand(step.formula)
            points[part] = counter.points
    return points


def hand_computable(values: Mapping[str, Array], largest_denominator: int, exempt: Collection[str] = ()) -> Array:
    """For each variant whether every number (but those of `exempt`) is a fraction with at most that denominator.

    All values have the axis of the variants in front (`with_variants`).
    """
    arrays = [np.asarray(array) for name, array in values.items() if name not in exempt]
    if len({array.shape[:1] for array in arrays}) > 1:
        raise ValueError("values without the axis of the variants in front; see `with_variants`")
    result: Array = np.ones(len(arrays[0]) if arrays else 0, dtype=bool)
    for array in arrays:
        left = np.flatnonzero(result)
        result[left] = _are_fractions(
            array.reshape(len(array), int(np.prod(array.shape[1:])))[left], largest_denominator
        )
    return result


def _are_fractions(numbers: Array, largest_denominator: int) -> Array:
    """For each row whether all its numbers are fractions with at most that denominator."""
    found: Array = np.zeros(numbers.shape, dtype=bool)
    for denominator in range(largest_denominator // 2 + 1, largest_denominator + 1):  # with 6 comes 2 and 3
        found |= np.asarray(np.abs(numbers - np.rint(numbers * denominator) / denominator) <= EXACT)
    rows: Array = np.all(found, axis=1)
    return rows


class _Counter(FloatArithmetic):
    """Evaluates formulas on the printed numbers, and adds up what that costs."""

    def __init__(self, program: Program, values: Mapping[str, Array], places: int) -> None:
        super().__init__(program.dimensions)
        self.places = places
        self.written = {
            program.tensor(name): as_printed(array, places, GIVEN_PLACES if name in program.quantities else places)
            for name, array in values.items()
        }
        self.count = len(next(iter(values.values())))
        self.points: Array = np.zeros(self.count)

    def operand(self, node: Node) -> Operand:
        """The value of an expression as it is printed, once its work is counted."""
        if isinstance(node, Tensor):
            return Operand(node, *self.written[node])
        operands = [self.operand(operand) for operand in node.operands]
        value = node.value(self, *(operand.value for operand in operands))
        shape = self.shape(node.shape)
        value = np.broadcast_to(value, (self.count, *shape))
        most = GIVEN_PLACES if isinstance(node, Constant) else self.places
        result = Operand(node, *as_printed(value, self.places, most))
        self.points = self.points + _work(node, self, operands, result)
        return result

    def total(self, *amounts: Array) -> Array:
        """The sum of all entries, one number for each variant."""
        return np.asarray(sum(amount.reshape(len(amount), -1).sum(axis=1) for amount in amounts))

    def added(self, terms: Array, digits: Array, negative: Array) -> Array:
        """The work of sums, given for each how many terms and digits and signs there are: one term alone is free."""
        several = terms > 1
        share = np.where(several, (terms - 1) / np.maximum(terms, 1), 0.0)
        return self.total(SUM * digits * share, SIGN * np.where(several, negative, 0.0))


@functools.singledispatch
def _work(node: Node, counter: _Counter, operands: list[Operand], result: Operand) -> Array | float:
    """The points of one operation on operands that are worked out; moving entries is free."""
    return 0.0


@_work.register
def _(node: Plus, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    ranks = (*(operand.node.rank for operand in operands), node.rank)

    def over_terms(parts: Iterable[Array]) -> Array:
        return np.asarray(sum(aligned((*parts, result.value * 0), ranks)))

    minus = [-1 if negative_factor(operand.node) else 1 for operand in operands]
    negative = ((operand.value * sign < 0) * 1.0 for operand, sign in zip(operands, minus, strict=True))
    present = over_terms(operand.present for operand in operands)
    return counter.added(present, over_terms(operand.digits for operand in operands), over_terms(negative))


@_work.register
def _(node: Times, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    """From left to right: each factor times what is there already, which is written down as all numbers are."""
    points: Array = np.zeros(counter.count)
    left = operands[0]
    for right in operands[1:]:
        ranks = (left.node.rank, right.node.rank)
        so_far, factor, counts, other_counts, negative, other_negative, value, other = aligned(
            (left.factor, right.factor, left.counts, right.counts, left.negative, right.negative, left.value,
             right.value),
            ranks * 4,
        )  # fmt: skip
        signs = negative * other_counts + other_negative * counts
        points = points + counter.total(PRODUCT * so_far * factor, SIGN * signs)
        wider = left.node if left.node.rank >= right.node.rank else right.node
        left = Operand(wider, *as_printed(value * other, counter.places, counter.places))
    return points


@_work.register
def _(node: Power, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    """u^n is n - 1 products, 1/u a division, a root a function."""
    base, exponent = operands[0], node.exponent
    if not exponent.is_Integer:
        return counter.total(FUNCTION * _is_looked_up(result, [base]))
    times = abs(int(exponent)) - 1
    products = PRODUCT * times * base.factor**2 + SIGN * min(times, 1) * base.negative
    division = DIVISION * base.factor * result.digits if exponent < 0 else np.zeros_like(base.factor)
    return counter.total(products, division)


@_work.register
def _(node: Fn, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    arguments = aligned(
        (*(operand.value for operand in operands), result.value),
        (*(operand.node.rank for operand in operands), node.rank),
    )[:-1]
    return counter.total(FUNCTION * _is_looked_up(result, [Operand(node, a, a) for a in arguments]))


def _is_looked_up(result: Operand, arguments: list[Operand]) -> Array:
    """1 where a value cannot be read off: it is not 0, 1 or -1, and no argument with or without its sign."""
    read_off = (result.value == 0) | (np.abs(result.value) == 1)
    for argument in arguments:
        read_off = read_off | (np.abs(result.value) == np.abs(argument.value))
    return np.asarray(~read_off, dtype=float)


@_work.register
def _(node: Dot, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    """The same product on the digits, the signs and the terms that are not 0."""
    left, right = operands

    def product(one: Array, other: Array) -> Array:
        return node.value(counter, one, other)

    signs = product(left.negative, right.present) + product(left.present, right.negative)
    digits = product(left.digits, right.present) + product(left.present, right.digits)
    terms = product(left.present, right.present)
    work = counter.total(PRODUCT * product(left.factor, right.factor), SIGN * signs)
    return work + counter.added(terms, digits, np.zeros_like(digits))


@_work.register
def _(node: Outer, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    left, right = operands
    signs = node.value(counter, left.negative, right.present) + node.value(counter, left.present, right.negative)
    return counter.total(PRODUCT * node.value(counter, left.factor, right.factor), SIGN * signs)


@_work.register(Sum)
@_work.register(SumAxis)
def _(node: Sum | SumAxis, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    """Sums over entries; a mean is divided by their number, too."""
    add = Sum(node.operands[0]) if isinstance(node, Sum) else node
    [operand] = operands
    work = counter.added(*(add.value(counter, part) for part in (operand.present, operand.digits, operand.negative)))
    if not isinstance(node, Mean):
        return work
    number = float(sympy.Mul(*counter.shape(node.operands[0].shape)))
    return work + counter.total(DIVISION * result.digits * float(significant_digits(np.asarray(number))))


@_work.register(Softmax)
@_work.register(LogSoftmax)
def _(node: Softmax | LogSoftmax, counter: _Counter, operands: list[Operand], result: Operand) -> Array:
    """An exponential for each entry and their sum; then each is divided by it, or its logarithm subtracted."""
    powers, digits = as_printed(np.exp(operands[0].value), counter.places, counter.places)
    total = powers.sum(axis=node.axis, keepdims=True)
    written, total_digits = as_printed(total, counter.places, counter.places)
    function = counter.total(FUNCTION * _is_looked_up(Operand(node, powers, digits), operands))
    adding = counter.added((powers != 0).sum(axis=node.axis), digits.sum(axis=node.axis), np.zeros_like(total[..., 0]))
    if isinstance(node, Softmax):
        return function + adding + counter.total(DIVISION * total_digits * result.digits)
    logarithm = FUNCTION * np.ones_like(written)
    return function + adding + counter.total(logarithm, SUM * (operands[0].digits + result.digits))
