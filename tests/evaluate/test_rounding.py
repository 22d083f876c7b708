"""Decimals on paper: halves away from zero, ties told apart, no digit that is not certain."""

from __future__ import annotations

import decimal
from fractions import Fraction
from pathlib import Path

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.evaluate import (
    Decimal,
    Real,
    Uncertain,
    as_real,
    carry_rounded,
    evaluate_exactly,
    exact_array,
    is_tie,
    printed,
    real,
    round_half_away,
    rounded,
)
from derive.program import compile_problem
from derive.spec import read
from tests.support import derived, numbers, problem_of

PROBLEMS = Path(__file__).parents[2] / "problems"


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        ("0.125", 2, "0.13"), ("-0.125", 2, "-0.13"), ("0.135", 2, "0.14"), ("2.5", 0, "3"), ("-2.5", 0, "-3"),
        ("0.5", 0, "1"), ("-0.5", 0, "-1"), ("0.1249", 2, "0.12"), ("-0.1249", 2, "-0.12"), ("0.004", 2, "0.00"),
        ("-0.004", 2, "0.00"), ("-0.0049", 2, "0.00"), ("-0.005", 2, "-0.01"), ("0", 2, "0.00"), ("1/3", 4, "0.3333"),
        ("-2/3", 4, "-0.6667"), ("999.995", 2, "1000.00"), ("12345", 2, "12345.00"), ("0.05", 1, "0.1"),
        ("-0.4", 0, "0"), ("1e-9", 12, "0.000000001000"),
    ],
)  # fmt: skip
def test_half_away_from_zero(number: str, places: int, text: str) -> None:
    assert str(round_half_away(real(Fraction(number)), places)) == text


@given(st.fractions(max_denominator=10**6), st.integers(0, 8))
def test_rounding_is_that_of_schoolbooks(number: Fraction, places: int) -> None:
    result = round_half_away(real(number), places)
    distance = abs(result.fraction - number)
    assert 2 * distance <= Fraction(1, 10**places)
    if 2 * distance == Fraction(1, 10**places):
        assert abs(result.fraction) > abs(number)
    with decimal.localcontext(prec=60, rounding=decimal.ROUND_HALF_UP):
        quotient = decimal.Decimal(number.numerator) / decimal.Decimal(number.denominator)
        schoolbook = quotient.quantize(decimal.Decimal(1).scaleb(-places))
    assert str(result) == str(schoolbook if schoolbook else abs(schoolbook)) or is_tie(real(number), places)
    assert round_half_away(real(-number), places).units == -result.units


@given(st.fractions(max_denominator=1000), st.integers(0, 6))
def test_a_zero_never_has_a_minus_sign(number: Fraction, places: int) -> None:
    text = str(round_half_away(real(number), places))
    assert not text.startswith("-") or set(text) - set("-0.")


def test_a_certain_ball_is_rounded() -> None:
    third = flint.arb(1) / 3
    assert str(round_half_away(Real(third), 5)) == "0.33333"
    assert str(round_half_away(Real(-third), 5)) == "-0.33333"
    assert str(round_half_away(Real(flint.arb("-0.0001", "1e-10")), 2)) == "0.00"


@pytest.mark.parametrize(
    ("middle", "radius", "places"),
    [("0.125", "1e-20", 2), ("0.1", "0.1", 2), ("-0.125", "1e-20", 2), ("1e30", "1", 2), ("0.5", "1e-5", 0)],
)
def test_an_uncertain_ball_is_refused(middle: str, radius: str, places: int) -> None:
    with pytest.raises(Uncertain):
        round_half_away(Real(flint.arb(middle, radius)), places)


@pytest.mark.parametrize(
    ("number", "places", "tie"),
    [
        ("0.125", 2, True), ("-0.125", 2, True), ("0.12", 2, False), ("0.1251", 2, False), ("1/2", 0, True),
        ("3/8", 2, True), ("3/8", 1, False), ("1/3", 2, False), ("0", 2, False), ("5", 0, False),
    ],
)  # fmt: skip
def test_ties(number: str, places: int, tie: bool) -> None:
    assert is_tie(real(Fraction(number)), places) is tie


def test_a_tie_is_printed_with_one_digit_more() -> None:
    def texts(*entries: str, places: int = 2) -> list[str]:
        return [str(entry) for entry in printed(exact_array([Fraction(entry) for entry in entries]), places)]

    assert texts("0.125", "1/3") == ["0.125", "0.333"]
    assert texts("0.12", "1/3") == ["0.12", "0.33"]
    assert texts("-0.005") == ["-0.005"]
    assert texts("0.125", "0.0625", places=2) == ["0.1250", "0.0625"]
    assert texts("2.5", places=0) == ["2.5"]


def test_arrays_keep_their_shape() -> None:
    values = exact_array([[Fraction(1, 3), Fraction(1, 8)], [Fraction(-1, 8), Fraction(0)]])
    decimals = rounded(values, 2)
    assert [[str(entry) for entry in row] for row in decimals] == [["0.33", "0.13"], ["-0.13", "0.00"]]
    assert as_real(decimals).shape == (2, 2)
    assert as_real(decimals)[1, 0] == real(Fraction(-13, 100))
    scalar = rounded(np.array(real(Fraction(1, 3)), dtype=object), 1)
    assert scalar.shape == ()
    assert str(scalar.item()) == "0.3"


@pytest.mark.parametrize(
    ("units", "places", "text"),
    [(5, 2, "0.05"), (-5, 2, "-0.05"), (123, 0, "123"), (0, 3, "0.000"), (-100, 2, "-1.00")],
)
def test_decimals_as_text(units: int, places: int, text: str) -> None:
    assert str(Decimal(units, places)) == text
    assert Decimal(units, places).fraction == Fraction(text)


def test_carrying_rounded_values_is_what_a_student_does() -> None:
    """The first problem computed line by line by hand, every line rounded to two places before it is used."""

    def on_paper(value: float | np.ndarray) -> np.ndarray:
        return np.vectorize(lambda entry: float(Decimal(*half_up(entry)).fraction), otypes=[float])(value)

    def half_up(entry: float) -> tuple[int, int]:
        units = decimal.Decimal(repr(round(entry, 9))).scaleb(2).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP)
        return int(units), 2

    problem = read(PROBLEMS / "pen-and-paper.yaml")
    given_numbers = numbers(problem)
    W_1, b_1, W_2, b_2 = (given_numbers[name] for name in ("W_1", "b_1", "W_2", "b_2"))
    x, t = given_numbers["x"], given_numbers["t"]
    wanted = {"a": on_paper(W_1 @ x + b_1)}
    wanted["z"] = on_paper(np.tanh(wanted["a"]))
    wanted["y"] = on_paper(W_2 @ wanted["z"] + b_2)
    wanted["L"] = on_paper((wanted["y"] - t) ** 2)
    wanted["dL/dy"] = on_paper(2 * (wanted["y"] - t))
    wanted["dL/dW_2"] = on_paper(np.outer(wanted["dL/dy"], wanted["z"]))
    wanted["dL/db_2"] = wanted["dL/dy"]
    wanted["dL/dz"] = on_paper(W_2.T @ wanted["dL/dy"])
    wanted["dz/da"] = on_paper(1 - wanted["z"] ** 2)
    wanted["dL/da"] = on_paper(wanted["dL/dz"] * wanted["dz/da"])
    wanted["dL/dW_1"] = on_paper(np.outer(wanted["dL/da"], x))
    wanted["dL/db_1"] = wanted["dL/da"]

    program = derived((PROBLEMS / "pen-and-paper.yaml").read_text(encoding="utf-8"))
    given_exactly = {name: exact_array(value.exact) for name, value in exact_givens(problem).items()}
    values = evaluate_exactly(program, given_exactly, carry_rounded(2))
    for name, value in wanted.items():
        found = np.vectorize(float, otypes=[float])(values[name])
        np.testing.assert_allclose(found.ravel(), np.ravel(value), atol=1e-12, err_msg=name)
        assert all(number.is_exact and 100 * Fraction(str(number.number)) % 1 == 0 for number in values[name].flat)


def exact_givens(problem):  # type: ignore[no-untyped-def]
    literals = {given_quantity.name: given_quantity.value for given_quantity in problem.givens}
    return literals | {problem.update.symbol: problem.update.learning_rate}


def test_rounded_and_exact_values_differ_where_rounding_matters() -> None:
    text = "forward: |\n  a = x/3\n  y = 3*a\n  L = y*y\ninput: {x: 1}\n"
    problem = problem_of(text)
    program = compile_problem(problem)
    given_exactly = {"x": exact_array(Fraction(1))}
    assert evaluate_exactly(program, given_exactly)["y"].item() == real(1)
    assert evaluate_exactly(program, given_exactly, carry_rounded(2))["y"].item() == real(Fraction(99, 100))
    assert evaluate_exactly(program, given_exactly, carry_rounded(2))["L"].item() == real(Fraction(98, 100))


def test_a_ball_of_radius_zero_can_be_a_tie() -> None:
    """0.3125 that came out of inexact arithmetic exactly prints one digit more, like any tie."""
    from flint import arb

    number = Real(arb(5) / 16)
    assert not number.is_exact and number.settled().is_exact
    assert [str(decimal) for decimal in printed(np.array([number], dtype=object), 3)] == ["0.3125"]
