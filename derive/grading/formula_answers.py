"""Answers that are formulas among answers that are numbers: judged by their values at random points."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from derive.errors import Fault
from derive.grading.fields import Sheet
from derive.grading.formulas import FormulaError, FormulaMark, FormulaMarker
from derive.grading.gradebook import StepMark
from derive.grading.marking import Verdict
from derive.grading.origins import Origin
from derive.grading.papers import Paper
from derive.grading.sentences import slip_of
from derive.grading.submissions import Submission, student_path
from derive.variants.setting import Setting

Key = tuple[int, str]
_LEFT = re.compile(r"^[^=<>!(]*=(?!=)")


class FormulaAnswers:
    """Judges the formulas of all students; the random points of a network are the same for each of them."""

    def __init__(self) -> None:
        self._markers: dict[int, FormulaMarker] = {}

    def judged(self, submission: Submission, sheet: Sheet, paper: Paper) -> tuple[dict[Key, FormulaMark], list[Fault]]:
        """The verdict on each formula of a sheet; one that cannot be read is told, and missing."""
        found: dict[Key, FormulaMark] = {}
        faults: list[Fault] = []
        for (part, name), text in sheet.formulas.items():
            marker = self._marker(paper.problems[part].setting)
            try:
                found[part, name] = marker.mark_formula(name, _LEFT.sub("", text))
            except FormulaError as error:
                path = student_path(submission.student, name)
                faults += [replace(fault, where=submission.where, path=path) for fault in error.faults]
        return found, faults

    def _marker(self, setting: Setting) -> FormulaMarker:
        if id(setting) not in self._markers:
            self._markers[id(setting)] = FormulaMarker(setting)
        return self._markers[id(setting)]


def with_formulas(
    steps: Sequence[StepMark], number: int, judged: dict[Key, FormulaMark], texts: dict[Key, str]
) -> Iterator[StepMark]:
    """The steps of a student; one that was answered by a formula has the verdict on it in every entry."""
    for step in steps:
        mark = judged.get((number, step.name))
        if mark is None:
            yield step
            continue
        verdict = Verdict.RIGHT if mark.is_right else Verdict.WRONG
        origin = Origin(step.name, mark.slip) if mark.slip else None
        yield replace(
            step,
            points=step.of if mark.is_right else step.of * 0,
            verdicts=[verdict] * len(step.verdicts),
            slip=slip_of(origin, step.name) or step.slip,
            formula=texts[number, step.name],
            remark=mark.message if not mark.slip else "",
        )
