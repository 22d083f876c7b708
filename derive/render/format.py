r"""The head of a document, which only loads its class and packages: pdfTeX reads it once and for all (`cache.py`).

This is most of its work on a short sheet, and the same for all of them. What pdfTeX knows after the head is dumped as a
format, with which every later run begins; the document then has comments in the place of the head, so that its lines
keep their numbers. A format holds what pdfTeX knows and nothing that it was about to print, so only packages are loaded
in that way that print nothing; xcolor alone says black, which is the colour of a page that has not been told any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from derive.render.cache import MOST_FILES, load, store
from derive.render.engine import Process, Room, TexError

KNOWN = frozenset(
    (
        *("article", "fontenc", "inputenc", "lmodern", "microtype", "amsmath", "mathtools", "amssymb", "geometry"),
        *("booktabs", "array", "xcolor", "tikz", "fancyhdr", "lastpage", "graphicx", "longtable"),
        *("positioning", "arrows.meta", "calc"),
    )
)
"""What may stand in a head: the class, the packages and the libraries of our documents. Elsewhere the head ends."""

_LOADING = re.compile(r"\\(?:documentclass|usepackage|usetikzlibrary)(?:\[[^][{}\\%\n]*\])?\{([^{}\\%\n]*)\}")
_kept: dict[str, bytes] = {}


def head_of(tex: str) -> str:
    """The first lines of a document, as long as each loads something known and does nothing else."""
    head = []
    for line in tex.splitlines(keepends=True):
        loading = _LOADING.fullmatch(line.removesuffix("\n"))
        if loading is None or not KNOWN.issuperset(loading[1].split(",")):
            break
        head.append(line)
    return "".join(head)


def without_head(tex: str) -> str:
    """The document with comments in the place of its head."""
    head = head_of(tex)
    return "%\n" * head.count("\n") + tex[len(head) :]


def format_of(head: str, room: Room, deadline: float) -> bytes | None:
    """What pdfTeX knows after the head, which it reads in an empty `room` if it has not yet.

    None where it does not get that far: the document as a whole will say why, at the line where it happens.
    """
    with reading(head, room, deadline) as found:
        return found()


@contextmanager
def reading(head: str, room: Room, deadline: float) -> Iterator[Callable[[], bytes | None]]:
    """The same while something else is done: what comes from the block waits for the format."""
    if found := _kept.get(head) or load(head, room):
        _keep(head, found)
        yield lambda: found
        return
    room.path("tex").write_text(f"{head}\\dump\n", encoding="utf-8")
    with room.dump(deadline) as process:
        yield lambda: _dumped(head, room, process)


def _dumped(head: str, room: Room, process: Process) -> bytes | None:
    """What was dumped, kept for later; None where something went wrong."""
    if process.code() != 0:
        return None
    try:
        room.refuse_foreign_files()
    except TexError:
        return None
    content = room.format()
    _keep(head, content)
    store(head, content, room)
    return content


def _keep(head: str, content: bytes) -> None:
    """Keep a format in memory, for a process that makes many documents."""
    _kept.pop(head, None)
    while len(_kept) >= MOST_FILES:
        del _kept[next(iter(_kept))]
    _kept[head] = content
