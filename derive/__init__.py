"""From an instructor's problem file to a checked, printed solution.

import derive
solution = derive.solve("problems/pen-and-paper.yaml")
solution.gradients["W_1"], solution.formulas["dL/dW_1"]
solution.to_pdf("solution.pdf")
"""

from __future__ import annotations

from pathlib import Path

from derive.errors import DeriveError, Fault, ProblemError
from derive.ops import set_latex
from derive.render.latex import Latex
from derive.solution import Solution, solve_problem
from derive.spec import Problem, read

__version__ = "0.1.0"

set_latex(Latex())


def solve(problem: Problem | str | Path, *, autograd: bool = False, templates: str | Path | None = None) -> Solution:
    """Solve a problem or a problem file: derivatives, numbers, update, and all checks.

    `autograd` adds PyTorch's reverse mode to the checks where it is installed. Raises `ProblemError`, with all faults
    at once, where the file cannot be used.
    """
    if not isinstance(problem, Problem):
        problem = read(Path(problem))
    return solve_problem(problem, autograd=autograd, templates=Path(templates) if templates else None)


__all__ = ["DeriveError", "Fault", "Problem", "ProblemError", "Solution", "__version__", "read", "solve"]
