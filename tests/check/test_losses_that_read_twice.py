"""Faults in the gradient of a loss that reads logits twice, beside their softmax: refused by the oracle of SymPy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.check import (
    check_symbolically,
)
from derive.derivation import derive_program
from derive.ops import Plus, plus
from derive.spec import Problem
from tests.check.test_planted_faults import findings_of, refused, with_step
from tests.support import problem_of

LOGITS_TWICE = {
    "softmax": ("softmax(y)", "cross_entropy(p, t) + 0.1*sum(y**2)", "t: [0, 1]"),
    "sigmoid": ("sigmoid(y)", "bce(p, t) + 0.1*sum(y**2)", "t: [1, 0]"),
    "class index": ("softmax(y)", "cross_entropy(p, c) + 0.1*mse(y, t)", "c: 1, t: [1, 0]"),
    "written out": ("softmax(y)", "-sum(t*log(p)) + mean(y**2)", "t: [0, 1]"),
}


def reads_logits_twice(kind: str) -> Problem:
    """A loss that reads logits beside their softmax or sigmoid, so that one way to them is direct."""
    activation, loss, target = LOGITS_TWICE[kind]
    return problem_of(f"""
        forward: |
          y = W @ x
          p = {activation}
          L = {loss}
        parameters: {{W: [[0.1, -0.7], [0.3, 0.9]]}}
        input: {{x: [1, 2]}}
        target: {{{target}}}
        """)


@pytest.mark.parametrize("kind", LOGITS_TWICE)
def test_a_way_to_the_logits_forgotten_or_counted_twice_is_refused(kind: str) -> None:
    problem = reads_logits_twice(kind)
    program = derive_program(problem)
    gradient = program["dL/dy"]
    assert set(gradient.through) == {"p", "L"}
    assert isinstance(gradient.formula, Plus)
    assert not refused(findings_of(problem, program))
    direct, *rest = gradient.formula.operands
    fused = plus(*rest)
    assert program.tensor("y") in direct.tensors
    assert program.tensor("y") not in fused.tensors
    faults = {
        "direct way forgotten": replace(gradient, formula=fused),
        "direct way forgotten altogether": replace(gradient, formula=fused, through=("p",)),
        "direct way twice": replace(gradient, formula=plus(gradient.formula, direct)),
        "other way forgotten": replace(gradient, formula=direct, through=("L",)),
    }
    for fault, wrong in faults.items():
        findings = check_symbolically(with_step(program, "dL/dy", lambda _, wrong=wrong: wrong))
        assert refused(findings) == {"dL/dy"}, fault


def test_a_part_of_a_sum_of_losses_forgotten_is_refused() -> None:
    """A loss that reads logits in a cross-entropy and beside it: softmax(y) - q comes out, and the rest is added."""
    problem = problem_of("""
        forward: |
          y = W @ x
          L = 0.3*huber(y, t, delta=0.5) + 0.7*hinge(y, c) + cross_entropy_logits(y, k)
        parameters: {W: [[0.1, -0.7], [0.3, 0.9]]}
        input: {x: [1, 2]}
        target: {t: [1, 0], c: [1, -1], k: 1}
        """)
    program = derive_program(problem)
    gradient = program["dL/dy"]
    assert str(gradient.formula).endswith("+ softmax(y) - q")
    assert not refused(findings_of(problem, program))
    assert isinstance(gradient.formula, Plus)
    for place in range(len(gradient.formula.operands)):
        rest = [term for number, term in enumerate(gradient.formula.operands) if number != place]
        planted = with_step(program, "dL/dy", lambda step, rest=rest: replace(step, formula=plus(*rest)))
        assert refused(check_symbolically(planted)) == {"dL/dy"}
