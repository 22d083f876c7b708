"""A sheet: what is said, in which order, what is blank. Expressions and decimals, never LaTeX, words only by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derive.check import Finding
from derive.ops import Array, Node, Shape, Tensor
from derive.program import First, Step
from derive.sheet.choices import Choices
from derive.sheet.samples import Samples

if TYPE_CHECKING:  # most sheets have no questions, and so none of the many kinds of block
    from derive.sheet.blocks import Block, Prompt

Factor = tuple[str, str]  # ∂first/∂second; `x|g` in second place is x with g held fixed


@dataclass(frozen=True)
class Blank:
    """Room for an answer of a shape; it holds no value."""

    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Line:
    """symbol = chain rule = formula = numbers = result.

    `chain` is a sum of products of named factors, `direct` what is added to it where the loss reads the quantity
    itself, `cut` the decimals that stand for parts of the formula (None where no numbers are shown; `entrywise` writes
    them into every entry), `result` the decimals, a blank, or None in a symbolic problem.
    """

    target: Tensor
    formula: Node | None = None
    chain: tuple[tuple[Factor, ...], ...] = ()
    direct: Node | None = None
    cut: Mapping[Node, Array] | None = None
    entrywise: bool = False
    result: Array | Blank | None = None
    shape: Shape = ()
    points: int | None = None


@dataclass(frozen=True)
class Local:
    """A local Jacobian d(upper)/d(lower) of one step as a matrix, `written_out` entry by entry where it is small.

    `of_slopes`: d(upper)/d(lower) already stands for the vector of slopes, and the matrix is its diagonal matrix.
    """

    upper: str
    lower: str
    formula: Node
    written_out: bool = False
    of_slopes: bool = False


@dataclass(frozen=True)
class Entry:
    """One step: a title and a rule (keys of the table of words, with what fills them), and its lines.

    `jacobians` are printed; `general` are those whose general entry is told, of any width.
    """

    title: str
    rule: str
    quantity: str
    lines: tuple[Line, ...]
    subject: str = ""
    operands: tuple[Node, ...] = ()
    jacobians: tuple[Local, ...] = ()
    general: tuple[Local, ...] = ()
    layer: str = ""
    assumptions: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    prompt: Prompt = ""
    number: int = 0  # 0: not asked for
    points: int | None = None

    @property
    def differentiated(self) -> tuple[str, ...]:
        """What its first line differentiates, and by what: `A` and `W` of dA[1,2]/dW; nothing for other lines."""
        name = self.lines[0].target.name if self.lines else ""
        upper, found, lower = name.removeprefix("d").partition("/d")
        return (upper.partition("[")[0], lower.partition("|")[0]) if found else ()


@dataclass(frozen=True)
class Section:
    """One pass: forward, loss, backward, update, jacobian."""

    role: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Shown:
    """A given quantity, its numbers as the author wrote them (None where it is symbolic)."""

    tensor: Tensor
    role: str
    values: Array | None


@dataclass(frozen=True)
class SummaryRow:
    """A parameter before the step, its gradient, and the parameter after the step."""

    before: Tensor
    gradient: Tensor
    values: tuple[Array, Array, Array]


@dataclass(frozen=True)
class GraphNode:
    """A quantity in the computational graph: its value on one side, its gradient on the other, its shape at it.

    Numbers and boxes lie as they do on paper, in two dimensions. Where they have no place, the shape of the gradient
    stands for its numbers; a blank shape is to be written in. A single number has no shape.
    """

    tensor: Tensor
    column: int
    row: int
    value: Array | Blank | None = None
    gradient: Array | Blank | None = None
    shape: Shape | Blank | None = None
    gradient_shape: Shape | Blank | None = None


@dataclass(frozen=True)
class GraphEdge:
    """What flows from one quantity to another: the parameters and the function at work."""

    source: str
    target: str
    operation: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """The computational graph of the forward pass on a grid.

    It runs from left to right, with values above and gradients below; or, where the page is too narrow for that,
    `down` the page, with values at the left and gradients at the right. `places` are those of its numbers.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    places: int = 2
    down: bool = False


@dataclass(frozen=True)
class Sheet:
    """One printed document."""

    kind: str
    title: str
    text: str
    givens: tuple[Shown, ...]
    sections: tuple[Section, ...]
    graph: Graph | None = None
    summary: tuple[SummaryRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    places: int | None = None
    carry: str = "exact"
    fractions: bool = False  # what is a simple fraction prints exactly
    points: int | None = None
    detail: str = "matrix"
    loss: str = ""
    denominator: bool = False  # layout: chains of factors end with the derivative of the loss
    rows: frozenset[str] = frozenset()
    first: First = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)  # of all quantities, so that no entry prints like another
    notation: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[str, int] = field(default_factory=dict)
    samples: Samples | None = None
    choices: Choices = field(default_factory=Choices)
    unshaped: frozenset[str] = frozenset()  # quantities of a worksheet whose shapes are asked for, so not told

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines in order."""
        return tuple(line for section in self.sections for entry in section.entries for line in entry.lines)


@dataclass(frozen=True)
class Chapter:
    """Steps that belong together on paper, before they become an entry."""

    title: str
    rule: str
    steps: tuple[Step, ...]
    layer: str = ""
