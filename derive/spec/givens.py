"""The given quantities: their roles, shapes and numbers, from what the file says about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from derive.spec.dimensions import Dimensions, shape_text, symbol_of
from derive.spec.faults import Faults
from derive.spec.model import SECTIONS
from derive.spec.numbers import Literal
from derive.spec.problem import Given, Role, Shape
from derive.spec.recovery import PartialFile
from derive.spec.tree import TreePath, line_of


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


class Givens(NamedTuple):
    """The given quantities, and the names of those whose shape is unknown because something is wrong with it."""

    givens: tuple[Given, ...]
    unknown: frozenset[str] = frozenset()


def sections_in_order(read: PartialFile) -> list[str]:
    """The four sections, those of the file first and in its order."""
    present = [key for key in read.tree if key in SECTIONS]
    return present + [section for section in SECTIONS if section not in present]


def entries(read: PartialFile) -> Iterator[Entry]:
    """All given quantities in the order of the file."""
    for section in sections_in_order(read):
        for name, value in getattr(read.file, section).items():
            yield Entry(section, name, value, line_of(read.tree, (section, name)))


def general_givens(read: PartialFile, dimensions: Dimensions, faults: Faults) -> Givens:
    """The given quantities of the general form: a shape comes from `shapes:` or else from the numbers."""
    givens: list[Given] = []
    unknown: set[str] = set()
    unbound: set[str] = set()
    for entry in entries(read):
        has_shape, has_value = read.knows("shapes", entry.name), read.knows(*entry.path)
        shape = declared_shape(entry, read, dimensions, faults)
        if shape is None and has_shape and has_value:
            hint = f"give numbers, or a shape: `shapes: {{{entry.name}: [N, 3]}}`"
            faults.add(entry.path, f"`{entry.name}` has neither numbers nor a shape", "one of them", hint)
        if shape is None or not has_shape or (entry.value and not dimensions.fits(entry.value.shape, shape)):
            unknown.add(entry.name)
        if entry.name in unknown or not has_value:
            unbound.update(symbol for size in shape or () if (symbol := symbol_of(size)))
        givens.append(Given(entry.name, entry.role, shape or (), entry.value, entry.line))
    loose = unbound - dimensions.sizes.keys()  # nobody knows which numbers these dimensions would have had
    unknown.update(given.name for given in givens if not loose.isdisjoint(map(symbol_of, given.shape)))
    return Givens(tuple(givens), frozenset(unknown))


def declared_shape(entry: Entry, read: PartialFile, dimensions: Dimensions, faults: Faults) -> Shape | None:
    """The shape that the file states for an entry, held against its numbers; None if it has neither."""
    shapes = read.file.shapes
    declared = tuple(shapes[entry.name]) if entry.name in shapes and read.knows("shapes", entry.name) else None
    if entry.value is None or declared is None:
        return entry.value.shape if entry.value is not None else declared
    if dimensions.fits(entry.value.shape, declared):
        dimensions.bind(entry.value.shape, declared, entry.name, entry.path)
    else:
        expected = f"{shape_text(declared)}, as `shapes.{entry.name}` says"
        faults.add(entry.path, f"numbers of shape {shape_text(entry.value.shape)}", expected)
    return declared
