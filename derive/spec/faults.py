"""Gathering what is wrong with a problem file, so that all of it is told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from derive.errors import Fault, ProblemError
from derive.spec.tree import Tree, TreePath, line_of, path_text


@dataclass(frozen=True)
class Flaw:
    """A fault whose place is still a path into the file's tree (or a line), not yet `file:line`."""

    found: str
    expected: str = ""
    hint: str = ""
    path: TreePath = ()
    line: int | None = None


class FlawedValueError(ValueError):
    """Raised by the reader of one value with everything that is wrong in it; pydantic carries it out."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(*flaws)
        self.flaws = flaws


class Faults:
    """The faults of one problem file, each with its line."""

    def __init__(self, name: str, tree: Tree) -> None:
        self._name = name
        self._tree = tree
        self._faults: list[tuple[int, Fault]] = []

    def add(self, path: TreePath, found: str, expected: str = "", hint: str = "", line: int | None = None) -> None:
        """Note a fault at `path`; its line is looked up in the file unless it is given."""
        line = line or line_of(self._tree, path)
        fault = Fault(found, expected, hint, where=f"{self._name}:{line}", path=path_text(path))
        if (line, fault) not in self._faults:
            self._faults.append((line, fault))

    def add_flaw(self, path: TreePath, flaw: Flaw) -> None:
        """Note a flaw found in the value which stands at `path`."""
        self.add((*path, *flaw.path), flaw.found, flaw.expected, flaw.hint, flaw.line)

    def raise_any(self) -> None:
        """Raise all faults at once, in the order of the file, if there are any."""
        if self._faults:
            raise ProblemError(*(fault for _, fault in sorted(self._faults, key=lambda entry: entry[0])))


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint that names the known words closest to `word`, or an empty text."""
    names = sorted(known)
    same_but_for_case = [name for name in names if name.lower() == word.lower()]
    close = same_but_for_case or difflib.get_close_matches(word, names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""


def listing(words: Iterable[str]) -> str:
    """Words for a sentence: `a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def shorten(text: str, limit: int = 40) -> str:
    """`text` on one line, cut to `limit` characters, for quoting in a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
