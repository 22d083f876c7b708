"""The computational graph as TikZ: values above the nodes, gradients below, operations and parameters on the edges."""

from __future__ import annotations

import math

from pylatex import NoEscape, TikZ, TikZCoordinate, TikZNode, TikZOptions
from pylatex.base_classes import Command

from derive.ops import ROWS, Array
from derive.render.matrix import entry_latex
from derive.render.notation import Notation
from derive.sheet.graph import COLUMN, WRITTEN
from derive.sheet.model import Blank, Graph, GraphEdge, GraphNode

ROW = 2.1  # centimetres between nodes
LABEL = r"font=\scriptsize,fill=white,inner sep=1pt"
STYLE = (
    r"q/.style={draw=ink,rounded corners=2pt,minimum width=11mm,minimum height=7.5mm,font=\small},"
    rf"v/.style={{{LABEL},text=forward}},g/.style={{{LABEL},text=backward}},"
    r"e/.style={font=\scriptsize,fill=white,inner sep=1.5pt},>={Stealth[length=4pt]}"
)
COMMA = r",\,"
ROOM_HEIGHT = 6  # millimetres


def graph_latex(graph: Graph, notation: Notation) -> str:
    """The TikZ picture of a graph."""
    widest = max((len(edge.parameters) + bool(edge.operation) for edge in graph.edges), default=0)
    shown = [values for node in graph.nodes for values in (node.value, node.gradient)]
    longest = max((_length(values) for values in shown), default=0.0)
    column = max(COLUMN + 0.55 * max(0, widest - 2), longest)
    picture = TikZ(options=TikZOptions(NoEscape(STYLE)))
    for node in graph.nodes:
        _add_node(picture, node, notation, column)
    for edge in graph.edges:
        picture.append(_edge(edge, graph, notation))
    for node in graph.nodes:
        _add_labels(picture, node, column)
    return rf"\setlength{{\unitlength}}{{1mm}}{picture.dumps()}"


def _add_node(picture: TikZ, node: GraphNode, notation: Notation, column: float) -> None:
    handle = _handle(node.tensor.name)
    x, y = node.column * column, -node.row * ROW
    symbol = NoEscape(f"${notation.symbol(node.tensor.name)}$")
    picture.append(TikZNode(handle=handle, text=symbol, options=TikZOptions("q"), at=TikZCoordinate(x, y)))


def _add_labels(picture: TikZ, node: GraphNode, column: float) -> None:
    """The value above and the gradient below, over edges that pass there."""
    x, y = node.column * column, -node.row * ROW
    for style, shown, side in (("v", node.value, 1), ("g", node.gradient, -1)):
        text = _label(shown)
        height = side * (0.78 if isinstance(shown, Blank) else 0.68)
        if text:
            at = TikZCoordinate(x, y + height)
            picture.append(TikZNode(text=NoEscape(text), options=TikZOptions(style), at=at))


def _label(shown: Array | Blank | None) -> str:
    if shown is None:
        return ""
    if isinstance(shown, Blank):
        return rf"\color{{rule}}\framebox({10 * _length(shown) - 2:g},{ROOM_HEIGHT}){{}}"
    return f"${COMMA.join(entry_latex(entry) for entry in shown.flat)}$"


def _length(shown: Array | Blank | None) -> float:
    """The centimetres that a label takes, or the room for it."""
    if isinstance(shown, Blank):
        return WRITTEN * math.prod(shown.shape or ()) + 0.3
    return 0.135 * len(_label(shown))


def _edge(edge: GraphEdge, graph: Graph, notation: Notation) -> Command:
    columns = {node.tensor.name: node.column for node in graph.nodes}
    rows = {node.tensor.name: node.row for node in graph.nodes}
    bend = columns[edge.target] - columns[edge.source] > 1 and rows[edge.target] == rows[edge.source]
    bent = "[bend right=28]" if rows[edge.source] else "[bend left=50]"  # around the outside of the graph
    labels = [notation.symbol(name) for name in edge.parameters]
    if edge.operation in ROWS and "{0}" not in ROWS[edge.operation].tex:
        labels.append(ROWS[edge.operation].tex)
    elif edge.operation and edge.operation not in ROWS:
        labels.append(rf"\mathrm{{{edge.operation}}}".replace("_", r"\_"))
    label = rf"node[e,{'above' if not bend else 'midway'}]{{${COMMA.join(labels)}$}}" if labels else ""
    path = f"({_handle(edge.source)}) to{bent if bend else ''} {label} ({_handle(edge.target)})"
    return NoEscape(rf"\draw[->] {path};")


def _handle(name: str) -> str:
    """A TikZ node name: letters and digits only."""
    return "n" + "".join(letter if letter.isalnum() else "-" for letter in name)
