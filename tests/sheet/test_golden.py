"""Golden files that a teacher can read: what the sheet says (`.txt`) and the LaTeX it becomes (`.tex`).

`make golden` writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent

import pytest

from derive.ops import Array
from derive.sheet import Blank, Line, Sheet
from derive.solution import Solution, solve_problem
from derive.spec import read, read_text
from tests.problems import PROBLEMS

HERE = Path(__file__).parent.parent / "golden"
GOLDEN = {
    "pen-and-paper": None,
    "mini-batch": "mini-batch with augmented inputs",
    "softmax-two-steps": "softmax in two steps, entries",
    "symbols": "symbols, batch",
}


def as_text(sheet: Sheet) -> Iterable[str]:
    """The document model, line by line, as plain text."""
    yield f"{sheet.kind}: {sheet.title}"
    for shown in sheet.givens:
        yield f"  given {shown.role} {shown.tensor.name} {decimals(shown.values)}"
    for section in sheet.sections:
        yield f"\n== {section.role}"
        for entry in section.entries:
            where = f" of the {entry.layer} layer" if entry.layer else ""
            yield f"{entry.number}. {entry.title}{where} ({entry.rule})"
            for local in entry.jacobians:
                yield f"     with d{local.upper}/d{local.lower} = {local.formula}"
            yield from (f"     {line_as_text(line)}" for line in entry.lines)
            yield from (f"     assuming {note}" for note in entry.assumptions)


def line_as_text(line: Line) -> str:
    parts = [line.target.name]
    if line.chain:
        parts.append(" + ".join(" ".join(f"d{upper}/d{lower}" for upper, lower in path) for path in line.chain))
    if line.formula is not None:
        parts.append(str(line.formula))
    if line.cut is not None:
        parts.append("; ".join(f"{part}: {decimals(values)}" for part, values in line.cut.items()))
    parts.append("blank" if isinstance(line.result, Blank) else decimals(line.result))
    return " = ".join(part for part in parts if part)


def decimals(values: Array | None) -> str:
    if values is None:
        return ""
    if values.ndim < 2:
        return "[" + ", ".join(map(str, values.flat)) + "]" if values.ndim else str(values[()])
    return "[" + ", ".join(decimals(row) for row in values) + "]"


def solution_of(name: str) -> Solution:
    key = GOLDEN[name]
    if key is None:
        return solve_problem(read(HERE.parent.parent / "problems" / f"{name}.yaml"))
    return solve_problem(read_text(dedent(PROBLEMS[key]), name))


@pytest.mark.parametrize("name", GOLDEN)
def test_the_sheet_says_what_the_golden_file_says(name: str) -> None:
    solution = solution_of(name)
    texts = {
        f"{name}.txt": "\n".join([*as_text(solution.sheet()), "", *as_text(solution.sheet("worksheet")), ""]),
        f"{name}.tex": solution.tex(),
    }
    for file, text in texts.items():
        golden = HERE / file
        if os.environ.get("WRITE_GOLDEN"):
            golden.write_text(text)
        assert without_errors(text) == without_errors(golden.read_text()), file


def without_errors(text: str) -> list[str]:
    """The lines, without the sentence on how closely the routes agree: its last digits depend on the processor."""
    return [line for line in text.splitlines() if "Checked: " not in line]
