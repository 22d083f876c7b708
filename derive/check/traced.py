"""A line of LaTeX read into trees: each number of its value with the operations by which it came about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from derive.check import exact_arrays as arrays
from derive.check.exact_arrays import ELEMENTARY, Array, exact
from derive.check.exact_numbers import Number, Vector, add, divide, multiply
from derive.check.latex_tree import Tree
from derive.check.latex_values import Evaluation

MOVING = r"\operatorname{diag}"
EXTREMES: Mapping[str, Callable[..., Number]] = {r"\max": max, r"\min": min}


class Part(Vector):
    """A number and how it came about: an operation (`head`) on parts, or an entry or printed number (no parts).

    `text` is a number as it is printed, `name` the symbol that an entry belongs to, `given` whether the author wrote
    that entry. A sum holds its terms, each with a sign; a product its factors.
    """

    __slots__ = ("_value", "given", "head", "how", "name", "parts", "text")

    def __init__(
        self,
        head: str,
        parts: Sequence[Part] = (),
        how: Callable[..., Number] | None = None,
        *,
        value: Number = None,
        text: str = "",
        name: str = "",
        given: bool = False,
    ) -> None:
        self.head, self.parts, self.how, self._value = head, tuple(parts), how, value
        self.text, self.name, self.given = text, name, given

    @property
    def value(self) -> Number:
        """The number."""
        if self._value is None:
            assert self.how is not None
            self._value = self.how(*(part.value for part in self.parts))
        return self._value

    def joined(self, number: Number) -> Part:
        return number if isinstance(number, Part) else Part("constant", value=Fraction(number))

    def finished(self) -> Part:
        return self

    def __add__(self, other: Number) -> Part:
        return Part("sum", (*self.terms(), *self.joined(other).terms()), _total)

    def __sub__(self, other: Number) -> Part:
        return Part("sum", (*self.terms(), -self.joined(other)), _total)

    def __neg__(self) -> Part:
        if self.head == "negative":
            return self.parts[0]
        return Part("negative", (self,), lambda value: -value)

    def __mul__(self, other: Number) -> Part:
        return Part("product", (self, self.joined(other)), multiply)

    def __truediv__(self, other: Number) -> Part:
        return Part("quotient", (self, self.joined(other)), divide)

    def terms(self) -> tuple[Part, ...]:
        """The terms of a sum; anything else is its own."""
        return self.parts if self.head == "sum" else (self,)

    def leaves(self) -> Iterator[Part]:
        """All numbers and entries below."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def all_parts(self) -> Iterator[Part]:
        """It and all its parts."""
        yield self
        for part in self.parts:
            yield from part.all_parts()


def _total(*values: Number) -> Number:
    total = values[0]
    for value in values[1:]:
        total = add(total, value)
    return total


class Tracing(Evaluation):
    """The value of a line with how each number came about."""

    given: frozenset[str] = frozenset()

    def operation(self, tree: Tree, values: list[Array]) -> Array:
        match tree.head:
            case "number":
                return arrays.scalar(Part("number", value=Fraction(tree.words[0]), text=tree.words[0]))
            case "symbol":
                assert self.symbols is not None
                name = tree.words[0]
                entry = np.frompyfunc(lambda v: Part("entry", value=v, name=name, given=name in self.given), 1, 1)
                traced: Array = entry(self.symbols[name])
                return traced
            case "sum":
                return arrays.elementwise(lambda *terms: _signed(tree.words, terms), *values)
            case "power":
                exponent = self.entry(values[1])
                return self.each(f"^{exponent}", lambda base: arrays.raised(base, exponent), values[0])
            case "sqrt":
                return self.each("sqrt", arrays.root, values[0])
            case "abs":
                return self.each("abs", abs, values[0])
            case "exp":
                return self.each(r"\exp", ELEMENTARY[r"\exp"], values[0])
            case "iverson":
                return self.each(tree.words[0], arrays.indicator(tree.words[0]), *values)
        return super().operation(tree, values)

    def each(self, head: str, how: Callable[..., Number], *values: Array) -> Array:
        """A function of single numbers."""
        return arrays.elementwise(lambda *parts: Part(head, [part_of(part) for part in parts], how), *values)

    def entry(self, value: Array) -> Number:
        number = super().entry(value)
        return number.value if isinstance(number, Part) else number

    def call(self, name: str, values: list[Array]) -> Array:
        if name in self.functions:
            return self.each(name, self.functions[name], *values)
        if name == MOVING:
            return super().call(name, values)
        if name in EXTREMES:
            choose = EXTREMES[name]
            return self.each(name, lambda *numbers: choose(numbers, key=exact), *values)
        numbers = [np.frompyfunc(lambda part: part_of(part).value, 1, 1)(array) for array in values]
        results = super().call(name, numbers)
        parts = [part_of(part) for array in values for part in array.flat]
        whole = np.empty(results.shape, dtype=object)
        for place, value in np.ndenumerate(results):
            whole[place] = Part(f"{name} {place}", parts, value=value)
        return whole


def _signed(signs: Sequence[str], numbers: Sequence[Number]) -> Part:
    """A sum as it stands: what is in parentheses stays one term."""
    terms = [part_of(number) if sign == "+" else -part_of(number) for sign, number in zip(signs, numbers, strict=True)]
    return Part("sum", terms, _total) if len(terms) > 1 else terms[0]


def part_of(number: Number) -> Part:
    """A part as it is; a bare number, as zeros beside a diagonal are, as a constant."""
    return number if isinstance(number, Part) else Part("constant", value=Fraction(number))
