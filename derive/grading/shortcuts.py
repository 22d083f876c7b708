"""Shortcuts: wrong numbers that make the rest easy, and what follows from them.

Zeros let products vanish, one number everywhere lets a factor drop out, and the old weights as the new ones let the
loss after the step be the loss before it. What would be another number without them earns nothing as a carried answer,
also much later. Numbers that a common mistake leads to are no shortcut, unless all of them are zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from derive.evaluate import Values
from derive.grading.origins import Origin, Slipped, coarser
from derive.ops import Array, Node, Tensor, evaluate
from derive.program import Step
from derive.variants.setting import Setting

SAME = 1e-9  # of a unit


class Shortcuts:
    """What students go on with, and what they would go on with had they not taken a shortcut (`honest`).

    Both are computed from their own answers, and with their slips in what they did not write down; right numbers stand
    in for a shortcut.
    """

    def __init__(self, setting: Setting, values: Values, answers: Mapping[str, Array], slips: Slipped) -> None:
        self.setting, self.values, self.answers, self.slips = setting, values, answers, slips
        self.unit = 10.0**-setting.places
        self.count = len(next(iter(values.values())))
        self.typed: dict[Node, Array] = {
            quantity.tensor: values[quantity.name] for quantity in setting.program.givens if quantity.name in values
        }
        self.honest = dict(self.typed)
        self.are_taken = False

    def carry_on(self, step: Step) -> None:
        """A step that was not asked follows from what stands before it."""
        self.typed[step.target] = self._slipped(step, self.typed)
        self.honest[step.target] = self._slipped(step, self.honest) if self.are_taken else self.typed[step.target]

    def follows(self, step: Step) -> Array:
        """What follows for a step from the student's own earlier answers, a row for each student."""
        return self._flat(self._value(step, self.typed))

    def owed(self, step: Step) -> Array:
        """Which entries of a step would be other numbers without the shortcuts before it, a row for each student."""
        if not self.are_taken:
            return np.zeros((self.count, self._flat(self.values[step.name]).shape[1]), dtype=bool)
        one, other = (self._flat(self._value(step, known)) for known in (self.typed, self.honest))
        is_same = (one == other) | (np.abs(one - other) <= SAME * self.unit) | (np.isnan(one) & np.isnan(other))
        return np.asarray(~is_same)

    def note(self, step: Step, answer: Array, is_wrong: Array, follows: Array, is_explained: Array) -> Array:
        """Take down a student's answers; which of them are shortcuts or follow from one (rows of entries).

        `is_explained` says whose wrong answer a mistake leads to.
        """
        true = self._flat(self.values[step.name])
        is_missing = np.isnan(answer)
        is_zero = is_wrong & (np.abs(answer) < self.unit / 2)
        is_easy = is_wrong & (self._is_uniform(answer, true) | self._is_copied(step, answer, true))[:, None]
        is_honest = is_explained & ~(np.abs(answer) < self.unit / 2).all(axis=1)
        dishonest = ((is_zero | is_easy) & ~is_honest[:, None]) | follows
        shape = self.values[step.name].shape
        if is_missing.any():
            self.carry_on(step)
            typed, honest = self._flat(self.typed[step.target]), self._flat(self.honest[step.target])
        else:
            typed = honest = answer
        self.typed[step.target] = np.where(is_missing, typed, answer).reshape(shape)
        self.honest[step.target] = np.where(dishonest, true, np.where(is_missing, honest, answer)).reshape(shape)
        self.are_taken |= bool(dishonest.any())
        return np.asarray(dishonest)

    def _is_uniform(self, answer: Array, true: Array) -> Array:
        """Which students wrote ones, or the same number everywhere where the right numbers differ."""
        if answer.shape[1] == 1:
            return np.zeros(self.count, dtype=bool)
        is_same, is_right = (np.ptp(array, axis=1) < self.unit / 2 for array in (answer, true))
        is_one = (np.abs(answer - 1) < self.unit / 2).all(axis=1)
        return np.asarray(is_one | (is_same & ~is_right))

    def _is_copied(self, step: Step, answer: Array, true: Array) -> Array:
        """Which students copied several numbers from above that do not stand there again."""
        copied = np.zeros(self.count, dtype=bool)
        if answer.shape[1] > 1:
            for array in self._alike(step):
                is_same, is_right = ((np.abs(own - array) < self.unit / 2).all(axis=1) for own in (answer, true))
                copied |= is_same & ~is_right
        return copied

    def _alike(self, step: Step) -> Iterator[Array]:
        """The earlier quantities with the shape of a step."""
        for tensor, array in self.typed.items():
            if isinstance(tensor, Tensor) and tensor.shape == step.target.shape:
                yield self._flat(array)

    def _slipped(self, step: Step, known: Mapping[Node, Array]) -> Array:
        """What a step leads to, by a slip for those who made one."""
        value = self._value(step, known)
        for origin, rows in self.slips.get(step.name, ()):
            among = rows.reshape(-1, *(1 for _ in value.shape[1:]))
            value = np.where(among, self._of_origin(origin, step, value, known), value)
        return value

    def _of_origin(self, origin: Origin, step: Step, value: Array, known: Mapping[Node, Array]) -> Array:
        if origin.mistake:
            complete = dict(known)
            for tensor in origin.mistake.formula.tensors:
                self._complete(tensor, complete)
            found = np.asarray(evaluate(origin.mistake.formula, complete, self.setting.arithmetic))
            return found.reshape(value.shape) if found.size == value.size else np.broadcast_to(found, value.shape)
        if origin.answer:
            return origin.told(step, self.setting.program, self.answers)
        return coarser(value, self.setting.places)

    def _complete(self, tensor: Tensor, known: dict[Node, Array]) -> None:
        """Compute a quantity that a mistake needs, though nothing that was asked does."""
        if tensor not in known:
            step = self.setting.program[tensor.name]
            for used in step.uses:
                self._complete(used, known)
            known[tensor] = np.asarray(evaluate(step.formula, known, self.setting.arithmetic))

    def _value(self, step: Step, known: Mapping[Node, Array]) -> Array:
        value = np.asarray(evaluate(step.formula, dict(known), self.setting.arithmetic))
        return np.broadcast_to(value, self.values[step.name].shape)

    def _flat(self, array: Array) -> Array:
        return array.reshape(self.count, -1)
