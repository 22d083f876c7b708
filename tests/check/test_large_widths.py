"""Widths in numbers, in a problem without any other: formulas are checked at numbers of that shape, within limits."""

from __future__ import annotations

import pytest

from derive.evaluate import DomainError
from derive.solution import Solution, solve_problem
from derive.spec import read_text

EQUATIONS = "forward: |\n  y = W @ x\n  L = sum(y**2)\nparameters: [W]\ninput: [x]\n"


def solution_of(width: int | str) -> Solution:
    return solve_problem(read_text(f"{EQUATIONS}shapes: {{W: [{width}, {width}], x: [{width}]}}\n", "file.yaml"))


def test_a_width_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(DomainError) as caught:
        solution_of(1_000_000).findings_of("solution")
    [fault] = caught.value.faults
    assert fault.where == "file.yaml"
    assert "1000000x1000000" in fault.found
    assert "symbols, such as H" in fault.hint


@pytest.mark.parametrize("width", [300, "H"])
def test_other_widths_are_none_of_its_business(width: int | str) -> None:
    assert all(finding.passed for finding in solution_of(width).findings_of("solution"))
