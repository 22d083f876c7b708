"""The numbers at which formulas in symbols are evaluated: those of the problem, or random ones where it has none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import flint
import mpmath  # type: ignore[import-untyped, unused-ignore]
import numpy as np
import sympy

from derive.check.exact_arrays import exact
from derive.check.values import Expected, disagreement
from derive.errors import Fault
from derive.evaluate import DomainError, ExactArithmetic, Real, bound, exact_array, real
from derive.evaluate.exact import Undecided
from derive.ops import Array, Fn, Node, OneHot, Power, Tensor, evaluate, walk
from derive.ops.shapes import show
from derive.program import Program, Role
from derive.render.notation import Notation

SEED = 20_240_229
DIGITS = 60
MOST_ENTRIES = 2000
MOST_RANDOM = 2_000_000  # entries of a quantity that are drawn
MIXED = 3  # points of both signs: at one alone a step function may not tell two quantities apart
LONGEST = 64  # bits of a fraction that is handed over as one
SMALLEST, SIZES = 4, 4  # symbols of dimensions are bound to 4, 5, 6, 7, 4, ...: slices must leave something


@dataclass(frozen=True)
class Point:
    """A value for every quantity of a program, and a number for every dimension."""

    values: Mapping[str, Array]
    dimensions: Mapping[str, int]

    def value(self, formula: Node) -> Array | None:
        """The value of an expression here; None where it is not defined."""
        known: dict[Node, Array] = {tensor: self.values[tensor.name] for tensor in formula.tensors}
        try:
            value = exact_array(evaluate(formula, known, ExactArithmetic(dict(self.dimensions))))
        except (ArithmeticError, Undecided):
            return None
        return value if all(number.is_exact or number.number.is_finite() for number in value.flat) else None

    def is_legible(self, formula: Node) -> bool:
        """Whether the digits that are handed over are enough for an expression: not for log(1 - y), y = 1 - 10^-70."""
        if not any(_needs_digits(node) for node in walk(formula)):
            return True
        names = [tensor.name for tensor in formula.tensors]
        read = Point({name: _read(self.values[name]) for name in names}, self.dimensions)
        value, again = self.value(formula), read.value(formula)
        if value is None or again is None:
            return False
        wanted = Expected(on_paper(value, as_row=False))
        return disagreement(on_paper(again, as_row=False), wanted) is None

    def symbols(self, tensors: Iterable[Tensor], notation: Notation) -> dict[str, Array]:
        """The values by symbol, vectors in the direction that they print in; a symbol with two meanings has none."""
        found: dict[str, Array] = {}
        names: dict[str, str] = {}
        for name, number in self.dimensions.items():
            for symbol in {name, sympy.latex(sympy.Symbol(name))}:
                found[symbol] = on_paper(exact_array(number), as_row=False)
        for tensor in tensors:
            symbol = notation.symbol(tensor.name)
            if names.setdefault(symbol, tensor.name) == tensor.name:
                found[symbol] = on_paper(self.values[tensor.name], notation.is_row(tensor.name))
            else:
                found.pop(symbol, None)
        return found


def points(program: Program, exact: Mapping[str, Array] | None) -> tuple[Point, ...]:
    """The values of the problem, if it has numbers, and random ones: of both signs, and between 0 and 1.

    At a random point quantities that have the same value in the problem (dL/db and dL/dy, say) are told apart. Of a
    large problem its own values are enough.
    """
    if exact is not None and sum(values.size for values in exact.values()) > MOST_ENTRIES:
        return (Point(exact, program.dimensions),)
    _require_room(program)
    own = (Point(exact, program.dimensions),) if exact is not None else ()
    random = Random(SEED)
    mixed = [_random(program, (-1, 1), 2900, random)]
    if sum(values.size for values in mixed[0].values.values()) <= MOST_ENTRIES:
        mixed += [_random(program, (-1, 1), 2900, random) for _ in range(MIXED - 1)]
    return (*own, *mixed, _random(program, (1,), 900, random))


def quantities(program: Program) -> tuple[Tensor, ...]:
    """All quantities, given and computed; a single entry that is asked for is part of another one."""
    computed = (step.target for step in program.steps if step.role is not Role.ENTRY)
    return (*(quantity.tensor for quantity in program.givens), *computed)


def _require_room(program: Program) -> None:
    """Refuse widths that formulas hold and that are too large for numbers to be put there."""
    dimensions = _small_dimensions(program)
    for tensor in quantities(program):
        if math.prod(bound(tensor.shape, dimensions)) > MOST_RANDOM:
            raise DomainError(
                Fault(
                    found=f"{tensor.name} of shape {show(tensor.shape)} in a problem without numbers",
                    expected=f"at most {MOST_RANDOM:,} entries, with which its formulas can be checked",
                    hint="write large widths as symbols, such as H",
                )
            )


def _random(program: Program, signs: tuple[int, ...], largest: int, random: Random) -> Point:
    """Thousandths from 100 to the largest, independent of each other; class indices are whole numbers."""
    dimensions = _small_dimensions(program)
    classes = {
        node.operands[0]: bound(node.shape, dimensions)[int(node.args[2])]
        for step in program.steps
        for node in walk(step.formula)
        if isinstance(node, OneHot)
    }
    values = {}
    for tensor in quantities(program):
        entries = np.empty(bound(tensor.shape, dimensions), dtype=object)
        for index in np.ndindex(entries.shape):
            entries[index] = (
                random.randrange(classes[tensor])
                if tensor in classes
                else Fraction(random.randint(100, largest) * random.choice(signs), 1000)
            )
        values[tensor.name] = exact_array(entries)
    return Point(values, dimensions)


def _small_dimensions(program: Program) -> dict[str, int]:
    """The numbers of bound dimensions; small ones for the others, different as far as they reach."""
    dimensions = dict(program.dimensions)
    shapes = [tensor.shape for tensor in quantities(program)]
    free = sorted({s.name for shape in shapes for d in shape if not isinstance(d, int) for s in d.free_symbols})
    for place, name in enumerate(name for name in free if name not in dimensions):
        dimensions[name] = SMALLEST + place % SIZES
    return dimensions


def on_paper(values: Array, as_row: bool) -> Array:
    """Exact numbers as the two-dimensional array of fractions and 60-digit reals that stands on paper."""
    flat = values.reshape((1, -1) if as_row else (-1, 1)) if values.ndim < 2 else values
    with mpmath.workdps(DIGITS):
        result: Array = np.frompyfunc(lambda number: _handed_over(real(number)), 1, 1)(flat)
    return result


def first_on_paper(program: Program, notation: Notation) -> dict[str, tuple[int, int]]:
    """The index of the first row and column of each symbol that does not count both from 1."""
    found = {}
    for name, first in program.first.items():
        row, column = first if len(first) == 2 else (1, *first) if notation.is_row(name) else (*first, 1)
        found[notation.symbol(name)] = (row, column)
    return found


def _needs_digits(node: Node) -> bool:
    """Whether an operation has no value at 0."""
    if isinstance(node, Power):
        return bool(node.exponent.is_negative)
    return isinstance(node, Fn) and node.row.domain is not None


def _read(values: Array) -> Array:
    """Exact numbers as a reader has them."""
    with mpmath.workdps(DIGITS):
        numbers = [exact(_handed_over(real(number))) for number in values.flat]
    result = np.empty(len(numbers), dtype=object)
    result[:] = numbers
    return exact_array(result.reshape(values.shape))


def _handed_over(number: Real) -> Any:
    if number.is_exact:
        fraction = Fraction(int(number.number.p), int(number.number.q))
        if max(fraction.numerator.bit_length(), fraction.denominator.bit_length()) <= LONGEST:
            return fraction
        return mpmath.mpf(fraction.numerator) / fraction.denominator
    mantissa, exponent = flint.arb(number.number).mid().man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))
