"""Sure classifiers: numbers that float64 cannot hold or tell from 1 are computed exactly, and faults still show."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import sympy

from derive.check import Exactly, Finding, check_by_differences, check_jacobians, check_plainly
from derive.check.differences import ROUTE as DIFFERENCES
from derive.check.jacobians import ROUTE as JACOBIAN
from derive.check.plain import ROUTE as PLAIN
from derive.derivation import derive_program
from derive.evaluate import DomainError, evaluate_exactly, evaluate_with_care, exact_array
from derive.ops import Constant, times
from derive.output import routes_left_out
from derive.program import Program
from derive.solution import given_values, solve_problem
from derive.spec import Problem
from tests.solved import solved
from tests.support import problem_of

CLASSIFIER = """
    architecture: [1, 2]
    activations: [softmax]
    loss: cross_entropy
    bias: false
    parameters: {W_1: [[800], [0]]}
    input: {x: [1]}
    target: {t: [0, 1]}
    update: {sgd: {learning_rate: 0.1}}
"""  # the probability of the right class is e^-800
LARGE_STEP = """
    architecture: [2, 2]
    activations: [softmax]
    loss: cross_entropy
    bias: false
    parameters: {W_1: [[0.1, 0.2], [0, 0.3]]}
    input: {X: [[30, 40], [31, 40]]}
    target: {c: [0, 1]}
    update: {sgd: {learning_rate: 1}}
"""  # only the loss after the step underflows
UNIT = """
    architecture: [1, 1]
    activations: [sigmoid]
    loss: bce
    bias: false
    parameters: {W_1: [[LOGIT]]}
    input: {x: [1]}
    target: {t: [TARGET]}
    update: {sgd: {learning_rate: 0.01}}
"""
WRITTEN_OUT = """
    forward: |
      y = sigmoid(W @ x)
      L = mean(-t*log(y) - (1 - t)*log(1 - y))
    parameters: {W: [[9, 9], [-8, 1]]}
    input: {x: [1, 1]}
    target: {t: [0, 1]}
    update: {sgd: {learning_rate: 0.1}}
    conventions: {fused: false}
"""  # 1 - y is 1.5e-8: complex steps lose half of their digits
REFUSED = UNIT.replace("LOGIT", "2000").replace("TARGET", "0")


def unit(logit: str, target: str) -> str:
    return UNIT.replace("LOGIT", logit).replace("TARGET", target)


@pytest.mark.parametrize(
    ("text", "loss"),
    [
        (CLASSIFIER, 800),
        (LARGE_STEP, None),
        (unit("40", "0"), 40),
        (unit("84", "0"), 84),
        (unit("135", "0"), 135),
        (unit("800", "0"), 800),
        (unit("-800", "1"), 800),
        (unit("38", "1"), 0),
        (unit("800", "1"), 0),
        (WRITTEN_OUT, None),
    ],
)
def test_sure_numbers_are_confirmed(text: str, loss: float | None) -> None:
    solution = solved(text)
    assert [finding for finding in solution.all_findings if not finding.passed] == []
    if loss is not None:
        assert solution.loss == pytest.approx(loss, rel=1e-12)
    assert {DIFFERENCES, PLAIN, JACOBIAN} <= {finding.route for finding in solution.findings} | {JACOBIAN}


def test_the_loss_after_too_large_a_step_is_known() -> None:
    solution = solved(LARGE_STEP)
    assert solution.values is not None
    assert solution.values["L'"] > 500
    assert math.isfinite(solution.values["L'"])


def test_a_precise_number_is_no_middle_of_a_wide_ball() -> None:
    """1 - sigmoid(87) is 1.6e-38, about what 128 bits can tell from 0."""
    problem = problem_of(unit("87", "0"))
    given = given_values(problem)
    assert given is not None
    exact = evaluate_exactly(derive_program(problem), {name: exact_array(array) for name, array in given.items()})
    assert float(exact["L"].reshape(-1)[0]) == pytest.approx(87, rel=1e-15)


def test_pytorch_is_no_judge_of_what_float64_cannot_hold() -> None:
    assert "autograd" in routes_left_out(solved(CLASSIFIER))
    assert "autograd" not in routes_left_out(solved(WRITTEN_OUT))
    assert "autograd" in {finding.route for finding in solved(WRITTEN_OUT).findings}


# ------------------------------------------------------------------------------------------------ faults


def with_fault(problem: Problem, name: str) -> Program:
    """The derivation with one step multiplied by 1.001."""
    program = derive_program(problem)
    steps = tuple(
        replace(step, formula=times(Constant(sympy.Rational(1001, 1000)), step.formula)) if step.name == name else step
        for step in program.steps
    )
    return replace(program, steps=steps)


def refused(problem: Problem, program: Program) -> set[tuple[str, str]]:
    given = given_values(problem)
    assert given is not None
    numbers = evaluate_with_care(program, given)
    exactly = Exactly(program, numbers.given)
    findings: tuple[Finding, ...] = (
        check_by_differences(program, numbers.values, exactly)
        + check_plainly(problem, program, numbers.values, exactly)
        + check_jacobians(program, numbers.values, {}, exactly)
    )
    return {(finding.route, finding.step) for finding in findings if not finding.passed}


@pytest.mark.parametrize("text", [CLASSIFIER, LARGE_STEP, unit("40", "0"), unit("800", "0"), WRITTEN_OUT])
def test_a_wrong_gradient_is_refused_in_exact_numbers_too(text: str) -> None:
    problem = problem_of(text)
    assert refused(problem, derive_program(problem)) == set()
    [gradient] = [step.name for step in derive_program(problem).steps if step.name in ("dL/dW_1", "dL/dW")]
    assert (DIFFERENCES, gradient) in refused(problem, with_fault(problem, gradient))


@pytest.mark.parametrize(
    ("text", "step"), [(CLASSIFIER, "L"), (LARGE_STEP, "L'"), (unit("40", "0"), "L"), (WRITTEN_OUT, "L")]
)
def test_a_wrong_loss_is_refused_in_exact_numbers_too(text: str, step: str) -> None:
    problem = problem_of(text)
    assert (PLAIN, step) in refused(problem, with_fault(problem, step))


def test_a_wrong_update_is_refused_in_exact_numbers_too() -> None:
    problem = problem_of(CLASSIFIER)
    assert (PLAIN, "W_1'") in refused(problem, with_fault(problem, "W_1'"))


def test_a_wrong_jacobian_is_refused_in_exact_numbers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from derive.check import jacobians

    right = jacobians.local_jacobian
    monkeypatch.setattr(
        jacobians,
        "local_jacobian",
        lambda step, tensor: times(Constant(sympy.Rational(1001, 1000)), right(step, tensor)),
    )
    problem = problem_of(unit("38", "1"))
    assert (JACOBIAN, "dL/dy") in refused(problem, derive_program(problem))


# ------------------------------------------------------------------------------------------------ what is refused


def test_what_no_precision_tells_from_zero_is_refused_with_the_truth() -> None:
    with pytest.raises(DomainError) as error:
        solve_problem(problem_of(REFUSED))
    assert "log of" in str(error.value)
    assert "too near to it: take the loss from logits" in str(error.value)
    assert "xlogy" not in str(error.value)


def test_a_logarithm_that_does_not_exist_is_refused_without_advice() -> None:
    wrong = "{forward: 'L = sum(t * log(y))', parameters: {y: [-1, 1]}, target: {t: [1, 1]}}"
    with pytest.raises(DomainError) as error:
        solve_problem(problem_of(wrong))
    assert "log of [-1.0, 1.0]" in str(error.value)
    assert "too near" not in str(error.value)
