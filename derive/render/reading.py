"""What the honest reader needs to read our sheets again: what they promise, and what the names in them stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
import numpy as np
import sympy

from derive.check import Expected, Promised, Reading
from derive.evaluate import bound
from derive.ops import Array, Fn, LogSoftmax, Node, OneHot, Softmax, walk
from derive.ops.shapes import as_shape
from derive.program import Program, Role, shrunk
from derive.render.latex import function_name
from derive.render.notation import Notation
from derive.render.points import MOST_ENTRIES, on_paper, points, quantities
from derive.sheet import Blank, Line, Local, Sheet
from derive.sheet.substitute import LARGEST

SOFTMAX, LOGSOFTMAX, ONE_HOT = (rf"\operatorname{{{name}}}" for name in ("softmax", "logsoftmax", "onehot"))

WIDEST = 12  # widths of a large problem that are left as they are


def reading(sheet: Sheet, program: Program, exact: Mapping[str, Array] | None) -> Reading:
    """What a solution sheet promises to print.

    Its formulas are evaluated with the numbers of the problem, where it has any, and with random ones.
    """
    return _Promises(sheet, program, exact).reading()


class _Promises:
    """The promises of one sheet, line by line."""

    def __init__(self, sheet: Sheet, program: Program, exact: Mapping[str, Array] | None) -> None:
        # a formula says the same of a matrix with 784 columns as of one with 3
        self.small = program if exact is None or _count(exact) <= MOST_ENTRIES else shrunk(program, WIDEST)
        self.sheet, self.program, self.exact = sheet, program, exact
        self.notation = Notation(sheet.notation, sheet.rows)
        self.points = points(self.small, exact if self.small is program else None)
        self.symbols = [point.symbols(quantities(self.small), self.notation) for point in self.points]

    def reading(self) -> Reading:
        jacobians = [local for part in self.sheet.sections for entry in part.entries for local in entry.jacobians]
        formulas = [step.formula for step in self.program.steps] + [local.formula for local in jacobians]
        return Reading(
            lines=[self.line(line) for line in self.sheet.lines],
            jacobians=[self.jacobian(local) for local in jacobians],
            functions=reader_functions(formulas),
            matrix_functions=reader_matrix_functions(self.small, self.notation, self.points[0].dimensions),
            points=self.symbols,
        )

    def line(self, line: Line) -> Promised:
        name = line.target.name
        nothing = self.exact is None or line.result is None or isinstance(line.result, Blank)
        value = None if nothing or self.exact is None else self.exact[name]
        expected = [self.expected(line, place) for place in range(len(self.points))]
        return Promised(
            name,
            self.notation.symbol(name),
            value,
            substituted=line.cut is not None and line.formula is not None,
            complete=value is None or max(value.shape, default=1) <= LARGEST,
            formula=expected if line.formula is not None else (),
        )

    def expected(self, line: Line, place: int) -> Expected | None:
        """The value of the line's quantity; at a random point that of its formula."""
        name, point = line.target.name, self.points[place]
        as_row = self.notation.is_row(name)
        if point.values is self.exact:
            rounded = self.sheet.carry == "rounded" and self.program[name].role is not Role.JACOBIAN
            slack = Fraction(1, 2 * 10 ** (self.sheet.places or 0)) if rounded else Fraction(0)
            known = self.symbols[place].get(self.notation.symbol(name))
            return Expected(on_paper(self.exact[name], as_row) if known is None else known, slack)
        value = None if line.formula is None else point.value(line.formula)
        if value is None:
            return None
        shape = bound(self.small.tensor(name).shape, dict(point.dimensions))
        return Expected(on_paper(value.reshape(shape), as_row))

    def jacobian(self, local: Local) -> Promised:
        values = [point.value(local.formula) for point in self.points]
        return Promised(
            f"d{local.upper}/d{local.lower}",
            self.notation.jacobian(local.upper, local.lower, local.of_slopes),
            None,
            substituted=False,
            formula=[None if value is None else Expected(on_paper(value, as_row=False)) for value in values],
        )


def _count(values: Mapping[str, Array]) -> int:
    return sum(array.size for array in values.values())


# ------------------------------------------------------------------------------------------------ functions


def reader_functions(formulas: Iterable[Node]) -> dict[str, Callable[..., Any]]:
    """Each elementwise function of the formulas by its LaTeX name, computed from its SymPy form by mpmath."""
    functions: dict[str, Callable[..., Any]] = {}
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Fn) and "{0}" not in node.row.tex and not node.row.spelled:
                functions.setdefault(function_name(node), _by_mpmath(node))
    return functions


def _by_mpmath(node: Fn) -> Callable[..., Any]:
    symbols = sympy.symbols(f"u:{node.row.arity}", real=True)
    expression = node.row.scalar(*symbols, *(parameter.number for parameter in node.parameters))

    def function(*arguments: Any) -> Any:
        numbers = [
            sympy.Rational(a.numerator, a.denominator) if isinstance(a, Fraction) else sympy.Float(a, 60)
            for a in arguments
        ]
        value = expression.subs(dict(zip(symbols, numbers, strict=True)))
        if value.is_Rational:
            return Fraction(int(value.p), int(value.q))
        return mpmath.mpf(str(sympy.N(value, 60)))

    return function


def reader_matrix_functions(
    program: Program, notation: Notation, dimensions: Mapping[str, int]
) -> dict[str, Callable[..., Any]]:
    """Softmax and its logarithm along the axis, one-hot vectors in the direction, that the formulas use them in.

    Print shows neither; a function that is used in two ways is left out, so that it cannot be read.
    """
    found: dict[str, set[tuple[Any, ...]]] = {}
    for step in program.steps:
        for node in walk(step.formula):
            if isinstance(node, Softmax | LogSoftmax):
                use = found.setdefault(SOFTMAX if isinstance(node, Softmax) else LOGSOFTMAX, set())
                use.add((node.axis if node.rank == 2 else None,))
            elif isinstance(node, OneHot):
                as_row = int(node.args[2]) == -1 if node.rank == 2 else notation.is_row(step.name)
                [classes] = bound(as_shape((node.args[1],)), dict(dimensions))
                found.setdefault(ONE_HOT, set()).add((classes, as_row))
    functions: dict[str, Callable[..., Any]] = {}
    for name, uses in found.items():
        if name == ONE_HOT and len(uses) == 1:
            functions[name] = _one_hot(*next(iter(uses)))
        elif name != ONE_HOT:
            functions[name] = _along([axis for (axis,) in uses], logarithm=name == LOGSOFTMAX)
    return functions


def _along(axes: list[int | None], *, logarithm: bool) -> Callable[[Array], Array]:
    """exp(s_i) / sum exp(s_j), along an axis of a matrix or over all entries of a vector (the axis None)."""
    of_matrices = [axis for axis in axes if axis is not None]

    def function(logits: Array) -> Array:
        of_vector = None in axes and 1 in logits.shape
        if len(of_matrices) > 1 and not of_vector:
            raise ValueError("along the rows or the columns? The sheet has both")
        numbers = np.vectorize(
            lambda s: mpmath.mpf(s.numerator) / s.denominator if isinstance(s, Fraction) else s, otypes=[object]
        )(logits)
        powers = np.vectorize(mpmath.exp, otypes=[object])(numbers)
        along = None if of_vector or not of_matrices else of_matrices[0]
        total = powers.sum(axis=along, keepdims=along is not None)
        shares = powers / total
        return np.asarray(np.vectorize(mpmath.log, otypes=[object])(shares) if logarithm else shares)

    return function


def _one_hot(classes: int, as_row: bool) -> Callable[[Array], Array]:
    """A row (or a column) for each class index, counted from 0."""

    def function(indices: Array) -> Array:
        if not all(index in range(classes) for index in indices.flat):
            raise ValueError(f"a class that is none of {classes}")
        rows = np.array([[Fraction(index == k) for k in range(classes)] for index in indices.flat], dtype=object)
        return rows if as_row else rows.T

    return function
