"""Training: the numbers of a hand-written loop, the loss check of a published lab, and what cannot be trained."""

from __future__ import annotations

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.evaluate import FloatArithmetic, run
from derive.program import compile_problem
from derive.spec import read_text
from derive.training import Dataset, Settings, train
from derive.training.loop import Network, batches

SOFTMAX_REGRESSION = """
forward: |
  S = X @ W + b
  P = softmax(S)
  L = 1/N * sum((P - Y)**2)
shapes: {X: [N, D], Y: [N, K], W: [D, K], b: [K]}
parameters: [W, b]
input: [X]
target: [Y]
update: sgd
"""
MLP = """
architecture: [D, 7, K]
activations: [tanh, softmax]
loss: {mse: {reduction: mean, factor: 3}}
input: [X]
target: [Y]
shapes: {X: [N, D], Y: [N, K]}
update: sgd
"""


def blobs(seed: int = 5) -> Dataset:
    """Three clouds of points in the plane, far enough apart to be told from each other."""
    generator = np.random.default_rng(seed)
    centres = np.array([[2.0, 0.0], [-2.0, 1.0], [0.0, -3.0]])
    labels = generator.integers(0, 3, 200)
    points = centres[labels] + 0.3 * generator.normal(size=(200, 2))
    return Dataset("blobs", points[:150], labels[:150], points[150:], labels[150:])


@pytest.mark.parametrize("text", [SOFTMAX_REGRESSION, MLP], ids=["softmax regression", "MLP"])
def test_training_learns_what_can_be_told_apart(text: str) -> None:
    result = train(read_text(text), blobs(), Settings(epochs=30, batch_size=10, learning_rate=0.3))
    losses = [epoch.loss for epoch in result.epochs]
    assert losses[-1] < 0.2 * losses[0]
    assert result.epochs[-1].accuracy > 0.95
    assert result.confusion.sum() == 50
    assert np.trace(result.confusion) == round(50 * result.epochs[-1].accuracy)


def test_the_losses_are_those_of_a_loop_written_by_hand() -> None:
    data, settings = blobs(), Settings(epochs=2, batch_size=8, learning_rate=0.5, seed=4)
    problem = read_text(SOFTMAX_REGRESSION)
    start = Network(problem, data, settings).initial_parameters()
    weights, bias = start["W"], start["b"]
    generator = np.random.default_rng(settings.seed)
    losses = []
    for _ in range(settings.epochs):
        for chosen in batches(150, 8, generator):
            x, y = data.images[chosen], np.eye(3)[data.labels[chosen]]
            powers = np.exp(x @ weights + bias)
            p = powers / powers.sum(axis=1, keepdims=True)
            losses.append(((p - y) ** 2).sum(axis=1).mean())
            g = 2 * (p - y) / len(x)
            delta = p * (g - (p * g).sum(axis=1, keepdims=True))
            weights, bias = weights - 0.5 * x.T @ delta, bias - 0.5 * delta.sum(axis=0)
    result = train(problem, data, settings)
    np.testing.assert_allclose(result.losses, losses, rtol=1e-12)
    np.testing.assert_allclose(result.parameters["W"], weights, rtol=1e-12)


def test_the_loss_check_of_the_published_lab() -> None:
    """Two predictions printed in a course's notebook on MNIST, both of class 1: loss 0.475, accuracy 0.5."""
    text = "forward: |\n  L = 1/N * sum((P - Y)**2)\nshapes: {P: [N, 10], Y: [N, 10]}\ninput: [P]\ntarget: [Y]\n"
    program = compile_problem(read_text(text))
    predicted = np.zeros((2, 10))
    predicted[0, :3] = 0.2, 0.8, 0.1
    predicted[1, :3] = 0.6, 0.3, 0.1
    labels = np.array([1, 1])
    given = {program.tensor("P"): predicted, program.tensor("Y"): np.eye(10)[labels]}
    known = run(program.forward, given, FloatArithmetic({"N": 2}))
    assert float(known[program.tensor("L")]) == pytest.approx(0.475, abs=1e-12)
    assert np.mean(predicted.argmax(axis=1) == labels) == 0.5


def test_the_last_batch_may_be_smaller_and_none_is_left_out() -> None:
    parts = list(batches(10, 4, np.random.default_rng(0)))
    assert [len(part) for part in parts] == [4, 4, 2]
    assert sorted(np.concatenate(parts)) == list(range(10))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"[D, 7, K]": "[5, 7, K]", "[N, D]": "[N, 5]"}, "a width of 5"),
        ({"[N, ": "[4, "}, "a symbol for the number of samples"),
        ({"K]": "4]"}, "a width of 4"),
    ],
    ids=["width", "no symbol", "classes"],
)
def test_a_problem_that_does_not_fit_the_data_is_refused(changes: dict[str, str], expected: str) -> None:
    text = MLP
    for found, instead in changes.items():
        text = text.replace(found, instead)
    with pytest.raises(DeriveError, match=expected):
        train(read_text(text), blobs(), Settings(learning_rate=0.1))


def test_without_a_learning_rate_the_problem_is_refused() -> None:
    with pytest.raises(DeriveError, match="no learning rate"):
        train(read_text(SOFTMAX_REGRESSION), blobs(), Settings())
