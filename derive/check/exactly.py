"""The numbers of a problem to hundreds of digits, where float64 cannot decide: 1 - y of a sure y, log y of a tiny one.

A route compares in float64 first. What disagrees there is compared once more with these numbers, which lose nothing to
cancellation and do not underflow; a wrong formula stays wrong in them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from derive.check.report import Finding
from derive.evaluate import ExactArithmetic, Real, exact_array, run
from derive.ops import Array, Node, Tensor
from derive.program import Program

BITS = 4096
STEP = Fraction(1, 2**1200)  # of a difference quotient, whose error is as small
MOST_ENTRIES = 2000  # of all quantities; beyond, a disagreement in float64 stands


@dataclass(frozen=True, eq=False)
class Exactly:
    """A program and its given numbers, exactly as the author wrote them."""

    program: Program
    given: Mapping[str, Array]

    @property
    def is_small(self) -> bool:
        """Whether so many digits of everything are affordable."""
        arithmetic = ExactArithmetic(dict(self.program.dimensions))
        tensors = [self.program.tensor(name) for name in self.program.names]
        return sum(int(np.prod(arithmetic.shape(tensor.shape))) for tensor in tensors) <= MOST_ENTRIES

    @functools.cached_property
    def known(self) -> Mapping[Node, Array]:
        """The value of each quantity."""
        return self.run(self.program.steps, {self.program.tensor(name): array for name, array in self.given.items()})

    @functools.cached_property
    def values(self) -> Mapping[str, Array]:
        """The same by name."""
        return {tensor.name: array for tensor, array in self.known.items() if isinstance(tensor, Tensor)}

    def run(self, steps: Iterable[Any], given: Mapping[Tensor, Array]) -> dict[Node, Array]:
        """The values of steps, to all digits."""
        with flint.ctx.workprec(BITS):
            return run(steps, given, ExactArithmetic(dict(self.program.dimensions)))

    def derivatives(self, quantity: Tensor, of: Tensor, directions: Array) -> Array:
        """The derivative of `of` along each direction in the space of `quantity`, by difference quotients."""
        given = {given.tensor: self.known[given.tensor] for given in self.program.givens}
        with flint.ctx.workprec(BITS):
            given[quantity] = self.known[quantity] + exact_array(STEP) * exact_array(directions)
            stepped = run(self.program.forward, given, ExactArithmetic(dict(self.program.dimensions)))[of]
            quotients = (stepped - self.known[of]) / exact_array(STEP)
            full = np.broadcast_to(quotients, (len(directions), *self.known[of].shape))
            return np.asarray(full.reshape(len(directions), -1))


def compare_exactly(route: str, step: str, found: Array, expected: Array, tolerance: float) -> Finding:
    """The largest difference relative to 1 + |expected|; a number that is not known well enough agrees with none.

    Only the difference is rounded to float64, so that 10^400 agrees with itself.
    """
    found, expected = (exact_array(array).reshape(-1) for array in (found, expected))
    if found.shape != expected.shape:
        return Finding(route, step, False, None, f"{found.size} entries", f"{expected.size} entries")
    errors = [_error(*pair) for pair in zip(found, expected, strict=True)]
    worst = max(range(len(errors)), key=lambda entry: errors[entry])
    if errors[worst] <= tolerance:
        return Finding(route, step, True, errors[worst])
    one, other = (f"{float(array[worst]):.12g}" for array in (found, expected))
    return Finding(route, step, False, errors[worst], one, other)


def _error(found: Real, expected: Real) -> float:
    """|found - expected| / (1 + |expected|), at most."""
    error = (abs(found - expected) / (abs(expected) + 1)).ball()
    return float(error.upper()) if error.is_finite() else math.inf


def decided(finding: Finding, exactly: Exactly | None, again: Callable[[Exactly], Finding]) -> Finding:
    """A finding that fails in float64 as the exact numbers find it, where these can be had."""
    if finding.passed or exactly is None or not exactly.is_small:
        return finding
    try:
        with flint.ctx.workprec(BITS):
            return again(exactly)
    except (ArithmeticError, TypeError, ValueError):  # undecided, or a function that exact numbers do not have
        return finding
