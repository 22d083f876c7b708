"""What makes a variant the same again: the digest of its problem, and the id on its paper."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace

from derive.errors import DeriveError, Fault
from derive.spec import Problem

_ID = re.compile(r"(?P<seed>[0-9]{1,12})-(?P<number>[0-9]{1,9})-(?P<check>[A-Z2-7]{4})")


class UnknownVariant(DeriveError):
    """An id that belongs to no variant of the problem."""


@dataclass(frozen=True)
class VariantId:
    """`7-017-K7QB`: the seed, the number of the paper, and a check that tells typing errors and other files."""

    seed: int
    number: int
    check: str

    def __str__(self) -> str:
        return f"{self.seed}-{self.number:03d}-{self.check}"


def problem_digest(problem: Problem) -> str:
    """SHA-256 of all that a problem says, wherever its file stands."""
    return hashlib.sha256(repr(replace(problem, source=None)).encode()).hexdigest()


def make_id(digest: str, seed: int, number: int) -> VariantId:
    """The id of a paper made from what has this digest."""
    found = hashlib.sha256(f"{digest} {seed} {number}".encode()).digest()
    return VariantId(seed, number, base64.b32encode(found)[:4].decode())


def read_id(text: str, digest: str) -> VariantId:
    """The id that was typed in; refused where it is none, or belongs to another problem."""
    match = _ID.fullmatch(text.strip().upper())
    if match is None:
        raise UnknownVariant(Fault(f"`{text}` as the id of a variant", "an id such as 7-017-K7QB, as on the paper"))
    expected = make_id(digest, int(match["seed"]), int(match["number"]))
    if expected.check != match["check"]:
        raise UnknownVariant(
            Fault(
                f"the id {match[0]}, which this problem file has no variant for",
                "an id from papers of exactly this file",
                "look for a typing error, and for changes of the file since the papers were made",
            )
        )
    return expected


def assign(seed: int, students: list[str], count: int) -> list[int]:
    """A variant (from 0) for each student id, by a keyed hash of the id; where two ids meet, the next free one.

    Whoever is added at the end of the list changes nobody else's variant. With more students than variants, each
    variant is used up before one is given again.
    """
    taken = [0] * count
    result = []
    for position, student in enumerate(students):
        key = f"derive variants {seed}".encode()
        place = int.from_bytes(hashlib.blake2b(student.encode(), key=key, digest_size=8).digest()) % count
        while taken[place] > position // count:
            place = (place + 1) % count
        taken[place] += 1
        result.append(place)
    return result
