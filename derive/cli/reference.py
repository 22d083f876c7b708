"""`derive list`, `derive new` and `derive schema`: what can stand in a problem file, and one to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.cli.base import Json, screen


def list_operations(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="With --problems: files or folders, not the bank.")
    ] = None,
    notations: Annotated[
        bool, typer.Option("--notations", help="The notation presets instead, with their symbols and conventions.")
    ] = False,
    problems: Annotated[
        bool, typer.Option("--problems", help="The bank of problems instead: title, level, topics, minutes.")
    ] = False,
    level: Annotated[str, typer.Option(help="With --problems: introductory, intermediate or advanced.")] = "",
    topic: Annotated[str, typer.Option(help="With --problems: what a topic or the title must contain.")] = "",
    as_json: Json = False,
) -> None:
    """List all operations, with formula and derivative; or the presets of notation; or the bank of problems."""
    import dataclasses

    from derive.listing import notations as notation_rows
    from derive.listing import operations

    shown = screen()
    if problems:
        _list_problems(files or [], level, topic, as_json)
    elif notations and not as_json:
        shown.notations(notation_rows())
    elif notations:
        shown.json([dataclasses.asdict(row) for row in notation_rows()])
    elif as_json:
        shown.json([dataclasses.asdict(operation) for operation in operations()])
    else:
        shown.operations(operations())


def _list_problems(paths: list[Path], level: str, topic: str, as_json: bool) -> None:
    import dataclasses

    from derive.bank import LEVELS, bank
    from derive.output import choose_one

    found = bank(paths, choose_one("--level", level, LEVELS) if level else "", topic)
    if as_json:
        screen().json([{**dataclasses.asdict(entry), "file": str(entry.file)} for entry in found])
    else:
        screen().problems(found)


def new(
    name: Annotated[str, typer.Argument(help="The file to write; .yaml is added where it is missing.")],
    form: Annotated[str, typer.Option(help="mlp: layers in a few words; equations: the forward pass.")] = "mlp",
    force: Annotated[bool, typer.Option("--force", help="Write over a file of that name.")] = False,
) -> None:
    """Write a commented problem file to start from; it works as it stands."""
    from derive.output import choose_one
    from derive.starter import FORMS, write_starter

    path = write_starter(name, choose_one("--form", form, FORMS), force)
    screen().line(f"{path} is written. Change it, then: derive solve {path}")


def schema(
    output: Annotated[Path | None, typer.Option(help="The file to write.", show_default="standard output")] = None,
    exam: Annotated[bool, typer.Option("--exam", help="That of exams, which list problems.")] = False,
) -> None:
    """Print the JSON Schema of problem files, by which editors complete and underline."""
    import json

    from derive.files import write_atomically

    if exam:
        from derive.exam.reading import exam_schema as describe
    else:
        from derive.spec import schema as describe
    text = json.dumps(describe(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_atomically(output, text)
