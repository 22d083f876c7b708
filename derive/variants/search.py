"""The search for variants: candidates that pass every gate, are equally hard, and differ from each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from derive.errors import DeriveError, Fault
from derive.ops import Array
from derive.spec import Problem
from derive.variants.distinct import Seen
from derive.variants.gates import GATES, Batch
from derive.variants.rounding import accepted
from derive.variants.identity import VariantId, make_id, problem_digest, read_id
from derive.variants.setting import Setting, make_settings
from derive.variants.sift import Sifted, Tally, batch_of, fitted, name_of, stream

PILOT = 400  # candidates that pass all gates, of which the middle of the difficulty is taken
PILOT_CHUNKS = 8
TRUSTED_AT_ONCE = 512  # candidates whose intervals are computed together
Progress = Callable[[int, int], None]


class NoVariants(DeriveError):
    """Too few candidates meet the requirements."""


@dataclass(frozen=True)
class Variant:
    """One variant: its number on the papers (from 1), its id, its network, and what was drawn for it."""

    number: int
    id: VariantId
    setting: Setting
    drawn: Array = field(repr=False)

    @cached_property
    def problem(self) -> Problem:
        """The problem with the numbers of this variant."""
        return self.setting.space.variant(self.drawn)


@dataclass(frozen=True)
class Difficulty:
    """The points of work of the accepted variants: all lie within `share` of the `middle` (None: no limit)."""

    middle: float
    share: float | None

    def holds(self, work: Array) -> Array:
        """Which variants are as hard as the others."""
        if self.share is None:
            return np.ones(len(work), dtype=bool)
        return np.abs(work - self.middle) <= self.share * self.middle


@dataclass(frozen=True)
class Pool:
    """The variants that were found, what the gates refused on the way, and the requirements that were dropped."""

    digest: str
    seed: int
    settings: tuple[Setting, ...]
    variants: tuple[Variant, ...]
    tally: Tally
    difficulty: Difficulty
    dropped: tuple[str, ...]

    def batches(self) -> Iterator[tuple[Batch, tuple[Variant, ...]]]:
        """The numbers of all variants, those of one network together."""
        for setting in self.settings:
            own = tuple(variant for variant in self.variants if variant.setting is setting)
            for start in range(0, len(own), setting.chunk):
                part = own[start : start + setting.chunk]
                yield batch_of(setting, np.stack([variant.drawn for variant in part])), part


def find_variants(problem: Problem, count: int, seed: int, progress: Progress | None = None) -> Pool:
    """`count` variants of a problem: the first candidates of the seed's stream that meet all requirements."""
    settings, dropped = prepared(problem)
    digest = problem_digest(problem)
    _require_enough(settings, count)
    tally = Tally()
    difficulty, streams = _pilot(settings, seed)
    queues = [_candidates(streams[place], difficulty, tally) for place in range(len(settings))]
    seen, variants = Seen(settings), []
    budget = problem.require.budget
    for number in range(1, count + 1):
        place = (number - 1) % len(settings)
        for sifted, row in queues[place]:
            if seen.is_new(sifted.batch, row, place, tally):
                variants.append(Variant(number, make_id(digest, seed, number), settings[place], sifted.drawn[row]))
                break
            if tally.drawn >= budget:
                raise _too_few(problem, len(variants), count, tally)
        else:
            raise _too_few(problem, len(variants), count, tally)
        if progress:
            progress(len(variants), tally.drawn)
    return Pool(digest, seed, settings, tuple(variants), tally, difficulty, dropped)


def variant_of_id(problem: Problem, text: str) -> Variant:
    """The variant whose id stands on a paper; refused where the problem has no such variant."""
    id_ = read_id(text, problem_digest(problem))
    return find_variants(problem, id_.number, id_.seed).variants[-1]


def prepared(problem: Problem) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """The settings of a problem without the requirements that its own numbers do not meet, and which these are."""
    pairs = [fitted(setting) for setting in make_settings(problem)]
    return tuple(setting for setting, _ in pairs), tuple(dict.fromkeys(key for _, keys in pairs for key in keys))


def _pilot(settings: Sequence[Setting], seed: int) -> tuple[Difficulty, list[Iterator[Sifted]]]:
    """The middle of the difficulty over the first candidates of all networks, and the streams with these in front."""
    share = settings[0].require.difficulty
    budget = settings[0].require.budget
    streams, work = [], []
    for setting in settings:
        source, read, found, drawn = stream(setting, seed), [], 0, 0
        for sifted in source:
            read.append(sifted)
            found += sifted.batch.count
            drawn += sifted.tally.drawn
            if found >= PILOT or len(read) >= PILOT_CHUNKS or drawn >= budget:
                break
        work += [sifted.batch.work for sifted in read if sifted.batch.count]
        streams.append(itertools.chain(read, source))
    middle = float(np.median(np.concatenate(work))) if work else 0.0
    return Difficulty(middle, None if share is None else float(share)), streams


def _candidates(source: Iterator[Sifted], difficulty: Difficulty, tally: Tally) -> Iterator[tuple[Sifted, int]]:
    """The candidates of a stream that are as hard as they should be, one after the other."""
    for sifted in source:
        tally.add(sifted.tally)
        if not sifted.batch.count:
            continue
        mask = difficulty.holds(sifted.batch.work)
        if difficulty.share is not None:
            tally.note("difficulty", len(mask), int(mask.sum()))
        places = np.flatnonzero(mask)
        for start in range(0, len(places), TRUSTED_AT_ONCE):
            kept = sifted.only(places[start : start + TRUSTED_AT_ONCE])
            trusted = _are_trusted(kept.batch)
            tally.note("rounding_at_kinks", len(trusted), int(trusted.sum()))
            yield from ((kept, int(row)) for row in np.flatnonzero(trusted))


def _are_trusted(batch: Batch) -> Array:
    """Whether rounding carries no number over a kink or out of a domain: else there is no interval of right answers."""
    setting = batch.setting
    if setting.require.rounding == "any":
        return np.ones(batch.count, dtype=bool)
    return accepted(setting.program, batch.given, batch.values, setting.places, setting.answers).trusted


def _require_enough(settings: Sequence[Setting], count: int) -> None:
    """Refuse at once what has fewer draws than variants are wanted."""
    size = sum(setting.space.size for setting in settings)
    if size < count:
        problem = settings[0].problem
        raise NoVariants(
            Fault(
                f"{size} different draw{'' if size == 1 else 's'} for {count} variants",
                f"a `vary:` with at least {count} possibilities",
                "let more quantities vary, or each over more numbers",
                where=str(problem.source or problem.name),
                path="vary",
            )
        )


def _too_few(problem: Problem, found: int, count: int, tally: Tally) -> NoVariants:
    """Which gate refuses how much, and what to loosen."""
    hints = {name_of(gate): gate.hint for gate in GATES} | {
        "difficulty": "allow `difficulty: 10%` or `any`",
        "different": "allow `different: some` or `any`, or vary over more numbers",
        "rounding_at_kinks": "raise `kink_distance:`, or allow `rounding: any`",
        "relabelled": "allow `relabelled: true`, or vary over more numbers",
    }
    shares = ", ".join(
        f"{gate} {1 - tally.acceptance(gate):.1%}" for gate in tally.reached if tally.refused[gate]
    )
    hardest = tally.hardest
    return NoVariants(
        Fault(
            f"{found} of {count} variants among {tally.drawn:,} candidates; refused of those that got so far: {shares}",
            "requirements that enough candidates meet",
            f"`{hardest}` refuses most: {hints.get(hardest, 'loosen it')}",
            where=str(problem.source or problem.name),
            path=f"require.{hardest}" if hardest != "defined" else "vary",
        )
    )
