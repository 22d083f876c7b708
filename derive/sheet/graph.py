"""The computational graph of the forward pass on a grid: quantities as nodes, operations and parameters on edges."""

from __future__ import annotations

from derive.calculus import gradient_name
from derive.ops import Array, Tensor
from derive.program import Program, Step
from derive.sheet.model import Blank, Graph, GraphEdge, GraphNode
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
        columns[step.name] = max(before, default=-1) + 1
    if not 1 < len(columns) <= MOST_NODES:
        return None
    rows: dict[int, int] = {}
    nodes = []
    for name, column in columns.items():
        row = rows.get(column, 0)
        rows[column] = row + 1
        nodes.append(_node(program, name, column, row, numbers, blank))
    edges = tuple(
        GraphEdge(tensor.name, step.name, _operation(step), _labels(step, roles))
        for step in program.forward
        for tensor in step.uses
        if tensor.name in columns
    )
    return Graph(tuple(nodes), edges)


def _node(
    program: Program, name: str, column: int, row: int, numbers: Numbers | None, blank: bool
) -> GraphNode:
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


def _operation(step: Step) -> str:
    return step.subject


def _labels(step: Step, roles: dict[str, str]) -> tuple[str, ...]:
    """The parameters, targets and constants that enter with the step."""
    return tuple(t.name for t in step.uses if roles.get(t.name) not in (None, "input"))


