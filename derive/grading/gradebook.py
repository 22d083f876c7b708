"""The gradebook: what each answer of each student earns.

Points are shared out by entries: (points of the step) * (entries that earn) / (entries), exact until they are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derive.grading.marking import Verdict

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Slip:
    """The one slip that explains a wrong answer, and a sentence about it.

    `kind` is a row of the table of mistakes, or `rounded_early`.
    """

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class EntryMark:
    """One entry of an answer.

    `given` is what the student wrote (None: nothing), `expected` what follows from the student's own earlier answers
    (None: nothing does, as they lead out of a domain). Accepted is what lies in `own`, the interval that follows from
    these answers, or in `right`, that of the right ones.
    """

    verdict: Verdict
    given: float | None
    expected: float | None
    own: Interval
    right: Interval


@dataclass(frozen=True, slots=True)
class StepMark:
    """What one asked quantity earns: `of` points times the share of its entries that earn.

    `shape` is that of the quantity, () for a number; its entries stand row by row in `verdicts`, `given`, `expected`,
    and in the ends (lows, highs) of the intervals `own` and `right`, which `entries` brings together. `problem` names
    the problem in an exam of several. A `formula` was given in place of numbers; `remark` says what is wrong with it.
    """

    name: str
    points: Fraction
    of: Fraction
    shape: tuple[int, ...]
    verdicts: Sequence[int]
    given: Sequence[float | None]
    expected: Sequence[float | None]
    own: tuple[Sequence[float], Sequence[float]]
    right: tuple[Sequence[float], Sequence[float]]
    slip: Slip | None = None
    problem: str = ""
    formula: str = ""
    remark: str = ""

    @property
    def entries(self) -> tuple[EntryMark, ...]:
        """The mark of each entry."""
        own, right = zip(*self.own, strict=True), zip(*self.right, strict=True)
        parts = zip(self.verdicts, self.given, self.expected, own, right, strict=True)
        return tuple(
            EntryMark(Verdict(verdict), given, wanted, low, high) for verdict, given, wanted, low, high in parts
        )

    @property
    def title(self) -> str:
        """The name in a gradebook: `question: dL/dW_1` in an exam of several problems."""
        return f"{self.problem}: {self.name}" if self.problem else self.name

    @property
    def carried(self) -> bool:
        """Whether at least one entry earns only because it follows from the student's own earlier answers."""
        return Verdict.CARRIED in self.verdicts

    @property
    def is_missing(self) -> bool:
        """Whether nothing at all was answered."""
        return all(verdict == Verdict.MISSING for verdict in self.verdicts)

    @property
    def is_full(self) -> bool:
        """Whether every entry earns."""
        return min(self.verdicts) >= Verdict.CARRIED


@dataclass(frozen=True, slots=True)
class StudentMarks:
    """One student: the id of the paper (empty: the problem's own numbers), and the marks of its steps in their order.

    `total` is the sum of the points, `of` of those that could be earned; `places` are the decimals of the answers.
    """

    student: str
    variant: str
    places: int
    steps: tuple[StepMark, ...]
    total: Fraction
    of: Fraction


@dataclass(frozen=True, slots=True)
class Gradebook:
    """All students in the order of their answers; `name` is the file of the exam without its ending.

    `notation` holds the author's symbols for quantities, by the name of the problem as steps have it.
    """

    name: str
    title: str
    students: tuple[StudentMarks, ...]
    notation: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The titles of all steps that any student was asked."""
        return tuple(dict.fromkeys(step.title for student in self.students for step in student.steps))


def text_of(points: Fraction) -> str:
    """Points with two decimals, a tie rounded up: `2.33`."""
    hundredths = (200 * points.numerator + points.denominator) // (2 * points.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def number_of(points: Fraction) -> int | float:
    """Points as a number with at most two decimals."""
    return int(points) if points.denominator == 1 else float(text_of(points))


def nested(entries: Iterable[object], shape: tuple[int, ...]) -> object:
    """Entries that stand row by row as lists of lists."""
    found = list(entries)
    for size in reversed(shape[1:]):
        found = [found[start : start + size] for start in range(0, len(found), size)]
    return found if shape else found[0]
