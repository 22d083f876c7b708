"""The bank of problems: what each problem file is about, how hard it is, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.program import read
from derive.resources import folder
from derive.spec import Problem

LEVELS = ("introductory", "intermediate", "advanced")


@dataclass(frozen=True)
class BankEntry:
    """One problem file as the list shows it; `asks` are the kinds of question on its worksheet."""

    file: Path
    title: str
    level: str
    topics: tuple[str, ...]
    minutes: int | None
    asks: tuple[str, ...]


def bank(paths: Iterable[Path] = (), level: str = "", topic: str = "") -> tuple[BankEntry, ...]:
    """The problems of files and folders (the bank that travels with derive, if none are named), easy ones first.

    `topic` keeps those with a topic, or a word of the title, that contains it.
    """
    found = [entry_of(read(file), file) for file in _files(list(paths) or [folder("problems")])]
    kept = [entry for entry in found if (not level or entry.level == level) and _is_about(entry, topic)]
    return tuple(sorted(kept, key=lambda entry: (_rank(entry.level), entry.file.stem)))


def entry_of(problem: Problem, file: Path) -> BankEntry:
    """The line of the list for a problem."""
    kinds = ["quantities"] if problem.ask or not problem.questions else []
    kinds += [question.key for question in problem.questions]
    title = problem.title or problem.name
    return BankEntry(file, title, problem.level or "", problem.topics, problem.minutes, tuple(dict.fromkeys(kinds)))


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _is_about(entry: BankEntry, topic: str) -> bool:
    return any(topic.lower() in text.lower() for text in (*entry.topics, entry.title))
