"""How fast `derive train` is beside the same loop written by hand: `python benchmarks/training.py [--json]`.

The data have the size of MNIST and are noise, made on the fly. Each round trains one epoch by hand and one with the
derived steps, on the same batches from the same start; the ratio of the two hardly depends on the machine. Nothing is
asserted about it; that both come to the same losses is.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from speed import ROOT, Figure, figure, show

IMAGES, TEST_IMAGES, PIXELS, CLASSES, HIDDEN = 60_000, 10_000, 784, 10, 128
BATCH, RATE, SEED = 16, 0.1, 1
TARGET = "at most 3"
REGRESSION = """
forward: |
  S = X @ W + b
  P = softmax(S)
  L = 1/N * sum((P - Y)**2)
shapes: {X: [N, D], Y: [N, K], W: [D, K], b: [K]}
parameters: [W, b]
input: [X]
target: [Y]
"""
MLP = f"""
forward: |
  A = X @ W_1 + b_1
  Z = relu(A)
  S = Z @ W_2 + b_2
  P = softmax(S)
  L = 1/N * sum((P - Y)**2)
shapes: {{X: [N, D], Y: [N, K], W_1: [D, {HIDDEN}], b_1: [{HIDDEN}], W_2: [{HIDDEN}, K], b_2: [K]}}
parameters: [W_1, b_1, W_2, b_2]
input: [X]
target: [Y]
"""
Parameters = dict[str, Any]
Step = Callable[[Any, Any, Parameters], float]


def softmax(s: Any) -> Any:
    powers = np.exp(s - s.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def regression_step(x: Any, y: Any, p: Parameters) -> float:
    """One step of softmax regression as a person writes it; the parameters are updated in place."""
    out = softmax(x @ p["W"] + p["b"])
    error = out - y
    g = 2 * error / len(x)
    delta = out * (g - (out * g).sum(axis=1, keepdims=True))
    p["W"] -= RATE * (x.T @ delta)
    p["b"] -= RATE * delta.sum(axis=0)
    return float((error**2).sum() / len(x))


def mlp_step(x: Any, y: Any, p: Parameters) -> float:
    """The same with a hidden layer."""
    a = x @ p["W_1"] + p["b_1"]
    z = np.maximum(a, 0)
    out = softmax(z @ p["W_2"] + p["b_2"])
    error = out - y
    g = 2 * error / len(x)
    delta = out * (g - (out * g).sum(axis=1, keepdims=True))
    delta_1 = (delta @ p["W_2"].T) * (a > 0)
    p["W_2"] -= RATE * (z.T @ delta)
    p["b_2"] -= RATE * delta.sum(axis=0)
    p["W_1"] -= RATE * (x.T @ delta_1)
    p["b_1"] -= RATE * delta_1.sum(axis=0)
    return float((error**2).sum() / len(x))


NETWORKS: dict[str, tuple[str, Step]] = {
    f"{PIXELS}-{CLASSES}": (REGRESSION, regression_step),
    f"{PIXELS}-{HIDDEN}-{CLASSES}": (MLP, mlp_step),
}


def measure(name: str, data: Any, rounds: int) -> list[Figure]:
    """An epoch by hand and an epoch of `train`, in turn."""
    from derive.spec import read_text
    from derive.training import Network, Settings, train
    from derive.training.loop import batches

    text, step = NETWORKS[name]
    network = Network(read_text(text), data)
    settings = Settings(epochs=1, batch_size=BATCH, learning_rate=RATE, seed=SEED)

    def by_hand() -> list[float]:
        parameters, targets = network.initial_parameters(SEED), np.eye(CLASSES)[data.labels]
        order = batches(len(targets), BATCH, np.random.default_rng(SEED))
        return [step(data.images[chosen], targets[chosen], parameters) for chosen in order]

    hand, derived = [], []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        expected = by_hand()
        middle = time.perf_counter()
        losses = train(network, settings).losses
        hand.append(middle - start)
        derived.append(time.perf_counter() - middle)
        np.testing.assert_allclose(losses, expected, rtol=1e-6)
    hand, derived = hand[1:], derived[1:]  # the first round warms up
    return [
        figure(f"{name}, an epoch by hand", "s", hand),
        figure(f"{name}, an epoch of derive train", "s", derived),
        figure(
            f"{name}, derive train to the loop by hand",
            "x",
            [d / h for d, h in zip(derived, hand, strict=True)],
            TARGET,
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Print how fast derive train is, as ratios measured in one run.")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default: 5)")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from derive.training import Dataset

    generator = np.random.default_rng(SEED)
    images, labels = generator.random((IMAGES, PIXELS)), generator.integers(0, CLASSES, IMAGES)
    data = Dataset("noise", images, labels, images[:TEST_IMAGES], labels[:TEST_IMAGES])
    figures = [f for name in NETWORKS for f in measure(name, data, options.rounds)]
    if options.json:
        print(json.dumps([asdict(f) for f in figures], indent=1))
    else:
        show(figures)


if __name__ == "__main__":
    main()
