"""What an exam consists of: its problems with their points, its front page, and who gets which paper."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.exam.points import with_points
from derive.spec import Problem
from derive.variants.identity import VariantId, assign, make_id, problem_digest


@dataclass(frozen=True)
class Part:
    """A problem of an exam, and what it is worth (None: a point for each of its answers, see `counted`)."""

    problem: Problem
    points: int | None = None


@dataclass(frozen=True)
class Student:
    """A line of a roster."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Exam:
    """An exam before it has any papers. `shuffle`: the order of the problems differs from paper to paper."""

    name: str
    title: str
    parts: tuple[Part, ...]
    course: str = ""
    date: str = ""
    minutes: int | None = None
    instructions: tuple[str, ...] = ()
    shuffle: bool = False
    source: Path | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of all that the exam says, wherever its files stand."""
        problems = " ".join(problem_digest(part.problem) for part in self.parts)
        points = [part.points for part in self.parts]
        own = repr((replace(self, parts=(), source=None), points))
        return hashlib.sha256(f"{own} {problems}".encode()).hexdigest()


@dataclass(frozen=True)
class Place:
    """One paper: its number (from 1), its id, the order of its problems, and whose it is."""

    number: int
    id: VariantId
    order: tuple[int, ...]
    student: Student | None = None


def exam_of(problem: Problem) -> Exam:
    """An exam of one problem."""
    title = problem.title or problem.name.replace("-", " ").capitalize()
    return Exam(problem.name, title, (part_of(problem),), minutes=problem.minutes, source=problem.source)


def part_of(problem: Problem, points: int | None = None) -> Part:
    """A problem as part of an exam, worth `points`, or what its file says."""
    return Part(*with_points(problem, problem.points if points is None else points))


def counted(exam: Exam, answers: Sequence[int]) -> Exam:
    """The exam with points for every problem: where its file has none, one for each of its `answers`."""
    parts = zip(exam.parts, answers, strict=True)
    return replace(
        exam, parts=tuple(replace(part, points=number) if part.points is None else part for part, number in parts)
    )


def require_papers(students: Sequence[Student], count: int) -> None:
    """Refuse more students than papers: two with the same numbers would sit side by side."""
    if len(students) > count:
        raise DeriveError(
            Fault(
                f"{count}, but {len(students)} students",
                "a paper for each student",
                f"--count {len(students)}, or more to have some to spare",
                where="--count",
            )
        )


def likeness(problem: Problem) -> str:
    """Equal for problems that would be given the same numbers, whatever they are called and worth."""
    asked = tuple(replace(ask, points=None, line=0) for ask in problem.ask)
    return problem_digest(replace(problem, name="", title="", text="", points=None, ask=asked, questions=()))


def places(exam: Exam, count: int, seed: int, students: Sequence[Student] = ()) -> tuple[Place, ...]:
    """The papers of an exam; a student's is found by a keyed hash of the student's id."""
    digest = exam.digest
    owner = dict(zip(assign(seed, [student.id for student in students], count), students, strict=True))
    return tuple(
        Place(number, make_id(digest, seed, number), _order(exam, seed, number), owner.get(number - 1))
        for number in range(1, count + 1)
    )


def _order(exam: Exam, seed: int, number: int) -> tuple[int, ...]:
    """The order of the problems on a paper."""
    order = list(range(len(exam.parts)))
    if exam.shuffle:
        random.Random(f"{seed} {number}").shuffle(order)
    return tuple(order)
