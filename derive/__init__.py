"""From an instructor's problem file to a checked, printed solution.

    import derive
    solution = derive.solve("problems/pen-and-paper.yaml")
    solution.gradients["W_1"], solution.formulas["dL/dW_1"]
    solution.to_pdf("solution.pdf")

What is slow to import (SymPy, NumPy, pydantic) is imported when it is first used.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.errors import DeriveError, Fault, ProblemError
from derive.version import VERSION as __version__

if TYPE_CHECKING:
    from derive.program import read
    from derive.solution import Solution
    from derive.spec import Problem

_HOMES = {"Solution": "derive.solution", "Problem": "derive.spec", "read": "derive.program"}


def __getattr__(name: str) -> Any:
    """The public names that live in heavy modules, on their first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def solve(problem: Problem | str | Path, *, autograd: bool = False, templates: str | Path | None = None) -> Solution:
    """Solve a problem or a problem file: derivatives, numbers, update, and all checks.

    `autograd` adds PyTorch's reverse mode to the checks where it is installed. Raises `ProblemError`, with all faults
    at once, where the file cannot be used.
    """
    from derive.program import read
    from derive.solution import solve_problem
    from derive.spec import Problem

    if not isinstance(problem, Problem):
        problem = read(Path(problem))
    return solve_problem(problem, autograd=autograd, templates=Path(templates) if templates else None)


__all__ = ["DeriveError", "Fault", "Problem", "ProblemError", "Solution", "__version__", "read", "solve"]
