"""The command line: it parses, calls, prints, and exits; nothing else happens here.

Each file holds the commands of a group. Heavy libraries are imported inside the commands, so that `derive --help`
answers at once.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Annotated

import typer

from derive.cli.base import Commands
from derive.cli.comparing import compare
from derive.cli.examining import stress, variants
from derive.cli.grading import grade
from derive.cli.notebooks import notebook
from derive.cli.programs import code
from derive.cli.reference import list_operations, new, schema
from derive.cli.selfchecking import check_answers, make_check_file
from derive.cli.solving import check, solve
from derive.cli.training import train

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all is well; 1 a check fails, or a PDF could not be made; 2 the input cannot be used.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from derive import __version__

        typer.echo(f"derive {__version__}")
        raise typer.Exit


def _switch_colours_off(wanted: bool) -> None:
    if wanted:
        os.environ["NO_COLOR"] = "1"


@app.callback()
def derive_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
    no_color: Annotated[
        bool,
        typer.Option("--no-color", callback=_switch_colours_off, is_eager=True, help="No colours; so does NO_COLOR=1."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")] = False,
) -> None:
    """From a neural-network problem file to a checked, printed solution.

    Start with [bold]derive new exercise[/bold], change the file, then [bold]derive solve exercise.yaml[/bold].
    """


app.command(epilog="Example: derive solve problems/pen-and-paper.yaml --sheet solution,worksheet,key --format pdf")(
    solve
)
app.command(epilog="Example: derive check problems/*.yaml")(check)
app.command("list", epilog="Example: derive list --json")(list_operations)
app.command(epilog="Example: derive new exercise-1 --form equations")(new)
app.command(epilog="Example: derive schema --output derive.schema.json")(schema)
app.command(epilog="Example: derive code problems/pen-and-paper.yaml --language pytorch --blanks")(code)
app.command(epilog="Example: derive compare three-relu.yaml tanh-sigmoid.yaml --format pdf")(compare)
app.command(epilog="Example: derive train problems/softmax-squared-error.yaml --data mnist --learning-rate 0.01")(train)

app.command(epilog="Example: derive variants problems/pen-and-paper.yaml --seed 7 --roster students.csv")(variants)
app.command(epilog="Example: derive stress problems/pen-and-paper.yaml --count 1000")(stress)
app.command(epilog="Example: derive grade problems/pen-and-paper.yaml answers.csv")(grade)
app.command(epilog="Example: derive notebook problems/pen-and-paper.yaml --variants 30 --seed 7 --output course")(
    notebook
)
app.command("check-file", epilog="Example: derive check-file problems/pen-and-paper.yaml")(make_check_file)
app.command("check-answers", epilog='Example: derive check-answers pen-and-paper.check.json y=0.25 "a=[0.3, 0.24]"')(
    check_answers
)


def main() -> None:
    """The console command `derive`."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for some takes longer than a problem file
    gc.set_threshold(100_000, 50, 50)  # a short run that makes many small objects, most of which stay
    atexit.register(gc.freeze)  # and that need not be searched for garbage once more when all is done
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a sign that the terminal cannot show is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    app()
