"""Expressions: small immutable nodes that are SymPy expressions, with one algebra of NumPy's meaning.

Every node knows its `shape`, its `value` on arrays, and how a gradient is pulled back through it. Leaves are
`Tensor` (a named quantity) and `Constant` (a number or a count such as `1/(2N)`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import sympy
from sympy.core.symbol import Str

from derive.ops.shapes import Shape, as_shape

if TYPE_CHECKING:
    import numpy.typing as npt

    from derive.ops.elementwise import Row

    Array = npt.NDArray[Any]
else:
    Array = np.ndarray  # numpy.typing takes longer to import than all of our own operations


class Arithmetic(Protocol):
    """What the numbers are while an expression is evaluated: float64, exact balls, or SymPy symbols."""

    def number(self, value: sympy.Expr) -> Array:
        """The 0-d array that holds a constant."""

    def shape(self, shape: Shape) -> tuple[int, ...]:
        """The shape with its dimension symbols replaced by numbers."""

    def apply(self, row: Row, *arrays: Array) -> Array:
        """An elementwise function on arrays of this arithmetic."""

    def shift(self, array: Array, axis: int) -> Array:
        """What to subtract along an axis before `exp` so that nothing overflows: near the largest entry."""


class Node(sympy.Expr):
    """An expression with a shape. Operators build tidy expressions (`derive.ops.tidy`).

    `operands` are the arguments that are expressions; like the shape they are looked at too often to be found anew.
    """

    __slots__ = ("operands", "shape")
    operands: tuple[Node, ...]
    shape: Shape
    is_commutative = True
    is_elementwise: ClassVar[bool] = False
    _op_priority = 100.0

    def __new__(cls, *args: Any) -> Node:
        node: Node = sympy.Expr.__new__(cls, *args)
        node.operands = tuple(argument for argument in args if isinstance(argument, Node))
        node.shape = node.infer_shape()
        return node

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The named quantities in the expression, each once, in the order in which they are read."""
        return tuple(dict.fromkeys(node for node in walk(self) if isinstance(node, Tensor)))

    def infer_shape(self) -> Shape:
        """The shape of the result; raises `ShapeError` where the operands do not fit."""
        raise NotImplementedError

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        """The value; arrays may carry further axes in front (one for each variant)."""
        raise NotImplementedError

    def pull(self, gradient: Node, index: int) -> Node:
        """The gradient with respect to operand `index`, given the gradient with respect to this node.

        `gradient` may be of a smaller shape that broadcasts to this node's.
        """
        raise NotImplementedError

    def jacobian(self, index: int) -> Node:
        """The matrix d(self)/d(operand) for vectors, numerator layout: rows are entries of this node."""
        raise NotImplementedError

    def runs_along(self, axis: int) -> tuple[int | None, ...] | None:
        """For each operand its axis that `axis` of the value runs along, entry by entry; None if it serves all entries.

        Nothing where an entry along that axis depends on others as well: the operation mixes them.
        """
        return None

    def at_one(self, axis: int, operands: tuple[Node, ...]) -> Node:
        """The same operation for one entry along `axis`, on operands that have lost the axis that runs along it."""
        remaining = iter(operands)
        return as_node(self.func(*(next(remaining) if isinstance(part, Node) else part for part in self.args)))

    def __add__(self, other: Any) -> Node:
        from derive.ops.tidy import plus

        return plus(self, as_node(other))

    def __radd__(self, other: Any) -> Node:
        return as_node(other) + self

    def __mul__(self, other: Any) -> Node:
        from derive.ops.tidy import times

        return times(self, as_node(other))

    def __rmul__(self, other: Any) -> Node:
        return as_node(other) * self

    def __neg__(self) -> Node:
        return as_node(-1) * self

    def __sub__(self, other: Any) -> Node:
        return self + -as_node(other)

    def __rsub__(self, other: Any) -> Node:
        return as_node(other) - self

    def __pow__(self, exponent: Any, mod: Any = None) -> Node:
        from derive.ops.tidy import power

        return power(self, as_node(exponent))

    def __truediv__(self, other: Any) -> Node:
        return self * as_node(other) ** -1

    def __rtruediv__(self, other: Any) -> Node:
        return as_node(other) / self

    def _sympystr(self, printer: Any) -> str:
        from derive.ops.text import text

        return text(self)

    _sympyrepr = _sympystr

    def _latex(self, printer: Any, *_: Any, **__: Any) -> str:
        return latex_of(self)

    def _pretty(self, printer: Any) -> Any:
        from sympy.printing.pretty.stringpict import prettyForm

        return prettyForm(str(self))


def latex_of(node: Node) -> str:
    """LaTeX of a node for SymPy's printers; the printing side puts the real printer here (see `set_latex`)."""
    return _LATEX[0](node)


def _plain_latex(node: Node) -> str:
    return rf"\mathtt{{{node}}}".replace("_", r"\_")


_LATEX: list[Callable[[Node], str]] = [_plain_latex]


def set_latex(printer: Callable[[Node], str]) -> None:
    """Let `sympy.latex` and notebooks show nodes with `printer`; nodes themselves hold no LaTeX."""
    _LATEX[0] = printer


class Tensor(Node):
    """A named quantity: `Tensor("W_1", (2, 3))`."""

    __slots__ = ()

    def __new__(cls, name: str | Str, shape: Any = ()) -> Tensor:
        return super().__new__(cls, name if isinstance(name, Str) else Str(name), sympy.Tuple(*shape))

    def __eq__(self, other: object) -> bool:
        """The same name and shape; SymPy's own comparison takes ten times as long, and looking up values needs it."""
        if self is other:
            return True
        return isinstance(other, Tensor) and self.name == other.name and self.shape == other.shape

    __hash__ = Node.__hash__

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    def infer_shape(self) -> Shape:
        return as_shape(self.args[1])

    @property
    def free_symbols(self) -> set[Any]:
        return {self}


class Constant(Node):
    """A number, or a number with counts such as `2/(3N)`; `text` keeps how the author wrote it (`0.10`)."""

    __slots__ = ()

    def __new__(cls, number: Any, text: str | Str = "") -> Constant:
        return super().__new__(cls, sympy.sympify(number, strict=True), text if isinstance(text, Str) else Str(text))

    @property
    def number(self) -> sympy.Expr:
        return self.args[0]

    @property
    def text(self) -> str:
        return str(self.args[1].name)

    @property
    def is_negative_number(self) -> bool:
        """Whether it prints with a minus sign in front."""
        return bool(self.number.could_extract_minus_sign())

    def infer_shape(self) -> Shape:
        return ()

    def value(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return arithmetic.number(self.number)


def as_node(thing: Any) -> Node:
    """A node as it is; a number as a `Constant`."""
    return thing if isinstance(thing, Node) else Constant(thing)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in reading order."""
    yield node
    for operand in node.operands:
        yield from walk(operand)


def aligned(arrays: tuple[Array, ...], ranks: tuple[int, ...]) -> tuple[Array, ...]:
    """Arrays reshaped so that their own axes line up at the end although each may carry further axes in front."""
    if tuple([array.ndim for array in arrays]) == ranks:  # a list, as it is faster than a generator
        return arrays
    highest = max(ranks)
    return tuple(
        array.reshape(array.shape[: array.ndim - rank] + (1,) * (highest - rank) + array.shape[array.ndim - rank :])
        for array, rank in zip(arrays, ranks, strict=True)
    )


def evaluate(node: Node, known: dict[Node, Array], arithmetic: Arithmetic) -> Array:
    """The value of an expression where `known` holds the values of its quantities (or of whole parts of it)."""
    found = known.get(node)
    if found is not None:
        return found
    value = node.value(arithmetic, *[evaluate(operand, known, arithmetic) for operand in node.operands])
    return value if isinstance(value, np.ndarray) else np.asarray(value)


def rebuilt(node: Node, given: Mapping[Any, Node]) -> Node:
    """The expression with quantities exchanged, shapes inferred anew."""
    if node in given:
        return given[node]
    if not node.operands:
        return node
    return as_node(node.func(*(rebuilt(a, given) if isinstance(a, Node) else a for a in node.args)))
