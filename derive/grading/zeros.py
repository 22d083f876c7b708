"""Wrong zeros: whether a slip led to them, or somebody filled in a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from derive.ops import Array


@dataclass(frozen=True)
class Zeros:
    """Which answers are nothing but wrong zeros that do not follow from earlier ones, by name and for whom.

    `holds_others` says whose sheet has other numbers, too.
    """

    answers: Mapping[str, Array]
    holds_others: Array

    @classmethod
    def of(cls, answers: Mapping[str, Array], unexplained: Mapping[str, Array], unit: float) -> Zeros:
        """`unexplained` are the entries that are wrong and follow from nothing."""
        holds = {name: (np.abs(answer) >= unit / 2).any(axis=1) for name, answer in answers.items()}
        zeros = {name: np.asarray(mask.any(axis=1) & ~holds[name]) for name, mask in unexplained.items()}
        return cls(zeros, np.asarray(np.any(list(holds.values()), axis=0)))

    def explained_by(self, explained: Mapping[str, Array]) -> tuple[Array, Array]:
        """Whether a slip that explains some answers leads to such zeros, and whether it may be taken for one.

        Zeros are a slip only where that one slip explains all of them and the sheet holds other numbers.
        """
        none = np.zeros(len(self.holds_others), dtype=bool)
        has_zeros = np.any([mask & explained.get(name, none) for name, mask in self.answers.items()], axis=0)
        left = np.any([mask & ~explained.get(name, none) for name, mask in self.answers.items()], axis=0)
        return np.asarray(has_zeros), np.asarray(~has_zeros | (self.holds_others & ~left))
