"""Which numbers a student had: the paper with the id, found again from the problem files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.errors import DeriveError, Fault
from derive.exam.plan import Exam, places
from derive.exam.roster import visible
from derive.ops import Array
from derive.spec.faults import shorten
from derive.variants.identity import UnknownVariant, VariantId, read_id
from derive.variants.search import NoVariants, find_variants
from derive.variants.setting import Setting, own_setting
from derive.variants.space import written

LONGEST = 60  # characters of an id
MOST_PAPERS = 100_000  # the largest number of a paper that is looked for
MOST_SEEDS = 20  # stacks of papers that are marked together
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Numbers:
    """One problem of one paper: its network, and what was drawn for it."""

    setting: Setting
    drawn: Array


@dataclass(frozen=True)
class Paper:
    """A paper: its id (empty: the problems' own numbers), the order of its problems, and the numbers of each.

    `order` says which problem of the exam stands at each place of the paper, `problems` are in the order of the exam.
    """

    id: str
    order: tuple[int, ...]
    problems: tuple[Numbers, ...]


def find_papers(exam: Exam, ids: Iterable[str], progress: Progress) -> dict[str, Paper | Fault]:
    """The paper for each id as it was typed; a fault where there is none. The variants of a seed are searched once."""
    found: dict[str, Paper | Fault] = {}
    by_seed: dict[int, dict[int, list[str]]] = {}
    digest = exam.digest
    for text in dict.fromkeys(ids):
        if not text:
            found[text] = _own_paper(exam)
            continue
        try:
            known = _read(text, digest)
        except DeriveError as error:
            found[text] = error.faults[0]
            continue
        by_seed.setdefault(known.seed, {}).setdefault(known.number, []).append(text)
    for place, (seed, numbers) in enumerate(by_seed.items()):
        if place < MOST_SEEDS:
            papers = _of_seed(exam, seed, sorted(numbers), progress)
        else:
            papers = dict.fromkeys(numbers, Fault("one seed too many", f"papers of at most {MOST_SEEDS} seeds"))
        found |= {text: papers[number] for number, texts in numbers.items() for text in texts}
    return found


def _read(text: str, digest: str) -> VariantId:
    if len(text) > LONGEST or visible(text) != text:
        found = f"`{visible(shorten(text))}` as the id of a variant"
        raise UnknownVariant(Fault(found, "an id such as 7-017-K7QB, as on the paper"))
    known = read_id(text, digest)
    if known.number > MOST_PAPERS:
        raise UnknownVariant(Fault(f"paper {known.number} of the seed {known.seed}", f"at most {MOST_PAPERS:,} papers"))
    return known


def _own_paper(exam: Exam) -> Paper | Fault:
    """The problems with the numbers in their files."""
    for part in exam.parts:
        if any(literal is None for literal in written(part.problem).values()):
            found, expected = "no id of a variant", "the id on the paper: the problem file itself has no numbers"
            return Fault(found, expected)
    problems = (Numbers(own_setting(part.problem), np.zeros(0, dtype=np.int8)) for part in exam.parts)
    return Paper("", tuple(range(len(exam.parts))), tuple(problems))


def _of_seed(exam: Exam, seed: int, numbers: Sequence[int], progress: Progress) -> Mapping[int, Paper | Fault]:
    """The papers with some numbers. Where there are not so many, the highest number is refused, not the others."""
    try:
        pools = [
            find_variants(
                part.problem, numbers[-1], seed, lambda done, _: progress(f"seed {seed}", done, numbers[-1])
            ).variants
            for part in exam.parts
        ]
    except NoVariants as error:
        rest = _of_seed(exam, seed, numbers[:-1], progress) if numbers[:-1] else {}
        return {**rest, numbers[-1]: error.faults[0]}
    listed = places(exam, numbers[-1], seed)
    return {
        number: Paper(
            str(listed[number - 1].id),
            listed[number - 1].order,
            tuple(Numbers(pool[number - 1].setting, pool[number - 1].drawn) for pool in pools),
        )
        for number in numbers
    }
