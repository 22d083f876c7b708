"""What varies where a problem file does not say: numbers like the problem's own."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from derive.spec import Problem
from derive.spec.numbers import Literal
from derive.spec.variation import Choice, Each, OneOf

MOST_PERMUTATIONS = 24
LEAST_MAGNITUDES = 5  # of whole numbers and of decimals, in units of the last place


def default_choices(problem: Problem) -> tuple[Choice, ...]:
    """Parameters, inputs and targets in the places and up to the size of their own numbers; constants stay."""
    choices = (_choice(given.name, given.role, given.value) for given in problem.givens if given.value is not None)
    return tuple(choice for choice in choices if choice is not None)


def _choice(name: str, role: str, literal: Literal) -> Choice | None:
    if role == "constant" or not literal.floats.any():
        return None
    if role == "target" and (classes := _permuted_classes(name, literal)) is not None:
        return classes if len(classes.options) > 1 else None
    numbers = _numbers(literal, role)
    return Each(name, Literal(numbers)) if len(numbers) > 1 else None


def _permuted_classes(name: str, literal: Literal) -> OneOf | None:
    """One-hot targets with their classes exchanged, 0/1 targets with 0 and 1 exchanged; None for other targets."""
    numbers = literal.floats
    if not np.isin(numbers, (0, 1)).all() and not (numbers.ndim and np.allclose(numbers.sum(axis=-1), 1)):
        return None
    if numbers.ndim and numbers.shape[-1] > 1 and np.allclose(numbers.sum(axis=-1), 1):
        orders = itertools.islice(itertools.permutations(range(numbers.shape[-1])), MOST_PERMUTATIONS)
        texts = [literal.text[..., list(order)] for order in orders]
    else:
        swapped = np.where(numbers == 1, "0", "1").astype(object)
        texts = [literal.text, swapped]
    distinct = {tuple(text.flat): text for text in texts}
    return OneOf(tuple({name: Literal(text)} for text in distinct.values()))


def _numbers(literal: Literal, role: str) -> list[str]:
    """The numbers that any entry may be: multiples of the last place up to the largest own number, both signs.

    Fractions are drawn from the magnitudes that occur. Zero is among them only if it occurs.
    """
    texts = [str(text).lstrip("+-") for text in literal.text.flat]
    negative = role != "target" or any(number < 0 for number in literal.floats.flat)
    has_zero = not literal.floats.all()
    if any("/" in text or "e" in text.lower() for text in texts):
        magnitudes = [text for text in dict.fromkeys(texts) if Fraction(text)]
    else:
        places = max(len(text.partition(".")[2]) for text in texts)
        largest = max(int(Fraction(text) * 10**places) for text in texts)
        magnitudes = [_decimal(units, places) for units in range(1, max(largest, LEAST_MAGNITUDES) + 1)]
    below = [f"-{text}" for text in reversed(magnitudes)] if negative else []
    return [*below, *(["0"] if has_zero else []), *magnitudes]


def _decimal(units: int, places: int) -> str:
    digits = f"{units:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
