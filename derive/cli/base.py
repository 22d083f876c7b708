"""What every command shares: exit codes, where results go, and how what goes wrong is told."""

from __future__ import annotations

import errno
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from derive.show import Screen
    from derive.solution import Solution

WELL, DISAGREES, UNUSABLE, BUG, INTERRUPTED = 0, 1, 2, 70, 130
_FLAGS = ("--debug", "--no-color")

Problem = Annotated[Path, typer.Argument(metavar="FILE", help="A problem file (YAML).", show_default=False)]
Problems = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Problem files (YAML).", show_default=False)]
InNotation = Annotated[
    str | None,
    typer.Option("--notation", help="Print in the notation of a preset; see derive list --notations.", show_default=""),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


class Commands(TyperGroup):
    """The commands; what goes wrong in one of them is told here, whatever it is."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let the flags of `derive` itself stand behind the command as well; without a command, show the help."""
        words = args[: args.index("--")] if "--" in args else args
        flags = [word for word in words if word in _FLAGS]
        others = [word for word in words if word not in _FLAGS]
        return super().parse_args(ctx, [*flags, *others, *args[len(words) :]] if others else [*flags, "--help"])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except KeyboardInterrupt:
            typer.echo("\ninterrupted; no file is half-written", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except DeriveError as error:
            screen().faults(error.faults)
            raise typer.Exit(UNUSABLE) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            screen().faults([Fault(error.strerror or str(error), where=str(error.filename or ""))])
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


def screen() -> Screen:
    """Where results and messages go."""
    from derive.show import Screen

    return Screen()


def each(shown: Screen, files: Sequence[Path], act: Callable[[Path], int]) -> None:
    """Do the same with every file, also after one that cannot be used; exit with the worst code."""
    worst = WELL
    for file in shown.track(files):
        try:
            code = act(file)
        except DeriveError as error:
            shown.faults(error.faults)
            code = UNUSABLE
        worst = max(worst, code)
    raise typer.Exit(worst)


def passed(solution: Solution) -> bool:
    """Whether every check of the problem and of its sheets passed."""
    return all(finding.passed for finding in solution.all_findings)
