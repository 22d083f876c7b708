"""What students get: a source notebook without solutions and hidden tests, as nbgrader makes it.

`nbgrader generate_assignment` does the same, cell by cell, and notes the tests in its database; notebooks with other
numbers for each student are released by this, as nbgrader knows one release of an assignment only.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from typing import Any

STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
SOLUTION, HIDDEN_TESTS = "SOLUTION", "HIDDEN TESTS"


def release(source: dict[str, Any]) -> dict[str, Any]:
    """The notebook that is handed out."""
    released = copy.deepcopy(source)
    for cell in released["cells"]:
        if "nbgrader" in cell["metadata"]:
            _release_cell(cell)
    return released


def _release_cell(cell: dict[str, Any]) -> None:
    about = cell["metadata"]["nbgrader"]
    lines = cell["source"].split("\n")
    lines = list(_without(lines, SOLUTION, STUB if about["solution"] else ()))
    cell["source"] = "\n".join(_without(lines, HIDDEN_TESTS))
    cell["metadata"]["deletable"] = False
    if about["locked"]:
        cell["metadata"]["editable"] = False
    about["cell_type"] = cell["cell_type"]
    about["checksum"] = checksum(cell)


def _without(lines: list[str], region: str, instead: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines without those between the marks of a region."""
    is_inside = False
    for line in lines:
        if f"BEGIN {region}" in line:
            is_inside = True
            yield from instead
        elif f"END {region}" in line:
            is_inside = False
        elif not is_inside:
            yield line


def checksum(cell: dict[str, Any]) -> str:
    """nbgrader's checksum of a cell, by which it tells an answer that nobody touched."""
    about = cell["metadata"]["nbgrader"]
    parts = [cell["source"], cell["cell_type"], about["grade"], about["solution"], about["locked"], about["grade_id"]]
    parts += [float(about["points"])] if about["grade"] else []
    return hashlib.md5("".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
