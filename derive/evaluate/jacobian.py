"""Jacobians in numbers, by reverse mode: one vector-Jacobian product for each entry, all of them at once."""

from __future__ import annotations

import numpy as np

from derive.calculus.differentiate import gradient_name
from derive.calculus.jacobian import PROBE, SEED, seeded
from derive.evaluate.evaluate import FloatArithmetic, Values, run
from derive.ops import Arithmetic, Array
from derive.program import Program, Role


def jacobian_values(program: Program, values: Values, of: str, by: str, arithmetic: Arithmetic | None = None) -> Array:
    """d(of)/d(by) in numbers, shape (*of, *by): entry [i, j] is the derivative of of[i] with respect to by[j].

    In float64, or in the arithmetic of the values.
    """
    extended = seeded(program, of, by)
    size = values[of].size
    seeds = np.eye(size).reshape(size, *values[of].shape)
    steps = program.by_role(Role.FORWARD, Role.LOSS, Role.LOCAL)
    tensors = [quantity.tensor for quantity in program.givens] + [step.target for step in steps]
    given = {tensor: values[tensor.name] for tensor in tensors}
    given[extended.tensor(SEED)] = seeds
    if gradient_name(PROBE, by) not in extended.names:
        return np.zeros((*values[of].shape, *values[by].shape))
    known = run(extended.steps, given, arithmetic or FloatArithmetic(program.dimensions))
    gradient = known[extended[gradient_name(PROBE, by)].target]
    full = np.broadcast_to(gradient, (size, *values[by].shape))
    return np.array(full.reshape((*values[of].shape, *values[by].shape)))
