"""Route `plain` has values of its own for every function: a wrong value in a row is refused by the name of its step."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy

from derive.check import check_plainly
from derive.check.plain import ROUTE
from derive.check.scalar_forms import scalar_form
from derive.derivation import derive_program
from derive.evaluate import evaluate_program
from derive.ops import ROWS, Fn, Row, walk
from derive.program import Program
from tests.problems import PROBLEMS
from tests.support import numbers, problem_of

POINTS = np.array([-2.7, -0.4, 0.0, 0.3, 1.6])
ONE_STEP = """
    forward: |
      a = w * x
      z = {call}
      L = {loss}
    parameters: {{w: [0.7, 0.9]}}
    input: {{x: [0.8, -0.6]}}
    target: {{t: [0.4, 0.9]}}
    conventions: {{relu_at_zero: {at_zero}}}
"""


def one_step(row: Row) -> str:
    call = f"{row.name}({'a' if row.arity == 1 else 'a, w'})"
    return ONE_STEP.format(call="log(a*a)" if row.name == "log" else call, loss="sum((z - t)**2)", at_zero="0")


LOSSES = {
    "huber": ONE_STEP.format(call="1.5*a", loss="huber(z, t, delta=1/2)", at_zero="0"),
    "bce": ONE_STEP.format(call="sigmoid(a)", loss="bce(z, t)", at_zero="0"),
    "half": ONE_STEP.format(call="relu(a)", loss="sum((z - t)**2)", at_zero="1/2"),
    "one": ONE_STEP.format(call="relu(a)", loss="sum((z - t)**2)", at_zero="1"),
}
TEXTS = [one_step(row) for row in ROWS.values() if not row.internal and row.name != "sqrt"]
TEXTS += [ONE_STEP.format(call="sqrt(a*a)", loss="sum((z - t)**2)", at_zero="0"), *LOSSES.values(), *PROBLEMS.values()]


@functools.cache
def program_of(text: str) -> Program:
    return derive_program(problem_of(text))


@functools.cache
def text_with(name: str) -> str:
    """A problem with numbers in whose program a function occurs."""
    for text in TEXTS:
        program = program_of(text)
        if all(given.value is not None for given in problem_of(text).givens) and steps_with(program, name):
            return text
    raise AssertionError(f"no problem uses {name}")


def steps_with(program: Program, name: str) -> set[str]:
    """The steps that apply a function, behind the update left out."""
    return {
        step.name
        for step in program.steps
        if any(isinstance(node, Fn) and node.row.name == name for node in walk(step.formula)) and "'" not in step.name
    }


def refused(text: str) -> set[str]:
    problem = problem_of(text)
    program = derive_program(problem)
    values = evaluate_program(program, numbers(problem))
    return {f.step for f in check_plainly(problem, program, values) if f.route == ROUTE and not f.passed}


def test_the_identity_is_no_step() -> None:
    """So there is no value of it to be wrong."""
    program = program_of(one_step(ROWS["identity"]))
    assert not steps_with(program, "identity")
    assert str(program["z"].formula) == "a"


def changed(value: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: value(*operands) * 1.001 + 0.001


@pytest.mark.parametrize("row", [row for row in ROWS.values() if row.name != "identity"], ids=lambda row: row.name)
def test_a_wrong_value_in_a_row_is_refused(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_with(row.name)
    assert refused(text) == set()
    monkeypatch.setitem(ROWS, row.name, replace(row, value=changed(row.value)))
    assert refused(text) & steps_with(derive_program(problem_of(text)), row.name)


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_the_form_agrees_with_the_value(row: Row) -> None:
    arguments = [POINTS, POINTS[::-1].copy()][: row.arity]
    if row.domain:
        arguments = [np.abs(argument) + 0.1 for argument in arguments]
    parameters = [float(default) for _, default in row.parameters]
    expected = np.asarray(row.value(*arguments, *parameters), dtype=float)
    assert scalar_form(row, arguments, parameters) == pytest.approx(expected, abs=1e-14)


def test_what_overflows_is_computed_with_more_range() -> None:
    assert scalar_form(ROWS["softplus"], [np.array([800.0, -800.0])], [1.0]) == pytest.approx([800, 0])
    assert scalar_form(ROWS["xlogy"], [np.array([0.0, 0.5]), np.array([0.0, 1.0])], []) == pytest.approx([0, 0])
    assert scalar_form(ROWS["tanh"], [np.float64(1000)], []) == pytest.approx(1)


def test_functions_that_the_walk_does_not_know_are_left_to_sympy() -> None:
    row = replace(ROWS["tanh"], scalar=lambda u: sympy.Piecewise((sympy.atan(u), sympy.cosh(u) > 2), (u, True)))
    expected = np.where(np.cosh(POINTS) > 2, np.arctan(POINTS), POINTS)
    assert scalar_form(row, [POINTS], []) == pytest.approx(expected)


def test_outside_of_its_domain_a_function_has_no_value() -> None:
    assert np.isnan(scalar_form(ROWS["log"], [np.array([-1.0])], [])).all()
