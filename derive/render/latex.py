"""Expressions -> LaTeX: one printer of our own, with a person's fractions, signs and parentheses.

Numbers are substituted by a cut of the tree: wherever a part of the expression stands in `cut`, its decimals are
printed instead of the part. The expression itself is never rewritten.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy

from derive.ops import (
    Array,
    Constant,
    Dot,
    Elementwise,
    Fn,
    Node,
    OneHot,
    Plus,
    Power,
    RowOf,
    Slice,
    SumAxis,
    Tensor,
    Times,
    is_single,
    split_scalar,
    times,
    walk,
)
from derive.render.latex_numbers import ATOM, POWER, PRODUCT, SUM, parenthesised, rational, shape_latex, typed
from derive.render.matrix import matrix
from derive.render.notation import EXPONENT, Notation, raised
from derive.sheet.samples import Samples

LETTERS = "ijk"


@dataclass(frozen=True)
class Latex:
    """A printer: `cut` holds the decimals to print for parts, `index` the entry to print instead of the whole."""

    notation: Notation = field(default_factory=Notation)
    cut: Mapping[Node, Array] = field(default_factory=dict)
    dimensions: Mapping[str, int] = field(default_factory=dict)
    index: tuple[Any, ...] | None = None
    as_row: bool | None = None
    samples: Samples | None = None

    def oriented(self, formula: Node, target: Tensor) -> str:
        """A right-hand side in the direction of the quantity that it defines: a row where that is a row.

        A formula all of whose vectors stand the other way is transposed as a whole, otherwise each of them is.
        """
        if formula.rank != 1 or self.index is not None or is_single(formula.shape):
            return self(formula)
        as_row = self.notation.is_row(target.name)
        vectors = {self.notation.is_row(tensor.name) for tensor in formula.tensors if tensor.rank == 1}
        if isinstance(formula, OneHot):
            return self(formula)
        if len(vectors) > 1 and all(isinstance(p, Elementwise) or not p.operands for p in walk(formula)):
            return replace(self, as_row=as_row)(formula)
        if self.is_row(formula) == as_row:
            return self(formula)
        number, vector = split_scalar(formula)
        if number != Constant(1) and as_row:
            return self(times(number, RowOf(vector)))
        return transposed(self.wrapped(formula, ATOM), formula, self)

    def __call__(self, node: Node) -> str:
        return self.wrapped(node, SUM)

    def wrapped(self, node: Node, least: int) -> str:
        """The LaTeX, in parentheses where it binds less tightly than `least`."""
        string, level = self.level(node)
        return string if level >= least else parenthesised(string)

    def level(self, node: Node) -> tuple[str, int]:
        """The LaTeX and how tightly it binds."""
        if node in self.cut:
            return self.decimals(self.cut[node], node)
        return _print(node, self)

    def decimals(self, values: Array, node: Node) -> tuple[str, int]:
        """A matrix of decimals, or a bare number; a row where the vector prints as a row."""
        if self.index is not None:
            entry = values[self.index[len(self.index) - values.ndim :]] if values.ndim else values[()]
            return typed(entry)
        if values.size == 1:
            return typed(values.reshape(())[()])
        if values.ndim == 1:
            as_row = self.is_row(node) if self.as_row is None else self.as_row
            values = values[None, :] if as_row else values[:, None]
        return matrix(values), ATOM

    def is_row(self, node: Node) -> bool:
        """Whether a vector expression prints as a row: if its vectors do."""
        match node:
            case Tensor():
                return self.notation.is_row(node.name)
            case Dot():
                return node.operands[0].rank == 1 and node.operands[1].rank == 2
            case SumAxis():
                return node.axis == 0
            case Slice() if node.operands[0].rank == 2:
                return isinstance(node.items[0], int)
        return any(self.is_row(operand) for operand in node.operands if operand.rank == 1)

    def vector(self, node: Node, as_row: bool, least: int) -> str:
        """A vector in a product, transposed where it does not stand in the direction that it prints in."""
        if is_single(node.shape):
            return self.wrapped(node, least)
        if node in self.cut and self.index is None:
            values = self.cut[node]
            return matrix(values[None, :] if as_row else values[:, None])
        string = self.wrapped(node, least)
        if self.is_row(node) == as_row:
            return string
        return transposed(self.wrapped(node, ATOM), node, self)

    def operand(self, part: Node, node: Node) -> tuple[str, int]:
        """An operand of a sum or product: a vector stands in the direction of the whole, a row beside a matrix."""
        if part.rank != 1 or node.rank == 0 or self.index is not None or self.as_row is not None:
            return self.level(part)
        as_row = node.rank == 2 or self.is_row(node)
        if is_single(part.shape) or self.is_row(part) == as_row:
            return self.level(part)
        return self.vector(part, as_row, ATOM), POWER

    def entry_of_cut(self, node: Node, index: tuple[int, ...]) -> tuple[str, int]:
        """The number that stands at an index of a part that is shown in numbers."""
        return typed(self.cut[node][index])

    def entry_symbol(self, node: Node, index: tuple[int, ...]) -> tuple[str, int]:
        """The symbol of one entry; a vector has one index, also where it prints as a matrix."""
        counted = zip(self.notation.counted(node, index), node.shape, strict=True)
        places = [str(place) for place, length in counted if length != 1] or ["1"]
        separator = "" if all(len(place) == 1 for place in places) else ","
        if isinstance(node, Tensor):
            return self.notation.indexed(node.name, separator.join(places)), self.level_of(node)
        return rf"{parenthesised(self(node))}_{{{separator.join(places)}}}", ATOM

    def level_of(self, tensor: Tensor) -> int:
        """How tightly a symbol binds: one with an exponent needs parentheses before it can carry another."""
        return PRODUCT if self.notation.is_compound(tensor.name) else ATOM

    def entry(self, node: Node, index: tuple[Any, ...]) -> str:
        """One entry of an elementwise expression."""
        return replace(self, index=index)(node)


@functools.singledispatch
def _print(node: Node, printer: Latex) -> tuple[str, int]:
    raise TypeError(f"no LaTeX for {type(node).__name__}")


@_print.register
def _(node: Tensor, printer: Latex) -> tuple[str, int]:
    if printer.index is not None and not is_single(node.shape):
        axes = [
            str(i) for i, d in zip(printer.index[len(printer.index) - node.rank :], node.shape, strict=True) if d != 1
        ]
        return printer.notation.indexed(
            node.name, "".join(axes) if len("".join(axes)) == len(axes) else ",".join(axes)
        ), printer.level_of(node)
    if printer.as_row is not None and node.rank == 1 and printer.notation.is_row(node.name) != printer.as_row:
        return transposed(printer.notation.symbol(node.name), node, printer), POWER
    return printer.notation.symbol(node.name), printer.level_of(node)


@_print.register
def _(node: Constant, printer: Latex) -> tuple[str, int]:
    number = node.number
    if printer.cut and number.free_symbols and all(s.name in printer.dimensions for s in number.free_symbols):
        number = number.subs({symbol: printer.dimensions[symbol.name] for symbol in number.free_symbols})
    elif node.text:
        return typed(node.text)
    return rational(number)


def without_zero_signs(string: str) -> str:
    """`(0)` behind a minus sign as `0`: only a sign of its own needs the parentheses."""
    return re.sub(r"^\((0(?:\.0+)?)\)$", r"\1", string)


def transposed(string: str, node: Node, printer: Latex) -> str:
    """string^T, in parentheses where the symbol is a fraction; an exponent that the symbol has is joined."""
    if isinstance(node, Tensor) and printer.notation.is_compound(node.name):
        symbol = printer.notation.symbol(node.name)
        if EXPONENT.fullmatch(symbol) and string in (symbol, parenthesised(symbol)):
            return raised(symbol, r"\top")
        string = string if string.startswith((r"\left(", "(")) else parenthesised(string)
    return rf"{string}^{{\top}}"


@_print.register
def _(node: Plus, printer: Latex) -> tuple[str, int]:
    string = _term(node.operands[0], node, printer)[0]
    for term in node.operands[1:]:
        shown, level = _term(term, node, printer)
        shown = shown if level >= PRODUCT else parenthesised(shown)
        string += f" - {without_zero_signs(shown[1:].lstrip())}" if shown.startswith("-") else f" + {shown}"
    return string, SUM


def _term(term: Node, node: Plus, printer: Latex) -> tuple[str, int]:
    """A term of a sum; a single number that is computed is spread over the vector or matrix that it is added to."""
    if is_single(node.shape) or not is_single(term.shape) or not any(t.rank for t in term.tensors) or not node.rank:
        return printer.operand(term, node)
    if printer.index is not None or printer.as_row is not None:
        return printer.operand(term, node)
    spread = rf"{printer.wrapped(term, PRODUCT)}\,\mathbf{{1}}_{{{shape_latex(node.shape)}}}"
    return (spread, PRODUCT) if node.rank == 2 or not printer.is_row(node) else (rf"{spread}^{{\top}}", PRODUCT)


@_print.register
def _(node: Power, printer: Latex) -> tuple[str, int]:
    if node.exponent == sympy.Rational(1, 2):
        return rf"\sqrt{{{printer(node.base)}}}", ATOM
    if node.exponent.is_negative:
        return _print(Times(Constant(1), node), printer)
    exponent = rational(node.exponent)[0]
    if isinstance(node.base, Fn) and re.fullmatch(r"\\[a-z]+", node.base.row.tex) and node.exponent.is_positive:
        arguments = ", ".join(printer(argument) for argument in node.base.arguments)
        return rf"{node.base.row.tex}^{{{exponent}}}{parenthesised(arguments)}", POWER
    base, level = printer.level(node.base)
    if level < ATOM or isinstance(node.base, Fn):
        base = parenthesised(base)
    return rf"{base}^{{{exponent}}}", POWER


@_print.register
def _(node: Fn, printer: Latex) -> tuple[str, int]:
    row = node.row
    if row.spelled:
        return printer.level(row.spelled(*node.arguments))
    arguments = [printer(argument) for argument in node.arguments]
    if "{0}" in row.tex:
        parameters = [printer(parameter) for parameter in node.parameters]
        level = printer.level(node.arguments[0])[1] if row.tex == "{0}" else ATOM
        return row.tex.format(*arguments, *parameters), level
    if row.name == "exp" and printer.index is None and is_single(node.shape):
        return rf"e^{{{arguments[0]}}}", POWER
    return function_name(node) + parenthesised(", ".join(arguments)), ATOM


def function_name(node: Fn) -> str:
    """The LaTeX name of a function; parameters that are not the default stand below it: softplus_2."""
    row = node.row
    parameters = [p for p, (_, default) in zip(node.parameters, row.parameters, strict=True) if p.number != default]
    if not row.names_parameters or not parameters:
        return row.tex
    prime = "'" * row.tex.count("'")
    shown = ",".join(typed(p.text)[0] if p.text else rational(p.number)[0] for p in parameters)
    return f"{row.tex.rstrip(chr(39))}_{{{shown}}}{prime}"
