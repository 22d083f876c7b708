"""How well simulated classes are marked: figures for the tests and for `benchmarks/grading.py`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.evaluate import Values
from derive.grading.marking import Answers, Marked, Verdict, mark
from derive.grading.origins import Origin
from derive.ops import Array
from derive.program import Role, Step
from derive.variants.rounding import units
from tests.grading.simulated import SHORTCUTS, Room, Slipped, gradients, slips, with_shortcut, worked_out

FINAL = (Role.LOSS, Role.UPDATE)


@dataclass(frozen=True)
class Named:
    """Of some wrong answers, how many have a slip named, and how many of these rightly."""

    wrong: int
    named: int
    rightly: int

    @property
    def precision(self) -> float:
        """The share of the named slips that were made."""
        return self.rightly / max(1, self.named)

    @property
    def share(self) -> float:
        """The share of the wrong answers that have a slip named."""
        return self.named / max(1, self.wrong)


@dataclass(frozen=True)
class SlipFigures:
    """Students with one slip: how many lost points at another step, and how often the slip was named."""

    students: int
    elsewhere: int
    named: Named
    lost_at: dict[tuple[str, str, str], int]


def answers_of(room: Room, answers: Values) -> Answers:
    """What is marked."""
    return Answers(room.setting, room.given, answers)


def correct(room: Room) -> tuple[int, float]:
    """How many students who round as told lose a point, and the processor time of marking 10,000 sheets."""
    sheets = answers_of(room, worked_out(room, np.random.default_rng([room.seed, 1])))
    start = time.process_time()
    marked = mark(sheets)
    seconds = time.process_time() - start
    lost = np.any([one.share < 1 for one in marked], axis=0)
    return int(lost.sum()), seconds * 10_000 / room.count


def joined(found: Sequence[Slipped]) -> tuple[Answers, Array, Array]:
    """Several slips as one class, and for each student the step and the kind of the slip."""
    setting = found[0].room.setting
    given = {name: np.concatenate([one.room.given[name] for one in found]) for name in found[0].room.given}
    answers = {name: np.concatenate([one.answers[name] for one in found]) for name in found[0].answers}
    counts = [one.room.count for one in found]
    steps = np.repeat([one.step for one in found], counts)
    kinds = np.repeat([one.mistake.kind for one in found], counts)
    return Answers(setting, given, answers), steps, kinds


def one_slip(room: Room) -> tuple[SlipFigures, float]:
    """Every student makes one slip at an asked step; the figures, and the time of marking 10,000 of them."""
    sheets, steps, kinds = joined(list(slips(room)))
    start = time.process_time()
    marked = mark(sheets)
    seconds = time.process_time() - start
    elsewhere = np.zeros(sheets.count, dtype=bool)
    lost_at: dict[tuple[str, str, str], int] = {}
    visible = np.zeros(sheets.count, dtype=bool)
    for one in marked:
        is_own = steps == one.name
        visible |= is_own & (one.share < 1)
        elsewhere |= ~is_own & (one.share < 1)
        for row in np.flatnonzero(~is_own & (one.share < 1)):
            key = (one.name, str(steps[row]), str(kinds[row]))
            lost_at[key] = lost_at.get(key, 0) + 1
    rows = np.flatnonzero(visible)
    origins = {one.name: one.origins for one in marked}
    made = [(origins[str(steps[row])].get(row), str(steps[row]), str(kinds[row])) for row in rows]
    figures = SlipFigures(sheets.count, int(elsewhere.sum()), _named(made), lost_at)
    return figures, seconds * 10_000 / sheets.count


@dataclass(frozen=True)
class AnyFigures:
    """Students with one slip in any step that shows: how many lost points at one step at most, and names of slips."""

    showing: int
    at_one: int
    named: Named
    lost_at: dict[tuple[str, str, str], int]


def slip_anywhere(room: Room) -> tuple[AnyFigures, float]:
    """Every student makes one slip in any step, asked or not; the figures, and the time of marking 10,000 of them."""
    names = tuple(step.name for step in room.steps if room.setting.mistakes(step.name))
    sheets, steps, kinds = joined(list(slips(room, names)))
    start = time.process_time()
    marked = mark(sheets)
    seconds = time.process_time() - start
    losing = np.array([one.share < 1 for one in marked])
    carried = np.any([(one.verdicts == Verdict.CARRIED).any(axis=1) for one in marked], axis=0)
    showing = np.flatnonzero(losing.any(axis=0) | carried)
    lost_at: dict[tuple[str, str, str], int] = {}
    for row in np.flatnonzero(losing.sum(axis=0) > 1).tolist():
        where = ", ".join(one.name for one, lost in zip(marked, losing[:, row], strict=True) if lost)
        key = (where, str(steps[row]), str(kinds[row]))
        lost_at[key] = lost_at.get(key, 0) + 1
    made = []
    for row in showing.tolist():
        origins = [one.origins[row] for one in marked if row in one.origins]
        made.append((origins[0] if len(origins) == 1 else None, str(steps[row]), str(kinds[row])))
    at_one = int((losing[:, showing].sum(axis=0) <= 1).sum())
    return AnyFigures(len(showing), at_one, _named(made), lost_at), seconds * 10_000 / sheets.count


def _named(found: Sequence[tuple[Origin | None, str, str]]) -> Named:
    named = [(origin, step, kind) for origin, step, kind in found if origin is not None]
    rightly = sum(
        origin.step == step and origin.mistake is not None and origin.mistake.kind == kind
        for origin, step, kind in named
    )
    return Named(len(found), len(named), rightly)


def late_answers(room: Room) -> Named:
    """Every student makes one slip anywhere and gives the loss and the new parameters only, or the last answers."""
    program = room.setting.program
    kept = [name for name in room.setting.answers if program[name].role in FINAL] or room.setting.answers[-2:]
    names = tuple(step.name for step in room.steps if room.setting.mistakes(step.name))
    sheets, steps, kinds = joined(list(slips(room, names)))
    answers = {name: array if name in kept else np.full_like(array, np.nan) for name, array in sheets.answers.items()}
    late = Answers(room.setting, sheets.given, answers)
    marked = mark(late)
    found = []
    for row in range(late.count):
        if any(np.isin(one.verdicts[row], (Verdict.WRONG, Verdict.CARRIED)).any() for one in marked):
            named = [one.origins[row] for one in marked if row in one.origins]
            found.append((named[0] if len(named) == 1 else None, str(steps[row]), str(kinds[row])))
    return _named(found)


def wrong_digit(room: Room) -> Named:
    """Every student has one digit wrong in an entry of a random step: no mistake of the table, so none is right."""
    generator = np.random.default_rng([room.seed, 6])
    names = room.setting.answers
    chosen = generator.integers(0, len(names), room.count)
    places = room.setting.places

    def change(step: Step, value: Array) -> Array:
        if step.name not in names:
            return value
        flat = value.reshape(room.count, -1).copy()
        rows = np.flatnonzero(chosen == names.index(step.name))
        entries = generator.integers(0, flat.shape[1], len(rows))
        amounts = generator.integers(1, 10, len(rows)) * 10.0 ** -generator.integers(0, places + 1, len(rows))
        flat[rows, entries] = units(flat[rows, entries] + amounts, places) / 10**places
        return flat.reshape(value.shape)

    sheets = answers_of(room, worked_out(room, generator, change=change))
    marked = mark(sheets)
    found = []
    for place, name in enumerate(names):
        one = next(one for one in marked if one.name == name)
        rows = np.flatnonzero((chosen == place) & (one.verdicts == Verdict.WRONG).any(axis=1))
        found += [(one.origins.get(row), "", "") for row in rows]
    return _named(found)


def shortcuts(room: Room, kind: str) -> tuple[int, int]:
    """How many students tried a shortcut at a gradient, and how many gained by it.

    All else on their sheets is right. A gain is an entry of a later step that is not right and yet earns: it could
    only follow from the shortcut, and who leaves that step and all that follows from it blank has nothing for it.
    Numbers that are right, rounded as told, are no shortcut, nor are those that a common mistake leads to, unless all
    of them are zero.
    """
    tried = gained = 0
    for name in gradients(room.setting):
        marked = mark(answers_of(room, with_shortcut(room, name, kind)))
        if kind != "ones":  # zeros that are right within rounding are none: those stay as they are
            where = _of(marked, name).verdicts == Verdict.WRONG
            marked = mark(answers_of(room, with_shortcut(room, name, kind, where)))
        own = _of(marked, name)
        is_wrong = own.verdicts == Verdict.WRONG
        is_zero = (np.abs(own.answer) < 0.5 * 10.0**-room.setting.places).all(axis=1)
        is_mistaken = own.slips.is_explained.copy()
        is_mistaken[[row for row, origin in own.origins.items() if origin.mistake]] = True
        rows = is_wrong.any(axis=1) & (~is_mistaken | is_zero)
        if kind == "ones":  # a single one is a number like any other
            rows &= is_wrong.all(axis=1) & (is_wrong.shape[1] > 1)
        later = marked[marked.index(own) + 1 :]
        earned = [(one.verdicts == Verdict.CARRIED).any(axis=1) for one in later] or [np.zeros_like(rows)]
        tried += int(rows.sum())
        gained += int((rows & np.any(earned, axis=0)).sum())
    return tried, gained


def _of(marked: Sequence[Marked], name: str) -> Marked:
    return next(one for one in marked if one.name == name)


__all__ = [
    "SHORTCUTS",
    "AnyFigures",
    "Named",
    "SlipFigures",
    "correct",
    "late_answers",
    "one_slip",
    "shortcuts",
    "slip_anywhere",
    "wrong_digit",
]
