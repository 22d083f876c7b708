"""The answers of all papers, block by block, whether or not anything is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from derive.exam.fractions import exact_rows
from derive.exam.numbers import ManyNumbers
from derive.exam.plan import Place, exam_of, places
from derive.exam.records import Record, records
from derive.ops import Array
from derive.spec import Problem
from derive.variants.identity import make_id, read_id
from derive.variants.rounding import Accepted, accepted
from derive.variants.search import Pool, Variant, find_variants
from derive.variants.setting import own_setting
from derive.variants.sift import batch_of

AT_ONCE = 2048  # variants whose numbers are held at the same time


def numbers_of(variants: Sequence[Variant]) -> ManyNumbers:
    """The numbers of variants of one network."""
    drawn: Array = np.stack([variant.drawn for variant in variants])
    return ManyNumbers(batch_of(variants[0].setting, drawn), drawn)


def intervals_of(numbers: ManyNumbers) -> Accepted:
    """Between which decimals each answer is right, for all variants of a batch; an exact fraction is right alone."""
    batch, setting = numbers.batch, numbers.setting
    found = accepted(setting.program, batch.given, batch.values, setting.places, setting.answers)
    if not numbers.style.fractions:
        return found
    for name, (low, high) in found.intervals.items():
        rows, exact = exact_rows(numbers.full(name))
        low[rows] = high[rows] = exact[rows]
    return found


def by_network(variants: Sequence[Variant]) -> list[list[Variant]]:
    """Variants with the same network together, each in the order of their numbers."""
    found: dict[int, list[Variant]] = {}
    for variant in variants:
        found.setdefault(id(variant.setting), []).append(variant)
    return list(found.values())


def paper_records(places: Sequence[Place], pools: Sequence[Pool]) -> Iterator[Record]:
    """The record of every paper, a few thousand in memory at a time."""
    for start in range(0, len(places), AT_ONCE):
        some = places[start : start + AT_ONCE]
        parts = [_records(pool.variants[start : start + AT_ONCE]) for pool in pools]
        yield from (paper_record(place, [part[place.number] for part in parts]) for place in some)


def _records(variants: Sequence[Variant]) -> dict[int, Record]:
    """The records of one problem's variants by their numbers."""
    result: dict[int, Record] = {}
    for own in by_network(variants):
        numbers = numbers_of(own)
        result |= {record["number"]: record for record in records(numbers, intervals_of(numbers), own)}
    return result


def paper_record(place: Place, parts: Sequence[Record]) -> Record:
    """The record of a paper: that of its problem, or those of its problems in the order of the paper."""
    head: Record = {"number": place.number, "id": str(place.id)}
    if place.student:
        head |= {"student": place.student.id, "name": place.student.name}
    own = [{key: value for key, value in part.items() if key not in ("number", "id")} for part in parts]
    if len(own) == 1:
        return head | own[0]
    return head | {"problems": [{"problem": part + 1} | own[part] for part in place.order]}


def record_of(problem: Problem, text: str) -> Record:
    """The record of the variant of a problem with an id."""
    exam = exam_of(problem)
    found = read_id(text, exam.digest)
    variant = find_variants(problem, found.number, found.seed).variants[-1]
    [place] = places(exam, found.number, found.seed)[-1:]
    return paper_record(place, [_records([variant])[variant.number]])


def own_record(problem: Problem) -> Record:
    """The record of a problem with its own numbers."""
    setting = own_setting(problem)
    variant = Variant(0, make_id("", 0, 0), setting, np.zeros(0, dtype=np.int16))
    return _records([variant])[0] | {"id": ""}
