"""Marks carried forward: who slips once loses points once.

Each answer is judged by the right numbers, then by the student's own earlier answers (`judging`). The program of steps
is the graph of what depends on what, so nobody has to wire anything up. A slip in a step that was not written down
shows in every answer that it reaches: where one slip explains them (`anywhere`), the first of these answers loses its
points, and the others are judged by what follows from it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from derive.grading.anywhere import Found, Search, is_unwritten
from derive.grading.judging import Held, Sheets, judged
from derive.grading.origins import Origin
from derive.grading.verdicts import Answers, Marked, Verdict, joined
from derive.grading.zeros import Zeros
from derive.ops import Array

AT_ONCE = 2048  # students whose numbers are held together
MOST_SLIPS = 3  # in steps that were not written down, of one student

__all__ = ["AT_ONCE", "MOST_SLIPS", "Answers", "Marked", "Verdict", "mark"]


def mark(answers: Answers) -> list[Marked]:
    """Every asked quantity of every student."""
    starts = range(0, answers.count, AT_ONCE)
    with np.errstate(all="ignore"):
        parts = [_Class(Sheets.of(answers.part(slice(start, start + AT_ONCE)))).marked() for start in starts]
    return parts[0] if len(parts) == 1 else [joined(marked) for marked in zip(*parts, strict=True)]


class _Class:
    """Students who are marked together: the verdicts so far, and the slips that were found.

    `settled` says whose wrong answers are explained, `held` whose answers lose the points for a slip, both by name.
    """

    def __init__(self, sheets: Sheets) -> None:
        self.sheets = sheets
        self.found = {one.name: one for one in judged(sheets, {}, {})}
        self.origins: dict[str, dict[int, Origin]] = {name: {} for name in self.found}
        self.settled, self.held = ({name: self._nobody() for name in self.found} for _ in range(2))
        self.slips: dict[str, dict[Origin, Array]] = {}

    def marked(self) -> list[Marked]:
        """The verdicts: slips in what was written down first, then one after the other those in what was not."""
        self._name_own_slips()
        rows = np.arange(self.sheets.count)
        for _ in range(MOST_SLIPS):
            rows = rows[self._is_open(rows)]
            if not len(rows):
                break
            search = Search(
                self.sheets.part(rows),
                self.sheets.part(rows).carried(_of(self.slips, rows)),
                {name: mask[rows] for name, mask in self.settled.items()},
                {name: one.is_shortcut[rows] for name, one in self.found.items()},
            )
            explained = {int(rows[place]): one for place, one in search.found().items()}
            self._take(explained)
            rows = np.array(list(explained), dtype=int)
        return [replace(one, origins=self.origins[one.name]) for one in self.found.values()]

    def _nobody(self) -> Array:
        return np.zeros(self.sheets.count, dtype=bool)

    def _name_own_slips(self) -> None:
        """Where all that an answer rests on was written down, its slip is the mistake in its own step."""
        unexplained = {name: one.needs_a_slip for name, one in self.found.items()}
        zeros = Zeros.of({name: one.answer for name, one in self.found.items()}, unexplained, self.sheets.unit)
        for name, one in self.found.items():
            is_own = one.slips.is_named & ~self._rests_on_unwritten(name)
            _, may_be = zeros.explained_by({name: is_own})
            self.settled[name] |= is_own
            for row in np.flatnonzero(is_own & may_be).tolist():
                self.origins[name][row] = Origin(name, one.slips.of_student(row))

    def _rests_on_unwritten(self, name: str) -> Array:
        """For whom a quantity that a step is computed from was not asked, or left out."""
        program = self.sheets.setting.program
        computed = [used.name for used in program[name].uses if used.name not in program.quantities]
        return np.asarray(np.any([self._nobody(), *(is_unwritten(self.sheets, used) for used in computed)], axis=0))

    def _is_open(self, rows: Array) -> Array:
        """Who of some students has a wrong answer that nothing explains."""
        wrong = [
            one.needs_a_slip[rows].any(axis=1) & ~self.settled[name][rows] & ~self.held[name][rows]
            for name, one in self.found.items()
        ]
        return np.asarray(np.any(wrong, axis=0))

    def _take(self, explained: dict[int, Found]) -> None:
        """Take down what was found, and judge the answers of those again whose slip is forgiven."""
        forgiven = self._forgiven({row: found for row, found in explained.items() if found.is_forgiven})
        for row, found in explained.items():
            if found.is_named and (row in forgiven or not found.is_forgiven):
                self.origins[found.shows][row] = found.origin
            if row not in forgiven:
                for name in found.explained:
                    self.settled[name][row] = True

    def _forgiven(self, explained: dict[int, Found]) -> dict[int, Found]:
        """Let answers follow from the slips, apart from those that lose their points for them.

        Left out is who would lose by it, as what is right would then follow from a shortcut.
        """
        if not explained:
            return {}
        rows = np.array(list(explained), dtype=int)
        slips = {step: {origin: mask.copy() for origin, mask in known.items()} for step, known in self.slips.items()}
        held = {name: mask.copy() for name, mask in self.held.items()}
        for row, found in explained.items():
            step = found.origin.step
            slips.setdefault(step, {}).setdefault(found.origin, self._nobody())[row] = True
            for name in {found.shows, step} & self.found.keys():
                held[name][row] = True
        again = judged(self.sheets.part(rows), _of(slips, rows), {name: self._held(name, held, rows) for name in held})
        costs = np.any([(one.verdicts < self.found[one.name].verdicts[rows]).any(axis=1) for one in again], axis=0)
        if costs.any():
            return self._forgiven({row: explained[row] for row in rows[~costs].tolist()})
        self.slips, self.held = slips, held
        for one in again:
            self.found[one.name] = self.found[one.name].with_rows(rows, one)
        return explained

    def _held(self, name: str, held: dict[str, Array], rows: Array) -> Held:
        one = self.found[name]
        return Held(held[name][rows], (one.expected[0][rows], one.expected[1][rows]), one.follows[rows])


def _of(slips: dict[str, dict[Origin, Array]], rows: Array) -> dict[str, list[tuple[Origin, Array]]]:
    """The slips of some students."""
    return {
        name: [(origin, mask[rows]) for origin, mask in origins.items() if mask[rows].any()]
        for name, origins in slips.items()
    }
