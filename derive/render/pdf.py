"""LaTeX source -> PDF, by pdfTeX in a closed room; equal bytes for equal source."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from derive.render.engine import (
    DEBIAN_PACKAGES,
    JOB,
    Room,
    TexError,
    TexMissing,
    TexTimeout,
    error_of,
    open_room,
)
from derive.render.format import format_of, head_of, without_head
from derive.render.texlog import Overfull, overfull_boxes, page_count

__all__ = ["DEBIAN_PACKAGES", "Compiled", "Overfull", "TexError", "TexMissing", "TexTimeout", "compile_pdf"]

MOST_RUNS = 4
_FIGURE = re.compile(r"[a-z0-9-]+\.pdf", re.ASCII)


@dataclass(frozen=True)
class Compiled:
    """A finished document, and what its log says about it."""

    pdf: bytes
    overfull: tuple[Overfull, ...]
    pages: int
    log: str


def compile_pdf(tex: str, figures: Mapping[str, bytes] | None = None, *, time_limit: float = 120.0) -> Compiled:
    r"""Compile the document `tex`, as often as its references need, in at most `time_limit` seconds.

    `figures` are PDF files by name (`slice-1.pdf`), which the document may include by `\includegraphics`.
    """
    pictures = dict(figures or {})
    refuse_names(pictures)
    with open_room() as room:
        return _compile(tex, pictures, room, time_limit)


def refuse_names(figures: Mapping[str, bytes]) -> None:
    """Refuse names of figures that lead elsewhere, or to the document itself."""
    if wrong := [name for name in figures if not _FIGURE.fullmatch(name) or name == f"{JOB}.pdf"]:
        raise ValueError(f"not the name of a figure: {', '.join(map(repr, wrong))}")


def _compile(tex: str, figures: Mapping[str, bytes], outer: Room, time_limit: float) -> Compiled:
    deadline = time.monotonic() + time_limit
    options, room = _begin(tex, outer, deadline), outer.beside("document")
    room.path("tex").write_text(without_head(tex) if options else tex, encoding="utf-8")
    for name, content in figures.items():
        (room.folder / name).write_bytes(content)
    # Unless it is told otherwise, pdfTeX makes the file's identity from the name of the (temporary) folder.
    first = rf"\pdftrailerid{{{_identity(tex, figures)}}}\input{{{JOB}.tex}}"
    for _ in range(MOST_RUNS):
        references = _references(room)
        with room.start(options, first, deadline) as process:
            code = process.code()
        if code is None:
            raise TexTimeout(time_limit)
        log = room.read("log")
        room.refuse_foreign_files()
        if code != 0:
            raise error_of(code, log, tex)
        if _references(room) == references:
            break
    pages = page_count(log)
    if pages == 0:
        raise TexError("the document has no pages", log=log)
    return Compiled(room.path("pdf").read_bytes(), overfull_boxes(log), pages, log)


def _begin(tex: str, outer: Room, deadline: float) -> tuple[str, ...]:
    """How pdfTeX is told that it knows the head of the document already; nothing where it must read that, too.

    The format lies where the document cannot write.
    """
    place = outer.beside("format")
    head = head_of(tex)
    known = format_of(head, place, deadline) if head else None
    if known is None:
        return ()
    place.path("fmt").write_bytes(known)
    return (f"-fmt=../{place.folder.name}/{JOB}",)


def _identity(tex: str, figures: Mapping[str, bytes]) -> str:
    """A digest of all that the document is made of; each part is hashed by itself, so that none runs into the next."""
    parts = [tex.encode(), *(part for name in sorted(figures) for part in (name.encode(), figures[name]))]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _references(room: Room) -> list[bytes]:
    """What LaTeX notes for its next run (labels, page numbers): once this stays the same, the document is finished."""
    return [path.read_bytes() for suffix in ("aux", "out", "toc") if (path := room.path(suffix)).is_file()]
