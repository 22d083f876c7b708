"""The finite set from which variants are drawn: every entry that varies is one of a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import prod
from typing import Any

import numpy as np

from derive.ops import Array
from derive.spec import Problem
from derive.spec.numbers import Literal
from derive.spec.variation import Choice, Each, OneOf, Signs

CHUNK = 16_384  # candidates that are drawn and evaluated at once, of a small network
SMALL = 2**20  # a space with no more draws is gone through one by one
MOST_FLOATS = 2**24  # of the values of a chunk: a large network is drawn in smaller ones


@dataclass(frozen=True)
class Filling:
    """How the entries of one quantity follow from what was drawn: entry e is `table[e][drawn[axes[e]]]`.

    `axes` has a place for each entry, the same one where entries are drawn together.
    """

    name: str
    shape: tuple[int, ...]
    axes: Array
    table: Array  # of texts, a row for each entry

    @cached_property
    def floats(self) -> Array:
        """The table in float64."""
        return Literal(self.table).floats

    def numbers(self, drawn: Array) -> Array:
        """The quantity in float64, a first axis for the variants."""
        entries = np.arange(len(self.axes))
        return self.floats[entries, drawn[:, self.axes]].reshape(len(drawn), *self.shape)

    def literal(self, row: Array) -> Literal:
        """The quantity of one variant, as it is written on paper."""
        texts = self.table[np.arange(len(self.axes)), row[self.axes]]
        return Literal(texts.reshape(self.shape))


@dataclass(frozen=True)
class Space:
    """All variants of a problem: `sizes` says how many options each axis of a draw has, `fillings` what they mean.

    `network` is the place of the network among those of the problem: each has random numbers of its own.
    """

    problem: Problem
    sizes: tuple[int, ...]
    fillings: tuple[Filling, ...]
    network: int = 0

    @property
    def size(self) -> int:
        """How many draws there are: prod(sizes)."""
        return prod(self.sizes)

    def draw(self, seed: int, chunk: int, count: int) -> Array:
        """The candidates of a chunk, shape (count, axes), each option equally likely; equal for equal arguments.

        A small space is gone through once in a random order, so its last chunks are shorter or empty.
        """
        dtype = np.min_scalar_type(-max(self.sizes, default=1))
        if self.size <= SMALL:
            order = _order(seed, self.network, self.size)[chunk * count : (chunk + 1) * count]
            rows = np.unravel_index(order, self.sizes or (1,))
            return np.stack(rows, axis=1).astype(dtype)[:, : len(self.sizes)]
        return _generator(seed, self.network, chunk).integers(0, self.sizes, (count, len(self.sizes)), dtype=dtype)

    def given(self, drawn: Array) -> dict[str, Array]:
        """All given quantities in float64; those that vary have a first axis for the variants."""
        numbers = {name: literal.floats for name, literal in written(self.problem).items() if literal is not None}
        return numbers | {filling.name: filling.numbers(drawn) for filling in self.fillings}

    def variant(self, row: Array) -> Problem:
        """The problem with the numbers of one draw."""
        return with_numbers(self.problem, {filling.name: filling.literal(row) for filling in self.fillings})


def _generator(seed: int, *key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))


@lru_cache(maxsize=2)
def _order(seed: int, network: int, size: int) -> Array:
    """The order in which a small space is gone through; its chunks are parts of it."""
    return _generator(seed, network).permutation(size)


def written(problem: Problem) -> dict[str, Literal | None]:
    """The numbers of a problem by name, the learning rate among them."""
    found = {given.name: given.value for given in problem.givens}
    return found | ({problem.update.symbol: problem.update.learning_rate} if problem.update else {})


def with_numbers(problem: Problem, numbers: Mapping[str, Literal]) -> Problem:
    """The problem with other numbers for some of its quantities."""
    givens = tuple(replace(given, value=numbers.get(given.name, given.value)) for given in problem.givens)
    update = problem.update
    if update and update.symbol in numbers:
        update = replace(update, learning_rate=numbers[update.symbol])
    return replace(problem, givens=givens, update=update)


def make_space(problem: Problem, choices: tuple[Choice, ...], network: int = 0) -> Space:
    """The space of a problem whose quantities vary as `choices` say."""
    sizes: list[int] = []
    fillings: list[Filling] = []
    for choice in choices:
        match choice:
            case OneOf():
                fillings += [_as_one(choice, name, len(sizes)) for name in choice.options[0]]
                sizes.append(len(choice.options))
            case Each():
                shape = _shape(problem, choice.name)
                entries = prod(shape)
                table = np.broadcast_to(choice.numbers.text, (entries, choice.numbers.text.size))
                fillings.append(Filling(choice.name, shape, len(sizes) + np.arange(entries), table))
                sizes += [choice.numbers.text.size] * entries
            case Signs():
                filling, count = _signs(problem, choice, len(sizes))
                fillings.append(filling)
                sizes += [2] * count
    return Space(problem, tuple(sizes), tuple(fillings), network)


def _as_one(choice: OneOf, name: str, axis: int) -> Filling:
    options = [option[name].text for option in choice.options]
    table = np.stack([text.reshape(-1) for text in options], axis=1)
    return Filling(name, options[0].shape, np.full(len(table), axis), table)


def _signs(problem: Problem, choice: Signs, first: int) -> tuple[Filling, int]:
    """Two options for each entry that is not zero; a zero has the same text twice and shares an axis."""
    literal = problem.given(choice.name).value
    assert literal is not None, "the reader refuses signs of a quantity without numbers"
    texts, nonzero = literal.text.reshape(-1), literal.floats.reshape(-1) != 0
    axes = first + np.maximum(np.cumsum(nonzero) - 1, 0)
    table = np.array([_both_signs(text) if moves else (text, text) for text, moves in zip(texts, nonzero, strict=True)])
    return Filling(choice.name, literal.shape, axes, table.astype(object)), int(nonzero.sum())


def _both_signs(text: str) -> tuple[str, str]:
    bare = text.lstrip("+-")
    return bare, f"-{bare}"


def _shape(problem: Problem, name: str) -> tuple[int, ...]:
    """The shape of a given quantity in numbers."""
    if problem.update and name == problem.update.symbol:
        return ()
    sizes: list[Any] = [problem.dimensions.get(str(size), size) for size in problem.given(name).shape]
    return tuple(int(size) for size in sizes)
