"""The list of students: a CSV file with a column of ids, and one of names if there is one."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.exam.plan import Student

IDS = ("id", "student", "student_id", "student id", "student number", "number", "matriculation", "sid")
NAMES = ("name", "student name", "full name", "full_name")
LARGEST = 10_000_000  # bytes
LONGEST = 200  # characters of an id or a name
_ENCODINGS = ("utf-8-sig", "utf-16")


class RosterError(DeriveError):
    """A list of students that cannot be used."""


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of a CSV file in its order; everything that is wrong with it is told at once."""
    text = _decoded(path)
    lines = text.splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    if not rows or not any(any(cell.strip() for cell in row) for row in rows[1:]):
        raise RosterError(Fault("no student", "a first line with the names of the columns, then a line for each", where=str(path)))
    heads = [cell.strip().lower() for cell in rows[0]]
    ids, names = _column(heads, IDS), _column(heads, NAMES)
    if ids is None:
        raise RosterError(
            Fault(f"the columns {', '.join(heads)}", f"one that is called {', '.join(IDS[:3])}, ...", where=f"{path}:1")
        )
    faults: list[Fault] = []
    students = []
    for line, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        student = Student(_cell(row, ids), _cell(row, names))
        faults += _faults(student, f"{path}:{line}")
        students.append(student)
    lines_of = Counter(student.id for student in students)
    faults += [
        Fault(f"the id {id_} {count} times", "each student once", where=str(path))
        for id_, count in lines_of.items()
        if id_ and count > 1
    ]
    if faults:
        raise RosterError(*faults)
    return tuple(students)


def _decoded(path: Path) -> str:
    """The text of a file in UTF-8 or, with a byte order mark, UTF-16; other encodings cannot be told apart safely."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RosterError(Fault(error.strerror or str(error), "a CSV file", where=str(path))) from None
    if len(data) > LARGEST:
        raise RosterError(Fault(f"a file of {len(data):,} bytes", f"at most {LARGEST:,}", where=str(path)))
    encoding = _ENCODINGS[data[:2] in (b"\xff\xfe", b"\xfe\xff")]
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RosterError(
            Fault(
                f"the byte {data[error.start]:#04x}, which is not {encoding.removesuffix('-sig').upper()}",
                "a CSV file in UTF-8",
                "in a spreadsheet: save as CSV UTF-8",
                where=f"{path}:{line}",
            )
        ) from None


def _column(heads: list[str], known: tuple[str, ...]) -> int | None:
    return next((heads.index(name) for name in known if name in heads), None)


def _cell(row: list[str], column: int | None) -> str:
    if column is None or column >= len(row):
        return ""
    return unicodedata.normalize("NFC", row[column].strip())


def _faults(student: Student, where: str) -> list[Fault]:
    faults = [] if student.id else [Fault("a student without an id", "an id on each line", where=where)]
    for text in (student.id, student.name):
        if len(text) > LONGEST:
            faults.append(Fault(f"a text of {len(text)} characters", f"at most {LONGEST}", where=where))
        if any(unicodedata.category(character) == "Cc" for character in text):
            faults.append(Fault("a control character", "text that can be printed", where=where))
    return faults
