"""Problems with questions of every kind, solved, and what is refused of the answers on their sheets."""

from __future__ import annotations

import functools

from derive.check import check_document
from derive.solution import Solution, solve_problem
from tests.support import problem_of

NETWORK = """
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
    ask:
      - shapes: [a, dL/dW_1]
        points: 2
      - count: parameters
      - table: [z, L]
        given: [z]
      - graph: both
      - express: dL/dW_1
        in: [y, t, W_2, z, x]
      - choice: dL/dW_1
      - choice: dL/dW_2
        show: formula
      - explain: "Why?"
        answer: "The bias is added."
      - order: training iteration
      - code: numpy
      - slice: L
        by: W_2[1,2]
      - plot: [relu]
"""
SYMBOLS = """
    architecture: [7, H, 3]
    activations: [sigmoid, softmax]
    loss: cross_entropy
    update: {sgd: {}}
    ask:
      - shapes: [z_1, dL/dW_1, L]
      - count: parameters
      - table: [a_1, z_1]
      - express: dL/dW_1
        in: [y, t, W_2, z_1, x]
      - choice: dL/dW_1
      - code: pytorch
"""
LIMITS = """
    forward: |
      s = beta * u
      p = softmax(s)
      r = tanh(beta) + 1/3
    input: {u: [1, 3, 2]}
    constants: {beta: 2}
    of: r
    ask:
      - limit: p
        by: beta
        to: [0, oo, -oo]
      - limit: r
        by: beta
        to: [oo, 1]
      - limit: s
        by: beta
        to: [oo]
      - sweep: p
        by: beta
        from: -3
        to: 3
"""
BATCH = """
    architecture: [2, 3, 2]
    activations: [relu, softmax]
    loss: cross_entropy
    parameters:
      W_1: [[0.1, 0.2], [-0.3, 0.4], [0.5, -0.6]]
      b_1: [0.1, 0.2, 0.3]
      W_2: [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]
      b_2: [0.1, -0.1]
    input: {x: [[1, 2], [0.5, -1]]}
    target: {t: [[1, 0], [0, 1]]}
    update: {sgd: {learning_rate: 0.1}}
    ask:
      - shapes: [z_1, b_1, L]
      - table: [a_1, L]
      - express: dL/dW_2
        in: [y, t, z_1]
      - choice: dL/dW_2
      - code: pytorch
      - slice: L
        by: b_2[1]
        from: -2
        to: 3
"""
TEXTS = {"network": NETWORK, "symbols": SYMBOLS, "limits": LIMITS, "batch": BATCH}


@functools.cache
def solved(name: str) -> Solution:
    return solve_problem(problem_of(TEXTS[name]))


def refused(solution: Solution, kind: str, tex: str | None = None) -> set[tuple[str, str]]:
    found = check_document(solution.reading(kind), tex or solution.tex(kind)) if tex else solution.findings_of(kind)
    return {(finding.route, finding.step) for finding in found if not finding.passed}
