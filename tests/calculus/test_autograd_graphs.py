"""Graphs of many kinds, their gradients against PyTorch's autograd in every style."""

from __future__ import annotations

import pytest

from derive.calculus import Style, differentiate
from derive.program import compile_problem
from tests.calculus.autograd import STYLES, check
from tests.problems import GRAPHS
from tests.support import problem_of


@pytest.mark.parametrize("style", STYLES, ids=["fused", "in-steps", "numerator"])
@pytest.mark.parametrize("name", GRAPHS)
def test_graphs(name: str, style: Style) -> None:
    check(problem_of(GRAPHS[name]), style)


def test_softmax_with_targets_that_do_not_sum_to_one_says_what_it_assumes() -> None:
    """p - t holds only where the targets sum to 1: the step says so, and without fusion no such step is written."""
    text = """
    forward: |
      p = softmax(W @ x)
      L = -sum(t * log(p))
    input: {x: [0.2, -0.4]}
    target: {t: [0.3, 1, 0.2]}
    parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
    """
    problem = problem_of(text)
    check(problem, Style(fused=False))
    program = compile_problem(problem)
    [assumed] = [step.assumptions for step in differentiate(program, ["W"]) if step.assumptions]
    assert [assumption.startswith("sum:t") for assumption in assumed] == [True]
    assert not any(step.assumptions for step in differentiate(program, ["W"], Style(fused=False)))
