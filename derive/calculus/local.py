"""Local derivatives of one step: the slope of an elementwise step, the Jacobian of any step between vectors."""

from __future__ import annotations

from derive.calculus.recognise import recognised_slope
from derive.calculus.walk import pull_back
from derive.ops import (
    ColumnOf,
    Constant,
    Elementwise,
    Identity,
    Node,
    Shape,
    Tensor,
    diagonal,
    dot,
    expand,
    is_zero,
    plus,
    times,
    walk,
)
from derive.program import Step


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

    The walk seeded with 1; where the step's own formula appears, its result stands for it (1 - z^2). A known
    activation written out has that activation's slope.
    """
    recognised = recognised_slope(step, tensor)
    if recognised is not None:
        return recognised
    return with_result(step, pull_back(step.formula, Constant(1), frozenset({tensor}))[tensor])


def with_result(step: Step, node: Node) -> Node:
    """The expression with the step's formula replaced by the quantity it defines."""
    if isinstance(step.formula, Tensor) or step.formula not in set(walk(node)):
        return node
    replaced: Node = node.xreplace({step.formula: step.target})
    return replaced


def identity(tensor: Tensor) -> Node:
    """dq/dq: the identity matrix, 1 for a single number."""
    return Identity(tensor.shape[0]) if tensor.rank else Constant(1)


def local_jacobian(step: Step, tensor: Tensor) -> Node:
    """ds/dq of one step: diag(slope) of an elementwise step, otherwise the product along the formula."""
    if is_elementwise_in(step.formula, tensor) and step.target.shape == tensor.shape:
        local = slope(step, tensor)
        local = diagonal(expand(local, tensor.shape)) if tensor.rank else local
    else:
        local = with_result(step, _through(step.formula, tensor))
    return as_matrix(local, step.target, tensor)


def as_matrix(local: Node, upper: Tensor, lower: Tensor) -> Node:
    """A derivative in the shape of ds/dq: where everything cancels, the number 0 becomes a matrix of zeros."""
    return local if local.rank else expand(local, jacobian_shape(upper, lower))


def jacobian_shape(upper: Tensor, lower: Tensor) -> Shape:
    """A row for each entry of s and a column for each entry of q; () for two single numbers."""
    return (*(upper.shape or (1,)), *(lower.shape or (1,))) if upper.rank or lower.rank else ()


def _through(node: Node, tensor: Tensor) -> Node:
    """d(node)/d(tensor) by the chain rule over the operands of the expression."""
    if node == tensor:
        return identity(tensor)
    terms = []
    for index, operand in enumerate(node.operands):
        if tensor in operand.tensors:
            terms.append(matrix_product(_node_jacobian(node, index), _through(operand, tensor)))
    return plus(*terms)


def _node_jacobian(node: Node, index: int) -> Node:
    operand = node.operands[index]
    if isinstance(node, Elementwise) and operand.rank == 0:
        partial = node.partial(index)
        return ColumnOf(expand(partial, node.shape)) if node.rank else partial
    return node.jacobian(index)


def matrix_product(left: Node, right: Node) -> Node:
    """The product of two Jacobians, of which a single number is a factor; 0 if one of them is zero."""
    if is_zero(left) or is_zero(right):
        return Constant(0)
    return dot(left, right) if left.rank == right.rank == 2 else times(left, right)
