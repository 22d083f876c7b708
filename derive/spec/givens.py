"""The given quantities: their roles, shapes and numbers, from what the file says about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from derive.spec.dimensions import Dimensions, shape_text
from derive.spec.faults import Faults
from derive.spec.model import ProblemFile
from derive.spec.numbers import Literal
from derive.spec.problem import Given, Role, Shape
from derive.spec.tree import Mapping, TreePath, line_of

SECTIONS: dict[str, Role] = {
    "parameters": "parameter",
    "input": "input",
    "target": "target",
    "constants": "constant",
}


class Entry(NamedTuple):
    """One name in one of the four sections, with its numbers if it has any."""

    section: str
    name: str
    value: Literal | None
    line: int

    @property
    def role(self) -> Role:
        return SECTIONS[self.section]

    @property
    def path(self) -> TreePath:
        return self.section, self.name


def sections_in_order(tree: Mapping) -> list[str]:
    """The four sections, those of the file first and in its order."""
    present = [key for key in tree if key in SECTIONS]
    return present + [section for section in SECTIONS if section not in present]


def entries(file: ProblemFile, tree: Mapping) -> Iterator[Entry]:
    """All given quantities in the order of the file."""
    for section in sections_in_order(tree):
        for name, value in getattr(file, section).items():
            yield Entry(section, name, value, line_of(tree, (section, name)))


def general_givens(file: ProblemFile, tree: Mapping, dimensions: Dimensions, faults: Faults) -> tuple[Given, ...]:
    """The given quantities of the general form: a shape comes from `shapes:` or else from the numbers."""
    givens = []
    for entry in entries(file, tree):
        shape = declared_shape(entry, file, dimensions, faults)
        if shape is None:
            hint = f"give numbers, or a shape: `shapes: {{{entry.name}: [N, 3]}}`"
            faults.add(entry.path, f"`{entry.name}` has neither numbers nor a shape", "one of them", hint)
        givens.append(Given(entry.name, entry.role, shape or (), entry.value, entry.line))
    return tuple(givens)


def declared_shape(entry: Entry, file: ProblemFile, dimensions: Dimensions, faults: Faults) -> Shape | None:
    """The shape that the file states for an entry, held against its numbers; None if it has neither."""
    declared = tuple(file.shapes[entry.name]) if entry.name in file.shapes else None
    if entry.value is None or declared is None:
        return entry.value.shape if entry.value is not None else declared
    if dimensions.fits(entry.value.shape, declared):
        dimensions.bind(entry.value.shape, declared, entry.name, entry.path)
    else:
        expected = f"{shape_text(declared)}, as `shapes.{entry.name}` says"
        faults.add(entry.path, f"numbers of shape {shape_text(entry.value.shape)}", expected)
    return declared
