"""Conditions of the author (`L > 0.05`) on many variants at once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derive.ops import Arithmetic, Array, Constant, Node, Plus, Times, evaluate
from derive.program import Program
from derive.program.translate import Translator
from derive.spec import Problem
from derive.spec.variation import Condition

RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ROUNDING_ERROR = 1e-12


def difference(
    condition: Condition, problem: Problem, program: Program, known: Mapping[Node, Array], arithmetic: Arithmetic
) -> tuple[Array, int]:
    """The left side minus the right side, with its rank; raises `ShapeError` where their shapes do not fit."""
    translator = Translator(
        {name: program.tensor(name) for name in program.names}, program.names, problem.conventions.relu_at_zero
    )
    left, right = translator.node(condition.left), translator.node(condition.right)
    node = Plus(left, Times(Constant(-1), right))
    values = dict(known)
    with np.errstate(all="ignore"):
        for tensor, formula in translator.steps:
            values[tensor] = evaluate(formula, values, arithmetic)
        return np.asarray(evaluate(node, values, arithmetic)), node.rank


def holds(condition: Condition, difference: Array) -> Array:
    """Whether a condition holds; sides equal but for rounding errors are equal, and log(0) < 0 says nothing."""
    settled = np.where(np.abs(difference) < ROUNDING_ERROR, 0, difference)
    return np.asarray(RELATIONS[condition.relation](settled, 0) & np.isfinite(difference))
