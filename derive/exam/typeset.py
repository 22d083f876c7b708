"""One network of a problem as questions and keys, for any number of its variants, each one read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from derive.check import Finding, Reading, check_document
from derive.check.many import STRUCTURE, check_many
from derive.errors import DeriveError, Fault
from derive.evaluate import style_of
from derive.exam.answers import intervals_of, numbers_of
from derive.exam.numbers import ManyNumbers
from derive.exam.records import records
from derive.exam.scheme import Scheme, disagreements
from derive.exam.stencil import NotStencilled, Stencil
from derive.render.figures import sheet_figures
from derive.render.paper import Printer
from derive.sheet import Sheet
from derive.solution import Solution, solve_problem
from derive.variants.search import Variant
from derive.variants.setting import Setting

QUESTION, KEY = "worksheet", "solution"


class WrongPaper(DeriveError):
    """What was printed for a variant does not stand up to being read again."""


@dataclass(frozen=True)
class Fragment:
    """A problem on paper, as question or as key: its LaTeX, and the figures that it includes."""

    tex: str
    figures: Mapping[str, bytes]


@dataclass(frozen=True)
class Printed:
    """A variant of a problem as question and as key."""

    question: Fragment
    key: Fragment


class Typesetter:
    """Prints the variants of one network; `points` are those of the whole problem."""

    def __init__(self, setting: Setting, first: Variant, points: int | None, printer: Printer) -> None:
        self.setting, self.first, self.points, self.printer = setting, first, points, printer

    def print(self, variants: Sequence[Variant]) -> Iterator[Printed]:
        """Question and key of each variant; raises `WrongPaper` if one of them is not right."""
        setting, numbers = self.setting, numbers_of(variants)
        intervals = intervals_of(numbers)
        questions, keys = (self._filled(kind, numbers, variants) for kind in (QUESTION, KEY))
        schemes = self._scheme.fill(intervals)
        for row, record in enumerate(records(numbers, intervals, variants)):
            if wrong := list(disagreements(schemes[row], record["accepted"], record["printed"])):
                raise _wrong(variants[row], Finding("scheme", wrong[0], False), setting)
            key = keys[row]
            yield Printed(questions[row], Fragment(key.tex + schemes[row], key.figures))

    @property
    def is_stencilled(self) -> bool:
        """Whether both documents are filled in; sheets with questions are composed for each variant."""
        return all(self._stencils.values())

    def _filled(self, kind: str, numbers: ManyNumbers, variants: Sequence[Variant]) -> list[Fragment]:
        """Each variant from the stencil, or by itself where there is none or its numbers do not fit."""
        stencil = self._stencils[kind]
        texts: list[str | None] = stencil.fill(numbers) if stencil else [None] * len(variants)
        exact = {name: numbers.result(name) for name in self.setting.answers if numbers.style.fractions}
        self._read_again(kind, numbers, texts, variants)
        return [
            self._alone(kind, variant, {name: found[row].tolist() for name, found in exact.items()})
            if text is None
            else Fragment(text, {})
            for row, (variant, text) in enumerate(zip(variants, texts, strict=True))
        ]

    def _read_again(
        self, kind: str, numbers: ManyNumbers, texts: list[str | None], variants: Sequence[Variant]
    ) -> None:
        """Read filled documents again, all at once; one that is built in another way is left to be printed alone."""
        rows = [row for row, text in enumerate(texts) if text is not None]
        if not rows:
            return
        program = self.setting.program
        found = check_many(
            self._readings[kind],
            self._references[kind],
            [text for text in texts if text is not None],
            {name: numbers.full(name)[rows] for name in program.names},
            {name: numbers.written(name)[rows] for name in program.quantities},
        )
        for place, finding in found:
            if finding.route != STRUCTURE:
                raise _wrong(variants[rows[place]], finding, self.setting)
            texts[rows[place]] = None

    def _alone(self, kind: str, variant: Variant, answers: Mapping[str, Sequence[str]]) -> Fragment:
        """A variant composed, printed and read again by itself; its scheme has these `answers`."""
        solution = solved(variant, self.printer)
        for name, found in answers.items():
            expected = [str(entry) for entry in style_of(variant.problem).printed((solution.exact or {})[name]).flat]
            if found != expected:
                told = Finding("scheme", name, False, None, ", ".join(found), ", ".join(expected))
                raise _wrong(variant, told, self.setting)
        return self._checked(kind, solution, variant)

    def _checked(self, kind: str, solution: Solution, variant: Variant) -> Fragment:
        sheet = solution.sheet(kind)
        tex = self._printed(sheet)
        for finding in check_document(solution.reading(kind), tex):
            if not finding.passed:
                raise _wrong(variant, finding, self.setting)
        return Fragment(tex, sheet_figures(sheet, self.printer.words))

    def _printed(self, sheet: Sheet) -> str:
        return self.printer.problem(sheet, self.points, is_key=sheet.kind == KEY)

    @cached_property
    def _solution(self) -> Solution:
        return solved(self.first, self.printer)

    @cached_property
    def _readings(self) -> Mapping[str, Reading]:
        return {kind: self._solution.reading(kind) for kind in (QUESTION, KEY)}

    @cached_property
    def _references(self) -> Mapping[str, str]:
        """The first variant as its stencils print it, read again by every route."""
        numbers = numbers_of([self.first])
        return {kind: self._reference(kind, stencil, numbers) for kind, stencil in self._stencils.items() if stencil}

    def _reference(self, kind: str, stencil: Stencil, numbers: ManyNumbers) -> str:
        [tex] = stencil.fill(numbers)
        if tex is None:  # its numbers are no decimals that float64 tells; others may fit
            return self._printed(self._solution.sheet(kind))
        for finding in check_document(self._readings[kind], tex):
            if not finding.passed:
                raise _wrong(self.first, finding, self.setting)
        return tex

    @cached_property
    def _stencils(self) -> Mapping[str, Stencil | None]:
        return {kind: self._stencil(kind) for kind in (QUESTION, KEY)}

    def _stencil(self, kind: str) -> Stencil | None:
        varying = frozenset(filling.name for filling in self.setting.space.fillings)
        try:
            return Stencil(self._solution.sheet(kind), self.setting.program, varying, self._printed)
        except NotStencilled:
            return None

    @cached_property
    def _scheme(self) -> Scheme:
        return Scheme(self.setting, self._solution.sheet(KEY), self.printer, self.points)


def solved(variant: Variant, printer: Printer) -> Solution:
    """A variant solved and checked by itself; raises `WrongPaper` where a route disagrees."""
    solution = solve_problem(variant.problem, templates=printer.templates)
    for finding in solution.findings:
        if not finding.passed:
            raise _wrong(variant, finding, variant.setting)
    return solution


def _wrong(variant: Variant, finding: Finding, setting: Setting) -> WrongPaper:
    return WrongPaper(
        Fault(
            found=f"variant {variant.number} ({variant.id}): {finding.step} is {finding.found or 'not confirmed'}",
            expected=f"{finding.expected or 'a value that is'} by the route `{finding.route}`",
            hint="no paper was written; please report it with the problem file",
            where=str(setting.problem.source or setting.problem.name),
            path=finding.step,
        )
    )
