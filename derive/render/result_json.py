"""`result.json`: every value in full float64 precision in the author's shape, every formula, every check."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from derive.check import Finding, all_passed
from derive.evaluate import Values
from derive.ops import Array, Dimension
from derive.program import Program, Role
from derive.render.document import formula_latex
from derive.spec import Problem


def result_json(
    problem: Problem,
    program: Program,
    values: Values | None,
    jacobians: Mapping[str, Array],
    findings: tuple[Finding, ...],
) -> str:
    """The JSON document of a solution; a symbolic problem has formulas and shapes but no values."""
    data = {
        "problem": problem.name,
        "title": problem.title,
        **_numbers(program, values),
        "jacobians": {name.replace("d", "", 1).replace("/d", "/"): array.tolist() for name, array in jacobians.items()},
        "formulas": {step.name: formula_latex(step, problem, program) for step in program.steps},
        "shapes": {name: _shape(shape) for name, shape in _shapes(program).items()},
        "checks": [
            {"route": f.route, "step": f.step, "error": _finite(f.error), "passed": f.passed, **_disagreement(f)}
            for f in findings
        ],
        "passed": all_passed(findings),
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(error: float | None) -> float | None:
    """JSON has no infinity; where a value is none at all, `found` says so."""
    return error if error is None or math.isfinite(error) else None


def _numbers(program: Program, values: Values | None) -> dict[str, Any]:
    if values is None:
        return {"values": {}, "loss": None, "gradients": {}, "updated": {}}
    by_role = {role: {step.name: step for step in program.by_role(role)} for role in Role}
    given = [quantity.name for quantity in program.givens]
    own = [*given, *by_role[Role.FORWARD], *by_role[Role.LOSS], *by_role[Role.LOCAL], *by_role[Role.AFTER]]
    loss = program.loss
    return {
        "values": {name: values[name].tolist() for name in own},
        "loss": float(values[loss.name].reshape(())) if loss else None,
        "gradients": {
            step.gradient[1]: values[name].tolist() for name, step in by_role[Role.BACKWARD].items() if step.gradient
        },
        "updated": {name.removesuffix("'"): values[name].tolist() for name in by_role[Role.UPDATE]},
    }


def _shapes(program: Program) -> dict[str, tuple[Dimension, ...]]:
    tensors = [quantity.tensor for quantity in program.givens] + [step.target for step in program.steps]
    return {tensor.name: tensor.shape for tensor in tensors}


def _shape(shape: tuple[Dimension, ...]) -> list[int | str]:
    return [dimension if isinstance(dimension, int) else str(dimension) for dimension in shape]


def _disagreement(finding: Finding) -> dict[str, str]:
    """Both values where they disagree."""
    told = {"note": finding.note}
    if not finding.passed:
        told |= {"found": finding.found, "expected": finding.expected}
    return {key: text for key, text in told.items() if text}
