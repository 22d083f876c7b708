"""The reverse walk over one expression: from the gradient of its value to the gradients of its quantities."""

from __future__ import annotations

from collections import defaultdict

from derive.ops import Node, Tensor, expand, plus


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


def full(node: Node, tensor: Tensor) -> Node:
    """The gradient with the shape of its quantity."""
    return expand(node, tensor.shape)
