"""The computational graph of the forward pass on a grid: quantities as nodes, operations and parameters on edges.

A quantity that hangs on parameters only, a penalty say, is a node too, and so are these parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from derive.calculus import gradient_name
from derive.ops import Array, Shape, is_single
from derive.program import Program, Step
from derive.sheet.graph_layout import Layout, lay_out
from derive.sheet.graph_rooms import LETTER
from derive.sheet.model import Blank, Graph, GraphEdge, GraphNode
from derive.sheet.substitute import Numbers
from derive.spec import Problem

MOST_NODES = 24
MOST_ENTRIES = ((6, 12), (6, 6), (4, 4), (3, 3), (2, 2), (1, 1), (0, 0))  # of a vector, of a matrix, that are shown
LONGEST, WIDEST = 6, 4  # rows and columns of a matrix
PAGE = (16.2, 17.0)  # centimetres of width and height that a graph may take
SMALLEST = 7 / 8  # by which it may be shrunk: its letters have eight points
SIDES = ("values", "gradients")


def build_graph(
    program: Program,
    numbers: Numbers | None,
    blank: bool = False,
    asked: Collection[str] = (),
    hidden: Collection[str] = (),
) -> Graph | None:
    """The graph, or None where it is too large to be read on a page.

    `blank`: with boxes for the numbers, or only for those that are `asked` for ("values", "gradients"); where these
    have no place, for shapes. `hidden` are the quantities whose shapes are not told.
    """
    columns = _columns(program)
    if not 1 < len(columns) <= MOST_NODES:
        return None
    rows = _rows(program, columns)
    edges = tuple(edge for step in program.forward if step.name in columns for edge in _edges(step, columns, program))
    boxes = blank or bool(asked)  # a key shows what the worksheet has boxes for, in the same places
    for most in MOST_ENTRIES if numbers else MOST_ENTRIES[-1:]:
        for down in (False, True):
            shown = _Shown(program, numbers, most, asked, hidden)
            nodes = tuple(shown.node(name, columns[name], row, boxes) for name, row in rows.items())
            graph = Graph(nodes, edges, numbers.places if numbers else 0, down)
            if fits(_estimate(graph)):
                own = tuple(shown.node(node.tensor.name, node.column, node.row, blank) for node in nodes)
                return replace(graph, nodes=own)
    return None


def asked_sides(problem: Problem) -> frozenset[str]:
    """What questions about the graph ask for: `values`, `gradients`, or both."""
    if not problem.questions:
        return frozenset()
    from derive.spec.questions import OnTheGraph

    asked = {question.graph for question in problem.questions if isinstance(question, OnTheGraph)}
    return frozenset(SIDES if "both" in asked else asked)


def blank_shapes(graph: Graph | None, program: Program) -> frozenset[str]:
    """The quantities and gradients whose shapes are to be written into a graph."""
    nodes = graph.nodes if graph else ()
    found = {node.tensor.name for node in nodes if isinstance(node.shape, Blank)}
    below = {node.tensor.name for node in nodes if isinstance(node.gradient_shape, Blank)}
    return frozenset(found | {gradient_name(program.loss.name, name) for name in below if program.loss})


def fits(layout: Layout) -> bool:
    """Whether a graph has a place on a page, shrunk a little where it must be."""
    return all(length * SMALLEST <= page for length, page in zip(layout.size, PAGE, strict=True))


def _estimate(graph: Graph) -> Layout:
    """About where all stands: symbols of two letters, functions by their names."""
    return lay_out(
        graph, lambda name: 2 * LETTER, lambda edge: LETTER * (len(edge.operation) + 3.5 * len(edge.parameters))
    )


# ------------------------------------------------------------------------------------------------ nodes and edges


def _columns(program: Program) -> dict[str, int]:
    """The column of each node: one more than the last of those that it is computed from."""
    columns: dict[str, int] = {}
    sources = _sources(program)
    for step in program.forward:
        for tensor in step.uses:
            if tensor.name in sources:
                columns.setdefault(tensor.name, 0)
        before = [columns[t.name] for t in step.uses if t.name in columns]
        if before:
            columns[step.name] = max(before) + 1
    beside = _on_parameters(program)
    for name in reversed(beside):
        tensor = program.tensor(name)
        users = [columns[s.name] for s in program.forward if s.name in columns and tensor in s.uses]
        if users and name not in columns:
            columns[name] = min(users) - 1
    for step in program.forward:  # what leads to nothing that has a place stands as far to the left as it can
        if step.name in beside and step.name not in columns:
            columns[step.name] = max(columns.setdefault(tensor.name, 0) for tensor in step.uses) + 1
    first = min(columns.values(), default=0)  # what is computed from parameters only may begin before the inputs
    return {name: column - first for name, column in columns.items()}


def _sources(program: Program) -> frozenset[str]:
    """The given quantities from which the graph goes out: the inputs; where there are none, the parameters, or all."""
    for role in ("input", "parameter"):
        if found := frozenset(quantity.name for quantity in program.givens if quantity.role == role):
            return found
    return frozenset(program.quantities)


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


# ------------------------------------------------------------------------------------------------ what stands at a node


class _Shown:
    """What stands at the nodes: numbers that are few enough, otherwise shapes; or room for either."""

    def __init__(
        self,
        program: Program,
        numbers: Numbers | None,
        most: tuple[int, int],
        asked: Collection[str],
        hidden: Collection[str],
    ) -> None:
        self.program, self.numbers, self.most, self.asked, self.hidden = program, numbers, most, asked, hidden
        self.loss = program.loss.name if program.loss else ""

    def node(self, name: str, column: int, row: int, blank: bool) -> GraphNode:
        """The node of a quantity."""
        given = name in self.program.quantities
        gradient = gradient_name(self.loss, name) if self.loss else ""
        has_gradient = gradient in self.program.names and _role(self.program, name) != "parameter"
        value = None if given else self._numbers(name, name, blank and self._is_asked("values"))
        below = self._numbers(gradient, name, blank and self._is_asked("gradients")) if has_gradient else None
        asked = blank and "values" in self.asked and not given and value is None
        asked_below = blank and "gradients" in self.asked and below is None
        return GraphNode(
            self.program.tensor(name),
            column,
            row,
            None if blank and not self._is_asked("values") else value,
            None if blank and not self._is_asked("gradients") else below,
            self._shape(name, name, asked),
            self._shape(gradient, name, asked_below) if has_gradient and below is None else None,
        )

    def _is_asked(self, side: str) -> bool:
        return not self.asked or side in self.asked

    def _numbers(self, name: str, quantity: str, blank: bool) -> Array | Blank | None:
        """The numbers of a value or gradient as they lie on paper, or boxes for them; None where they are too many."""
        if self.numbers is None:
            return None
        shape = self._on_paper(self.numbers.exact[name].shape, name, quantity)
        if not self._is_small(*(int(side) for side in shape)):
            return None
        return Blank(tuple(int(side) for side in shape)) if blank else self.numbers.result(name).reshape(shape)

    def _is_small(self, rows: int, columns: int) -> bool:
        vector, matrix = self.most
        if 1 in (rows, columns):
            return rows * columns <= vector
        return rows * columns <= matrix and rows <= LONGEST and columns <= WIDEST

    def _on_paper(self, shape: Shape, name: str, quantity: str) -> Shape:
        """Rows and columns: a flat vector stands as a column or as a row, its gradient like it."""
        if len(shape) == 2:
            return shape
        length = shape[0] if shape else 1
        return (1, length) if name in self.program.rows or quantity in self.program.rows else (length, 1)

    def _shape(self, name: str, quantity: str, blank: bool) -> Shape | Blank | None:
        """The shape of a value or gradient, or room for it; nothing for a single number."""
        shape = self.program.tensor(name).shape
        if is_single(shape):
            return None
        if blank:
            return Blank(None)
        if name in self.hidden or quantity in self.hidden:
            return None
        return self._on_paper(shape, name, quantity)
