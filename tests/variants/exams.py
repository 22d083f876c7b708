"""Problems for the search, and each of their candidates by itself: what the vectorised code is held against."""

from __future__ import annotations

import numpy as np

from derive.derivation import derive_program
from derive.evaluate import Values, evaluate_exactly, exact_array
from derive.ops import Array
from derive.program import read
from derive.program import read_text as read_problem
from derive.resources import folder
from derive.spec import Problem
from derive.variants.gates import GATES, Batch, Gate
from derive.variants.setting import Setting, make_settings
from derive.variants.sift import batch_of
from derive.variants.space import written

RELU = """
architecture: [2, 2, 1]
activations: [relu, identity]
loss: mse
parameters:
  W_1: [[1, -1], [2, 1]]
  b_1: [1, -1]
  W_2: [[1, -2]]
  b_2: [1]
input: {x: [2, 1]}
target: {t: [1]}
update: {sgd: {learning_rate: 1/4}}
rounding: {places: 2}
"""
TANH = """
architecture: [2, 2, 1]
activations: [tanh, identity]
loss: mse
parameters:
  W_1: [[0.1, 0.3], [-0.2, 0.4]]
  b_1: [0.1, 0.2]
  W_2: [[0.7, -0.8]]
  b_2: [0.3]
input: {x: [0.3, 0.4]}
target: {t: [0.5]}
update: {sgd: {learning_rate: 0.5}}
rounding: {places: 2}
"""
SOFTMAX = """
architecture: [2, 3]
activations: [softmax]
loss: cross_entropy
parameters:
  W_1: [[1, 0], [0, 1], [-1, -1]]
  b_1: [0.5, 0, 0.5]
input: {X: [[1, 0.5], [0.5, 2], [1, 1]]}
target: {c: [0, 1, 2]}
update: {sgd: {learning_rate: 0.3}}
rounding: {places: 3}
"""


def problem_of(text: str, **more: str) -> Problem:
    """A problem with further keys: `vary="{x: signs}"`, `require="{ties: true}"`."""
    return read_problem(text + "".join(f"{key}: {value}\n" for key, value in more.items()), "exercise.yaml")


def bank(name: str) -> Problem:
    """A problem of the bank."""
    return read(folder("problems") / f"{name}.yaml")


def has_numbers(problem: Problem) -> bool:
    """Whether every quantity has numbers."""
    return all(literal is not None for literal in written(problem).values())


def only_setting(problem: Problem) -> Setting:
    """The setting of a problem with one network."""
    [setting] = make_settings(problem)
    return setting


def drawn_batch(setting: Setting, count: int, seed: int) -> tuple[Array, Batch]:
    """Some candidates, with what was drawn for them."""
    drawn = setting.space.draw(seed, 0, max(count, 64))[:count]
    return drawn, batch_of(setting, drawn)


def passes(key: str, batch: Batch) -> list[bool]:
    """Which candidates one gate lets pass."""
    return gate(key).passes(batch).tolist()


def gate(key: str) -> Gate:
    """The gate of a requirement; that of the domains has no key."""
    [found] = [gate for gate in GATES if gate.key == key]
    return found


def exactly(problem: Problem) -> Values:
    """All values of one problem in exact arithmetic, by a program of its own."""
    given = {name: literal.exact for name, literal in written(problem).items() if literal is not None}
    return evaluate_exactly(derive_program(problem), {name: exact_array(array) for name, array in given.items()})


def as_floats(values: Values) -> dict[str, Array]:
    """Exact values, each the nearest float64."""
    return {name: np.vectorize(float, otypes=[float])(array) for name, array in values.items()}


BANK = sorted(path.stem for path in folder("problems").glob("*.yaml"))
WITH_NUMBERS = [name for name in BANK if has_numbers(bank(name))]
IN_SYMBOLS = [name for name in BANK if name not in WITH_NUMBERS]
