"""What a printed line says, as a tree of operations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How tightly a piece holds together in print: the loosest operation visible at its surface."""

    SUM = 0
    CHAIN = 1
    JUXTAPOSED = 2
    BARE_CALL = 3  # \log 0.5: whatever follows might belong to the argument
    POWER = 4
    ATOM = 5


@dataclass(frozen=True)
class Tree:
    """An operation (`head`) on `parts`; `words` are its operators, its signs, its name or its digits."""

    head: str
    position: int
    parts: tuple[Tree, ...] = ()
    words: tuple[str, ...] = ()
    level: Level = Level.ATOM

    @property
    def is_integer(self) -> bool:
        return self.head == "number" and self.words[0].isdigit()

    @property
    def ends_bare(self) -> bool:
        """Whether the last factor is a function with an unfenced argument."""
        last = self
        while last.level == Level.JUXTAPOSED:
            last = last.parts[-1]
        return last.level == Level.BARE_CALL
