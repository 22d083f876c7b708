"""Marks in a notebook: each answer judged by the right numbers, then by the student's own earlier answers.

The text of this module stands in the hidden tests of a notebook, followed by the steps of its problem, so it needs
NumPy alone. It does for one student what `derive.grading.marking` does for many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from derive.grading.notebook_spans import Array, Span, both, instead, is_finite, range_of, shaped

Formula = tuple[Callable[..., Any], tuple[str, ...]]  # a function, and the quantities that it takes
NEARLY = 1e-9  # of a unit: an answer at the end of its interval is right
MOST_UNITS = 1e8


class Step(NamedTuple):
    """A step of the problem; `points` is None where it is not asked, `mistakes` lead to wrong answers."""

    name: str
    formula: Formula
    shape: tuple[int, ...]
    points: float | None = None
    mistakes: tuple[Formula, ...] = ()


class Mark(NamedTuple):
    """What an answer earns, and why not more."""

    points: float
    of: float
    message: str


class Known(NamedTuple):
    """All that is known of a quantity: between which numbers the student's lie, and the right ones.

    `own_finer` and `right_finer` are those before their last rounding. `exact`, `plain` and `honest` go on without any
    rounding: from the right numbers, from the student's answers, and from these with right numbers for shortcuts. Where
    an answer is missing, what follows from those before it stands in for it.
    """

    own: Span
    right: Span
    own_finer: Span
    right_finer: Span
    exact: Array
    plain: Array
    honest: Array
    verdicts: Array | None = None  # MISSING, WRONG, CARRIED or RIGHT for each entry
    owes: Array | None = None  # which entries would be others without shortcuts before them


MISSING, WRONG, CARRIED, RIGHT = -1, 0, 1, 2


class Marker:
    """Marks the answers of one student.

    `accepted` holds for each answer the lowest and the highest decimals that are right, in units of 10^-places;
    `read` gives the entries of an answer, None where there is no number.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        places: int,
        given: Mapping[str, Any],
        accepted: Mapping[str, Any],
        answers: Mapping[str, Any],
        read: Callable[[Any, tuple[int, ...]], list[float | None] | None],
    ) -> None:
        self.steps = {step.name: step for step in steps}
        self.unit, self.accepted, self.answers, self.read = 10.0**places, accepted, answers, read
        self.is_unexplained = False  # whether a wrong number stands before that no mistake leads to
        exact = {name: np.asarray(numbers) for name, numbers in given.items()}
        self.known = {name: _certain(numbers) for name, numbers in exact.items()}

    def mark(self, name: str) -> float | None:
        """The points of an answer, None for all of them; raises AssertionError with the reason where it earns none."""
        found = self.judged(name)
        if not found.points and found.of:
            raise AssertionError(found.message)
        if found.message:
            print(found.message)  # noqa: T201
        return None if found.points == found.of else found.points

    def judged(self, name: str) -> Mark:
        """The points of an answer and what there is to say."""
        step = self.steps[name]
        known = self._of(step)
        assert known.verdicts is not None, "only an answer is marked"
        of = step.points or 0.0
        share = float((known.verdicts >= CARRIED).mean())
        return Mark(share * of, of, self._message(step, known))

    # -------------------------------------------------------------------------------------------- one step

    def _of(self, step: Step) -> Known:
        """What is known of a step: of the steps before it first, and each once, as it was when it was marked."""
        if step.name not in self.known:
            for name in step.formula[1]:
                if name not in self.known:
                    self._of(self.steps[name])
            with np.errstate(all="ignore"):
                self.known[step.name] = self._found(step)
        return self.known[step.name]

    def _found(self, step: Step) -> Known:
        before = {kind: self._span(step, step.formula, kind) for kind in ("own", "right")}
        exact, plain, honest = (self._value(step, kind) for kind in ("exact", "plain", "honest"))
        right = self._written(before["right"])
        computed = self._written(before["own"])
        if step.points is None:
            return Known(computed, right, before["own"], before["right"], exact, plain, honest)
        read = self.read(self.answers.get(step.name), step.shape)
        typed = np.array([np.nan] * exact.size if read is None else read, dtype=float).reshape(step.shape)
        absent, half = np.isnan(typed), 0.5 / self.unit
        own = Span(np.where(absent, computed.low, typed - half), np.where(absent, computed.high, typed + half))
        owes = ~(np.abs(plain - honest) <= NEARLY / self.unit) & ~(np.isnan(plain) & np.isnan(honest))
        owes = owes | self._vanishes(step, typed, plain)
        follows = self._lies_between(typed, self._decimals(before["own"]))
        is_right = self._lies_between(typed, self._accepted(step))
        verdicts = np.select([absent, is_right, follows & ~owes], [MISSING, RIGHT, CARRIED], WRONG)
        is_wrong = (verdicts == WRONG) & (not self._is_rounded(typed, before["own"]))
        is_shortcut = self._shortcuts(step, typed, exact, is_wrong) | (follows & owes)
        if (is_wrong & ~follows).any():
            self.is_unexplained |= not any(self._leads_to(step, mistake, typed) for mistake in step.mistakes)
        plain, honest = np.where(absent, plain, typed), np.where(absent, honest, typed)
        honest = np.where(is_shortcut, exact, honest)
        finer = both(before["own"], own)
        return Known(own, right, finer, before["right"], exact, plain, honest, verdicts, owes)

    def _vanishes(self, step: Step, typed: Array, plain: Array) -> bool:
        """Whether nothing but zeros follows, and should not, since a wrong number of no mistake makes it vanish."""
        is_zero = (np.abs(typed) < 0.5 / self.unit).all() and (np.abs(plain) <= NEARLY / self.unit).all()
        accepted = self._accepted(step)
        return bool(self.is_unexplained and is_zero and ((accepted.low > 0) | (accepted.high < 0)).any())

    def _is_rounded(self, typed: Array, span: Span) -> bool:
        """Whether all are rounded to one place fewer than told, as one shows that is neither zero nor as told."""
        coarse = [np.copysign(np.floor(np.abs(end) * self.unit / 10 + 0.5), end) * 10 / self.unit for end in span]
        is_coarse = np.any([np.abs(typed - end) < 0.25 / self.unit for end in coarse], axis=0)
        shows = (np.abs(typed) >= 0.5 / self.unit) & ~self._lies_between(typed, self._decimals(span))
        return bool(is_coarse.all() and shows.any())

    def _value(self, step: Step, kind: str) -> Array:
        formula, uses = step.formula
        return shaped(formula(*(getattr(self.known[name], kind) for name in uses)), step.shape)

    # -------------------------------------------------------------------------------------------- shortcuts

    def _shortcuts(self, step: Step, typed: Array, exact: Array, is_wrong: Array) -> Array:
        """Which wrong entries make the rest easy: zeros, one number everywhere, numbers copied from above.

        Numbers that a common mistake leads to are no shortcut, unless all of them are zero.
        """
        is_zero = np.abs(typed) < 0.5 / self.unit
        is_easy = typed.size > 1 and (self._is_uniform(typed, exact) or self._is_copied(typed, exact))
        found = is_wrong & (is_zero | is_easy)
        return found & ~(found.any() and self._is_explained(step, typed, is_zero))

    def _is_uniform(self, typed: Array, exact: Array) -> bool:
        half = 0.5 / self.unit
        is_one = (np.abs(typed - 1) < half).all()
        return bool(is_one or (np.ptp(typed) < half and not np.ptp(exact) < half))

    def _is_copied(self, typed: Array, exact: Array) -> bool:
        half = 0.5 / self.unit
        alike = [known.plain for known in self.known.values() if known.plain.shape == typed.shape]
        return any((np.abs(typed - other) < half).all() and not (np.abs(exact - other) < half).all() for other in alike)

    def _is_explained(self, step: Step, typed: Array, is_zero: Array) -> bool:
        """Whether a common mistake leads to an answer that is not zero everywhere."""
        return not is_zero.all() and any(self._leads_to(step, mistake, typed) for mistake in step.mistakes)

    def _leads_to(self, step: Step, mistake: Formula, typed: Array) -> bool:
        try:
            span = self._span(step, mistake, "own")
        except (ValueError, IndexError, KeyError):  # it has another shape, or needs what nobody asked for
            return False
        return bool(self._lies_between(typed, self._decimals(span)).all())

    # -------------------------------------------------------------------------------------------- intervals

    def _span(self, step: Step, formula: Formula, kind: str) -> Span:
        """Between which numbers a formula lies while what it takes lies within its own bounds.

        Where rounding carries a number out of the domain of a function, those before their rounding are taken; of the
        right numbers, at last, the exact ones.
        """
        function, uses = formula
        span = range_of(function, [getattr(self.known[name], kind) for name in uses], step.shape)
        if not is_finite(span).all():
            finer = range_of(function, [getattr(self.known[name], f"{kind}_finer") for name in uses], step.shape)
            span = instead(span, finer)
        if kind == "right" and not is_finite(span).all():
            exact = self._value(step, "exact")
            span = instead(span, Span(exact, exact))
        return span

    def _written(self, span: Span) -> Span:
        """The numbers after they may have been rounded to the places, to more, or not at all."""
        return Span(-self._highest(-span.low), self._highest(span.high))

    def _highest(self, number: Array) -> Array:
        scaled = number * self.unit
        nearly = NEARLY * np.clip(np.abs(scaled), 1, MOST_UNITS)
        is_decimal = np.abs(scaled - np.rint(scaled)) <= nearly
        rounded = np.floor(scaled + 0.5 + nearly) / self.unit
        return np.where(is_decimal, rounded, np.maximum(rounded, number + 0.05 / self.unit))

    def _decimals(self, span: Span) -> Span:
        """The decimals next below and above."""
        nearly = NEARLY * np.clip(np.abs(span.centre) * self.unit, 1, MOST_UNITS)
        low, high = np.floor(span.low * self.unit + nearly), np.ceil(span.high * self.unit - nearly)
        return Span(low / self.unit, high / self.unit)

    def _accepted(self, step: Step) -> Span:
        low, high = (np.array(side, dtype=float).reshape(step.shape) for side in self.accepted[step.name])
        return Span(low / self.unit, high / self.unit)

    def _lies_between(self, typed: Array, span: Span) -> Array:
        slack = NEARLY / self.unit
        return np.asarray((typed >= span.low - slack) & (typed <= span.high + slack) & is_finite(span))

    # -------------------------------------------------------------------------------------------- words

    def _message(self, step: Step, known: Known) -> str:
        """What is wrong with an answer, without its numbers; that entries are missing is told before."""
        assert known.verdicts is not None, "only an answer is marked"
        verdicts = known.verdicts.reshape(-1)
        if (verdicts == MISSING).all():
            return f"`{step.name}` holds no number, or has another shape than the cell asks for."
        is_wrong = verdicts == WRONG
        if not is_wrong.any():
            return ""
        where = "" if verdicts.size == 1 else f"{_entries(is_wrong)} of "
        verb = "does" if is_wrong.sum() == 1 else "do"
        parts = [f"{where}`{step.name}` {verb} not follow from your earlier answers."]
        absent = [f"`{name}`" for name in step.formula[1] if self._is_incomplete(name)]
        if absent:
            parts.append(f"Where {', '.join(absent)} has no number, what follows from your answers before it stood in.")
        if known.owes is not None and (known.owes.reshape(-1) & is_wrong).any():
            parts.append("What follows from wrong numbers that make the rest easy earns nothing.")
        return " ".join(parts)

    def _is_incomplete(self, name: str) -> bool:
        verdicts = self.known[name].verdicts
        return verdicts is not None and bool((verdicts == MISSING).any())


def _certain(numbers: Array) -> Known:
    """A given quantity."""
    span = Span(numbers, numbers)
    return Known(span, span, span, span, numbers, numbers, numbers)


def _entries(mask: Array) -> str:
    """`Entry 2`, `Entries 1 and 4`, counted row by row."""
    places = [str(place) for place in np.flatnonzero(mask) + 1]
    if len(places) == 1:
        return f"Entry {places[0]}"
    return f"Entries {', '.join(places[:-1])} and {places[-1]}"


def start(notebook: dict[str, Any], variant: str, read: Callable[..., Any]) -> None:
    """Get ready to mark the answers in a notebook with the numbers of one variant."""
    tables = globals()
    if variant not in tables["GIVEN"]:
        raise AssertionError("`variant` is not the id of any paper of this assignment.")
    owner, folder = tables["OWNERS"].get(variant), Path.cwd().parent.name
    if folder in tables["OWNERS"].values() and folder != owner:  # autograded/<student>/<assignment>
        raise AssertionError("These are the numbers of another student.")
    given, accepted = tables["GIVEN"][variant], tables["ACCEPTED"][variant]
    tables["mark"] = Marker(tables["STEPS"], tables["PLACES"], given, accepted, notebook, read).mark
