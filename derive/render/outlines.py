"""A word as a drawing: the outlines of its letters from the fonts of the machine, as a PDF without a colour of its own.

pdfTeX prints Latin letters; a TeX font for every other script would be large. A drawing takes the colour of the text
that it stands in, since nothing in it sets one, and equal words have equal bytes.
"""

from __future__ import annotations

import functools
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.render.plots import own_settings

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

OWN = ("DejaVuSerif.ttf", "DejaVuSans.ttf")  # of matplotlib: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic
EM = 100.0  # the size at which matplotlib has outlines
BEARING = 4.0  # beside the first and the last letter
_PLACEHOLDERS = re.compile("last ?resort|adobe ?blank|fallback sil", re.IGNORECASE)  # fonts with a box for every letter
# the settings of matplotlib that outlines depend on
_OF_TEXT: tuple[Any, ...] = ("text.kerning_factor", "text.hinting", "text.language", "font.enable_last_resort")
_INVISIBLE = frozenset("\u200c\u200d")  # join letters or keep them apart; no font needs them


class NoGlyph(LookupError):
    """Characters that no font on the machine has."""

    def __init__(self, characters: Sequence[str]) -> None:
        super().__init__(*characters)
        self.characters = tuple(characters)


@dataclass(frozen=True)
class Drawing:
    """A piece of a word: a PDF, and its height and depth as parts of the size of the text."""

    text: str
    pdf: bytes
    height: float
    depth: float


@functools.lru_cache(maxsize=4096)
def draw(word: str) -> tuple[Drawing, ...]:
    """The drawings of a word from left to right: one, unless no font has all its letters; raises `NoGlyph`."""
    pieces = tuple(_pieces(word))
    with _own_settings():
        return tuple(_drawn(text, path) for path, text in pieces)


def _own_settings() -> AbstractContextManager[None]:
    """Matplotlib's settings as it comes; they are exchanged, which takes a while, only where the user's differ."""
    from matplotlib import rcParams, rcParamsDefault

    same = all(rcParams[name] == rcParamsDefault[name] for name in _OF_TEXT)
    return nullcontext() if same else own_settings()


def _pieces(word: str) -> Iterator[tuple[Path, str]]:
    """The fonts of a word, each with the letters that are taken from it."""
    needed = [character for character in dict.fromkeys(word) if character not in _INVISIBLE and not character.isspace()]
    fonts = {character: frozenset(_fonts_with(character)) for character in needed}
    if missing := [character for character in needed if not fonts[character]]:
        raise NoGlyph(missing)
    order = fonts_here()
    for path in order:
        if all(path in own for own in fonts.values()):
            yield path, word
            return
    first = {character: next(path for path in order if path in own) for character, own in fonts.items()}
    before = next(iter(first.values()))
    chosen = []
    for character in word:
        before = first.get(character, before)
        chosen.append((before, character))
    for path, letters in itertools.groupby(chosen, key=lambda pair: pair[0]):
        yield path, "".join(letter for _, letter in letters)


@functools.lru_cache(maxsize=4096)
def _fonts_with(character: str) -> tuple[Path, ...]:
    return tuple(path for path in fonts_here() if _font(path).get_char_index(ord(character)))


@functools.lru_cache(maxsize=1)
def fonts_here() -> tuple[Path, ...]:
    """The fonts to take letters from: matplotlib's, then those of the machine, regular ones with most letters first."""
    import matplotlib

    own = [Path(matplotlib.get_data_path(), "fonts", "ttf", name) for name in OWN]
    ranked = []
    for path in system_fonts():
        try:
            font = _font(path)
        except (RuntimeError, OSError):  # not a font that FreeType can read
            continue
        if font.scalable and not _PLACEHOLDERS.search(font.family_name):
            irregular = bool(font.style_flags.value) or font.style_name.lower() not in ("regular", "book", "roman", "")
            ranked.append((irregular, -font.num_glyphs, path.name, path))
    return (*own, *(path for *_, path in sorted(ranked)))


def system_fonts() -> list[Path]:
    """The font files of the machine."""
    from matplotlib.font_manager import findSystemFonts

    return [Path(name) for name in findSystemFonts()]


@functools.cache
def _font(path: Path) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(path))


def _drawn(text: str, path: Path) -> Drawing:
    """The outlines of a text, cut to the width of its ink."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    vertices, codes = TextToPath().get_text_path(FontProperties(fname=str(path)), text)
    points = [(float(x), float(y)) for x, y in vertices]
    if not points:
        raise NoGlyph(tuple(text))
    across, upward = zip(*points, strict=True)
    bottom, top = min(*upward, 0.0), max(*upward, 0.0)
    box = (min(across) - BEARING, bottom, max(across) + BEARING, top)
    outline = "\n".join(_operators(points, [int(code) for code in codes]))
    return Drawing(text, _pdf(f"{outline}\nf\n", box), top / EM, -bottom / EM)


def _operators(points: Sequence[tuple[float, float]], codes: Sequence[int]) -> Iterator[str]:
    """Matplotlib's path in PDF; a quadratic curve p, c, q is the cubic one with controls (p + 2c)/3 and (q + 2c)/3."""
    place, at = 0, (0.0, 0.0)
    while place < len(codes):
        code, point = codes[place], points[place]
        if code == 3:
            end = points[place + 1]
            controls = [((x + 2 * point[0]) / 3, (y + 2 * point[1]) / 3) for x, y in (at, end)]
            yield f"{_numbers(*controls, end)} c"
        elif code == 4:
            end = points[place + 2]
            yield f"{_numbers(*points[place : place + 3])} c"
        else:
            end = point
            yield {1: f"{_numbers(end)} m", 2: f"{_numbers(end)} l", 79: "h"}[code]
        place += code - 1 if code in (3, 4) else 1
        at = end


def _numbers(*points: tuple[float, float]) -> str:
    return " ".join([f"{x:.2f} {y:.2f}" for x, y in points])


def _pdf(content: str, box: tuple[float, float, float, float]) -> bytes:
    """A file with one page of this size and content."""
    packed = zlib.compress(content.encode(), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{_numbers(box[:2], box[2:])}]/Resources<<>>/Contents 4 0 R>>".encode(),
        f"<</Length {len(packed)}/Filter/FlateDecode>>stream\n".encode() + packed + b"\nendstream",
    ]
    file, places = b"%PDF-1.4\n", []
    for number, own in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, own)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(file)
    return file + b"xref\n0 5\n0000000000 65535 f \n" + table + end
