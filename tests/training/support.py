"""Shared by these tests: the two networks of the lab, and a small data set."""

from __future__ import annotations

import numpy as np

from derive.training import Dataset

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
HIDDEN_LAYER = """
forward: |
  A = X @ W_1 + b_1
  Z = relu(A)
  S = Z @ W_2 + b_2
  P = softmax(S)
  L = 1/N * sum((P - Y)**2)
shapes: {X: [N, D], Y: [N, K], W_1: [D, 7], b_1: [7], W_2: [7, K], b_2: [K]}
parameters: [W_1, b_1, W_2, b_2]
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
CLASSIFIER = """
architecture: [D, 7, K]
activations: [tanh, softmax]
loss: cross_entropy
input: [X]
target: [c]
shapes: {X: [N, D], c: [N]}
update: sgd
"""
NETWORKS = {
    "softmax regression": SOFTMAX_REGRESSION,
    "hidden layer": HIDDEN_LAYER,
    "MLP": MLP,
    "class indices": CLASSIFIER,
}


def blobs(seed: int = 5) -> Dataset:
    """Three clouds of points in the plane, far enough apart to be told from each other."""
    generator = np.random.default_rng(seed)
    centres = np.array([[2.0, 0.0], [-2.0, 1.0], [0.0, -3.0]])
    labels = generator.integers(0, 3, 200)
    points = centres[labels] + 0.3 * generator.normal(size=(200, 2))
    return Dataset("blobs", points[:150], labels[:150], points[150:], labels[150:])
