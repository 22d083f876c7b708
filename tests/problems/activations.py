"""Each activation of the table in a small network, with pre-activations of both signs."""

from __future__ import annotations

from derive.spec.layers import ACTIVATIONS as TABLE

OPTIONS = {"alpha": "1/5", "beta": "2"}
NETWORK = """
title: Activation {name}
architecture: [2, 2, 1]
activations: [{activation}, identity]
loss: mse
parameters:
  W_1: [[0.5, -0.25], [-0.75, 0.5]]
  b_1: [0.125, -0.25]
  W_2: [[1, -0.5]]
  b_2: [0.25]
input: {{x: [1, 0.5]}}
target: {{t: [0.5]}}
update: {{sgd: {{learning_rate: 0.1}}}}
ask: [dy/dx]
"""


def network(name: str, options: tuple[str, ...]) -> str:
    """A hidden layer with the activation; its parameters are not those it has by itself."""
    chosen = ", ".join(f"{option}: {OPTIONS.get(option, 1)}" for option in options)
    return NETWORK.format(name=name.replace("_", " "), activation=f"{{{name}: {{{chosen}}}}}" if chosen else name)


ACTIVATIONS = {f"activation {name}": network(name, options) for name, options in TABLE.items()} | {
    "activation 3*relu": """
        title: Activation 3 relu
        forward: |
          a = W_1 @ x + b_1
          z = 3*relu(a)
          y = W_2 @ z + b_2
          L = mse(y, t)
        parameters: {W_1: [[0.5, -0.25], [-0.75, 0.5]], b_1: [0.125, -0.25], W_2: [[1, -0.5]], b_2: [0.25]}
        input: {x: [1, 0.5]}
        target: {t: [0.5]}
        update: {sgd: {learning_rate: 0.1}}
        ask: [dz/da, dy/dx]
        """,
}
