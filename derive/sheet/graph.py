"""The computational graph of the forward pass on a grid: quantities as nodes, operations and parameters on edges.

A quantity that hangs on parameters only, a penalty say, is a node too, and so are these parameters.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from derive.calculus import gradient_name
from derive.ops import Array
from derive.program import Program, Step
from derive.sheet.model import Blank, Graph, GraphEdge, GraphNode
from derive.sheet.substitute import Numbers

MOST_NODES = 12
MOST_VALUES = 3  # entries that fit above a node
WIDEST = 18.0  # centimetres that a graph may take before it would be shrunk too much
COLUMN = 2.45  # centimetres between nodes
PRINTED, WRITTEN = 0.135, 1.15  # centimetres of a printed digit, of a number written by hand


def build_graph(program: Program, numbers: Numbers | None, blank: bool = False) -> Graph | None:
    """The graph, or None where it has too many nodes to be read."""
    columns = _columns(program)
    if not 1 < len(columns) <= MOST_NODES:
        return None
    values = _Values(program, numbers, blank, max(columns.values()))
    nodes = [values.node(name, columns[name], row) for name, row in _rows(program, columns).items()]
    edges = [edge for step in program.forward if step.name in columns for edge in _edges(step, columns, program)]
    return Graph(tuple(nodes), tuple(edges))


def _columns(program: Program) -> dict[str, int]:
    """The column of each node: one more than the last of those that it is computed from."""
    columns: dict[str, int] = {}
    for step in program.forward:
        for tensor in step.uses:
            if _role(program, tensor.name) == "input":
                columns.setdefault(tensor.name, 0)
        before = [columns[t.name] for t in step.uses if t.name in columns]
        if before:
            columns[step.name] = max(before) + 1
    beside = _on_parameters(program)
    for name in reversed(beside):
        tensor = program.tensor(name)
        users = [columns[s.name] for s in program.forward if s.name in columns and tensor in s.uses]
        if users and name not in columns:
            columns[name] = max(0, min(users) - 1)
    for step in program.forward:  # what leads to nothing that has a place stands as far to the left as it can
        if step.name in beside and step.name not in columns:
            columns[step.name] = max(columns.setdefault(tensor.name, 0) for tensor in step.uses) + 1
    return columns


def _rows(program: Program, columns: dict[str, int]) -> dict[str, int]:
    """The row of each node; the first one is left to the way of the inputs."""
    beside = [name for name in _on_parameters(program) if name in columns]
    taken: dict[int, int] = {}
    rows: dict[str, int] = {}
    for name in [name for name in columns if name not in beside] + beside:
        rows[name] = max(taken.get(columns[name], 0), name in beside)
        taken[columns[name]] = rows[name] + 1
    return rows


def _on_parameters(program: Program) -> list[str]:
    """Quantities that are computed from parameters but from no input, behind the parameters; none without inputs."""
    found: list[str] = []
    for step in program.forward:
        roles = [_role(program, tensor.name) for tensor in step.uses if tensor.name not in found]
        learnt = [t.name for t in step.uses if _role(program, t.name) == "parameter"]
        if set(roles) <= {"parameter", "constant"} and (learnt or len(roles) < len(step.uses)):
            found += [name for name in learnt if name not in found] + [step.name]
    return found if any(quantity.role == "input" for quantity in program.givens) else []


def _role(program: Program, name: str) -> str:
    """The role of a given quantity; nothing for a computed one."""
    return program.quantities[name].role if name in program.quantities else ""


def _edges(step: Step, columns: dict[str, int], program: Program) -> Iterator[GraphEdge]:
    """An edge from each quantity in the graph; what else enters with the step stands at the first computed one."""
    sources = [tensor.name for tensor in step.uses if tensor.name in columns]
    sources.sort(key=lambda name: _role(program, name) == "parameter")
    others = tuple(tensor.name for tensor in step.uses if tensor.name not in columns)
    for source in sources:
        first = source == sources[0]
        yield GraphEdge(source, step.name, step.subject if first else "", others if first else ())


class _Values:
    """What stands above and below the nodes: numbers, or room for them, as far as the page is wide enough."""

    def __init__(self, program: Program, numbers: Numbers | None, blank: bool, columns: int) -> None:
        self.program, self.numbers, self.blank = program, numbers, blank
        self.loss = program.loss.name if program.loss else ""
        entry = WRITTEN if blank else PRINTED * ((numbers.places if numbers else 0) + 3)
        fitting = (most for most in range(MOST_VALUES, 0, -1) if columns * max(COLUMN, most * entry) <= WIDEST)
        self.most = next(fitting, 0)

    def node(self, name: str, column: int, row: int) -> GraphNode:
        """The node of a quantity."""
        tensor = self.program.tensor(name)
        if self.numbers is None or _role(self.program, name) == "parameter":
            return GraphNode(tensor, column, row)
        computed = name not in self.program.quantities
        gradient = gradient_name(self.loss, name) if self.loss else ""
        return GraphNode(
            tensor,
            column,
            row,
            self._shown(name) if computed else None,
            self._shown(gradient) if gradient in self.program.names else None,
        )

    def _shown(self, name: str) -> Array | Blank | None:
        """A value that is short enough to stand at a node, or room for it."""
        assert self.numbers is not None
        shape = self.numbers.exact[name].shape
        if np.prod(shape, dtype=int) > self.most:
            return None
        return Blank(shape) if self.blank else self.numbers.result(name)
