"""Graphs of unusual shape: slices, broadcasts, recurrences, tied weights, attention."""

from __future__ import annotations

from tests.problems.exercises import EXERCISES

GRAPHS = {
    "augmented batch": EXERCISES["mini-batch with augmented inputs"],
    "augmented batch, transposed": """
forward: |
  U_1 = W_1 @ augment(X, axis=0)
  Z_1 = tanh(U_1)
  U_2 = W_2 @ augment(Z_1, axis=0, last=True)
  Y = softmax(U_2, axis=0)
  L = cross_entropy(Y, t, axis=0)
input: {X: [[1, 2, 0.5], [2, -1, 0.3]]}
target: {t: [1, 0, 1]}
parameters:
  W_1: [[0.1, -0.1, 0.4], [0.2, 0.3, -0.2]]
  W_2: [[0.05, 0.7, -0.3], [-0.1, 0.2, 0.6]]
""",
    "bias kept in the first row of the weights": """
forward: |
  Z = tanh(X @ W[1:] + W[0])
  L = 1/2 * sum((Z[:, 0] - y)**2) + 0.01 * sum(W[1:]**2)
input: {X: [[1, 2], [2, -1], [3, 0]]}
target: {y: [0.5, -0.5, 0.1]}
parameters: {W: [[0.1, -0.1], [0.2, 0.4], [0.7, 0.3]]}
""",
    "a bias as a row and as a column": """
forward: |
  Z = relu(X @ W + b)
  S = V @ Z.T + c
  L = mean((S - Y)**2)
input: {X: [[1, 2], [2, -1], [3, 0.5]]}
target: {Y: [[0.5, -0.5, 0.1]]}
parameters: {W: [[0.1, -0.1], [0.2, 0.4]], b: [[0.1, 0.2]], V: [[0.3, -0.4]], c: [[0.7]]}
""",
    "a column that broadcasts over samples": """
forward: |
  Z = tanh(W @ X + b)
  L = sum((Z - Y)**2) / N
input: {X: [[1, 2, 3], [2, -1, 0.5]]}
target: {Y: [[0.5, -0.5, 0.1], [0.2, 0.3, 0.4]]}
parameters: {W: [[0.1, -0.1], [0.2, 0.4]], b: [[0.1], [0.2]]}
shapes: {X: [2, N]}
""",
    "a scalar circuit": """
forward: |
  s = w_0*x_0 + w_1*x_1 + w_2
  f = 1/(1 + exp(-s))
input: {x_0: -1, x_1: -2}
parameters: {w_0: 2, w_1: -3, w_2: -3}
""",
    "a quotient of quotients": """
forward: |
  q = a/b/c - a/(b/c)
  f = (q - a)**2 / (2*b) - -a**-2
input: {}
parameters: {a: 1.5, b: 0.7, c: -2}
""",
    "a quantity used four times": """
forward: |
  h = tanh(w*x)
  g = h*h + h/(1 + h)
  f = g*h - sin(h)
input: {x: 0.8}
parameters: {w: 0.7}
""",
    "a recurrent network of three steps": """
forward: |
  h_1 = tanh(W @ x_1 + U @ h_0)
  h_2 = tanh(W @ x_2 + U @ h_1)
  h_3 = tanh(W @ x_3 + U @ h_2)
  y = v @ h_3
  L = (y - t)**2
input: {x_1: [1, 0.5], x_2: [0.2, -0.4], x_3: [-0.6, 0.9], h_0: [0.1, 0.2]}
target: {t: 0.3}
parameters: {W: [[0.1, 0.2], [0.3, -0.4]], U: [[0.5, -0.6], [0.7, 0.8]], v: [0.9, -1]}
""",
    "tied encoder and decoder": """
forward: |
  z = sigmoid(W @ x)
  y = W.T @ z
  L = mse(y, x)
input: {x: [0.2, -0.4, 0.7]}
parameters: {W: [[0.1, 0.2, 0.3], [-0.4, 0.5, 0.6]]}
""",
    "a single entry of a vector": """
forward: |
  y = tanh(W @ x)
  L = (y[1] - t)**2 + y[-1] * x[0]
input: {x: [0.2, -0.4]}
target: {t: 0.3}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "a sum of two losses": """
forward: |
  p = softmax(W @ x)
  L_1 = cross_entropy(p, t)
  L_2 = 1/2 * sum(W**2)
  L = L_1 + lam * L_2
input: {x: [0.2, -0.4]}
target: {t: [0, 1, 0]}
constants: {lam: 0.1}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "softmax that is used twice": """
forward: |
  p = softmax(W @ x)
  L = cross_entropy(p, t) + 1/2 * sum(p**2)
input: {x: [0.2, -0.4]}
target: {t: [0, 1, 0]}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "softmax with an absolute error": """
forward: |
  p = softmax(W @ x)
  L = mae(p, t)
input: {x: [0.2, -0.4]}
target: {t: [0, 1, 0]}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "attention of one query": """
forward: |
  s = K @ q
  p = softmax(s)
  o = p @ V
  L = sum((o - t)**2)
input: {q: [0.2, -0.4]}
target: {t: [0.1, 1]}
parameters: {K: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], V: [[1, 2], [-0.3, 0.4], [0.5, 0.6]]}
""",
    "a parameter that is a single number in a matrix": """
forward: |
  y = x @ w
  L = (y - t)**2
input: {x: [[0.5]]}
target: {t: [[0.2]]}
parameters: {w: [[0.3]]}
""",
}
