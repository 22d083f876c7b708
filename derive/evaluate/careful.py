"""The numbers of a problem in float64 and exactly; where float64 cannot be trusted, those of the exact ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.evaluate.evaluate import DomainError, TooSmall, Values, as_floats, evaluate_exactly, evaluate_program
from derive.evaluate.exact import ExactArithmetic, exact_array
from derive.evaluate.jacobian import jacobian_values
from derive.ops import Arithmetic, Array
from derive.program import Program, Step

LOST = 1e-11  # float64 differs from the exact numbers by more than its rounding errors


@dataclass(frozen=True)
class Numbers:
    """The numbers of a problem: `given` exactly, `values` in float64, `exact` as they are printed.

    `arithmetic` is that of `known`, from which more is computed: exact where float64 lost digits on the way.
    `underflows`: it lost all of them.
    """

    given: Mapping[str, Array]
    values: Values
    exact: Values
    known: Values
    arithmetic: Arithmetic | None = None
    underflows: bool = False

    def jacobian(self, program: Program, of: str, by: str) -> Array:
        """d(of)/d(by) in float64."""
        return jacobian_values(program, self.known, of, by, self.arithmetic).astype(float)


def evaluate_with_care(
    program: Program,
    given: Mapping[str, Array],
    after: Callable[[Step, Array], Array] | None = None,
    *,
    fractions: bool = False,
    at_kink: Callable[[Values], Sequence[str]] = lambda _: (),
) -> Numbers:
    """Float64 where it can be trusted: not at a kink, not where a number underflows or digits cancel.

    A probability of 1e-400 is 0 in float64 and has no logarithm there; exactly it has one. What has no value in exact
    numbers either, or is too large for float64, is refused.
    """
    exactly = {name: exact_array(array) for name, array in given.items()}
    refused: TooSmall | None = None
    values: Values = {}
    try:
        values = evaluate_program(program, {name: array.astype(float) for name, array in given.items()})
    except TooSmall as error:
        refused = error
    try:
        exact = evaluate_exactly(program, exactly, after, fractions=fractions)
        if not refused and not at_kink(values) and (after or _agree(values, exact)):
            return Numbers(exactly, values, exact, values)
        known = evaluate_exactly(program, exactly) if after else exact
    except DomainError as error:
        raise refused or error from None
    values = as_floats(known)
    if refused and not all(np.isfinite(array).all() for array in values.values()):
        raise refused
    return Numbers(exactly, values, exact, known, ExactArithmetic(dict(program.dimensions)), bool(refused))


def _agree(values: Values, exact: Values) -> bool:
    """Whether float64 kept the digits of all quantities."""
    pairs = ((array, exact[name].astype(float)) for name, array in values.items())
    return all(np.allclose(array, precise, rtol=LOST, atol=LOST) for array, precise in pairs)
