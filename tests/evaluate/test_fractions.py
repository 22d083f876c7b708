"""Exact fractions on paper: which quantities print exactly, how, and that a ball is known to be one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.evaluate import Real, Style, evaluate_exactly, exact_array, gives, real, style_of
from derive.program import compile_problem
from derive.spec import read_text
from derive.variants.space import written

FRACTIONS = Style(2, fractions=True)
DECIMALS = Style(2, fractions=True, as_decimals=True)
UNIT = """
forward: |
  z = sigmoid(log(2) * a)
  v = sqrt(b) * sqrt(b)
  q = log(2) * a
parameters: {a: [1, -1, 0, 2], b: 3}
"""


def texts(style: Style, *numbers: str) -> list[str]:
    return [str(entry) for entry in style.printed(exact_array([Fraction(number) for number in numbers]))]


@pytest.mark.parametrize(
    ("numbers", "fractions", "decimals"),
    [
        (["2/3"], ["2/3"], ["2/3"]),
        (["-4/6", "2", "0"], ["-2/3", "2", "0"], ["-2/3", "2", "0"]),
        (["1/4", "-1/2", "3"], ["1/4", "-1/2", "3"], ["0.25", "-0.5", "3"]),
        (["1/4", "1/3"], ["1/4", "1/3"], ["1/4", "1/3"]),
        (["1/8"], ["1/8"], ["1/8"]),  # ends behind the two places
        (["999/1000"], ["999/1000"], ["999/1000"]),
        (["1/1001", "1/2"], ["0.00", "0.50"], ["0.00", "0.50"]),  # one entry that is not simple
        (["12345"], ["12345"], ["12345"]),
    ],
)
def test_simple_numbers_print_exactly(numbers: list[str], fractions: list[str], decimals: list[str]) -> None:
    assert texts(FRACTIONS, *numbers) == fractions
    assert texts(DECIMALS, *numbers) == decimals


def test_without_fractions_nothing_changes() -> None:
    assert texts(Style(2), "2/3", "1/4", "2") == ["0.67", "0.25", "2.00"]


def test_a_quantity_with_an_irrational_entry_prints_in_decimals() -> None:
    root = Real(flint.arb(2).sqrt())
    assert [str(entry) for entry in FRACTIONS.printed(np.array([real(Fraction(1, 2)), root]))] == ["0.50", "1.41"]


@given(st.fractions(-9, 9, max_denominator=1000))
def test_what_prints_exactly_is_the_number(number: Fraction) -> None:
    for style in (FRACTIONS, DECIMALS):
        [entry] = style.printed(exact_array([number]))
        assert Fraction(str(entry)) == entry.fraction == number
        assert gives(real(number), entry)
        if "/" in str(entry):
            assert not gives(real(number + Fraction(1, 10**30)), entry)


def test_a_ball_is_told_to_be_a_fraction() -> None:
    problem = read_text(UNIT)
    numbers = {name: exact_array(literal.exact) for name, literal in written(problem).items() if literal}
    program = compile_problem(problem)
    values = evaluate_exactly(program, numbers, fractions=True)
    assert [str(number.number) for number in values["z"]] == ["2/3", "1/3", "1/2", "4/5"]
    assert values["v"].item() == real(3)
    assert not values["q"][0].is_exact
    assert not evaluate_exactly(program, numbers)["z"][0].is_exact


@pytest.mark.parametrize(
    ("file", "as_decimals"),
    [
        ("parameters: {w: 1/2}\ninput: {x: 3}", False),
        ("parameters: {w: 0.5}\ninput: {x: 3}", True),
        ("parameters: {w: 5e-1}\ninput: {x: 3}", True),
        ("parameters: {w: 0.5}\ninput: {x: 3}\nvary: {w: [1, 1/2]}", False),
        ("parameters: {w: 1}\ninput: {x: 3}\nvary: {w: {grid: [0.5, 1.5, 0.5]}}", True),
        ("parameters: {w: 1}\ninput: {x: 3}\nvary: {together: [{w: 1, x: 0.5}, {w: 2, x: 1}]}", True),
    ],
)
def test_the_given_numbers_say_how_one_half_is_written(file: str, as_decimals: bool) -> None:
    problem = read_text(f"forward: |\n  y = w * x\n{file}\nrounding: {{fractions: true, places: 3}}")
    assert style_of(problem) == Style(3, fractions=True, as_decimals=as_decimals)
    assert style_of(replace(problem, rounding=replace(problem.rounding, fractions=False))) == Style(3)
