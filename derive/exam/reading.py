"""The file of an exam: what stands on its front page, and the files of its problems with their points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, ValidationError

from derive.errors import ProblemError
from derive.exam.plan import Exam, Part, exam_of, part_of
from derive.program import read
from derive.spec.faults import Faults, close_words
from derive.spec.fields import WHOLE_NUMBER, Flag, Text
from derive.spec.model import ProblemFile
from derive.spec.source import compose, load
from derive.spec.structure import structure_flaws
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, TreePath

PROBLEMS = "problems"
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


class _FileAlone:
    """The JSON Schema of a listed problem: its file, or a table."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ListedProblem(_Model):
    """A problem of an exam."""

    file: Text = Field(description="Its file, from the folder of the exam.", min_length=1)
    points: Annotated[int, Field(ge=0, le=9999), WHOLE_NUMBER] | None = Field(
        None, description="What it is worth; left out, as its file says."
    )


class ExamFile(_Model):
    """An exam of several problems."""

    title: Text = Field("Exam", description="The title on the front page.")
    course: Text = Field("", description="The course.")
    date: Text = Field("", description="The date, as it is printed.")
    minutes: Annotated[int, Field(ge=1, le=999), WHOLE_NUMBER] | None = Field(
        None, description="How long it takes; left out, as long as its problems say, if each of them does."
    )
    instructions: list[Text] = Field([], description="What students are told, a sentence or two in each entry.")
    shuffle: Flag = Field(False, description="Whether the order of the problems differs between papers.")
    problems: Annotated[
        list[Annotated[ListedProblem, BeforeValidator(_file), _FileAlone()]],
        Field(min_length=1, max_length=MOST_PROBLEMS),
    ] = Field(description="The problems: files, or `{file: ..., points: ...}`.")


def exam_schema() -> dict[str, Any]:
    """The JSON Schema of the file of an exam, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ExamFile.model_json_schema()}


def read_exam(path: Path) -> Exam:
    """The exam in a file, or the exam that consists of the problem in it; all that is wrong is told at once."""
    source = compose(load(path), str(path))
    if not _is_exam(source.tree):
        return exam_of(read(path))
    faults = Faults(str(path), source.tree)
    for line, fault in source.faults:
        faults.note(line, fault)
    file = _validated(source.tree, faults)
    parts = tuple(_parts(list(_listed(source.tree)), path, faults))
    if found := faults.in_order():
        raise ProblemError(*(fault for _, fault in found))
    assert file is not None, "a file without faults is valid"
    minutes = [part.problem.minutes for part in parts]
    return Exam(
        name=path.stem,
        title=file.title,
        parts=parts,
        course=file.course,
        date=file.date,
        minutes=file.minutes or (sum(own or 0 for own in minutes) if all(minutes) else None),
        instructions=tuple(file.instructions),
        shuffle=file.shuffle,
        source=path,
    )


def _is_exam(tree: Mapping) -> bool:
    """Whether a file lists problems, be it under a misspelt key, or has keys that only exams have."""
    foreign = [key for key in tree if key not in ProblemFile.model_fields]
    return any(key in ExamFile.model_fields or close_words(key, [PROBLEMS], 0.8) for key in foreign)


def _validated(tree: Mapping, faults: Faults) -> ExamFile | None:
    try:
        return ExamFile.model_validate({key: value for key, value in tree.items() if value is not None})
    except ValidationError as error:
        details = error.errors(include_url=False)
        tables: dict[TreePath, type[BaseModel]] = {(): ExamFile}
        tables |= {(PROBLEMS, place): ListedProblem for place in range(MOST_PROBLEMS + 1)}
        for flaw in structure_flaws(details, tables):
            faults.add_flaw((), flaw)
        return None


def _listed(tree: Mapping) -> Iterator[tuple[int, ListedProblem]]:
    """The problems that are listed well, with their places, whatever else is wrong with the file."""
    problems = tree.get(PROBLEMS)
    for place, entry in enumerate(problems[:MOST_PROBLEMS] if isinstance(problems, Sequence) else ()):
        try:
            yield place, ListedProblem.model_validate(_file(entry))
        except ValidationError:
            continue  # told with the rest of the structure


def _parts(listed: list[tuple[int, ListedProblem]], path: Path, faults: Faults) -> Iterator[Part]:
    """The problems that can be read; what is wrong with one of them stands with its own file and line."""
    for place, entry in listed:
        own = Path(entry.file)
        if own.is_absolute() or ".." in own.parts:
            faults.add((PROBLEMS, place), f"the path {entry.file}", "a file in the folder of the exam or below it")
            continue
        if not (path.parent / own).is_file():
            faults.add((PROBLEMS, place), f"there is no file {entry.file} in {path.parent}", "a problem file (YAML)")
            continue
        try:
            problem = read(path.parent / own)
        except ProblemError as error:
            for fault in error.faults:
                faults.note(BEHIND + place, fault)
            continue
        try:
            yield part_of(problem, entry.points)
        except ProblemError as error:
            for fault in error.faults:
                faults.add((PROBLEMS, place), fault.found, fault.expected, fault.hint)
