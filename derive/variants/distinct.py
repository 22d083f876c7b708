"""No two variants alike: their answers differ on paper, and none is another one with its units in another order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from derive.ops import Array
from derive.spec.variation import Require
from derive.variants.gates import Batch
from derive.variants.rounding import units
from derive.variants.sift import Tally

DIGITS = 9  # to which two numbers are compared that should be equal but for the order of their sums
_BYTES = 16  # of a digest: two of very many variants never share one by chance


class Look(NamedTuple):
    """What must not be equal in two variants, as digests: their answers on paper, and their numbers in any order."""

    answers: tuple[bytes, ...]
    unordered: bytes


class Seen:
    """What the variants accepted so far look like; the networks of one problem share it."""

    def __init__(self, require: Require) -> None:
        self.require = require
        self.answers: set[bytes] = set()
        self.unordered: set[bytes] = set()

    def is_new(self, look: Look, tally: Tally) -> bool:
        """Whether a variant differs from all before it; if so it is one of them from now on."""
        if self.require.different != "any":
            is_repeated = not self.answers.isdisjoint(look.answers)
            tally.note("different", 1, 1 - is_repeated)
            if is_repeated:
                return False
        if not self.require.relabelled:
            is_relabelled = look.unordered in self.unordered
            tally.note("relabelled", 1, 1 - is_relabelled)
            if is_relabelled:
                return False
        self.answers.update(look.answers)
        self.unordered.add(look.unordered)
        return True


def looks(batch: Batch) -> list[Look]:
    """What each variant of a batch looks like."""
    answers = list(zip(*(_digests(name, numbers) for name, numbers in _answers(batch).items()), strict=True))
    return [Look(*both) for both in zip(answers or [()] * batch.count, _digests("", _unordered(batch)), strict=True)]


def _digests(name: str, rows: Array) -> Iterable[bytes]:
    """A digest of each row, and of what it is."""
    start = hashlib.blake2b(name.encode(), digest_size=_BYTES)
    for row in np.ascontiguousarray(rows):
        digest = start.copy()
        digest.update(row)
        yield digest.digest()


def _answers(batch: Batch) -> dict[str, Array]:
    """What must not be equal, in units of the last place, a row for each variant: all answers, or each one."""
    setting = batch.setting
    printed = {name: units(batch.entries(name), setting.places) for name in setting.answers}
    if setting.require.different == "every" or not printed:
        return printed
    return {" ".join(printed): np.concatenate(list(printed.values()), axis=1)}


def _unordered(batch: Batch) -> Array:
    """The entries of every given and forward quantity, those of each sorted: equal where units are relabelled."""
    program = batch.setting.program
    names = [*program.quantities, *(step.name for step in program.forward)]
    return np.concatenate([np.sort(np.round(batch.entries(name), DIGITS) + 0.0, axis=1) for name in names], axis=1)
