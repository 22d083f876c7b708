"""A file with which a student can test answers, and in which nobody finds the key.

For each entry of each answer the file holds salted hashes of the decimals that are accepted, among hashes of nothing.
scrypt makes each guess cost what a student does not notice and a search through all decimals does.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError, Fault
from derive.exam.records import Record
from derive.grading.values import FlawedNumber, read_array, read_cell
from derive.ops import Array

COST, BLOCK, PARALLEL = 2**14, 8, 1  # of scrypt: about 50 ms and 16 MB for one guess
DIGEST = 12  # bytes: two of 2**96 do not meet
LEAST_HASHES = 8  # so that their number says nothing
MOST_HASHES = 400
VERSION = 1
LARGEST = 10_000_000


class CheckFileError(DeriveError):
    """A file for checking answers that cannot be used, or an answer that does not fit it."""


@dataclass(frozen=True)
class Checked:
    """Whether an answer is accepted, entry by entry in the order of the quantity."""

    name: str
    entries: tuple[bool, ...]

    @property
    def is_right(self) -> bool:
        """Whether every entry is."""
        return all(self.entries)


def check_file(record: Record, title: str, places: int) -> str:
    """The text of a check file for one paper."""
    salt = secrets.token_hex(16)
    answers = {}
    for name, accepted in record["accepted"].items():
        bounds = np.array(accepted, dtype=float)
        shape = bounds.shape[:-1]
        pairs = enumerate(bounds.reshape(-1, 2))
        entries = [_hashes(salt, name, place, low, high, places) for place, (low, high) in pairs]
        answers[name] = {"shape": list(shape), "hashes": entries}
    data = {
        "derive": "answers to check",
        "version": VERSION,
        "title": title,
        "variant": record["id"],
        "places": places,
        "salt": salt,
        "answers": answers,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _hashes(salt: str, name: str, place: int, low: float, high: float, places: int) -> list[str]:
    first, last = (round(end * 10**places) for end in (low, high))
    if last - first >= MOST_HASHES:
        raise CheckFileError(Fault(f"{last - first + 1} accepted decimals of {name}", f"at most {MOST_HASHES}"))
    right = [_hash(salt, name, place, units) for units in range(first, last + 1)]
    others = [secrets.token_hex(DIGEST) for _ in range(LEAST_HASHES - len(right))]
    return sorted([*right, *others])


def _hash(salt: str, name: str, place: int, units: int) -> str:
    text = f"{name}[{place}]={units}".encode()
    return hashlib.scrypt(text, salt=bytes.fromhex(salt), n=COST, r=BLOCK, p=PARALLEL, dklen=DIGEST).hex()


def read_check_file(path: Path) -> Mapping[str, Any]:
    """A check file; refused if it is another kind of file."""
    try:
        if path.stat().st_size > LARGEST:
            raise CheckFileError(Fault("a file that is too large", f"at most {LARGEST:,} bytes", where=str(path)))
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["derive"] == "answers to check" and data["version"] == VERSION and isinstance(data["answers"], dict):
            return dict(data)
    except OSError as error:
        raise CheckFileError(Fault(error.strerror or str(error), "a check file", where=str(path))) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise CheckFileError(Fault("no check file", "a file that `derive check-file` has written", where=str(path)))


def check_answers(data: Mapping[str, Any], answers: Mapping[str, str]) -> Iterator[Checked]:
    """Each answer, as a student types it, held against the file; all that cannot be read is told at once."""
    faults: list[Fault] = []
    arrays: dict[str, Array] = {}
    for name, text in answers.items():
        known = data["answers"].get(name)
        if known is None:
            faults.append(Fault(f"the answer `{name}`", f"one of {', '.join(data['answers'])}"))
            continue
        try:
            arrays[name], flaws = read_array(read_cell(text), tuple(known["shape"]))
        except FlawedNumber as error:
            flaws = [error.flaw]
        faults += [Fault(flaw.found, flaw.expected, flaw.hint, where=name) for flaw in flaws]
    if faults:
        raise CheckFileError(*faults)
    places = int(data["places"])
    for name, array in arrays.items():
        hashes = data["answers"][name]["hashes"]
        yield Checked(
            name,
            tuple(
                _is_number(entry) and _hash(data["salt"], name, place, _units(entry, places)) in hashes[place]
                for place, entry in enumerate(array.reshape(-1).tolist())
            ),
        )


def _is_number(entry: float) -> bool:
    return entry == entry  # an empty place is NaN


def _units(entry: float, places: int) -> int:
    """The number in units of the last place, halves away from zero, as it was typed."""
    return int((Decimal(repr(entry)) * 10**places).to_integral_value(rounding=ROUND_HALF_UP))
