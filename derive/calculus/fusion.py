"""Fusion: a loss's gradient taken through a softmax or a sigmoid in one step, where it cancels to something shorter.

A rule, not a table of pairs: substitute, cancel, and take the result if it is shorter. So p - t comes out for
cross-entropy, for twice that, for the loss written out with logarithms and for binary cross-entropy alike. What is
taken is confirmed by SymPy first.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from derive.calculus.walk import pull_back
from derive.ops import (
    Constant,
    Elementwise,
    Fn,
    LogSoftmax,
    Node,
    Shape,
    Softmax,
    Tensor,
    expand,
    plus,
    power,
    scalar,
    times,
    walk,
)
from derive.program import Step


@dataclass(frozen=True)
class Fused:
    """A gradient, with respect to the logits if `in_one_step`, and what it assumes."""

    gradient: Node
    assumptions: tuple[str, ...] = ()
    in_one_step: bool = True


def fuse(step: Step, gradient: Node, targets: frozenset[str]) -> Fused | None:
    """dL/ds in one step for `step`: p = softmax(s) or sigmoid(s) with dL/dp = `gradient`; None if nothing cancels."""
    if isinstance(step.formula, Softmax) and isinstance(step.formula.operands[0], Tensor):
        return _through_softmax(step.target, step.formula, gradient, targets)
    if isinstance(step.formula, Fn) and step.formula.row.fuses and isinstance(step.formula.operands[0], Tensor):
        return _through_function(step.target, step.formula, gradient)
    return None


def _through_function(result: Tensor, formula: Fn, gradient: Node) -> Fused | None:
    """gradient ⊙ slope cancelled: (-t/p + (1-t)/(1-p)) p (1-p) is p - t."""
    slope = formula.row.slopes[0](*formula.operands, result)
    product = times(gradient, slope)
    cancelled = cancel(product)
    if cancelled is None or length(cancelled) >= length(gradient) + length(slope):
        return None
    return Fused(cancelled) if cancelled.shape == result.shape else None


def _through_softmax(result: Tensor, formula: Softmax, gradient: Node, targets: frozenset[str]) -> Fused | None:
    """p ⊙ (g - sum(p ⊙ g)) with p ⊙ g = c t for a one-hot t: -c (p - t), as the targets sum to 1."""
    cancelled = cancel(times(result, gradient))
    if cancelled is None:
        return None
    split = _constant_times(cancelled, result.shape)
    if split is None or result in cancelled.tensors:
        return None
    number, target = split
    return Fused(times(-number, result - target), (f"sum:{target.name}:{formula.axis}",))


def fuse_logits(step: Step, logits: Tensor) -> Fused | None:
    """dL/ds of a loss written with log_softmax(s): -c (softmax(s) - t) where the loss is c sum(t log_softmax(s)).

    What the loss reads of s besides is added.
    """
    inside = {part for part in walk(step.formula) if isinstance(part, LogSoftmax) and part.operands == (logits,)}
    if len(inside) != 1:
        return None
    [part] = inside
    pulled = pull_back(step.formula, Constant(1), frozenset({part, logits}))
    split = _constant_times(pulled[part], part.shape)
    if split is None:
        return None
    number, target = split
    fused = times(-number, Softmax(*part.args) - target)
    besides = [expand(pulled[logits], logits.shape)] if logits in pulled else []
    return Fused(plus(*besides, fused), (f"sum:{target.name}:{part.axis}",))


def _constant_times(node: Node, shape: Shape) -> tuple[Node, Tensor] | None:
    """A gradient of the form c t with a single number c and a quantity t, as (c, t)."""
    tensors = [tensor for tensor in node.tensors if tensor.shape == shape]
    if len(tensors) != 1:
        return None
    [target] = tensors
    rest = times(node, power(target, Constant(-1)))
    return None if target in rest.tensors or rest.shape != () else (rest, target)


def cancel(node: Node) -> Node | None:
    """An elementwise expression with its fractions cancelled by SymPy; None where it is not a rational function."""
    if not all(isinstance(part, Elementwise) or not part.operands for part in walk(node)):
        return None
    symbols: dict[Node, sympy.Symbol] = {}
    for part in walk(node):
        if isinstance(part, Tensor | Fn) and part not in symbols:
            if isinstance(part, Fn) and part.row.spelled:
                return None
            symbols[part] = sympy.Symbol(f"q_{len(symbols)}")
    original = scalar(node, symbols)
    cancelled = sympy.factor_terms(sympy.cancel(original))
    result = _from_scalar(cancelled, {symbol: part for part, symbol in symbols.items()})
    if sympy.simplify(scalar(result, symbols) - original) != 0:
        raise AssertionError(f"{result} is not {node}")
    return result


def _from_scalar(expression: sympy.Expr, nodes: dict[sympy.Symbol, Node]) -> Node:
    """A SymPy expression as nodes, terms in the order in which their quantities were met, positive ones first."""
    if expression in nodes:
        return nodes[expression]
    if isinstance(expression, sympy.Add):
        order = list(nodes)

        def position(term: sympy.Expr) -> tuple[bool, list[int]]:
            return term.could_extract_minus_sign(), sorted(order.index(s) for s in term.free_symbols if s in order)

        return plus(*(_from_scalar(term, nodes) for term in sorted(expression.args, key=position)))
    if isinstance(expression, sympy.Mul):
        return times(*(_from_scalar(factor, nodes) for factor in expression.args))
    if isinstance(expression, sympy.Pow) and not expression.exp.free_symbols:
        return power(_from_scalar(expression.base, nodes), Constant(expression.exp))
    if expression.free_symbols & set(nodes):
        raise ValueError(f"not a rational function: {expression}")
    return Constant(expression)


def length(node: Node) -> int:
    """How long an expression is to write: its quantities, numbers and functions."""
    return sum(1 for part in walk(node) if not part.operands or isinstance(part, Fn | LogSoftmax | Softmax))
