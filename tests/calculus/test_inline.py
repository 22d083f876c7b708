"""A quantity in terms of chosen others: the value stays, only these occur, and what cannot be written so is refused."""

from __future__ import annotations

import pytest

from derive.calculus.inline import in_terms_of
from derive.errors import ProblemError
from derive.program import Program
from derive.solution import Solution, solve_problem
from tests.support import problem_of, value_of

NETWORK = """
    architecture: [3, 2, 1]
    activations: [tanh, identity]
    loss: mse
    parameters:
      W_1: [[0.1, 0.3, -0.5], [-0.2, 0.4, 0.6]]
      b_1: [0.1, 0.2]
      W_2: [[0.7, -0.8]]
      b_2: [0.3]
    input: {x: [0.3, 0.4, -0.1]}
    target: {t: [0.5]}
    update: {sgd: {learning_rate: 0.5}}
"""


@pytest.fixture(scope="module")
def solution() -> Solution:
    return solve_problem(problem_of(NETWORK))


def given(program: Program) -> list[str]:
    return [quantity.name for quantity in program.givens]


def test_every_quantity_can_be_written_in_given_ones(solution: Solution) -> None:
    assert solution.values is not None
    for step in solution.program.steps:
        formula = in_terms_of(solution.program, step.name, given(solution.program))
        assert {tensor.name for tensor in formula.tensors} <= set(given(solution.program))
        expected = solution.values[step.name]
        assert value_of(formula, solution.values).reshape(expected.shape) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "using", "expected"),
    [
        ("L", ["y", "t"], "(y - t)**2"),
        ("L", ["W_2", "z", "b_2", "t"], "(W_2 @ z + b_2 - t)**2"),
        ("dL/dW_2", ["dL/dy", "z"], "dL/dy @ z.T"),
        ("dL/db_1", ["dL/da"], "dL/da"),
    ],
)
def test_no_more_is_written_out_than_needed(solution: Solution, name: str, using: list[str], expected: str) -> None:
    assert str(in_terms_of(solution.program, name, using)) == expected


def test_what_is_missing_is_named(solution: Solution) -> None:
    with pytest.raises(ProblemError) as caught:
        in_terms_of(solution.program, "dL/dW_1", ["y", "t"])
    [fault] = caught.value.faults
    assert "`dL/dW_1` needs `W_2`" in fault.found
    assert fault.hint == "add `W_2` to `in:`"


def test_a_quantity_in_terms_of_itself_is_its_formula(solution: Solution) -> None:
    assert in_terms_of(solution.program, "a", ["a", "W_1", "x", "b_1"]) == solution.program["a"].formula


IDENTITY = """
    forward: |
      s = W.T @ x
      y = s
      L = sum((y - t)**2)
    shapes: {x: [D], W: [D, K], t: [K]}
    parameters: [W]
    input: [x]
    target: [t]
    conventions: {derivatives: LAYOUT}
    ask:
      - dy/ds
      - {express: dL/dW, in: [x, dL/dy, dy/ds]}
"""


@pytest.mark.parametrize("layout", ["numerator", "denominator", "mixed"])
def test_a_factor_that_is_listed_stays_where_it_is_the_identity(layout: str) -> None:
    solution = solve_problem(problem_of(IDENTITY.replace("LAYOUT", layout)))
    names = {tensor.name for tensor in in_terms_of(solution.program, "dL/dW", ["x", "dL/dy", "dy/ds"]).tensors}
    assert names == {"x", "dL/dy", "dy/ds"}
    assert {tensor.name for tensor in in_terms_of(solution.program, "dL/dW", ["x", "dL/dy"]).tensors} == names - {
        "dy/ds"
    }
    assert [finding for finding in solution.printed_findings if not finding.passed] == []
