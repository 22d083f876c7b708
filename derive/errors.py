"""What `derive` says when something is wrong: where, what was found, what was expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, told so that it can be mended without reading the code.

    `where` is `file:line` (or the file alone), `path` the place inside the file (`parameters.W_1`),
    `hint` what to do about it; each may be empty.
    """

    found: str
    expected: str = ""
    hint: str = ""
    where: str = ""
    path: str = ""

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.where, self.path) if part)
        lines = [f"{place}: {self.found}" if place else self.found]
        if self.expected:
            lines.append(f"    expected: {self.expected}")
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


class DeriveError(Exception):
    """An error of the user's making: all its faults at once, shown without a traceback (exit code 2)."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class ProblemError(DeriveError):
    """The problem file cannot be used as it stands."""


class ShapeError(DeriveError):
    """An expression whose shapes do not fit together."""
