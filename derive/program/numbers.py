"""Numbers in equations: exponents, options, and the places of slices."""

from __future__ import annotations

import ast
from typing import Any

import sympy

from derive.errors import Fault, ProblemError
from derive.ops import Constant, Node, Power, Times


def number_of(node: Node) -> sympy.Expr:
    """The number a constant expression stands for (`1/2`, `-3`)."""
    if isinstance(node, Constant):
        return node.number
    if isinstance(node, Times):
        return sympy.Mul(*(number_of(operand) for operand in node.operands))
    if isinstance(node, Power):
        base = number_of(node.base)
        if base == 0 and node.exponent < 0:
            raise ProblemError(Fault(found=f"a division by zero in {node}", expected="a number"))
        return base**node.exponent
    raise ProblemError(Fault(found=f"{node}", expected="a number"))


def constant(value: Any) -> Constant:
    """A parameter as a constant, as the author wrote it where that is one number."""
    if isinstance(value, Constant):
        return value
    if isinstance(value, str | bool):
        raise ProblemError(Fault(found=f"the option `{value}`", expected="a number"))
    return Constant(number_of(value) if isinstance(value, Node) else value)


def whole(value: Any) -> int:
    """A constant expression as a whole number."""
    number = number_of(value)
    if not number.is_Integer:
        raise ProblemError(Fault(found=f"axis={number}", expected="a whole number"))
    return int(number)


def slice_items(index: ast.expr) -> list[Any]:
    """The places of a slice: whole numbers, and pairs of bounds."""
    items = index.elts if isinstance(index, ast.Tuple) else [index]
    return [(bound(item.lower), bound(item.upper)) if isinstance(item, ast.Slice) else bound(item) for item in items]


def bound(tree: ast.expr | None) -> int | None:
    """A whole number in a slice, possibly negative."""
    if tree is None:
        return None
    number: int = ast.literal_eval(tree)
    return number
