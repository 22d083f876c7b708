"""Answers in CSV: a row for each student, a column for each answer or for each entry of one (`dL/dW_1[1,2]`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from derive.errors import Fault
from derive.exam.roster import FIRST, IDS, LAST, NAMES, cells_of, heads_of, visible
from derive.exam.roster import decoded as decoded_table
from derive.grading.submissions import Found, Submission, SubmissionError, read_student, student_path
from derive.spec.faults import shorten
from derive.variants.identity import is_id

STUDENT, VARIANT = "student", ("variant", "id")
_PASSED_OVER = (*NAMES, *FIRST, *LAST, "number")


def read_table(_: bytes, where: str, path: Path) -> Iterator[Found]:
    """The rows of a file in UTF-8 or UTF-16, divided by commas, semicolons or tabs."""
    text = decoded_table(path)
    delimiter, heads = _heads(text)
    student, variant = _columns(heads, where)
    named = {place: head for place, head in enumerate(heads) if place not in (student, variant)}
    if all(not head or head.casefold() in _PASSED_OVER for head in named.values()):
        raise SubmissionError(
            Fault("no column of an answer", "a column for each answer, such as `y`", where=f"{where}:1")
        )
    for place, head in list(named.items()):
        if not head or head.casefold() in _PASSED_OVER:
            del named[place]
        elif heads.index(head) < place:
            yield Fault(f"two columns `{visible(shorten(head))}`", "each answer once", "the first one counts", where)
            del named[place]
    rows = cells_of(text, delimiter, where)
    next(rows)
    for line, row in rows:
        if any(cell.strip() for cell in row):
            yield _sheet(row, heads, named, (student, variant), f"{where}:{line}")


def _heads(text: str) -> tuple[str, tuple[str, ...]]:
    """What divides the cells, by which the first line names the students, and the names of the columns."""
    found = []
    for delimiter in ",;\t":
        heads = tuple(unicodedata.normalize("NFC", cell).strip() for cell in heads_of(text, delimiter))
        folded = [head.casefold() for head in heads]
        found.append((any(name in folded for name in IDS), len(heads), delimiter, heads))
    return max(found, key=lambda entry: entry[:2])[2:]


def _columns(heads: tuple[str, ...], where: str) -> tuple[int, int | None]:
    """Where the students and where the ids of their papers stand; beside `student`, `id` is that of the paper."""
    folded = [head.casefold() for head in heads]
    name = next((name for name in (STUDENT, *IDS) if name in folded), None)
    if name is None:
        shown = ", ".join(visible(shorten(head, 20)) or "(empty)" for head in heads[:8])
        expected = "a first line with `student`, `variant` and the names of the answers"
        raise SubmissionError(Fault(f"the columns {shown}", expected, where=f"{where}:1"))
    student = folded.index(name)
    return student, next((folded.index(key) for key in VARIANT if key in folded and key != name), None)


def _sheet(
    row: tuple[str, ...], heads: tuple[str, ...], named: dict[int, str], columns: tuple[int, int | None], where: str
) -> Found:
    cells = (*row, *("",) * (len(heads) - len(row)))
    student = read_student(cells[columns[0]], where)
    if isinstance(student, Fault):
        return student
    if any(cell.strip() for cell in row[len(heads) :]):
        hint = "a cell with a comma, such as a list, stands in quotation marks"
        found, expected = f"{len(row)} cells", f"{len(heads)}, as in the first line"
        return Fault(found, expected, hint, where, student_path(student))
    answers = {head: cells[place] for place, head in named.items() if cells[place]}
    variant = "" if columns[1] is None else cells[columns[1]].strip()
    if columns[1] is None and is_id(student):
        variant = student  # a table without students, such as that of the key: each paper stands for its own
    return Submission(student, variant, answers, where)
