"""Arithmetic on the arrays of a printed line: two-dimensional, of exact fractions or of 60-digit reals beyond.

A 1 x 1 array is a scalar. What cannot be done (shapes that do not fit, division by zero) raises `ValueError` or
`ArithmeticError`.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from functools import partial
from math import lcm
from typing import TYPE_CHECKING, TypeAlias

import mpmath  # type: ignore[import-untyped, unused-ignore]
import numpy as np

from derive.check.exact_numbers import (
    DIGITS,
    ELEMENTARY,
    LARGEST_FRACTION,
    NEGLIGIBLE,
    LogarithmOfZero,
    Number,
    Vector,
    add,
    checked,
    divide,
    exact,
    finished,
    indicator,
    multiply,
    raised,
    root,
    subtract,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = [
    "DIGITS",
    "ELEMENTARY",
    "NEGLIGIBLE",
    "Array",
    "Number",
    "add",
    "chain",
    "checked",
    "elementwise",
    "exact",
    "filled",
    "finished",
    "indicator",
    "is_scalar",
    "product",
    "quotient",
    "raised",
    "root",
    "scalar",
    "shape_text",
    "signed_sum",
]

Array: TypeAlias = "NDArray[np.object_]"

FEW_PRODUCTS = 500  # of numbers in a matrix product, which are computed one by one


def scalar(number: Number) -> Array:
    """A number as an array of one entry."""
    return filled([[number]])


def filled(rows: Sequence[Sequence[Number]]) -> Array:
    """An array of numbers given row by row."""
    array = np.empty((len(rows), len(rows[0])), dtype=object)
    array[:] = rows
    return array


def is_scalar(array: Array) -> bool:
    """Whether an array counts as a single number."""
    return array.shape == (1, 1)


def shape_text(array: Array) -> str:
    """`2 x 3`."""
    return f"{array.shape[0]} x {array.shape[1]}"


def elementwise(operation: Callable[..., Number], *arrays: Array) -> Array:
    """Entry by entry; a scalar, a row or a column is repeated to fit onto an array among the others."""
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shape = (0, 0)
    if shape not in {array.shape for array in arrays}:  # a row with a column fits in NumPy, but onto neither
        raise ValueError("shapes that do not fit: " + ", ".join(map(shape_text, arrays)))
    result: Array = np.frompyfunc(operation, len(arrays), 1)(*arrays)
    return result


def product(a: Array, b: Array) -> Array:
    """A scalar scales; otherwise the matrix product."""
    if is_scalar(a) or is_scalar(b):
        return elementwise(multiply, a, b)
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"a product of {shape_text(a)} and {shape_text(b)}")
    if a.size * b.shape[1] > FEW_PRODUCTS and (large := _product_in_integers(a, b)) is not None:
        return large
    total = None
    for k in range(a.shape[1]):
        layer: Array = np.frompyfunc(multiply, 2, 1)(a[:, k : k + 1], b[k : k + 1, :])
        total = layer if total is None else elementwise(add, total, layer)
    assert total is not None
    return total


def _in_integers(array: Array) -> tuple[Array, int] | None:
    """The exact entries as integers over one denominator; nothing where that is very long, or for vectors."""
    if any(isinstance(number, Vector | LogarithmOfZero) for number in array.flat):
        return None
    fractions = [exact(number) for number in array.flat]
    denominator = lcm(*(fraction.denominator for fraction in fractions))
    if denominator.bit_length() > LARGEST_FRACTION:
        return None
    integers = np.empty(array.size, dtype=object)
    integers[:] = [fraction.numerator * (denominator // fraction.denominator) for fraction in fractions]
    return integers.reshape(array.shape), denominator


def _product_in_integers(a: Array, b: Array) -> Array | None:
    """The matrix product of large arrays: rounded once at most, and many times faster."""
    first, second = _in_integers(a), _in_integers(b)
    if first is None or second is None:
        return None
    denominator = first[1] * second[1]
    rational = all(isinstance(number, Fraction) for number in (*a.flat, *b.flat))
    divided = partial(Fraction, denominator=denominator) if rational else lambda n: mpmath.mpf(n) / denominator
    result: Array = np.frompyfunc(divided, 1, 1)(first[0] @ second[0])
    return result


def quotient(a: Array, b: Array) -> Array:
    """Entry by entry: of equal shapes, or by a scalar, or of a scalar."""
    if a.shape != b.shape and not is_scalar(a) and not is_scalar(b):
        raise ValueError(f"a quotient of {shape_text(a)} by {shape_text(b)}")
    return elementwise(divide, a, b)


def chain(operators: Sequence[str], values: Sequence[Array]) -> Array:
    r"""Products and quotients from left to right.

    A matrix product does not associate with an elementwise one: `a \odot W \cdot b` is refused.
    """
    total = values[0]
    entrywise = False
    for sign, value in zip(operators, values[1:], strict=True):
        if sign in (r"\cdot", r"\times"):
            if entrywise and not is_scalar(total) and not is_scalar(value):
                raise ValueError("a matrix product behind an elementwise one, without parentheses")
            total = product(total, value)
        elif sign == "/":
            total = quotient(total, value)
        else:
            entrywise = True
            total = elementwise(multiply if sign == r"\odot" else divide, total, value)
    return total


def signed_sum(signs: Sequence[str], values: Sequence[Array]) -> Array:
    """A signed sum."""
    result = values[0] if signs[0] == "+" else elementwise(operator.neg, values[0])
    for sign, value in zip(signs[1:], values[1:], strict=True):
        result = elementwise(add if sign == "+" else subtract, result, value)
    return result
