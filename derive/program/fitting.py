"""Which equations fit together, and what does not fit in the others, past everything that is unknown."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection

from derive.errors import DeriveError, Fault
from derive.program.translate import Translator
from derive.spec import Equation
from derive.spec.grammar import UNKNOWN, names_in


def behind(translator: Translator, equation: Equation, dimensions: Collection[str]) -> Translator | None:
    """The translator when an equation is translated; None where something in it is unknown or does not fit."""
    if equation.target in translator.known or not _is_known(translator, equation.tree, dimensions):
        return None
    further = _copy(translator)
    try:
        further.equation(equation.target, equation.tree)
    except DeriveError:
        return None
    return further


def faults_in(translator: Translator, tree: ast.expr, dimensions: Collection[str]) -> list[Fault]:
    """What is wrong with the innermost parts of an expression that do not fit; what is around one is unknown."""
    inner = [fault for part in _parts(tree) for fault in faults_in(translator, part, dimensions)]
    if inner or not _is_known(translator, tree, dimensions):
        return inner
    try:
        _copy(translator).node(tree)
    except DeriveError as error:
        return list(error.faults)
    return []


def _is_known(translator: Translator, tree: ast.expr, dimensions: Collection[str]) -> bool:
    """Whether every quantity and function in an expression is known."""
    functions = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    is_readable = all(isinstance(name, ast.Name) and name.id != UNKNOWN for name in functions)
    return is_readable and {*translator.known, *dimensions}.issuperset(names_in(tree))


def _copy(translator: Translator) -> Translator:
    """The same state, to try something on."""
    other = copy.copy(translator)
    other.known, other.taken, other.steps = dict(translator.known), set(translator.taken), list(translator.steps)
    other.own = dict(translator.own)
    return other


def _parts(tree: ast.expr) -> list[ast.expr]:
    """The expressions of which one is made, the words among its options left out."""
    match tree:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=part) | ast.Attribute(value=part) | ast.Subscript(value=part):
            return [part]
        case ast.Call(args=arguments, keywords=keywords):
            options = [keyword.value for keyword in keywords]
            return arguments + [option for option in options if not isinstance(option, ast.Constant)]
    return []
