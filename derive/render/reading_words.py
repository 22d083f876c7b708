r"""What the words of a sheet may say in symbols: how a function is defined, its slope, an entry of a Jacobian."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
import sympy

from derive.check.exact_arrays import filled, scalar
from derive.check.statements import Place, Stated, Wording
from derive.check.values import Expected
from derive.ops import Fn, Tensor, as_node
from derive.ops import scalar as scalar_form
from derive.ops.elementwise import Row
from derive.render.choices import slope_at_kink
from derive.render.latex import function_name
from derive.render.notation import Notation
from derive.render.points import SEED
from derive.render.reading_functions import DIGITS, SOFTMAX, Function, by_sympy, shares_along, slope_by_sympy
from derive.sheet import Entry, Sheet
from derive.sheet.choices import ChosenSlope

EACH_SIGN = 2  # random points of each sign
LETTERS = ("u", "v")
SHARES = (Fraction(3, 10), Fraction(-7, 5), Fraction(9, 4))


def wording(entry: Entry, sheet: Sheet, notation: Notation, entries: Sequence[Stated]) -> Wording:
    """What the heading and the notes of an entry may say; `entries` are the general entries of its Jacobians."""
    name = entry.lines[-1].target.name if entry.lines else entry.quantity
    loss = notation.symbol(sheet.loss) if sheet.loss else ""
    rate = next((notation.symbol(shown.tensor.name) for shown in reversed(sheet.givens)), "")
    stated = list(entries)
    stated += [stated for operand in entry.operands if isinstance(operand, Fn) for stated in definitions(name, operand)]
    if entry.rule == "softmax":
        stated.append(softmax(name))
    return Wording(
        name,
        frozenset({*_symbols(entry, notation), loss, rate} - {""}),
        tuple(stated),
        (rate, loss) if entry.rule == "descend" else None,
    )


def _symbols(entry: Entry, notation: Notation) -> Iterator[str]:
    """The symbols of the quantities that an entry is about."""
    names = [entry.quantity, *(note.split(":")[1] for note in entry.assumptions), *entry.differentiated]
    return map(notation.symbol, names)


def called(function: Fn) -> str:
    r"""\tanh(u), |u|"""
    row = function.row
    if "{0}" in row.tex:
        return row.tex.format(*LETTERS[: row.arity], *map(str, _numbers(function)))
    return f"{function_name(function)}({', '.join(LETTERS[: row.arity])})"


def definitions(name: str, function: Fn) -> Iterator[Stated]:
    """The definition of a function and, of one argument, its slope."""
    row, parameters = function.row, _numbers(function)
    yield Stated(name, called(function), functools.partial(_places, row, parameters), as_formula=True)
    if row.arity == 1:
        left = f"({called(function)})'" if "{0}" in row.tex else f"{function_name(function)}'(u)"
        yield Stated(name, left, functools.partial(_slope_places, row, parameters))


def chosen_slope(slope: ChosenSlope) -> Stated:
    """What a slope is taken to be at a kink: SymPy's value of the slope as taught, with 0 for each argument."""
    function = slope.function
    taught = scalar_form(as_node(function.row.slopes[0](*function.operands, function)), dict(_zero()))
    number = sympy.nsimplify(taught)
    value = Expected(scalar(Fraction(int(number.p), int(number.q))))
    return Stated(function.row.name, slope_at_kink(slope), lambda: [Place({}, value)])


def _zero() -> Iterator[tuple[Tensor, sympy.Expr]]:
    yield from ((Tensor(letter), sympy.Integer(0)) for letter in LETTERS)


def softmax(name: str) -> Stated:
    """The general entry of a softmax."""
    logits = filled([[number] for number in SHARES])

    def places() -> list[Place]:
        with mpmath.workdps(DIGITS):
            return [Place({"u": logits}, Expected(shares_along([None])(logits)))]

    return Stated(name, rf"{SOFTMAX}(u)_i", places, {"i": range(1, len(SHARES) + 1)})


# ------------------------------------------------------------------------------------------------ numbers


def _numbers(function: Fn) -> tuple[sympy.Expr, ...]:
    return tuple(parameter.number for parameter in function.parameters)


@functools.cache
def _places(row: Row, parameters: tuple[sympy.Expr, ...]) -> list[Place]:
    """Arguments of both signs, and the value there."""
    arguments = zip(*(_arguments(parameters, letter) for letter in LETTERS[: row.arity]), strict=True)
    return _evaluated(by_sympy(row, *parameters), arguments)


@functools.cache
def _slope_places(row: Row, parameters: tuple[sympy.Expr, ...]) -> list[Place]:
    """Arguments of both signs, and the derivative there; what a slope that is a function takes at its corner."""
    places = _evaluated(slope_by_sympy(row, *parameters), ((u,) for u in _arguments(parameters, "u")))
    u = Tensor("u")
    slope = row.slopes[0](u, *parameters, Fn(row.name, u, *parameters))
    if isinstance(slope, Fn) and slope.arguments == (u,):
        places += _evaluated(by_sympy(slope.row, *_numbers(slope)), [(Fraction(0),)])
    return places


def _arguments(parameters: Sequence[sympy.Expr], letter: str) -> list[Fraction]:
    """Random thousandths of both signs, and numbers on either side of what the parameters may be a bound of."""
    random = Random(f"{SEED}{letter}")
    sizes = [Fraction(random.randint(100, 2900), 1000) for _ in range(2 * EACH_SIGN)]
    numbers = [size * (-1) ** place for place, size in enumerate(sizes)]
    bounds = {abs(Fraction(int(p.p), int(p.q))) for p in parameters if p.is_Rational and p}
    return numbers + [bound * factor for bound in sorted(bounds) for factor in (Fraction(1, 2), Fraction(-1, 2), 2, -2)]


def _evaluated(function: Function, arguments: Any) -> list[Place]:
    """The value at each of the arguments where there is one."""
    places = []
    for numbers in arguments:
        try:
            with mpmath.workdps(DIGITS):
                value = function(*numbers)
        except (ArithmeticError, TypeError, ValueError):  # not real, or infinite
            continue
        if isinstance(value, Fraction) or mpmath.isfinite(value):
            symbols = {letter: scalar(number) for letter, number in zip(LETTERS, numbers, strict=False)}
            places.append(Place(symbols, Expected(scalar(value))))
    return places
