"""Jacobians sample by sample: where the program keeps samples apart, and nowhere else, however sizes may agree."""

from __future__ import annotations

import numpy as np
import pytest

from derive.ops import Dot, Softmax
from derive.program import Role, compile_problem, data_axes, sample_axes
from derive.solution import solve_problem
from tests.solved import solved
from tests.support import problem_of

DATA = """
parameters: {W: [[0.1, -0.7], [0.3, 0.9]], b: [0.5, -0.25]}
input: {X: [[1, 2], [0.5, -1]]}
target: {T: [[1, 0], [0, 1]]}
"""
AFFINE = "forward: |\n  A = X @ W + b\n  Z = tanh(A)\n  L = mean((Z - T)**2)\n" + DATA
# what is asked, and whether it has a form for each sample
BATCHES = {
    "rows": (AFFINE, "dZ/dX", True),
    "one step": (AFFINE, "dA/dX", True),
    "a square weight is no batch": (AFFINE, "dA/dW", False),
    "nor is a bias": (AFFINE, "dZ/db", False),
    "columns": (
        AFFINE.replace("X @ W + b", "W @ X + B").replace("b: [0.5, -0.25]", "B: [[0.5], [-0.25]]")
        + "conventions: {samples: columns}\n",
        "dZ/dX",
        True,
    ),
    "a square weight before columns": (
        AFFINE.replace("X @ W + b", "W @ X").replace(", b: [0.5, -0.25]", "") + "conventions: {samples: columns}\n",
        "dZ/dW",
        False,
    ),
    "declared in columns": (
        AFFINE.replace("X @ W + b", "W @ X").replace(", b: [0.5, -0.25]", "") + "shapes: {X: [D, N], W: [H, D]}\n",
        "dZ/dX",
        True,
    ),
    "rows that are mixed by a matrix": (
        AFFINE.replace("X @ W", "(S @ X) @ W") + "constants: {S: [[0.5, 0.5], [0.25, 0.75]]}\n",
        "dZ/dX",
        False,
    ),
    "rows that are mixed by a mean": (AFFINE.replace("X @ W", "(X - mean(X)) @ W"), "dZ/dX", False),
    "rows after a mean": (AFFINE.replace("X @ W", "(X - mean(X)) @ W"), "dZ/dA", True),
    "softmax over the samples": (AFFINE.replace("tanh(A)", "softmax(A, axis=0)"), "dZ/dX", False),
    "softmax over the classes": (AFFINE.replace("tanh(A)", "softmax(A, axis=1)"), "dZ/dX", True),
    "products of samples": (
        AFFINE.replace("X @ W + b", "X @ X.T @ W + b"),
        "dZ/dX",
        False,
    ),
    "a weight beside each sample": (
        AFFINE.replace("X @ W + b", "X * M @ W + b") + "constants: {M: [[2, 0], [0, 2]]}\n",
        "dZ/dX",
        True,
    ),
    "two inputs": (
        AFFINE.replace("X @ W + b", "X @ W + Q @ V + b")
        .replace("{X:", "{Q: [[1], [3]], X:")
        .replace("b: [0.5, -0.25]}", "b: [0.5, -0.25], V: [[0.5, 1.5]]}"),
        "dZ/dQ",
        True,
    ),
    "a number for each sample": (
        """
        forward: |
          y = tanh(X @ w)
          L = mean((y - t)**2)
        parameters: {w: [0.5, -1]}
        input: {X: [[1, 2], [0.5, -1]]}
        target: {t: [1, 0]}
        """,
        "dy/dX",
        True,
    ),
    "transposed on the way": (AFFINE.replace("X @ W + b", "(W @ X.T).T + b"), "dZ/dX", True),
}


def _asking(text: str, asked: str) -> str:
    return f"{text.rstrip()}\n{'        ' if text.startswith(chr(10) + ' ') else ''}ask: [{asked}]\n"


@pytest.mark.parametrize("name", BATCHES)
def test_a_form_for_each_sample_follows_from_the_program(name: str) -> None:
    text, asked, separate = BATCHES[name]
    solution = solved(_asking(text, asked))
    of, by = asked[1:].split("/d")
    forms = {step.name: step for step in solution.program.by_role(Role.JACOBIAN) if "(" in step.name}
    assert set(forms) == ({f"d{of}({k})/d{by}({k})" for k in (1, 2)} if separate else set())
    assert all(finding.passed for finding in solution.all_findings), solution.all_findings
    whole = solution.jacobian(of, by)
    for k, form in enumerate(forms.values()):
        across = int(solution.problem.conventions.samples == "columns" or "[D, N]" in text)
        rows = np.moveaxis(whole, min(across, solution.program.tensor(of).rank - 1), 0)[k]
        own = np.moveaxis(rows, rows.ndim - 2 + across, 0)
        np.testing.assert_allclose(solution.values[form.name].ravel(), own[k].ravel(), atol=1e-14)
        np.testing.assert_array_equal(own[1 - k], 0)


@pytest.mark.parametrize(
    ("name", "node", "claim"),
    [
        ("softmax over the samples", Softmax, lambda self, axis: (axis,)),
        (
            "rows that are mixed by a matrix",
            Dot,
            lambda self, axis: (None, axis) if self.operands[0].rank == 2 else None,
        ),
    ],
)
def test_a_form_that_mixes_samples_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, node: type, claim) -> None:
    """An operation that is said to keep samples apart and does not."""
    text, asked, _ = BATCHES[name]
    monkeypatch.setattr(node, "runs_along", claim)
    solution = solve_problem(problem_of(_asking(text.replace("A = (S @ X) @ W + b", "A = S @ X"), asked)))
    assert [step.name for step in solution.program.by_role(Role.JACOBIAN) if "(" in step.name]
    assert {finding.route for finding in solution.findings if not finding.passed} == {"jacobian"}


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        (AFFINE, {"X": 0, "T": 0, "A": 0, "Z": 0}),
        (AFFINE + "conventions: {samples: columns}\n", {"X": 1, "T": 1}),
        (AFFINE.replace("X @ W + b", "W @ X"), {"X": 0, "T": 0}),
        (AFFINE.replace("X @ W + b", "X.T @ W"), {"X": 0, "T": 0}),
    ],
)
def test_axes_of_samples_are_those_of_the_data(text: str, axes: dict[str, int]) -> None:
    problem = problem_of(text)
    found = sample_axes(compile_problem(problem), data_axes(problem))
    assert {name: found.get(name) for name in ("X", "W", "b", *axes)} == {"W": None, "b": None} | axes
