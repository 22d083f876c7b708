"""The folders of a course as nbgrader has them: what is written where, and what is not overwritten."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, Fault
from derive.exam.roster import visible
from derive.files import write_atomically
from derive.grading.notebook import Writer
from derive.grading.notebook_formulas import Assignment, Paper
from derive.grading.notebook_release import release

SOURCE, RELEASE, HANDOUT = "source", "release", "handout"
_PLAIN = re.compile(r"\w[\w.@-]{0,99}", re.ASCII)  # an id that may be the name of a folder
Files = dict[str, str]


def course_files(assignments: Sequence[Assignment], templates: Path | None = None) -> Files:
    """The files of a course by their paths in its folder.

    `source/` and `release/` are nbgrader's. Where each student has other numbers there is one source with the numbers
    of all, and `handout/<assignment>/<student>/` in place of the release.
    """
    return {
        path: text for assignment in assignments for path, text in _files(assignment, Writer(assignment, templates))
    }


def _files(assignment: Assignment, writer: Writer) -> Iterator[tuple[str, str]]:
    name, source = assignment.name, writer.shared(writer.source())
    file = f"{name}.ipynb"
    yield f"{SOURCE}/{name}/{file}", notebook_text(source)
    if not assignment.papers[0].id:
        yield f"{RELEASE}/{name}/{file}", notebook_text(release(source))
        return
    rows = []
    for place, paper in enumerate(assignment.papers):
        own = f"{HANDOUT}/{name}/{folder_of(paper)}/{file}"
        yield own, notebook_text(release(writer.source(place)))
        owner = (paper.student.id, paper.student.name) if paper.student else ("", "")
        rows.append((*owner, paper.id, own))
    yield f"{HANDOUT}/{name}/students.csv", _table(rows)


def folder_of(paper: Paper) -> str:
    """The folder of a student's notebook: the student's id, or that of the variant."""
    is_plain = paper.student is not None and _PLAIN.fullmatch(paper.student.id)
    return paper.student.id if paper.student and is_plain else paper.id


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("id", "name", "variant", "notebook"))
    writer.writerows(rows)
    return file.getvalue()


def notebook_text(notebook: dict[str, Any]) -> str:
    """A notebook as its file holds it, once nbformat finds it valid."""
    try:
        import nbformat
    except ImportError:
        found = "notebooks need nbformat, which is not installed"
        raise DeriveError(Fault(found, hint='pip install nbformat, or pip install "derive[notebook]"')) from None
    book = nbformat.from_dict(notebook)
    nbformat.validate(book)
    text: str = nbformat.writes(book)
    return f"{text}\n"


def write_course(files: Files, folder: Path, force: bool) -> list[Path]:
    """Write the files; unless `force`, none that is there and says something else is replaced.

    Notebooks of other papers among those to hand out are never left beside new ones.
    """
    paths = {folder / name: text for name, text in files.items()}
    handouts = {path.parent.parent for path in paths if path.parent.parent.parent == folder / HANDOUT}
    strange = sorted(path for handout in handouts for path in handout.glob("*/*.ipynb") if path not in paths)
    if strange:
        found, hint = f"{len(strange)} notebooks of other papers: {visible(str(strange[0]))}", "move them away first"
        raise DeriveError(Fault(found, "notebooks of these papers only", hint, where=str(folder)))
    changed = [path for path, text in paths.items() if path.exists() and not _says(path, text)]
    if changed and not force:
        found = f"{len(changed)} files that are there and differ: {visible(str(changed[0]))}"
        hint = "someone may have changed them by hand; --force replaces them"
        raise DeriveError(Fault(found, "a folder without them", hint, where=str(folder)))
    for path, text in paths.items():
        write_atomically(path, text)
    return list(paths)


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()
