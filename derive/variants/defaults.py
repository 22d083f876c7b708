"""What varies where a problem file does not say: numbers like the problem's own.

Parameters, inputs and targets keep their decimal places and are at most as large as the largest of their own numbers.
What stands for something keeps its meaning: class indices stay below the number of classes, probabilities sum to 1,
labels of two classes stay these two. Constants, quantities that are all 0, and inputs made of 0 and 1 (a truth table)
do not vary.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from derive.evaluate import FloatArithmetic
from derive.ops import Array, OneHot, walk
from derive.program import Program
from derive.spec import Problem
from derive.spec.numbers import Literal
from derive.spec.problem import Given
from derive.spec.variation import Choice, Each, OneOf, Signs

FEW_CLASSES = 4  # of which all orders are taken; more are shifted round
MOST_MAGNITUDES = 5_000
LEAST_MAGNITUDES = 5  # of whole numbers and of decimals, in units of the last place


def default_choices(problem: Problem, program: Program) -> tuple[Choice, ...]:
    """A choice for each quantity that can have other numbers; the program says which targets are classes."""
    choices = (_choice(given, given.value, program) for given in problem.givens if given.value is not None)
    return tuple(choice for choice in choices if choice is not None)


def _choice(given: Given, literal: Literal, program: Program) -> Choice | None:
    if given.role == "target":
        return _target(given.name, literal, program)
    if given.role == "constant" or _is_constant(literal, given.role):
        return None
    return _each(given.name, _numbers(literal, negative=True))


def _is_constant(literal: Literal, role: str) -> bool:
    """Zeros, and inputs that are indicators."""
    own = set(literal.floats.flat)
    return own == {0.0} or (role == "input" and own == {0.0, 1.0})


def _target(name: str, literal: Literal, program: Program) -> Choice | None:
    """Classes, probabilities, labels 0/1 and -1/1 as what they are, other targets as numbers."""
    own = set(literal.floats.flat)
    if classes := _number_of_classes(name, program):
        return _each(name, [str(index) for index in range(classes)])
    if (axis := _probability_axis(name, literal, program)) is not None:
        return _one_of(name, [np.take(literal.text, order, axis) for order in _orders(literal.shape[axis])])
    if own <= {0.0, 1.0}:
        return _one_of(name, [literal.text, np.where(literal.floats == 1, "0", "1").astype(object)])
    if own <= {-1.0, 1.0}:
        return Signs(name)
    return _each(name, _numbers(literal, negative=bool((literal.floats < 0).any())))


def _each(name: str, numbers: list[str]) -> Each | None:
    return Each(name, Literal(numbers)) if len(numbers) > 1 else None


def _one_of(name: str, texts: list[Array]) -> OneOf | None:
    """The options that differ, if there are several."""
    distinct = {tuple(text.flat): Literal(text) for text in texts}
    return OneOf(tuple({name: literal} for literal in distinct.values())) if len(distinct) > 1 else None


def _number_of_classes(name: str, program: Program) -> int | None:
    """How many classes a target of class indices counts; None for other targets."""
    arithmetic = FloatArithmetic(program.dimensions)
    for node in itertools.chain.from_iterable(walk(step.formula) for step in program.steps):
        if isinstance(node, OneHot) and node.operands[0] == program.tensor(name):
            return int(arithmetic.shape((node.args[1],))[0])
    return None


def _probability_axis(name: str, literal: Literal, program: Program) -> int | None:
    """The axis along which a target sums to 1: as a step assumes, or the last one along which it does."""
    assumed = [note.split(":") for step in program.steps for note in step.assumptions]
    axes = [int(axis) for _, of, axis in assumed if of == name] or [*reversed(range(len(literal.shape)))]
    for axis in axes:
        if literal.shape[axis] > 1 and np.allclose(literal.floats.sum(axis=axis), 1):
            return axis
    return None


def _orders(size: int) -> list[list[int]]:
    """The classes in other orders."""
    if size <= FEW_CLASSES:
        return [list(order) for order in itertools.permutations(range(size))]
    return [[*range(shift, size), *range(shift)] for shift in range(size)]


def _numbers(literal: Literal, *, negative: bool) -> list[str]:
    """The numbers that any entry may be: multiples of the last place up to the largest own number.

    Fractions are drawn from the magnitudes that occur. Zero is among them only if it occurs. Where there would be very
    many, the last places are left out.
    """
    texts = [str(text).lstrip("+-") for text in literal.text.flat]
    has_zero = not literal.floats.all()
    if any("/" in text or "e" in text.lower() for text in texts):
        magnitudes = [text for text in dict.fromkeys(texts) if Fraction(text)]
    else:
        places = max(len(text.partition(".")[2]) for text in texts)
        largest = max(int(Fraction(text) * 10**places) for text in texts)
        while places and largest > MOST_MAGNITUDES:
            places, largest = places - 1, largest // 10
        step = -(-largest // MOST_MAGNITUDES) or 1
        highest = max(largest, LEAST_MAGNITUDES)
        magnitudes = [_decimal(units, places) for units in range(step, highest + 1, step)]
    below = [f"-{text}" for text in reversed(magnitudes)] if negative else []
    return [*below, *(["0"] if has_zero else []), *magnitudes]


def _decimal(units: int, places: int) -> str:
    digits = f"{units:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
