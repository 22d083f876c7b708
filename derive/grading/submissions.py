"""The answers of students as they come in: YAML, JSON, CSV and filled notebooks, all read as data.

A file that cannot be used, or a sheet in it, is told and left out; the others are read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.exam.roster import LONGEST, visible
from derive.grading.values import Raw
from derive.spec.faults import listing, shorten

LARGEST = 10_000_000  # bytes of a file


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers of one student as they were typed, by the names under which they stand.

    `variant` is the id on the paper, empty for the problem's own numbers; `where` is the file and the line. Of a
    notebook there may be several, one for each problem.
    """

    student: str
    variant: str
    answers: Mapping[str, Raw]
    where: str
    is_notebook: bool = False


Found = Submission | Fault
Reader = Callable[[bytes, str, Path], Iterator[Found]]


class SubmissionError(DeriveError):
    """Answers that cannot be read."""


def read_submissions(
    paths: Sequence[Path], progress: Callable[[int], None] = lambda done: None
) -> tuple[list[Submission], list[Fault]]:
    """The sheets of all files in their order, and what could not be read.

    Notebooks of one student and paper are one sheet; of other sheets of a student the first one counts.
    """
    submissions: dict[str, Submission] = {}
    faults: list[Fault] = []
    for done, path in enumerate(paths, 1):
        for found in _found_in(path):
            if isinstance(found, Fault):
                faults.append(found)
            elif first := submissions.get(found.student):
                submissions[found.student], clashes = _with(first, found)
                faults += clashes
            else:
                submissions[found.student] = found
        progress(done)
    return list(submissions.values()), faults


def _with(first: Submission, second: Submission) -> tuple[Submission, list[Fault]]:
    """The first sheet of a student, with the answers of a second one where both are notebooks of the same paper."""
    typed, others = ({name for name, raw in sheet.answers.items() if not _is_blank(raw)} for sheet in (first, second))
    is_joined = first.is_notebook and second.is_notebook and first.variant == second.variant
    if not is_joined or (others and others <= typed):
        return first, [_again(second, first)]
    answers = {**first.answers, **{name: raw for name, raw in second.answers.items() if name not in typed}}
    where = f"{first.where}, {second.where}"
    return replace(first, answers=answers, where=where), [
        Fault(
            f"an answer that stands in {first.where}, too",
            "each answer once",
            "the first one counts",
            where=second.where,
            path=student_path(second.student, name.rpartition(": ")[2]),
        )
        for name in second.answers
        if name in typed & others
    ]


def _is_blank(raw: object) -> bool:
    """Nothing, or a list of nothing, as a notebook has it before it is filled in."""
    return all(map(_is_blank, raw)) if isinstance(raw, list) else raw is None or raw == ""


def _found_in(path: Path) -> Iterator[Found]:
    """What one file holds; what ends the reading of it is told as a fault too."""
    try:
        yield from _reader(path)(_content(path), str(path), path)
    except DeriveError as error:
        yield from error.faults


def _reader(path: Path) -> Reader:
    from derive.grading.answer_lists import read_json, read_yaml
    from derive.grading.answer_notebooks import read_notebook
    from derive.grading.answer_tables import read_table

    readers: dict[str, Reader] = {
        ".json": read_json,
        ".yaml": read_yaml,
        ".yml": read_yaml,
        ".csv": read_table,
        ".ipynb": read_notebook,
    }
    if path.suffix.lower() not in readers:
        expected = f"answers with one of the endings {listing(readers)}"
        raise SubmissionError(Fault(f"the ending `{visible(path.suffix)}`", expected, where=str(path)))
    return readers[path.suffix.lower()]


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise SubmissionError(Fault(error.strerror or str(error), "a file of answers", where=str(path))) from None
    if len(content) > LARGEST:
        found, expected = f"a file of more than {LARGEST // 10**6} MB", f"at most {LARGEST // 10**6} MB in one file"
        raise SubmissionError(Fault(found, expected, "divide the answers into several files", where=str(path)))
    return content


def _again(second: Submission, first: Submission) -> Fault:
    is_elsewhere = first.where != second.where
    found = f"a second sheet; the first one stands in {first.where}" if is_elsewhere else "a second sheet"
    expected, hint = "each student once", "the first one counts; take one of them out"
    return Fault(found, expected, hint, where=second.where, path=student_path(second.student))


def student_path(student: str, field: str = "") -> str:
    """The place of a fault: `student 1001: dL/dW_1[1,2]`."""
    return f"student {visible(shorten(student))}" + (f": {visible(shorten(field, 80))}" if field else "")


def read_student(raw: object, where: str, path: str = "") -> str | Fault:
    """The id of a student, or why it is none."""
    text = unicodedata.normalize("NFC", str(raw).strip())
    if raw is None or not text or isinstance(raw, (bool, list, dict)):
        return Fault("a sheet without a student", "the student's id, a text or a number", where=where, path=path)
    if len(text) > LONGEST or visible(text) != text:
        expected = f"at most {LONGEST} characters, all of them visible"
        return Fault(f"the id {visible(shorten(text))}", expected, where=where, path=path)
    return text


def decoded(content: bytes, where: str) -> str:
    """The text of a file in UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"a byte that is not UTF-8 (0x{content[error.start]:02x})"
        raise SubmissionError(Fault(found, "text in UTF-8", "save the file as UTF-8", f"{where}:{line}")) from None
