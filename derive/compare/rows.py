"""What changes between two problems: their steps side by side, and the numbers that come out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from derive.evaluate import style_of
from derive.ops import Array, Node, Tensor
from derive.program import Program, Role, Step
from derive.solution import Solution

Change = Literal["same", "changed", "only left", "only right"]
Key = tuple[str, ...]
# The passes of a comparison, in order; local derivatives stand among the gradients.
PASSES: Mapping[Role, str] = {
    Role.FORWARD: "forward",
    Role.LOSS: "loss",
    Role.LOCAL: "backward",
    Role.BACKWARD: "backward",
    Role.UPDATE: "update",
    Role.JACOBIAN: "jacobian",
}
NUMBERS = (Role.LOSS, Role.BACKWARD, Role.UPDATE)


@dataclass(frozen=True)
class Row:
    """One quantity with its step on either side (None where it does not occur); `same` if both are one formula."""

    left: Step | None
    right: Step | None
    same: bool

    @property
    def name(self) -> str:
        """`z`, or `C | L` where the two sides call it differently."""
        return " | ".join(dict.fromkeys(step.name for step in (self.left, self.right) if step))

    @property
    def section(self) -> str:
        """The pass that it belongs to: forward, loss, backward, update, jacobian."""
        step = self.left or self.right
        assert step is not None
        return PASSES[step.role]

    @property
    def change(self) -> Change:
        if self.left is None:
            return "only right"
        if self.right is None:
            return "only left"
        return "same" if self.same else "changed"


@dataclass(frozen=True)
class NumberRow:
    """A quantity of both sides with the decimals that each prints."""

    left: Step
    right: Step
    values: tuple[Array, Array]

    @property
    def name(self) -> str:
        return " | ".join(dict.fromkeys((self.left.name, self.right.name)))


@dataclass(frozen=True)
class Comparison:
    """Two solved problems, the steps of both, and the numbers of both that print differently."""

    left: Solution
    right: Solution
    rows: tuple[Row, ...]
    numbers: tuple[NumberRow, ...]

    @property
    def sides(self) -> tuple[Solution, Solution]:
        return self.left, self.right

    @property
    def changes(self) -> tuple[Row, ...]:
        """The rows that are not the same on both sides."""
        return tuple(row for row in self.rows if row.change != "same")

    @property
    def has_numbers(self) -> bool:
        """Whether there are numbers on both sides."""
        return all(side.values is not None for side in self.sides)

    @property
    def passed(self) -> bool:
        """Whether every check of both problems agrees, those of the printed solutions included."""
        return all(finding.passed for side in self.sides for finding in side.all_findings)


def compare(left: Solution, right: Solution) -> Comparison:
    """What stands in both, and where they differ."""
    rows = compare_programs(left.program, right.program)
    return Comparison(left, right, rows, compare_numbers(left, right, rows))


def compare_programs(left: Program, right: Program) -> tuple[Row, ...]:
    """The steps of both programs in the order of the left; a step of the right alone follows its neighbour."""
    steps = [{_key(step, program): step for step in program.steps if step.role in PASSES} for program in (left, right)]
    order = list(steps[0])
    previous: Key = ()
    for key in steps[1]:
        if key not in order:
            order.insert(order.index(previous) + 1 if previous in order else 0, key)
        previous = key
    names = _renaming(*steps)

    def row(key: Key) -> Row:
        one, other = steps[0].get(key), steps[1].get(key)
        same = bool(one and other) and _signature(one, left, {}) == _signature(other, right, names)
        return Row(one, other, same)

    sections = tuple(dict.fromkeys(PASSES.values()))
    return tuple(sorted((row(key) for key in order), key=lambda row: sections.index(row.section)))


def _key(step: Step, program: Program) -> Key:
    """What a step is, whatever the loss is called: the loss, the gradient of a quantity, or its own name."""
    loss = program.loss.name if program.loss else ""
    if step.name == loss:
        return ("loss",)
    if step.gradient and step.gradient[0] == loss:
        return ("gradient", step.gradient[1])
    return ("step", step.name)


def _renaming(left: Mapping[Key, Step], right: Mapping[Key, Step]) -> dict[Node, Node]:
    """For each tensor of the right that the left calls differently: one with that name."""
    return {
        step.target: Tensor(left[key].name, step.target.shape)
        for key, step in right.items()
        if key in left and left[key].name != step.name
    }


def _signature(step: Step | None, program: Program, names: Mapping[Node, Node]) -> tuple[str, bool]:
    """The formula as text, and whether it prints as a row; shapes do not count: a wider layer has the same formula."""
    assert step is not None
    return str(step.formula.xreplace(dict(names))), step.name in program.rows


def compare_numbers(left: Solution, right: Solution, rows: tuple[Row, ...]) -> tuple[NumberRow, ...]:
    """The loss, gradients and updated parameters of both sides, where their printed decimals differ."""
    if left.exact is None or right.exact is None:
        return ()
    found = []
    for row in rows:
        if row.left and row.right and row.left.role in NUMBERS:
            pairs = ((left, left.exact[row.left.name]), (right, right.exact[row.right.name]))
            one, other = (style_of(side.problem).printed(value) for side, value in pairs)
            if one.shape != other.shape or np.any(one != other):
                found.append(NumberRow(row.left, row.right, (one, other)))
    return tuple(found)
