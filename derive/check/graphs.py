r"""The drawn graph, read again from its TikZ: numbers, shapes and boxes at the nodes, and the arrows between them.

What stands above or at the left of a node belongs to its value, what stands below or at the right of it to its
gradient, what stands in its frame to its shape. Boxes that are close together are one field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from derive.check.blanks import WORKSHEET
from derive.check.chains import CHAIN, Network
from derive.check.figures import DIGITS, Figures, check_digits
from derive.check.latex_document import group, mathematics, spelling
from derive.check.latex_tokens import ReadingError
from derive.check.report import Finding
from derive.check.shapes import wrong_shape

VALUE, GRADIENT, SHAPE = "value", "gradient", "shape"
CLOSE, LEVEL = 0.15, 0.02  # centimetres between boxes of one field; by which what is level may differ
_NUMBER = r"-?\d+(?:\.\d+)?"
_NODE = re.compile(
    r"\\node\[(?P<style>[a-z])(?P<options>[^\]]*)\]\s*(?:\((?P<handle>[^()]*)\))?"
    rf"\s*at\s*\((?P<x>{_NUMBER}),(?P<y>{_NUMBER})\)\s*(?={{)"
)
_SIZE = re.compile(rf"minimum (?P<side>width|height)=(?P<length>{_NUMBER})cm")
_BOX = re.compile(rf"\\path\[b\]\s*\(({_NUMBER}),({_NUMBER})\)\s*rectangle\s*\(({_NUMBER}),({_NUMBER})\);")
_ARROW = re.compile(r"\\draw\[->\]\s*\((?P<source>[^()]*)\)(?P<label>[^;]*?)\((?P<target>[^()]*)\);")
_LABEL_SEPARATOR = r",\,"


@dataclass(frozen=True)
class _Rectangle:
    left: float
    bottom: float
    right: float
    top: float

    def distance(self, other: _Rectangle) -> float:
        """How far two rectangles are apart, along the axis in which they are."""
        across = max(self.left - other.right, other.left - self.right)
        along = max(self.bottom - other.top, other.bottom - self.top)
        return max(across, along)

    def around(self, other: _Rectangle) -> _Rectangle:
        return _Rectangle(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )


@dataclass(frozen=True)
class _Node:
    """Anything with text: a quantity where it has a handle, otherwise what stands at one."""

    style: str
    handle: str
    x: float
    y: float
    width: float
    height: float
    text: str

    @property
    def frame(self) -> _Rectangle:
        half = self.width / 2, self.height / 2
        return _Rectangle(self.x - half[0], self.y - half[1], self.x + half[0], self.y + half[1])


@dataclass(frozen=True)
class Field:
    """Boxes to write in: at which symbol, whether for its value, its gradient or its shape, and how many."""

    symbol: str
    side: str
    boxes: int


def check_picture(tex: str, figures: Figures) -> Iterator[Finding]:
    """What stands at the nodes, the boxes of a worksheet, and the arrows between the nodes."""
    parts = list(_nodes(tex))
    nodes = [node for node in parts if node.handle]
    drawn = {node.handle: _only(node.text) for node in nodes}
    for handle, symbol in drawn.items():
        if symbol not in {*figures.uses, *(used for uses in figures.uses.values() for used in uses)}:
            yield Finding(CHAIN, "graph", False, None, f"a node {symbol} ({handle})", "the symbol of a quantity")
    for label in parts:
        if not label.handle and "$" in label.text:
            yield from _check_label(label, nodes, figures)
    for field in fields(tex):
        yield _check_field(field, figures)
    yield from _check_arrows(tex, drawn, figures)


def _nodes(tex: str) -> Iterator[_Node]:
    for found in _NODE.finditer(tex):
        text, _ = group(tex, found.end())
        sizes = {size["side"]: float(size["length"]) for size in _SIZE.finditer(found["options"])}
        place = float(found["x"]), float(found["y"]), sizes.get("width", 0.0), sizes.get("height", 0.0)
        yield _Node(found["style"], found["handle"] or "", *place, text)


def _only(text: str) -> str:
    """The mathematics of a node."""
    found = list(mathematics(text))
    return found[0] if len(found) == 1 else text


# ------------------------------------------------------------------------------------------------ numbers and shapes


def _check_label(label: _Node, nodes: Sequence[_Node], figures: Figures) -> Iterator[Finding]:
    """Numbers of a value or gradient, or a shape, at the node that is nearest; of a shape only what is wrong."""
    if not nodes:
        yield Finding(DIGITS, "graph", False, None, label.text, "a node for it")
        return
    symbol, side, shows = _shown_at(label, nodes, figures)
    name = f"{shows or symbol} in the graph"
    wanted = {VALUE: "v", SHAPE: "s", GRADIENT: "t" if label.style == "t" else "g"}[side]
    if label.style != wanted:
        yield Finding(DIGITS, name, False, None, f"{label.text} in the colour of another thing", side)
    elif label.style in "st":
        yield from _wrong_shape(name, _only(label.text), shows, figures)
    elif shows not in figures.values:
        yield Finding(DIGITS, name, False, None, label.text, "a quantity with numbers")
    else:
        yield check_digits(name, _only(label.text), figures.values[shows], fractions=figures.fractions)


def _shown_at(label: _Node, nodes: Sequence[_Node], figures: Figures) -> tuple[str, str, str]:
    """The symbol of the nearest node, the side on which something stands there, the symbol of what that shows."""
    node = min(nodes, key=lambda node: (node.x - label.x) ** 2 + (node.y - label.y) ** 2)
    symbol, side = _only(node.text), _side(label, node)
    return symbol, side, figures.gradients.get(symbol, "") if side == GRADIENT else symbol


def numbers_at_nodes(tex: str, figures: Figures) -> list[str]:
    r"""For each \node in order the symbol of the quantity whose numbers it shows; nothing where it shows none."""
    parts = list(_nodes(tex))
    nodes = [node for node in parts if node.handle]
    return [
        "" if part.handle or "$" not in part.text or part.style in "st" else _shown_at(part, nodes, figures)[2]
        for part in parts
    ]


def _side(label: _Node, node: _Node) -> str:
    """Above or at the left the value, below or at the right the gradient, in the frame the shape."""
    frame = node.frame
    if frame.left < label.x < frame.right and frame.bottom < label.y < frame.top:
        return SHAPE
    if abs(label.x - node.x) <= LEVEL:
        return VALUE if label.y > node.y else GRADIENT
    return VALUE if label.x < node.x else GRADIENT


def _wrong_shape(name: str, tex: str, shows: str, figures: Figures) -> Iterator[Finding]:
    try:
        if wanted := wrong_shape(tex, figures.shapes.get(shows, ())):
            yield Finding(DIGITS, name, False, None, tex, wanted)
    except (ReadingError, ValueError) as error:
        yield Finding(DIGITS, name, False, None, tex, "a shape", str(error))


# ------------------------------------------------------------------------------------------------ boxes


def fields(tex: str) -> list[Field]:
    """The fields of a worksheet's graph, in the order of its nodes."""
    nodes = [node for node in _nodes(tex) if node.handle]
    found = []
    for rectangle, boxes in _joined([_Rectangle(*map(float, corners)) for corners in _BOX.findall(tex)]):
        node = min(nodes, key=lambda node: node.frame.distance(rectangle), default=None)
        if node is not None:
            found.append((nodes.index(node), Field(_only(node.text), _field_side(rectangle, node.frame), boxes)))
    return [field for _, field in sorted(found, key=lambda placed: placed[0])]


def _joined(boxes: Sequence[_Rectangle]) -> list[tuple[_Rectangle, int]]:
    """Boxes that are close together as one, with their number."""
    found: list[tuple[_Rectangle, int]] = []
    for box in boxes:
        rectangle, count = box, 1
        while near := next((one for one in found if one[0].distance(rectangle) <= CLOSE), None):
            found.remove(near)
            rectangle, count = rectangle.around(near[0]), count + near[1]
        found.append((rectangle, count))
    return found


def _field_side(field: _Rectangle, frame: _Rectangle) -> str:
    if field.distance(frame) < 0:
        return SHAPE
    return VALUE if field.bottom >= frame.top or field.right <= frame.left else GRADIENT


def _check_field(field: Field, figures: Figures) -> Finding:
    """A box for each number, or one for a shape; only where the graph is to be filled in."""
    shows = figures.gradients.get(field.symbol, "") if field.side == GRADIENT else field.symbol
    name = f"{shows or field.symbol} in the graph"
    counts = {shape[0] * shape[1] for _, shape in figures.shapes.get(shows, ())}
    allowed = {1} if field.side == SHAPE else counts | {1} if field.side == GRADIENT else counts
    if not figures.blank or field.boxes not in allowed:
        expected = " or ".join(map(str, sorted(allowed))) if figures.blank else "no"
        return Finding(WORKSHEET, name, False, None, f"{field.boxes} boxes", f"{expected} boxes")
    return Finding(WORKSHEET, name, True)


# ------------------------------------------------------------------------------------------------ arrows


def _check_arrows(tex: str, drawn: Mapping[str, str], figures: Figures) -> Iterator[Finding]:
    """An arrow for each use of a drawn quantity and none beside; at it only what the step uses and does."""
    network = Network(figures.uses)
    found = set()
    for arrow in _ARROW.finditer(tex):
        source, target = (drawn.get(arrow[end], "") for end in ("source", "target"))
        found.add((source, target))
        labels = [part for text in mathematics(arrow["label"]) for part in text.split(_LABEL_SEPARATOR)]
        allowed = {*figures.uses.get(target, ()), *figures.operations.get(target, ())}
        right = network.is_step(spelling(target), spelling(source)) and set(labels) <= allowed
        text = f"{source} -> {target}: {', '.join(labels)}"
        yield Finding(CHAIN, "graph", right, None, *(() if right else (text, f"what {target} is computed from")))
    wanted = {(use, target) for target, uses in figures.uses.items() for use in uses}
    wanted &= set(product(drawn.values(), repeat=2))
    for source, target in sorted(wanted - found):
        yield Finding(CHAIN, "graph", False, None, f"no arrow {source} -> {target}", "an arrow for each use")
