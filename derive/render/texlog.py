"""What a LaTeX log says: the first error and its place in the source, boxes that are too wide, the number of pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ERROR = re.compile(r"^!\s?(?P<message>.+)$", re.MULTILINE)
_PLACE = re.compile(r"^l\.(?P<line>\d+) ?(?P<read>.*)$", re.MULTILINE)
_OVERFULL = re.compile(
    r"^Overfull \\[hv]box \((?P<points>[\d.]+)pt too \w+\)(?:.*? lines? (?P<line>\d+))?", re.MULTILINE
)
_PAGES = re.compile(r"^Output written on .*? \((\d+) pages?", re.MULTILINE)


@dataclass(frozen=True)
class Overfull:
    """A box that sticks out by so many points, and the line of the source (0: unknown)."""

    points: float
    line: int


def overfull_boxes(log: str) -> tuple[Overfull, ...]:
    """All boxes that are too wide or too high, in the order of the log."""
    return tuple(Overfull(float(m["points"]), int(m["line"] or 0)) for m in _OVERFULL.finditer(log))


def page_count(log: str) -> int:
    """How many pages were written."""
    match = _PAGES.search(log)
    return int(match[1]) if match else 0


def first_error(log: str, tex: str) -> tuple[str, int, str] | None:
    """Message, line and source line of the first error; the line is 0 where the error lies in another file."""
    error = _ERROR.search(log)
    if error is None:
        return None
    message = error["message"].strip()
    place = _PLACE.search(log, error.end())
    if place is None:
        return message, 0, ""
    line, lines = int(place["line"]), tex.split("\n")
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    # TeX shows the last characters that it has read; in another file, the same line number shows other text.
    read = place["read"].removeprefix("...").strip()
    return (message, line, source) if _same(read, source) else (message, 0, "")


def _same(read: str, source: str) -> bool:
    """Compared letter by letter in plain ASCII, since TeX writes other characters in its own way."""
    plain = re.compile(r"[^\x21-\x7e]|\^\^..")
    return plain.sub("", read) in plain.sub("", source)
