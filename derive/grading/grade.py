"""From the answers of a class to its gradebook: the whole flow of `derive grade`.

Students whose papers share a network are marked together, so that a thousand sheets cost little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from derive.errors import DeriveError, Fault
from derive.exam.plan import Exam
from derive.exam.scheme import worth
from derive.grading.fields import Fields, Sheet, shapes
from derive.grading.formula_answers import FormulaAnswers, Key, with_formulas
from derive.grading.formulas import FormulaMark
from derive.grading.gradebook import Gradebook, StepMark, StudentMarks
from derive.grading.marking import Answers, Marked, Verdict, mark
from derive.grading.papers import Paper, find_papers
from derive.grading.sentences import slip_of
from derive.grading.submissions import Submission, student_path
from derive.ops import Array
from derive.variants.setting import Setting

AT_ONCE = 2048  # students of one network whose marks are made together
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Graded:
    """The gradebook, and what could not be read or marked."""

    gradebook: Gradebook
    refused: tuple[Fault, ...]


@dataclass(frozen=True)
class _Row:
    """A student with a paper, and the answers in arrays."""

    student: str
    paper: Paper
    sheet: Sheet
    formulas: dict[Key, FormulaMark]


def grade(
    exam: Exam,
    submissions: Sequence[Submission],
    refused: Sequence[Fault] = (),
    progress: Progress = lambda *_: None,
) -> Graded:
    """The marks of all sheets; `refused` is what was wrong with the files, and comes before what is wrong with sheets.

    An answer that cannot be read counts as missing; a sheet whose paper is unknown is not marked.
    """
    faults = list(refused)
    papers = find_papers(exam, (submission.variant for submission in submissions), progress)
    _require_answers(exam, papers.values())
    fields, formulas = Fields(exam), FormulaAnswers()
    rows: list[_Row] = []
    for submission in submissions:
        paper = papers[submission.variant]
        if isinstance(paper, Fault):
            path = student_path(submission.student, "variant")
            faults.append(Fault(paper.found, paper.expected, paper.hint, submission.where, path))
            continue
        sheet = fields.sheet(submission.answers, paper)
        if sheet.is_foreign:
            found, path = "answers to another problem", student_path(submission.student)
            faults.append(Fault(found, fields.expected_problem(), "", submission.where, path))
            continue
        faults += _told(submission, sheet)
        judged, unread = formulas.judged(submission, sheet, paper)
        faults += unread
        rows.append(_Row(submission.student, paper, sheet, judged))
        faults += _doubts(exam, submission)
    if not rows:
        raise DeriveError(*(faults or [Fault("no answers", "answers of at least one student")]))
    return Graded(_gradebook(exam, tuple(_students(exam, rows, progress))), tuple(faults))


def _gradebook(exam: Exam, students: tuple[StudentMarks, ...]) -> Gradebook:
    symbols = {title: part.problem.notation for title, part in zip(_titles(exam), exam.parts, strict=True)}
    return Gradebook(exam.name, exam.title, students, symbols)


def _told(submission: Submission, sheet: Sheet) -> Iterator[Fault]:
    for name, flaw in sheet.flaws:
        yield Fault(flaw.found, flaw.expected, flaw.hint, submission.where, student_path(submission.student, name))


def _doubts(exam: Exam, submission: Submission) -> Iterator[Fault]:
    """A sheet that names no paper, though papers differ, is marked all the same."""
    if not submission.variant and any(part.problem.vary.choices or part.problem.vary.structures for part in exam.parts):
        found, expected = "no id of a paper", "an id such as 7-017-K7QB, as numbers vary"
        path = student_path(submission.student, "variant")
        yield Fault(found, expected, "marked by the numbers of the file", submission.where, path)


def _require_answers(exam: Exam, papers: Iterable[Paper | Fault]) -> None:
    """Refuse an exam that asks for no numbers at all."""
    for paper in papers:
        if isinstance(paper, Paper) and not any(
            numbers.setting.answers and (part.problem.ask or not part.problem.questions)
            for part, numbers in zip(exam.parts, paper.problems, strict=True)
        ):
            found, expected = "a problem that asks for no numbers", "quantities under `ask:`, which can be marked"
            raise DeriveError(Fault(found, expected, where=str(exam.source or exam.name)))


def _students(exam: Exam, rows: Sequence[_Row], progress: Progress) -> Iterator[StudentMarks]:
    """The marks of all students in their order, the steps of one problem after those of another."""
    titles = _titles(exam)
    steps: list[list[StepMark]] = [[] for _ in rows]
    total, done = len(rows) * len(exam.parts), 0
    for number, part in enumerate(exam.parts):
        for setting, members in _by_network(rows, number):
            worths = worth(setting, part.points or _most_answers(rows, number))
            for start in range(0, len(members), AT_ONCE):
                some = members[start : start + AT_ONCE]
                marks = _Marks(setting, worths, titles[number])
                for place, found in zip(some, marks.of([rows[place] for place in some], number), strict=True):
                    steps[place] += with_formulas(found, number, rows[place].formulas, rows[place].sheet.formulas)
                done += len(some)
                progress("marks", done, total)
    for row, found in zip(rows, steps, strict=True):
        places = max(numbers.setting.places for numbers in row.paper.problems)
        points, of = _added([step.points for step in found]), _added([step.of for step in found])
        yield StudentMarks(row.student, row.paper.id, places, tuple(found), points, of)


def _added(points: Sequence[Fraction]) -> Fraction:
    """The sum; whole points, which most are, are added as integers."""
    whole = sum(part.numerator for part in points if part.denominator == 1)
    return sum((part for part in points if part.denominator != 1), Fraction(whole))


def _titles(exam: Exam) -> list[str]:
    """What the problems of an exam are called in its gradebook: by their files; that of the only one is not named."""
    if len(exam.parts) == 1:
        return [""]
    names = [part.problem.name for part in exam.parts]
    return [name if names.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(names, 1)]


def _by_network(rows: Sequence[_Row], number: int) -> Iterator[tuple[Setting, list[int]]]:
    """The places of the students whose papers share a network of a problem."""
    found: dict[int, tuple[Setting, list[int]]] = {}
    for place, row in enumerate(rows):
        setting = row.paper.problems[number].setting
        found.setdefault(id(setting), (setting, []))[1].append(place)
    return (group for group in found.values() if group[0].answers)


def _most_answers(rows: Sequence[_Row], number: int) -> int:
    return max(len(row.paper.problems[number].setting.answers) for row in rows)


class _Marks:
    """The marks of one network: `points` is what each answer is worth."""

    def __init__(self, setting: Setting, points: Mapping[str, Fraction | int | None], problem: str) -> None:
        self.setting, self.problem = setting, problem
        self.points = {name: Fraction(points.get(name) or 0) for name in setting.answers}
        self.shapes = shapes(setting)

    def of(self, rows: Sequence[_Row], number: int) -> Iterator[list[StepMark]]:
        """The steps of each student, in their order."""
        setting = self.setting
        given = self._given(np.stack([row.paper.problems[number].drawn for row in rows]))
        answers = {name: self._answers([row.sheet.answers[number] for row in rows], name) for name in setting.answers}
        formulas = {name: np.array([self._is_right_formula(row, number, name) for row in rows]) for name in answers}
        columns = [self._column(marked) for marked in mark(Answers(setting, given, answers, formulas))]
        return (list(steps) for steps in zip(*columns, strict=True))

    def _given(self, drawn: Array) -> dict[str, Array]:
        """The numbers of all students, a first axis for them also where every student has the same."""
        given = self.setting.space.given(drawn)
        ranks = {name: self.setting.program.tensor(name).rank for name in given}
        return {
            name: array if array.ndim > ranks[name] else np.broadcast_to(array, (len(drawn), *array.shape))
            for name, array in given.items()
        }

    def _answers(self, sheets: Sequence[Mapping[str, list[float]]], name: str) -> Array:
        """What all students answered, shape (students, *shape)."""
        blank = [math.nan] * math.prod(self.shapes[name])
        return np.array([sheet.get(name, blank) for sheet in sheets]).reshape(-1, *self.shapes[name])

    def _is_right_formula(self, row: _Row, number: int, name: str) -> bool:
        """Whether a right formula stands in the place of numbers."""
        found = row.formulas.get((number, name))
        return found is not None and found.is_right

    def _column(self, marked: Marked) -> Iterator[StepMark]:
        """One step of each student."""
        shape, of = self.shapes[marked.name], self.points[marked.name]
        size = marked.verdicts.shape[1]
        earned = [of * Fraction(count, size) for count in range(size + 1)]
        counts = (marked.verdicts >= Verdict.CARRIED).sum(axis=1).tolist()
        columns = _columns(marked, self.setting.places)
        for row, (count, verdicts, given, expected, low, high, least, most) in enumerate(
            zip(counts, *columns, strict=True)
        ):
            slip = slip_of(marked.origins.get(row), marked.name)
            own, right = (low, high), (least, most)
            points = earned[count]
            yield StepMark(marked.name, points, of, shape, verdicts, given, expected, own, right, slip, self.problem)


def _columns(marked: Marked, places: int) -> Iterator[list[list[Any]]]:
    """Verdicts, what was given, what was expected, and the ends of the intervals: for each student the entries."""
    decimals = np.round(np.clip(marked.follows, *marked.expected), places) + 0.0  # no -0
    is_known = np.isfinite(marked.expected[0]) & np.isfinite(marked.expected[1])
    yield marked.verdicts.tolist()
    yield _or_none(marked.answer)
    yield _or_none(np.where(is_known, decimals, np.nan))
    for bounds in (*marked.expected, *marked.right):
        yield bounds.tolist()


def _or_none(array: Array) -> list[list[float | None]]:
    """The rows of an array, None in the place of NaN."""
    rows: list[list[float | None]] = array.tolist()
    is_missing = np.isnan(array)
    for place in np.flatnonzero(is_missing.any(axis=1)):
        rows[place] = [
            None if missing else entry for entry, missing in zip(rows[place], is_missing[place], strict=True)
        ]
    return rows
