"""The computational graph as TikZ: numbers and shapes at the nodes, operations and parameters at the arrows."""

from __future__ import annotations

from collections.abc import Iterator

from pylatex import NoEscape, TikZ, TikZCoordinate, TikZNode, TikZOptions

from derive.ops import Array, Shape
from derive.render.graph_text import label_parts, place
from derive.render.latex_numbers import shape_latex
from derive.render.matrix import entry_latex, matrix
from derive.render.notation import Notation
from derive.sheet.graph import PAGE
from derive.sheet.graph_layout import Layout, Placed, Route
from derive.sheet.graph_rooms import SHAPE_BOX, Box, beside, cells, room
from derive.sheet.model import Blank, Graph

LABEL = r"font=\scriptsize,fill=white,inner sep=1pt"
STYLE = (
    r"q/.style={draw=ink,fill=white,rounded corners=2pt,inner sep=0pt,font=\small},"
    rf"v/.style={{{LABEL},text=forward}},g/.style={{{LABEL},text=backward}},"
    rf"s/.style={{font=\scriptsize,text=quiet,inner sep=0pt}},t/.style={{{LABEL},text=backward}},"
    r"b/.style={draw=rule,fill=white},"
    rf"e/.style={{{LABEL}}},>={{Stealth[length=4pt]}}"
)
COMMA = r",\,"
BELOW = 0.09  # centimetres from the middle of a letter down to the line it stands on


def graph_latex(graph: Graph, notation: Notation) -> str:
    """The TikZ picture of a graph, shrunk where it is larger than it may be."""
    layout = place(graph, notation)
    picture = TikZ(options=TikZOptions(NoEscape(STYLE)))
    for placed in layout.nodes:
        for part in _node(placed, notation, graph.places):
            picture.append(part)
    for route in layout.routes:
        picture.append(_arrow(route, notation))
    drawn = rf"\arraycolsep=2.5pt\renewcommand{{\arraystretch}}{{1}}{picture.dumps()}"
    scale = _scale(layout)
    return drawn if scale == 1 else rf"\scalebox{{{scale:.3f}}}{{{drawn}}}"


def _scale(layout: Layout) -> float:
    """By how much a graph is shrunk to fit onto the page."""
    return min(1.0, *(page / length for page, length in zip(PAGE, layout.size, strict=True)))


def _node(placed: Placed, notation: Notation, places: int) -> Iterator[TikZNode | NoEscape]:
    """The frame with the symbol, below it in the frame the shape, and what stands on the two sides."""
    node, frame = placed.node, placed.frame
    height = room(node.shape, places)[1]
    options = TikZOptions("q", NoEscape(f"minimum width={frame.width:.2f}cm"), f"minimum height={frame.height:.2f}cm")
    symbol = rf"\raisebox{{{height / 2 - BELOW:.2f}cm}}[0pt][0pt]{{${notation.symbol(node.tensor.name)}$}}"
    yield _text(symbol, frame.x, frame.y, options, _handle(node.tensor.name))
    inside = Box(frame.x, frame.y - frame.height / 2 + height / 2 + 0.07, SHAPE_BOX, height)
    yield from _part(node.shape, inside, "s")
    value, gradient = beside(node)
    yield from _part(value, placed.value, "v")
    yield from _part(gradient, placed.gradient, "t" if isinstance(gradient, tuple) else "g")


def _part(shown: Array | Blank | Shape | None, box: Box | None, style: str) -> Iterator[TikZNode | NoEscape]:
    """Numbers, a shape, or the boxes for them."""
    if shown is None or box is None:
        return
    if isinstance(shown, Blank):
        for cell in cells(box, shown.shape):
            left, bottom = cell.x - cell.width / 2, cell.y - cell.height / 2
            corners = f"({left:.2f},{bottom:.2f}) rectangle ({left + cell.width:.2f},{bottom + cell.height:.2f})"
            yield NoEscape(rf"\path[b] {corners};")
        return
    if isinstance(shown, tuple):
        text = shape_latex(shown)
    else:
        text = entry_latex(shown.item()) if shown.size == 1 else matrix(shown)
    yield _text(f"${text}$", box.x, box.y, TikZOptions(style))


def _text(text: str, x: float, y: float, options: TikZOptions, handle: str | None = None) -> TikZNode:
    at = TikZCoordinate(round(x, 2), round(y, 2))
    return TikZNode(handle=handle, text=NoEscape(text), options=options, at=at)


def _arrow(route: Route, notation: Notation) -> NoEscape:
    """From frame to frame: straight stretches, bends between them, and beside the last one what is at work."""
    path = ""
    for bend in route.bends:
        start, first, last, end = (f"({x:.2f},{y:.2f})" for x, y in bend)
        path += f" -- {start} .. controls {first} and {last} .. {end}"
    label = ""
    if route.label:
        text = COMMA.join(label_parts(route.edge, notation))
        label = f" node[e] at ({route.label.x:.2f},{route.label.y:.2f}) {{${text}$}}"
    return NoEscape(rf"\draw[->] ({_handle(route.edge.source)}){path}{label} -- ({_handle(route.edge.target)});")


def _handle(name: str) -> str:
    """A TikZ node name: letters and digits only."""
    return "n" + "".join(letter if letter.isalnum() else "-" for letter in name)
