"""Texts with places that hold computed numbers: `the new s is {s'}`, `a slope of {dL/dW_1[1,2]}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.spec.faults import Flaw
from derive.spec.names import parse_quantity
from derive.spec.tree import TreePath

_PIECE = re.compile(r"(?P<brace>\{\{|\}\})|\{(?P<name>[^{}]*)\}|(?P<lone>[{}])|(?P<text>[^{}]+)")


@dataclass(frozen=True)
class Place:
    """Room for the number of a quantity that is a single number, or of one entry: `s'`, `dL/dW_1[1,2]`."""

    name: str


def pieces(text: str) -> tuple[str | Place, ...]:
    """The text taken apart into words and places; `{{` and `}}` are braces, and a brace by itself is a nameless place.

    "s is {s'}" -> ("s is ", Place("s'"))
    """
    found: list[str | Place] = []
    for match in _PIECE.finditer(text):
        if match["name"] is not None or match["lone"]:
            found.append(Place("".join((match["name"] or "").split())))
            continue
        words = match["text"] or match["brace"][0]
        last = found[-1] if found else None
        if isinstance(last, str):
            found[-1] = last + words
        else:
            found.append(words)
    return tuple(found)


def names_in(text: str) -> tuple[str, ...]:
    """The names at the places of a text, each once."""
    return tuple(dict.fromkeys(piece.name for piece in pieces(text) if isinstance(piece, Place)))


def misread_places(text: str, path: TreePath) -> Iterator[Flaw]:
    """What stands in braces and is no name of a quantity."""
    for name in names_in(text):
        if parse_quantity(name) is None:
            expected = "a quantity in braces, such as `{y}` or `{dL/dW_1[1,2]}`; a brace itself is `{{` or `}}`"
            yield Flaw(f"`{{{name}}}`" if name else "a brace by itself", expected, path=path)
