"""How a function of the table is defined, and its derivative as taught, in grey beside a step."""

from __future__ import annotations

from derive.ops import Fn, Node, Tensor
from derive.render.latex import Latex, function_name


def definition(operands: tuple[Node, ...]) -> str:
    """A function of the table as it is defined: tanh(u) = ..."""
    if not operands or not isinstance(operands[0], Fn):
        return ""
    function = operands[0]
    arguments = (Tensor("u"), Tensor("v"))[: function.row.arity]
    name = Latex()(Fn(function.row.name, *arguments, *function.parameters))
    written = _defined_as(function)
    return f"${name} = {written}$" if written not in ("", name) else f"${name}$"


def slope(operands: tuple[Node, ...]) -> str:
    """The derivative of a function of the table as taught: tanh'(u) = 1 - tanh(u)^2, cases for a ReLU."""
    if not operands or not isinstance(operands[0], Fn) or operands[0].row.arity != 1:
        return ""
    function = operands[0]
    u = Tensor("u")
    whole = Fn(function.row.name, u, *function.parameters)
    derivative = function.row.slopes[0](u, *function.parameters, whole)
    if not isinstance(derivative, Node):
        return ""
    by_cases = isinstance(derivative, Fn) and derivative.arguments == (u,) and not derivative.row.activation
    written = _defined_as(derivative) if by_cases else ""
    name = f"({Latex()(whole)})'" if "{0}" in function.row.tex else f"{function_name(function)}'(u)"
    return f"${name} = {written or Latex()(derivative)}$"


def _defined_as(function: Fn) -> str:
    """The definition in u; empty for a function that needs none."""
    definition = function.row.definition
    if not isinstance(definition, str):
        return Latex()(definition(Tensor("u"), *function.parameters))
    parameters = [Latex()(parameter) for parameter in function.parameters]
    return definition.format("u", *parameters)
