"""Expressions written out entry by entry in SymPy symbols, so that SymPy itself can differentiate them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from derive.evaluate import bound
from derive.ops import Array, Row, Shape, Tensor


class Entry:
    """A SymPy expression as an entry of a NumPy array: NumPy calls `exp`, `log` and `sqrt` as methods."""

    __slots__ = ("expression",)

    def __init__(self, expression: Any) -> None:
        self.expression = sympy.sympify(expression, strict=True)

    def _with(self, operation: Any, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Entry(operation(self.expression, _expression(other)))

    def __add__(self, other: Any) -> Any:
        return self._with(lambda a, b: a + b, other)

    def __radd__(self, other: Any) -> Any:
        return self._with(lambda a, b: b + a, other)

    def __sub__(self, other: Any) -> Any:
        return self._with(lambda a, b: a - b, other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(lambda a, b: b - a, other)

    def __mul__(self, other: Any) -> Any:
        return self._with(lambda a, b: a * b, other)

    def __rmul__(self, other: Any) -> Any:
        return self._with(lambda a, b: b * a, other)

    def __truediv__(self, other: Any) -> Any:
        return self._with(lambda a, b: a / b, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(lambda a, b: b / a, other)

    def __pow__(self, other: Any) -> Any:
        return self._with(lambda a, b: a**b, other)

    def exp(self) -> Entry:
        return Entry(sympy.exp(self.expression))

    def log(self) -> Entry:
        return Entry(sympy.log(self.expression))

    def sqrt(self) -> Entry:
        return Entry(sympy.sqrt(self.expression))


def _expression(thing: Any) -> sympy.Expr:
    return thing.expression if isinstance(thing, Entry) else sympy.sympify(thing, strict=True)


class SymbolicArithmetic:
    """Arithmetic on object arrays of SymPy expressions; dimension symbols are bound to small numbers."""

    def __init__(self, dimensions: Mapping[str, int]) -> None:
        self.dimensions = dict(dimensions)

    def number(self, value: sympy.Expr) -> Array:
        bound_value = value.subs({symbol: self.dimensions[symbol.name] for symbol in value.free_symbols})
        return np.array(Entry(bound_value), dtype=object)

    def shape(self, shape: Shape) -> tuple[int, ...]:
        return bound(shape, self.dimensions)

    def shift(self, array: Array, axis: int) -> Array:
        return np.array(0, dtype=object)

    def apply(self, row: Row, *arrays: Array) -> Array:
        def entry(*operands: Any) -> Entry:
            return Entry(row.scalar(*(_expression(operand) for operand in operands)))

        return np.asarray(np.vectorize(entry, otypes=[object])(*arrays))


def symbols_of(tensor: Tensor, shape: tuple[int, ...]) -> Array:
    """An array of SymPy symbols, one for each entry of a quantity."""
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        array[index] = Entry(sympy.Symbol(f"{tensor.name}[{','.join(map(str, index))}]", real=True))
    return array
