"""Shapes: tuples of numbers and dimension symbols, and the few ways in which two of them fit together."""

from __future__ import annotations

from typing import Any

import sympy

from derive.errors import Fault, ShapeError

Dimension = Any  # an int, or a SymPy expression of dimension symbols (SymPy carries no types)
Shape = tuple[Dimension, ...]


def as_shape(dimensions: Any) -> Shape:
    """Python numbers where a dimension is a number, SymPy expressions where it is a symbol (`N`, `D + 1`)."""
    return tuple(int(d) if getattr(d, "is_Integer", True) else d for d in dimensions)


def show(shape: Shape) -> str:
    """`(2, 3)` as `2x3`, `(3,)` as `3`, `()` as `scalar`."""
    return "x".join(str(dimension) for dimension in shape) if shape else "scalar"


def size(shape: Shape) -> sympy.Expr:
    """The number of entries."""
    return sympy.Mul(*shape)


def is_single(shape: Shape) -> bool:
    """Whether there is exactly one entry, so that it counts as a scalar."""
    return all(dimension == 1 for dimension in shape)


def fits(small: Shape, large: Shape) -> bool:
    """Whether `small` broadcasts onto `large`: a scalar, equal shapes, a row or a column of a matrix."""
    if len(small) > len(large):
        return False
    tail = large[len(large) - len(small) :]
    return all(s in (1, d) for s, d in zip(small, tail, strict=True))


def broadcast(*shapes: Shape) -> Shape:
    """The common shape, which one of the shapes must already have: no outer combination by accident."""
    for large in sorted(shapes, key=len, reverse=True):
        if all(fits(small, large) for small in shapes):
            return large
    listed = ", ".join(show(shape) for shape in shapes)
    flat = any(len(s) == 1 for s in shapes) and any(len(s) == 2 and 1 in s for s in shapes)
    raise ShapeError(
        Fault(
            found=f"shapes that do not fit together elementwise: {listed}",
            expected="equal shapes, a scalar, or one row or column that repeats along a matrix",
            hint="write the vector as a matrix with one row or one column, like the other one" if flat else "",
        )
    )


def require(condition: bool, found: str, expected: str, hint: str = "") -> None:
    """Raise a `ShapeError` unless the condition holds."""
    if not condition:
        raise ShapeError(Fault(found=found, expected=expected, hint=hint))
