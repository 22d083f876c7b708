"""LaTeX of products: fractions, signs and dots between factors, matrix products and transposes."""

from __future__ import annotations

import itertools
import re

import sympy

from derive.ops import Constant, Dot, Node, Outer, Power, Times, Transpose, is_single, negative_factor
from derive.render.latex import Latex, _print, transposed
from derive.render.latex_numbers import ATOM, POWER, PRODUCT, parenthesised

LONGEST_NUMERATOR = 80  # characters; more numbers stand behind the fraction, where the line can break


@_print.register
def _(node: Times, printer: Latex) -> tuple[str, int]:
    sign = "-" if negative_factor(node) and node not in printer.cut else ""
    factors = list(node.operands)
    below = [factor for factor in factors if _is_below(factor)]
    if sign and isinstance(factors[0], Constant) and factors[0].number == -1:
        factors = factors[1:]
    elif sign and isinstance(factors[0], Constant) and below:
        factors[0] = Constant(-factors[0].number)  # the sign stands in front of the fraction
    else:
        sign = ""
    one_bar = printer.index is not None or all(is_single(factor.shape) for factor in below)
    groups = _fractions(factors, one_bar)
    string, previous = "", None
    for top, bottom in groups:
        shown = _factor(node, printer, top, bottom, first=not string)
        string = _joined(string, shown, previous, (top, bottom), printer) if string else shown
        previous = (top, bottom)
    if sign and (string.startswith("-") or re.fullmatch(r"0(\.0+)?", string)):
        string = parenthesised(string)  # neither -(-2) nor a negative zero is written without
    return sign + string, PRODUCT


Group = tuple[list[Node], list[Node]]


def _fractions(factors: list[Node], one_bar: bool) -> list[Group]:
    """Factors as (above the bar, below it).

    A broken number in front goes into the fraction where there is `one_bar`, otherwise it stands alone.
    """
    if not any(isinstance(f, Power) and f.exponent.is_negative for f in factors):
        return [([factor], []) for factor in factors]
    below = [Power(f.base, Constant(-f.exponent)) if f.exponent != -1 else f.base for f in factors if _is_below(f)]
    above = [factor for factor in factors if not _is_below(factor)]
    numbers = [f for f in above if isinstance(f, Constant) and f.number != 1 and not f.number.is_Integer]
    above = [factor for factor in above if factor not in numbers]
    if isinstance(above[0] if above else None, Constant) and above[0].number == 1 and len(above) > 1:
        above = above[1:]
    if one_bar and numbers:
        top, bottom = sympy.fraction(sympy.Mul(*(number.number for number in numbers)))
        above = ([Constant(top)] if top != 1 else []) + above
        below, numbers = [Constant(bottom), *below], []
    return [([number], []) for number in numbers] + [(above or [Constant(1)], below)]


def _is_below(factor: Node) -> bool:
    return isinstance(factor, Power) and bool(factor.exponent.is_negative)


def _factor(node: Node, printer: Latex, top: list[Node], bottom: list[Node], first: bool) -> str:
    if not bottom:
        string, level = printer.operand(top[0], node)
        if level < PRODUCT or (not first and string.startswith("-")):
            return parenthesised(string)
        return string
    above, below = (printer(factors[0] if len(factors) == 1 else Times(*factors)) for factors in (top, bottom))
    if printer.index is None and not all(is_single(factor.shape) for factor in bottom):
        above = printer.wrapped(top[0] if len(top) == 1 else Times(*top), PRODUCT)
        below = printer.wrapped(bottom[0] if len(bottom) == 1 else Times(*bottom), POWER)
        return rf"{above} \oslash {below}"
    if printer.cut and len(above) > LONGEST_NUMERATOR:
        return rf"\frac{{1}}{{{below}}}\,{parenthesised(above)}"
    return rf"\frac{{{above}}}{{{below}}}"


def _joined(left: str, right: str, before: Group | None, after: Group, printer: Latex) -> str:
    """Two factors side by side: ⊙ between arrays, a dot between bare numbers, otherwise nothing."""
    assert before is not None
    arrays = [
        printer.index is None and any(not is_single(node.shape) for node in itertools.chain(*group))
        for group in (before, after)
    ]
    if all(arrays):
        return rf"{left} \odot {right}"
    return rf"{left} \cdot {right}" if _needs_dot(left, right) else rf"{left}\,{right}"


def _needs_dot(left: str, right: str) -> bool:
    """Whether two factors side by side would read as one number: 2 3, or 0 1/3 and 1/2 1/3 as mixed numbers."""
    is_number = left[-1].isdigit() or re.search(r"\\frac\{\d+\}\{\d+\}$", left) is not None
    return right[0].isdigit() or (is_number and right.startswith(r"\frac{") and right[6].isdigit())


def _is_entrywise(node: Node, printer: Latex) -> bool:
    """Whether a factor is itself a product entry by entry, which a matrix product would tear apart."""
    arrays = [operand for operand in node.operands if not is_single(operand.shape)]
    return isinstance(node, Times) and len(arrays) > 1 and printer.index is None and node not in printer.cut


@_print.register
def _(node: Dot, printer: Latex) -> tuple[str, int]:
    left, right = node.operands
    least = [ATOM if _is_entrywise(operand, printer) else PRODUCT for operand in node.operands]
    first = printer.vector(left, True, least[0]) if left.rank == 1 else printer.wrapped(left, least[0])
    if right.rank == 1 and not is_single(right.shape):
        second = printer.vector(right, False, least[1])
    else:
        second = printer.wrapped(right, least[1])
    if second.startswith("-"):
        second = parenthesised(second)
    elif _needs_dot(first, second):
        return rf"{first} \cdot {second}", PRODUCT
    return rf"{first}\,{second}", PRODUCT


@_print.register
def _(node: Outer, printer: Latex) -> tuple[str, int]:
    left, right = node.operands
    first, second = (
        printer.vector(operand, as_row, ATOM if _is_entrywise(operand, printer) else PRODUCT)
        for operand, as_row in ((left, False), (right, True))
    )
    if second.startswith("-"):
        second = parenthesised(second)
    return (rf"{first} \cdot {second}" if _needs_dot(first, second) else rf"{first}\,{second}"), PRODUCT


@_print.register
def _(node: Transpose, printer: Latex) -> tuple[str, int]:
    return transposed(printer.wrapped(node.operands[0], ATOM), node.operands[0], printer), POWER
