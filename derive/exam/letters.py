"""Whether everything on the papers can be printed with the fonts that are here: a name in Chinese needs one with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from derive.errors import DeriveError, Fault
from derive.exam.plan import Exam, Student
from derive.render.scripts import unprintable

EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC")
EAST_ASIAN_PACKAGE, OTHER_PACKAGE = "fonts-droid-fallback", "fonts-noto-core"


class MissingLetters(DeriveError):
    """Texts with letters that no font on the machine has."""


def require_letters(exam: Exam, students: Sequence[Student]) -> None:
    """Refuse, all at once, what cannot be printed."""
    if faults := list(_faults(exam, students)):
        raise MissingLetters(*faults)


def _faults(exam: Exam, students: Sequence[Student]) -> Iterator[Fault]:
    titles = [part.problem.title or part.problem.name for part in exam.parts]
    for text in dict.fromkeys((exam.title, exam.course, exam.date, *exam.instructions, *titles)):
        if missing := unprintable(text):
            yield _fault(missing, str(exam.source or exam.name), text)
    for student in students:
        if missing := unprintable(f"{student.id} {student.name}"):
            yield _fault(missing, f"student {student.id}", student.name)


def _fault(missing: Sequence[str], where: str, text: str) -> Fault:
    shown = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing)
    is_east_asian = any(unicodedata.name(character, "").startswith(EAST_ASIAN) for character in missing)
    package = EAST_ASIAN_PACKAGE if is_east_asian else OTHER_PACKAGE
    return Fault(
        f"`{text}` has letters that no font on this machine has: {shown}",
        "a font with these letters",
        f"Debian or Ubuntu: sudo apt-get install {package}; elsewhere any TrueType or OpenType font that has them",
        where=where,
    )
