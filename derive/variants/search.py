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
from derive.variants.distinct import Look, Seen, looks
from derive.variants.gates import GATES, Batch
from derive.variants.identity import VariantId, make_id, problem_digest
from derive.variants.rounding import accepted
from derive.variants.setting import Setting, make_settings
from derive.variants.sift import Sifted, Tally, batch_of, fitted, name_of, stream
from derive.variants.space import written

PILOT = 400  # candidates that pass all gates, of which the middle of the difficulty is taken
PILOT_CHUNKS = 8
AS_WRITTEN = {"ranges": "range"}  # fields of `Require` that have another name in a problem file
AT_ONCE = (256, 4096)  # candidates whose intervals are computed together: a few first, where no more may be wanted
Progress = Callable[[int, int], None]
Candidate = tuple[Array, Look]  # what is drawn, and what it looks like


HINTS = {
    "difficulty": "allow `difficulty: 10%` or `any`",
    "different": "allow `different: some` or `any`, or vary over more numbers",
    "rounding_at_kinks": "raise `kink_distance:`, or allow `rounding: any`",
    "relabelled": "allow `relabelled: true`, or vary over more numbers",
}
"""What to loosen where it is no gate that refuses."""


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
    _require_numbers(problem, settings)
    _require_enough(problem, settings, count)
    tally = Tally()
    difficulty, streams = _pilot(settings, seed, problem.require.budget)
    queues = [_candidates(source, difficulty, tally) for source in streams]
    seen = Seen(problem.require)
    variants: list[Variant] = []
    for number in range(1, count + 1):
        place = (number - 1) % len(settings)
        drawn = next((drawn for drawn, look in queues[place] if seen.is_new(look, tally)), None)
        if drawn is None:
            raise _too_few(problem, settings[place], len(variants), count, tally)
        variants.append(Variant(number, make_id(digest, seed, number), settings[place], drawn))
        if progress:
            progress(number, tally.drawn)
    return Pool(digest, seed, settings, tuple(variants), tally, difficulty, dropped)


def prepared(problem: Problem) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """The settings of a problem without the requirements that its own numbers do not meet, and which these are."""
    pairs = [fitted(setting) for setting in make_settings(problem)]
    return tuple(setting for setting, _ in pairs), tuple(dict.fromkeys(key for _, keys in pairs for key in keys))


def _pilot(settings: Sequence[Setting], seed: int, budget: int) -> tuple[Difficulty, list[Iterator[Sifted]]]:
    """The middle of the difficulty over the first candidates of all networks, and the streams with these in front."""
    share = settings[0].require.difficulty
    streams: list[Iterator[Sifted]] = []
    work: list[Array] = []
    for setting in settings:
        source, read, found = stream(setting, seed, -(-budget // len(settings))), [], 0
        for sifted in source:
            read.append(sifted)
            found += sifted.batch.count
            if found >= PILOT or len(read) >= PILOT_CHUNKS:
                break
        work += [sifted.batch.work for sifted in read if sifted.batch.count]
        streams.append(itertools.chain(read, source))
    middle = float(np.median(np.concatenate(work))) if work else 0.0
    return Difficulty(middle, None if share is None else float(share)), streams


def _candidates(source: Iterator[Sifted], difficulty: Difficulty, tally: Tally) -> Iterator[Candidate]:
    """The candidates of a stream that are as hard as they should be, one after the other."""
    size, most = AT_ONCE
    for sifted in source:
        tally.add(sifted.tally)
        if not sifted.batch.count:
            continue
        places, start = np.flatnonzero(difficulty.holds(sifted.batch.work)), 0
        if difficulty.share is not None:
            tally.note("difficulty", sifted.batch.count, len(places))
        while start < len(places):
            kept = sifted.only(places[start : start + size])
            start, size = start + size, min(2 * size, most)
            trusted = kept.only(_are_trusted(kept.batch, tally))
            yield from zip(trusted.drawn, looks(trusted.batch), strict=True)


def _are_trusted(batch: Batch, tally: Tally) -> Array:
    """Whether rounding carries no number over a kink or out of a domain: else there is no interval of right answers."""
    setting = batch.setting
    if setting.require.rounding == "any" or not setting.answers:
        return np.ones(batch.count, dtype=bool)
    trusted = accepted(setting.program, batch.given, batch.values, setting.places, setting.answers).trusted
    tally.note("rounding_at_kinks", len(trusted), int(trusted.sum()))
    return trusted


def _require_numbers(problem: Problem, settings: Sequence[Setting]) -> None:
    """Refuse what has formulas only: it is the same for everyone."""
    drawn = {filling.name for setting in settings for filling in setting.space.fillings}
    missing = [
        name
        for setting in settings
        for name, literal in written(setting.problem).items()
        if literal is None and name not in drawn
    ]
    if missing:
        raise NoVariants(
            Fault(
                f"no numbers for {', '.join(dict.fromkeys(missing))}, which do not vary either",
                "numbers for all quantities, in the file or drawn by `vary:`",
                "a problem in symbols is the same for everyone; `derive solve` prints it",
                where=str(problem.source or problem.name),
                path="vary",
            )
        )


def _require_enough(problem: Problem, settings: Sequence[Setting], count: int) -> None:
    """Refuse at once what has fewer draws than variants are wanted; each network gets every n-th variant."""
    for place, setting in enumerate(settings):
        size, wanted = setting.space.size, len(range(place, count, len(settings)))
        if size < wanted:
            draws = "nothing that varies" if size == 1 else f"{size} different draws"
            raise NoVariants(
                Fault(
                    f"{draws}{_of(setting)} for {wanted} variants",
                    f"a `vary:` with at least {wanted} possibilities{_of(setting)}",
                    "let more quantities vary, or each over more numbers",
                    where=str(problem.source or problem.name),
                    path="vary",
                )
            )


def _of(setting: Setting) -> str:
    return f" of the network {setting.label}" if setting.label else ""


def _too_few(problem: Problem, setting: Setting, found: int, count: int, tally: Tally) -> NoVariants:
    """Which gate refuses how much, and what to loosen."""
    hints = {name_of(gate): gate.hint for gate in GATES} | HINTS
    shares = ", ".join(f"`{gate}` {1 - tally.acceptance(gate):.1%}" for gate in tally.reached if tally.refused[gate])
    hardest = tally.hardest
    return NoVariants(
        Fault(
            f"{found} of {count} variants, and no more{_of(setting)} among {tally.drawn:,} candidates; "
            f"refused of those that got so far: {shares}",
            "requirements that enough candidates meet",
            f"`{hardest}` refuses most: {hints[hardest]}",
            where=str(problem.source or problem.name),
            path=f"require.{AS_WRITTEN.get(hardest, hardest)}" if hasattr(problem.require, hardest) else "vary",
        )
    )
