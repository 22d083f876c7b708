"""Answers in JSON and YAML: a list of `{student, variant, answers: {name: value}}`, or such tables by student."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from derive.errors import Fault
from derive.exam.roster import visible
from derive.grading.submissions import Found, Submission, SubmissionError, decoded, read_student, student_path
from derive.grading.values import Raw
from derive.spec.composer import Composer
from derive.spec.faults import shorten, suggestion
from derive.spec.tree import Mapping, Scalar, Sequence, Tree

KEYS = ("student", "variant", "answers")
PASSED_OVER = ("name", "number")  # what the exam's own lists hold besides
LONGEST_INTEGER = 40  # digits
_SHEETS = "a list of `{student: ..., variant: ..., answers: {name: value}}`, or such tables under each student"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Table(dict[str, Any]):
    """A table of the file: of two equal keys the first one counts, the others are in `again`; `line` is 0 in JSON."""

    again: tuple[str, ...] = ()
    line: int = 0


def read_json(content: bytes, where: str, _: Path) -> Iterator[Found]:
    """The sheets of a JSON file."""
    try:
        data = json.loads(
            decoded(content, where), object_pairs_hook=_table, parse_int=_integer, parse_constant=lambda word: word
        )
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}"
        raise SubmissionError(Fault(f"this is not JSON: {error.msg}", "a JSON file", where=place)) from None
    except RecursionError:
        raise SubmissionError(Fault("brackets in brackets, too many of them", _SHEETS, where=where)) from None
    yield from _sheets(data, where)


def _table(pairs: list[tuple[str, Any]]) -> _Table:
    table = _Table(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        again = []
        for key, value in pairs:
            if key in seen:
                again.append(key)
            else:
                seen.add(key)
                table[key] = value
        table.again = tuple(again)
    return table


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_INTEGER else text


def read_yaml(content: bytes, where: str, _: Path) -> Iterator[Found]:
    """The sheets of a YAML file; no tag is obeyed, no alias expanded."""
    composer = Composer(where)
    try:
        composer.run(yaml.parse(decoded(content, where).encode(), Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark else where
        found = f"this is not YAML: {getattr(error, 'problem', None) or 'unreadable'}"
        raise SubmissionError(Fault(found, "a YAML file", where=place)) from None
    yield from (fault for _, fault in composer.faults)
    yield from _sheets(_plain(composer.root), where)


def _plain(tree: Tree) -> Any:
    """Tables, lists and texts, as JSON has them; a tree is at most as deep as the composer lets it be."""
    if isinstance(tree, Mapping):
        table = _Table((key, _plain(value)) for key, value in tree.items())
        table.line = tree.line
        return table
    if isinstance(tree, Sequence):
        return [_plain(entry) for entry in tree]
    return tree.text if isinstance(tree, Scalar) else None


def _sheets(data: Any, where: str) -> Iterator[Found]:
    if isinstance(data, list):
        for number, entry in enumerate(data, 1):
            yield from _sheet(entry, where, f"[{number}]")
    elif isinstance(data, _Table) and "answers" in data and "student" in data:
        yield from _sheet(data, where, "")
    elif isinstance(data, _Table):
        yield from (_twice(student, where) for student in data.again)
        for student, entry in data.items():
            yield from _sheet(entry, where, student_path(student), student)
    else:
        yield Fault("no sheets", _SHEETS, where=where)


def _twice(student: str, where: str) -> Fault:
    hint = "the first one counts; take one of them out"
    return Fault("a second sheet", "each student once", hint, where, student_path(student))


def _sheet(entry: Any, where: str, path: str, student: str | None = None) -> Iterator[Found]:
    """One sheet, with what is wrong with it."""
    if not isinstance(entry, _Table):
        yield Fault(f"{visible(shorten(str(entry)))} in the place of a sheet", _SHEETS, where=where, path=path)
        return
    place = f"{where}:{entry.line}" if entry.line else where
    found = read_student(entry.get("student") if student is None else student, place, path)
    if isinstance(found, Fault):
        yield found
        return
    path = student_path(found)
    for key in [*entry, *entry.again]:
        if key not in (*KEYS, *PASSED_OVER):
            yield Fault(f"the unknown key `{visible(shorten(key))}`", _SHEETS, suggestion(key, KEYS), place, path)
    answers = entry.get("answers")
    if not isinstance(answers, _Table):
        told = "no answers" if answers is None else f"answers that are no table: {visible(shorten(str(answers)))}"
        yield Fault(told, "`answers: {name: value}`; `{}` if nothing was answered", "", place, path)
        return
    variant = entry.get("variant")
    if isinstance(variant, (list, dict)):
        yield Fault("a variant that is no text", "an id such as 7-017-K7QB, as on the paper", "", place, path)
        return
    fields: dict[str, Raw] = {}
    for name, value in _flat(answers):
        if isinstance(value, Fault):
            yield Fault(value.found, value.expected, value.hint, place, student_path(found, name))
        else:
            fields[name] = value
    yield Submission(found, "" if variant is None else str(variant).strip(), fields, place)


def _flat(answers: _Table, problem: str = "") -> Iterator[tuple[str, Raw | Fault]]:
    """Each answer with its name; those of one problem may stand in a table of their own: `1: y`."""
    for name in answers.again:
        yield f"{problem}{name}", Fault("an answer that stands twice", "each once", "the first one counts")
    for name, value in answers.items():
        if not isinstance(value, _Table):
            yield f"{problem}{name}", value
        elif not problem:
            yield from _flat(value, f"{name}: ")
        else:
            yield f"{problem}{name}", Fault("a table", "a number, a list, or a list of rows")
