"""The one slip, in a step that was not written down, that explains several wrong answers.

Between two answers stand steps that nobody sees: not asked, or left out. Each mistake in each of them is tried: the
steps run on with its formula from the student's own earlier answers, and what this changes is compared with what the
student wrote. So is rounding to fewer places than told, and a number of the step itself where an answer repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from derive.grading.carried import CarriedSteps, bounds, lies_between
from derive.grading.judging import Sheets
from derive.grading.origins import Origin, are_zero, repeats
from derive.grading.verdicts import Interval
from derive.grading.zeros import Zeros
from derive.ops import Array, Tensor
from derive.program import Step


@dataclass(frozen=True)
class Found:
    """The slip of one student: `shows` is the first answer in which it shows, or would have if it were not missing.

    `explained` are the wrong answers that it explains as a whole. It is forgiven where it has lost its points at
    `shows` and others follow from it, and named where no other slip explains as much.
    """

    origin: Origin
    shows: str
    explained: tuple[str, ...]
    is_forgiven: bool
    is_named: bool


@dataclass(frozen=True)
class _Tried:
    """What an origin explains of each student: `score` is zero for nothing; `shows` is a place in the order of answers.

    `whole` has the answers that it explains as a whole, by name.
    """

    origin: Origin
    score: Array
    shows: Array
    is_forgiven: Array
    is_sure: Array
    whole: Mapping[str, Array]


class Search:
    """The search for some students at once.

    `own` holds what follows from their answers, `settled` whose wrong answers are explained, by name, and `shortcuts`
    whose answers are no honest numbers.
    """

    def __init__(
        self, sheets: Sheets, own: CarriedSteps, settled: Mapping[str, Array], shortcuts: Mapping[str, Array]
    ) -> None:
        self.sheets, self.own, self.shortcuts = sheets, own, shortcuts
        self.setting, self.program = sheets.setting, sheets.setting.program
        self.names = tuple(sheets.answers)
        self.answers = {name: sheets.typed(name) for name in self.names}
        self.expected = {name: self._bounds(own.before[self.program.tensor(name)]) for name in self.names}
        self.given = {name: ~np.isnan(answer) for name, answer in self.answers.items()}
        self.fine = {
            name: np.any([self._agrees(name, one) for one in self._allowed(name)], axis=0) for name in self.names
        }
        unexplained = {name: self.given[name] & ~self.fine[name] for name in self.names}
        self.wrong = {name: mask & ~settled[name][:, None] for name, mask in unexplained.items()}
        self.zeros = Zeros.of(self.answers, unexplained, sheets.unit)
        self.is_unexplained = {name: mask.any(axis=1) for name, mask in unexplained.items()}
        self.is_wrong = {name: mask.any(axis=1) for name, mask in self.wrong.items()}
        self.reached = {name: self._reached(name) for name in self.names}
        self.related = {name: self._related(name) for name in self.names if self.is_wrong[name].any()}
        self.written_by_all = {self.program.tensor(name) for name, mask in self.given.items() if mask.all()}

    def found(self) -> dict[int, Found]:
        """The slip of each student who made one: a mistake, else rounding, else what has no name.

        What zeros or ones in the place of a step explain better than any mistake is a shortcut, and none of these.
        """
        found: dict[int, Found] = {}
        for tier in (self._mistaken, self._rounded, self._repeated):
            left = np.array([row not in found for row in range(self.sheets.count)])
            tried = [one for one in tier() if one is not None]
            if tried:
                found |= self._best(tried, left)
        return found

    def _best(self, tried: list[_Tried], left: Array) -> dict[int, Found]:
        """What explains most; of several that explain the same the last one, which the fewest steps rest on."""
        scores = np.stack([one.score for one in tried])
        most = scores.max(axis=0)
        found = {}
        for row in np.flatnonzero(left & (most > 0)).tolist():
            best = [tried[place] for place in np.flatnonzero(scores[:, row] == most[row])]
            best = [one for one in best if one.origin.shortcut is None] or best
            chosen = best[-1]
            is_only = len({one.origin.kind for one in best}) == 1
            is_named = is_only and chosen.origin.has_name and bool(chosen.is_sure[row])
            explained = tuple(name for name, mask in chosen.whole.items() if mask[row])
            shows = self.names[chosen.shows[row]]
            found[row] = Found(chosen.origin, shows, explained, bool(chosen.is_forgiven[row]), is_named)
        return found

    def _allowed(self, name: str) -> Iterator[Interval]:
        """The intervals in which an answer earns its points: what follows, what is right."""
        yield from (self.expected[name], self.sheets.right[name])
        if name in self.sheets.stood_in:
            yield self.sheets.stood_in[name]

    # -------------------------------------------------------------------------------------------- where

    def _reached(self, name: str) -> dict[Tensor, Array]:
        """The steps in which an answer may have gone wrong, each for whom: its own, and unwritten ones before it."""
        reached = {self.program.tensor(name): np.ones(self.sheets.count, dtype=bool)}
        for step in reversed(self.sheets.steps):
            for used in step.uses if step.target in reached else ():
                if used.name not in self.program.quantities:
                    mask = reached[step.target] & is_unwritten(self.sheets, used.name)
                    reached[used] = reached.get(used, False) | mask
        return reached

    def _related(self, name: str) -> Array:
        """For whom answers rest on the same unwritten steps as this one, in the order of the answers."""
        own, count = self.reached[name], self.sheets.count
        shared = (
            [own[step] & rows for step, rows in self.reached[other].items() if step in own] for other in self.names
        )
        return np.stack([np.any(masks, axis=0) if masks else np.zeros(count, dtype=bool) for masks in shared])

    def _starts(self) -> Iterator[Step]:
        """The steps in which a wrong answer of anybody may have gone wrong."""
        wanted = {
            tensor
            for name, mask in self.is_wrong.items()
            for tensor, rows in self.reached[name].items()
            if (mask & rows).any()
        }
        return (step for step in self.sheets.steps if step.target in wanted)

    # -------------------------------------------------------------------------------------------- what

    def _mistaken(self) -> Iterator[_Tried | None]:
        """Every mistake in every step, also in those that were not written down; and shortcuts in these."""
        for step in self._starts():
            if not self._is_written(step):
                for number in (0.0, 1.0) if step.target.shape else (0.0,):
                    yield self._tried(step, Origin(step.name, shortcut=number))
            for mistake in self.setting.mistakes(step.name):
                yield self._tried(step, Origin(step.name, mistake))

    def _rounded(self) -> Iterator[_Tried | None]:
        """One place fewer in a step: in its answer, or before the answers that follow where there is none."""
        return (self._tried(step, Origin(step.name)) for step in self._starts())

    def _repeated(self) -> Iterator[_Tried | None]:
        """The number of a step as an answer has it that only repeats it; other answers must then follow from it."""
        for step in self._starts():
            if not self._is_written(step):
                for name in self._repeating(step):
                    yield self._tried(step, Origin(step.name, answer=name))

    def _is_written(self, step: Step) -> bool:
        """Whether everybody gave all of a step."""
        return step.name in self.names and bool(self.given[step.name].all())

    def _repeating(self, step: Step) -> list[str]:
        return [name for name in self.names if repeats(self.program[name].formula) == step.target]

    def _tried(self, start: Step, origin: Origin) -> _Tried | None:
        """What follows where a step leads to other numbers than it should."""
        forms = origin.forms(start, self.own)
        if forms is None:
            return None
        among = np.ones(self.sheets.count, dtype=bool) if origin.has_name else is_unwritten(self.sheets, start.name)
        branch, changed = self.own.branch(), {start.target} - self.written_by_all
        branch.go_on_with(start, *forms)
        tally = _Tally(self, origin, self._repeating(start) if origin.answer else ())
        for step in self.sheets.steps[self.sheets.steps.index(start) :]:
            if step is not start:
                if changed.isdisjoint(step.uses):
                    continue
                branch.carry_on(step)
                changed |= {step.target} - self.written_by_all
            if step.name in self.answers:
                tally.add(step.name, self._bounds(branch.before[step.target]))
        slipped = branch.written.get(start.target, forms[1])
        return tally.result(~are_zero(slipped, self.sheets.unit), among)

    def _agrees(self, name: str, expected: tuple[Array, Array]) -> Array:
        return lies_between(self.answers[name], *expected, self.setting.places)

    def _bounds(self, forms: Array) -> tuple[Array, Array]:
        return bounds(forms, self.sheets.count, self.setting.places)


class _Tally:
    """Counts what an origin explains, answer by answer in their order.

    An answer that only repeats the number of the step (`repeating`) is no evidence for that number.
    """

    def __init__(self, search: Search, origin: Origin, repeating: tuple[str, ...] | list[str]) -> None:
        self.search, self.origin, self.repeating = search, origin, repeating
        count = search.sheets.count
        self.is_refuted, self.misses_one, self.is_charged, self.frees, self.is_easy = np.zeros((5, count), dtype=bool)
        self.wholes, self.parts, self.entries, self.following = (np.zeros(count, dtype=int) for _ in range(4))
        self.shows = np.full(count, -1)
        self.whole: dict[str, Array] = {}

    def add(self, name: str, expected: tuple[Array, Array]) -> None:
        """What is expected of the next answer if the origin is the slip."""
        search, (low, high) = self.search, expected
        given, wrong, (least, most) = search.given[name], search.wrong[name], search.expected[name]
        agrees = search._agrees(name, expected)
        is_other = (low != least) | (high != most)
        self.is_refuted |= (search.fine[name] & is_other & ~agrees).any(axis=1)
        whole = wrong.any(axis=1) & (agrees | ~given).all(axis=1)
        hits = (wrong & agrees & (np.abs(search.answers[name]) >= search.sheets.unit / 2)).sum(axis=1)
        self.misses_one |= wrong.any(axis=1) & is_other.any(axis=1) & ~whole
        explains = whole | (hits > 0)
        self.following += explains
        if name not in self.repeating:
            self.wholes, self.parts, self.entries = self.wholes + whole, self.parts + explains, self.entries + hits
        self.whole[name] = np.asarray(whole)
        would_show = (~given & ((low > most) | (high < least))).any(axis=1)
        if name in search.sheets.formulas:
            would_show &= ~search.sheets.formulas[name]
        is_first = (self.shows < 0) & (explains | would_show)
        self.shows[is_first] = search.names.index(name)
        self.is_charged |= is_first & explains
        self.frees |= is_first & explains & search.shortcuts[name]
        self.is_easy |= whole & search.shortcuts[name]

    def result(self, is_honest: Array, among: Array) -> _Tried:
        """Explained is at least one answer as a whole, and no right one spoilt, of those who come into question.

        Where another one that the origin changes comes out otherwise, as there was a second slip, two must show it; and
        it has a name only if it explains every one that rests on the same unwritten steps.
        """
        has_zeros, may_be = self.search.zeros.explained_by(self.whole)
        is_valid = among & ~self.is_refuted & (self.wholes > 0) & ((self.parts > 1) | ~self.misses_one)
        is_valid &= may_be | (self.origin.shortcut is not None)
        if self.origin.answer:
            is_valid &= self.search.given[self.origin.answer].all(axis=1)
        score = np.where(is_valid, 1000 * self.wholes + self.entries, 0)
        is_forgiven = is_honest & ~has_zeros & (~self.is_charged | self.frees | (self.following > 1))
        if not self.origin.mistake:  # numbers that make the rest easy are honest only where a mistake leads to them
            is_forgiven &= ~self.is_easy & (self.origin.shortcut is None)
        is_sure = is_valid & ((self.parts > 1) | ~self._leaves_one())
        return _Tried(self.origin, score, self.shows, is_forgiven, is_sure, self.whole)

    def _leaves_one(self) -> Array:
        """For whom a wrong answer is left that rests on the same unwritten steps as one that is explained."""
        search, none = self.search, np.zeros(self.search.sheets.count, dtype=bool)
        left = np.stack([search.is_unexplained[name] & ~self.whole.get(name, none) for name in search.names])
        misses = [
            whole & (search.related[name] & left).any(axis=0) for name, whole in self.whole.items() if whole.any()
        ]
        return np.asarray(np.any([none, *misses], axis=0))


def is_unwritten(sheets: Sheets, name: str) -> Array:
    """For whom a quantity was not asked, or left out in part."""
    if name not in sheets.answers:
        return np.ones(sheets.count, dtype=bool)
    return np.asarray(np.isnan(sheets.typed(name)).any(axis=1))
