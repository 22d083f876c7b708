"""From final numbers alone: the one slip, anywhere before a wrong answer, that explains all that a student wrote.

Between two answers stand steps that nobody wrote down: not asked, or left out. Each mistake in each of them is tried:
the steps run on with its formula from the student's own earlier answers, and every answer that this changes must come
out. So does the slip of rounding to fewer places than told.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.calculus.mistakes import Mistake
from derive.errors import ShapeError
from derive.grading.carried import CarriedSteps, FinerSteps, bounds, lies_between
from derive.grading.marking import AT_ONCE, Answers, Marked, Verdict
from derive.ops import Array, Tensor
from derive.program import Step
from derive.variants.rounded_steps import RoundedSteps
from derive.variants.rounding import needed_steps, units, with_variants


@dataclass(frozen=True)
class Origin:
    """Where a wrong answer comes from: a mistake in a step; None stands for rounding to one place fewer than told."""

    step: str
    mistake: Mistake | None


@dataclass(frozen=True)
class _Explained:
    """An origin, and which wrong answers it explains: by the name of the answer, a mask of students."""

    origin: Origin
    answers: dict[str, Array]


class TracedSteps(CarriedSteps):
    """The steps with the answers of students; what they left out follows from what stands before it."""

    def written_down(self, step: Step, before: Array) -> Array:
        computed = RoundedSteps.written_down(self, step, before)
        return self.answered(step, computed) if step.name in self.answers else computed

    def carry_on(self, step: Step) -> None:
        """Compute a step once more."""
        self.before[step.target] = self._value(step)
        self.written[step.target] = self.written_down(step, self.before[step.target])

    def branch(self) -> TracedSteps:
        """The same, to go on differently from some step on."""
        other = copy.copy(self)
        other.written, other.before = dict(self.written), dict(self.before)
        return other


def find_origins(answers: Answers, marked: Sequence[Marked]) -> list[dict[str, Origin]]:
    """For each student the one slip behind each wrong answer, by the name of the answer, where one is left.

    Where all that an answer rests on was written down, it is the mistake in its own step. Else that one has to stand
    its ground against those in the steps that were not.
    """
    found: list[dict[str, Origin]] = [{} for _ in range(answers.count)]
    searched: dict[str, Array] = {}
    for one in marked:
        is_wrong = (one.verdicts == Verdict.WRONG).any(axis=1)
        searched[one.name] = is_wrong & (~one.slips.is_named | _rests_on_unwritten(answers, one.name))
        for row in np.flatnonzero(is_wrong & ~searched[one.name]).tolist():
            found[row][one.name] = Origin(one.name, one.slips.of_student(row))
    rows = np.flatnonzero(np.any([*searched.values()], axis=0))
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        with np.errstate(all="ignore"):
            search = _Search(answers.part(some), {name: mask[some] for name, mask in searched.items()})
            for row, origins in zip(some, search.origins(), strict=True):
                found[row] |= origins
    return found


def _rests_on_unwritten(answers: Answers, name: str) -> Array:
    """For whom a quantity that a step is computed from was not asked, or left out."""
    used = [tensor.name for tensor in answers.setting.program[name].uses]
    computed = [name for name in used if name not in answers.setting.program.quantities]
    unwritten = [_is_unwritten(answers.answers, name, answers.count) for name in computed]
    return np.asarray(np.any(unwritten, axis=0)) if unwritten else np.zeros(answers.count, dtype=bool)


class _Search:
    """The search for some students at once; `is_wrong` says whose answers to explain, by the name of the answer.

    An answer that is wrong only because a right number stood in for a missing one needs no slip.
    """

    def __init__(self, answers: Answers, is_wrong: dict[str, Array]) -> None:
        self.setting, self.count = answers.setting, answers.count
        self.asked = {name: answers.answers[name] for name in is_wrong}
        program = self.setting.program
        self.steps = needed_steps(program, self.setting.answers)
        values = with_variants(program, {**answers.given, **self.setting.values(answers.given)})
        right = FinerSteps(program, self.steps, values, self.setting.places)
        right.run()
        self.own = TracedSteps(program, self.steps, values, self.setting.places, self.asked, right)
        self.own.run()
        self.written_by_all = {
            tensor
            for name, array in self.asked.items()
            if not np.isnan(array).any()
            for tensor in [program.tensor(name)]
        }
        self.expected = {name: self._bounds(self.own.before[program.tensor(name)]) for name in self.asked}
        self.is_wrong = {name: mask & ~self._agrees(name, self.expected[name]) for name, mask in is_wrong.items()}
        self.reached = {name: self._reached(name) for name in self.asked}
        self.starts = self._starts()

    def _starts(self) -> tuple[Step, ...]:
        """The steps in which a searched answer of anybody may have gone wrong."""
        reached = [self.reached[name].items() for name, wrong in self.is_wrong.items() if wrong.any()]
        wanted = {tensor for found in reached for tensor, mask in found if mask.any()}
        return tuple(step for step in self.steps if step.target in wanted)

    def origins(self) -> list[dict[str, Origin]]:
        """The origins of each student, where one is left; rounding only where no mistake explains the answer."""
        found: list[dict[str, Origin]] = [{} for _ in range(self.count)]
        mistaken, rounded = list(self._mistaken()), list(self._rounded())
        for name, wrong in self.is_wrong.items():
            related = {other: mask & self._are_related(name, other) for other, mask in self.is_wrong.items()}
            for row in np.flatnonzero(wrong).tolist():
                names = [other for other, mask in related.items() if mask[row]]
                origins = _of(mistaken, names, row) or _of(rounded, names, row)
                if len({(one.step, one.mistake and one.mistake.kind) for one in origins}) == 1:
                    found[row][name] = origins[0]
        return found

    def _are_related(self, one: str, other: str) -> Array:
        """For whom two answers rest on the same step that was not written down: one slip must explain both, then."""
        if one == other:
            return np.ones(self.count, dtype=bool)
        left, right = self.reached[one], self.reached[other]
        shared = [left[tensor] & right[tensor] for tensor in left.keys() & right.keys()]
        return np.asarray(np.any(shared, axis=0)) if shared else np.zeros(self.count, dtype=bool)

    def _reached(self, name: str) -> dict[Tensor, Array]:
        """The steps in which an answer may have gone wrong, each for whom: its own, and unwritten ones before it."""
        reached = {self.setting.program.tensor(name): np.ones(self.count, dtype=bool)}
        for step in reversed(self.steps):
            for used in step.uses if step.target in reached else ():
                if used.name not in self.setting.program.quantities:
                    mask = reached[step.target] & _is_unwritten(self.asked, used.name, self.count)
                    reached[used] = reached.get(used, False) | mask
        return reached

    def _mistaken(self) -> Iterator[_Explained]:
        """Every mistake in every step, also in those that were not written down."""
        for step in self.starts:
            for mistake in self.setting.mistakes(step.name):
                try:
                    forms = self.own.of_formula(step, mistake.formula)
                except (ShapeError, TypeError, ValueError, KeyError):  # it has no value of the shape of the step
                    continue
                yield self._explained(step, Origin(step.name, mistake), forms, self.own.written_down(step, forms))

    def _rounded(self) -> Iterator[_Explained]:
        """One place fewer in a step: in its answer, or before the answers that follow where there is none."""
        for step in self.starts:
            forms = self.own.before[step.target]
            coarse = np.empty(forms.size, dtype=object)
            for place, form in enumerate(forms.flat):
                coarse[place] = self.own.between(*(_coarser(end, self.setting.places) for end in form.ends()))
            shaped = coarse.reshape(forms.shape)
            written = self.own.answered(step, shaped) if step.name in self.asked else shaped
            yield self._explained(step, Origin(step.name, None), shaped, written)

    def _explained(self, start: Step, origin: Origin, forms: Array, written: Array) -> _Explained:
        """What follows where a step leads to other numbers than it should, before and after their rounding."""
        branch, changed = self.own.branch(), {start.target} - self.written_by_all
        branch.before[start.target], branch.written[start.target] = forms, written
        is_consistent = np.ones(self.count, dtype=bool)
        answers: dict[str, Array] = {}
        for step in self.steps[self.steps.index(start) :]:
            if step is not start:
                if changed.isdisjoint(step.uses):
                    continue
                branch.carry_on(step)
                changed |= {step.target} - self.written_by_all
            if step.name in self.asked:
                is_changed, agrees = self._judged(step.name, branch.before[step.target])
                is_consistent &= ~is_changed | agrees
                answers[step.name] = is_changed & agrees & self.is_wrong[step.name]
        return _Explained(origin, {name: mask & is_consistent for name, mask in answers.items()})

    def _judged(self, name: str, forms: Array) -> tuple[Array, Array]:
        """Of whom another answer is expected than before, among those who gave one; and whose answer that is."""
        answer = self.asked[name].reshape(self.count, -1)
        found = self._bounds(forms)
        is_missing = np.isnan(answer)
        is_other: Array = np.any([one != other for one, other in zip(found, self.expected[name], strict=True)], axis=0)
        return np.asarray((is_other & ~is_missing).any(axis=1)), self._agrees(name, found)

    def _agrees(self, name: str, expected: tuple[Array, Array]) -> Array:
        """Whose answer lies where it is expected, as far as there is one."""
        answer = self.asked[name].reshape(self.count, -1)
        return np.asarray((lies_between(answer, *expected, self.setting.places) | np.isnan(answer)).all(axis=1))

    def _bounds(self, forms: Array) -> tuple[Array, Array]:
        return bounds(forms, self.count, self.setting.places)


def _of(explained: Sequence[_Explained], names: Sequence[str], row: int) -> list[Origin]:
    """All that explains some answers of one student together."""
    return [one.origin for one in explained if all(name in one.answers and one.answers[name][row] for name in names)]


def _is_unwritten(answers: Mapping[str, Array], name: str, count: int) -> Array:
    """For whom a quantity was not asked, or left out in part."""
    if name not in answers:
        return np.ones(count, dtype=bool)
    return np.asarray(np.isnan(answers[name]).reshape(count, -1).any(axis=1))


def _coarser(number: Array, places: int) -> Array:
    """Rounded to one place fewer than told."""
    return units(number, places - 1) / 10.0 ** (places - 1)
