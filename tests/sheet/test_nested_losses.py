"""A loss in one formula, softmax or sigmoid and affine map inside: p - t, and numbers in its line."""

from __future__ import annotations

import numpy as np
import pytest

import derive
from derive.render.document import render
from tests.support import problem_of

NESTED = {
    "softmax": ("-sum(t*log(softmax(W @ x + b)))", "p_1 - t"),
    "softmax, with a penalty": ("-sum(t*log(softmax(W @ x + b))) + 0.1*sum(W**2)", "p_1 - t"),
    "sigmoid": ("-sum(t*log(sigmoid(W @ x + b)) + (1 - t)*log(1 - sigmoid(W @ x + b)))", "p_1 - t"),
    "sigmoid, as a mean": ("-mean(t*log(sigmoid(W @ x + b)) + (1 - t)*log(1 - sigmoid(W @ x + b)))", "1/2 * (p_1 - t)"),
}


@pytest.mark.parametrize("kind", NESTED)
def test_a_nested_loss_is_recognised_and_shows_its_numbers(kind: str) -> None:
    loss, gradient = NESTED[kind]
    solution = derive.solve(
        problem_of(f"""
        forward: |
          L = {loss}
        parameters: {{W: [[0.1, -0.7], [0.3, 0.9]], b: [0, 1]}}
        input: {{x: [1, 2]}}
        target: {{t: [1, 0]}}
        update: {{sgd: {{learning_rate: 0.1}}}}
        """)
    )
    assert str(solution.formulas["dL/da_1"]) == gradient
    assert [finding for finding in solution.all_findings if not finding.passed] == []
    tex = render(solution.sheet())
    line = tex[(start := tex.index(r"\begin{derivation}{L}")) : tex.index(r"\end{derivation}", start)]
    assert r"1\,\log(0." in line


def test_the_numbers_are_those_of_the_steps_written_out() -> None:
    numbers = """
        parameters: {W: [[0.1, -0.7], [0.3, 0.9]], b: [0, 1]}
        input: {x: [1, 2]}
        target: {t: [1, 0]}
    """
    nested = derive.solve(problem_of(f"forward: L = -sum(t*log(softmax(W @ x + b)))\n{_flush(numbers)}"))
    steps = "forward: |\n  a = W @ x + b\n  p = softmax(a)\n  L = cross_entropy(p, t)\n"
    named = derive.solve(problem_of(steps + _flush(numbers)))
    for name in ("W", "b"):
        np.testing.assert_allclose(nested.gradients[name], named.gradients[name], rtol=1e-12)


def _flush(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())
