"""The file of an exam: what stands on its front page, and the files of its problems with their points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from derive.errors import ProblemError
from derive.exam.plan import Exam, Part, exam_of
from derive.program import read
from derive.spec.faults import Faults
from derive.spec.fields import WHOLE_NUMBER, Flag, Text
from derive.spec.source import compose, load
from derive.spec.structure import structure_flaws
from derive.spec.tree import Mapping, Scalar, Tree, TreePath

MOST_PROBLEMS = 50
BEHIND = 1_000_000  # a line behind all others: faults of problems come after those of the exam itself


def _file(tree: Tree) -> Tree:
    """`pen-and-paper.yaml` for `{file: pen-and-paper.yaml}`."""
    if isinstance(tree, Scalar):
        table = Mapping(tree.line)
        table["file"] = tree
        table.key_lines["file"] = tree.line
        return table
    return tree


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ListedProblem(_Model):
    """A problem of an exam."""

    file: Text = Field(description="Its file, from the folder of the exam.")
    points: Annotated[int, Field(ge=0), WHOLE_NUMBER] | None = Field(
        None, description="What it is worth; left out, as its file says."
    )


class ExamFile(_Model):
    """An exam of several problems."""

    title: Text = Field("Exam", description="The title on the front page.")
    course: Text = Field("", description="The course.")
    date: Text = Field("", description="The date, as it is printed.")
    minutes: Annotated[int, Field(ge=1, le=999), WHOLE_NUMBER] | None = Field(None, description="How long it takes.")
    instructions: list[Text] = Field([], description="What students are told, a sentence or two in each entry.")
    shuffle: Flag = Field(False, description="Whether the order of the problems differs between papers.")
    problems: Annotated[
        list[Annotated[ListedProblem, BeforeValidator(_file)]], Field(min_length=1, max_length=MOST_PROBLEMS)
    ] = Field(description="The problems: files, or `{file: ..., points: ...}`.")


def read_exam(path: Path) -> Exam:
    """The exam in a file, or the exam that consists of the problem in it; all that is wrong is told at once."""
    source = compose(load(path), str(path))
    if "problems" not in source.tree:
        return exam_of(read(path))
    faults = Faults(str(path), source.tree)
    for line, fault in source.faults:
        faults.note(line, fault)
    file = _validated(source.tree, faults)
    parts = _parts(file, path, faults) if file else ()
    if found := faults.in_order():
        raise ProblemError(*(fault for _, fault in found))
    assert file is not None, "a file without faults is valid"
    return Exam(
        name=path.stem,
        title=file.title,
        parts=parts,
        course=file.course,
        date=file.date,
        minutes=file.minutes or sum(part.problem.minutes or 0 for part in parts) or None,
        instructions=tuple(file.instructions),
        shuffle=file.shuffle,
        source=path,
    )


def _validated(tree: Mapping, faults: Faults) -> ExamFile | None:
    try:
        return ExamFile.model_validate({key: value for key, value in tree.items() if value is not None})
    except ValidationError as error:
        details = error.errors(include_url=False)
        tables: dict[TreePath, type[BaseModel]] = {(): ExamFile}
        tables |= {("problems", place): ListedProblem for place in range(MOST_PROBLEMS + 1)}
        for flaw in structure_flaws(details, tables):
            faults.add_flaw((), flaw)
        return None


def _parts(file: ExamFile, path: Path, faults: Faults) -> tuple[Part, ...]:
    """The problems that can be read; what is wrong with one of them stands with its own file and line."""
    parts = []
    for place, listed in enumerate(file.problems):
        own = Path(listed.file)
        if own.is_absolute() or ".." in own.parts:
            faults.add(("problems", place), f"the path {listed.file}", "a file in the folder of the exam or below it")
            continue
        try:
            problem = read(path.parent / own)
        except ProblemError as error:
            for fault in error.faults:
                faults.note(BEHIND + place, fault)
            continue
        part = exam_of(problem).parts[0]
        parts.append(part if listed.points is None else replace(part, points=listed.points))
    return tuple(parts)
