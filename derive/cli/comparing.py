"""`derive compare`: two problems side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.base import DISAGREES, Json, screen

if TYPE_CHECKING:
    from rich.text import Text

    from derive.compare import Comparison, Row
    from derive.show import Screen

_SIDES = ("A", "B")


def compare(
    left: Annotated[Path, typer.Argument(metavar="A", help="A problem file (YAML).", show_default=False)],
    right: Annotated[Path, typer.Argument(metavar="B", help="Another one.", show_default=False)],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="Files to write besides: pdf, tex.", show_default="no files"),
    ] = None,
    output: Annotated[Path, typer.Option(help="The folder that gets `<a>-<b>` with the files.")] = Path("output"),
    templates: Annotated[
        Path | None, typer.Option(help="Your own copies of templates.", show_default="built in")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="What stays the same, too.")] = False,
    as_json: Json = False,
) -> None:
    """Show what changes between two problems, when an activation or the loss is another one.

    A table has every quantity whose formula differs, pass by pass, with the formula of either side; where both
    problems have numbers, another one has the loss, gradients and parameters that print differently. Both problems
    are checked; if a check fails, the exit code is 1.
    """
    from derive.compare import FORMATS, comparison_data, write_comparison
    from derive.compare import compare as compare_solutions
    from derive.output import choose, require_templates
    from derive.program import read
    from derive.solution import solve_problem

    shown = screen()
    wanted = choose("--format", formats, FORMATS) if formats else ()
    if templates:
        require_templates(templates)
    comparison = compare_solutions(*(solve_problem(read(file), templates=templates) for file in (left, right)))
    written = write_comparison(comparison, output, wanted, everything) if wanted else None
    if as_json:
        shown.json(comparison_data(comparison, everything))
    else:
        _show(shown, comparison, (left, right), everything)
        for path in written.paths if written else ():
            shown.line(str(path))
    if written:
        shown.faults(written.failures)
    if not comparison.passed or (written and written.failures):
        raise typer.Exit(DISAGREES)


def _show(shown: Screen, comparison: Comparison, files: tuple[Path, Path], everything: bool) -> None:
    from rich.text import Text

    from derive.compare import decimals_text
    from derive.show import table_of

    for side, file, solution in zip(_SIDES, files, comparison.sides, strict=True):
        shown.line(f"{side}: {solution.problem.title or solution.problem.name} ({file})")
    rows = comparison.rows if everything else comparison.changes
    if not rows:
        shown.line("Every formula is the same in both.")
    for section in dict.fromkeys(row.section for row in rows):
        table = table_of(section, "quantity", *_SIDES)
        for row in rows:
            if row.section == section:
                table.add_row(Text(row.name, "dim" if row.change == "same" else "bold"), *_formulas(row))
        shown.out.print(table)
    if comparison.numbers:
        table = table_of("numbers that change", "quantity", *_SIDES)
        for found in comparison.numbers:
            table.add_row(Text(found.name, "bold"), *(Text(decimals_text(values)) for values in found.values))
        shown.out.print(table)
    elif comparison.has_numbers:
        shown.line("All numbers print the same.")
    for side, solution in zip(_SIDES, comparison.sides, strict=True):
        shown.checked(f"{side}: ", solution.all_findings)
        shown.failures(solution.all_findings)


def _formulas(row: Row) -> tuple[Text, Text]:
    """Both formulas; what only one of them has is coloured."""
    from rich.text import Text

    from derive.compare import differences

    texts = tuple("" if step is None else str(step.formula) for step in (row.left, row.right))
    if row.change == "same":
        return Text(texts[0], "dim"), Text(texts[1], "dim")
    shown = Text(texts[0] or "-"), Text(texts[1] or "-")
    if row.change == "changed":
        for text, spans in zip(shown, differences(*texts), strict=True):
            for start, end in spans:
                text.stylize("bold red" if text is shown[0] else "bold green", start, end)
    return shown
