"""A text that is not YAML, cut into its top-level keys, so that one slip does not hide what stands under the others.

The parser stops at its first error. The block to blame is blanked, which keeps the lines of the others, and the text is
read once more: the way in which compilers go on behind a syntax error.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

import yaml

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML's parser counts as the end of a line
_START = re.compile(r"[^\s#\-\]}]")
_KEY = re.compile(r"""["']?([A-Za-z_]\w*)["']?\s*:?""", re.ASCII)
_WORK_LIMIT = 2_000_000  # characters that are read again for further errors


@dataclass
class Blocks:
    """The lines of a text; which of them are blanked, and what the parser said about each blanked block."""

    text: str
    errors: dict[int, yaml.MarkedYAMLError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lines = _BREAK.split(self.text)
        self._starts = [number for number, line in enumerate(self._lines) if _START.match(line)]

    def remaining(self) -> str:
        """The text without the blanked blocks, on the lines on which it stands."""
        if not self.errors:
            return self.text
        lines = list(self._lines)
        for start in self.errors:
            lines[start : self._end(start)] = [""] * (self._end(start) - start)
        return "\n".join(lines)

    def blank(self, error: yaml.MarkedYAMLError) -> bool:
        """Blank the block to blame for an error; False if there is none, or if enough has been read again.

        An error in front of one that was told shows that the latter was its consequence: the parser got there before.
        """
        start = self._blamed(error)
        if start is None or start in self.errors or (len(self.errors) + 1) * len(self.text) > _WORK_LIMIT:
            return False
        self.errors = {place: told for place, told in self.errors.items() if place < start} | {start: error}
        return True

    def keys(self) -> list[str | None]:
        """The keys of the blanked blocks, None for one that does not start with a word."""
        matches = (_KEY.match(self._lines[start]) for start in self.errors)
        return [match[1] if match else None for match in matches]

    def lost(self) -> str:
        """The text of the blanked blocks."""
        return "\n".join(line for start in self.errors for line in self._lines[start : self._end(start)])

    def _end(self, start: int) -> int:
        following = bisect_right(self._starts, start)
        return self._starts[following] if following < len(self._starts) else len(self._lines)

    def _blamed(self, error: yaml.MarkedYAMLError) -> int | None:
        """The block in which the slip is: that of the open bracket or quote, or else that of the error."""
        opened = (error.context or "").startswith(("while parsing a flow", "while scanning"))
        mark = (error.context_mark if opened else None) or error.problem_mark
        place = bisect_right(self._starts, mark.line) - 1 if mark else -1
        if mark is None or place < 0:
            return None
        start = self._starts[place]
        if place and mark.line == start and "mapping values" in (error.problem or ""):
            before = self._starts[place - 1]  # a key without its colon runs on into the next line
            start = start if ":" in self._lines[before] or before in self.errors else before
        return start
