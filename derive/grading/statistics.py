"""Statistics of a class: of each step who was right, carried on, wrong, or silent, and which slip how often."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from derive.grading.gradebook import Gradebook, StepMark, number_of
from derive.grading.marking import Verdict

OUTCOMES = ("right", "carried", "wrong", "missing")


@dataclass(frozen=True)
class SlipCount:
    """How many students made a slip."""

    kind: str
    sentence: str
    count: int


@dataclass(frozen=True)
class StepStatistics:
    """One step over all students who were asked it.

    `counts` are the students by outcome: all entries right; all earn, some of them carried; some wrong or missing;
    no answer at all. `entries` counts the entries by verdict. `slips` are sorted, the most frequent first.
    """

    title: str
    name: str
    problem: str
    counts: dict[str, int]
    entries: dict[str, int]
    points: Fraction
    of: Fraction
    slips: tuple[SlipCount, ...]

    @property
    def students(self) -> int:
        """How many were asked."""
        return sum(self.counts.values())

    def share(self, outcome: str) -> float:
        """The share of the students with an outcome."""
        return self.counts[outcome] / self.students


@dataclass(frozen=True)
class Statistics:
    """A class: its steps in their order, and the total points of each student."""

    name: str
    title: str
    steps: tuple[StepStatistics, ...]
    totals: tuple[Fraction, ...]
    most: Fraction
    notation: Mapping[str, Mapping[str, str]]

    @property
    def slips(self) -> tuple[SlipCount, ...]:
        """The slips of all steps together by kind, the most frequent first; the sentence is that of the commonest."""
        counts: Counter[str] = Counter()
        sentences: dict[str, SlipCount] = {}
        for slip in (slip for step in self.steps for slip in step.slips):
            counts[slip.kind] += slip.count
            known = sentences.setdefault(slip.kind, slip)
            sentences[slip.kind] = max(known, slip, key=lambda one: one.count)
        return tuple(SlipCount(kind, sentences[kind].sentence, count) for kind, count in _sorted(counts))


def statistics(gradebook: Gradebook) -> Statistics:
    """What the marks of a class say about its steps."""
    steps: dict[str, list[StepMark]] = {title: [] for title in gradebook.columns}
    for student in gradebook.students:
        for step in student.steps:
            steps[step.title].append(step)
    totals = tuple(student.total for student in gradebook.students)
    most = max((student.of for student in gradebook.students), default=Fraction(0))
    found = tuple(_of_step(title, marks) for title, marks in steps.items())
    return Statistics(gradebook.name, gradebook.title, found, totals, most, gradebook.notation)


def outcome(step: StepMark) -> str:
    """What became of a step of one student, as a whole."""
    if step.is_missing:
        return "missing"
    if not step.is_full:
        return "wrong"
    return "carried" if step.carried else "right"


def _of_step(title: str, marks: list[StepMark]) -> StepStatistics:
    counts = Counter(map(outcome, marks))
    entries = Counter(Verdict(verdict).name.lower() for mark in marks for verdict in mark.verdicts)
    slips = Counter((mark.slip.kind, mark.slip.sentence) for mark in marks if mark.slip)
    return StepStatistics(
        title,
        marks[0].name,
        marks[0].problem,
        {key: counts[key] for key in OUTCOMES},
        {key: entries[key] for key in OUTCOMES},
        sum((mark.points for mark in marks), Fraction(0)) / len(marks),
        sum((mark.of for mark in marks), Fraction(0)) / len(marks),
        tuple(SlipCount(kind, sentence, count) for (kind, sentence), count in _sorted(slips)),
    )


def _sorted(counts: Counter[Any]) -> Iterable[tuple[Any, int]]:
    """The most frequent first, equally frequent ones by their names."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


# ------------------------------------------------------------------------------------------------ files


def statistics_data(found: Statistics) -> dict[str, Any]:
    """The whole of `statistics.json`."""
    totals = np.array([float(total) for total in found.totals])
    return {
        "title": found.title,
        "students": len(found.totals),
        "total": {
            "of": number_of(found.most),
            "mean": round(float(totals.mean()), 4),
            "standard_deviation": round(float(totals.std()), 4),
            "quartiles": [round(float(number), 4) for number in np.quantile(totals, (0, 0.25, 0.5, 0.75, 1))],
        },
        "steps": {step.title: _step_data(step) for step in found.steps},
        "slips": [_slip_data(slip) for slip in found.slips],
    }


def _step_data(step: StepStatistics) -> dict[str, Any]:
    return {
        "students": step.students,
        "points": number_of(step.points),
        "of": number_of(step.of),
        "counts": step.counts,
        "shares": {key: round(step.share(key), 4) for key in OUTCOMES},
        "entries": step.entries,
        "slips": [_slip_data(slip) for slip in step.slips],
    }


def _slip_data(slip: SlipCount) -> dict[str, Any]:
    return {"kind": slip.kind, "sentence": slip.sentence, "count": slip.count}


def write_statistics(found: Statistics, folder: Path) -> None:
    """`statistics.json`, `statistics.pdf` and `statistics.svg`."""
    from derive.grading.statistics_figure import draw_statistics

    text = json.dumps(statistics_data(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    (folder / "statistics.json").write_text(text, encoding="utf-8")
    for suffix in ("pdf", "svg"):
        (folder / f"statistics.{suffix}").write_bytes(draw_statistics(found, "svg" if suffix == "svg" else "pdf"))
