"""Where the parts of a drawn graph stand, in centimetres: quantities, their numbers or boxes, arrows and their labels.

Columns and rows are as wide as the largest part in them, and between columns there is a gap of its own for what stands
at the arrows. An arrow bends in gaps only, and passes a column where no quantity stands: so it crosses no numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from derive.sheet.graph_rooms import Box, Size, beside, room
from derive.sheet.model import Blank, Graph, GraphEdge, GraphNode

NODE_WIDTH, NODE_HEIGHT = 1.1, 0.75
DISTANCE = 0.12  # between a node and its numbers
BEND, LEAST_GAP, LEAST_GAP_DOWN, LABEL_HEIGHT = 0.7, 0.9, 0.55, 0.42
LANE, BETWEEN_ROWS = 0.25, 0.45

Point = tuple[float, float]
Width = Callable[[str], float]


@dataclass(frozen=True)
class Placed:
    """A quantity: the frame with its symbol and shape, and what stands on its two sides."""

    node: GraphNode
    frame: Box
    value: Box | None
    gradient: Box | None


@dataclass(frozen=True)
class Route:
    """An arrow: pairs of points between which it runs straight; between two pairs it bends. And what is at it."""

    edge: GraphEdge
    stretches: tuple[tuple[Point, Point], ...]
    label: Box | None
    down: bool = False

    @property
    def bends(self) -> Iterator[tuple[Point, Point, Point, Point]]:
        """From one stretch to the next: where a bend begins and ends, and in between the points that it tends to."""
        for (_, start), (end, _) in itertools.pairwise(self.stretches):
            middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
            if self.down:
                yield start, (start[0], middle[1]), (end[0], middle[1]), end
            else:
                yield start, (middle[0], start[1]), (middle[0], end[1]), end


@dataclass(frozen=True)
class Layout:
    """A graph in its place, its left edge at 0."""

    nodes: tuple[Placed, ...]
    routes: tuple[Route, ...]
    left: float
    right: float
    top: float
    bottom: float

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.right - self.left, self.top - self.bottom


@dataclass(frozen=True)
class _Extent:
    """The sizes of a node and of its two sides; `along` the flow, `before` and `after` across it from the middle."""

    frame: Size
    value: Size
    gradient: Size
    along: float
    before: float
    after: float


def _extent(node: GraphNode, graph: Graph, symbol: Width) -> _Extent:
    shape = () if node.shape is None else node.shape
    inside = room(shape, graph.places) if shape else (0.0, 0.0)
    frame = (
        max(NODE_WIDTH, symbol(node.tensor.name) + 0.3, inside[0] + 0.25),
        NODE_HEIGHT + inside[1] + (0.05 if isinstance(shape, Blank) else 0.0),
    )
    value, gradient = (room(side, graph.places) for side in beside(node))
    flow, cross = (1, 0) if graph.down else (0, 1)
    reach = [frame[cross] / 2 + (size[cross] and DISTANCE + size[cross]) for size in (value, gradient)]
    return _Extent(frame, value, gradient, max(size[flow] for size in (frame, value, gradient)), *reach)


# ------------------------------------------------------------------------------------------------ where they stand


def lay_out(graph: Graph, symbol: Width, label: Callable[[GraphEdge], float]) -> Layout:
    """The graph in its place, from the widths of symbols in their nodes and of what stands at arrows."""
    return _Drawing(graph, symbol, label).layout()


class _Drawing:
    """Positions along the flow by column and across it by row; both are exchanged where the graph runs down."""

    def __init__(self, graph: Graph, symbol: Width, label: Callable[[GraphEdge], float]) -> None:
        self.graph = graph
        self.nodes = {node.tensor.name: node for node in graph.nodes}
        self.extents = {name: _extent(node, graph, symbol) for name, node in self.nodes.items()}
        self.labels = {edge: label(edge) for edge in graph.edges}
        self.rows = _tracks(graph, self.nodes)
        self.least_gap = LEAST_GAP_DOWN if graph.down else LEAST_GAP
        self.gaps = self._gaps()
        self.starts, self.ends = self._along()
        self.across = self._across()

    def _ends(self, edge: GraphEdge) -> tuple[GraphNode, GraphNode]:
        return self.nodes[edge.source], self.nodes[edge.target]

    def _gaps(self) -> dict[int, tuple[float, float]]:
        """In front of each column: the length in which arrows bend, and that of what stands at them."""
        gaps: dict[int, tuple[float, float]] = {}
        for edge, width in self.labels.items():
            source, target = self._ends(edge)
            for column, (one, other) in enumerate(itertools.pairwise(self.rows[edge]), start=source.column + 1):
                bend, length = gaps.get(column, (0.0, self.least_gap))
                label = LABEL_HEIGHT if self.graph.down else width
                own = label + self.least_gap / 2 if column == target.column and width else 0.0
                gaps[column] = (max(bend, BEND * (one != other)), max(length, own))
        return gaps

    def _along(self) -> tuple[dict[int, float], dict[int, float]]:
        """Where each column begins and ends."""
        starts: dict[int, float] = {}
        ends: dict[int, float] = {}
        position = 0.0
        for column in range(max(node.column for node in self.graph.nodes) + 1):
            position += sum(self.gaps.get(column, (0.0, self.least_gap))) if column else 0.0
            starts[column] = position
            inside = [self.extents[name].along for name, node in self.nodes.items() if node.column == column]
            position += max(inside, default=0.0)
            ends[column] = position
        return starts, ends

    def _across(self) -> dict[int, float]:
        """The middle of each row, and of each lane that only arrows take, from the first one on."""
        reach: dict[int, list[float]] = {row: [LANE, LANE] for rows in self.rows.values() for row in rows}
        for name, node in self.nodes.items():
            before, after = reach.setdefault(node.row, [LANE, LANE])
            reach[node.row] = [max(before, self.extents[name].before), max(after, self.extents[name].after)]
        for edge, width in self.labels.items() if self.graph.down else ():
            target = self.nodes[edge.target].row
            reach[target][1] = max(reach[target][1], width + 0.2)
        across: dict[int, float] = {}
        position = 0.0
        for row in sorted(reach):
            across[row] = position + reach[row][0]
            position = across[row] + reach[row][1] + BETWEEN_ROWS
        return across

    def _point(self, along: float, across: float) -> Point:
        return (across, -along) if self.graph.down else (along, -across)

    def layout(self) -> Layout:
        nodes = tuple(self._placed(name) for name in self.nodes)
        routes = tuple(self._route(edge) for edge in self.graph.edges)
        boxes = [box for placed in nodes for box in (placed.frame, placed.value, placed.gradient) if box]
        boxes += [route.label for route in routes if route.label]
        points = [point for route in routes for stretch in route.stretches for point in stretch]
        xs = [x for x, _ in points] + [b.x + side * b.width / 2 for b in boxes for side in (-1, 1)]
        ys = [y for _, y in points] + [b.y + side * b.height / 2 for b in boxes for side in (-1, 1)]
        return Layout(nodes, routes, min(xs), max(xs), max(ys), min(ys))

    def _middle(self, name: str) -> Point:
        node = self.nodes[name]
        return self._point((self.starts[node.column] + self.ends[node.column]) / 2, self.across[node.row])

    def _placed(self, name: str) -> Placed:
        extent, (x, y) = self.extents[name], self._middle(name)
        sides: list[Box | None] = []
        for (width, height), side in ((extent.value, -1), (extent.gradient, 1)):
            if self.graph.down:
                at = x + side * (extent.frame[0] / 2 + DISTANCE + width / 2), y
            else:
                at = x, y - side * (extent.frame[1] / 2 + DISTANCE + height / 2)
            sides.append(Box(*at, width, height) if width else None)
        return Placed(self.nodes[name], Box(x, y, *extent.frame), *sides)

    def _route(self, edge: GraphEdge) -> Route:
        """Straight as long as the row stays the same; behind a column that it leaves in another row, a bend."""
        source, target = self._ends(edge)
        flow = 1 if self.graph.down else 0
        half = [self.extents[node.tensor.name].frame[flow] / 2 for node in (source, target)]
        start = (self.starts[source.column] + self.ends[source.column]) / 2 + half[0]
        stretches: list[tuple[Point, Point]] = []
        for column, (row, following) in enumerate(itertools.pairwise(self.rows[edge]), start=source.column):
            if row != following:
                end = self.ends[column]
                stretches.append((self._point(start, self.across[row]), self._point(end, self.across[row])))
                start = end + self.gaps[column + 1][0]
        end = (self.starts[target.column] + self.ends[target.column]) / 2 - half[1]
        stretches.append((self._point(start, self.across[target.row]), self._point(end, self.across[target.row])))
        return Route(edge, tuple(stretches), self._label(edge, target), self.graph.down)

    def _label(self, edge: GraphEdge, target: GraphNode) -> Box | None:
        """Beside the last stretch of the arrow, in the gap, behind what bends there."""
        width = self.labels[edge]
        if not width:
            return None
        middle = self.starts[target.column] - self.gaps[target.column][1] / 2
        x, y = self._point(middle, self.across[target.row])
        if self.graph.down:
            return Box(x + 0.1 + width / 2, y + 0.06, width, LABEL_HEIGHT - 0.06)
        return Box(x, y + 0.05 + LABEL_HEIGHT / 2, width, LABEL_HEIGHT - 0.06)


def _tracks(graph: Graph, nodes: Mapping[str, GraphNode]) -> dict[GraphEdge, tuple[int, ...]]:
    """The row of each arrow in each column from its source to its target: where none stands in between, a free one.

    An arrow that finds no free row gets a lane of its own, above the first row or below the last.
    """
    taken = {(node.column, node.row) for node in nodes.values()}
    last = max(node.row for node in nodes.values())
    tracks: dict[GraphEdge, tuple[int, ...]] = {}
    for edge in sorted(graph.edges, key=lambda edge: nodes[edge.target].column - nodes[edge.source].column):
        source, target = nodes[edge.source], nodes[edge.target]
        between = range(source.column + 1, target.column)
        outside = itertools.count(-1, -1) if source.row == 0 else itertools.count(last + 1)
        candidates = itertools.chain((source.row, target.row), range(1, last + 1), outside)
        row = next(row for row in candidates if all((column, row) not in taken for column in between))
        taken |= {(column, row) for column in between}
        tracks[edge] = (source.row, *(row for _ in between), target.row)
    return tracks
