"""Numbers as program text: as the author wrote them, or as a person would write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sympy

from derive.code.binding import ATOM, POWER, PRODUCT, Written, level_of
from derive.code.names import dimension_symbols
from derive.ops import Constant

if TYPE_CHECKING:
    from derive.code.expressions import Writer

_AUTHORED = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?:/[0-9]+)?")
_MOST_DIGITS = 10  # a constant of a derivative is a decimal up to this length


def constant(writer: Writer, node: Constant) -> Written:
    """A number as the author wrote it, or as a person would write it."""
    if _AUTHORED.fullmatch(node.text):
        return node.text, level_of(node.text)
    above, below = sympy.fraction(node.number)
    if below == 1:
        text = _number(writer, above)
        return text, level_of(text)
    if (decimal := short_decimal(node.number)) and node.number.q > 8:
        return decimal, level_of(decimal)
    if is_irrational(node.number):
        return _number(writer, node.number), ATOM
    text, level = _number(writer, below), level_of(_number(writer, below))
    return f"{_number(writer, above)} / {text if level >= POWER else f'({text})'}", PRODUCT


def short_decimal(number: sympy.Expr) -> str:
    """A fraction such as 44715/10^6 as a decimal; empty where that would be long or never end."""
    if not number.is_Rational or number.q == 1 or 10**_MOST_DIGITS % number.q:
        return ""
    text = f"{float(number)!r}"
    return text if sympy.Rational(text) == number and len(text) <= _MOST_DIGITS + 2 else ""


def _number(writer: Writer, number: sympy.Expr) -> str:
    if number.is_Integer:
        return str(number)
    if dimension_symbols(number):
        return writer.of_symbols(number)
    square = sympy.expand(number**2)
    above, below = sympy.fraction(square)
    if number.is_positive and _is_of_pi(square):
        inside = f"{_pi(writer, above)} / {_pi(writer, below)}" if below != 1 else _pi(writer, above)
        return f"{writer.language.root}({inside})"
    return repr(float(number))


def is_irrational(number: sympy.Expr) -> bool:
    """Whether a number is no fraction, such as √(2/π)."""
    return bool(number.is_number) and not number.is_Rational


def _is_of_pi(number: sympy.Expr) -> bool:
    """Whether a number is a fraction, times or over pi."""
    return any((number * factor).is_Rational for factor in (1, sympy.pi, 1 / sympy.pi))


def _pi(writer: Writer, number: sympy.Expr) -> str:
    if number.is_Integer:
        return str(number)
    rest = number / sympy.pi
    return writer.language.pi if rest == 1 else f"({rest} * {writer.language.pi})"


def in_one_piece(node: Constant) -> bool:
    """Whether a number prints in one piece."""
    number = node.number
    return is_irrational(number) or (bool(number.is_Rational) and number.q > 8 and bool(short_decimal(number)))
