"""What the command line prints: summaries, tables and faults. Text from files is never read as markup."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from derive.errors import Fault

if TYPE_CHECKING:
    from rich.table import Table

    from derive.bank import BankEntry
    from derive.check import Finding
    from derive.listing import NotationRow, Operation
    from derive.output import Written
    from derive.solution import Solution

_WIDTH_OF_FILES = 160  # columns where the output is no terminal
_FAULT = r"(?m)^(?P<place>\S.*?:\d+(: \S+?)?:)|^    (?P<label>expected|hint):"


class Screen:
    """Where results (`out`) and messages (`err`) go."""

    def __init__(self) -> None:
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr, stderr=True)

    def line(self, text: str, style: str = "", console: Console | None = None) -> None:
        """One line of text as it is, never folded."""
        (console or self.out).print(Text(text, style), soft_wrap=True, highlight=False)

    def faults(self, faults: Iterable[Fault]) -> None:
        """Every fault, with what was expected and what to do."""
        for fault in faults:
            text = Text(str(fault))
            for style in ("place", "label"):
                for start, end in _spans(text.plain, style):
                    text.stylize({"place": "bold", "label": "cyan"}[style], start, end)
            self.err.print(text, soft_wrap=True, highlight=False)

    def warning(self, text: str) -> None:
        """Something to look at that stops nothing."""
        self.line(f"warning: {text}", "yellow", self.err)

    def track(self, files: Sequence[Path]) -> Iterator[Path]:
        """The files one after the other, behind a progress bar where there are several and a person is watching."""
        if len(files) < 2 or not self.err.is_terminal:
            yield from files
            return
        from rich.progress import track

        out = self.out
        if out.is_terminal:  # one terminal for both: the bar makes room only for what its own console prints
            self.out = self.err
        try:
            yield from track(files, "Solving", console=self.err, transient=True)
        finally:
            self.out = out

    @contextmanager
    def counted(self, total: int) -> Iterator[Callable[[str], None]]:
        """A function to call after each of `total` small steps, with what to say beside the bar; mute in a pipe."""
        if not self.err.is_terminal:
            yield lambda text: None
            return
        from rich.progress import Progress

        with Progress(console=self.err, transient=True) as progress:
            task = progress.add_task("", total=total)
            yield lambda text: progress.update(task, advance=1, description=text)

    @contextmanager
    def stages(self) -> Iterator[Callable[[str, int, int], None]]:
        """A function that says how far each of several stages is (name, done, of how many); mute in a pipe."""
        if not self.err.is_terminal:
            yield lambda stage, done, total: None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        rate = TextColumn("{task.fields[rate]}")
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn()
        with Progress(*columns, console=self.err, transient=True) as progress:
            tasks: dict[str, Any] = {}

            def report(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = progress.add_task(stage, total=total, rate="")
                speed = progress.tasks[tasks[stage]].speed
                progress.update(tasks[stage], completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

            yield report

    def written(self, written: Written, solution: Solution, seconds: float, *, brief: bool) -> None:
        """What was written for a problem and how it was checked; on one line where there are many problems."""
        checked = f"{_checks(solution.all_findings)}, {seconds:.1f} s"
        if brief:
            self.line(f"{written.folder}: {len(written.files)} files, {checked}")
        else:
            for path in written.paths:
                self.line(str(path))
            self.line(checked, "green" if _all_passed(solution.all_findings) else "red")
        for sheet, points in written.overfull.items():
            self.warning(f"{written.folder / sheet}.pdf: a line sticks out by {points:.0f}pt; is a formula too long?")
        for name in _left_from_before(written):
            self.warning(f"{written.folder / name} is from an earlier run")
        self.faults(written.failures)
        self.failures(solution.all_findings)

    def checks(self, title: str, solution: Solution, left_out: Mapping[str, str]) -> None:
        """The table of all steps and routes, what disagrees, and which routes did not run."""
        self.out.print(_checks_table(title, solution.all_findings))
        for route, reason in left_out.items():
            self.line(f"not run: {route} ({reason})")
        self.failures(solution.all_findings)
        self.checked("", solution.all_findings)

    def checked(self, start: str, findings: Sequence[Finding]) -> None:
        """How many checks passed, on a line that begins with `start`."""
        self.line(f"{start}{_checks(findings)}", "green" if _all_passed(findings) else "bold red")

    def failures(self, findings: Sequence[Finding]) -> None:
        """The steps on which a route disagrees, with both values."""
        failed = [finding for finding in findings if not finding.passed]
        if not failed:
            return
        table = table_of("NOT CONFIRMED", "step", "route", "found", "expected", "difference")
        for finding in failed:
            cells = (finding.step, finding.route, finding.found, finding.expected or finding.note, _size(finding.error))
            table.add_row(*(Text(cell) for cell in cells), style="red")
        self.err.print(table)

    def operations(self, operations: Iterable[Operation]) -> None:
        """All operations, a table for each group."""
        groups: dict[str, list[Operation]] = {}
        for operation in operations:
            groups.setdefault(operation.group, []).append(operation)
        for title, members in groups.items():
            table = table_of(title, "name", "formula", "derivative", "", lines=True)
            for member in members:
                derivatives = "\n".join(f"{name} = {text}" for name, text in member.derivatives.items())
                options = ", ".join(f"{name}={value}" for name, value in member.options.items())
                about = "\n".join(part for part in (member.doc, options and f"options: {options}") if part)
                table.add_row(Text(member.name, "bold"), Text(member.formula), Text(derivatives), Text(about))
            self.out.print(table)

    def notations(self, rows: Iterable[NotationRow]) -> None:
        """The presets of notation, each with its symbols, its conventions, and what its source leaves open."""
        for row in rows:
            table = table_of(row.name, "", "one sample", "a batch")
            for role, symbol in row.symbols.items():
                table.add_row(Text(role.replace("_", " ")), Text(symbol), Text(row.batch.get(role, "")))
            self.out.print(table)
            conventions = ", ".join(f"{name}: {value}" for name, value in row.conventions.items())
            self.out.print(Text(f"{row.source}.\n{conventions}."))
            self.out.print(Text(f"Left open by the source: {'; '.join(row.open)}.\n", "dim"))

    def problems(self, entries: Sequence[BankEntry]) -> None:
        """The bank of problems, one in each row."""
        table = table_of(f"{len(entries)} problems", "file", "title", "level", "minutes", "topics")
        for entry in entries:
            minutes = "" if entry.minutes is None else str(entry.minutes)
            about = Text(", ".join(entry.topics))
            table.add_row(Text(entry.file.name, "bold"), Text(entry.title), Text(entry.level), Text(minutes), about)
        self.out.print(table)

    def json(self, data: Any) -> None:
        """Machine-readable output, as it is."""
        self.out.file.write(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def checks_data(file: Path, solution: Solution, left_out: Mapping[str, str]) -> dict[str, Any]:
    """The findings of one problem for `derive check --json`."""
    return {
        "file": str(file),
        "problem": solution.problem.name,
        "passed": _all_passed(solution.all_findings),
        "checks": [
            {
                "route": finding.route,
                "step": finding.step,
                "passed": finding.passed,
                "error": finding.error if finding.error is not None and math.isfinite(finding.error) else None,
                "found": finding.found,
                "expected": finding.expected,
                "note": finding.note,
            }
            for finding in solution.all_findings
        ],
        "not_run": dict(left_out),
    }


def _console(stream: Any, *, stderr: bool = False) -> Console:
    width = None if stream.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_FILES
    return Console(stderr=stderr, width=width, markup=False, emoji=False)


def _spans(text: str, group: str) -> Iterator[tuple[int, int]]:
    import re

    for match in re.finditer(_FAULT, text):
        if match[group]:
            yield match.span(group)


def table_of(title: str, *columns: str, lines: bool = False) -> Table:
    """An empty table with a title and the headings of its columns."""
    from rich import box
    from rich.table import Table

    table = Table(title=Text(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, show_lines=lines)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _checks_table(title: str, findings: Sequence[Finding]) -> Table:
    routes = list(dict.fromkeys(finding.route for finding in findings))
    cells: dict[str, dict[str, Finding]] = {}
    for finding in findings:
        row = cells.setdefault(finding.step, {})
        if finding.route not in row or not finding.passed:
            row[finding.route] = finding
    table = table_of(title, "step", *routes)
    for step, row in cells.items():
        table.add_row(Text(step), *(_cell(row.get(route)) for route in routes))
    return table


def _cell(finding: Finding | None) -> Text:
    """A tick or a cross, with the difference where the route measures one."""
    if finding is None:
        return Text("")
    size = _size(finding.error)
    return Text(f"✓ {size}", "green") if finding.passed else Text(f"✗ {size}", "bold red")


def _checks(findings: Sequence[Finding]) -> str:
    """`59 checks passed (largest differences: symbolic 1e-30, plain 0)`"""
    failed = sum(not finding.passed for finding in findings)
    largest: dict[str, float] = {}
    for finding in findings:
        if finding.error is not None:
            largest[finding.route] = max(finding.error, largest.get(finding.route, 0.0))
    sizes = ", ".join(f"{route} {_size(error)}" for route, error in largest.items())
    head = f"{failed} of {len(findings)} checks FAILED" if failed else f"{len(findings)} checks passed"
    return f"{head} (largest differences: {sizes})" if sizes else head


def _all_passed(findings: Sequence[Finding]) -> bool:
    return all(finding.passed for finding in findings)


def _size(error: float | None) -> str:
    return "" if error is None else "0" if error == 0 else f"{error:.0e}"


def _left_from_before(written: Written) -> list[str]:
    """PDFs that an earlier run left beside sources whose own PDF could not be made."""
    names = [file.replace(".tex", ".pdf") for file in written.files if file.endswith(".tex")]
    missing = [name for name in names if name not in written.files]
    return [name for name in missing if written.failures and (written.folder / name).exists()]
