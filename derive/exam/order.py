"""What is ordered from an exam."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from derive.exam.plan import Student
from derive.exam.writing import DEFAULT_FORMATS


@dataclass(frozen=True)
class Order:
    """What is to be made: how many papers from which seed, for whom, in which formats, and who does the work."""

    count: int
    seed: int = 0
    students: tuple[Student, ...] = ()
    formats: tuple[str, ...] = DEFAULT_FORMATS
    jobs: int = 1
    only: tuple[int, ...] = ()
    templates: Path | None = None
    backend: str = "local"
    scheduler: str | None = None
