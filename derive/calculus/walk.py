"""The reverse walk over one expression: from the gradient of its value to the gradients of its quantities."""

from __future__ import annotations

from collections import defaultdict

from derive.ops import Elementwise, Node, Tensor, expand, plus, walk
from derive.program import Step


def pull_back(formula: Node, gradient: Node, wanted: frozenset[Tensor]) -> dict[Tensor, Node]:
    """dL/dq for every wanted quantity q in `formula`, given dL/d(formula) = `gradient`.

    A quantity that occurs several times gets the sum of its contributions, in reading order.
    """
    contributions: defaultdict[Tensor, list[Node]] = defaultdict(list)

    def visit(node: Node, gradient: Node) -> None:
        if isinstance(node, Tensor):
            contributions[node].append(gradient)
            return
        for index, operand in enumerate(node.operands):
            if not wanted.isdisjoint(operand.tensors):
                visit(operand, node.pull(gradient, index))

    if not wanted.isdisjoint(formula.tensors):
        visit(formula, gradient)
    return {tensor: plus(*terms) for tensor, terms in contributions.items() if tensor in wanted}


def is_elementwise_in(formula: Node, tensor: Tensor) -> bool:
    """Whether each entry of the formula depends on just the same entry of `tensor`."""
    if formula == tensor:
        return True
    if tensor not in formula.tensors:
        return True
    return (
        isinstance(formula, Elementwise)
        and formula.shape == tensor.shape
        and all(is_elementwise_in(operand, tensor) for operand in formula.operands)
    )


def slope(step: Step, tensor: Tensor) -> Node:
    """The derivative of an entry of an elementwise step with respect to the same entry of `tensor`.

    The walk seeded with 1; where the step's own formula appears, its result stands for it (1 - z^2).
    """
    from derive.ops import Constant

    return with_result(step, pull_back(step.formula, Constant(1), frozenset({tensor}))[tensor])


def with_result(step: Step, node: Node) -> Node:
    """The expression with the step's formula replaced by the quantity it defines."""
    if isinstance(step.formula, Tensor) or step.formula not in set(walk(node)):
        return node
    replaced: Node = node.xreplace({step.formula: step.target})
    return replaced


def full(node: Node, tensor: Tensor) -> Node:
    """The gradient with the shape of its quantity."""
    return expand(node, tensor.shape)
