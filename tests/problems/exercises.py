"""Whole exercises, as an instructor sets them."""

from __future__ import annotations

PEN_AND_PAPER = """\
title: "Pen and paper: one training step of a small MLP"
architecture: [3, 2, 1]
activations: [tanh, identity]
loss: mse
parameters:
  W_1: [[0.1, 0.3, -0.5], [-0.2, 0.4, 0.6]]
  b_1: [0.1, 0.2]
  W_2: [[0.7, -0.8]]
  b_2: [0.3]
input: {x: [0.3, 0.4, -0.1]}
target: {t: [0.5]}
update: {sgd: {learning_rate: 0.5}}
rounding: {places: 2}
"""
TEXT = """\
text: >-
  A multi-layer perceptron has three inputs, one hidden layer of two neurons with tanh, and one linear output.
  Compute one full iteration of gradient descent: forward pass, loss, backward pass and update.
"""
SOFTMAX_CLASSIFIER = """\
title: {title}
architecture: [2, 3, 3]
activations: [{activation}, softmax]
loss: cross_entropy
parameters:
  W_1: [[0.5, -0.2], [0.1, 0.4], [-0.3, 0.8]]
  b_1: [0.1, 0, -0.1]
  W_2: [[0.2, -0.5, 0.3], [0.7, 0.1, -0.4], [-0.6, 0.2, 0.5]]
  b_2: [0, 0.1, 0.2]
input: {{X: {X}}}
target: {{c: {c}}}
update: {{sgd: {{learning_rate: 0.1}}}}
rounding: {{places: 3}}
"""
TWO_LAYERS = """\
forward: |
  s_1 = W_1.T @ x + b_1
  a_1 = 3*relu(s_1)
  s_2 = W_2.T @ a_1 + b_2
  y_tilde = identity(s_2)
  C = sum((y_tilde - y)**2)
parameters:
  W_1: [[0.5, -0.2, 1], [0.3, 0.7, -1]]
  b_1: [0.1, -1, 0.2]
  W_2: [[1, 0.5], [-1, 2], [0.5, 0.5]]
  b_2: [0, 0.5]
input: {x: [1, 0.5]}
target: {y: [0.5, 1]}
update: {sgd: {learning_rate: 0.1}}
ask: [dy_tilde/dx, da_1/ds_1]
"""

EXERCISES = {
    "one sample": PEN_AND_PAPER + TEXT,
    "mini-batch with augmented inputs": """
        title: Deltas
        forward: |
          U_1 = augment(X) @ W_1
          Z_1 = sigmoid(U_1)
          U_2 = augment(Z_1) @ W_2
          Z_2 = sigmoid(U_2)
          L_sq = 1/(2*N) * sum((Z_2 - Y)**2)
        shapes: {X: [N, 2]}
        parameters:
          W_1: [[0.1, -0.1], [0.2, 0], [0, 0.3]]
          W_2: [[0.05], [-0.1], [0.2]]
        input: {X: [[1,2],[2,-1],[3,0]]}
        target: {Y: [[0],[1],[0]]}
        update: {sgd: {learning_rate: 0.1, symbol: alpha}}
        """,
    "batch, softmax, class indices": SOFTMAX_CLASSIFIER.format(
        title="Softmax classifier on a batch of four",
        activation="relu",
        X="[[1, 2], [-1, 0.5], [0.5, -0.5], [2, 1]]",
        c="[0, 2, 1, 1]",
    ),
    "batch of two, sigmoid, softmax": SOFTMAX_CLASSIFIER.format(
        title="Softmax classifier on a batch of two",
        activation="sigmoid",
        X="[[1, 2], [-1, 0.5]]",
        c="[0, 2]",
    ),
    "circuit of scalars": """
        title: A circuit
        forward: |
          s = w_0*x_0 + w_1*x_1 + w_2
          f = 1/(1 + exp(-s))
        parameters: {w_0: 2, w_1: -3, w_2: -3}
        input: {x_0: -1, x_1: -2}
        update: {sgd: {learning_rate: 1}}
        ask: [df/dx_0, df/dx_1]
        """,
    "samples in columns": """
        title: Samples in columns
        architecture: [2, 2, 1]
        activations: [sigmoid, sigmoid]
        loss: bce
        conventions: {samples: columns}
        parameters: {W_1: [[0.5,-0.2],[0.3,0.7]], b_1: [0.1,-1], W_2: [[1,0.5]], b_2: [0.2]}
        input: {X: [[1, 0.5, -1],[0, 2, 1]]}
        target: {T: [[0, 1, 1]]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "Huber, softplus, silu, gelu": """
        title: Huber, softplus, silu, gelu
        architecture: [2, 2, 2, 2]
        activations: [{softplus: {beta: 2}}, silu, gelu]
        loss: {huber: {delta: 0.5}}
        parameters:
          W_1: [[0.5,-0.2],[0.3,0.7]]
          b_1: [0.1,-1]
          W_2: [[1,0.5],[-1,2]]
          b_2: [0,0.5]
          W_3: [[1,0.5],[0.3,-1]]
          b_3: [0,0.5]
        input: {x: [1, 0.5]}
        target: {t: [0.5, 1]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "Jacobians of compositions": """
        title: Jacobians of compositions
        forward: |
          f = W_1 @ x
          g = W_2 @ x
          h = f + g
          k = W_2 @ f
        parameters: {W_1: [[1, 2], [0, -1]], W_2: [[3, 0], [1, 1]]}
        input: {x: [1, -1]}
        ask: [dh/dx, dk/dx]
        """,
    "row vectors, rounded values carried": """
        title: Row vectors
        architecture: [2, 2, 2]
        activations: [{leaky_relu: {alpha: 0.1}}, identity]
        loss: {mse: {reduction: sum, factor: 1/2}}
        conventions: {weights: in_out}
        parameters: {W_1: [[0.5,-0.2],[0.3,0.7]], b_1: [0.1,-1], W_2: [[1,0.5],[-1,2]], b_2: [0,0]}
        input: {x: [1, 0.5]}
        target: {t: [0.5, 1]}
        update: {sgd: {learning_rate: 0.1}}
        rounding: {places: 3, carry: rounded}
        """,
    "skip connection, shared weight, penalty": """
        title: Residual block with a shared weight
        forward: |
          a = W @ x + b
          z = tanh(a)
          h = W @ z + x
          y = v @ h
          L = (y - t)**2 + lam/2 * sum(W**2)
        parameters: {W: [[0.5, -0.25], [0.1, 0.3]], b: [0.1, -0.2], v: [1, -0.5]}
        input: {x: [0.4, -0.6]}
        target: {t: 0.3}
        constants: {lam: 0.1}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dh/dx, dy/da]
        """,
    "softmax in two steps, entries": """
        title: Softmax in two steps
        architecture: [2, 3]
        activations: [softmax]
        loss: cross_entropy
        parameters: {W_1: [[0.5,-0.2],[0.3,0.7],[0.1,0.1]], b_1: [0.1,-1,0]}
        input: {x: [1, 0.5]}
        target: {t: [0, 1, 0]}
        conventions: {fused: false}
        detail: entries
        update: {sgd: {learning_rate: 0.1}}
        """,
    "symbols, batch": """
        title: Two layers in symbols
        architecture: [784, H, 10]
        activations: [relu, softmax]
        loss: cross_entropy
        shapes: {X: [N, 784]}
        input: [X]
        update: {sgd: {}}
        """,
    "symbols, one sample": """
        title: Symbolic, one sample
        architecture: [D, H, K]
        activations: [tanh, sigmoid]
        loss: bce
        update: {sgd: {}}
        ask: [dy/dx]
        """,
    "numerator layout": TWO_LAYERS + "conventions: {derivatives: numerator}\n",
    "new weights": TWO_LAYERS + "conventions: {update_uses: new}\n",
    "denominator layout": TWO_LAYERS + "conventions: {derivatives: denominator}\n",
    "ReLU, entries": TWO_LAYERS + "detail: entries\n",
    "Jacobian of a batch": """
        title: Jacobian of a batch
        forward: |
          A = X @ W_1 + b_1
          Z = tanh(A)
          Y = Z @ W_2
          L = mse(Y, T)
        parameters:
          W_1: [[0.5, -0.2, 0.1], [0.1, 0.4, 0.3]]
          b_1: [0.1, 0, -0.1]
          W_2: [[0.2, -0.5], [0.7, 0.1], [-0.6, 0.2]]
        input: {X: [[1, 2], [-1, 0.5]]}
        target: {T: [[0, 1], [1, 1]]}
        ask: [dY/dX, dZ/dA]
        """,
    "Jacobian of a batch in columns": """
        title: Jacobian of a batch in columns
        architecture: [2, 3, 2]
        activations: [sigmoid, softmax]
        loss: cross_entropy
        conventions: {samples: columns}
        parameters:
          W_1: [[0.5, -0.2], [0.1, 0.4], [0.3, 0.1]]
          b_1: [0.1, 0, -0.1]
          W_2: [[0.2, -0.5, 1], [0.7, 0.1, 0]]
          b_2: [0, 0.1]
        input: {X: [[1, 2, 0], [-1, 0.5, 1]]}
        target: {T: [[0, 1, 0], [1, 0, 1]]}
        ask: [dy/dX]
        """,
    "brief": PEN_AND_PAPER + TEXT + "detail: brief\n",
    "wide table, many options": """
        title: Wide
        architecture: [4, 3, 1, 2]
        activations: [{elu: {alpha: 1}}, {leaky_relu: {alpha: 1/3}}, gelu_tanh]
        loss: hinge
        detail: brief
        parameters:
          W_1: [[0.5, -0.2, 1, 0.3], [0.3, 0.7, -1, 1], [0.1, 0.2, 0.3, 0.4]]
          W_2: [[1, 0.5, 2]]
          W_3: [[-1], [0.5]]
        input: {x: [1, 0.5,-1,2]}
        target: {t: [1, -1]}
        update: {sgd: {learning_rate: 0.1}}
        """,
}
