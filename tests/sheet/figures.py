"""Problems whose figures are looked at, and their values."""

from __future__ import annotations

from derive.evaluate import Values
from derive.program import Program
from tests.support import derived, evaluated, problem_of

LINE = """
forward: |
  L = sum((phi_0 + phi_1*x - y)**2)
parameters: {phi_0: 1.20, phi_1: 0.2}
input: {x: [0.1, 0.3, 0.45, 0.6, 0.8, 0.95, 1.1, 1.3, 1.45, 1.6, 1.8, 1.95]}
target: {y: [0.7, 1.1, 0.9, 1.25, 1.05, 1.5, 1.2, 1.6, 1.35, 1.75, 1.6, 1.9]}
"""
SHALLOW = """
forward: |
  h_1 = relu(theta_10 + theta_11*x)
  h_2 = relu(theta_20 + theta_21*x)
  y = c + w_1*h_1 + w_2*h_2
  L = sum((y - t)**2)
parameters: {c: -0.23, w_1: -1.3, w_2: 1.3, theta_10: -0.25, theta_11: 0.4, theta_20: -0.9, theta_21: 0.8}
input: {x: [0.2, 0.5, 1.0, 1.4, 1.8]}
target: {t: [0.4, 0.1, 0.3, 0.8, 0.7]}
"""
NETWORK = """
forward: |
  a = W_1 @ x + b_1
  z = tanh(a)
  y = W_2 @ z
  L = 1/2 * sum((y - t)**2)
parameters: {W_1: [[0.5, -0.2, 0.3], [0.1, 0.9, -0.4]], b_1: [0.1, -0.3], W_2: [[1.5, -0.7], [0.3, 0.8]]}
input: {x: [0.5, -1, 2]}
target: {t: [1, -1]}
"""
QUARTIC = """
forward: |
  L = (a*q - 1)**4
parameters: {q: 3}
constants: {a: 2}
"""
SOFTMAX = """
forward: |
  p = softmax(beta*e)
  m = log(sum(exp(beta*e)))/beta
  L = sum((p - t)**2) + m
parameters: {e: [1, 2.5, 0.3]}
constants: {beta: 2}
input: {t: [0, 1, 0]}
"""


def solved(text: str) -> tuple[Program, Values]:
    """The program of a problem with its gradients, and its values."""
    program = derived(text)
    return program, evaluated(program, problem_of(text))
