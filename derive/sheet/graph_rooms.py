"""How large the numbers, shapes and boxes of a drawn graph are, in centimetres."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from derive.ops import Array, Shape
from derive.sheet.model import Blank, GraphNode

LETTER = 0.155  # of a digit or letter of eight points
LINE_HEIGHT, BRACKETS, BETWEEN_NUMBERS = 0.36, 0.4, 0.2
SMALLER, FRACTION_HEIGHT = 0.85, 0.62  # of the digits of a fraction; of a line with one
BOX_HEIGHT, BETWEEN_BOXES, SHAPE_BOX, SHAPE_HEIGHT = 0.6, 0.1, 1.35, 0.34

Size = tuple[float, float]


class Box(NamedTuple):
    """A rectangle: its middle and its size; y grows upwards."""

    x: float
    y: float
    width: float
    height: float


def text_width(text: str) -> float:
    """About the width of a number: a minus is wide, a point narrow, of a fraction the longer part counts."""
    top, _, bottom = text.partition("/")
    if bottom:
        return text_width("-") * top.startswith("-") + max(text_width(top.lstrip("-")), text_width(bottom)) * SMALLER
    return sum({"-": 0.26, ".": 0.09}.get(sign, LETTER) for sign in text)


def box_width(places: int) -> float:
    """The width of a box for a number of so many places, written by hand."""
    return 0.85 + 0.1 * min(places, 6)


def shape_width(shape: Shape) -> float:
    """About the width of `3 x 1`."""
    return sum(LETTER * len(str(side)) for side in shape) + 0.4 * (len(shape) - 1)


def room(shown: Array | Blank | Shape | None, places: int) -> Size:
    """The size of numbers, of boxes for them, or of a shape that stands for them."""
    match shown:
        case None:
            return 0.0, 0.0
        case Blank(None):
            return SHAPE_BOX, BOX_HEIGHT
        case Blank(shape):
            rows, columns = shape or (1, 1)
            width, height = box_width(places) + BETWEEN_BOXES, BOX_HEIGHT + BETWEEN_BOXES
            return columns * width - BETWEEN_BOXES, rows * height - BETWEEN_BOXES
        case tuple():
            return shape_width(shown), SHAPE_HEIGHT
    if shown.size == 1:
        return text_width(str(shown.item())), _line_height(shown)
    widths: list[float] = [max(text_width(str(entry)) for entry in column) for column in shown.T]
    return sum(widths) + BRACKETS + BETWEEN_NUMBERS * (shown.shape[1] - 1), _line_height(shown) * shown.shape[0] + 0.1


def _line_height(shown: Array) -> float:
    return FRACTION_HEIGHT if any("/" in str(entry) for entry in shown.flat) else LINE_HEIGHT


def cells(box: Box, shape: tuple[int, ...] | None) -> Iterator[Box]:
    """The single boxes that a field for an array consists of, row by row."""
    rows, columns = shape or (1, 1)
    width = (box.width + BETWEEN_BOXES) / columns
    height = (box.height + BETWEEN_BOXES) / rows
    left, top = box.x - box.width / 2, box.y + box.height / 2
    for row, column in itertools.product(range(rows), range(columns)):
        x = left + column * width + (width - BETWEEN_BOXES) / 2
        y = top - row * height - (height - BETWEEN_BOXES) / 2
        yield Box(x, y, width - BETWEEN_BOXES, height - BETWEEN_BOXES)


def beside(node: GraphNode) -> tuple[Array | Blank | None, Array | Blank | Shape | None]:
    """What stands on the two sides of a quantity."""
    return node.value, node.gradient_shape if node.gradient is None else node.gradient
