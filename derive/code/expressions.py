"""Expressions as program text: one writer for all languages, and a table for each that says how a node is written."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy

from derive.code.binding import ATOM, POWER, PRODUCT, SUM, UNARY, Written, level_of
from derive.code.constants import constant, in_one_piece
from derive.code.names import dimension_symbols
from derive.ops import Constant, Dot, EntryOf, Fn, Node, Plus, Power, Row, Shape, Slice, Tensor, Times, Transpose

_OPERAND = re.compile(r"\{(\d)\}")


@dataclass(frozen=True)
class Language:
    """How a language writes things: `nodes` by class, functions of the table of rows by `pattern`.

    `helpers` are definitions that a program needs if it uses them, `root` the name of the square root of a number.
    """

    name: str
    nodes: Mapping[type[Node], Callable[[Writer, Any], Written]]
    pattern: Callable[[Row, bool], str]
    helpers: Mapping[str, tuple[str, ...]]
    root: str
    pi: str
    constant_argument: str = "{0}"  # how a number stands as the argument of a function


@dataclass
class Writer:
    """Writes expressions of one program; notes the helpers and the dimension symbols that they use.

    `names` are the identifiers of quantities and symbols. `safe_logs` writes t log p so that it is 0 where t is 0 and
    p is 0 too; otherwise as on paper.
    """

    language: Language
    names: Mapping[str, str]
    safe_logs: bool = False
    helpers: dict[str, bool] = field(default_factory=dict)  # name -> whether only default parameters occur
    symbols: set[str] = field(default_factory=set)

    def text(self, node: Node) -> str:
        """The expression as one line."""
        return self.written(node)[0]

    def wrapped(self, node: Node, least: int) -> str:
        """The text, in parentheses where it binds less tightly than `least`."""
        text, level = self.written(node)
        return text if level >= least else f"({text})"

    def written(self, node: Node) -> Written:
        write = self.language.nodes.get(type(node))
        if write is None:
            raise TypeError(f"no {self.language.name} for {type(node).__name__}")
        return write(self, node)

    def count(self, expression: Any) -> str:
        """A dimension such as 3, N or D + 1."""
        if isinstance(expression, int):
            return str(expression)
        return self.of_symbols(expression)

    def shape(self, shape: Shape) -> str:
        """`(N, 3)`, `(3,)`, `()`"""
        return f"({self.sizes(shape)})"

    def sizes(self, shape: Shape) -> str:
        """What stands between the parentheses of a shape: `N, 3`, `3,`."""
        listed = ", ".join(self.count(dimension) for dimension in shape)
        return f"{listed}," if len(shape) == 1 else listed

    def helper(self, name: str, default: bool = True) -> str:
        """The name of a function that the program defines for itself."""
        self.helpers[name] = self.helpers.get(name, True) and default
        return name

    def of_symbols(self, expression: sympy.Expr) -> str:
        """A whole-number expression of dimension symbols, by their identifiers."""
        named = {}
        for symbol in dimension_symbols(expression):
            self.symbols.add(str(symbol))
            named[symbol] = sympy.Symbol(self.names[str(symbol)])
        text = str(expression.subs(named, simultaneous=True))
        return re.sub(r"(?<!\*)\*(?!\*)", " * ", text)


def tensor(writer: Writer, node: Tensor) -> Written:
    """The name of a quantity."""
    return writer.names[node.name], ATOM


# ------------------------------------------------------------------------------------------------ sums and products


def plus(writer: Writer, node: Plus) -> Written:
    """a + b - c"""
    first, *others = node.operands
    text = writer.wrapped(first, PRODUCT)
    for term in others:
        positive = without_sign(term)
        text += f" + {writer.wrapped(term, PRODUCT)}" if positive is None else f" - {writer.wrapped(positive, PRODUCT)}"
    return text, SUM


def without_sign(node: Node) -> Node | None:
    """The term without the minus sign in front; None if it has none."""
    if isinstance(node, Constant):
        return Constant(-node.number, node.text.removeprefix("-")) if node.is_negative_number else None
    if not isinstance(node, Times):
        return None
    first, *rest = node.operands
    positive = without_sign(first)
    if positive is None:
        return None
    if isinstance(positive, Constant) and positive.number == 1:
        return rest[0] if len(rest) == 1 else Times(*rest)
    return Times(positive, *rest)


def times(writer: Writer, node: Times) -> Written:
    """a * b / c; what a number that a derivative brought in divides by stands at the end."""
    positive = without_sign(node)
    if positive is not None:
        return f"-{writer.wrapped(positive, PRODUCT)}", PRODUCT
    first, *factors = node.operands
    below = None
    if isinstance(first, Constant) and not first.text and not in_one_piece(first):
        above, under = sympy.fraction(first.number)
        below = Constant(under) if under != 1 else None
        first = Constant(above)
    if not (isinstance(first, Constant) and first.number == 1 and factors and below is not None):
        factors = [first, *factors]
    if below is not None:
        factors = [*factors, Power(below, Constant(-1))]
    return _product(writer, factors), PRODUCT


def _product(writer: Writer, factors: list[Node]) -> str:
    """Factors joined by * and /; neighbours below the line share one pair of parentheses."""
    text, under = "", []
    for factor in [*factors, None]:
        if factor is not None and isinstance(factor, Power) and factor.exponent == -1:
            under.append(factor.base)
            continue
        if under:
            below = under[0] if len(under) == 1 else Times(*under)
            text, under = f"{text or '1'} / {writer.wrapped(below, POWER)}", []
        if factor is not None:
            least = PRODUCT if isinstance(factor, Times) else UNARY
            text = f"{text} * {writer.wrapped(factor, POWER)}" if text else writer.wrapped(factor, least)
    return text


def power(writer: Writer, node: Power) -> Written:
    """`z**2`, `1 / z`"""
    if node.exponent == -1:
        return f"1 / {writer.wrapped(node.base, POWER)}", PRODUCT
    exponent = writer.wrapped(node.operands[1], UNARY)
    return f"{writer.wrapped(node.base, ATOM)}**{exponent}", POWER


# ------------------------------------------------------------------------------------------------ matrices


def dot(writer: Writer, node: Dot) -> Written:
    """`A @ B @ c`"""
    left, right = node.operands
    least = PRODUCT if isinstance(left, Dot) else UNARY
    return f"{writer.wrapped(left, least)} @ {writer.wrapped(right, POWER)}", PRODUCT


def transpose(writer: Writer, node: Transpose) -> Written:
    """`W.T`"""
    return f"{writer.wrapped(node.operands[0], ATOM)}.T", ATOM


def taken(writer: Writer, node: Slice) -> Written:
    """`W[1:]`"""
    items = ", ".join(slice_item(item) for item in node.items[: len(node.args) - 1])
    return f"{writer.wrapped(node.operands[0], ATOM)}[{items}]", ATOM


def slice_item(item: Any) -> str:
    """`0`, `1:`, `:`"""
    if isinstance(item, int):
        return str(item)
    start, stop = ("" if bound is None else str(bound) for bound in item)
    return f"{start}:{stop}"


# ------------------------------------------------------------------------------------------------ functions


def function(writer: Writer, node: Fn) -> Written:
    """A function of the table: its pattern filled in where that is one call, otherwise a helper that is defined."""
    row = node.row
    if row.spelled and not writer.safe_logs:
        return writer.written(row.spelled(*node.arguments))
    is_default = has_defaults(node)
    pattern = writer.language.pattern(row, is_default)
    operands = [_argument(writer, argument) for argument in node.arguments]
    if is_inline(pattern, row.arity):
        return fill(pattern, [*operands, *(writer.written(parameter) for parameter in node.parameters)])
    shown = [text for text, _ in operands]
    if not is_default:
        named = zip(row.parameters, node.parameters, strict=True)
        shown += [f"{key}={writer.text(value)}" for (key, _), value in named]
    return f"{writer.helper(row.name, is_default).removesuffix('_of')}({', '.join(shown)})", ATOM


def _argument(writer: Writer, node: Node) -> Written:
    if node.tensors:
        return writer.written(node)
    text = writer.language.constant_argument.format(writer.text(node))
    return text, level_of(text)


def has_defaults(node: Fn) -> bool:
    """Whether each parameter is the one that the table has."""
    pairs = zip(node.parameters, node.row.parameters, strict=True)
    return all(getattr(parameter, "number", None) == default for parameter, (_, default) in pairs)


@functools.cache
def is_inline(pattern: str, arity: int) -> bool:
    """Whether a pattern is a single call in which no argument stands twice."""
    occurrences = _OPERAND.findall(pattern)
    shown = ast.parse(_OPERAND.sub(r"operand_\1", pattern), mode="eval").body
    once = all(occurrences.count(str(place)) <= 1 for place in range(arity))
    return once and isinstance(shown, ast.Call | ast.Name)


def fill(pattern: str, operands: list[Written]) -> Written:
    """The pattern with its operands, in parentheses where they do not stand alone between brackets and commas."""

    def operand(match: re.Match[str]) -> str:
        text, level = operands[int(match[1])]
        before, after = pattern[: match.start()].rstrip(), pattern[match.end() :].lstrip()
        alone = before[-1:] in ("", "(", ",", "=") and after[:1] in ("", ")", ",", ">", "<", "=")
        return text if alone or level == ATOM else f"({text})"

    text = _OPERAND.sub(operand, pattern)
    return text, operands[0][1] if pattern == "{0}" else level_of(text)


SHARED: dict[type[Node], Callable[[Writer, Any], Written]] = {
    Tensor: tensor,
    Constant: constant,
    Plus: plus,
    Times: times,
    Power: power,
    Fn: function,
    Dot: dot,
    Transpose: transpose,
    Slice: taken,
    EntryOf: taken,
}
