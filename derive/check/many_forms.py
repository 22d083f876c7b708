"""What the words of a chunk say: which of its numbers are read, by whom, and what must be as in the first document."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from derive.check.figures import Figures, Given, row_symbols, table_rows
from derive.check.graphs import numbers_at_nodes
from derive.check.latex_document import derivation, group, mathematics, without_shapes
from derive.check.latex_tokens import split_equalities
from derive.check.many_skeletons import MARK
from derive.check.many_texts import filled
from derive.check.printed import listed_line
from derive.check.promises import Promised

_TRACKED = re.compile(r"\x00([0-9]+)\x01")
_NODE = re.compile(r"\\node\[[^\]]*\]\s*(?:\([^()]*\))?\s*at\s*\([^()]*\)\s*(?=\{)")
_SCALED = re.compile(rf"\\scalebox\{{{MARK}\}}\{{")
_END_OF_SCALED = re.compile(r"^(end\{tikzpicture\}\})\}(?=%)")
_LOOSE = (  # how a number is written beside others depends on its sign
    (re.compile(r"\}%\n\\more\{|\\cdot(?![A-Za-z])|\\,|\s"), ""),
    (re.compile(r"\(#\)"), "#"),
    (re.compile(r"[+-](?=#)"), ""),
)


@dataclass(frozen=True)
class Part:
    """A piece of a chunk that shows numbers of a quantity: its words, and which numbers of the chunk stand in it."""

    quantity: str
    words: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Form:
    """What a chunk says apart from its numbers.

    `rounded` parts hold decimals of quantities, `exact` ones given numbers, `recomputed` is a formula with numbers that
    the `result` follows from, on a worksheet without result `valued`. `places` are lengths, which follow from the sizes
    of what is printed. All `other` numbers, and the `words`, must be those of the first document.
    """

    words: str
    other: tuple[int, ...]
    rounded: tuple[Part, ...] = ()
    exact: tuple[Part, ...] = ()
    recomputed: Part | None = None
    result: Part | None = None
    valued: Part | None = None
    places: tuple[int, ...] = ()


Reader = Callable[[str, Sequence[str]], Form]


def _part(quantity: str, tracked: str) -> Part:
    return Part(quantity, _TRACKED.sub(MARK, tracked), tuple(int(found[1]) for found in _TRACKED.finditer(tracked)))


def _tracked(words: str) -> str:
    """Each mark with its number, so that it is known again in a part."""
    pieces = words.split(MARK)
    return pieces[0] + "".join(f"{MARK}{place}\x01{piece}" for place, piece in enumerate(pieces[1:]))


def _form(words: str, form: Form, *, loose: bool = False) -> Form:
    """A form with its words, and the numbers that nobody reads."""
    parts = [*form.rounded, *form.exact, form.recomputed, form.valued]
    read = {number for part in parts if part for number in part.numbers} | set(form.places)
    scaled = [words.count(MARK, 0, found.start()) for found in _SCALED.finditer(words)]
    form, read = replace(form, places=(*form.places, *scaled)), read | set(scaled)
    pieces = words.split(MARK)
    shown = pieces[0] + "".join(("#" if k in read else "?") + piece for k, piece in enumerate(pieces[1:]))
    shown = _END_OF_SCALED.sub(r"\1", shown.replace(r"\scalebox{#}{", ""))
    for pattern, by in _LOOSE if loose else ():
        shown = pattern.sub(by, shown)
    return replace(form, words=shown, other=tuple(k for k in range(len(pieces) - 1) if k not in read))


def plain(words: str, _: Sequence[str] = ()) -> Form:
    """A chunk in which no number is read."""
    return _form(words, Form("", ()))


def of_line(promise: Promised) -> Reader:
    """A line of a solution or a worksheet."""

    def read(words: str, _: Sequence[str]) -> Form:
        line = derivation(_tracked(words).removeprefix("begin{derivation}"))
        numbers = line.parts[-1] if promise.substituted and line.parts else None
        if promise.exact is None:
            valued = _part(promise.name, numbers) if numbers and promise.complete else None
            return _form(words, Form("", (), valued=valued), loose=valued is not None)
        if line.result is None:
            return plain(words)
        result = _part(promise.name, line.result)
        recomputed = _part(promise.name, numbers) if numbers and promise.complete else None
        form = Form("", (), rounded=(result,), recomputed=recomputed, result=result)
        return _form(words, form, loose=recomputed is not None)

    return read


def of_listed_line(promise: Promised) -> Reader:
    """A result in a key."""

    def read(words: str, _: Sequence[str]) -> Form:
        line = listed_line(group(_tracked(words), len("fitted"))[0])
        if promise.formula or promise.exact is None:
            return plain(words)
        result = _part(promise.name, line.parts[0])
        return _form(words, Form("", (), rounded=(result,), result=result))

    return read


def of_given(given: Given) -> Reader:
    """symbol = numbers"""

    def read(words: str, _: Sequence[str]) -> Form:
        pieces = split_equalities(without_shapes(group(_tracked(words), len("fitted"))[0]))
        if given.values is None or len(pieces) != 2:
            return plain(words)
        return _form(words, Form("", (), exact=(_part(given.name, pieces[1]),)))

    return read


def of_table(figures: Figures, names: dict[str, str]) -> Reader:
    """The summary: of each parameter its number before the step, its gradient, and its number after it."""

    def read(words: str, example: Sequence[str]) -> Form:
        before: list[Part] = []
        rest: list[Part] = []
        rows = table_rows(_tracked(words).removeprefix("begin{tabular}"))
        for _, symbol, numbers in rows:
            wanted = row_symbols(_TRACKED.sub(lambda found: example[int(found[1])], symbol), figures)
            if len(numbers) == len(wanted) and all(place in names for place in wanted):
                first, *others = (_part(names[place], cell) for place, cell in zip(wanted, numbers, strict=True))
                before.append(first)
                rest += others
        return _form(words, Form("", (), rounded=tuple(rest), exact=tuple(before)))

    return read


def of_picture(figures: Figures, names: dict[str, str]) -> Reader:
    """The graph: numbers at its nodes, which stand where the sizes of these numbers leave room for them."""

    def read(words: str, example: Sequence[str]) -> Form:
        tracked = _tracked(words)
        starts = [found.end() for found in _NODE.finditer(tracked)]
        shown = numbers_at_nodes(filled(words, example), figures)
        if len(starts) != len(shown):
            return plain(words)
        rounded = []
        for start, symbol in zip(starts, shown, strict=True):
            inside = list(mathematics(group(tracked, start)[0]))
            if symbol in names and len(inside) == 1:
                rounded.append(_part(names[symbol], inside[0]))
        said = {int(found[1]) for text in mathematics(tracked) for found in _TRACKED.finditer(text)}
        places = tuple(k for k in range(words.count(MARK)) if k not in said)
        return _form(words, Form("", (), rounded=tuple(rounded), places=places))

    return read
