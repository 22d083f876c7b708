"""Printed documents that differ in their numbers only, read again all at once.

One document is read by every route (`check_document`). Of the others, the words must be those of the first, so that
formulas in symbols, definitions, and all that is said need no second look; their numbers are lifted out of the finished
text and read in columns, one entry for each document. The routes are those of a single document: `given`, `digits`,
`lines`, `worksheet`. On the route `structure` stands a document that says something else, or has a number that differs
from the first one's and that no route reads: it must be read by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from operator import itemgetter

import numpy as np

from derive.check.graphs import numbers_at_nodes
from derive.check.latex_tokens import ReadingError
from derive.check.many_forms import Form, Reader, of_given, of_line, of_listed_line, of_picture, of_table, plain
from derive.check.many_routes import Line, Numbered, Routes
from derive.check.many_texts import Alike, Chunk, chunks, filled, together
from derive.check.promises import Reading
from derive.check.report import Finding
from derive.ops import Array

STRUCTURE = "structure"
GRAPH = "graph"


def check_many(
    reading: Reading,
    reference: str,
    texts: Sequence[str],
    values: Mapping[str, Array],
    given: Mapping[str, Array],
) -> tuple[Numbered, ...]:
    """What fails in each of the texts.

    The reference is a document that was read by itself and passed, with the reading that it was read with. `values`
    holds float64 arrays of all quantities, `given` exact numbers (fractions, or text such as 0.5) of the given ones;
    their first axis counts the texts.
    """
    return tuple(sorted(_Many(reading, reference, texts, values, given).findings(), key=lambda found: found[0]))


class _Many:
    """The texts, and what the numbers in them should be."""

    def __init__(
        self,
        reading: Reading,
        reference: str,
        texts: Sequence[str],
        values: Mapping[str, Array],
        given: Mapping[str, Array],
    ) -> None:
        self.reading, self.texts = reading, texts
        rows = {name: np.asarray(array, dtype=np.float64).reshape(len(texts), -1) for name, array in values.items()}
        self.routes = Routes(reading, rows, {name: _fractions(array, len(texts)) for name, array in given.items()})
        self.first = chunks(reference)
        self.reference = reference
        try:
            self.readers = list(_readers(reading, self.first, {*given}, {*values}))
        except RuntimeError as error:  # more lines than promised
            raise ValueError("the reference is not the document that its reading promises") from error
        self.forms = [
            read(chunk.words, chunk.numbers) for (_, read), chunk in zip(self.readers, self.first, strict=True)
        ]

    def findings(self) -> Iterator[Numbered]:
        alike, others = together(self.texts, self.reference)
        for number in others:
            yield number, self._another(number)
        for place, by_words in enumerate(alike):
            lines: list[Line] = []
            for words, documents in by_words.items():
                yield from self._of_chunk(place, words, documents, lines)
            yield from self.routes.recomputed(lines)

    # -------------------------------------------------------------------------------------------- words

    def _another(self, number: int) -> Finding:
        """Where a text with other chunks than the first one differs from it."""
        for place, chunk in enumerate(chunks(self.texts[number])[: len(self.first)]):
            name, read = self.readers[place]
            if (form := _read(read, chunk.words, chunk.numbers)) is None or form.words != self.forms[place].words:
                return Finding(STRUCTURE, name, False, None, chunk.text[:80], self.first[place].text[:80])
        return Finding(STRUCTURE, "template", False, None, "another preamble or end", "that of the first document")

    def _of_chunk(self, place: int, words: str, alike: Alike, lines: list[Line]) -> Iterator[Numbered]:
        """A chunk of all documents that have the same words there."""
        (name, read), first = self.readers[place], self.first[place]
        form = _read(read, words, alike.rows[0])
        if form is None or form.words != self.forms[place].words:
            for number, row in zip(alike.documents, alike.rows, strict=True):
                yield number, Finding(STRUCTURE, name, False, None, filled(words, row)[:80], first.text[:80])
            return
        wanted = [first.numbers[k] for k in self.forms[place].other]
        if wanted:
            yield from self._unread(name, form, alike, wanted)
        if name == GRAPH and form.places:
            yield from self._placed(name, form, alike, place, words)
        for found in self.routes.of_numbers(name, form, alike):
            if isinstance(found, Line):
                lines.append(found)
            else:
                yield found

    def _unread(self, name: str, form: Form, alike: Alike, wanted: Sequence[str]) -> Iterator[Numbered]:
        pick, right = itemgetter(0, *form.other), tuple(wanted)
        for number, row in zip(alike.documents, alike.rows, strict=True):
            if (found := pick(row))[1:] != right:
                one, other = next((a, b) for a, b in zip(found[1:], wanted, strict=True) if a != b)
                yield number, Finding(STRUCTURE, name, False, None, one, other, "a number that nobody read")

    def _placed(self, name: str, form: Form, alike: Alike, place: int, words: str) -> Iterator[Numbered]:
        """Wherever the numbers of the graph stand, they stand at the nodes where they do in the first document."""
        expected = numbers_at_nodes(self.first[place].text, self.reading.figures)
        known: dict[tuple[str, ...], bool] = {}
        for number, row in zip(alike.documents, alike.rows, strict=True):
            key = tuple(row[k] for k in form.places)
            if key not in known:
                known[key] = numbers_at_nodes(filled(words, row), self.reading.figures) == expected
            if not known[key]:
                yield number, Finding(STRUCTURE, name, False, None, "numbers at other nodes", "their nodes")


def _readers(
    reading: Reading, first: Sequence[Chunk], given: set[str], values: set[str]
) -> Iterator[tuple[str, Reader]]:
    """The name and the reader of each chunk of the reference."""
    lines, givens = iter(reading.lines), iter(reading.givens)
    named = [(promise.symbol, promise.name) for promise in reading.lines if promise.name in values]
    names = dict(named + [(one.symbol, one.name) for one in reading.givens if one.name in given])
    figures = reading.figures
    for chunk in first:
        if chunk.words.startswith("begin{derivation}") and not reading.listed:
            promise = next(lines)
            yield promise.name, of_line(promise)
        elif chunk.words.startswith("fitted{") and r"\result{" in chunk.words:
            listed = next(lines) if reading.listed else None
            yield (listed.name, of_listed_line(listed)) if listed else ("template", plain)
        elif chunk.words.startswith("fitted{"):
            one = next(givens)
            yield one.name, of_given(one) if one.name in given else plain
        elif chunk.words.startswith("begin{tabular}") and figures.values:
            yield "table", of_table(figures, names)
        elif chunk.words.startswith("begin{tikzpicture}") and figures.values:
            yield GRAPH, of_picture(figures, names)
        else:
            yield "template", plain
    if next(lines, None) or next(givens, None):
        raise ValueError("the reference is not the document that its reading promises")


def _read(read: Reader, words: str, example: Sequence[str]) -> Form | None:
    try:
        return read(words, example)
    except (ReadingError, ValueError, IndexError):
        return None


def _fractions(array: Array, count: int) -> list[list[Fraction]]:
    """The given numbers of each document; most of them are few different ones."""
    known: dict[object, Fraction] = {}
    rows = np.asarray(array, dtype=object).reshape(count, -1).tolist()
    for number in {number for row in rows for number in row}:
        known[number] = Fraction(number)
    return [[known[number] for number in row] for row in rows]
