"""Shared by these tests: problems as programs, and programs run."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from derive.code import STYLES, Source
from derive.derivation import derive_program
from derive.errors import ProblemError
from derive.evaluate import Values, evaluate_program
from derive.program import Program
from derive.spec import Problem
from tests.problems import PROBLEMS
from tests.support import numbers, problem_of

ALL_STYLES = [(language, style) for language, styles in STYLES.items() for style in styles]


@dataclass(frozen=True)
class Case:
    problem: Problem
    program: Program
    values: Values | None

    def source(self, language: str, style: str) -> Source:
        return STYLES[language][style](self.problem, self.program, self.values)

    @property
    def updated(self) -> list[str]:
        return [step.name.removesuffix("'") for step in self.program if step.role == "update"]

    def gradient(self, name: str) -> Any:
        assert self.program.loss is not None and self.values is not None
        return self.values[f"d{self.program.loss.name}/d{name}"]


@functools.cache
def case_of(text: str) -> Case:
    problem = problem_of(text)
    program = derive_program(problem)
    numeric = all(given.value is not None for given in problem.givens)
    return Case(problem, program, evaluate_program(program, numbers(problem)) if numeric else None)


@functools.cache
def named(name: str) -> Case:
    return case_of(PROBLEMS[name])


def source_or_skip(case: Case, language: str, style: str) -> Source:
    """The program; problems that it refuses are not what the test is about."""
    try:
        return case.source(language, style)
    except ProblemError as error:
        pytest.skip(str(error.faults[0].found))


def run(text: str, epochs: int | None = None) -> dict[str, Any]:
    """The variables of a program after it ran, with another number of epochs if one is given."""
    if epochs is not None:
        text, count = re.subn(r"for epoch in range\(\d+\)", f"for epoch in range({epochs})", text)
        assert count == 1
    variables: dict[str, Any] = {"__name__": "program"}
    with np.errstate(all="ignore"):
        exec(compile(text, "program", "exec"), variables)  # noqa: S102  # a program that the project wrote
    return variables


def losses(printed: str) -> list[float]:
    """What a loop printed."""
    return [float(number) for number in re.findall(r"loss (\S+)$", printed, re.MULTILINE)]


def close(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
