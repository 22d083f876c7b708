"""What the names of functions in our sheets stand for, computed from the SymPy forms of the tables by mpmath."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
import numpy as np
import sympy

from derive.evaluate import bound
from derive.ops import ROWS, Array, Fn, LogSoftmax, Node, OneHot, Row, Softmax, walk
from derive.ops.shapes import as_shape
from derive.program import Program
from derive.render.latex import function_name
from derive.render.notation import Notation

SOFTMAX, LOGSOFTMAX, ONE_HOT = (rf"\operatorname{{{name}}}" for name in ("softmax", "logsoftmax", "onehot"))
DIGITS = 60

Function = Callable[..., Any]


def reader_functions(formulas: Iterable[Node]) -> dict[str, Function]:
    """Each elementwise function of the formulas by its LaTeX name, computed from its SymPy form by mpmath."""
    functions: dict[str, Function] = {}
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Fn) and is_named(node.row):
                functions.setdefault(function_name(node), by_sympy(node.row, *_numbers(node)))
    return functions


def defining_functions() -> dict[str, Function]:
    r"""All functions that have a name, for definitions, where one is written in others: u \Phi(u)."""
    return {
        row.tex: by_sympy(row, *(default for _, default in row.parameters)) for row in ROWS.values() if is_named(row)
    }


def is_named(row: Row) -> bool:
    """Whether a function prints as a name with arguments behind it."""
    return "{0}" not in row.tex and not row.spelled


def _numbers(node: Fn) -> tuple[sympy.Expr, ...]:
    return tuple(parameter.number for parameter in node.parameters)


def by_sympy(row: Row, *parameters: sympy.Expr) -> Function:
    """The SymPy form of a function at numbers."""

    def function(*arguments: Any) -> Any:
        symbols, expression = _expression(row, parameters)
        return _value(expression, symbols, arguments)

    return function


def slope_by_sympy(row: Row, *parameters: sympy.Expr) -> Function:
    """SymPy's own derivative of the SymPy form of a function of one argument, at a number."""

    def function(argument: Any) -> Any:
        symbols, expression = _derivative(row, parameters)
        return _value(expression, symbols, [argument])

    return function


@functools.cache
def _expression(row: Row, parameters: tuple[sympy.Expr, ...]) -> tuple[tuple[sympy.Symbol, ...], sympy.Expr]:
    symbols = sympy.symbols(f"u:{row.arity}", real=True)
    return symbols, sympy.sympify(row.scalar(*symbols, *parameters))


@functools.cache
def _derivative(row: Row, parameters: tuple[sympy.Expr, ...]) -> tuple[tuple[sympy.Symbol, ...], sympy.Expr]:
    symbols, expression = _expression(row, parameters)
    return symbols, expression.diff(symbols[0])


def _value(expression: sympy.Expr, symbols: Iterable[sympy.Symbol], arguments: Iterable[Any]) -> Any:
    """A fraction where the value is one, otherwise a real with 60 digits."""
    numbers = [
        sympy.Rational(a.numerator, a.denominator) if isinstance(a, Fraction) else sympy.Float(a, DIGITS)
        for a in arguments
    ]
    value = expression.subs(dict(zip(symbols, numbers, strict=True)))
    if value.is_Rational:
        return Fraction(int(value.p), int(value.q))
    return mpmath.mpf(str(sympy.N(value, DIGITS)))


# ------------------------------------------------------------------------------------------------ of whole arrays


def reader_matrix_functions(program: Program, notation: Notation, dimensions: Mapping[str, int]) -> dict[str, Function]:
    """Softmax and its logarithm along the axis, one-hot vectors in the direction, that the formulas use them in.

    Print shows neither; a function that is used in two ways is left out, so that it cannot be read.
    """
    found: dict[str, set[tuple[Any, ...]]] = {}
    for step in program.steps:
        for node in walk(step.formula):
            if isinstance(node, Softmax | LogSoftmax):
                use = found.setdefault(SOFTMAX if isinstance(node, Softmax) else LOGSOFTMAX, set())
                use.add((node.axis if node.rank == 2 else None,))
            elif isinstance(node, OneHot):
                as_row = int(node.args[2]) == -1 if node.rank == 2 else notation.is_row(step.name)
                [classes] = bound(as_shape((node.args[1],)), dict(dimensions))
                found.setdefault(ONE_HOT, set()).add((classes, as_row))
    functions: dict[str, Function] = {}
    for name, uses in found.items():
        if name == ONE_HOT and len(uses) == 1:
            functions[name] = _one_hot(*next(iter(uses)))
        elif name != ONE_HOT:
            functions[name] = shares_along([axis for (axis,) in uses], logarithm=name == LOGSOFTMAX)
    return functions


def shares_along(axes: list[int | None], *, logarithm: bool = False) -> Callable[[Array], Array]:
    """exp(s_i) / sum exp(s_j), along an axis of a matrix or over all entries of a vector (the axis None)."""
    of_matrices = [axis for axis in axes if axis is not None]

    def function(logits: Array) -> Array:
        of_vector = None in axes and 1 in logits.shape
        if len(of_matrices) > 1 and not of_vector:
            raise ValueError("along the rows or the columns? The sheet has both")
        numbers = np.vectorize(
            lambda s: mpmath.mpf(s.numerator) / s.denominator if isinstance(s, Fraction) else s, otypes=[object]
        )(logits)
        powers = np.vectorize(mpmath.exp, otypes=[object])(numbers)
        along = None if of_vector or not of_matrices else of_matrices[0]
        total = powers.sum(axis=along, keepdims=along is not None)
        shares = powers / total
        return np.asarray(np.vectorize(mpmath.log, otypes=[object])(shares) if logarithm else shares)

    return function


def _one_hot(classes: int, as_row: bool) -> Callable[[Array], Array]:
    """A row (or a column) for each class index, counted from 0."""

    def function(indices: Array) -> Array:
        if not all(index in range(classes) for index in indices.flat):
            raise ValueError(f"a class that is none of {classes}")
        rows = np.array([[Fraction(index == k) for k in range(classes)] for index in indices.flat], dtype=object)
        return rows if as_row else rows.T

    return function
