"""What the honest reader needs to read our lines again: the functions by the names that they print under."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
import numpy as np
import sympy

from derive.check import Promised
from derive.ops import Array, Fn, LogSoftmax, Node, Softmax, walk
from derive.render.latex import function_name
from derive.render.notation import Notation
from derive.sheet import Blank, Line, Sheet
from derive.sheet.substitute import LARGEST


def promised_lines(sheet: Sheet, exact: dict[str, Array] | None) -> tuple[Promised, ...]:
    """What the sheet promises to print, line by line."""
    notation = Notation(sheet.notation, sheet.rows)
    return tuple(_promise(line, notation, exact) for line in sheet.lines)


def _promise(line: Line, notation: Notation, exact: dict[str, Array] | None) -> Promised:
    name = line.target.name
    value = None if exact is None or line.result is None or isinstance(line.result, Blank) else exact[name]
    complete = value is None or max(value.shape, default=1) <= LARGEST
    return Promised(name, notation.symbol(name), value, line.cut is not None and line.formula is not None, complete)


def reader_functions(formulas: Iterable[Node]) -> dict[str, Callable[..., Any]]:
    """Each elementwise function of the formulas by its LaTeX name, computed from its SymPy form by mpmath."""
    functions: dict[str, Callable[..., Any]] = {}
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Fn) and "{0}" not in node.row.tex and not node.row.spelled:
                functions.setdefault(function_name(node), _by_mpmath(node))
    return functions


def _by_mpmath(node: Fn) -> Callable[..., Any]:
    symbols = sympy.symbols(f"u:{node.row.arity}", real=True)
    expression = node.row.scalar(*symbols, *(parameter.number for parameter in node.parameters))

    def function(*arguments: Any) -> Any:
        numbers = [
            sympy.Rational(a.numerator, a.denominator) if isinstance(a, Fraction) else sympy.Float(a, 60)
            for a in arguments
        ]
        value = expression.subs(dict(zip(symbols, numbers, strict=True)))
        if value.is_Rational:
            return Fraction(int(value.p), int(value.q))
        return mpmath.mpf(str(sympy.N(value, 60)))

    return function


def reader_matrix_functions(formulas: Iterable[Node]) -> dict[str, Callable[..., Any]]:
    """Softmax and its logarithm, along the axis that the formulas use them on."""
    functions: dict[str, Callable[..., Any]] = {}
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Softmax | LogSoftmax):
                name = r"\operatorname{softmax}" if isinstance(node, Softmax) else r"\operatorname{logsoftmax}"
                functions[name] = _along(node.axis if node.rank == 2 else None, isinstance(node, LogSoftmax))
    return functions


def _along(axis: int | None, logarithm: bool) -> Callable[[Array], Array]:
    """exp(s_i) / sum exp(s_j), along an axis of a matrix or over all entries of a vector."""

    def function(logits: Array) -> Array:
        numbers = np.vectorize(
            lambda s: mpmath.mpf(s.numerator) / s.denominator if isinstance(s, Fraction) else s, otypes=[object]
        )(logits)
        powers = np.vectorize(mpmath.exp, otypes=[object])(numbers)
        total = powers.sum(axis=axis, keepdims=axis is not None)
        shares = powers / total
        return np.asarray(np.vectorize(mpmath.log, otypes=[object])(shares) if logarithm else shares)

    return function
