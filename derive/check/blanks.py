r"""What a worksheet must not print: an answer, in a box, in a line of numbers, or between the lines.

A box is empty. The numbers of a line are given ones, or such as stand in its formula. Between the lines there is no
decimal that an answer rounds to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from derive.check.figures import matrix_cells, within_half_a_unit
from derive.check.latex_document import Document, Heading
from derive.check.latex_tokens import ReadingError, scan
from derive.check.report import Finding
from derive.evaluate import real
from derive.ops import Array

WORKSHEET = "worksheet"
SLOT = r"\slot"
_ROOM = re.compile(r"\\begin\{room\}(?P<content>.*)\\end\{room\}", re.DOTALL)
_BOX = re.compile(r"\\framebox\([0-9.]+,[0-9.]+\)\{\}")
_LENGTH = r"pt\b|mm\b|cm\b|em\b|ex\b|in\b|\\[A-Za-z@]*(?:width|height|depth|skip|sep|indent)\b"
_DECIMAL = re.compile(rf"(?<![\d.])(\d*\.\d+)(?!\d|\.\d|\s*(?:{_LENGTH}))")
_NUMBER = r"\s*-?\d*\.?\d+\s*"
_SCALE = re.compile(  # numbers that TeX reads and nobody sees
    rf"\\scalebox\s*\{{{_NUMBER}\}}(?:\s*\[{_NUMBER}\])?"
    rf"|(?:\\linespread\s*|\\renewcommand\s*\{{?\\(?:array|baseline)stretch\}}?\s*)\{{{_NUMBER}\}}"
)


@dataclass(frozen=True)
class Hidden:
    """What a worksheet keeps to itself: the values of all computed quantities by name, beside the given ones.

    `own_words` are the author's: a number in them is the author's choice.
    """

    answers: Mapping[str, Array]
    given: frozenset[Fraction]
    own_words: tuple[str, ...] = ()


def check_blank(name: str, result: str | None, shape: tuple[int, int] | None) -> Finding:
    """Room for an answer: a box for each entry, or one for all, and nothing else."""
    expected = "room for an answer"
    found = _ROOM.fullmatch((result or "").strip())
    content = found["content"].strip() if found else None
    if content is None:
        return Finding(WORKSHEET, name, False, None, result or "nothing", expected)
    if _BOX.fullmatch(content):
        return Finding(WORKSHEET, name, True)
    try:
        rows = [[SLOT]] if content == SLOT else matrix_cells(content)
    except ReadingError:
        return Finding(WORKSHEET, name, False, None, content, expected)
    empty = all(cell == SLOT for row in rows for cell in row)
    fits = shape is None or shape == (len(rows), len(rows[0]))
    if empty and fits:
        return Finding(WORKSHEET, name, True)
    return Finding(WORKSHEET, name, False, None, content, f"{expected} of shape {shape}" if empty else expected)


def check_numbers(name: str, tex: str, hidden: Hidden, constants: Iterable[Fraction]) -> Finding:
    """The numbers of a line: given ones, or constants of its formula."""
    known = {*hidden.given, *map(abs, constants), Fraction(0), Fraction(1)}
    for token in scan(tex):
        if token.kind == "number" and Fraction(token.text) not in known:
            return Finding(WORKSHEET, name, False, None, token.text, "given numbers only")
    return Finding(WORKSHEET, name, True)


def check_words(document: Document, hidden: Hidden) -> Iterator[Finding]:
    """No decimal between the lines, and none in the words of a step, is an answer; a length or a scale is none."""
    words = [document.loose, *document.pieces("note")]
    words += [text for block in document.blocks if isinstance(block, Heading) for text in (block.title, block.rule)]
    text = _SCALE.sub(" ", "\n".join(words))
    for own in hidden.own_words:
        text = text.replace(own, "")
    for found in _DECIMAL.finditer(text):
        number, places = Fraction(found[1]), len(found[1].partition(".")[2])
        if number in hidden.given:
            continue
        for name, values in hidden.answers.items():
            if any(within_half_a_unit(number, places, abs(real(value))) for value in values.flat):
                yield Finding(WORKSHEET, name, False, None, found[1], "no answer between the lines")
                break
