"""The computational graph as SVG, for pages without a typesetter: the model that TikZ draws, in the same colours."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from xml.etree import ElementTree

from derive.ops import Array, Shape
from derive.render.graph_text import SMALLER, is_combining, label_runs, place, text_width
from derive.render.latex_numbers import shape_latex
from derive.render.notation import Notation
from derive.render.runs import Run, runs
from derive.sheet.graph_layout import Layout, Placed, Point, Route
from derive.sheet.graph_rooms import BRACKETS, SHAPE_BOX, Box, beside, cells, room
from derive.sheet.model import Blank, Graph

INK, QUIET, RULE, FORWARD, BACKWARD = "#1B1F24", "#6B7280", "#C4CAD3", "#1D4E89", "#B23A48"
FONT = "'Latin Modern Math', 'STIX Two Math', 'Cambria Math', 'Times New Roman', serif"
CENTIMETRE = 46.0  # in pixels
SYMBOL, LABEL = 17.0, 13.0  # sizes of text
SHIFT = 0.34  # by which part of its size an index is moved
MARGIN = 12.0


def graph_svg(graph: Graph, notation: Notation) -> str:
    """An SVG document of the graph: numbers and shapes at the nodes, room for them on a worksheet's."""
    layout = place(graph, notation)
    width, height = (CENTIMETRE * length + 2 * MARGIN for length in layout.size)
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_number(width)} {_number(height)}",
            "width": _number(width),
            "height": _number(height),
            "role": "img",
            "font-family": FONT,
            "fill": INK,
        },
    )
    _Canvas(root, layout, notation, graph.places).draw()
    for element in root:  # a part on each line; within a text a line break would be a space
        element.tail = "\n"
    return ElementTree.tostring(root, encoding="unicode") + "\n"


class _Canvas:
    """Draws a layout, whose centimetres it turns into pixels downwards from the upper left corner."""

    def __init__(self, root: ElementTree.Element, layout: Layout, notation: Notation, places: int) -> None:
        self.root, self.layout, self.notation, self.places = root, layout, notation, places

    def draw(self) -> None:
        _add_arrow_head(self.root)
        for route in self.layout.routes:
            self.arrow(route)
        for placed in self.layout.nodes:
            self.node(placed)
        for route in self.layout.routes:
            if route.label:
                self.text(self.root, _label(route, self.notation), (route.label.x, route.label.y), LABEL, INK)
        for placed in self.layout.nodes:
            value, gradient = beside(placed.node)
            self.shown(value, placed.value, FORWARD)
            self.shown(gradient, placed.gradient, BACKWARD)

    def point(self, point: Point) -> Point:
        return (
            CENTIMETRE * (point[0] - self.layout.left) + MARGIN,
            CENTIMETRE * (self.layout.top - point[1]) + MARGIN,
        )

    def arrow(self, route: Route) -> None:
        start, end = (_point(self.point(route.stretches[place][place])) for place in (0, -1))
        curves = "".join(
            " L{} C{} {} {}".format(*(_point(self.point(corner)) for corner in bend)) for bend in route.bends
        )
        style = {"fill": "none", "stroke": INK, "stroke-width": "1", "marker-end": "url(#arrow-head)"}
        ElementTree.SubElement(self.root, "path", {"class": "edge", "d": f"M{start}{curves} L{end}", **style})

    def rectangle(self, parent: ElementTree.Element, box: Box, **style: str) -> None:
        x, y = self.point((box.x - box.width / 2, box.y + box.height / 2))
        corners = {"x": x, "y": y, "width": CENTIMETRE * box.width, "height": CENTIMETRE * box.height}
        place = {key: _number(length) for key, length in corners.items()}
        ElementTree.SubElement(parent, "rect", {**style, **place, "fill": "white"})

    def node(self, placed: Placed) -> None:
        """The frame with the symbol, and below it the shape."""
        node, frame = placed.node, placed.frame
        height = room(node.shape, self.places)[1]
        group = ElementTree.SubElement(self.root, "g", {"class": "node"})
        ElementTree.SubElement(group, "title").text = _legal(node.tensor.name)
        self.rectangle(group, frame, stroke=INK, rx="4")
        symbol = runs(self.notation.symbol(node.tensor.name))
        self.text(group, symbol, (frame.x, frame.y + height / 2), SYMBOL, INK)
        inside = Box(frame.x, frame.y - frame.height / 2 + height / 2 + 0.07, SHAPE_BOX, height)
        self.shown(node.shape, inside, QUIET)

    def shown(self, shown: Array | Blank | Shape | None, box: Box | None, color: str) -> None:
        """Numbers, a shape, or the boxes for them."""
        if shown is None or box is None:
            return
        if isinstance(shown, Blank):
            for cell in cells(box, shown.shape):
                self.rectangle(self.root, cell, stroke=RULE, rx="2", **{"class": "blank"})
        elif isinstance(shown, tuple):
            self.text(self.root, runs(shape_latex(shown)), (box.x, box.y), LABEL, color)
        elif shown.size == 1:
            self.text(self.root, _decimal(shown.item()), (box.x, box.y), LABEL, color)
        else:
            self.matrix(shown, box, color)

    def matrix(self, values: Array, box: Box, color: str) -> None:
        """Numbers in rows and columns between brackets."""
        inner = Box(box.x, box.y, box.width - BRACKETS / 2, box.height)
        for cell, entry in zip(cells(inner, values.shape), values.flat, strict=True):
            self.text(self.root, _decimal(entry), (cell.x, cell.y), LABEL, color)
        for side in (-1, 1):
            outer, within = (box.x + side * (box.width / 2 - length) for length in (0.02, 0.1))
            top, bottom = box.y + box.height / 2, box.y - box.height / 2
            corners = ((within, top), (outer, top), (outer, bottom), (within, bottom))
            path = "M" + " L".join(_point(self.point(corner)) for corner in corners)
            ElementTree.SubElement(self.root, "path", {"class": "bracket", "d": path, "fill": "none", "stroke": color})

    def text(self, parent: ElementTree.Element, text: Sequence[Run], middle: Point, size: float, color: str) -> None:
        """A line of text about a point, on a white ground so that it can be read over an arrow."""
        x, y = self.point(middle)
        width = text_width(text, size)
        ground = {"x": x - width / 2, "y": y - size / 2, "width": width, "height": size}
        ElementTree.SubElement(
            parent, "rect", {**{key: _number(part) for key, part in ground.items()}, "fill": "white"}
        )
        place = {"x": _number(x), "y": _number(y + 0.33 * size), "font-size": _number(size), "text-anchor": "middle"}
        line = ElementTree.SubElement(parent, "text", {**place, "fill": color})
        height = 0.0
        for run in text:
            smaller = size * SMALLER ** min(abs(run.level), 2)
            wanted = -size * SHIFT * run.level
            look = {"font-style": "italic"} if run.italic else {}
            look |= {"font-weight": "bold"} if run.bold else {}
            look |= {"font-size": _number(smaller)} if run.level else {}
            look |= {"dy": _number(wanted - height)} if wanted != height else {}
            ElementTree.SubElement(line, "tspan", look).text = _legal(run.text)
            height = wanted


def _add_arrow_head(root: ElementTree.Element) -> None:
    style = {
        "viewBox": "0 0 8 8",
        "refX": "7.5",
        "refY": "4",
        "markerWidth": "7",
        "markerHeight": "7",
        "orient": "auto",
    }
    marker = ElementTree.SubElement(ElementTree.SubElement(root, "defs"), "marker", {"id": "arrow-head", **style})
    ElementTree.SubElement(marker, "path", {"d": "M0,0.8 L8,4 L0,7.2 L2,4 z", "fill": INK})


def _label(route: Route, notation: Notation) -> tuple[Run, ...]:
    """The parameters and the operation at work, with commas between."""
    comma = (Run(", ", italic=False),)
    return functools.reduce(lambda left, right: (*left, *comma, *right), label_runs(route.edge, notation))


def _decimal(entry: object) -> tuple[Run, ...]:
    """A number with a proper minus sign."""
    return (Run(str(entry).replace("-", "\u2212"), italic=False),)


def _legal(text: str) -> str:
    """The text without the signs that no XML document may hold."""
    return "".join(sign for sign in text if sign.isprintable() or is_combining(sign))


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
