"""A step where it stands in its program, and the ways to exchange a part of its formula."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from derive.errors import ShapeError
from derive.ops import Node, Tensor, as_node
from derive.program import Program, Role, Step

Change = Callable[[Node], Iterable[Node]]
Exchange = Callable[[Tensor], Iterable[Node]]


@dataclass(frozen=True)
class Place:
    """A step where it stands in its program."""

    program: Program
    step: Step

    @property
    def formula(self) -> Node:
        return self.step.formula

    @functools.cached_property
    def earlier(self) -> frozenset[str]:
        """The quantities that may occur in the formula: those given, and those of earlier steps."""
        steps = self.program.steps
        before = steps[: next(i for i, step in enumerate(steps) if step.name == self.step.name)]
        return frozenset(self.program.quantities) | {step.name for step in before}

    def definition(self, tensor: Tensor) -> Step | None:
        """The step that defines a quantity; None for a given one."""
        name = tensor.name
        return None if name in self.program.quantities or name not in self.program.names else self.program[name]

    def role_of(self, tensor: Tensor) -> str:
        """The role of a quantity, given or computed."""
        step = self.definition(tensor)
        return self.program.quantities[tensor.name].role if step is None else step.role

    @functools.cached_property
    def targets(self) -> frozenset[Tensor]:
        """The targets, and what is made of targets only (the one-hot vector of a class index)."""
        found = {quantity.tensor for quantity in self.program.givens if quantity.role == "target"}
        for step in self.program.by_role(Role.FORWARD):
            if step.uses and found.issuperset(step.uses):
                found.add(step.target)
        return frozenset(found)

    def is_parameter(self, tensor: Tensor) -> bool:
        """Whether it is a weight or a bias, before or after its update."""
        return self.role_of(tensor) in ("parameter", Role.UPDATE)


def changed_parts(formula: Node, change: Change) -> Iterator[Node]:
    """The formula with one of its parts exchanged, for each part and each exchange that fits its place."""
    yield from change(formula)
    for position, operand in enumerate(formula.args):
        if isinstance(operand, Node):
            for part in changed_parts(operand, change):
                try:
                    yield as_node(formula.func(*formula.args[:position], part, *formula.args[position + 1 :]))
                except ShapeError:  # the part has a shape that its place does not allow
                    continue


def replaced(formula: Node, old: Tensor, new: Node) -> Node:
    """The formula with one quantity in the place of another of the same shape."""
    return as_node(formula.xreplace({old: new}))


def without(node: Node, position: int) -> Node:
    """A sum or product with one of its operands left out."""
    rest = node.operands[:position] + node.operands[position + 1 :]
    return rest[0] if len(rest) == 1 else as_node(node.func(*rest))


def exchanged(place: Place, others: Exchange) -> Iterator[Node]:
    """The formula with one of its quantities exchanged for what `others` offers in its place."""
    for tensor in place.formula.tensors:
        for other in others(tensor):
            if other.shape == tensor.shape and other != tensor:
                yield replaced(place.formula, tensor, other)
