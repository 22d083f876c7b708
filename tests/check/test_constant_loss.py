"""A loss that is a constant: nothing depends on anything, and no route stumbles over that."""

from __future__ import annotations

import numpy as np
import pytest

from derive.check import all_passed
from derive.solution import solve_problem
from derive.spec import read_text


@pytest.mark.parametrize("forward", ["L = 3", "c = 1 + 2\n  L = 2*c", "L = 0*sum(w) + 1"])
def test_a_loss_of_numbers_alone(forward: str) -> None:
    text = f"forward: |\n  {forward}\nparameters: {{w: [1, 2]}}\nupdate: {{sgd: {{learning_rate: 0.1}}}}\n"
    solution = solve_problem(read_text(text), autograd=True)
    assert all_passed(solution.findings) and all_passed(solution.findings_of("solution"))
    assert all(np.all(gradient == 0) for gradient in solution.gradients.values())
