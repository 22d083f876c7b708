"""Factors of a product in the wrong place, and quantities taken for one another."""

from __future__ import annotations

from collections.abc import Iterator

from derive.calculus.mistakes.activations import ACTIVATIONS
from derive.calculus.mistakes.place import Place, changed_parts, exchanged, without
from derive.calculus.update import updated_name
from derive.ops import Diagonal, Dot, Node, Outer, Slice, Tensor, Transpose, take, transpose, walk
from derive.program import Role

# ------------------------------------------------------------------------------------------------ products


def _is_square(node: Node) -> bool:
    return node.rank == 2 and bool(node.shape[0] == node.shape[1])


def outer_transposed(place: Place) -> Iterator[Node]:
    """u v^T -> v u^T, where both have the same shape"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, (Outer, Dot)) and _is_square(node):
            yield transpose(node)

    lower = place.program.tensor(place.step.gradient[1]) if place.step.gradient else None
    return changed_parts(place.formula, change) if lower and place.is_parameter(lower) else iter(())


def transpose_missing(place: Place) -> Iterator[Node]:
    """W^T g -> W g, where W is square"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Transpose):
            yield node.operands[0]

    return changed_parts(place.formula, change)


def transpose_added(place: Place) -> Iterator[Node]:
    """W x -> W^T x, where W is square"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Dot):
            for position, operand in enumerate(node.operands):
                weight = operand.operands[0] if isinstance(operand, Slice) else operand
                if _is_square(operand) and isinstance(weight, Tensor) and place.is_parameter(weight):
                    yield node.func(*node.args[:position], Transpose(operand), *node.args[position + 1 :])

    return changed_parts(place.formula, change)


def order_reversed(place: Place) -> Iterator[Node]:
    """A B -> B A, where both are square"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Dot) and all(map(_is_square, node.operands)):
            yield Dot(*reversed(node.operands))

    return changed_parts(place.formula, change)


def diagonal_missing(place: Place) -> Iterator[Node]:
    """W_2 diag(phi'(a)) W_1 -> W_2 W_1"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Dot):
            for position, operand in enumerate(node.operands):
                if isinstance(operand, Diagonal):
                    yield without(node, position)

    return changed_parts(place.formula, change)


def ones_row(place: Place) -> Iterator[Node]:
    """W[1:] -> W[:-1]: not the row of the ones was left out, but the one at the other end.

    W itself in place of W[1:] has one row too many for the gradient, so it never fits.
    """
    other_end = {(1, None): (None, -1), (None, -1): (1, None)}

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Slice):
            yield take(node.operands[0], tuple(other_end.get(item, item) for item in node.items))

    return changed_parts(place.formula, change)


# ------------------------------------------------------------------------------------------------ quantities mixed up


def other_layer(place: Place) -> Iterator[Node]:
    """dL/dy z^T -> dL/dy x^T: the output of the layer before or after, where it has the same shape"""
    program = place.program
    outputs = [quantity.tensor for quantity in program.givens if quantity.role == "input"]
    outputs += [step.target for step in program.by_role(Role.FORWARD) if step.rule in ACTIVATIONS]

    def others(tensor: Tensor) -> Iterator[Node]:
        if tensor in outputs:
            position = outputs.index(tensor)
            yield from (*outputs[max(position - 1, 0) : position], *outputs[position + 1 : position + 2])

    if any(isinstance(part, (Dot, Outer)) for part in walk(place.formula)):
        yield from exchanged(place, others)


def gradient_before(place: Place) -> Iterator[Node]:
    """dL/da x^T -> dL/dz x^T: the gradient from one step earlier in the chain"""

    def others(tensor: Tensor) -> Iterator[Node]:
        step = place.definition(tensor)
        if step is not None and step.role is Role.BACKWARD:
            yield from (other for other in step.uses if place.role_of(other) is Role.BACKWARD)

    return exchanged(place, others)


def other_gradient(place: Place) -> Iterator[Node]:
    """W - eta dL/dW -> W - eta dL/dV: the nearest parameter of the same shape"""
    steps = place.program.by_role(Role.BACKWARD)
    parameters = [step.target for step in steps if step.gradient and _is_given_parameter(place, step.gradient[1])]

    def others(tensor: Tensor) -> Iterator[Node]:
        if tensor in parameters:
            own = parameters.index(tensor)
            same = [other for other in parameters if other.shape == tensor.shape and other != tensor]
            yield from sorted(same, key=lambda other: abs(parameters.index(other) - own))[:1]

    return exchanged(place, others)


def _is_given_parameter(place: Place, name: str) -> bool:
    quantity = place.program.quantities.get(name)
    return quantity is not None and quantity.role == "parameter"


def updated_weight(place: Place) -> Iterator[Node]:
    """W_2^T dL/dy -> (W_2 - eta dL/dW_2)^T dL/dy: the weights after their update"""

    def others(tensor: Tensor) -> Iterator[Node]:
        name = updated_name(tensor.name)
        if name in place.program.names:
            yield place.program[name].formula

    assert place.step.gradient is not None
    return iter(()) if _is_given_parameter(place, place.step.gradient[1]) else exchanged(place, others)


def old_value(place: Place) -> Iterator[Node]:
    """W' x + b' -> W x + b': a value from before the update"""
    names = {updated_name(name): name for name in place.program.names}

    def others(tensor: Tensor) -> Iterator[Node]:
        if place.role_of(tensor) in (Role.UPDATE, Role.AFTER) and tensor.name in names:
            yield place.program.tensor(names[tensor.name])

    return exchanged(place, others)
