"""Problems of the tests, solved once in each process: whoever looks at a solution takes it from here.

A test that exchanges something while it solves makes a solution of its own.
"""

from __future__ import annotations

import functools

from derive.solution import Solution, solve_problem
from tests.support import problem_of


@functools.cache
def solved(text: str) -> Solution:
    """The problem with every check, PyTorch's among them."""
    return solve_problem(problem_of(text), autograd=True)
