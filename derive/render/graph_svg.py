"""The computational graph as SVG, for pages without a typesetter: the model that TikZ draws, in the same colours."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from derive.ops import ROWS, Array
from derive.render.notation import Notation
from derive.render.runs import Run, runs
from derive.sheet.model import Blank, Graph, GraphEdge, GraphNode

INK, RULE, FORWARD, BACKWARD = "#1B1F24", "#C4CAD3", "#1D4E89", "#B23A48"
FONT = "'Latin Modern Math', 'STIX Two Math', 'Cambria Math', 'Times New Roman', serif"
BOX_WIDTH, BOX_HEIGHT, ROW, MARGIN = 44.0, 30.0, 92.0, 20.0
GAP = 46.0  # the least length of an arrow
SYMBOL, LABEL = 17.0, 13.0  # sizes of text
SMALLER, SHIFT = 0.72, 0.34  # of an index, and by which part of its size it is moved
BLANK_WIDTH, BLANK_HEIGHT = 52.0, 18.0
LABEL_DISTANCE = 8.0
STACK = BOX_HEIGHT / 2 + LABEL_DISTANCE + BLANK_HEIGHT  # from the middle of a node to the outer side of its numbers
ARC = 92.0  # the height above the nodes towards which an arrow bends that skips a quantity


@dataclass(frozen=True)
class _Place:
    """The middle of a node, its width, and how far it reaches above its middle with its value."""

    x: float
    y: float
    width: float
    above: float


def graph_svg(graph: Graph, notation: Notation) -> str:
    """An SVG document of the graph: values above the nodes, gradients below, room for both on a worksheet's."""
    symbols = {node.tensor.name: runs(notation.symbol(node.tensor.name)) for node in graph.nodes}
    labels = {edge: _edge_label(edge, notation) for edge in graph.edges}
    places = _places(graph, symbols, labels)
    above = 0.9 * ARC if any(_is_bent(edge, graph) for edge in graph.edges) else STACK
    width = max(place.x + max(place.width, BLANK_WIDTH) / 2 for place in places.values()) + MARGIN
    height = max(place.y for place in places.values()) + STACK + above + 2 * MARGIN
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 {_number(-above - MARGIN)} {_number(width)} {_number(height)}",
            "width": _number(width),
            "height": _number(height),
            "role": "img",
            "font-family": FONT,
            "fill": INK,
        },
    )
    _add_arrow_head(root)
    for edge in graph.edges:
        _add_edge(root, edge, graph, places)
    for node in graph.nodes:
        _add_node(root, node, places[node.tensor.name], symbols[node.tensor.name])
    for edge, label in labels.items():
        _add_edge_label(root, edge, label, graph, places)
    for node in graph.nodes:
        _add_shown(root, node.value, places[node.tensor.name], -1)
        _add_shown(root, node.gradient, places[node.tensor.name], 1)
    for element in root:  # a part on each line; within a text a line break would be a space
        element.tail = "\n"
    return ElementTree.tostring(root, encoding="unicode") + "\n"


# ------------------------------------------------------------------------------------------------ where things stand


def _places(
    graph: Graph, symbols: dict[str, tuple[Run, ...]], labels: dict[GraphEdge, tuple[Run, ...]]
) -> dict[str, _Place]:
    """Columns as far apart as what stands in them and at the arrows between them needs."""
    widths = {node.tensor.name: max(BOX_WIDTH, _width(symbols[node.tensor.name], SYMBOL) + 16) for node in graph.nodes}
    columns = {node.tensor.name: node.column for node in graph.nodes}
    above = {node.tensor.name: BOX_HEIGHT / 2 if node.value is None else STACK for node in graph.nodes}
    last = max(columns.values())
    room = [0.0] * (last + 1)
    for node in graph.nodes:
        shown = max((_shown_width(part) for part in (node.value, node.gradient)), default=0.0)
        room[node.column] = max(room[node.column], widths[node.tensor.name], shown + 10)
    gaps = [GAP] * (last + 1)
    for edge, label in labels.items():
        gaps[columns[edge.target]] = max(gaps[columns[edge.target]], _width(label, LABEL) + 28)
    middles: list[float] = []
    edge_of_last = 0.0
    for column in range(last + 1):
        middles.append(edge_of_last + (gaps[column] if column else MARGIN) + room[column] / 2)
        edge_of_last = middles[-1] + room[column] / 2
    return {
        name: _Place(middles[node.column], node.row * ROW, widths[name], above[name])
        for node in graph.nodes
        for name in (node.tensor.name,)
    }


def _width(text: Sequence[Run], size: float) -> float:
    """About the width of a text, from the number of its letters."""
    return sum(
        size * SMALLER ** min(abs(run.level), 2) * sum(0.54 for sign in run.text if not _is_combining(sign))
        for run in text
    )


def _is_combining(sign: str) -> bool:
    return "\u0300" <= sign <= "\u036f" or sign == "\u20d7"


def _shown_width(shown: Array | Blank | None) -> float:
    if isinstance(shown, Blank):
        return BLANK_WIDTH
    return 0.0 if shown is None else 0.54 * LABEL * len(_text_of(shown))


def _text_of(values: Array) -> str:
    """The numbers at a node, with a proper minus sign."""
    return ", ".join(str(entry).replace("-", "\u2212") for entry in values.flat)


def _edge_label(edge: GraphEdge, notation: Notation) -> tuple[Run, ...]:
    """The parameters and the operation at work."""
    symbols = [notation.symbol(name) for name in edge.parameters]
    row = ROWS.get(edge.operation)
    if row and "{0}" not in row.tex:
        symbols.append(row.tex)
    parts = [runs(symbol) for symbol in symbols]
    if edge.operation and row is None:
        parts.append((Run(edge.operation, italic=False),))
    comma = (Run(", ", italic=False),)
    return functools.reduce(lambda left, right: (*left, *comma, *right), parts) if parts else ()


def _is_bent(edge: GraphEdge, graph: Graph) -> bool:
    """Whether an arrow passes above the quantities between its ends."""
    nodes = {node.tensor.name: node for node in graph.nodes}
    source, target = nodes[edge.source], nodes[edge.target]
    return target.column - source.column > 1 and source.row == target.row


# ------------------------------------------------------------------------------------------------ what is drawn


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


def _add_node(root: ElementTree.Element, node: GraphNode, place: _Place, symbol: tuple[Run, ...]) -> None:
    box = {
        "x": _number(place.x - place.width / 2),
        "y": _number(place.y - BOX_HEIGHT / 2),
        "width": _number(place.width),
        "height": _number(BOX_HEIGHT),
        "rx": "4",
        "fill": "white",
        "stroke": INK,
    }
    group = ElementTree.SubElement(root, "g", {"class": "node"})
    ElementTree.SubElement(group, "title").text = _legal(node.tensor.name)
    ElementTree.SubElement(group, "rect", box)
    _add_text(group, symbol, place.x, place.y + 0.32 * SYMBOL, SYMBOL, INK)


def _add_edge(root: ElementTree.Element, edge: GraphEdge, graph: Graph, places: dict[str, _Place]) -> None:
    """Level with both ends, so that it keeps clear of the numbers there; or in an arc above all that it passes."""
    source, target = places[edge.source], places[edge.target]
    if _is_bent(edge, graph):
        start, end = (source.x, source.y - source.above), (target.x, target.y - target.above)
        first, last = (source.x + GAP / 2, source.y - ARC), (target.x - GAP / 2, target.y - ARC)
    else:
        start, end = (source.x + source.width / 2, source.y), (target.x - target.width / 2, target.y)
        middle = (start[0] + end[0]) / 2
        first, last = (middle, start[1]), (middle, end[1])
    path = f"M{_point(start)} C{_point(first)} {_point(last)} {_point(end)}"
    style = {"fill": "none", "stroke": INK, "stroke-width": "1", "marker-end": "url(#arrow-head)"}
    ElementTree.SubElement(root, "path", {"class": "edge", "d": path, **style})


def _add_edge_label(
    root: ElementTree.Element, edge: GraphEdge, label: tuple[Run, ...], graph: Graph, places: dict[str, _Place]
) -> None:
    """Above the middle of a level arrow, on the middle of any other."""
    if not label:
        return
    source, target = places[edge.source], places[edge.target]
    x = (source.x + source.width / 2 + target.x - target.width / 2) / 2
    y = (source.y + target.y) / 2 + LABEL / 3
    if _is_bent(edge, graph):
        y = source.y - (source.above + target.above) / 8 - 3 / 4 * ARC - LABEL_DISTANCE
    elif source.y == target.y:
        y = source.y - LABEL_DISTANCE
    _add_text(root, label, x, y, LABEL, INK)


def _add_shown(root: ElementTree.Element, shown: Array | Blank | None, place: _Place, side: int) -> None:
    """A value above its node, a gradient below; on a worksheet a box to write in."""
    middle = place.y + side * (BOX_HEIGHT / 2 + LABEL_DISTANCE + LABEL / 2)
    if isinstance(shown, Blank):
        box = {
            "class": "blank",
            "x": _number(place.x - BLANK_WIDTH / 2),
            "y": _number(middle - BLANK_HEIGHT / 2),
            "width": _number(BLANK_WIDTH),
            "height": _number(BLANK_HEIGHT),
            "rx": "2",
            "fill": "white",
            "stroke": RULE,
        }
        ElementTree.SubElement(root, "rect", box)
    elif shown is not None:
        numbers = (Run(_text_of(shown), italic=False),)
        _add_text(root, numbers, place.x, middle + 0.34 * LABEL, LABEL, FORWARD if side < 0 else BACKWARD)


def _add_text(root: ElementTree.Element, text: Sequence[Run], x: float, y: float, size: float, color: str) -> None:
    """A line of text about x, on a white ground so that it can be read over an arrow."""
    width = _width(text, size) + 4
    ground = {"x": x - width / 2, "y": y - 0.95 * size, "width": width, "height": 1.3 * size}
    ElementTree.SubElement(root, "rect", {**{key: _number(part) for key, part in ground.items()}, "fill": "white"})
    place = {"x": _number(x), "y": _number(y), "font-size": _number(size), "text-anchor": "middle"}
    line = ElementTree.SubElement(root, "text", {**place, "fill": color})
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


def _legal(text: str) -> str:
    """The text without the signs that no XML document may hold."""
    return "".join(sign for sign in text if sign.isprintable() or _is_combining(sign))


def _point(point: tuple[float, float]) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
