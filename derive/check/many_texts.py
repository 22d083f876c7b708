"""Finished documents cut into chunks of words and numbers, so that equal words are looked at once for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from derive.check.many_skeletons import MARK, NUMBER

_CHUNK = re.compile(
    r"\\(?=(?:begin|end)\{(?:derivation|tabular|tikzpicture)\}|fitted\{|step\{|question\{|pass\{|summary\{)"
)
_BODY = r"\begin{document}"


@dataclass(frozen=True)
class Chunk:
    """The words of a piece of a document, with a mark for each number, and the numbers."""

    words: str
    numbers: Sequence[str]

    @property
    def text(self) -> str:
        """The piece as it is printed."""
        return filled(self.words, self.numbers)


def filled(words: str, numbers: Sequence[str]) -> str:
    """Words with numbers in the places of their marks."""
    pieces = words.split(MARK)
    return pieces[0] + "".join(number + piece for number, piece in zip(numbers, pieces[1:], strict=True))


@dataclass
class Alike:
    """The documents, by number, that have the same words in a place, and the numbers of each."""

    documents: list[int] = field(default_factory=list)
    rows: list[Sequence[str]] = field(default_factory=list)


class Cuts(dict[str, tuple[str, list[str]]]):
    """The words and the numbers of each line; most lines of a document stand in all of them."""

    def __missing__(self, line: str) -> tuple[str, list[str]]:
        parts = NUMBER.split(line)
        found = self[line] = MARK.join(parts[::2]), parts[1::2]
        return found


def cut(tex: str, cuts: Cuts) -> tuple[str, list[str], list[str]]:
    """What stands before the body, the words of its chunks, and all its numbers in order."""
    start = max(tex.find(_BODY), 0)
    words: list[str] = []
    numbers: list[str] = []
    for line in tex[start:].split("\n"):
        piece, found = cuts[line]
        words.append(piece)
        if found:
            numbers += found
    return tex[:start], _CHUNK.split("\n".join(words)), numbers


def chunks(tex: str) -> list[Chunk]:
    """The chunks of one document."""
    _, words, numbers = cut(tex, Cuts())
    found, position = [], 0
    for piece in words:
        count = piece.count(MARK)
        found.append(Chunk(piece, numbers[position : position + count]))
        position += count
    return found


class _Counts(dict[str, int]):
    def __missing__(self, words: str) -> int:
        count = self[words] = words.count(MARK)
        return count


def together(texts: Sequence[str], reference: str) -> tuple[list[Mapping[str, Alike]], list[int]]:
    """For each chunk of the reference the texts by their words there; and those with other chunks or another head."""
    counts, cuts, others = _Counts(), Cuts(), []
    head, first, _ = cut(reference, cuts)
    found: list[dict[str, Alike]] = [{} for _ in first]
    for document, tex in enumerate(texts):
        before, words, numbers = cut(tex, cuts)
        if len(words) != len(first) or before != head or MARK in tex:
            others.append(document)
            continue
        position = 0
        for place, piece in zip(found, words, strict=True):
            end = position + counts[piece]
            alike = place.get(piece)
            if alike is None:
                alike = place[piece] = Alike()
            alike.documents.append(document)
            alike.rows.append(numbers[position:end])
            position = end
    return list(found), others
