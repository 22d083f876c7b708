"""`derive code`: a problem as a program, shown, written to a file, or put into a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.base import DISAGREES, Problem
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from derive.code import Source, Write

PYTHON, NOTEBOOK = ".py", ".ipynb"


def code(
    file: Problem,
    language: Annotated[str, typer.Option(help="numpy or pytorch.")] = "numpy",
    style: Annotated[
        str | None,
        typer.Option(
            help="numpy: step, loop or layers; pytorch: loop or module.", show_default="step in NumPy, loop in PyTorch"
        ),
    ] = None,
    blanks: Annotated[bool, typer.Option("--blanks", help="Leave out what students are to write.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="A file to write: .py or .ipynb.", show_default="standard output")
    ] = None,
) -> None:
    """Write a problem as a program: its steps line by line, in layers, or in PyTorch.

    The gradients are the derived ones. Without numbers in the problem the program makes random data to run on. If a
    check of the problem fails, no program is written and the exit code is 1.
    """
    from derive.program import read
    from derive.solution import solve_problem

    source_of = chosen(language, style)
    require_suffix(output)
    solution = solve_problem(read(file))
    if not solution.passed:
        typer.echo(f"{file}: a check fails; `derive check {file}` shows which", err=True)
        raise typer.Exit(DISAGREES)
    source = source_of(solution.problem, solution.program, solution.values)
    if output is None:
        typer.echo(source.text(blanks), nl=False)
    else:
        write_source(source, output, blanks)


def chosen(language: str, style: str | None) -> Write:
    """The function that writes a style of a language."""
    from derive.code import STYLES
    from derive.output import choose_one

    styles = STYLES[choose_one("--language", language, tuple(STYLES))]
    return styles[choose_one("--style", style, tuple(styles)) if style else next(iter(styles))]


def require_suffix(output: Path | None) -> None:
    """The name of the file says what it is."""
    if output is not None and output.suffix not in (PYTHON, NOTEBOOK):
        raise DeriveError(Fault(f"a file that ends in `{output.suffix}`", f"{PYTHON} or {NOTEBOOK}", where=str(output)))


def write_source(source: Source, output: Path, blanks: bool) -> None:
    """The program as a Python file, or as a notebook with a cell for each part."""
    from derive.files import write_atomically

    write_atomically(output, notebook(source, blanks) if output.suffix == NOTEBOOK else source.text(blanks))


def notebook(source: Source, blanks: bool) -> str:
    """The parts of a program as the cells of a Jupyter notebook; the same cells always have the same names."""
    try:
        import nbformat
    except ImportError:
        found = "notebooks need nbformat, which is not installed"
        raise DeriveError(Fault(found, hint='pip install nbformat, or pip install "derive[notebook]"')) from None
    from nbformat import v4

    from derive.render.markdown import markdown_text

    cells = [v4.new_markdown_cell(f"# {markdown_text(source.title)}")] if source.title else []
    cells += [v4.new_code_cell(text) for text in source.cells(blanks)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    book = v4.new_notebook(cells=cells)
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.validate(book)
    text: str = nbformat.writes(book)
    return f"{text}\n"
