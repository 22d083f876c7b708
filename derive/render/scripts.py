"""Text in any script: as text where pdfTeX's fonts have its letters, word by word as a drawing where they have not."""

from __future__ import annotations

import functools
import hashlib
import itertools
import unicodedata
from collections.abc import Iterable, Iterator

from derive.render.outlines import Drawing, NoGlyph, draw
from derive.render.words import escape

_TYPESET = (  # what the T1 and TS1 encodings of LaTeX declare, in ranges
    (0x20, 0x7E),
    (0xA0, 0xAC),
    (0xAE, 0x125),
    (0x128, 0x137),
    (0x139, 0x13E),
    (0x141, 0x148),
    (0x14A, 0x165),
    (0x168, 0x17E),
    (0x1CD, 0x1D4),
    (0x1E6, 0x1EB),
    (0x218, 0x21B),
    (0x2013, 0x2014),
    (0x2018, 0x201A),
    (0x201C, 0x201E),
    (0x2026, 0x2026),
    (0x2039, 0x203A),
    (0x20AC, 0x20AC),
)
TYPESET = frozenset(chr(code) for first, last in _TYPESET for code in range(first, last + 1))
"""The characters that pdfTeX prints with the preamble of our documents."""

LONGEST_WORD, PART = 20, 16  # letters: a word with more may break after every so many


@functools.lru_cache(maxsize=4096)
def typeset(text: str) -> str:
    r"""LaTeX that prints a text, with `\drawn` for words that `drawings` draws."""
    return " ".join(r"\hspace{0pt}".join(_latex(part, is_text) for part in parts) for parts, is_text in _words(text))


def drawings(texts: Iterable[str]) -> dict[str, bytes]:
    """The files that `typeset` includes for these texts."""
    return {_file(drawing): drawing.pdf for text in texts for part in _drawn_parts(text) for drawing in draw(part)}


def unprintable(text: str) -> tuple[str, ...]:
    """The characters of a text that no font on this machine has."""
    missing: list[str] = []
    for part in _drawn_parts(text):
        try:
            draw(part)
        except NoGlyph as error:
            missing += error.characters
    return tuple(dict.fromkeys(missing))


def _drawn_parts(text: str) -> list[str]:
    return [part for parts, is_text in _words(text) if not is_text for part in parts]


def _words(text: str) -> Iterator[tuple[list[str], bool]]:
    """The words of a text in parts between which a line may end, and whether they are typeset.

    Words that run from right to left stay together. Where a Latin letter is missing, all words are drawn: `Nguyễn Văn`
    in two faces would look like a mistake.
    """
    text = unicodedata.normalize("NFC", text)
    patchy = any(unicodedata.name(character, "").startswith("LATIN") for character in set(text) - TYPESET)
    for backward, words in itertools.groupby(text.split(), key=_runs_backward):
        if backward:
            yield [" ".join(words)], False
        else:
            yield from ((_parts(word), not patchy and TYPESET.issuperset(word)) for word in words)


def _parts(word: str) -> list[str]:
    """A word, cut where it is longer than a line may be; a mark stays with its letter."""
    if len(word) <= LONGEST_WORD:
        return [word]
    parts = [""]
    for character in word:
        if len(parts[-1]) >= PART and not unicodedata.combining(character):
            parts.append("")
        parts[-1] += character
    return parts


def _latex(part: str, is_text: bool) -> str:
    return escape(part) if is_text else "".join(_included(drawing) for drawing in draw(part))


def _runs_backward(word: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in word)


def _included(drawing: Drawing) -> str:
    code = drawing.text.encode("utf-16-be").hex().upper()
    return rf"\drawn{{{_file(drawing)}}}{{{drawing.height:.4f}}}{{{drawing.depth:.4f}}}{{FEFF{code}}}"


def _file(drawing: Drawing) -> str:
    """A name that says what is drawn, so that papers of one document share it."""
    return f"name-{hashlib.sha256(drawing.pdf).hexdigest()[:16]}.pdf"
