"""`rounding: {fractions: true}`: when a file wants exact fractions, what contradicts them, and what they spare."""

from __future__ import annotations

import pytest

from derive.errors import ProblemError
from derive.spec import read_text
from derive.spec.problem import Rounding

START = "forward: |\n  y = w * x\nparameters: {w: 1/2}\ninput: {x: 3}\n"


@pytest.mark.parametrize(
    ("text", "fractions"),
    [
        ("", False),
        ("rounding: {places: 3}", False),
        ("rounding: {fractions: true}", True),
        ("rounding: {fractions: true, carry: exact}", True),
        ("rounding: {fractions: false}", False),
        ("require: {by_hand: 24}", True),
        ("require: {by_hand: true}\nrounding: {places: 2}", True),
        ("require: {by_hand: false}", False),
        ("require: {by_hand: 24}\nrounding: {fractions: false}", False),
        ("require: {by_hand: 24}\nrounding: {carry: rounded}", False),
    ],
)
def test_when_numbers_print_as_fractions(text: str, fractions: bool) -> None:
    assert read_text(START + text).rounding.fractions is fractions


def test_no_fractions_unless_asked_for() -> None:
    assert not Rounding().fractions


def test_nobody_rounds_on_the_way_to_a_fraction() -> None:
    with pytest.raises(ProblemError) as caught:
        read_text(START + "rounding:\n  fractions: true\n  carry: rounded\n", "exercise.yaml")
    [fault] = caught.value.faults
    assert (fault.where, fault.path) == ("exercise.yaml:6", "rounding.fractions")
    assert "carry: rounded" in fault.found


@pytest.mark.parametrize("value", ["yes please", "1/2", "[true]"])
def test_it_is_true_or_false(value: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_text(f"{START}rounding: {{fractions: {value}}}\n")
    assert [fault.path for fault in caught.value.faults] == ["rounding.fractions"]


@pytest.mark.parametrize(
    ("text", "rounding", "ties"),
    [
        ("rounding: {fractions: true}", "any", True),
        ("require: {by_hand: 8}", "any", True),
        ("require: {by_hand: 8, rounding: digits, ties: false}", "digits", False),
        ("require: {by_hand: 8}\nrounding: {fractions: false}", "tolerance", False),
    ],
)
def test_requirements_on_rounding_are_spared_unless_stated(text: str, rounding: str, ties: bool) -> None:
    require = read_text(START + text).require
    assert (require.rounding, require.ties) == (rounding, ties)
