"""The reverse walk over one expression: from the gradient of its value to the gradients of its quantities."""

from __future__ import annotations

from collections import defaultdict

from derive.ops import Node, Tensor, expand, plus, walk


def pull_back(formula: Node, gradient: Node, wanted: frozenset[Node]) -> dict[Node, Node]:
    """dL/dq for every wanted quantity (or part) q of `formula`, given dL/d(formula) = `gradient`.

    What occurs several times gets the sum of its contributions, in reading order.
    """
    contributions: defaultdict[Node, list[Node]] = defaultdict(list)

    def visit(node: Node, gradient: Node) -> None:
        if node in wanted:
            contributions[node].append(gradient)
            return
        for index, operand in enumerate(node.operands):
            if not wanted.isdisjoint(walk(operand)):
                visit(operand, node.pull(gradient, index))

    visit(formula, gradient)
    return {node: plus(*terms) for node, terms in contributions.items()}


def full(node: Node, tensor: Tensor) -> Node:
    """The gradient with the shape of its quantity."""
    return expand(node, tensor.shape)
