"""Each loss of the table on a batch, the squared error in its usual factors, and weight penalties."""

from __future__ import annotations

from derive.ops import LOSSES as TABLE
from derive.ops import Loss

BATCH = """
title: '{title}'
forward: |
  S = X @ W + b
{equations}
shapes: {{X: [N, 2]}}
parameters: {{W: [[0.5, -0.25, 0.1], [0.3, 0.7, -1]], b: [0.1, -0.2, 0.3]}}
input: {{X: [[1, 0.5], [-1, 2]]}}
target: {{{target}}}
{constants}
update: {{sgd: {{learning_rate: 0.1}}}}
"""
NUMBERS = "T: [[0.5, 1, -1], [2, 0, 0.25]]"
SIGNS = "T: [[1, -1, 1], [-1, 1, -1]]"
BITS = "T: [[1, 0, 1], [0, 1, 0]]"
ONE_HOT = "T: [[0, 1, 0], [0, 0, 1]]"
CLASSES = "T: [1, 2]"


def batch(title: str, *equations: str, target: str = NUMBERS, constants: str = "") -> str:
    """Two samples and three outputs S."""
    lines = "\n".join(f"  {equation}" for equation in equations)
    return BATCH.format(title=title, equations=lines, target=target, constants=constants)


def of_table(loss: Loss, title: str, target: str) -> str:
    """The loss of S, or of the probabilities that it takes; targets of -1 and 1 suit every error of a number."""
    if loss.of != "probabilities":
        return batch(title, f"L = {loss.name}(S, T)", target=target)
    probabilities = "P = softmax(S)" if loss.classes else "P = sigmoid(S)"
    return batch(title, probabilities, f"L = {loss.name}(P, T)", target=target)


NAMED = {
    loss.doc: of_table(loss, loss.doc, SIGNS if loss.of == "prediction" else BITS)
    for loss in TABLE.values()
    if not loss.classes
}
OF_CLASSES = {
    f"{loss.doc}, {kind}": of_table(loss, f"{loss.doc}, {kind}", target)
    for loss in TABLE.values()
    if loss.classes
    for kind, target in (("one-hot", ONE_HOT), ("class index", CLASSES))
}
FACTORS = {
    "squared error, sum": "sum((S - T)**2)",
    "squared error, mean over the entries": "mean((S - T)**2)",
    "squared error, mean over the samples": "1/N * sum((S - T)**2)",
    "squared error, 1/2": "1/2 * sum((S - T)**2)",
    "squared error, 1/2 of the mean": "mse(S, T, factor=1/2)",
    "squared error, 1/(2N)": "1/(2*N) * sum((S - T)**2)",
}
PENALTIES = {
    "penalty, squares": "lam/2 * sum(W**2)",
    "penalty, absolute values": "lam * sum(abs(W))",
}
LOSSES = (
    NAMED
    | OF_CLASSES
    | {name: batch(name, f"L = {error}") for name, error in FACTORS.items()}
    | {
        name: batch(name, f"L = mse(S, T) + {penalty}", constants="constants: {lam: 0.1}")
        for name, penalty in PENALTIES.items()
    }
    | {
        "binary cross-entropy, written out": batch(
            "binary cross-entropy, written out",
            "P = sigmoid(S)",
            "L = -sum(T*log(P) + (1 - T)*log(1 - P)) / N",
            target=BITS,
        ),
        "cross-entropy, written out": batch(
            "cross-entropy, written out",
            "P = softmax(S)",
            "L = -1/N * sum(T*log(P))",
            target=ONE_HOT,
        ),
        "cross-entropy of log_softmax, written out": batch(
            "cross-entropy of log_softmax, written out",
            "Q = log_softmax(S)",
            "L = -1/N * sum(T*Q)",
            target=ONE_HOT,
        ),
    }
)
