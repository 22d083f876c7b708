"""What pdfTeX knows after a head, on disk from run to run: used as long as nothing that it was made of has changed.

`DERIVE_CACHE` names the folder, by default the one that the system has for such things; empty, nothing is written.
Where it cannot be written, each run reads the packages again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from derive.errors import DeriveError
from derive.files import write_atomically
from derive.render.engine import Room

MOST_FILES = 4
"""Formats, of about 20 MB each. Our documents have one head, and templates of somebody's own perhaps another."""

_SUFFIX = ".fmt"


def load(head: str, room: Room) -> bytes | None:
    """The format of a head, if there is one that TeX, as it is installed now, would make again."""
    file = _file(head, room)
    if file is None:
        return None
    try:
        stamp, _, content = file.read_bytes().partition(b"\n")
        noted = json.loads(stamp)
        is_fresh = all(_state(Path(path)) == state for path, state in noted["sources"].items())
        if not is_fresh or zlib.crc32(content) != noted["sum"]:
            return None
        os.utime(file)  # it was used: others go first
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return content


def store(head: str, content: bytes, room: Room) -> None:
    """Keep the format that was dumped in `room`; of many, those that were used last stay."""
    file = _file(head, room)
    if file is None:
        return
    noted = {"sources": {str(path): _state(path) for path in _sources(room)}, "sum": zlib.crc32(content)}
    with suppress(OSError, DeriveError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(file, json.dumps(noted).encode() + b"\n" + content)
        oldest_first = sorted(file.parent.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
        for path in oldest_first[:-MOST_FILES]:
            path.unlink(missing_ok=True)


def _file(head: str, room: Room) -> Path | None:
    """Where the format of a head is kept for this TeX."""
    import platformdirs

    chosen = os.environ.get("DERIVE_CACHE")
    if chosen == "":
        return None
    with suppress(RuntimeError):  # a user without a home
        folder = Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("derive", appauthor=False)
        maker = "\0".join([head, str(shutil.which("pdflatex")), *map(str, room.trees)])
        return folder / f"{hashlib.sha256(maker.encode()).hexdigest()[:32]}{_SUFFIX}"
    return None


def _sources(room: Room) -> Iterable[Path]:
    """What the format was made of: pdfTeX itself, all that it read, and the lists of files by which it found that."""
    program = shutil.which("pdflatex")
    inputs = (line.removeprefix("INPUT ") for line in room.read("fls").splitlines() if line.startswith("INPUT /"))
    return dict.fromkeys(
        [*map(Path, filter(None, [program])), *(tree / "ls-R" for tree in room.trees), *map(Path, inputs)]
    )


def _state(path: Path) -> list[int] | None:
    """By what a changed file is told; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
