"""Exact fractions on paper: when a file wants them, and which requirements they spare."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derive.spec.faults import Faults
from derive.spec.model import ProblemFile, RoundingModel
from derive.spec.problem import Rounding
from derive.spec.variation import Require


def rounding_of(file: ProblemFile) -> Rounding:
    """How numbers are rounded. Numbers that are computed by hand print exactly, unless the file says how they round."""
    stated = file.rounding
    by_hand = file.require.by_hand is not None and stated.carry != "rounded"
    return Rounding(stated.places, stated.carry, by_hand if stated.fractions is None else stated.fractions)


def check_rounding(rounding: RoundingModel, faults: Faults) -> None:
    """Nobody rounds on the way to an exact fraction."""
    if rounding.fractions and rounding.carry == "rounded":
        hint = "leave out one of the two"
        faults.add(("rounding", "fractions"), "`fractions: true` beside `carry: rounded`", "exact steps", hint)


def requirements_of(file: ProblemFile) -> Require:
    """What every variant meets. Where fractions print exactly, ties and rounding matter only if the file says so."""
    require = file.require.requirements()
    if not rounding_of(file).fractions:
        return require
    spared: dict[str, Any] = {"rounding": "any", "ties": True}
    return replace(require, **{key: value for key, value in spared.items() if key not in require.stated})
