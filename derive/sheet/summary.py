"""The table at the end of a solution: each parameter before the step, its gradient, and the parameter after it."""

from __future__ import annotations

from derive.calculus import gradient_name
from derive.program import Program, Role
from derive.sheet.model import SummaryRow
from derive.sheet.substitute import Numbers

MOST_IN_TABLE = 5  # rows and columns of a matrix


def summary(program: Program, numbers: Numbers | None) -> tuple[SummaryRow, ...]:
    """A row for each updated parameter that is small enough for a table."""
    if numbers is None or program.loss is None:
        return ()
    rows = []
    for step in program.by_role(Role.UPDATE):
        before = program.tensor(step.name.removesuffix("'"))
        gradient = program.tensor(gradient_name(program.loss.name, before.name))
        if max(numbers.exact[before.name].shape, default=1) <= MOST_IN_TABLE:
            values = (numbers.written[before.name], numbers.result(gradient.name), numbers.result(step.name))
            rows.append(SummaryRow(before, gradient, values))
    return tuple(rows)
