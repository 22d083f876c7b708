"""Formulas as answers: `dL/dW_2 = dL/dy @ z.T`, judged by shape and by value at random points.

The text is read by the parser of the equation language and by nothing else; symbolic equality never decides. A vector
may be meant as a column, as a row, or without a direction, and a gradient may lie either way, as courses differ.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from derive.calculus.mistakes import Mistake
from derive.check.interpret import Interpreter
from derive.check.stacked import Stack, StackedLibrary
from derive.errors import DeriveError, Fault
from derive.evaluate.wrong_answers import random_values
from derive.ops import Array, Node, evaluate
from derive.program import Program
from derive.spec.equations import collect_equations
from derive.spec.grammar import UNKNOWN, names_in
from derive.variants.setting import Setting

TOLERANCE = 1e-9
LONGEST = 500  # characters of a formula
_ANSWER = "answer"


class FormulaError(DeriveError):
    """A formula that cannot be read."""


@dataclass(frozen=True)
class FormulaMark:
    """Whether a formula is right; `is_transposed`: as in the other layout. `message` says what is wrong, in words."""

    is_right: bool
    is_transposed: bool = False
    message: str = ""
    slip: Mistake | None = None


class FormulaMarker:
    """Marks formulas for the quantities of one network; its random points are the same for all of them."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.program = setting, setting.program
        self.values = random_values(setting.program)
        self.spelled = _spellings(setting.program)

    def mark(self, text: str, where: str = "") -> FormulaMark:
        """The verdict on `quantity = formula`; raises `FormulaError` where it cannot be read."""
        name, equals, right = text.partition("=")
        name = name.strip()
        if not equals or name not in self.program.names or name in self.program.quantities:
            known = ", ".join(step.name for step in self.program.steps[:6])
            raise FormulaError(
                Fault(f"`{text[:60]}`", "`quantity = formula` for a computed quantity", f"such as {known}", where=where)
            )
        return self.mark_formula(name, right, where)

    def mark_formula(self, name: str, text: str, where: str = "") -> FormulaMark:
        """The verdict on a formula for one quantity."""
        tree = self._parsed(text, where)
        used = {self.spelled[word] for word in names_in(tree) if word in self.spelled}
        if name in used:
            return FormulaMark(False, message=f"{name} is explained by itself")
        if late := sorted(used - self._before(name)):
            return FormulaMark(False, message=f"{late[0]} is only known after {name}")
        found = list(self._readings(tree))
        if not found:
            return FormulaMark(
                False, message="the formula has no value: shapes do not fit together, or it divides by 0"
            )
        right = self.values[name]
        rank = self.program.tensor(name).rank
        wanted = _as_matrices(_full(right, rank, self._count), rank)
        for matrices in found:
            if _same(matrices, wanted):
                return FormulaMark(True)
        for matrices in found:
            if _same(matrices.swapaxes(1, 2), wanted):
                return FormulaMark(True, is_transposed=wanted.shape[1:] != wanted.shape[:0:-1])
        return self._wrong(name, found, wanted)

    def _wrong(self, name: str, found: list[Array], wanted: Array) -> FormulaMark:
        for mistake in self.setting.mistakes(name):
            rank = mistake.formula.rank
            value = np.asarray(evaluate(mistake.formula, dict(self._known), self.setting.arithmetic))
            matrices = _as_matrices(_full(value, rank, self._count), rank)
            if any(_same(each, matrices) or _same(each.swapaxes(1, 2), matrices) for each in found):
                return FormulaMark(False, message="a common mistake", slip=mistake)
        shapes = {each.shape[1:] for each in found}
        if not any(sorted(shape) == sorted(wanted.shape[1:]) for shape in shapes):
            rows, columns = found[0].shape[1:]
            return FormulaMark(False, message=f"the result has the shape {rows} x {columns}")
        return FormulaMark(False, message="the formula gives other values")

    @property
    def _count(self) -> int:
        return max(len(array) for array in self.values.values() if np.ndim(array))

    @property
    def _known(self) -> Mapping[Node, Array]:
        return {self.program.tensor(name): array for name, array in self.values.items()}

    def _before(self, name: str) -> set[str]:
        """The quantities that stand before a step."""
        names = [step.name for step in self.program.steps]
        return {*self.program.quantities, *names[: names.index(name)]}

    def _parsed(self, text: str, where: str) -> ast.expr:
        if len(text) > LONGEST:
            raise FormulaError(Fault(f"a formula of {len(text)} characters", f"at most {LONGEST}", where=where))
        plain = self._spelled_out(text)
        read = collect_equations(f"{_ANSWER} = {plain}", [1])
        flaws = [Fault(flaw.found, flaw.expected, flaw.hint, where=where) for flaw in read.flaws]
        if flaws or len(read.equations) != 1:
            raise FormulaError(*(flaws or [Fault("no formula", "an expression in the equation language", where=where)]))
        tree = read.equations[0].tree
        unknown = [word for word in names_in(tree) if word not in self.spelled and word != UNKNOWN]
        unknown = [word for word in unknown if word not in self.program.dimensions]
        if unknown:
            raise FormulaError(Fault(f"the name `{unknown[0]}`", "quantities of the problem", where=where))
        return tree

    def _spelled_out(self, text: str) -> str:
        """`dL/dy` and `W_1'` as names that the equation language knows."""
        for word, name in sorted(self.spelled.items(), key=lambda pair: -len(pair[1])):
            if word != name:
                text = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_'])", word, text)
        return text

    def _readings(self, tree: ast.expr) -> Iterator[Array]:
        """What a formula gives, as matrices: with vectors that have no direction, as columns, and as rows."""
        for column in (None, True, False):
            known = {word: self._stack(name, column) for word, name in self.spelled.items()}
            interpreter = Interpreter(StackedLibrary(), {**self.program.dimensions, **known})
            try:
                with np.errstate(all="ignore"):
                    value = interpreter.value(tree)
            except (ArithmeticError, ValueError, IndexError, TypeError, KeyError, AttributeError):
                continue
            stack = value if isinstance(value, Stack) else Stack(np.full(self._count, float(value)))
            if stack.ndim <= 2:
                yield _as_matrices(_full(stack.arrays, stack.ndim, self._count), stack.ndim)

    def _stack(self, name: str, column: bool | None) -> Stack:
        """A quantity at all points; a vector as a column, as a row, or as it is."""
        rank = self.program.tensor(name).rank
        array = _full(self.values[name], rank, self._count)
        if rank == 1 and column is not None:
            array = array[:, :, None] if column else array[:, None, :]
        return Stack(array)


def _spellings(program: Program) -> dict[str, str]:
    """A name of the equation language for each quantity: `d_L_d_y` for `dL/dy`, `W_1_new` for `W_1'`."""
    taken = set(program.names)
    spelled = {}
    for name in program.names:
        word = name if name.isidentifier() else re.sub(r"\W+", "_", name.replace("'", "_new")).strip("_")
        while word != name and word in taken:
            word += "_"
        taken.add(word)
        spelled[word] = name
    return spelled


def _full(array: Array, rank: int, count: int) -> Array:
    full = array if array.ndim > rank else array[None]
    return np.broadcast_to(full, (count, *full.shape[1:]))


def _as_matrices(arrays: Array, rank: int) -> Array:
    """Numbers as 1 x 1, vectors as columns."""
    return arrays.reshape(len(arrays), *(*arrays.shape[1:], 1, 1)[: max(2, rank)])


def _same(found: Array, wanted: Array) -> bool:
    """Whether two formulas agree wherever both have values, at least at one point."""
    if found.shape != wanted.shape:
        return False
    one, other = found.reshape(len(found), -1), wanted.reshape(len(wanted), -1)
    both = np.isfinite(one).all(axis=1) & np.isfinite(other).all(axis=1)
    scale = 1 + np.abs(other[both])
    return bool(both.any() and np.all(np.abs(one[both] - other[both]) <= TOLERANCE * scale))
