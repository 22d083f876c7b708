"""The chain rule by name, in front of the formula of a gradient: dL/dy · dy/dz · dz/da."""

from __future__ import annotations

import itertools

from derive.program import Program, Role, Step
from derive.sheet.model import Factor
from derive.spec import Problem

MOST_FACTORS = 6


class NamedFactors:
    """The chains of a program: which steps lie between a quantity and the loss."""

    def __init__(self, problem: Problem, program: Program) -> None:
        self.brief = problem.detail == "brief"
        self.turned = problem.conventions.derivatives == "denominator"
        relevant = program.leading_to(program.loss.name) if program.loss else ()
        self.consumers = {
            tensor.name: [s.name for s in relevant if tensor in s.uses] for step in relevant for tensor in step.uses
        }

    def chain(self, step: Step) -> tuple[tuple[Factor, ...], ...]:
        """dL/dy · dy/dz · ... for a gradient; with several paths to the loss a sum of two factors each.

        In denominator layout, where Jacobians are transposed, the product reads the other way: ... dy/dz · dL/dy.
        The share that enters the loss directly has no name, so a gradient with one has no chain.
        """
        if step.role is not Role.BACKWARD or not step.gradient or self.brief:
            return ()
        loss, quantity = step.gradient
        if loss in step.through:
            return ()
        chains: tuple[tuple[Factor, ...], ...]
        if len(step.through) > 1:
            chains = tuple(((loss, through), (through, quantity)) for through in step.through)
        else:
            chains = (self._whole_chain(loss, quantity),)
        return tuple(chain[::-1] for chain in chains) if self.turned else chains

    def _whole_chain(self, loss: str, quantity: str) -> tuple[Factor, ...]:
        """Every factor from the loss down while there is one path only, otherwise the last two."""
        path = [quantity]
        while path[-1] != loss and len(self.consumers.get(path[-1], [])) == 1:
            path.append(self.consumers[path[-1]][0])
        if path[-1] != loss or len(path) - 1 > MOST_FACTORS:
            path = [quantity, self.consumers[quantity][0], loss]
        path.reverse()
        return tuple(itertools.pairwise(path))
