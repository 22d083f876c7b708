"""What all variants of one network share: its program, what is asked of students, and what its numbers must meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from derive.calculus.mistakes import Mistake
from derive.derivation import derive_program
from derive.evaluate import FloatArithmetic, Values, run
from derive.evaluate.wrong_answers import mistakes
from derive.ops import Array, Node, Tensor
from derive.program import Program, Role
from derive.sheet.samples import Samples, find_samples
from derive.spec import Problem
from derive.spec.variation import Require, Vary
from derive.variants.defaults import default_choices
from derive.variants.space import CHUNK, MOST_FLOATS, Space, make_space

LEAST_CHUNK = 16
ANSWERED = (Role.FORWARD, Role.LOSS, Role.BACKWARD, Role.UPDATE, Role.ENTRY)


@dataclass(frozen=True)
class Setting:
    """One network of a problem with all that is derived once: everything about a variant but its numbers.

    `answers` are the computed quantities that a student gives: those that `ask:` names, or all that have a line.
    """

    space: Space
    program: Program
    require: Require
    label: str = ""

    @property
    def problem(self) -> Problem:
        """The problem with its own numbers, where it has any."""
        return self.space.problem

    @property
    def places(self) -> int:
        """The decimals that students round to."""
        return self.problem.rounding.places

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """The computed quantities that a student gives."""
        asked = [ask.quantity for ask in self.problem.ask if ask.quantity in self.program.names]
        wanted = set(asked) - set(self.program.quantities)
        steps = self.program.steps
        if not wanted:
            loss_after = f"{self.program.loss.name}'" if self.program.loss else ""
            answered = (step for step in steps if step.role in ANSWERED or step.name == loss_after)
            return tuple(step.name for step in answered if step.formula.tensors)
        return tuple(step.name for step in steps if step.name in wanted)

    @cached_property
    def samples(self) -> Samples | None:
        """The samples of a batch."""
        return find_samples(self.problem, self.program)

    @cached_property
    def arithmetic(self) -> FloatArithmetic:
        """float64, with this network's dimensions."""
        return FloatArithmetic(self.program.dimensions)

    @cached_property
    def chunk(self) -> int:
        """How many candidates are evaluated at once: fewer of a large network. It depends on the problem alone."""
        tensors = [quantity.tensor for quantity in self.program.givens] + [step.target for step in self.program.steps]
        floats = sum(int(np.prod(self.arithmetic.shape(tensor.shape))) for tensor in tensors)
        return min(max(LEAST_CHUNK, min(CHUNK, MOST_FLOATS // max(floats, 1))), self.require.budget)

    def mistakes(self, name: str) -> tuple[Mistake, ...]:
        """The common mistakes in a step that are another function than it and than each other."""
        if name not in self._mistakes:
            self._mistakes[name] = mistakes(self.program, self.program[name])
        return self._mistakes[name]

    @cached_property
    def _mistakes(self) -> dict[str, tuple[Mistake, ...]]:
        return {}

    def values(self, given: Mapping[str, Array]) -> Values:
        """All quantities of many variants in float64; what is not defined is not finite."""
        tensors: dict[Tensor, Array] = {self.program.tensor(name): array for name, array in given.items()}
        with np.errstate(all="ignore"):
            known = run(self.program.steps, tensors, self.arithmetic)
        return {tensor.name: array for tensor, array in known.items() if isinstance(tensor, Tensor)}

    def known(self, values: Values) -> dict[Node, Array]:
        """The same by tensor, as expressions are evaluated."""
        return {self.program.tensor(name): array for name, array in values.items()}


def make_settings(problem: Problem) -> tuple[Setting, ...]:
    """A setting for each network that a problem may have; where nothing varies by the file, its numbers do."""
    structures = problem.vary.structures
    if structures:
        return tuple(_setting(structure.problem, structure.label, place) for place, structure in enumerate(structures))
    return (_setting(problem),)


def own_setting(problem: Problem) -> Setting:
    """The network of a problem with its own numbers, in which nothing varies."""
    setting = _setting(replace(problem, vary=Vary()))
    return replace(setting, space=make_space(setting.problem, ()))


def _setting(problem: Problem, label: str = "", network: int = 0) -> Setting:
    program = derive_program(problem)
    choices = problem.vary.choices or default_choices(problem, program)
    space = make_space(problem, choices, network)
    if problem.conventions.fused and not _assumptions_hold(space, program):  # p - t needs targets that sum to 1
        unfused = replace(problem, conventions=replace(problem.conventions, fused=False))
        space, program = replace(space, problem=unfused), derive_program(unfused)
    return Setting(space, program, problem.require, label)


def _assumptions_hold(space: Space, program: Program) -> bool:
    """Whether targets that a step takes to sum to 1 do so, in every option that is drawn."""
    notes = [note.split(":") for step in program.steps for note in step.assumptions]
    return all(_sums_to_one(space, name, int(axis)) for _, name, axis in notes if name in program.quantities)


def _sums_to_one(space: Space, name: str, axis: int) -> bool:
    """Whether a given quantity sums to 1 in each of its options; entries that are drawn one by one do not."""
    filling = next((filling for filling in space.fillings if filling.name == name), None)
    if filling is None:
        literal = space.problem.given(name).value
        return literal is None or bool(np.allclose(literal.floats.sum(axis=axis), 1))
    moving = {int(place) for place in filling.axes if space.sizes[place] > 1}
    if len(moving) > 1:
        return False
    options = np.zeros((max(space.sizes[place] for place in filling.axes), len(space.sizes)), dtype=int)
    options[:, [*moving]] = np.arange(len(options))[:, None]
    return bool(np.allclose(filling.numbers(options).sum(axis=own_axis(axis, len(filling.shape))), 1))


def own_axis(axis: int, rank: int) -> int:
    """An axis of a quantity counted from its end, so that an axis in front changes nothing."""
    return axis if axis < 0 else axis - rank


def per_variant(array: Array, rank: int, count: int) -> Array:
    """The entries of a quantity, a row for each variant; one that does not vary is repeated."""
    full = array if array.ndim > rank else np.broadcast_to(array, (count, *array.shape))
    return full.reshape(count, int(np.prod(full.shape[1:])))  # -1 is no size where there is no variant


def all_entries(masks: Iterable[Array], count: int) -> Array:
    """Which variants pass in every entry of every mask."""
    result = np.ones(count, dtype=bool)
    for mask in masks:
        result &= mask.all(axis=1)
    return result
