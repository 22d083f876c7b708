"""One entry of a given quantity varied, all else fixed: any quantity along it in one batch, and kinks on the way."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.errors import Fault
from derive.evaluate import FloatArithmetic, Values, run
from derive.ops import Array, Fn, Node, as_node, evaluate, walk
from derive.program import Program, Step
from derive.sheet.blocks import Symbol
from derive.sheet.plots.axes import PlotError

LARGEST_BATCH = 2**22  # numbers held at once; sweeps of large problems are computed in parts
BISECTIONS = 48  # from one part in hundreds of the range down to rounding errors
SAME = 1e-9  # of the range: kinks closer than this are one
VISIBLE = 1e-3  # of the mean slope: a change of slope below it cannot be seen
_ENTRY = re.compile(r"(?P<name>\w+)\s*(?:\[(?P<index>\s*\d{1,9}\s*(?:,\s*\d{1,9}\s*)?)\])?", re.ASCII)


def parse_entry(text: str, program: Program, values: Values) -> Symbol:
    """`b`, or an entry `w[2]`, `W_1[1,2]`, counted as on paper, of a given quantity that has a number there."""
    match = _ENTRY.fullmatch(text.strip())
    if match is None:
        raise _refused(f"`{text}`", "a name, or an entry such as `W_1[1,2]`, counted from 1")
    name, index = match["name"], tuple(map(int, match["index"].split(","))) if match["index"] else ()
    if name not in program.quantities:
        known = ", ".join(program.quantities)
        raise _refused(f"`{name}` is not a given quantity", f"one of {known}")
    shape = values[name].shape
    if not index and values[name].size == 1:
        return Symbol(name)
    axes = [range(start, start + size) for start, size in zip(program.first_index(name), shape, strict=True)]
    if len(index) != len(shape) or not all(place in axis for place, axis in zip(index, axes, strict=True)):
        first, last = (",".join(str(axis[end]) for axis in axes) for end in (0, -1))
        expected = f"an entry from {name}[{first}] to {name}[{last}]" if shape else f"`{name}`"
        raise _refused(f"`{text}` of a quantity of shape {shape}", expected)
    return Symbol(name, index)


def _refused(found: str, expected: str) -> PlotError:
    return PlotError(Fault(found=found, expected=expected))


@dataclass(frozen=True)
class Variation:
    """q -> the quantities of a program, where q stands in the place of one entry of a given quantity."""

    program: Program
    values: Values
    entry: Symbol

    @property
    def place(self) -> tuple[int, ...]:
        """The entry, counted from 0."""
        first = self.program.first_index(self.entry.name)
        numbers = self.entry.entry or first
        return tuple(number - start for number, start in zip(numbers, first, strict=True))

    @property
    def start(self) -> float:
        """The number that the problem has there."""
        return float(self.values[self.entry.name][self.place])

    def along(self, name: str, points: Array) -> Array:
        """The values of a quantity, one for each point; not finite where it is not defined."""
        shape = self.values[name].shape
        steps, tensor = self._needed(name), self.program.tensor(name)
        return self._in_batches(
            lambda part: np.broadcast_to(self._run(steps, part)[tensor], (len(part), *shape)), points
        )

    def kinks(self, name: str, points: Array) -> tuple[float, ...]:
        """Where the slope of a scalar quantity jumps: a kink expression of its steps changes sign, and it is seen."""
        steps = self._needed(name)
        places = sign_changes(
            lambda batch: self._in_batches(lambda part: self._kink_expressions(steps, part), batch), points
        )
        if not places.size:
            return ()
        width = float(points[-1] - points[0])
        near = places[:, None] + 1e-6 * width * np.array([-1.0, 0.0, 1.0])
        left, middle, right = self.along(name, near.reshape(-1)).reshape(-1, 3).T
        values = self.along(name, points)
        height = np.ptp(values[np.isfinite(values)])
        seen = np.abs(left + right - 2 * middle) > 1e-6 * VISIBLE * height
        return tuple(float(place) for place in places[seen])

    def _in_batches(self, compute: Callable[[Array], Array], points: Array) -> Array:
        """The results for all points at once; for a large problem in as many parts as the memory needs."""
        most = max(1, LARGEST_BATCH // sum(array.size for array in self.values.values()))
        return np.concatenate([compute(part) for part in np.array_split(points, max(1, -(-len(points) // most)))])

    @functools.cached_property
    def _arithmetic(self) -> FloatArithmetic:
        return FloatArithmetic(self.program.dimensions)

    def _run(self, steps: tuple[Step, ...], points: Array) -> dict[Node, Array]:
        given = {quantity.tensor: self.values[quantity.name] for quantity in self.program.givens}
        own = self.values[self.entry.name]
        varied = np.repeat(own[None], len(points), axis=0).astype(float)
        every: tuple[Any, ...] = (slice(None), *self.place)
        varied[every] = points
        given[self.program.tensor(self.entry.name)] = varied
        with np.errstate(all="ignore"):
            return run(steps, given, self._arithmetic)

    def _needed(self, name: str) -> tuple[Step, ...]:
        """The steps that lead to a quantity."""
        wanted, steps = {name}, []
        for step in reversed(self.program.steps):
            if step.name in wanted:
                steps.append(step)
                wanted |= {tensor.name for tensor in step.uses}
        return tuple(reversed(steps))

    def _kink_expressions(self, steps: tuple[Step, ...], points: Array) -> Array:
        """A row for each point with every expression at whose zero a function has its corner."""
        known = self._run(steps, points)
        columns = [np.zeros((len(points), 0))]
        with np.errstate(all="ignore"):
            for kink in kink_nodes(steps):
                found = evaluate(kink, known, self._arithmetic)
                if found.ndim > kink.rank:  # it changes along the way
                    columns.append(found.reshape(len(points), -1))
        return np.concatenate(columns, axis=1)


def kink_nodes(steps: tuple[Step, ...]) -> Iterator[Node]:
    """The expressions that are zero at the corners of the functions in some steps."""
    for step in steps:
        for node in walk(step.formula):
            if isinstance(node, Fn) and node.row.kink:
                yield as_node(node.row.kink(*node.operands))


def sign_changes(expressions: Callable[[Array], Array], points: Array) -> Array:
    """The places at which a column of `expressions(points)` changes sign, by bisection, each once."""
    signs = np.sign(expressions(points))
    rows, columns = np.nonzero((signs[1:] != signs[:-1]) & np.isfinite(signs[1:]) & np.isfinite(signs[:-1]))
    if not rows.size:
        return np.zeros(0)
    low, high, before = points[rows], points[rows + 1], signs[rows, columns]
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        same = np.sign(expressions(middle)[np.arange(len(rows)), columns]) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    found = np.sort(np.where(before == 0, low, high))
    apart = np.diff(found, prepend=-np.inf) > SAME * (points[-1] - points[0])
    result: Array = found[apart]
    return result
