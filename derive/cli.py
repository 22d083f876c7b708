"""The command line: it parses, calls, prints, and exits; nothing else happens here.

Heavy libraries are imported inside the commands, so that `derive --help` answers at once.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from derive.output import Order
    from derive.show import Screen
    from derive.solution import Solution

WELL, DISAGREES, UNUSABLE, BUG, INTERRUPTED = 0, 1, 2, 70, 130
_FLAGS = ("--debug", "--no-color")


class Commands(TyperGroup):
    """The commands; what goes wrong in one of them is told here, whatever it is."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let the flags of `derive` itself stand behind the command as well."""
        words = args[: args.index("--")] if "--" in args else args
        flags = [word for word in words if word in _FLAGS]
        others = [word for word in words if word not in _FLAGS]
        return super().parse_args(ctx, [*flags, *others, *args[len(words) :]])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except KeyboardInterrupt:
            typer.echo("\ninterrupted; no file is half-written", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except DeriveError as error:
            _screen().faults(error.faults)
            raise typer.Exit(UNUSABLE) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            _screen().faults([Fault(error.strerror or str(error), where=str(error.filename or ""))])
            raise typer.Exit(UNUSABLE) from None
        except Exception as error:
            _tell_bug(error, debug=bool(ctx.params.get("debug")))
            raise typer.Exit(BUG) from None


def _tell_bug(error: Exception, *, debug: bool) -> None:
    if debug:
        traceback.print_exception(error)
    typer.echo(f"derive stopped: {type(error).__name__}: {error}", err=True)
    hint = "please report it with the problem file" if debug else "`--debug` shows where; please report it"
    typer.echo(f"This is a bug in derive, not in your file; {hint}.", err=True)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all is well; 1 a check fails, or a PDF could not be made; 2 the input cannot be used.",
)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Problem files (YAML).", show_default=False)]


def _screen() -> Screen:
    from derive.show import Screen

    return Screen()


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


@app.command(epilog="Example: derive solve problems/pen-and-paper.yaml --sheet solution,worksheet,key --format pdf")
def solve(
    files: Files,
    output: Annotated[Path, typer.Option(help="The folder that gets a sub-folder for each problem.")] = Path("output"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="What to write: pdf, tex, json.", show_default="pdf,tex,json")
    ] = None,
    sheets: Annotated[
        list[str] | None,
        typer.Option("--sheet", help="Which sheets: solution, worksheet, key.", show_default="solution,worksheet"),
    ] = None,
    detail: Annotated[
        str | None,
        typer.Option(help="How much is written out: brief, matrix or entries.", show_default="as the file says"),
    ] = None,
    templates: Annotated[
        Path | None, typer.Option(help="Your own copies of templates.", show_default="built in")
    ] = None,
    autograd: Annotated[bool, typer.Option("--autograd", help="Check against PyTorch too, if installed.")] = False,
) -> None:
    """Solve problems and write their sheets.

    Each problem gets a folder with solution, worksheet and result.json. If a check fails, the files are written all
    the same, the disagreement is shown, and the exit code is 1. So it is where LaTeX is missing: the .tex files are
    written, also where only PDFs were asked for, and the message says what to install.
    """
    from derive.output import FORMATS, read_order, require_names_apart, write

    screen = _screen()
    order = read_order(formats or FORMATS, sheets or ("solution", "worksheet"), detail, templates)
    apart = require_names_apart(files)
    if autograd:
        _warn_without_torch(screen)

    def solve_one(file: Path) -> int:
        start = time.perf_counter()
        solution = _solve(file, order, autograd=autograd)
        written = write(solution, output, order)
        screen.written(written, solution, time.perf_counter() - start, brief=len(apart) > 1)
        return DISAGREES if written.failures or not _passed(solution) else WELL

    _each(screen, apart, solve_one)


def _warn_without_torch(screen: Screen) -> None:
    from derive.check import is_available

    if not is_available():
        screen.warning("--autograd: PyTorch is not installed; pip install torch")


def _each(screen: Screen, files: Sequence[Path], act: Callable[[Path], int]) -> None:
    """Do the same with every file, also after one that cannot be used; exit with the worst code."""
    worst = WELL
    for file in screen.track(files):
        try:
            code = act(file)
        except DeriveError as error:
            screen.faults(error.faults)
            code = UNUSABLE
        worst = max(worst, code)
    raise typer.Exit(worst)


def _solve(file: Path, order: Order | None = None, *, autograd: bool) -> Solution:
    import derive

    problem = derive.read(file)
    if order is None:
        return derive.solve(problem, autograd=autograd)
    return derive.solve(order.apply(problem), autograd=autograd, templates=order.templates)


def _passed(solution: Solution) -> bool:
    return all(finding.passed for finding in solution.all_findings)


@app.command(epilog="Example: derive check problems/*.yaml")
def check(
    files: Files,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Check every line of problems by all routes and print the table; writes nothing.

    PyTorch's automatic differentiation is one of the routes where it is installed. If two routes disagree, both
    values are shown and the exit code is 1.
    """
    from derive.output import routes_left_out
    from derive.show import checks_data

    screen = _screen()
    found: list[dict[str, Any]] = []

    def check_one(file: Path) -> int:
        solution = _solve(file, autograd=True)
        left_out = routes_left_out(solution)
        if as_json:
            found.append(checks_data(file, solution, left_out))
        else:
            screen.checks(str(file), solution, left_out)
        return WELL if _passed(solution) else DISAGREES

    try:
        _each(screen, list(dict.fromkeys(files)), check_one)
    finally:
        if as_json:
            screen.json(
                {"passed": len(found) == len(set(files)) and all(f["passed"] for f in found), "problems": found}
            )


@app.command("list", epilog="Example: derive list --json")
def list_operations(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """List all operations, with formula and derivative."""
    import dataclasses

    from derive.listing import operations

    screen = _screen()
    if as_json:
        screen.json([dataclasses.asdict(operation) for operation in operations()])
    else:
        screen.operations(operations())


@app.command(epilog="Example: derive new exercise-1 --form equations")
def new(
    name: Annotated[str, typer.Argument(help="The file to write; .yaml is added where it is missing.")],
    form: Annotated[str, typer.Option(help="mlp: layers in a few words; equations: the forward pass.")] = "mlp",
    force: Annotated[bool, typer.Option("--force", help="Write over a file of that name.")] = False,
) -> None:
    """Write a commented problem file to start from; it works as it stands."""
    from derive.output import choose_one
    from derive.starter import FORMS, write_starter

    path = write_starter(name, choose_one("--form", form, FORMS), force)
    _screen().line(f"{path} is written. Change it, then: derive solve {path}")


@app.command(epilog="Example: derive schema --output derive.schema.json")
def schema(
    output: Annotated[Path | None, typer.Option(help="The file to write.", show_default="standard output")] = None,
) -> None:
    """Print the JSON Schema of problem files, by which editors complete and underline."""
    import json

    from derive.files import write_atomically
    from derive.spec import schema as describe

    text = json.dumps(describe(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_atomically(output, text)


def main() -> None:
    """The console command `derive`."""
    gc.set_threshold(100_000, 50, 50)  # a short run that makes many small objects, most of which stay
    atexit.register(gc.freeze)  # and that need not be searched for garbage once more when all is done
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a sign that the terminal cannot show is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    app()
