"""What all papers of an exam begin with: TeX reads their packages once, while something else is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from derive.render.engine import JOB, Room, open_room
from derive.render.format import head_of, reading, without_head

FORM = "format"


@dataclass(frozen=True)
class Form:
    """A room for papers, and in it what TeX knows after the head of their preambles, as soon as it does.

    `wait` waits for that; `time_limit` is in seconds for a run of TeX.
    """

    room: Room
    wait: Callable[[], bytes | None]
    time_limit: float

    @cached_property
    def options(self) -> tuple[str, ...]:
        """How TeX is told in a room beside that it knows the head; nothing where it must read that with each shard."""
        found = self.wait()
        if found is None:
            return ()
        Room(self.room.folder / FORM, self.room.trees).path("fmt").write_bytes(found)
        return (f"-fmt=../{FORM}/{JOB}",)

    def rest(self, preamble: str) -> str:
        """A preamble without what TeX knows, its lines in their places."""
        return without_head(preamble) if self.options else preamble


@contextmanager
def read_ahead(preambles: Sequence[str], time_limit: float = 120.0) -> Iterator[Form]:
    """A form for papers with these preambles; a head that not all of them have is read with each shard."""
    heads = {head_of(preamble) for preamble in preambles}
    with open_room() as room:
        place = room.beside(FORM)
        if len(heads) > 1 or "" in heads:
            yield Form(room, lambda: None, time_limit)
            return
        with reading(heads.pop(), place, time.monotonic() + time_limit) as found:
            yield Form(room, found, time_limit)
