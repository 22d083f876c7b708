"""Jacobians: each asked for, reverse mode against complex steps, and the printed product of local Jacobians with both."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from derive.check.differences import compare, derivatives
from derive.check.report import Finding
from derive.evaluate import Values, jacobian_values
from derive.ops import Array
from derive.program import Program, Role

ROUTE = "jacobian"
TOLERANCE = 1e-9


def check_jacobians(program: Program, values: Values, jacobians: Mapping[str, Array]) -> tuple[Finding, ...]:
    """A finding for each Jacobian in numbers, and one for each formula."""
    findings = []
    for name, jacobian in jacobians.items():
        of, by = name[1:].split("/d", 1)
        findings.append(compare(ROUTE, f"{name} in numbers", jacobian, _by_steps(program, values, of, by), TOLERANCE))
    for step in program.by_role(Role.JACOBIAN):
        assert step.gradient is not None
        of, by = step.gradient
        expected = np.asarray(jacobian_values(program, values, of, by)).reshape(values[of].size, values[by].size)
        if step.subject == "denominator":
            expected = expected.T
        findings.append(compare(ROUTE, step.name, values[step.name], expected, TOLERANCE))
    return tuple(findings)


def _by_steps(program: Program, values: Values, of: str, by: str) -> Array:
    """d(of)/d(by) by complex steps of the forward pass, shape (*of, *by)."""
    size = values[by].size
    directions = np.eye(size).reshape(size, *values[by].shape)
    columns = derivatives(program, values, program.tensor(by), program.tensor(of), directions)
    return columns.T.reshape(*values[of].shape, *values[by].shape)
