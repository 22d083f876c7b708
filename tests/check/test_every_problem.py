"""Every kind of problem by every route of checking that can see it, and every entry of the tables in some problem."""

from __future__ import annotations

import ast
import functools

import pytest

from derive.ops import LOSSES, ROWS, WHOLE
from tests.check.formulas import PROBLEMS, solved
from tests.support import problem_of

ROUTES = {"symbolic", "differences", "plain", "autograd"}
PUBLIC = [row.name for row in ROWS.values() if not row.internal]


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_route_runs_and_agrees(name: str) -> None:
    solution = solved(name)
    assert [finding for finding in solution.findings if not finding.passed] == []
    routes = {finding.route for finding in solution.findings}
    if solution.values is None:
        assert routes == {"symbolic"}
    elif solution.program.loss is not None:
        assert routes >= ROUTES
    else:
        assert routes >= {"plain", "jacobian"}


@functools.cache
def functions_called() -> set[str]:
    """The functions in the equations of all problems."""
    trees = [equation.tree for text in PROBLEMS.values() for equation in problem_of(text).equations]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


@pytest.mark.parametrize("function", [*PUBLIC, *WHOLE, *LOSSES])
def test_every_function_occurs_in_some_problem(function: str) -> None:
    assert function in functions_called()
