"""Whether a loss is one of margins t·y, as the hinge loss max(0, 1 - t y): its targets are -1 and 1, not 0 and 1.

A target of 0 would say nothing there. Such a loss is known by what it does, however it is written: it stays as it is
where y becomes c y and t becomes t/c, entry by entry. The cross-entropy of log-probabilities, -sum t y, does so as
well, but in proportion to y: there 0 says that an entry does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from derive.evaluate import FloatArithmetic, run
from derive.ops import Array, Node, Tensor
from derive.program import Program, Step

SEED = 0
TRIALS = 5
SAME = 1e-9


def is_of_margins(program: Program, prediction: Tensor, target: Tensor, sizes: Mapping[str, int]) -> bool:
    """Whether the loss depends on products of the entries of prediction and target alone, and not in proportion."""
    generator = np.random.default_rng(SEED)
    arithmetic = FloatArithmetic(dict(sizes))
    with np.errstate(all="ignore"):
        trials = [_trial(program, prediction, target, arithmetic, generator) for _ in range(TRIALS)]
    return all(stays for stays, _ in trials) and not all(proportional for _, proportional in trials)


def _trial(
    program: Program, prediction: Tensor, target: Tensor, arithmetic: FloatArithmetic, generator: np.random.Generator
) -> tuple[bool, bool]:
    """At random numbers: whether the loss stays as it is, and whether it is in proportion to the prediction."""
    shape = arithmetic.shape(prediction.shape)
    y, other, t = (generator.uniform(-2, 2, shape) for _ in range(3))
    factors = generator.uniform(0.5, 2, shape)
    loss = _loss(program, prediction, target, arithmetic, generator)
    stays = bool(abs(loss(factors * y, t / factors) - loss(y, t)) < SAME)
    return stays, bool(abs(loss(y + other, t) + loss(0 * y, t) - loss(y, t) - loss(other, t)) < SAME)


def _loss(
    program: Program, prediction: Tensor, target: Tensor, arithmetic: FloatArithmetic, generator: np.random.Generator
) -> Callable[[Array, Array], Array]:
    """The loss as a function of prediction and target, everything else at random numbers."""
    assert program.loss is not None
    steps = _behind(program, prediction, target)
    computed = {prediction, target, *(step.target for step in steps)}
    others = dict.fromkeys(tensor for step in steps for tensor in step.uses if tensor not in computed)
    given: dict[Node, Array] = {other: generator.uniform(-1, 1, arithmetic.shape(other.shape)) for other in others}
    result = program.loss.target
    return lambda y, t: run(steps, {**given, prediction: y, target: t}, arithmetic)[result].reshape(())


def _behind(program: Program, prediction: Tensor, target: Tensor) -> tuple[Step, ...]:
    """The steps from prediction and target to the loss."""
    reached, found = {prediction, target}, []
    assert program.loss is not None
    for step in program.leading_to(program.loss.name):
        if step.target != prediction and not reached.isdisjoint(step.uses):
            reached.add(step.target)
            found.append(step)
    return tuple(found)
