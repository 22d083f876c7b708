"""What changes between two problems: their steps side by side, equal, different, or only in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from derive.ops import Node
from derive.program import Program, Role

Change = Literal["same", "changed", "only left", "only right"]
PASSES = (Role.FORWARD, Role.LOSS, Role.LOCAL, Role.BACKWARD, Role.UPDATE, Role.JACOBIAN)


@dataclass(frozen=True)
class Row:
    """One quantity with its formula on either side (None where it does not occur)."""

    name: str
    role: Role
    left: Node | None
    right: Node | None

    @property
    def change(self) -> Change:
        if self.left is None:
            return "only right"
        if self.right is None:
            return "only left"
        return "same" if self.left == self.right else "changed"


def compare(left: Program, right: Program) -> tuple[Row, ...]:
    """The steps of both programs by name, in the order of the left; a step of the right alone follows its neighbour."""
    order = [step.name for step in left.steps if step.role in PASSES]
    previous = ""
    for step in right.steps:
        if step.role not in PASSES:
            continue
        if step.name not in order:
            order.insert(order.index(previous) + 1 if previous in order else 0, step.name)
        previous = step.name
    steps = [{step.name: step for step in program.steps if step.role in PASSES} for program in (left, right)]

    def row(name: str) -> Row:
        found = [side.get(name) for side in steps]
        role = next(step.role for step in found if step)
        return Row(name, role, *(step.formula if step else None for step in found))

    return tuple(sorted((row(name) for name in order), key=lambda row: PASSES.index(_grouped(row.role))))


def _grouped(role: Role) -> Role:
    """Local derivatives stand among the gradients."""
    return Role.BACKWARD if role is Role.LOCAL else role
