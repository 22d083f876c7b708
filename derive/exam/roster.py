"""The list of students: a CSV file with a column of ids, and one or two of names if there are any."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.exam.plan import Student
from derive.spec.faults import shorten

IDS = ("id", "student", "student_id", "student id", "id number", "student number", "number", "matriculation", "sid")
NAMES = ("name", "student name", "full name", "full_name")
FIRST, LAST = ("first name", "first_name", "given name"), ("last name", "last_name", "surname", "family name")
LARGEST = 10_000_000  # bytes
LONGEST = 200  # characters of an id or a name
_ENCODINGS = ("utf-8-sig", "utf-16")
_FORMULA = re.compile(r"[=@]|[+-](?![0-9]*$)")  # what a spreadsheet would compute when it opens the marking table
_JOINERS = "\u200c\u200d"  # invisible letters that Persian and Indian names are spelled with


class RosterError(DeriveError):
    """A list of students that cannot be used."""


@dataclass(frozen=True)
class _Table:
    """The cells of a file: the names of its columns, then each line with its number."""

    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of a CSV file in its order; everything that is wrong with it is told at once."""
    table = _table(decoded(path), str(path))
    names = _names(table.heads)
    ids = _column(table.heads, IDS)
    if ids is None:
        shown = ", ".join(shorten(visible(head), 20) or "(empty)" for head in table.heads[:8])
        hint = "the first line names the columns; without such a line the first student would be lost"
        raise RosterError(
            Fault(f"the columns {shown}", f"one that is called {', '.join(IDS[:3])}, ...", hint, where=f"{path}:1")
        )
    if not table.rows:
        raise RosterError(
            Fault("no student", "a first line with the names of the columns, then a line for each", where=str(path))
        )
    faults: list[Fault] = []
    students, lines = [], defaultdict(list)
    for line, row in table.rows:
        student = Student(_cell(row, ids), " ".join(filter(None, (_cell(row, name) for name in names))))
        faults += _faults(student, row, table.heads, f"{path}:{line}")
        lines[student.id].append(line)
        students.append(student)
    faults += [
        Fault(
            f"the id {visible(id_)} on lines {', '.join(map(str, own))}", "each student once", where=f"{path}:{own[1]}"
        )
        for id_, own in lines.items()
        if id_ and len(own) > 1
    ]
    if faults:
        raise RosterError(*faults)
    return tuple(students)


def decoded(path: Path) -> str:
    """The text of a file in UTF-8 or, with a byte order mark, UTF-16; other encodings cannot be told apart safely."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise RosterError(Fault(error.strerror or str(error), "a CSV file", where=str(path))) from None
    if len(data) > LARGEST:
        raise RosterError(Fault(f"a file of more than {LARGEST:,} bytes", "a list of students", where=str(path)))
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


def _table(text: str, where: str) -> _Table:
    """The cells, divided by commas, semicolons or tabs: by those that let the first line name the ids."""
    found = []
    for delimiter in ",;\t":
        heads = heads_of(text, delimiter)
        folded = tuple(unicodedata.normalize("NFC", cell).strip().casefold() for cell in heads)
        found.append((_column(folded, IDS) is not None, len(folded), delimiter, folded))
    *_, delimiter, folded = max(found, key=lambda entry: entry[:2])
    rows = tuple(row for row in cells_of(text, delimiter, where) if any(cell.strip() for cell in row[1]))
    return _Table(folded, rows[1:])


def heads_of(text: str, delimiter: str) -> Sequence[str]:
    """The first line as it reads with this delimiter; one that it is not divided by may look broken."""
    try:
        return next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row), ())
    except csv.Error:
        return ()


def cells_of(text: str, delimiter: str, where: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The lines that are not empty, each with the number of its first line in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, tuple(row)
            line = reader.line_num + 1
    except csv.Error as error:
        hint = "quotation marks open and close a cell; one inside it is written twice"
        raise RosterError(Fault(str(error), "a line of a CSV file", hint, where=f"{where}:{line}")) from None


def _column(heads: Sequence[str], known: Sequence[str]) -> int | None:
    return next((heads.index(name) for name in known if name in heads), None)


def _names(heads: Sequence[str]) -> list[int]:
    """The columns that make a name: one, or that of the first name and that of the last."""
    whole = _column(heads, NAMES)
    columns = [whole] if whole is not None else [_column(heads, FIRST), _column(heads, LAST)]
    return [column for column in columns if column is not None]


def _cell(row: Sequence[str], column: int) -> str:
    return unicodedata.normalize("NFC", row[column].strip()) if column < len(row) else ""


def _faults(student: Student, row: Sequence[str], heads: Sequence[str], where: str) -> Iterator[Fault]:
    if not student.id:
        yield Fault("a student without an id", "an id on each line", where=where)
    if any(cell.strip() for cell in row[len(heads) :]):
        hint = "a name with a comma stands in quotation marks"
        yield Fault(f"{len(row)} cells", f"{len(heads)}, as in the first line", hint, where=where)
    for text in (student.id, student.name):
        if len(text) > LONGEST:
            yield Fault(f"a text of {len(text)} characters", f"at most {LONGEST}", where=where)
        if _FORMULA.match(text):
            hint = "save the values of the spreadsheet, not its formulas"
            yield Fault(f"the formula {shorten(visible(text))}", "an id or a name", hint, where=where)
        for character in dict.fromkeys(text):
            if unicodedata.category(character)[0] == "C" and character not in _JOINERS:
                code = f"U+{ord(character):04X}"
                yield Fault(f"the invisible character {code}", "text that can be printed", where=where)


def visible(text: str) -> str:
    """A text for a message: it cannot change what the terminal shows."""
    return "".join("\ufffd" if unicodedata.category(character)[0] == "C" else character for character in text)
