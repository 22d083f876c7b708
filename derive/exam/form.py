r"""A precompiled format: the packages that all papers of an exam load, which take TeX longer than many a page.

A process of its own reads them while something else is done.
"""

from __future__ import annotations

import gzip
import itertools
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from derive.render.engine import JOB, Process, Room, TexTimeout, error_of, open_room

FORM = "format"
NAME = "LaTeX preamble"
_DUMP = r"""\edef\level{\the\numexpr\currentiflevel+\currentgrouplevel}%
\ifnum\level>0 \errmessage{a package is loaded within a condition or a group; load it outside of it}\fi
\let\level\undefined
\dump
"""
_PACKAGE = re.compile(r"\\(?:documentclass|usepackage|usetikzlibrary|RequirePackage)\b.*\}\s*")


@dataclass(frozen=True)
class Form:
    """A room for papers, and in it a format: `head`, precompiled by `process`, is what their preambles begin with."""

    room: Room
    place: Room
    head: str
    process: Process
    time_limit: float

    @property
    def options(self) -> tuple[str, ...]:
        """How TeX is told, in a room beside, to begin with the format."""
        return (f"-fmt=../{FORM}/{JOB}",)

    def rest(self, preamble: str) -> str:
        """What a preamble says beyond the format."""
        if not preamble.startswith(self.head):
            raise ValueError("a preamble that was not known when the format was made")
        return preamble[len(self.head) :]

    def require(self) -> None:
        """Wait for the format; raises `TexError` where the preamble has an error."""
        place, code = self.place, self.process.code()
        if code is None:
            raise TexTimeout(self.time_limit, NAME)
        place.refuse_foreign_files()
        if code != 0:
            raise error_of(code, place.read("log"), place.read("tex"), NAME)
        # pdfTeX reads it as well when it is not compressed, and starts in half the time
        if (content := place.path("fmt").read_bytes()).startswith(b"\x1f\x8b"):
            place.path("fmt").write_bytes(gzip.decompress(content))


@contextmanager
def precompiled(preambles: Sequence[str], time_limit: float = 120.0) -> Iterator[Form]:
    r"""Start to precompile what these preambles begin with: \dump writes down all that pdfTeX has read so far."""
    head = _packages(preambles)
    with open_room() as room:
        place = room.beside(FORM)
        place.path("tex").write_text(f"{head}{_DUMP}", encoding="utf-8")
        with place.start(("-ini",), rf"&pdflatex \input{{{JOB}.tex}}", time.monotonic() + time_limit) as process:
            yield Form(room, place, head, process, time_limit)


def _packages(preambles: Sequence[str]) -> str:
    """The lines with which all preambles begin, up to the last one that loads packages."""
    lines = zip(*(preamble.splitlines(keepends=True) for preamble in preambles), strict=False)
    common = [line for line, *others in itertools.takewhile(lambda line: len(set(line)) == 1, lines)]
    while common and not _PACKAGE.fullmatch(common[-1]):
        common.pop()
    return "".join(common)
