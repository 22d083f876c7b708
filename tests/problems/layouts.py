"""How layers are put together: the form of a layer, samples in rows and columns, biases, and shapes of graphs."""

from __future__ import annotations

LAYOUTS = {
    "W @ x + b": """
        title: A layer W x + b
        forward: |
          a = W @ x + b
          y = tanh(a)
          L = sum((y - t)**2)
        parameters: {W: [[0.5, -0.2, 0.1], [0.3, 0.7, -1]], b: [0.1, -0.3]}
        input: {x: [1, 0.5, -0.4]}
        target: {t: [0.5, 1]}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dy/dx]
        """,
    "x @ W + b": """
        title: A layer x W + b
        forward: |
          a = x @ W + b
          y = tanh(a)
          L = sum((y - t)**2)
        parameters: {W: [[0.5, -0.2], [0.1, 0.3], [0.7, -1]], b: [0.1, -0.3]}
        input: {x: [1, 0.5, -0.4]}
        target: {t: [0.5, 1]}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dy/dx]
        """,
    "W.T @ x": """
        title: A layer W^T x
        forward: |
          a = W.T @ x
          y = tanh(a)
          L = sum((y - t)**2)
        parameters: {W: [[0.5, -0.2], [0.1, 0.3], [0.7, -1]]}
        input: {x: [1, 0.5, -0.4]}
        target: {t: [0.5, 1]}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dy/dx]
        """,
    "augment, one sample": """
        title: A one in front of the input
        forward: |
          a = W_1 @ augment(x)
          z = sigmoid(a)
          y = W_2 @ augment(z)
          L = sum((y - t)**2)
        parameters: {W_1: [[0.5, -0.2, 0.1], [0.3, 0.7, -1]], W_2: [[0.2, 1, -0.5]]}
        input: {x: [1, 0.5]}
        target: {t: [0.5]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "augment, batch in columns, ones behind": """
        title: A row of ones below the input
        forward: |
          A = W_1 @ augment(X, axis=0, last=True)
          Z = sigmoid(A)
          Y = W_2 @ augment(Z, axis=0, last=True)
          L = mean((Y - T)**2)
        parameters: {W_1: [[0.5, -0.2, 0.1], [0.3, 0.7, -1]], W_2: [[0.2, 1, -0.5]]}
        input: {X: [[1, 0.5, -1], [2, 0.3, 0.4]]}
        target: {T: [[0.5, 0, 1]]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "batch in rows": """
        title: A sample in each row
        forward: |
          A = X @ W + b
          Y = tanh(A)
          L = 1/N * sum((Y - T)**2)
        shapes: {X: [N, 2]}
        parameters: {W: [[0.5, -0.2], [0.1, 0.3]], b: [0.1, -0.3]}
        input: {X: [[1, 0.5], [-1, 2], [0.3, 0.4]]}
        target: {T: [[0.5, 0], [1, 0.2], [0, 1]]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "batch in columns": """
        title: A sample in each column
        forward: |
          A = W @ X + b
          Y = tanh(A)
          L = 1/N * sum((Y - T)**2)
        shapes: {X: [2, N]}
        parameters: {W: [[0.5, -0.2], [0.1, 0.3]], b: [[0.1], [-0.3]]}
        input: {X: [[1, 0.5, -1], [2, 0.3, 0.4]]}
        target: {T: [[0.5, 0, 1], [0.2, 0, 1]]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "no biases": """
        title: No biases
        architecture: [2, 2, 1]
        activations: [tanh, identity]
        loss: mse
        bias: false
        parameters: {W_1: [[0.5, -0.2], [0.1, 0.3]], W_2: [[0.7, -1]]}
        input: {x: [1, 0.5]}
        target: {t: [0.5]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "a weight used twice": """
        title: A weight used twice
        forward: |
          z = tanh(W @ x)
          y = W @ z
          L = sum((y - t)**2)
        parameters: {W: [[0.5, -0.2], [0.1, 0.3]]}
        input: {x: [1, 0.5]}
        target: {t: [0.5, 1]}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dy/dx]
        """,
    "a sum of branches": """
        title: A sum of branches
        forward: |
          u = tanh(U @ x)
          v = sigmoid(V @ x)
          y = u + v
          L = sum((y - t)**2)
        parameters: {U: [[0.5, -0.2], [0.1, 0.3]], V: [[0.7, 1], [-0.4, 0.6]]}
        input: {x: [1, 0.5]}
        target: {t: [0.5, 1]}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dy/dx]
        """,
    "a skip connection": """
        title: A skip connection
        forward: |
          z = tanh(W @ x + b)
          h = z + x
          y = v @ h
          L = (y - t)**2
        parameters: {W: [[0.5, -0.2], [0.1, 0.3]], b: [0.1, -0.3], v: [0.7, -1]}
        input: {x: [1, 0.5]}
        target: {t: 0.5}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dh/dx]
        """,
    "symbolic widths": """
        title: Symbolic widths
        forward: |
          a = W @ x + b
          z = relu(a)
          y = V @ z + x
          L = 1/2 * sum((y - t)**2)
        shapes: {x: [D], W: [H, D], b: [H], V: [D, H], t: [D]}
        parameters: [W, b, V]
        input: [x]
        target: [t]
        update: sgd
        ask: [dy/dx]
        """,
    "symbolic batch and widths": """
        title: Symbolic batch and widths
        forward: |
          A = X @ W + b
          Z = sigmoid(A)
          L = 1/(2*N) * sum((Z - T)**2)
        shapes: {X: [N, D], W: [D, K], b: [K], T: [N, K]}
        parameters: [W, b]
        input: [X]
        target: [T]
        update: sgd
        """,
}
