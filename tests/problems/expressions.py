"""Expressions that are written out entry by entry, and every function of the table."""

from __future__ import annotations

from derive.ops import ROWS

FUNCTIONS = [row for row in ROWS.values() if not row.activation and not row.internal]
EVERY_FUNCTION = """
title: Every function
forward: |
{equations}
  L = {total}
parameters: {{u: [0.5, 1.25], v: [0.75, 1]}}
update: {{sgd: {{learning_rate: 0.01}}}}
"""


def every_function() -> str:
    """Each function of one or two vectors with positive entries, summed up."""
    arguments = {1: "u", 2: "u, v"}
    equations = [f"  z_{i} = {row.name}({arguments[row.arity]})" for i, row in enumerate(FUNCTIONS, start=1)]
    total = " + ".join(f"sum(z_{i})" for i in range(1, len(FUNCTIONS) + 1))
    return EVERY_FUNCTION.format(equations="\n".join(equations), total=f"{total} + v @ v")


EXPRESSIONS = {
    "every function": every_function(),
    "sums and products": """
        title: Sums and products
        forward: |
          p = u*v + 2*u - v
          q = (u + v)*p - u
          L = sum(p*q)
        parameters: {u: [0.5, -1], v: [0.25, 2]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "quotients and powers": """
        title: Quotients and powers
        forward: |
          p = u/(1 + v**2)
          q = p**3 - v**-1 + u**(1/2)
          L = sum(q/(u*v))
        parameters: {u: [0.5, 1], v: [0.75, 2]}
        update: {sgd: {learning_rate: 0.01}}
        """,
    "exponential, logarithm, root": """
        title: Exponential, logarithm, root
        forward: |
          p = exp(-u**2) + log(1 + v)
          q = sqrt(1 + p**2)
          L = sum(q*exp(u/v))
        parameters: {u: [0.5, -1], v: [0.25, 2]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "numbers with a name": """
        title: Numbers with a name
        forward: |
          k = sqrt(2)
          c = 1/2
          L = sum(k*u**2 - c*exp(k*u))
        parameters: {u: [0.5, -1]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "sine and cosine": """
        title: Sine and cosine
        forward: |
          p = sin(w*x)
          q = p*cos(x + p)
          L = sum(sin(q)**2)
        parameters: {w: [0.5, -1]}
        input: {x: [0.25, 2]}
        update: {sgd: {learning_rate: 0.1}}
        """,
    "absolute value, maximum, minimum": """
        title: Absolute value, maximum, minimum
        forward: |
          p = abs(u - v)
          q = max(u, v)*min(v, 1/2)
          L = sum(max(0, p - q) + abs(u))
        parameters: {u: [0.5, -1, 0.75], v: [0.25, 2, 3]}
        update: {sgd: {learning_rate: 0.1}}
        """,
}
