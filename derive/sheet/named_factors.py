"""The chain rule by name, in front of the formula of a gradient: dL/dy · dy/dz · dz/da."""

from __future__ import annotations

import itertools

from derive.calculus import direct_share
from derive.ops import Node, expand
from derive.program import Program, Role, Step
from derive.sheet.model import Factor
from derive.spec import Problem

MOST_FACTORS = 6


class NamedFactors:
    """The chains of a program: which steps lie between a quantity and the loss."""

    def __init__(self, problem: Problem, program: Program) -> None:
        self.program, self.fused = program, problem.conventions.fused
        self.brief = problem.detail == "brief"
        self.turned = problem.conventions.derivatives == "denominator"
        relevant = program.leading_to(program.loss.name) if program.loss else ()
        self.consumers = {
            tensor.name: [s.name for s in relevant if tensor in s.uses] for step in relevant for tensor in step.uses
        }

    def chain(self, step: Step) -> tuple[tuple[Factor, ...], ...]:
        """dL/dy · dy/dz · ... for a gradient; with several paths to the loss a sum of two factors each.

        In denominator layout, where Jacobians are transposed, the product reads the other way: ... dy/dz · dL/dy. What
        enters the loss directly has no name: `direct` is that share.
        """
        if step.role is not Role.BACKWARD or not step.gradient or self.brief:
            return ()
        loss, quantity = step.gradient
        lower = ((through, self.program.lower_of(through, quantity)) for through in step.through if through != loss)
        named = tuple(((loss, through), (through, of)) for through, of in lower)
        chains = named if len(step.through) > 1 else (self._whole_chain(loss, quantity),) if named else ()
        return tuple(chain[::-1] for chain in chains) if self.turned else chains

    def direct(self, step: Step) -> Node | None:
        """The share of a gradient that enters the loss directly, beside a chain: lam W_2 of a penalty."""
        if not self.chain(step) or step.gradient is None or self.program.loss is None:
            return None
        loss, quantity = step.gradient
        if loss not in step.through:
            return None
        tensor = self.program.tensor(quantity)
        share = direct_share(self.program.loss, tensor, fused=self.fused).gradient
        return expand(share.xreplace(self.updated_in(step)), tensor.shape)

    def updated_in(self, step: Step) -> dict[Node, Node]:
        """The parameters in whose place a gradient has the updated ones, with these."""
        new = (tensor for tensor in step.uses if tensor.name.endswith("'"))
        return {self.program.tensor(tensor.name[:-1]): tensor for tensor in new}

    def _whole_chain(self, loss: str, quantity: str) -> tuple[Factor, ...]:
        """Every factor from the loss down while there is one path only, otherwise the last two."""
        path = [quantity]
        while path[-1] != loss and len(self.consumers.get(path[-1], [])) == 1:
            path.append(self.consumers[path[-1]][0])
        if path[-1] != loss or len(path) - 1 > MOST_FACTORS:
            path = [quantity, self.consumers[quantity][0], loss]
        path.reverse()
        return tuple(itertools.pairwise(path))
