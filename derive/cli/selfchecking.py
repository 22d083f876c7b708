"""`derive check-file` and `derive check-answers`: students test their answers, and find no key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.cli.base import DISAGREES, Json, Problem, screen
from derive.errors import DeriveError, Fault


def make_check_file(
    file: Problem,
    id_: Annotated[
        str | None, typer.Option("--id", help="The variant.", show_default="the problem's own numbers")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write.", show_default="<problem>.check.json")] = None,
) -> None:
    """Write a file with which a student can test answers, and from which nobody can read them.

    It holds salted hashes of the decimals that are accepted; each guess costs some work.
    """
    from derive.exam.answers import own_record, record_of
    from derive.files import write_atomically
    from derive.grading.selfcheck import check_file
    from derive.program import read

    problem = read(file)
    record = record_of(problem, id_) if id_ else own_record(problem)
    target = output or Path(f"{problem.name}.check.json")
    write_atomically(target, check_file(record, problem.title or problem.name, problem.rounding.places))
    screen().line(str(target))


def check_answers(
    file: Annotated[Path, typer.Argument(metavar="CHECKFILE", help="A file that `derive check-file` has written.")],
    answers: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help='Answers, such as "dL/dW_2=[[0.19, -0.07]]".')
    ],
    as_json: Json = False,
) -> None:
    """Test answers: which are right, entry by entry. The exit code is 1 if one is not."""
    from derive.grading.selfcheck import check_answers as check
    from derive.grading.selfcheck import read_check_file

    shown = screen()
    data = read_check_file(file)
    given = {}
    for answer in answers:
        name, equals, value = answer.partition("=")
        if not equals:
            raise DeriveError(Fault(f"`{answer}`", "NAME=VALUE, such as y=0.25"))
        given[name.strip()] = value.strip()
    found = list(check(data, given))
    if as_json:
        shown.json({checked.name: {"right": checked.is_right, "entries": list(checked.entries)} for checked in found})
    else:
        for checked in found:
            wrong = [str(place) for place, right in enumerate(checked.entries, 1) if not right]
            verdict = "right" if checked.is_right else "not right"
            count = len(checked.entries)
            which = f" (entry {', '.join(wrong)} of {count})" if wrong and count > 1 else ""
            shown.line(f"{checked.name}: {verdict}{which}", "green" if checked.is_right else "red")
    if not all(checked.is_right for checked in found):
        raise typer.Exit(DISAGREES)
