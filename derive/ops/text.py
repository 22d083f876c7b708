"""Expressions as text in the equation language (`dL/dy @ z.T` reads back), with as few parentheses as it needs."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from derive.ops.algebra import Plus, Power, Times, negative_factor
from derive.ops.elementwise import Fn
from derive.ops.linear import Dot, Outer
from derive.ops.node import Constant, Node, Tensor
from derive.ops.reductions import SumAxis
from derive.ops.shapes import is_single
from derive.ops.softmax import AlongAxis, OneHot
from derive.ops.structure import Augment, Embed, Identity, Repeat, Selection, Slice, Transpose

SUM, PRODUCT, UNARY, POWER, ATOM = range(5)


def text(node: Node) -> str:
    """The expression as a line of the equation language."""
    return _text(node)[0]


def wrapped(node: Node, least: int) -> str:
    """The text, in parentheses where it binds less tightly than `least`."""
    string, level = _text(node)
    return string if level >= least else f"({string})"


def _text(node: Node) -> tuple[str, int]:
    match node:
        case Tensor():
            return node.name, ATOM
        case Constant():
            return _constant(node)
        case Plus():
            return _sum(node), SUM
        case Times():
            return _product(node)
        case Power():
            return _power(node)
        case Fn():
            return _function(node)
        case Dot() | Outer():
            return _matrix_product(node), PRODUCT
    return _rearranged(node), ATOM


def _matrix_product(node: Node) -> str:
    left, right = node.operands
    if isinstance(node, Outer):
        return f"{wrapped(left, PRODUCT)} @ {wrapped(right, ATOM)}.T"
    return f"{wrapped(left, PRODUCT)} @ {wrapped(right, POWER)}"


def _rearranged(node: Node) -> str:
    """A transpose, a slice or a call."""
    if isinstance(node, Transpose):
        return f"{wrapped(node.operands[0], ATOM)}.T"
    if isinstance(node, Slice):
        items = ", ".join(_slice_item(item) for item in node.items[: len(node.args) - 1])
        return f"{wrapped(node.operands[0], ATOM)}[{items}]"
    return _call(node)


def _constant(node: Constant) -> tuple[str, int]:
    string = node.text or str(node.number)
    if node.number.is_Add and not node.text:
        return string, SUM
    if node.is_negative_number:
        return string, UNARY
    return string, ATOM if string.replace(".", "").isalnum() else PRODUCT


def _sum(node: Plus) -> str:
    parts = [wrapped(node.operands[0], PRODUCT)]
    for term in node.operands[1:]:
        if negative_factor(term):
            parts.append(f" - {wrapped(_negated(term), PRODUCT)}")
        else:
            parts.append(f" + {wrapped(term, PRODUCT)}")
    return "".join(parts)


def _negated(term: Node) -> Node:
    """The term without its minus sign."""
    if isinstance(term, Constant):
        return Constant(-term.number, term.text.removeprefix("-"))
    first, *rest = term.operands
    positive = _negated(first)
    kept = rest if isinstance(positive, Constant) and positive.number == 1 else [positive, *rest]
    return kept[0] if len(kept) == 1 else Times(*kept)


def _product(node: Times) -> tuple[str, int]:
    if negative_factor(node):
        return f"-{wrapped(_negated(node), PRODUCT)}", PRODUCT
    first = node.operands[0]
    if isinstance(first, Constant) and not first.text and first.number.is_Rational and not first.number.is_Integer:
        bases = [f.operands[0] for f in node.operands[1:] if isinstance(f, Power) and f.exponent == -1]
        if bases and len(bases) == len(node.operands) - 1:  # 1/2 * 1/z is 1/(2 * z)
            whole = Times(Constant(first.number.q), *bases)
            return f"{first.number.p}/{wrapped(whole, POWER)}", PRODUCT
    string = ""
    for below, group in groupby(node.operands, lambda f: isinstance(f, Power) and f.exponent == -1):
        factors = list(group)
        if below:
            bases = [factor.operands[0] for factor in factors]
            string = f"{string or '1'}/{wrapped(bases[0] if len(bases) == 1 else Times(*bases), POWER)}"
        else:
            shown = [wrapped(factor, UNARY if string or number else PRODUCT) for number, factor in enumerate(factors)]
            string = " * ".join([string, *shown] if string else shown)
    return string, PRODUCT


def _power(node: Power) -> tuple[str, int]:
    if node.exponent == -1:
        return f"1/{wrapped(node.base, POWER)}", PRODUCT
    return f"{wrapped(node.base, ATOM)}**{wrapped(node.operands[1], ATOM)}", POWER


def _function(node: Fn) -> tuple[str, int]:
    if node.row.spelled:
        return _text(node.row.spelled(*node.arguments))
    shown = [text(argument) for argument in node.arguments]
    for parameter, (name, default) in zip(node.parameters, node.row.parameters, strict=True):
        if getattr(parameter, "number", None) != default:
            shown.append(f"{name}={text(parameter)}")
    return f"{node.row.name}({', '.join(shown)})", ATOM


def _call(node: Node) -> str:
    """Any other node: its class name as a function, with what it holds."""
    if isinstance(node, Repeat) and is_single(node.shape):
        return wrapped(node.operands[0], ATOM)
    if isinstance(node, Repeat) and node.operands[0] == Constant(1):
        return f"ones({', '.join(map(str, node.shape))})"
    if isinstance(node, Repeat) and isinstance(node.operands[0], Constant):
        return f"{wrapped(node.operands[0], PRODUCT)} * ones({', '.join(map(str, node.shape))})"
    if isinstance(node, Repeat):
        return f"ones({', '.join(map(str, node.shape))}) * {wrapped(node.operands[0], UNARY)}"
    if isinstance(node, (Identity, Selection, Embed)):
        return f"{type(node).__name__.lower()}({', '.join(map(str, node.args))})"
    if isinstance(node, OneHot) and int(node.args[2]) == 0:
        return f"one_hot({text(node.operands[0])}, axis=0)"
    if isinstance(node, SumAxis):
        return f"sum_axis({text(node.operands[0])}{f', axis={node.axis}' if node.axis else ''})"
    if isinstance(node, AlongAxis) and node.axis != -1:
        return f"{_snake(type(node).__name__)}({text(node.operands[0])}, axis=0)"
    if isinstance(node, Augment):
        options = ("" if node.args[1] == 1 else ", axis=0") + (", last=True" if node.last else "")
        return f"augment({text(node.operands[0])}{options})"
    return f"{_snake(type(node).__name__)}({', '.join(text(operand) for operand in node.operands)})"


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _slice_item(item: Any) -> str:
    if isinstance(item, int):
        return str(item)
    start, stop = ("" if bound is None else str(bound) for bound in item)
    return f"{start}:{stop}"
