"""Gathering what is wrong with a problem file, so that all of it is told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from derive.errors import Fault
from derive.spec.tree import Tree, TreePath, line_of, path_text, spelled


@dataclass(frozen=True)
class Flaw:
    """A fault whose place is still a path into the file's tree (or a line), not yet `file:line`.

    `cut` is what the rest can be used without, where that is less than all that stands at `path`.
    """

    found: str
    expected: str = ""
    hint: str = ""
    path: TreePath = ()
    line: int | None = None
    cut: TreePath = ()


class FlawedValueError(ValueError):
    """Raised by the reader of one value with everything that is wrong in it; pydantic carries it out."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(*flaws)
        self.flaws = flaws


class Faults:
    """The faults of one problem file, each with its line."""

    def __init__(self, name: str, tree: Tree) -> None:
        self.name = name
        self._tree = tree
        self._faults: dict[Fault, int] = {}

    def add(self, path: TreePath, found: str, expected: str = "", hint: str = "", line: int | None = None) -> None:
        """Note a fault at `path`; its line is looked up in the file unless it is given."""
        line = line or line_of(self._tree, path)
        written = path_text(spelled(self._tree, path))
        self.note(line, Fault(found, expected, hint, where=f"{self.name}:{line}", path=written))

    def note(self, line: int, fault: Fault) -> None:
        """Note a fault that says itself where it stands."""
        self._faults.setdefault(fault, line)

    def add_flaw(self, path: TreePath, flaw: Flaw) -> None:
        """Note a flaw found in the value which stands at `path`."""
        self.add((*path, *flaw.path), flaw.found, flaw.expected, flaw.hint, flaw.line)

    def in_order(self) -> tuple[tuple[int, Fault], ...]:
        """All faults with their lines, in the order of the file."""
        return tuple(sorted(((line, fault) for fault, line in self._faults.items()), key=lambda entry: entry[0]))


def close_words(word: str, known: Iterable[str], alike: float = 0.6) -> list[str]:
    """The known words that `word` may be a misspelling of, the closest first; `alike` is at most 1."""
    names = sorted(known)
    same_but_for_case = [name for name in names if name.lower() == word.lower()]
    return same_but_for_case or difflib.get_close_matches(word, names, n=2, cutoff=alike)


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint that names the known words closest to `word`, or an empty text."""
    close = close_words(word, known)
    return f"did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""


def listing(words: Iterable[str]) -> str:
    """Words for a sentence: `a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def shorten(text: str, limit: int = 40) -> str:
    """`text` on one line, cut to `limit` characters, for quoting in a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
