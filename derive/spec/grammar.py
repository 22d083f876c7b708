"""The equation language: which of Python's expressions may stand on the right of `=`.

Everything is refused that is not listed here, so a new kind of syntax tree node can never slip in.
"""

from __future__ import annotations

import ast
from fractions import Fraction

from derive.spec.faults import Flaw, listing, shorten, suggestion
from derive.spec.numbers import is_unsigned_number

EXPONENT_LIMIT = 8
_OPERATORS = (ast.MatMult, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_SIGNS = (ast.UAdd, ast.USub)
_WORDS = ("sum", "mean", "none")
_LANGUAGE = "names, numbers, @ + - * / **, .T, slices and calls of known functions"


class Grammar(ast.NodeVisitor):
    """Visits one expression and collects what does not belong to the language.

    On its way it leaves the text of every number in the `kind` of its node, so that `0.10` stays `0.10`.
    """

    def __init__(self, source: str, line: int, functions: frozenset[str]) -> None:
        self.flaws: list[Flaw] = []
        self._source = source
        self._line = line
        self._functions = functions

    def generic_visit(self, node: ast.AST) -> None:
        self._refuse(f"`{self._text(node)}`", _LANGUAGE)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self._functions:
            self._refuse(f"the function `{node.id}` without arguments", f"a call such as `{node.id}(x)`")

    def visit_Constant(self, node: ast.Constant) -> None:
        text = self._text(node)
        if isinstance(node.value, (bool, str)):
            self._refuse(f"`{text}`", "a number, a name or an expression")
        elif is_unsigned_number(text):
            node.kind = text
        else:
            self._refuse(f"`{text}`", "a number such as 2, 0.1 or 1e-3")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not isinstance(node.op, _OPERATORS):
            self._refuse(f"the operator in `{self._text(node)}`", _LANGUAGE)
        self.visit(node.left)
        self.visit(node.right)
        if isinstance(node.op, ast.Pow):
            self._check_exponent(node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if not isinstance(node.op, _SIGNS):
            self._refuse(f"the operator in `{self._text(node)}`", _LANGUAGE)
        self.visit(node.operand)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr != "T":
            self._refuse(f"the attribute `.{node.attr}`", "no attribute but `.T`, the transpose")
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self._check_function(node.func)
        if not node.args:
            self._refuse(f"`{self._text(node)}`, a call without an argument", "a quantity between the brackets")
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            self._check_keyword(keyword)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not 1 <= len(indices) <= 2 or not all(_is_index(index) for index in indices):
            self._refuse(f"`{self._text(node)}`", "whole numbers or slices: `x[0]`, `W[1:]`, `Z[:, 1:]`")

    def _check_function(self, function: ast.expr) -> None:
        if not isinstance(function, ast.Name):
            self._refuse(f"a call of `{self._text(function)}`", "a call of a function by its name")
        elif function.id not in self._functions:
            hint = suggestion(function.id, self._functions) or f"known are {listing(sorted(self._functions))}"
            self._refuse(f"the unknown function `{function.id}`", "a function of the equation language", hint)

    def _check_keyword(self, keyword: ast.keyword) -> None:
        """An option: an expression, true or false, or one of a few words."""
        if keyword.arg is None:
            self._refuse(f"`**{self._text(keyword.value)}`", "options by name: `axis=0`")
        elif not isinstance(keyword.value, ast.Constant) or not isinstance(keyword.value.value, (bool, str)):
            self.visit(keyword.value)
        elif isinstance(keyword.value.value, str) and keyword.value.value not in _WORDS:
            self._refuse(f"`{self._text(keyword.value)}`", listing(f'"{word}"' for word in _WORDS))

    def _check_exponent(self, exponent: ast.expr) -> None:
        value = _rational(exponent)
        if value is None:
            self._refuse(f"the exponent `{self._text(exponent)}`", "a number such as 2, -1 or (1/2)")
        elif abs(value) > EXPONENT_LIMIT:
            self._refuse(f"the exponent `{self._text(exponent)}`", f"an exponent of at most {EXPONENT_LIMIT} in size")

    def _text(self, node: ast.AST) -> str:
        return shorten(ast.get_source_segment(self._source, node) or type(node).__name__)

    def _refuse(self, found: str, expected: str, hint: str = "") -> None:
        self.flaws.append(Flaw(found, expected, hint, line=self._line))


def names_in(tree: ast.expr) -> list[str]:
    """The quantities that an expression uses, in the order of their first appearance."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions)
    return list(dict.fromkeys(node.id for node in names))


def _is_index(node: ast.expr) -> bool:
    if isinstance(node, ast.Slice):
        bounds = (bound for bound in (node.lower, node.upper) if bound)
        return node.step is None and all(_is_whole(bound) for bound in bounds)
    return _is_whole(node)


def _is_whole(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


def _rational(node: ast.expr) -> Fraction | None:
    """The value of a number with its sign, or of a quotient of two; None for anything else."""
    match node:
        case ast.Constant(kind=str(text)):
            return Fraction(text)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            value = _rational(operand)
            return -value if value is not None and isinstance(node.op, ast.USub) else value
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            numerator, denominator = _rational(left), _rational(right)
            return numerator / denominator if numerator is not None and denominator else None
        case _:
            return None
