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


UNKNOWN = "?"  # the function that stands where something was refused; no name of the author is like it


def unknown(*parts: ast.expr) -> ast.Call:
    """What is made of these parts in a way that cannot be read: they are still looked at, their result is not."""
    return ast.Call(func=ast.Name(id=UNKNOWN, ctx=ast.Load()), args=list(parts), keywords=[])


class Grammar(ast.NodeTransformer):
    """Visits one expression, collects what does not belong to the language, and puts the unknown in its place.

    On its way it leaves the text of every number in the `kind` of its node, so that `0.10` stays `0.10`.
    """

    def __init__(self, source: str, line: int, functions: frozenset[str]) -> None:
        self.flaws: list[Flaw] = []
        self._source = source
        self._line = line
        self._functions = functions

    def read(self, tree: ast.expr) -> ast.expr:
        """The expression with all that was refused replaced by the unknown."""
        expression: ast.expr = self.visit(tree)
        return expression

    def generic_visit(self, node: ast.AST) -> ast.expr:
        self._refuse(f"`{self._text(node)}`", _LANGUAGE)
        return unknown()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._functions:
            self._refuse(f"the function `{node.id}` without arguments", f"a call such as `{node.id}(x)`")
            return unknown()
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        text = self._text(node)
        if not isinstance(node.value, (bool, str)) and is_unsigned_number(text):
            node.kind = text
            return node
        is_word = isinstance(node.value, (bool, str))
        expected = "a number, a name or an expression" if is_word else "a number such as 2, 0.1 or 1e-3"
        self._refuse(f"`{text}`", expected)
        return unknown()

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        is_known = isinstance(node.op, _OPERATORS)
        if not is_known:
            self._refuse(f"the operator in `{self._text(node)}`", _LANGUAGE)
        node.left = self.read(node.left)
        if isinstance(node.op, ast.Pow):
            return node if self._is_exponent(node.right) else unknown(node.left)
        node.right = self.read(node.right)
        return node if is_known else unknown(node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        is_sign = isinstance(node.op, _SIGNS)
        if not is_sign:
            self._refuse(f"the operator in `{self._text(node)}`", _LANGUAGE)
        node.operand = self.read(node.operand)
        return node if is_sign else unknown(node.operand)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if node.attr != "T":
            self._refuse(f"the attribute `.{node.attr}`", "no attribute but `.T`, the transpose")
        node.value = self.read(node.value)
        return node if node.attr == "T" else unknown(node.value)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        flaws = len(self.flaws)
        self._check_function(node.func)
        if not node.args:
            self._refuse(f"`{self._text(node)}`, a call without an argument", "a quantity between the brackets")
        is_known = len(self.flaws) == flaws
        node.args = [self.read(argument) for argument in node.args]
        options = [keyword for keyword in node.keywords if self._reads_keyword(keyword)]
        if is_known and len(options) == len(node.keywords):
            return node
        words = [option.value for option in options if not isinstance(option.value, ast.Constant)]
        return unknown(*node.args, *words)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self.read(node.value)
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if 1 <= len(indices) <= 2 and all(_is_index(index) for index in indices):
            return node
        self._refuse(f"`{self._text(node)}`", "whole numbers or slices: `x[0]`, `W[1:]`, `Z[:, 1:]`")
        return unknown(node.value)

    def _check_function(self, function: ast.expr) -> None:
        if not isinstance(function, ast.Name):
            self._refuse(f"a call of `{self._text(function)}`", "a call of a function by its name")
        elif function.id not in self._functions:
            hint = suggestion(function.id, self._functions) or f"known are {listing(sorted(self._functions))}"
            self._refuse(f"the unknown function `{function.id}`", "a function of the equation language", hint)

    def _reads_keyword(self, keyword: ast.keyword) -> bool:
        """Whether an option is an expression, true or false, or one of a few words."""
        if keyword.arg is None:
            self._refuse(f"`**{self._text(keyword.value)}`", "options by name: `axis=0`")
            return False
        if not isinstance(keyword.value, ast.Constant) or not isinstance(keyword.value.value, (bool, str)):
            keyword.value = self.read(keyword.value)
            return True
        is_word = not isinstance(keyword.value.value, str) or keyword.value.value in _WORDS
        if not is_word:
            self._refuse(f"`{self._text(keyword.value)}`", listing(f'"{word}"' for word in _WORDS))
        return is_word

    def _is_exponent(self, exponent: ast.expr) -> bool:
        text, flaws = self._text(exponent), len(self.flaws)
        value = _rational(self.read(exponent))
        if len(self.flaws) > flaws:
            return False
        if value is None:
            self._refuse(f"the exponent `{text}`", "a number such as 2, -1 or (1/2)")
        elif abs(value) > EXPONENT_LIMIT:
            self._refuse(f"the exponent `{text}`", f"an exponent of at most {EXPONENT_LIMIT} in size")
        return len(self.flaws) == flaws

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
