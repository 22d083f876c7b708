"""A problem with one question, and how that stands on its sheets."""

from __future__ import annotations

import functools

from derive.program.reading import read_text
from derive.sheet import Entry
from derive.sheet.blocks import Cell, Table
from derive.solution import Solution, solve_problem

NETWORK = """architecture: [3, 2, 1]
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
SYMBOLS = """architecture: [784, H, 10]
activations: [relu, softmax]
loss: cross_entropy
update: {sgd: {}}
"""
GATE = """forward: |
  p = softmax(beta * u)
  r = tanh(beta) + 1/3
  s = log(1 + exp(beta)) / beta
input: {u: [1, 3, 2]}
constants: {beta: 2}
"""
PROBLEMS = {"network": NETWORK, "symbols": SYMBOLS, "gate": GATE}


@functools.cache
def solved(name: str, item: str) -> Solution:
    return solve_problem(read_text(f"{PROBLEMS[name]}ask:\n  - {item}\n"))


def question(name: str, item: str, kind: str = "solution") -> Entry:
    """The only question, as it stands on a sheet."""
    [section] = [section for section in solved(name, item).sheet(kind).sections if section.role == "question"]
    [entry] = section.entries
    return entry


def rows(name: str, item: str, kind: str = "solution") -> tuple[tuple[Cell, ...], ...]:
    [table] = [block for block in question(name, item, kind).blocks if isinstance(block, Table)]
    return table.rows


def asked(tex: str) -> str:
    """The questions of a document, without the sentence on what was checked."""
    return tex[tex.index(r"\pass{question}") :].partition(r"\checked")[0]
