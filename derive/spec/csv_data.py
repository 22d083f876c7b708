"""Numbers from a CSV file beside the problem file: `x: {csv: points.csv, column: x}` stands for the list of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from derive.spec.faults import Faults, Flaw, FlawedValueError, listing, suggestion
from derive.spec.model import SECTIONS
from derive.spec.source import Source
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, TreePath, at, describe, replaced

LARGEST_FILE = 4_000_000  # bytes, as for a problem file
_EXAMPLE = "`x: {csv: points.csv, column: x}`, or `columns: [x_1, x_2]` for a matrix"


def with_csv_data(source: Source, folder: Path | None, faults: Faults) -> Source:
    """The source with the numbers in the place of each `{csv: ...}`; one that cannot be read is told and is lost.

    A file is looked for in the `folder` of the problem file and below, nowhere else.
    """
    tree: Tree = source.tree
    lost: set[TreePath] = set()
    for path in _places(source.tree):
        table = at(source.tree, path)
        assert isinstance(table, Mapping)
        try:
            tree = replaced(tree, path, _numbers(table, folder))
        except FlawedValueError as error:
            for flaw in error.flaws:
                faults.add_flaw(path, flaw)
            lost.add(path)
    assert isinstance(tree, Mapping), "a mapping stays one"
    return source._replace(tree=tree, lost=source.lost | lost)


def _places(tree: Mapping) -> Iterator[TreePath]:
    """Where a quantity is given by a table with the key `csv`."""
    for section in SECTIONS:
        given = tree.get(section)
        for name, value in given.items() if isinstance(given, Mapping) else ():
            if isinstance(value, Mapping) and "csv" in value:
                yield section, name


def _numbers(table: Mapping, folder: Path | None) -> Sequence:
    """A list for one column, a list of rows for several; each number keeps the text that it has in the file."""
    unknown = [key for key in table if key not in ("csv", "column", "columns")]
    if unknown or ("column" in table) == ("columns" in table):
        found = listing(unknown) if unknown else listing(key for key in table if key != "csv") or "no column"
        raise FlawedValueError(Flaw(found, _EXAMPLE))
    names = _words(table["column"]) if "column" in table else _words(table["columns"])
    if "column" in table and not isinstance(table["column"], Scalar):
        raise FlawedValueError(Flaw(describe(table["column"]), "one column", path=("column",)))
    rows = _rows(_file(table["csv"], folder), names)
    numbers = Sequence(table.line)
    for row in rows:
        cells = [Scalar(cell, "", table.line) for cell in row]
        if "column" in table:
            numbers += cells
        else:
            line = Sequence(table.line)
            line += cells
            numbers.append(line)
    return numbers


def _words(tree: Tree) -> list[str]:
    items = tree if isinstance(tree, Sequence) else [tree]
    if not items or not all(isinstance(item, Scalar) for item in items):
        raise FlawedValueError(Flaw(describe(tree), "the name of a column, or a list of them"))
    return [item.text for item in items if isinstance(item, Scalar)]


def _file(tree: Tree, folder: Path | None) -> Path:
    """The file that is named: it must lie in the folder of the problem file or below, also behind links."""
    if not isinstance(tree, Scalar) or not tree.text.strip():
        raise FlawedValueError(Flaw(describe(tree), "the name of a CSV file beside the problem file", path=("csv",)))
    if folder is None:
        raise FlawedValueError(Flaw(f"the file `{tree.text}`", "numbers: a text has no folder", path=("csv",)))
    path = (folder / tree.text).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FlawedValueError(Flaw(f"`{tree.text}`", "a file in the folder of the problem file", path=("csv",)))
    if not path.is_file():
        raise FlawedValueError(Flaw(f"no file `{tree.text}`", f"a CSV file in {folder}", path=("csv",)))
    if path.stat().st_size > LARGEST_FILE:
        raise FlawedValueError(Flaw(f"`{tree.text}` of {path.stat().st_size} bytes", f"at most {LARGEST_FILE}"))
    return path


def _rows(path: Path, columns: list[str]) -> list[list[str]]:
    """The cells of the columns, row by row; the first line of the file names the columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = [
                [cell.strip() for cell in row]
                for row in csv.reader(file, strict=True)
                if any(cell.strip() for cell in row)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FlawedValueError(Flaw(f"`{path.name}` cannot be read: {error}", "a CSV file", path=("csv",))) from error
    heading = table[0] if table else []
    for name in columns:
        if name not in heading:
            expected = f"one of {listing(heading)}" if heading else "a first line with the names of the columns"
            raise FlawedValueError(Flaw(f"no column `{name}` in `{path.name}`", expected, suggestion(name, heading)))
    places = [heading.index(name) for name in columns]
    ragged = next((number for number, row in enumerate(table[1:], 2) if len(row) <= max(places)), None)
    if ragged is not None:
        raise FlawedValueError(Flaw(f"row {ragged} of `{path.name}` is short", f"{len(heading)} cells in each row"))
    if len(table) < 2:
        raise FlawedValueError(Flaw(f"no numbers in `{path.name}`", "a row for each sample below the names"))
    return [[row[place] for place in places] for row in table[1:]]
