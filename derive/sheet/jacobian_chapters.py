"""Chapters of Jacobians: one for each matrix, one for all entries of what is no matrix."""

from __future__ import annotations

import math
from itertools import pairwise

from derive.calculus.entry_jacobians import BY_ENTRY
from derive.program import Program, Role, Step
from derive.sheet.asked import PART
from derive.sheet.model import Chapter


def jacobian_chapters(program: Program) -> tuple[Chapter, ...]:
    """The Jacobians that are asked for, the parts of one together."""
    parts: dict[str, list[Step]] = {}
    for step in program.by_role(Role.JACOBIAN):
        parts.setdefault(PART.sub("", step.name), []).append(step)
    found: list[Chapter] = []
    for steps in parts.values():
        if steps[0].subject == BY_ENTRY:
            found.append(Chapter("jacobian_by_entry", _entry_rule(steps, program), tuple(steps)))
        else:
            found += [
                Chapter("jacobian_and_so_on" if goes_on else "jacobian", _rule(step, program), (step,))
                for step, goes_on in zip(steps, _going_on(steps, program), strict=True)
            ]
    return tuple(found)


def _going_on(steps: list[Step], program: Program) -> list[bool]:
    """Behind which sample others follow that are not printed."""
    numbers = [_sample_number(step) for step in steps]
    last = steps[-1].subject.split()
    count = program.tensor(PART.sub("", (steps[-1].gradient or ("", ""))[1])).shape[int(last[2])] if numbers[0] else 0
    return [after > before + 1 for before, after in pairwise(numbers)] + [not isinstance(count, int)]


def _sample_number(step: Step) -> int:
    """The number of the sample, 0 for a Jacobian of no batch."""
    upper = (step.gradient or ("", ""))[0]
    return int(upper[:-1].split("(")[1]) if upper.endswith(")") else 0


def _entry_rule(steps: list[Step], program: Program) -> str:
    """Whether all entries are printed; a number has one."""
    upper = (steps[0].gradient or ("", ""))[0]
    if "[" not in upper:
        return "jacobian_of_number"
    shape = program.tensor(PART.sub("", upper)).shape
    return "jacobian_of_entries" if math.prod(map(int, shape)) == len(steps) else "jacobian_of_some_entries"


def _rule(step: Step, program: Program) -> str:
    """How a Jacobian comes about: that of one step, a product along a path, or a sum over several paths."""
    upper, lower = step.gradient or ("", "")
    if upper not in program.names or lower not in program.names:
        return "jacobian"
    ways = _ways(upper, lower, program)
    is_local = ways == 1 and program.tensor(lower) in program[upper].uses
    return "jacobian_of_step" if is_local else "jacobian_over_paths" if ways > 1 else "jacobian"


def _ways(upper: str, lower: str, program: Program) -> int:
    """How many paths lead from the lower quantity to the upper one."""
    ways = {lower: 1}
    for step in program.forward:
        ways.setdefault(step.name, sum(ways.get(tensor.name, 0) for tensor in set(step.uses)))
    return ways.get(upper, 0)
