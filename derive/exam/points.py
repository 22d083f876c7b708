"""Points: what each answer is worth, so that the answers of a problem add up to what its heading says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from derive.errors import Fault, ProblemError
from derive.spec import Problem
from derive.spec.problem import Ask
from derive.spec.questions import Question

STEPS = (1, 2, 4, 5, 10, 20, 50, 100)  # points are shared out in whole ones, halves, quarters, ...


def share(total: int, weights: Sequence[int]) -> tuple[Fraction, ...]:
    """`total` shared out in proportion to weights, in the largest steps that leave nobody empty-handed.

    Each has its part w_i / sum(w) rounded down to whole steps; the steps left over go to the largest remainders, of
    equal ones to the first.
    """
    whole = sum(weights)
    if not whole:
        return (Fraction(0),) * len(weights)
    for parts in STEPS:
        exact = [Fraction(total * parts * weight, whole) for weight in weights]
        steps = [int(part) for part in exact]
        order = sorted(range(len(weights)), key=lambda place: (steps[place] - exact[place], place))
        for place in order[: total * parts - sum(steps)]:
            steps[place] += 1
        if all(step or not weight for step, weight in zip(steps, weights, strict=True)):
            break
    return tuple(Fraction(step, parts) for step in steps)


def with_points(problem: Problem, total: int | None) -> tuple[Problem, int | None]:
    """A problem whose answers add up to `total`, and that sum; None: as the answers say, else one point for each.

    Where `ask:` gives points they are weights, and an answer without any has none; where it gives none, all weigh the
    same. A problem that asks for nothing by name keeps its points for the mark scheme.
    """
    items: list[Ask | Question] = [*problem.ask, *problem.questions]
    if not items:
        return problem, total
    weights = [item.points or 0 for item in items]
    if not any(weights):
        weights = [1] * len(items)
    total = sum(weights) if total is None else total
    shares = share(total, weights)
    if total and any(
        part.denominator > 1 or (weight and not part) for part, weight in zip(shares, weights, strict=True)
    ):
        raise ProblemError(
            Fault(
                f"{total} as the points of {sum(map(bool, weights))} answers",
                f"at least {sum(map(bool, weights))}, one for each answer that `ask:` names",
                where=str(problem.source or problem.name),
                path="points",
            )
        )
    return _replaced(problem, [int(part) or None for part in shares]), total


def _replaced(problem: Problem, points: Sequence[int | None]) -> Problem:
    """The problem with these points for what it asks, in each of its networks."""
    asked = tuple(replace(ask, points=own) for ask, own in zip(problem.ask, points, strict=False))
    rest = points[len(problem.ask) :]
    questions = tuple(
        question.model_copy(update={"points": own}) for question, own in zip(problem.questions, rest, strict=True)
    )
    structures = tuple(
        replace(structure, problem=replace(structure.problem, ask=asked, questions=questions, points=None))
        for structure in problem.vary.structures
    )
    vary = replace(problem.vary, structures=structures)
    return replace(problem, ask=asked, questions=questions, points=None, vary=vary)
