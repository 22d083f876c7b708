"""What may be a name, and how derived quantities are called: `dL/dW_1`, `dy/dx`, `W_1'`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection
from typing import NamedTuple

_NAME = r"[A-Za-z][A-Za-z0-9_]*"
NAME_RULE = "a name of letters, digits and _ that starts with a letter and is no function of the equation language"
_DERIVED = rf"d(?P<upper>{_NAME})/d(?P<lower>{_NAME})|(?P<updated>{_NAME})'|(?P<plain>{_NAME})"
_QUANTITY = re.compile(rf"(?:{_DERIVED})(?:\[(?P<entry>[0-9]{{1,4}}(?:, ?[0-9]{{1,4}})?)\])?")


class Quantity(NamedTuple):
    """A quantity as it is called in a file: `name` itself, its update (`name'`), or `d name / d by`.

    `entry` is the place of a single entry as it is written, empty for the whole: `dL/dW_1[1,2]`.
    """

    name: str
    by: str | None = None
    updated: bool = False
    entry: tuple[int, ...] = ()

    @property
    def whole(self) -> str:
        """The name without the place of an entry."""
        return f"d{self.name}/d{self.by}" if self.by else f"{self.name}'" if self.updated else self.name


def parse_quantity(text: str) -> Quantity | None:
    """The parts of `W_1`, `W_1'`, `dL/dW_1` or `dL/dW_1[1,2]`; None if the text is none of these."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    entry = tuple(int(place) for place in match["entry"].split(",")) if match["entry"] else ()
    if match["upper"]:
        return Quantity(match["upper"], by=match["lower"], entry=entry)
    return Quantity(match["updated"] or match["plain"], updated=match["updated"] is not None, entry=entry)


def is_name(text: str) -> bool:
    """Whether `text` may name a quantity or a dimension: an identifier, and no word of Python."""
    return re.fullmatch(_NAME, text) is not None and not keyword.iskeyword(text)


def one_hot_name(taken: Collection[str]) -> str:
    """What the one-hot vectors of class indices are called where the author has no name for them."""
    return next((free for free in "tyq" if free not in taken), "t_hot")
