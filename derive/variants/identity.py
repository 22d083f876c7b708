"""What makes a variant the same again: the digest of its problem, and the id on its paper."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from derive.errors import DeriveError, Fault
from derive.spec import Problem
from derive.spec.numbers import Literal

_ID = re.compile(r"(?P<seed>[0-9]{1,40})-(?P<number>0*[1-9][0-9]{0,8})-(?P<check>[A-Z2-7]{4})")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PLACES = frozenset({"source", "line"})  # fields that say where something stands


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
    """SHA-256 of all that a problem says, wherever it says it: comments and empty lines of its file change nothing."""
    return hashlib.sha256(repr(_said(problem)).encode()).hexdigest()


def _said(part: Any) -> Any:
    """Data of a problem as tuples and texts. Syntax trees are left out, as their text stands beside them."""
    if isinstance(part, Literal):
        return "numbers", part.shape, *part.text.flat
    if dataclasses.is_dataclass(part):
        fields = (field.name for field in dataclasses.fields(part) if field.name not in _PLACES)
        return type(part).__name__, *((name, _said(getattr(part, name))) for name in fields)
    if isinstance(part, Mapping):
        return "table", *((str(key), _said(value)) for key, value in part.items())
    if isinstance(part, (set, frozenset)):
        return "set", *sorted(map(repr, map(_said, part)))
    if isinstance(part, (tuple, list)):
        return tuple(map(_said, part))
    return "" if isinstance(part, ast.AST) else repr(part)


def make_id(digest: str, seed: int, number: int) -> VariantId:
    """The id of a paper made from what has this digest."""
    found = int.from_bytes(hashlib.sha256(f"{digest} {seed} {number}".encode()).digest()[:3])
    letters = _LETTERS[found >> 19] + _LETTERS[found >> 14 & 31] + _LETTERS[found >> 9 & 31] + _LETTERS[found >> 4 & 31]
    return VariantId(seed, number, letters)


def is_id(text: str) -> bool:
    """Whether a text looks like the id of a paper."""
    return _ID.fullmatch(text.strip().upper()) is not None


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
