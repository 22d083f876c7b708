"""No two variants alike: their answers differ on paper, and none is another one with its units in another order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from derive.ops import Array
from derive.variants.gates import Batch
from derive.variants.setting import Setting
from derive.variants.sift import Tally

DIGITS = 9  # to which two numbers are compared that should be equal but for the order of their sums


class Seen:
    """What the variants accepted so far look like; settings of one problem share their answers."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        self.require = settings[0].require
        self.answers: dict[str, set[bytes]] = {}
        self.unordered: set[bytes] = set()
        self._keys: dict[int, _Keys] = {}

    def is_new(self, batch: Batch, row: int, place: int, tally: Tally) -> bool:
        """Whether a variant differs from all before it; if so it is one of them from now on."""
        keys = self._keys_of(batch, place)
        answers = {name: numbers[row].tobytes() for name, numbers in keys.answers.items()}
        unordered = keys.unordered[row].tobytes()
        if self._refuses("different", any(text in self.answers.get(name, ()) for name, text in answers.items()), tally):
            return False
        if self._refuses("relabelled", unordered in self.unordered, tally):
            return False
        for name, text in answers.items():
            self.answers.setdefault(name, set()).add(text)
        self.unordered.add(unordered)
        return True

    def _refuses(self, gate: str, is_equal: bool, tally: Tally) -> bool:
        if getattr(self.require, gate) in ("any", True):
            return False
        tally.note(gate, 1, 0 if is_equal else 1)
        return is_equal

    def _keys_of(self, batch: Batch, place: int) -> _Keys:
        """The keys of all variants of a batch, made when the first of them is looked at."""
        found = self._keys.get(place)
        if found is None or found.batch is not batch:
            found = self._keys[place] = _Keys(batch)
        return found


class _Keys:
    """What identifies each variant of a batch: its answers as printed, and its numbers regardless of their order."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    @cached_property
    def answers(self) -> dict[str, Array]:
        """What must not be equal, in units of the last place, a row for each variant: all answers, or each one."""
        setting = self.batch.setting
        scale = 10.0**setting.places
        units = {name: np.rint(self.batch.entries(name) * scale) + 0.0 for name in setting.answers}
        if setting.require.different == "every":
            return units
        return {"": np.ascontiguousarray(np.concatenate(list(units.values()), axis=1))}

    @cached_property
    def unordered(self) -> Array:
        """The entries of every given and forward quantity, those of each sorted: equal where units are relabelled."""
        program = self.batch.setting.program
        names = [*program.quantities, *(step.name for step in program.forward)]
        entries = [np.sort(np.round(self.batch.entries(name), DIGITS) + 0.0, axis=1) for name in names]
        return np.ascontiguousarray(np.concatenate(entries, axis=1))
