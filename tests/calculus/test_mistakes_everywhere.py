"""Mistakes in every kind of problem: each fits its step and is wrong, no rule is dead, and each kind has words."""

from __future__ import annotations

import functools
import re
import tomllib

import numpy as np
import pytest

from derive.calculus.mistakes import MISTAKES, Mistake, candidates
from derive.derivation import derive_program
from derive.evaluate import Values, evaluate_program
from derive.evaluate.wrong_answers import wrong_values
from derive.ops import Node, is_single
from derive.program import Program, Role, Step
from derive.resources import folder
from derive.solution import given_values
from derive.spec import read_text
from tests.calculus.mistakes import all_mistakes, kinds, program_named
from tests.problems import GRAPHS, PEN_AND_PAPER, PROBLEMS
from tests.support import numbers, problem_of, value_of

SEED = 17
KINDS = {rule.kind for rule in MISTAKES}


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_mistake_fits_and_is_wrong(name: str) -> None:
    program = program_named(name)
    points = other_points(name)
    given = set(program.quantities)
    for position, step in enumerate(program):
        earlier = given | {before.name for before in program.steps[:position]}
        found = all_mistakes(name)[step.name]
        assert len({mistake.formula for mistake in found}) == len(found)
        for mistake in found:
            assert same_shape(mistake.formula, step), f"{mistake} of {step}"
            assert {tensor.name for tensor in mistake.formula.tensors} <= earlier, f"{mistake} of {step}"
            assert gaps(words()[mistake.kind]) <= dict(mistake.fields).keys(), f"{mistake} of {step}"
            if points:
                assert differs_somewhere(program, step, mistake, points), f"{mistake} of {step} (seed {SEED})"


def same_shape(formula: Node, step: Step) -> bool:
    return formula.shape == step.target.shape or (is_single(formula.shape) and is_single(step.target.shape))


def other_points(name: str) -> list[Values]:
    """All values at the problem's numbers, and at some near them with other signs; none for a problem in symbols."""
    problem, program = problem_of(PROBLEMS[name]), program_named(name)
    if given_values(problem) is None:
        return []
    own = numbers(problem)
    generator = np.random.default_rng(SEED)
    points = [own]
    for _ in range(12):
        points.append(dict(own))
        for quantity in program.givens:
            if quantity.role == "constant":  # now and then a rate so large that an update changes signs
                points[-1][quantity.name] = np.asarray(generator.choice((0.001, 1)))
            elif quantity.role != "target":
                shape = own[quantity.name].shape
                factor = generator.choice((-1, 1), shape) * generator.uniform(0.5, 1.5, shape)
                points[-1][quantity.name] = np.asarray(
                    own[quantity.name] * factor + generator.uniform(-0.2, 0.2, shape)
                )
    return [all_values(program, point) for point in points]


def all_values(program: Program, given: Values) -> Values:
    """Every step evaluated, also where some have no value."""
    values = dict(given)
    with np.errstate(all="ignore"):
        for step in program:
            values[step.name] = value_of(step.formula, values, program.dimensions).reshape(
                [size if isinstance(size, int) else program.dimensions[str(size)] for size in step.target.shape]
            )
    return values


def differs_somewhere(program: Program, step: Step, mistake: Mistake, points: list[Values]) -> bool:
    """Whether the wrong formula has another value than the step, or none, at one of the points."""
    for values in points:
        right = values[step.name]
        with np.errstate(all="ignore"):
            wrong = value_of(mistake.formula, values, program.dimensions)
        if np.isfinite(right).all() and not np.allclose(right, wrong.reshape(right.shape), rtol=1e-7, atol=0):
            return True
    return False


@pytest.mark.parametrize("name", ["one sample", "batch of two, sigmoid, softmax", "mini-batch with augmented inputs"])
def test_wrong_answers_are_finite_and_wrong(name: str) -> None:
    problem, program = problem_of(PROBLEMS[name]), program_named(name)
    values = evaluate_program(program, numbers(problem))
    for step in program:
        for answer in wrong_values(program, values, step):
            assert answer.value.shape == values[step.name].shape
            assert np.isfinite(answer.value).all()
            assert not np.allclose(answer.value, values[step.name], rtol=1e-9, atol=0), f"{answer.mistake} of {step}"


def test_the_comparison_of_all_problems_would_see_a_right_formula() -> None:
    program = program_named("one sample")
    step = program["L"]
    [reversed_error] = [m for m in candidates(program, step) if m.kind == "error_reversed"]
    assert not differs_somewhere(program, step, reversed_error, other_points("one sample"))


def test_no_rule_is_dead() -> None:
    missing = set(KINDS)
    for name in PROBLEMS:
        missing -= {mistake.kind for found in all_mistakes(name).values() for mistake in found}
        if not missing:
            break
    assert not missing


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_of_any_shape_have_mistakes(name: str) -> None:
    program = derive_program(problem_of(GRAPHS[name]))
    for step in program.by_role(Role.BACKWARD):
        assert kinds(program, step.name), f"{step}"


def test_there_are_words_for_every_kind() -> None:
    assert words().keys() == KINDS


@functools.cache
def words() -> dict[str, str]:
    table: dict[str, str] = tomllib.loads((folder("templates") / "words" / "en.toml").read_text())["mistakes"]
    return table


def gaps(phrase: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", phrase))


def test_the_fields_name_what_was_exchanged() -> None:
    [mistake] = [m for m in all_mistakes("one sample")["dL/dW_2"] if m.kind == "pre_activation"]
    assert dict(mistake.fields) == {"symbol": "dL/dW_2", "missing": "z", "used": "a"}
    [mistake, *_] = [m for m in all_mistakes("skip connection, shared weight, penalty")["h"] if m.kind == "other_layer"]
    assert (str(mistake.formula), dict(mistake.fields)["used"]) == ("W @ x + x", "x")  # though x is there anyway


def test_the_mistakes_of_an_entry_are_those_of_the_whole() -> None:
    problem = read_text(PEN_AND_PAPER + "ask: ['dL/dW_1[1,2]', 'dL/db_1[2]', \"W_2'[1,1]\"]\n")
    program = derive_program(problem)
    values = evaluate_program(program, numbers(problem))
    for step in program.by_role(Role.ENTRY):
        whole, index = program.place_of(step.name)
        wrong = {answer.mistake.kind: answer.value for answer in wrong_values(program, values, program[whole])}
        found = wrong_values(program, values, step)
        assert found
        for answer in found:
            assert answer.value == pytest.approx(wrong[answer.mistake.kind][index]), step.name
            assert answer.value != pytest.approx(values[whole][index]), step.name
