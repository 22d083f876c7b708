"""Numbers, counts and shapes as LaTeX, each number with how tightly it binds to what stands beside it."""

from __future__ import annotations

from typing import Any

import sympy

from derive.ops import Shape

SUM, PRODUCT, POWER, ATOM = range(4)


def rational(number: sympy.Expr) -> tuple[str, int]:
    r"""A number or a quotient of counts as one fraction, the sign in front: -\frac{2}{3N}."""
    if number.is_Integer or number.is_Symbol:
        return str(number), ATOM if not number.could_extract_minus_sign() else PRODUCT
    if number.is_Float:
        return str(number), ATOM
    sign = "-" if number.could_extract_minus_sign() else ""
    top, bottom = sympy.fraction(-number if sign else number)
    if bottom == 1:
        return sign + sympy.latex(top), SUM if isinstance(top, sympy.Add) else PRODUCT
    return rf"{sign}\frac{{{sympy.latex(top)}}}{{{sympy.latex(bottom)}}}", PRODUCT


def typed(entry: Any) -> tuple[str, int]:
    """A decimal or a number as the author wrote it."""
    text = str(entry)
    negative = text.startswith("-")
    top, slash, bottom = text.lstrip("+-").partition("/")
    if slash:
        return ("-" if negative else "") + rf"\frac{{{top}}}{{{bottom}}}", PRODUCT
    if "e" in top.lower():
        mantissa, _, exponent = top.lower().partition("e")
        return ("-" if negative else "") + rf"{mantissa} \cdot 10^{{{int(exponent)}}}", PRODUCT
    return text.lstrip("+"), PRODUCT if negative else ATOM


def parenthesised(string: str) -> str:
    """The string in parentheses that grow with what they hold."""
    tall = any(word in string for word in (r"\frac", r"\begin", r"\sum"))
    return rf"\left({string}\right)" if tall else f"({string})"


def shape_latex(shape: Shape) -> str:
    r"""Rows and columns, `3 \times 1`: numbers, or symbols of dimensions; a sum beside another one in parentheses."""
    sides = [rational(sympy.Integer(side) if isinstance(side, int) else side) for side in shape]
    if len(sides) > 1:
        return r" \times ".join(parenthesised(text) if level == SUM else text for text, level in sides)
    return "".join(text for text, _ in sides)
