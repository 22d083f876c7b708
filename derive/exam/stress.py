"""The stress test of a problem: what its variants would be like, before anybody trusts it with an exam."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.ops import Array
from derive.spec import Problem
from derive.variants.gates import GATES, Batch
from derive.variants.search import Pool, Progress, find_variants, prepared
from derive.variants.sift import batch_of, name_of

PERCENTILES = (0, 25, 50, 75, 100)
QUANTILES = ("least", "quarter", "median", "three quarters", "largest")
SAMPLE = 10_000  # candidates on which each requirement is tried by itself


@dataclass(frozen=True)
class Answer:
    """The distribution of one entry of an answer over the variants; `place` counts from 1, empty for a number."""

    quantity: str
    place: tuple[int, ...]
    values: Array

    @property
    def name(self) -> str:
        """`dL/dW_1[1,2]`"""
        return f"{self.quantity}[{','.join(map(str, self.place))}]" if self.place else self.quantity

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Least, quartiles, largest."""
        return tuple(float(value) for value in np.percentile(self.values, PERCENTILES))


@dataclass(frozen=True)
class Stress:
    """What `derive stress` found.

    `alone` is the share of all candidates that each requirement would accept by itself, before any other; `answers`
    the entries of all answers of the accepted variants, `work` their points of work, `seconds` what the search took.
    """

    problem: Problem
    pool: Pool
    alone: Mapping[str, float]
    answers: tuple[Answer, ...]
    work: Array
    seconds: float

    @property
    def spread(self) -> float:
        """The standard deviation of the work as a share of its mean."""
        return float(self.work.std() / self.work.mean()) if self.work.mean() else 0.0


def stress(problem: Problem, count: int, seed: int, progress: Progress | None = None) -> Stress:
    """Find `count` variants and look at them, and at the candidates that were refused."""
    start = time.perf_counter()
    pool = find_variants(problem, count, seed, progress)
    seconds = time.perf_counter() - start
    batches = [batch for batch, _ in pool.batches()]
    return Stress(
        problem,
        pool,
        _alone(problem, seed),
        tuple(_answers(batches)),
        np.concatenate([batch.work for batch in batches]),
        seconds,
    )


def _alone(problem: Problem, seed: int) -> dict[str, float]:
    """Every requirement on the first candidates, whatever the other requirements say."""
    passed: dict[str, list[Array]] = {}
    settings, _ = prepared(problem)
    for setting in settings:
        batch = batch_of(setting, setting.space.draw(seed, 0, min(setting.chunk, SAMPLE)))
        defined = batch.only(GATES[0].passes(batch))
        passed.setdefault(name_of(GATES[0]), []).append(GATES[0].passes(batch))
        for gate in GATES[1:]:
            if gate.is_asked(setting.require) and defined.count:
                passed.setdefault(name_of(gate), []).append(gate.passes(defined))
    return {gate: float(np.concatenate(masks).mean()) for gate, masks in passed.items()}


def _answers(batches: Sequence[Batch]) -> list[Answer]:
    """The entries of the answers that all networks have, each with its place."""
    names = [name for name in batches[0].setting.answers if all(name in batch.setting.answers for batch in batches)]
    answers = []
    for name in names:
        shapes = {batch.setting.arithmetic.shape(batch.setting.program.tensor(name).shape) for batch in batches}
        if len(shapes) == 1:
            rows = np.concatenate([batch.entries(name) for batch in batches])
            places = [tuple(i + 1 for i in index) for index in np.ndindex(*shapes.pop())]
            answers += [
                Answer(name, place if len(places) > 1 else (), rows[:, column]) for column, place in enumerate(places)
            ]
    return answers


def stress_data(found: Stress) -> dict[str, Any]:
    """The same for machines."""
    tally = found.pool.tally
    return {
        "problem": found.problem.name,
        "variants": len(found.pool.variants),
        "candidates": tally.drawn,
        "seconds": round(found.seconds, 3),
        "acceptance": {
            gate: {
                "reached": reached,
                "passed": round(tally.acceptance(gate), 4),
                "alone": round(found.alone[gate], 4) if gate in found.alone else None,
            }
            for gate, reached in tally.reached.items()
        },
        "dropped": list(found.pool.dropped),
        "difficulty": {
            "mean": round(float(found.work.mean()), 2),
            "standard deviation": round(float(found.work.std()), 2),
            "spread": round(found.spread, 4),
        },
        "answers": {answer.name: dict(zip(QUANTILES, answer.quantiles, strict=True)) for answer in found.answers},
    }
