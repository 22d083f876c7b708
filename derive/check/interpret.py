"""An interpreter of the equation language that knows nothing of expressions: syntax trees and a library of arrays."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Protocol

from derive.ops import LOSSES, ROWS, Loss, Row

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}


class Library(Protocol):
    """What the functions of the equation language are in NumPy, in PyTorch, ..."""

    def elementwise(self, row: Row, arguments: list[Any], parameters: Mapping[str, float]) -> Any:
        """An elementwise function of the table."""

    def loss(self, loss: Loss, prediction: Any, target: Any, options: Mapping[str, Any]) -> Any:
        """A named loss, reduced."""

    def whole(self, name: str, argument: Any, options: Mapping[str, Any]) -> Any:
        """sum, mean, softmax, log_softmax or augment."""


class Interpreter:
    """Reads a syntax tree as Python would run it on the arrays of a library."""

    def __init__(self, library: Library, known: dict[str, Any]) -> None:
        self.library, self.known = library, known

    def value(self, tree: ast.expr) -> Any:
        match tree:
            case ast.Name(id=name):
                return self.known[name]
            case ast.Constant(value=value):
                return float(Fraction(tree.kind)) if tree.kind else value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(operand=operand):
                return self.value(operand)
            case ast.BinOp(op=operation, left=left, right=right):
                return OPERATORS[type(operation)](self.value(left), self.value(right))
            case ast.Attribute(value=value):
                return self.value(value).T
            case ast.Subscript(value=value, slice=index):
                return self.value(value)[self.index(index)]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                options = {keyword.arg or "": self.value(keyword.value) for keyword in keywords}
                return self.call(name, [self.value(argument) for argument in arguments], options)
        raise AssertionError(f"not in the equation language: {ast.dump(tree)}")

    def index(self, tree: ast.expr) -> Any:
        if isinstance(tree, ast.Tuple):
            return tuple(self.index(item) for item in tree.elts)
        if isinstance(tree, ast.Slice):
            return slice(*(None if bound is None else int(self.value(bound)) for bound in (tree.lower, tree.upper)))
        return int(self.value(tree))

    def call(self, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        if name in ROWS:
            row = ROWS[name]
            parameters = {key: float(default) for key, default in row.parameters} | options
            parameters |= dict(zip((key for key, _ in row.parameters), arguments[row.arity :], strict=False))
            return self.library.elementwise(row, arguments[: row.arity], parameters)
        if name in LOSSES:
            return self.library.loss(LOSSES[name], arguments[0], arguments[1], options)
        return self.library.whole(name, arguments[0], options)
