"""Documents of one problem with other numbers, as an exam prints them, and what the numbers in them should be."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from derive.check import Finding, Reading, check_document
from derive.check.many import check_many
from derive.derivation import derive_program
from derive.evaluate import evaluate_exactly, evaluate_program, exact_array
from derive.ops import Array
from derive.resources import folder
from derive.solution import Solution, given_values
from derive.spec import Literal, Problem, read
from derive.variants.space import with_numbers, written


@dataclass(frozen=True)
class Stack:
    """Documents, the first of which is read by itself, with the exact given numbers and all values."""

    reading: Reading
    texts: list[str]
    values: Mapping[str, Array]
    given: Mapping[str, Array]

    def findings(self, texts: list[str] | None = None) -> tuple[tuple[int, Finding], ...]:
        """What is found in texts where those of the stack are expected."""
        return check_many(self.reading, self.texts[0], texts or self.texts, self.values, self.given)

    def by_itself(self) -> list[Finding]:
        """What is found in the first document when it is read by itself."""
        return [finding for finding in check_document(self.reading, self.texts[0]) if not finding.passed]


def bank(name: str) -> Problem:
    """A problem of the bank without its questions."""
    return replace(read(folder("problems") / f"{name}.yaml"), questions=())


def stacked(problem: Problem, kind: str, count: int, seed: int) -> Stack:
    """So many documents with random numbers in the places of the problem's own; class indices and rates stay."""
    generator = random.Random(seed)
    solutions = [_solved(_with_other_numbers(problem, generator)) for _ in range(count)]
    given = {
        name: np.stack([written(solution.problem)[name].text for solution in solutions])  # type: ignore[union-attr]
        for name in written(problem)
    }
    first = solutions[0].values
    assert first is not None
    values = {name: np.stack([np.asarray(one.values[name]) for one in solutions]) for name in first}  # type: ignore[index]
    return Stack(solutions[0].reading(kind), [one._unchecked_tex(kind) for one in solutions], values, given)


def _solved(problem: Problem) -> Solution:
    """The problem with its numbers, and without the checks of these."""
    program, given = derive_program(problem), given_values(problem)
    assert given is not None
    values = evaluate_program(program, {name: array.astype(float) for name, array in given.items()})
    exact = evaluate_exactly(program, {name: exact_array(array) for name, array in given.items()})
    return Solution(problem, program, values, exact, ())


def _with_other_numbers(problem: Problem, generator: random.Random) -> Problem:
    rate = problem.update.symbol if problem.update else ""
    numbers = {
        name: Literal(
            np.array([_other(text, generator) for text in literal.text.flat], dtype=object).reshape(literal.shape)
        )
        for name, literal in written(problem).items()
        if literal is not None and name != rate and not _is_kept(problem, name)
    }
    return with_numbers(problem, numbers)


def _is_kept(problem: Problem, name: str) -> bool:
    """Targets of classes and of probabilities, which are no free numbers."""
    given = problem.given(name)
    assert given.value is not None
    return given.role == "target" and set(given.value.text.flat) <= {"0", "1", "2", "3"}


def _other(text: str, generator: random.Random) -> str:
    """Another number with as many decimals, from -0.9 to 0.9, or from -2 to 2 where it is whole."""
    if "/" in text or "e" in text:
        return text
    places = len(text.partition(".")[2])
    unit = 10**places
    number = generator.randint(-2, 2) if not places else generator.randint(-9 * unit // 10, 9 * unit // 10)
    return f"{number / unit:.{places}f}" if number else f"{0:.{places}f}"
