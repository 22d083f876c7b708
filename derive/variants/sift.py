"""Candidates through the gates, a chunk at a time, and a tally of what each gate refuses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from derive.ops import Array
from derive.spec.variation import Require
from derive.variants.gates import GATES, Batch, Gate
from derive.variants.setting import Setting
from derive.variants.space import written


@dataclass
class Tally:
    """How many candidates reached each gate, and how many it refused."""

    drawn: int = 0
    reached: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)

    def note(self, gate: str, reached: int, passed: int) -> None:
        """Add what a gate did with some candidates."""
        self.reached[gate] = self.reached.get(gate, 0) + reached
        self.refused[gate] = self.refused.get(gate, 0) + reached - passed

    def add(self, other: Tally) -> None:
        """Add what another tally counted."""
        self.drawn += other.drawn
        for gate, reached in other.reached.items():
            self.note(gate, reached, reached - other.refused[gate])

    def acceptance(self, gate: str) -> float:
        """The share of the candidates that reached a gate and passed it."""
        reached = self.reached.get(gate, 0)
        return 1 - self.refused[gate] / reached if reached else 1.0

    @property
    def hardest(self) -> str:
        """The gate that refuses the largest share of what reaches it."""
        return min(self.reached, key=self.acceptance, default="")


@dataclass(frozen=True)
class Sifted:
    """The candidates of a chunk that pass all gates: their draws, and their numbers."""

    drawn: Array
    batch: Batch
    tally: Tally

    def only(self, mask: Array) -> Sifted:
        """Some of them."""
        return replace(self, drawn=self.drawn[mask], batch=self.batch.only(mask))


def name_of(gate: Gate) -> str:
    """What a gate is called in reports."""
    return gate.key or "defined"


def sift(setting: Setting, seed: int, chunk: int, most: int) -> Sifted:
    """One chunk of a setting's candidates, `most` of them, through all gates that its problem asks for."""
    drawn = setting.space.draw(seed, chunk, setting.chunk)[:most]
    tally = Tally(drawn=len(drawn))
    batch = batch_of(setting, drawn)
    for gate in GATES:
        if not gate.is_asked(setting.require) or not batch.count:
            continue
        mask = gate.passes(batch)
        tally.note(name_of(gate), batch.count, int(mask.sum()))
        if not mask.all():
            drawn, batch = drawn[mask], batch.only(mask)
    return Sifted(drawn, batch, tally)


def batch_of(setting: Setting, drawn: Array) -> Batch:
    """The numbers of some draws."""
    given = setting.space.given(drawn)
    return Batch(setting, len(drawn), given, setting.values(given))


def stream(setting: Setting, seed: int, budget: int) -> Iterator[Sifted]:
    """The candidates of a setting that pass, chunk after chunk; ends with the budget, or where a small space does."""
    for chunk in itertools.count():
        sifted = sift(setting, seed, chunk, budget)
        if not sifted.tally.drawn:
            return
        yield sifted
        budget -= sifted.tally.drawn


def fitted(setting: Setting) -> tuple[Setting, tuple[str, ...]]:
    """The setting without the requirements that its problem's own numbers do not meet, and which these are.

    Whoever writes an exercise on dead units wants them in its variants, too. What the file states itself is kept.
    """
    own = _own_numbers(setting)
    if own is None:
        return setting, ()
    dropped: list[str] = []
    for gate in GATES:
        if gate.by_design and gate.key not in setting.require.stated and gate.is_asked(setting.require):
            trials = (_with(setting, gate.key, value) for value in _looser(gate, setting.require))
            met = next(trial for trial in trials if _meets(own, gate, trial))
            if met.require != setting.require:
                setting = met
                dropped.append(gate.key)
    return setting, tuple(dropped)


def _with(setting: Setting, key: str, value: Any) -> Setting:
    """The setting with another value for a requirement."""
    return replace(setting, require=replace(setting.require, **{key: value}))


def _meets(own: Batch, gate: Gate, setting: Setting) -> bool:
    """Whether a problem's own numbers meet a requirement; they meet one that is not made."""
    return not gate.is_asked(setting.require) or bool(gate.passes(replace(own, setting=setting)).all())


def _looser(gate: Gate, require: Require) -> list[object]:
    """The value of a requirement, and looser ones down to none."""
    steps: dict[str, list[object]] = {
        "dead_units": ["none", "some", "any"],
        "zeros": ["none", "exact", "any"],
    }
    value = getattr(require, gate.key)
    ladder = steps.get(gate.key, [value, gate.loosest])
    return ladder[ladder.index(value) :]


def _own_numbers(setting: Setting) -> Batch | None:
    """The problem's own numbers as a batch of one; None where it has none."""
    numbers = written(setting.problem)
    if any(literal is None for literal in numbers.values()):
        return None
    given = {name: literal.floats[None] for name, literal in numbers.items() if literal is not None}
    return Batch(setting, 1, given, setting.values(given))
