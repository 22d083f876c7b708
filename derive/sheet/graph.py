"""The computational graph of the forward pass on a grid: quantities as nodes, operations and parameters on edges."""

from __future__ import annotations

from derive.calculus import gradient_name
from derive.ops import Array
from derive.program import Program, Step
from derive.sheet.blocks import Blank
from derive.sheet.model import Graph, GraphEdge, GraphNode
from derive.sheet.substitute import Numbers

MOST_NODES = 12
MOST_VALUES = 3  # entries that fit above a node


def build_graph(program: Program, numbers: Numbers | None, blank: bool = False) -> Graph | None:
    """The graph, or None where it has too many nodes to be read."""
    roles = {quantity.name: quantity.role for quantity in program.givens}
    columns: dict[str, int] = {}
    for step in program.forward:
        for tensor in step.uses:
            if roles.get(tensor.name) == "input":
                columns.setdefault(tensor.name, 0)
        before = [columns[t.name] for t in step.uses if t.name in columns]
        if before:
            columns[step.name] = max(before) + 1
    if not 1 < len(columns) <= MOST_NODES:
        return None
    rows: dict[int, int] = {}
    nodes = []
    for name, column in columns.items():
        row = rows.get(column, 0)
        rows[column] = row + 1
        nodes.append(_node(program, name, column, row, numbers, blank))
    edges = [edge for step in program.forward if step.name in columns for edge in _edges(step, columns)]
    return Graph(tuple(nodes), tuple(edges))


def _edges(step: Step, columns: dict[str, int]) -> list[GraphEdge]:
    """An edge from each quantity in the graph; what else enters with the step stands at the first one."""
    sources = [tensor.name for tensor in step.uses if tensor.name in columns]
    others = tuple(tensor.name for tensor in step.uses if tensor.name not in columns)
    return [
        GraphEdge(source, step.name, step.subject if first else "", others if first else ())
        for first, source in zip([True] + [False] * len(sources), sources, strict=False)
    ]


def _node(program: Program, name: str, column: int, row: int, numbers: Numbers | None, blank: bool) -> GraphNode:
    tensor = program.tensor(name)
    loss = program.loss
    gradient = gradient_name(loss.name, name) if loss else ""
    if numbers is None:
        return GraphNode(tensor, column, row)
    computed = any(step.name == name for step in program.steps)
    has_gradient = gradient in program.names
    if blank:
        room = Blank((1,))
        return GraphNode(tensor, column, row, room if computed else None, room if has_gradient else None)
    return GraphNode(
        tensor,
        column,
        row,
        _few(numbers, name) if computed else None,
        _few(numbers, gradient) if has_gradient else None,
    )


def _few(numbers: Numbers, name: str) -> Array | None:
    """A value that is short enough to stand at a node."""
    return numbers.result(name) if numbers.exact[name].size <= MOST_VALUES else None
