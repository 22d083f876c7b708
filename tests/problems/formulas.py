"""Problems whose sheets print formulas of every kind, for the checks that read them again."""

from __future__ import annotations

from textwrap import dedent

from tests.problems.graphs import GRAPHS

LAYERS = """
    architecture: [2, 3, 2]
    activations: [{first}, {last}]
    loss: {loss}
    parameters:
      W_1: [[0.2, -0.4], [0.5, 0.1], [-0.3, 0.6]]
      b_1: [0.1, 0.2, -0.1]
      W_2: [[0.4, -0.2, 0.3], [0.1, 0.7, -0.6]]
      b_2: [0.1, 0.3]
    input: {{x: {x}}}
    target: {{t: {t}}}
    update: {{sgd: {{learning_rate: 0.1}}}}
"""


def layers(
    first: str = "tanh",
    last: str = "identity",
    loss: str = "mse",
    x: str = "[1.0, -2.0]",
    t: str = "[0.5, 1]",
    more: str = "",
) -> str:
    return dedent(LAYERS.format(first=first, last=last, loss=loss, x=x, t=t)) + more


ROWS, COLUMNS = "[[1.0, -2.0], [0.5, 0.3], [0.7, -0.2]]", "[[1.0, -2.0, 0.3], [0.5, 0.3, 0.9]]"
CROSS = {"last": "softmax", "loss": "cross_entropy", "t": "[1, 0]"}
HUBER = "{huber: {delta: 1/2}}"

FORMULAS = {
    "one sample": layers(),
    "one sample, entries": layers(more="detail: entries\n"),
    "batch in rows": layers(x=ROWS, t="[[1, 0], [0, 1], [0.5, 0.5]]"),
    "batch in columns": layers(x=COLUMNS, t="[[1, 0, 0.5], [0, 1, 0.5]]", more="conventions: {samples: columns}\n"),
    "inputs times weights": """
        architecture: [2, 3, 1]
        activations: [tanh, identity]
        loss: mse
        parameters:
          W_1: [[0.2, -0.4, 0.3], [0.5, 0.1, -0.6]]
          b_1: [0.1, 0.2, -0.1]
          W_2: [[0.4], [-0.2], [0.3]]
          b_2: [0.1]
        input: {x: [1.0, -2.0]}
        target: {t: [0.5]}
        update: {sgd: {learning_rate: 0.1}}
        conventions: {weights: in_out}
        detail: entries
        """,
    "softmax in two steps": layers(**CROSS, more="conventions: {fused: false}\n"),
    "softmax in two steps, entries": layers(**CROSS, more="conventions: {fused: false}\ndetail: entries\n"),
    "softmax in two steps, rows": layers(**{**CROSS, "t": "[1, 0, 1]"}, x=ROWS, more="conventions: {fused: false}\n"),
    "class indices": layers(**{**CROSS, "t": "1"}),
    "penalty": """
        forward: |
          a = W @ x + b
          z = tanh(a)
          y = v @ z
          L = (y - t)**2 + lam/2 * sum(W**2)
        parameters: {W: [[0.1, 0.2], [0.3, -0.4]], b: [0.1, 0.1], v: [0.9, -1]}
        input: {x: [1, 0.5]}
        target: {t: 0.3}
        constants: {lam: 0.1}
        update: {sgd: {learning_rate: 0.5}}
        """,
    "skip connection": """
        forward: |
          a = W @ x + b
          z = tanh(a)
          h = z + x
          y = V @ h
          L = 1/2 * sum((y - t)**2)
        parameters: {W: [[0.1, 0.2], [0.3, -0.4]], b: [0.1, 0.1], V: [[0.9, -1], [0.4, 0.2]]}
        input: {x: [1, 0.5]}
        target: {t: [0.3, 1]}
        """,
    "numerator layout": layers(more="conventions: {derivatives: numerator}\ndetail: entries\nask: {dy/dx: 1}\n"),
    "denominator layout": layers(more="conventions: {derivatives: denominator}\nask: {dy/dx: 1}\n"),
    "leaky_relu and huber": layers("{leaky_relu: {alpha: 0.1}}", loss=HUBER),
    "softplus and huber": layers("{softplus: {beta: 2}}", loss=HUBER, x=ROWS, t="[[1, 0], [0, 1], [0.5, 0.5]]"),
    "elu with a fraction": layers("{elu: {alpha: 1/3}}", loss="mae"),
    "gelu with a root of pi": layers("gelu_tanh"),
    "rounded values carried": layers(more="rounding: {places: 3, carry: rounded}\n"),
    "bias in the first row of the weights": GRAPHS["bias kept in the first row of the weights"],
    "single entries": GRAPHS["a single entry of a vector"],
    "a vector on both sides of weights": """
        forward: |
          z = x @ W
          y = W @ (x * m)
          L = sum((z*y - t)**2) + sum((x * m) @ W)
        parameters: {W: [[0.1, 0.2], [0.3, 0.5]]}
        input: {x: [1, 2], m: [0.5, 1]}
        target: {t: [1, 0]}
        ask: {dL/dx: 1}
        """,
    "symbols with exponents": """
        forward: |
          a = W @ x + b
          z = tanh(a)
          y = V @ z
          L = sum((y - t)**2)
        parameters: {W: [[0.1, 0.2], [0.3, 0.5]], b: [0.1, 0.2], V: [[0.3, 0.1], [0.2, 0.7]]}
        input: {x: [1, 2]}
        target: {t: [1, 0]}
        update: {sgd: {learning_rate: 0.1}}
        detail: entries
        notation: {a: "z^{[1]}", z: "a^{[1]}", W: "W^{[1]}", b: "b^{[1]}", V: "W^{[2]}", y: '\\hat{y}'}
        """,
    "symbols only": """
        architecture: [D, H, K]
        activations: [tanh, softmax]
        loss: cross_entropy
        conventions: {fused: false}
        """,
    "symbols only, numerator layout": """
        architecture: [D, H, K]
        activations: [relu, identity]
        loss: mse
        conventions: {derivatives: numerator}
        """,
    "symbols only, small": """
        architecture: [3, 2, 2]
        activations: [sigmoid, softmax]
        loss: cross_entropy
        conventions: {fused: false}
        detail: entries
        """,
    "symbols only, batch": """
        forward: |
          A = X @ W_1 + b
          Z = relu(A)
          S = augment(Z) @ W_2
          P = softmax(S)
          L = -1/N * sum(T*log(P)) + 0.1*sum(W_2[1:]**2)
        parameters: [W_1, b, W_2]
        input: [X]
        target: [T]
        shapes: {X: [N, 784], W_1: [784, 9], b: [9], W_2: [10, K], T: [N, K]}
        """,
}
