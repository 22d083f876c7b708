"""Notebooks that mark themselves: an assignment for nbgrader, with hidden tests that carry a student's answers forward.

A notebook is a tree of dictionaries, as nbformat describes it. Cells hold text of ours, numbers and identifiers; what
an author wrote stands in Markdown only, escaped.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from derive.code.folding import array_lines, list_lines
from derive.code.model import as_text, part_lines
from derive.grading import notebook_marks, notebook_shapes, notebook_spans
from derive.grading.notebook_formulas import Assignment, Paper, hidden_program
from derive.ops import Array
from derive.render.document import View
from derive.render.markdown import MarkdownView, Passage
from derive.render.notation import Notation
from derive.render.templates import load_words
from derive.sheet import Sheet, Shown, compose
from derive.sheet.written import as_written
from derive.variants.space import written

Cell = dict[str, Any]
Notebook = dict[str, Any]
SCHEMA = 3  # of nbgrader's metadata
SEPARATOR = "'''"  # around the text of the hidden program
VARIANT = "variant"
_FOR_CHECKERS = re.compile(r"  # noqa.*|^# mypy.*\n|^from derive\.\S+ import .*\n\n", re.MULTILINE)


@dataclass(frozen=True)
class Writer:
    """Writes the notebooks of an assignment: the source with solutions and tests, of which releases are made."""

    assignment: Assignment
    templates: Path | None = None

    def source(self, place: int = 0) -> Notebook:
        """The notebook of one paper, with its solutions and with the tests of all papers."""
        paper = self.assignment.papers[place]
        cells = [_markdown(self._view(paper).statement()), _markdown(self._view(paper).given())]
        cells += [self._variant(paper), self._checks()]
        cells += [cell for passage in self._passages(paper) for cell in self._passage(passage, paper, place)]
        cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, 1)]
        about = self._about(paper)
        about["derive"] |= {"student": paper.student.id} if paper.student else {}
        return {"nbformat": 4, "nbformat_minor": 5, "metadata": {**_metadata(), **about}, "cells": cells}

    def shared(self, source: Notebook) -> Notebook:
        """The source as it stands for all papers: it belongs to no single student."""
        metadata = {**source["metadata"], "derive": {"problem": self.assignment.digest}}
        return {**source, "metadata": metadata}

    # -------------------------------------------------------------------------------------------- text

    @cached_property
    def _sheet(self) -> Sheet:
        setting = self.assignment.setting
        problem = replace(setting.problem, questions=())  # which have answers that are no numbers
        return replace(compose(problem, setting.program, None, "worksheet"), places=setting.places)

    def _view(self, paper: Paper) -> MarkdownView:
        numbers = {name: as_written(literal) for name, literal in written(paper.problem).items() if literal is not None}
        quantities = self.assignment.setting.program.givens
        givens = tuple(Shown(given.tensor, given.role, numbers[given.name]) for given in quantities)
        sheet = replace(self._sheet, givens=givens)
        return MarkdownView(sheet, View(sheet, load_words(self.templates)))

    def _passages(self, paper: Paper) -> Iterator[Passage]:
        """The lines of the worksheet, and what is asked without a line there."""
        missing = list(self.assignment.asked)
        for passage in self._view(paper).passages(frozenset(missing)):
            yield passage
            if passage.quantity:
                missing.remove(passage.quantity)
        notation = Notation(self._sheet.notation, self._sheet.rows, self._sheet.first, self._sheet.ranks)
        yield from (Passage(f"${notation.symbol(name)}$", name) for name in missing)

    # -------------------------------------------------------------------------------------------- cells

    def _variant(self, paper: Paper) -> Cell:
        """The id of the numbers, which the tests read; it cannot be edited."""
        text = f"{VARIANT} = {paper.id!r}  # which numbers you were given; leave this line as it is"
        cell = _code(text, self._about(paper))
        cell["metadata"] |= {"deletable": False, "editable": False}
        return cell

    def _checks(self) -> Cell:
        """What all checks use: shapes for all to see, marks in the hidden part."""
        lines = [
            "# This cell is needed by the checks below. Run it first; do not change or delete it.",
            program_text(notebook_shapes),
            "### BEGIN HIDDEN TESTS",
            "import types",
            'derive_checks = types.ModuleType("derive_checks")  # apart from the names that students choose',
            f"exec(compile(r{SEPARATOR}",
            program_text(notebook_spans, notebook_marks),
            "\n",
            hidden_program(self.assignment).strip(),
            f'{SEPARATOR}, "derive_checks", "exec", dont_inherit=True), derive_checks.__dict__)',
            f"derive_checks.start(globals(), {VARIANT}, read_answer)",
            "### END HIDDEN TESTS",
        ]
        return _code("\n".join(lines), {}, "checks", {"grade": True, "locked": True, "points": 0.0})

    def _passage(self, passage: Passage, paper: Paper, place: int) -> Iterator[Cell]:
        if not passage.quantity:
            yield _markdown(passage.text)
            return
        assignment, name = self.assignment, passage.quantity
        variable, shape = assignment.names[name], assignment.shape(name)
        words = f"Write it as `{variable}`: {notebook_shapes.shape_in_words(shape)}."
        yield _markdown(f"{passage.text}\n\n{words}")
        placeholder = _assignment(variable, np.full(shape, "None", dtype=object))
        right = _assignment(variable, assignment.solution(name, place))
        solution = f"{placeholder}\n### BEGIN SOLUTION\n{right}\n### END SOLUTION"
        yield _code(solution, self._about(paper, name), f"answer-{variable}", {"solution": True})
        points = assignment.points[name]
        worth = f"{float(points):.12g} point{'s' if points != 1 else ''}"
        check = [
            f"# This cell checks {variable} ({worth}). Its shape is checked here, its numbers when it is marked.",
            f"check_shape(globals(), {variable!r}, {shape!r})",
            "### BEGIN HIDDEN TESTS",
            f"derive_checks.mark({variable!r})",
            "### END HIDDEN TESTS",
        ]
        about = {"grade": True, "locked": True, "points": float(points)}
        yield _code("\n".join(check), {}, f"check-{variable}", about)

    def _about(self, paper: Paper, name: str = "") -> Cell:
        """What the cell says to those who read a filled notebook as data."""
        about = {"quantity": name, "variable": self.assignment.names[name]} if name else {}
        return {"derive": {**about, "problem": self.assignment.digest, "variant": paper.id}}


def program_text(*modules: ModuleType) -> str:
    """The text of modules as one program, without what only those who check our code read."""
    text = "\n\n\n".join(inspect.getsource(module).strip() for module in modules)
    text = _FOR_CHECKERS.sub("", text)
    future = "from __future__ import annotations\n\n"
    return (future if future in text else "") + text.replace(future, "")


def _assignment(variable: str, entries: Array) -> str:
    """`a = [None, None]`"""
    start = f"{variable} = "
    if entries.ndim == 1:
        lines = list_lines(start, entries.tolist(), "")
    elif entries.ndim == 2:
        lines = array_lines(start, entries.tolist(), "")
    else:
        return start + str(entries.tolist()).replace("'", "")
    return as_text(part_lines(lines, blank=False)).rstrip("\n")


def _metadata() -> Cell:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"kernelspec": kernel, "language_info": {"name": "python"}}


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str, about: Cell, name: str = "", nbgrader: Cell | None = None) -> Cell:
    """A cell of code; with a `name` one that nbgrader knows of."""
    metadata = dict(about)
    if nbgrader is not None:
        plain = {"grade": False, "grade_id": name, "locked": False, "schema_version": SCHEMA, "solution": False}
        metadata["nbgrader"] = {**plain, "task": False, **nbgrader}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": text,
    }
