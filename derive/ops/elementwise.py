"""Elementwise functions: a `Row` says all there is to know about one; `Fn` applies it.

Adding an activation is adding a row to a table (`activations`, `functions`); its documentation, its LaTeX, its
derivative's test and its fuzzing follow because the row exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy.core.symbol import Str

from derive.ops.algebra import Elementwise
from derive.ops.node import Arithmetic, Array, Constant, Node, as_node, walk
from derive.ops.shapes import require


@dataclass(frozen=True)
class Domain:
    """Where a function is defined: a test on values, and the words for it."""

    holds: Callable[..., Any]
    words: str


@dataclass(frozen=True)
class Row:
    """One elementwise function, everything about it in one place.

    `value` is its NumPy form (on float64, complex, and on object arrays of exact numbers), `scalar` its SymPy form
    and `slopes` its derivative as taught, one for each argument, in the operands `u, ...` and the result `z`.
    `parameters` are numbers that follow the arguments, with their defaults. `tex` is its LaTeX name, or a pattern
    with `{0}`, `{1}` for its operands; `definition` how it is defined, as LaTeX in u or as an expression; empty where
    the name says it.
    `kink` is an expression of all operands that is zero where no derivative exists. `torch` is the PyTorch
    expression, `numpy` the one that students write (`value` takes exact numbers, too), `numpy_default` a shorter one
    for parameters that are the defaults. `spelled` gives the expression to print where the function is only a safe way
    to compute it.
    `positive` are the parameters that must be.
    `names_parameters` puts parameters that are not the default below the name (softplus with beta = 2).
    `activation` marks what a layer applies, `internal` what only slopes and losses are written with (it is no function
    of the equation language), `fuses` what a loss's gradient may be simplified through.
    """

    name: str
    value: Callable[..., Any]
    scalar: Callable[..., sympy.Expr]
    slopes: tuple[Callable[..., Any], ...]
    tex: str
    torch: str
    doc: str
    numpy: str
    numpy_default: str = ""
    definition: str | Callable[..., Any] = ""
    parameters: tuple[tuple[str, Any], ...] = ()
    kink: Callable[..., Any] | None = None
    domain: Domain | None = None
    spelled: Callable[..., Node] | None = None
    positive: tuple[str, ...] = ()
    names_parameters: bool = False
    activation: bool = False
    internal: bool = False
    fuses: bool = False

    @property
    def arity(self) -> int:
        """The number of arguments, parameters not counted."""
        return len(self.slopes)

    @property
    def options(self) -> tuple[str, ...]:
        """The parameters that an author may set."""
        return tuple(name for name, _ in self.parameters) if self.names_parameters else ()


ROWS: dict[str, Row] = {}


def register(*rows: Row) -> None:
    """Add rows to the table of elementwise functions."""
    for row in rows:
        if row.name in ROWS:
            raise ValueError(f"two elementwise functions are called {row.name}")
        ROWS[row.name] = row


class Fn(Elementwise):
    """An elementwise function of the table applied to its operands (arguments first, then parameters)."""

    __slots__ = ()

    def __new__(cls, name: str | Str, *operands: Any) -> Node:
        key = name if isinstance(name, Str) else Str(name)
        row = ROWS[str(key.name)]
        missing = row.parameters[len(operands) - row.arity :] if len(operands) >= row.arity else ()
        filled = (*operands, *(Constant(default) for _, default in missing))
        if len(filled) != row.arity + len(row.parameters):
            raise TypeError(f"{row.name} takes {row.arity} arguments")
        for (parameter, _), value in zip(row.parameters, filled[row.arity :], strict=True):
            if parameter in row.positive and isinstance(value, Constant):
                require(bool(value.number > 0), f"{parameter} = {value.number}", f"a positive {parameter}")
        return super().__new__(cls, key, *filled)

    @property
    def row(self) -> Row:
        return ROWS[str(self.args[0].name)]

    @property
    def arguments(self) -> tuple[Node, ...]:
        """The operands without the parameters."""
        return self.operands[: self.row.arity]

    @property
    def parameters(self) -> tuple[Node, ...]:
        """The numbers behind the arguments (such as the slope of a leaky ReLU)."""
        return self.operands[self.row.arity :]

    def apply(self, arithmetic: Arithmetic, *arrays: Array) -> Array:
        return arithmetic.apply(self.row, *arrays)

    def scalar(self, *operands: sympy.Expr) -> sympy.Expr:
        return self.row.scalar(*operands)

    def partial(self, index: int) -> Node:
        result: Node = self.row.slopes[index](*self.operands, self)
        return result if isinstance(result, Node) else Constant(result)


def fn(name: str, *operands: Any) -> Node:
    """An elementwise function applied, numbers taken as constants."""
    return Fn(name, *(operand if isinstance(operand, Node) else Constant(operand) for operand in operands))


def as_spelled(node: Node) -> Node:
    """An expression as print says it, not as it is safely computed: t log p, which has no value where p = 0."""
    if not any(isinstance(part, Fn) and part.row.spelled for part in walk(node)):
        return node
    if isinstance(node, Fn) and node.row.spelled:
        return as_spelled(node.row.spelled(*node.arguments))
    return as_node(node.func(*(as_spelled(part) if isinstance(part, Node) else part for part in node.args)))


def is_positive(u: Any) -> Any:
    """u > 0, entry by entry; of complex numbers (complex steps) the real part decides."""
    return (np.real(u) if np.iscomplexobj(u) else u) > 0
