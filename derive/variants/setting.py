"""What all variants of one network share: its program, what is asked, and the requirements that its numbers can meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from derive.derivation import derive_program
from derive.evaluate import FloatArithmetic, Values, run
from derive.ops import Array, Node, Tensor
from derive.program import Program, Role
from derive.sheet.samples import Samples, find_samples
from derive.spec import Problem
from derive.spec.variation import Require
from derive.variants.defaults import default_choices
from derive.variants.space import CHUNK, MOST_FLOATS, Space, make_space

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
            return tuple(step.name for step in steps if step.role in ANSWERED and step.formula.tensors)
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
        """How many candidates are evaluated at once: fewer of a large network. It depends on the network alone."""
        tensors = [quantity.tensor for quantity in self.program.givens] + [step.target for step in self.program.steps]
        floats = sum(int(np.prod(self.arithmetic.shape(tensor.shape))) for tensor in tensors)
        return max(16, min(CHUNK, MOST_FLOATS // max(floats, 1)))

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
        return tuple(_setting(structure.problem, structure.label) for structure in structures)
    return (_setting(problem, ""),)


def _setting(problem: Problem, label: str) -> Setting:
    choices = problem.vary.choices or default_choices(problem)
    space = make_space(problem, choices)
    program = derive_program(problem)
    setting = Setting(space, program, problem.require, label)
    if problem.conventions.fused and not _assumptions_hold(setting):  # p - t needs targets that sum to 1
        unfused = replace(problem, conventions=replace(problem.conventions, fused=False))
        setting = Setting(make_space(unfused, choices), derive_program(unfused), problem.require, label)
    return setting


def _assumptions_hold(setting: Setting) -> bool:
    """Whether targets that a step takes to sum to 1 do so, in every option that is drawn."""
    notes = [note.split(":") for step in setting.program.steps for note in step.assumptions]
    if not notes:
        return True
    given = setting.space.given(setting.space.draw(0, 0, 256))
    return all(bool(np.allclose(given[name].sum(axis=int(axis)), 1)) for _, name, axis in notes if name in given)


def per_variant(array: Array, rank: int, count: int) -> Array:
    """The entries of a quantity, a row for each variant; one that does not vary is repeated."""
    full = array if array.ndim > rank else np.broadcast_to(array, (count, *array.shape))
    return full.reshape(count, -1)


def all_entries(masks: Iterable[Array], count: int) -> Array:
    """Which variants pass in every entry of every mask."""
    result = np.ones(count, dtype=bool)
    for mask in masks:
        result &= mask.all(axis=1)
    return result
