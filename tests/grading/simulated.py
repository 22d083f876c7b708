"""Simulated classes: students who round as told, slip once, or write what makes the rest easy. It knows no marking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from derive.calculus.mistakes import Mistake
from derive.errors import ShapeError
from derive.evaluate import Values
from derive.ops import Array, Node, evaluate
from derive.program import Program, Role, Step, read_text
from derive.resources import folder
from derive.spec import Ask, Problem
from derive.variants.rounding import needed_steps, units, with_variants
from derive.variants.search import find_variants
from derive.variants.setting import Setting, own_setting

Change = Callable[[Step, Array], Array]  # of what a step computes, a row of numbers for each student

RELU = """
title: Two hidden layers of ReLU
architecture: [3, 3, 2, 1]
activations: [relu, relu, identity]
loss: mse
parameters:
  W_1: [[0.5, -0.4, 0.3], [0.3, 0.8, -0.7], [-0.2, 0.6, 0.9]]
  b_1: [0.1, -0.1, 0.2]
  W_2: [[0.6, -0.2, 0.4], [-0.5, 0.9, 0.7]]
  b_2: [0.3, 0.2]
  W_3: [[0.7, -0.3]]
  b_3: [0.1]
input: {x: [1, 0.5, -0.8]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.1}}
rounding: {places: 3}
require: {dead_units: some}
"""
SYMBOLS = "shapes: {x: [D], W_1: [D, L1], b_1: [L1], W_2: [L1, K], b_2: [K], y: [K]}"
NUMBERS = "shapes: {x: [3], W_1: [3, 2], b_1: [2], W_2: [2, 2], b_2: [2], y: [2]}"
VARY = """
vary:
  x: {grid: [-0.9, 0.9, 0.1], nonzero: true}
  W_1: {grid: [-0.9, 0.9, 0.1], nonzero: true}
  W_2: {grid: [-0.9, 0.9, 0.1], nonzero: true}
  b_1: {grid: [-0.5, 0.5, 0.1]}
  b_2: {grid: [-0.5, 0.5, 0.1]}
  y: {choices: [[0, 1], [1, 0]]}
rounding: {places: 3}
"""
BANK = ("pen-and-paper", "batch-of-two", "cross-entropy-from-logits", "augmented-minibatch")
NUMERATOR = "tanh-sigmoid-cross-entropy"
NAMES = (*BANK[:1], "two-relu-layers", *BANK[1:], NUMERATOR, "minibatch-softmax")


def simulated_problem(name: str) -> Problem:
    """A problem by name; the one in symbols gets sizes and numbers, and every number is asked."""
    if name == "two-relu-layers":
        return read_text(RELU, f"{name}.yaml")
    text = (folder("problems") / f"{name}.yaml").read_text(encoding="utf-8")
    if name == NUMERATOR:
        text = text.replace(SYMBOLS, NUMBERS) + VARY
    if name in (NUMERATOR, "minibatch-softmax"):
        text = text[: text.index("\nask:")] + (VARY if name == NUMERATOR else "\nrounding: {places: 3}\n")
    return read_text(text, f"{name}.yaml")


def asking_little(problem: Problem) -> Problem:
    """The same sheet where only the loss, the gradients of parameters and their new values are asked."""
    program = own_setting(problem).program
    wanted = [
        step.name
        for step in program.steps
        if step.role in (Role.LOSS, Role.UPDATE) or (step.role is Role.BACKWARD and _is_final(step, program))
    ]
    return replace(problem, ask=tuple(Ask(name) for name in wanted))


def _is_final(step: Step, program: Program) -> bool:
    return step.name.rpartition("/d")[2] in program.quantities


@dataclass(frozen=True)
class Room:
    """Students of one network, each with the numbers of a variant."""

    setting: Setting
    given: Values
    count: int
    seed: int

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What a student computes."""
        return needed_steps(self.setting.program, self.setting.answers)

    def only(self, rows: Array) -> Room:
        """Some of the students."""
        return replace(self, given={name: array[rows] for name, array in self.given.items()}, count=len(rows))


def room_of(problem: Problem, students: int, variants: int, seed: int) -> Room:
    """A class in which the variants are handed out in turn."""
    pool = find_variants(problem, variants, seed)
    [(batch, _)] = pool.batches()
    given = with_variants(batch.setting.program, batch.given)
    turn = np.arange(students) % variants
    return Room(batch.setting, {name: array[turn % len(array)] for name, array in given.items()}, students, seed)


def worked_out(
    room: Room, generator: np.random.Generator, formulas: Mapping[str, Node] | None = None, change: Change | None = None
) -> Values:
    """What students write who round as told: each goes on with what is written, or here and there with more digits.

    `formulas` stand in the place of those of steps by name; `change` puts other numbers in the place of a result.
    """
    places, program = room.setting.places, room.setting.program
    known: dict[Node, Array] = {program.tensor(name): array for name, array in room.given.items()}
    careful = generator.uniform(0, 1, room.count) * (generator.random(room.count) < 0.5)  # half round every step
    written: Values = {}
    for step in room.steps:
        formula = (formulas or {}).get(step.name, step.formula)
        with np.errstate(all="ignore"):
            value = np.asarray(evaluate(formula, dict(known), room.setting.arithmetic), dtype=float)
        shape = (room.count, *room.setting.arithmetic.shape(step.target.shape))
        value = np.broadcast_to(value, shape)
        if change:
            value = change(step, value)
        answer = units(value, places) / 10**places
        more = np.where(generator.random(room.count) < careful, generator.integers(1, 4, room.count), 0)
        known[step.target] = _carried(value, more.reshape(-1, *(1 for _ in shape[1:])), places)
        if step.name in room.setting.answers:
            written[step.name] = answer
    return written


def _carried(value: Array, more: Array, places: int) -> Array:
    """Rounded to the places, to one or two more, or not at all (three)."""
    ways = [units(value, places + extra) / 10 ** (places + extra) for extra in range(3)]
    return np.select([np.broadcast_to(more == extra, value.shape) for extra in range(3)], ways, value)


@dataclass(frozen=True)
class Slipped:
    """Students who made one mistake in one step."""

    room: Room
    step: str
    mistake: Mistake
    answers: Values


def slips(room: Room, names: tuple[str, ...] | None = None) -> Iterator[Slipped]:
    """Every student makes one of the mistakes in one of the steps, and goes on with what came out."""
    generator = np.random.default_rng([room.seed, 2])
    names = names or tuple(name for name in room.setting.answers if room.setting.mistakes(name))
    chosen = generator.integers(0, len(names), room.count)
    luck = generator.random(room.count)
    for place, name in enumerate(names):
        mistakes = room.setting.mistakes(name)
        which = np.where(chosen == place, (luck * len(mistakes)).astype(int), -1)
        for number, mistake in enumerate(mistakes):
            rows = np.flatnonzero(which == number)
            if len(rows):
                found = _slipped(room.only(rows), name, mistake, generator)
                if found is not None:
                    yield found


def _slipped(room: Room, name: str, mistake: Mistake, generator: np.random.Generator) -> Slipped | None:
    """The same for some students; those are left out to whom the mistake gives what is not defined later."""
    try:
        answers = worked_out(room, generator, {name: mistake.formula})
    except (ShapeError, ValueError):
        return None
    sound = np.all([np.isfinite(array).reshape(room.count, -1).all(axis=1) for array in answers.values()], axis=0)
    rows = np.flatnonzero(sound)
    kept = {key: array[rows] for key, array in answers.items()}
    return Slipped(room.only(rows), name, mistake, kept) if len(rows) else None


# ------------------------------------------------------------------------------------------------ shortcuts


def _zeros(value: Array, _: np.random.Generator) -> Array:
    return np.zeros_like(value)


def _some_zeros(value: Array, generator: np.random.Generator) -> Array:
    return np.where(generator.random(value.shape) < 0.5, 0.0, value)


def _ones(value: Array, _: np.random.Generator) -> Array:
    return np.ones_like(value)


SHORTCUTS = {"zeros": _zeros, "zeros in some entries": _some_zeros, "ones": _ones}


def with_shortcut(room: Room, name: str, kind: str, where: Array | None = None) -> Values:
    """Every student writes numbers in one step that make the rest easy (in the entries `where`), and goes on."""
    generator = np.random.default_rng([room.seed, 3])

    def change(step: Step, value: Array) -> Array:
        if step.name != name:
            return value
        easy = SHORTCUTS[kind](value, np.random.default_rng([room.seed, 5]))
        return easy if where is None else np.where(where.reshape(value.shape), easy, value)

    return worked_out(room, generator, change=change)


def with_old_weights(room: Room, name: str) -> Values:
    """Every student copies a parameter as its new value."""
    old = room.setting.program[name].formula.tensors[0].name

    def change(step: Step, value: Array) -> Array:
        return room.given[old] if step.name == name else value

    return worked_out(room, np.random.default_rng([room.seed, 4]), change=change)


def gradients(setting: Setting) -> tuple[str, ...]:
    """The deltas and gradients that are asked."""
    return tuple(name for name in setting.answers if setting.program[name].role is Role.BACKWARD)
