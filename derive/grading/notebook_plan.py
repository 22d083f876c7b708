"""Which notebooks are made: a problem's own numbers, or a notebook for each student with other numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from derive.errors import DeriveError, Fault, ProblemError
from derive.exam.order import Order
from derive.exam.plan import Exam, Part, Place, Student, places
from derive.exam.points import share
from derive.exam.produce import find_all
from derive.grading.notebook_formulas import Assignment, Paper
from derive.ops import Array
from derive.solution import solve_problem
from derive.variants.identity import problem_digest
from derive.variants.search import Variant
from derive.variants.setting import Setting, own_setting
from derive.variants.space import written

MOST_ENTRIES = 100  # numbers in one answer: what nobody types
Progress = Callable[[str, int, int], None]


class NotebookError(DeriveError):
    """A problem of which no notebook can be made."""


def own_assignment(exam: Exam) -> Assignment:
    """The assignment with the numbers in the problem file; they pass every check."""
    part = _only_part(exam)
    if any(literal is None for literal in written(part.problem).values()):
        found, hint = "a problem without numbers of its own", "`--variants 30` draws numbers for 30 notebooks"
        raise _refused(part, found, "a number for every quantity", hint)
    setting = own_setting(part.problem)
    failed = next((finding for finding in solve_problem(part.problem).findings if not finding.passed), None)
    if failed is not None:
        raise _refused(part, f"the check {failed.route} of {failed.step} fails", "checks that pass")
    given = {name: literal.floats for name, literal in written(setting.problem).items() if literal is not None}
    return _assignment(part, setting, exam.name, (Paper("", setting.problem, given),))


def assignments(
    exam: Exam, count: int, seed: int, students: Sequence[Student], progress: Progress
) -> tuple[Assignment, ...]:
    """The assignments with other numbers for each student, one for each network; all variants pass every check."""
    part = _only_part(exam)
    [pool], _ = find_all(exam, Order(count, seed, tuple(students)), progress)
    listed = places(exam, count, seed, students)
    found = []
    for number, setting in enumerate(pool.settings, 1):
        own = (variant for variant in pool.variants if variant.setting is setting)
        papers = tuple(_paper(variant, listed[variant.number - 1]) for variant in own)
        name = f"{exam.name}-{number}" if len(pool.settings) > 1 else exam.name
        found += [_assignment(part, setting, name, papers)] if papers else []
    return tuple(found)


def _paper(variant: Variant, place: Place) -> Paper:
    setting = variant.setting
    given = setting.space.given(variant.drawn[None])
    own = {name: _own(setting, name, array) for name, array in given.items()}
    return Paper(str(place.id), variant.problem, own, place.student)


def _own(setting: Setting, name: str, array: Array) -> Array:
    """A quantity without the axis of the variants."""
    return array[0] if array.ndim > setting.program.tensor(name).rank else array


def _assignment(part: Part, setting: Setting, name: str, papers: tuple[Paper, ...]) -> Assignment:
    found = Assignment(name, problem_digest(part.problem), setting, papers, _worth(part, setting))
    if not found.asked:
        raise _refused(part, "nothing with numbers to type", "a computed quantity that `ask:` names")
    for quantity in found.asked:
        entries = math.prod(found.shape(quantity))
        if entries > MOST_ENTRIES:
            hint = "name smaller quantities, or single entries, under `ask:`"
            raise _refused(part, f"{entries:,} numbers in {quantity}", f"at most {MOST_ENTRIES} to type", hint)
    return found


def _worth(part: Part, setting: Setting) -> Mapping[str, Fraction]:
    """What each answer is worth: what `ask:` says, or its share of the whole where nothing is asked by name."""
    if part.problem.ask or part.problem.questions:
        return {ask.quantity: Fraction(ask.points or 0) for ask in setting.problem.ask}
    total = len(setting.answers) if part.points is None else part.points
    return dict(zip(setting.answers, share(total, [1] * len(setting.answers)), strict=True))


def _only_part(exam: Exam) -> Part:
    if len(exam.parts) > 1:
        found, expected = f"an exam of {len(exam.parts)} problems", "one problem: a notebook is an assignment by itself"
        raise NotebookError(Fault(found, expected, where=str(exam.source or exam.name)))
    return exam.parts[0]


def _refused(part: Part, found: str, expected: str, hint: str = "") -> ProblemError:
    return ProblemError(Fault(found, expected, hint, where=str(part.problem.source or part.problem.name)))
