"""Elementwise functions as their SymPy forms say, on NumPy arrays: values that do not come from the rows' own.

NumPy walks the SymPy expression. Where that overflows or is not defined entry by entry (log(1 + e^800), or t log p at
t = p = 0), and for functions that the walk does not know, SymPy computes the entries itself.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
from sympy.functions.elementary.piecewise import ExprCondPair

from derive.ops import Array, Row

DIGITS = 30
_WALK: Mapping[type, Callable[..., Any]] = {
    sympy.Add: lambda *terms: functools.reduce(np.add, terms),
    sympy.Mul: lambda *factors: functools.reduce(np.multiply, factors),
    sympy.Pow: np.power,
    sympy.exp: np.exp,
    sympy.log: np.log,
    sympy.tanh: np.tanh,
    sympy.sin: np.sin,
    sympy.cos: np.cos,
    sympy.Abs: np.abs,
    sympy.erf: np.vectorize(math.erf, otypes=[float]),
    sympy.StrictGreaterThan: np.greater,
    sympy.StrictLessThan: np.less,
    sympy.GreaterThan: np.greater_equal,
    sympy.LessThan: np.less_equal,
    sympy.Equality: np.equal,
    sympy.And: lambda *conditions: functools.reduce(np.logical_and, conditions),
    sympy.Or: lambda *conditions: functools.reduce(np.logical_or, conditions),
}


def scalar_form(row: Row, arguments: Sequence[Any], parameters: Sequence[Any]) -> Array:
    """The function at an array of arguments; parameters are numbers."""
    symbols, expression = _form(row)
    arrays = np.broadcast_arrays(*(np.asarray(number, dtype=float) for number in (*arguments, *parameters)))
    with np.errstate(all="ignore"):
        known = _is_known(expression)
        walked = _walked(expression, dict(zip(symbols, arrays, strict=True))) if known else np.nan
    values = np.array(np.broadcast_to(walked, arrays[0].shape), dtype=float)
    for place in zip(*np.nonzero(~np.isfinite(np.atleast_1d(values))), strict=True):
        np.atleast_1d(values)[place] = _by_sympy(expression, symbols, [np.atleast_1d(array)[place] for array in arrays])
    return values


def exact_form(row: Row, arguments: Sequence[Any], parameters: Sequence[Any]) -> Array:
    """The same at object arrays of exact numbers, which neither overflow nor underflow."""
    symbols, expression = _form(row)
    known = dict(zip(symbols, (np.asarray(number, dtype=object) for number in (*arguments, *parameters)), strict=True))
    return np.asarray(_walked(expression, known), dtype=object)


@functools.cache
def _form(row: Row) -> tuple[tuple[sympy.Symbol, ...], sympy.Expr]:
    """The symbols of arguments and parameters, and the form."""
    symbols = sympy.symbols(f"u:{row.arity + len(row.parameters)}", real=True)
    return symbols, sympy.sympify(row.scalar(*symbols))


def _is_known(expression: Any) -> bool:
    """Whether the walk knows all that an expression holds."""
    known = expression.func in _WALK or isinstance(expression, sympy.Piecewise | ExprCondPair)
    return not expression.args or (known and all(map(_is_known, expression.args)))


def _walked(expression: Any, known: Mapping[sympy.Symbol, Array]) -> Any:
    """The value of an expression on arrays."""
    if expression in known:
        return known[expression]
    if isinstance(expression, sympy.Piecewise):
        branches = [(_walked(value, known), _walked(condition, known)) for value, condition in expression.args]
        result: Any = np.nan
        for value, condition in reversed(branches):
            result = np.where(condition, value, result)
        return result
    if not expression.args:
        return bool(expression) if expression.is_Boolean else _number(expression)
    return _WALK[expression.func](*(_walked(part, known) for part in expression.args))


def _number(expression: Any) -> float | int:
    """A constant; a whole one exactly."""
    return int(expression) if expression.is_Integer else float(expression)


def _by_sympy(expression: sympy.Expr, symbols: Sequence[sympy.Symbol], numbers: Sequence[float]) -> float:
    """One entry; numbers take their places one after the other, so that a zero in front makes the product zero."""
    for symbol, number in zip(symbols, numbers, strict=True):
        if not math.isfinite(number):
            return math.nan
        expression = expression.subs(symbol, sympy.Rational(float(number)))
    value = sympy.N(expression, DIGITS)
    return float(value) if value.is_Float or value.is_Rational else math.nan
