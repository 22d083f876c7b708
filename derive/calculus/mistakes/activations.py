"""Activations and their slopes, left out or taken at the wrong place.

No operation is asked for by the name of its function. A mask is a slope whose own derivative is zero, an activation is
a step whose rule says so. The one exception is the class of the softmax, as in `derive.calculus.fusion`: that its
Jacobian is no diagonal is what the mistake is about.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.calculus.differentiate import gradient_name
from derive.calculus.local import slope
from derive.calculus.mistakes.place import Place, changed_parts, exchanged, replaced, without
from derive.ops import Constant, Dot, Fn, Node, Softmax, Tensor, Times, expand, rebuilt, times, walk
from derive.program import Role, Step

ACTIVATIONS = frozenset({"function", "scaled_function", "softmax", "log_softmax"})  # rules of steps that apply one


def _argument(step: Step | None) -> Tensor | None:
    """The pre-activation of a step that applies an activation to one quantity of its own shape."""
    if step is None or step.rule not in ACTIVATIONS or len(step.uses) != 1:
        return None
    return step.uses[0] if step.uses[0].shape == step.target.shape else None


# ------------------------------------------------------------------------------------------------ activations


def activation_forgotten(place: Place) -> Iterator[Node]:
    """z = phi(a) -> z = a"""
    argument = _argument(place.step)
    if argument is not None:
        yield argument


def pre_activation(place: Place) -> Iterator[Node]:
    """W z + b -> W a + b, and dL/dy z^T -> dL/dy a^T, where z = phi(a)"""

    def others(tensor: Tensor) -> Iterator[Node]:
        argument = _argument(place.definition(tensor))
        if argument is not None:
            yield argument

    return exchanged(place, others)


def _local(place: Place, node: Node) -> Step | None:
    """The step of a local derivative."""
    step = place.definition(node) if isinstance(node, Tensor) else None
    return step if step is not None and step.role is Role.LOCAL else None


def _is_mask(node: Node) -> bool:
    """Whether it is a function that is constant on both sides of its kink, such as the slope of a ReLU."""
    return isinstance(node, Fn) and node.partial(0) == Constant(0)


def _without_slope(place: Place, masks: bool) -> Iterator[Node]:
    """dL/dz ⊙ dz/da -> dL/dz, in numerator layout dL/dz · dz/da -> dL/dz"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, (Times, Dot)):
            for position, operand in enumerate(node.operands):
                local = _local(place, operand)
                if local is not None and any(map(_is_mask, walk(local.formula))) is masks:
                    yield without(node, position)

    return changed_parts(place.formula, change)


def slope_missing(place: Place) -> Iterator[Node]:
    """dL/dz ⊙ phi'(a) -> dL/dz"""
    return _without_slope(place, masks=False)


def mask_missing(place: Place) -> Iterator[Node]:
    """dL/dz ⊙ 1[a > 0] -> dL/dz"""
    return _without_slope(place, masks=True)


def mask_of_ones(place: Place) -> Iterator[Node]:
    """1[a > 0] -> 1"""

    def change(node: Node) -> Iterator[Node]:
        if _is_mask(node):
            yield expand(Constant(1), node.shape)

    return changed_parts(place.formula, change)


def value_for_slope(place: Place) -> Iterator[Node]:
    """dL/dz ⊙ phi'(a) -> dL/dz ⊙ z"""

    def others(tensor: Tensor) -> Iterator[Node]:
        local = _local(place, tensor)
        if local is not None and local.gradient is not None:
            yield place.program.tensor(local.gradient[0])

    return exchanged(place, others)


def slope_at_output(place: Place) -> Iterator[Node]:
    """phi'(a) -> phi'(z): 1 - tanh(a)^2 -> 1 - tanh(z)^2"""
    result, argument = _ends(place)
    step = place.definition(result)
    if step is not None and result.shape == argument.shape:
        yield rebuilt(rebuilt(place.formula, {result: step.formula}), {argument: result})


def slope_of_argument(place: Place) -> Iterator[Node]:
    """1 - z^2 -> 1 - a^2: the slope is known in z, and a was put in"""
    result, argument = _ends(place)
    if result.shape == argument.shape and result in place.formula.tensors:
        yield replaced(place.formula, result, argument)


def _ends(place: Place) -> tuple[Tensor, Tensor]:
    """z and a of the local derivative dz/da."""
    assert place.step.gradient is not None
    result, argument = place.step.gradient
    return place.program.tensor(result), place.program.tensor(argument)


def _diagonal_slope(step: Step) -> Node | None:
    """dp_i/ds_i of a step p = phi(s); of a softmax p (1 - p), the diagonal of its Jacobian."""
    argument = _argument(step)
    if argument is None:
        return None
    return step.target * (1 - step.target) if isinstance(step.formula, Softmax) else slope(step, argument)


def softmax_diagonal(place: Place) -> Iterator[Node]:
    """p ⊙ (g - p^T g) -> g ⊙ p ⊙ (1 - p): the softmax taken entry by entry"""
    for name in place.step.through:
        step = place.program[name]
        gradient = gradient_name(place.step.gradient[0], name) if place.step.gradient else ""
        diagonal = _diagonal_slope(step)
        if isinstance(step.formula, Softmax) and diagonal is not None and gradient in place.earlier:
            yield times(place.program.tensor(gradient), diagonal)


def slope_twice(place: Place) -> Iterator[Node]:
    """p - t -> (p - t) ⊙ p ⊙ (1 - p), where loss and activation have been differentiated together"""
    for name in place.step.through:
        diagonal = _diagonal_slope(place.program[name])
        if diagonal is not None:
            yield times(place.formula, diagonal)
