"""Shared by the tests of mistakes: programs, their values, and their mistakes."""

from __future__ import annotations

import functools

from derive.calculus.mistakes import Mistake
from derive.derivation import derive_program
from derive.evaluate import Values, carry_rounded, evaluate_exactly, evaluate_program
from derive.evaluate.wrong_answers import mistakes
from derive.program import Program
from derive.resources import folder
from derive.solution import given_values
from derive.spec import Problem, read
from tests.problems import PROBLEMS
from tests.support import numbers, problem_of


@functools.cache
def program_named(name: str) -> Program:
    return derive_program(problem_of(PROBLEMS[name]))


@functools.cache
def all_mistakes(name: str) -> dict[str, tuple[Mistake, ...]]:
    program = program_named(name)
    return {step.name: mistakes(program, step) for step in program}


def solved(problem: Problem) -> tuple[Program, Values]:
    """The program of a problem and its exact values, rounded on the way where the problem says so."""
    program, given = derive_program(problem), given_values(problem)
    assert given is not None
    carried = carry_rounded(problem.rounding.places) if problem.rounding.carry == "rounded" else None
    return program, evaluate_exactly(program, given, carried)


@functools.cache
def pen_and_paper() -> tuple[Program, Values, Values]:
    """The program of the problem in `problems/`, its exact values, and the same as floats."""
    problem = read(folder("problems") / "pen-and-paper.yaml")
    program, exact = solved(problem)
    return program, exact, evaluate_program(program, numbers(problem))


def kinds(program: Program, name: str) -> list[str]:
    return [mistake.kind for mistake in mistakes(program, program[name])]
