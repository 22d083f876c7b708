"""Published examples: a training step by hand, by PyTorch's optimiser, and as a post on the web prints it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from derive.calculus import descend, differentiate, updated_name
from derive.program import compile_problem
from derive.spec import read
from tests.calculus.autograd import check
from tests.support import evaluated, parameters, problem_of

PROBLEMS = Path(__file__).parents[2] / "problems"


def test_pen_and_paper() -> None:
    """One training step of a 3-2-1 network with tanh, written out in PyTorch by hand."""
    problem = read(PROBLEMS / "pen-and-paper.yaml")
    derived, _ = check(problem)
    values = evaluated(descend(derived, "eta"), problem)
    W_1 = torch.tensor([[0.1, 0.3, -0.5], [-0.2, 0.4, 0.6]], dtype=torch.float64, requires_grad=True)
    b_1 = torch.tensor([0.1, 0.2], dtype=torch.float64, requires_grad=True)
    W_2 = torch.tensor([[0.7, -0.8]], dtype=torch.float64, requires_grad=True)
    b_2 = torch.tensor([0.3], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([0.3, 0.4, -0.1], dtype=torch.float64)
    learnt = {"W_1": W_1, "b_1": b_1, "W_2": W_2, "b_2": b_2}

    def loss() -> torch.Tensor:
        return torch.nn.functional.mse_loss(W_2 @ torch.tanh(W_1 @ x + b_1) + b_2, torch.tensor([0.5]).double())

    before = loss()
    before.backward()
    optimiser = torch.optim.SGD(learnt.values(), lr=0.5)
    optimiser.step()
    assert float(values["L"].item()) == pytest.approx(before.item(), rel=1e-12)
    assert float(values["L'"].item()) == pytest.approx(loss().item(), rel=1e-12)
    for name, parameter in learnt.items():
        np.testing.assert_allclose(values[f"dL/d{name}"], parameter.grad.numpy(), rtol=1e-12)  # type: ignore[union-attr]
        np.testing.assert_allclose(values[updated_name(name)], parameter.detach().numpy(), rtol=1e-12)


MAZUR = """
title: A step by step backpropagation example (Matt Mazur, 2015)
forward: |
  net_h = W_1 @ x + b_1
  out_h = sigmoid(net_h)
  net_o = W_2 @ out_h + b_2
  out_o = sigmoid(net_o)
  E = sum(1/2 * (t - out_o)**2)
parameters:
  W_1: [[0.15, 0.20], [0.25, 0.30]]
  b_1: [0.35, 0.35]
  W_2: [[0.40, 0.45], [0.50, 0.55]]
  b_2: [0.60, 0.60]
input: {x: [0.05, 0.10]}
target: {t: [0.01, 0.99]}
update: {sgd: {learning_rate: 0.5}}
"""


def test_a_published_step_of_backpropagation() -> None:
    """The numbers of the post; it leaves the biases as they are."""
    problem = problem_of(MAZUR)
    derived, _ = check(problem)
    values = evaluated(descend(derived, "eta", frozenset({"b_1", "b_2"})), problem)

    def printed(name: str) -> Any:
        return np.round(values[name], 9).tolist()

    assert printed("net_h") == [0.3775, 0.3925]
    assert printed("out_h") == [0.593269992, 0.596884378]
    assert printed("out_o") == [0.75136507, 0.772928465]
    assert printed("E") == 0.298371109
    assert printed("W_1'") == [[0.149780716, 0.199561432], [0.249751144, 0.299502287]]
    assert printed("W_2'") == [[0.358916480, 0.408666186], [0.511301270, 0.561370121]]
    assert "b_1'" not in values and "b_2'" not in values
    assert printed("E'") == 0.291027774


def test_frozen_parameters_keep_their_value() -> None:
    problem = read(PROBLEMS / "pen-and-paper.yaml")
    program = compile_problem(problem)
    longer = descend(differentiate(program, parameters(program)), "eta", frozenset({"W_2", "b_2"}))
    lines = [str(step) for step in longer if step not in differentiate(program, parameters(program)).steps]
    assert lines == [
        "W_1' = W_1 - eta * dL/dW_1",
        "b_1' = b_1 - eta * dL/db_1",
        "a' = W_1' @ x + b_1'",
        "z' = tanh(a')",
        "y' = W_2 @ z' + b_2",
        "L' = (y' - t)**2",
    ]
