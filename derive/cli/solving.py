"""`derive solve` and `derive check`: problems as sheets, and what confirms them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.cli.base import DISAGREES, WELL, InNotation, Json, Problems, each, passed, screen

if TYPE_CHECKING:
    from derive.output import Order
    from derive.show import Screen
    from derive.solution import Solution


def solve(
    files: Problems,
    output: Annotated[Path, typer.Option(help="The folder that gets a sub-folder for each problem.")] = Path("output"),
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="What to write: pdf, tex, json, svg.", show_default="pdf,tex,json"),
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
    notation: InNotation = None,
    autograd: Annotated[bool, typer.Option("--autograd", help="Check against PyTorch too, if installed.")] = False,
) -> None:
    """Solve problems and write their sheets.

    Each problem gets a folder with solution, worksheet and result.json. If a check fails, the files are written all
    the same, the disagreement is shown, and the exit code is 1. So it is where LaTeX is missing: the .tex files are
    written, also where only PDFs were asked for, and the message says what to install.
    """
    from derive.output import DEFAULT_FORMATS, read_order, require_names_apart, write

    shown = screen()
    order = read_order(formats or DEFAULT_FORMATS, sheets or ("solution", "worksheet"), detail, templates, notation)
    apart = require_names_apart(files)
    if autograd:
        _warn_without_torch(shown)

    def solve_one(file: Path) -> int:
        start = time.perf_counter()
        solution = _solve(file, order, autograd=autograd)
        written = write(solution, output, order)
        shown.written(written, solution, time.perf_counter() - start, brief=len(apart) > 1)
        return DISAGREES if written.failures or not passed(solution) else WELL

    each(shown, apart, solve_one)


def _warn_without_torch(shown: Screen) -> None:
    from derive.check import is_available

    if not is_available():
        shown.warning("--autograd: PyTorch is not installed; pip install torch")


def _solve(file: Path, order: Order, *, autograd: bool) -> Solution:
    from derive.program import read
    from derive.solution import solve_problem

    problem = read(file)
    return solve_problem(order.apply(problem), autograd=autograd, templates=order.templates)


def check(
    files: Problems,
    notation: InNotation = None,
    as_json: Json = False,
) -> None:
    """Check every line of problems by all routes and print the table; writes nothing.

    PyTorch's automatic differentiation is one of the routes where it is installed. If two routes disagree, both
    values are shown and the exit code is 1.
    """
    from derive.output import Order, choose_notation, routes_left_out
    from derive.show import checks_data

    shown = screen()
    order = Order((), (), notation=choose_notation(notation) if notation else None)
    found: list[dict[str, Any]] = []

    def check_one(file: Path) -> int:
        solution = _solve(file, order, autograd=True)
        left_out = routes_left_out(solution)
        if as_json:
            found.append(checks_data(file, solution, left_out))
        else:
            shown.checks(str(file), solution, left_out)
        return WELL if passed(solution) else DISAGREES

    try:
        each(shown, list(dict.fromkeys(files)), check_one)
    finally:
        if as_json:
            shown.json({"passed": len(found) == len(set(files)) and all(f["passed"] for f in found), "problems": found})
