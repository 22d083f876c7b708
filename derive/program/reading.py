"""The problem in a file, with its shapes checked: all that is wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

from derive.program.compile import shape_faults
from derive.spec import Draft, Problem, draft_of_text, missing_numbers, read_draft


def read(path: str | Path) -> Problem:
    """The problem in a file; raises ProblemError with everything that is wrong with it."""
    return _finished(read_draft(path))


def read_text(text: str, name: str = "problem") -> Problem:
    """The problem in a text, called `name` in messages."""
    return _finished(draft_of_text(text, name))


def _finished(draft: Draft) -> Problem:
    return draft.finished(*shape_faults(draft), *missing_numbers(draft.problem, draft.unknown))
