"""Exact numbers against mpmath, variants in one call, and numbers for which a function is not defined."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.calculus import descend
from derive.evaluate import DomainError, Real, evaluate_exactly, evaluate_program, exact_array, real
from derive.evaluate.exact import Undecided
from derive.ops import Array
from derive.program import Program, compile_problem
from derive.spec import Problem, read
from tests.support import derived, evaluated, numbers, problem_of

FIRST = Path(__file__).parents[2] / "problems" / "pen-and-paper.yaml"


def exact_numbers(problem: Problem) -> dict[str, Array]:
    values = {quantity.name: quantity.value for quantity in problem.givens if quantity.value is not None}
    if problem.update and problem.update.learning_rate:
        values[problem.update.symbol] = problem.update.learning_rate
    return {name: exact_array(value.exact) for name, value in values.items()}


def exactly(text: str) -> dict[str, Array]:
    problem = problem_of(text)
    return evaluate_exactly(compile_problem(problem), exact_numbers(problem))


def refused(text: str) -> str:
    problem = problem_of(text)
    with pytest.raises(DomainError) as caught:
        evaluated(compile_problem(problem), problem)
    return str(caught.value)


def first_program() -> Program:
    return descend(derived(FIRST.read_text(encoding="utf-8")), "eta")


def test_the_first_problem_to_fifty_digits() -> None:
    """The whole step, written out in mpmath by hand."""
    values = evaluate_exactly(first_program(), exact_numbers(read(FIRST)))
    with mpmath.workdps(60):
        W_1 = mpmath.matrix([["0.1", "0.3", "-0.5"], ["-0.2", "0.4", "0.6"]])
        W_2 = mpmath.matrix([["0.7", "-0.8"]])
        x, b_1 = mpmath.matrix(["0.3", "0.4", "-0.1"]), mpmath.matrix(["0.1", "0.2"])
        a = W_1 * x + b_1
        z = a.apply(mpmath.tanh)
        y = W_2 * z + mpmath.matrix(["0.3"])
        dy = 2 * (y - mpmath.matrix(["0.5"]))
        dz = W_2.T * dy
        da = mpmath.matrix([dz[i] * (1 - z[i] ** 2) for i in range(2)])
        W_1_new = W_1 - mpmath.mpf("0.5") * da * x.T
        wanted = {
            "a": a, "z": z, "y": y, "L": mpmath.matrix([(y[0] - mpmath.mpf("0.5")) ** 2]), "dL/dy": dy, "dL/dz": dz,
            "dL/da": da, "dL/dW_1": da * x.T, "dL/dW_2": dy * z.T, "dL/db_1": da, "W_1'": W_1_new,
        }  # fmt: skip
        for name, numbers_of in wanted.items():
            for number, digits in zip(values[name].flat, list(numbers_of), strict=True):
                reference = flint.arb(mpmath.nstr(digits, 55), f"1e-{50}")
                assert reference.overlaps(number.ball()), f"{name}: {number} is not {digits}"
                assert float(number.ball().rad()) < 1e-30
    assert values["a"][0].is_exact and values["a"][0] == real(Fraction(3, 10))


def test_float64_agrees_with_the_exact_values() -> None:
    problem = read(FIRST)
    floats = evaluated(first_program(), problem)
    exact = evaluate_exactly(first_program(), exact_numbers(problem))
    assert floats.keys() == exact.keys()
    for name, array in exact.items():
        assert array.shape == floats[name].shape
        np.testing.assert_allclose(floats[name], np.vectorize(float, otypes=[float])(array), rtol=1e-14, atol=1e-16)


def test_variants_in_one_call_are_those_one_by_one() -> None:
    problem = read(FIRST)
    generator = np.random.default_rng(0)
    several = {name: generator.normal(size=(1000, *value.shape)) for name, value in numbers(problem).items()}
    program = first_program()
    together = evaluate_program(program, several)
    for variant in (0, 1, 999):
        alone = evaluate_program(program, {name: values[variant] for name, values in several.items()})
        for name, array in alone.items():
            np.testing.assert_allclose(together[name][variant], array, rtol=1e-12, atol=1e-14)
    begin = time.perf_counter()
    evaluate_program(program, several)
    assert time.perf_counter() - begin < 1, "a loop over the variants is hiding somewhere"


def test_rational_steps_stay_rational() -> None:
    values = exactly("forward: |\n  a = W @ x\n  z = relu(a)\n  L = 1/3 * sum(z**2)\ninput: {x: [0.1, 0.2]}\n"
                     "parameters: {W: [[0.3, -0.5], [1, 2]]}\n")  # fmt: skip
    assert [number.is_exact for name in ("a", "z", "L") for number in values[name].flat] == [True] * 5
    assert values["a"].tolist() == [real(Fraction(-7, 100)), real(Fraction(1, 2))]
    assert values["L"].item() == real(Fraction(1, 12))


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp, "tanh": mpmath.tanh, "sin": mpmath.sin, "cos": mpmath.cos, "expm1": mpmath.expm1,
    "log": mpmath.log, "log1p": mpmath.log1p, "sqrt": mpmath.sqrt, "normal_cdf": mpmath.ncdf,
}  # fmt: skip


@given(st.sampled_from(sorted(FUNCTIONS)), st.fractions(Fraction(1, 1000), 20, max_denominator=1000), st.booleans())
def test_functions_of_exact_numbers(name: str, number: Fraction, negative: bool) -> None:
    if negative and name not in ("log", "log1p", "sqrt"):
        number = -number
    flint.ctx.prec = 200
    ball = getattr(real(number), name)().ball()
    with mpmath.workdps(70):
        wanted = FUNCTIONS[name](mpmath.mpf(number.numerator) / number.denominator)
        assert ball.overlaps(flint.arb(mpmath.nstr(wanted, 60), mpmath.nstr(abs(wanted) * mpmath.mpf("1e-55"), 5)))


def test_functions_that_are_rational_at_a_point_stay_exact() -> None:
    exact = {
        "exp": (0, 1), "tanh": (0, 0), "sin": (0, 0), "cos": (0, 1), "log": (1, 0), "log1p": (0, 0), "expm1": (0, 0),
        "normal_cdf": (0, Fraction(1, 2)), "sqrt": (Fraction(4, 9), Fraction(2, 3)),
    }  # fmt: skip
    for name, (argument, wanted) in exact.items():
        result = getattr(real(argument), name)()
        assert result.is_exact and result == real(wanted), name


@given(st.fractions(), st.fractions())
def test_arithmetic_of_exact_numbers(left: Fraction, right: Fraction) -> None:
    a, b = real(left), real(right)
    assert a + b == real(left + right)
    assert a - b == real(left - right)
    assert a * b == real(left * right)
    assert -a == real(-left) and abs(a) == real(abs(left)) and a**2 == real(left**2)
    assert (a < b, a <= b, a == b) == (left < right, left <= right, left == right)
    assert (a > b, a >= b, a != b) == (left > right, left >= right, left != right)
    assert 1 + a == a + 1 and 1 - a == -(a - 1) and 2 * a == a + a
    assert float(a) == pytest.approx(float(left), rel=1e-15)
    if right:
        assert a / b == real(left / right)


def test_large_rationals_become_floats_without_overflow() -> None:
    huge = real(10**400) / real(10**399)
    assert float(huge) == 10
    assert float(real(Fraction(10**400 + 1, 10**400))) == 1


def test_an_undecided_comparison_says_so() -> None:
    flint.ctx.prec = 64
    third = Real(flint.arb(1) / 3)
    with pytest.raises(Undecided):
        assert (third * 3 - 1) > 0
    assert third > 0 and third < 1


def test_the_precision_is_raised_until_a_kink_is_decided() -> None:
    """a is 10^-60 and a few digits of sin² + cos² are not enough to see its sign."""
    text = """
    forward: |
      one = sin(x)**2 + cos(x)**2
      a = one - c
      z = relu(a)
    input: {x: 0.7}
    constants: {c: 0.999999999999999999999999999999999999999}
    """
    values = exactly(text)
    assert float(values["z"]) == pytest.approx(1e-39, rel=1e-3)


def test_what_agrees_to_hundreds_of_digits_is_equal() -> None:
    values = exactly("forward: |\n  one = sin(x)**2 + cos(x)**2\n  z = relu(one - 1)\ninput: {x: 0.7}\n")
    assert [values[name].item().is_exact for name in ("one", "z")] == [True, True]
    assert [float(values[name]) for name in ("one", "z")] == [1, 0]


def test_a_kink_that_no_precision_decides_is_refused() -> None:
    """Of numbers beyond 10^300 not enough digits remain behind the point."""
    text = "forward: |\n  u = exp(x)\n  z = relu(u*sin(x)**2 + u*cos(x)**2 - u)\ninput: {x: 700}\n"
    with pytest.raises(DomainError, match="near a kink"):
        exactly(text)


@pytest.mark.parametrize("power", ["2", "3", "8", "3/2", "1/2"])
def test_powers_of_what_cancels_are_zero(power: str) -> None:
    values = exactly(f"forward: |\n  u = exp(x)\n  z = 1 + (u*u - u**2)**({power})\ninput: {{x: 0.7}}\n")
    assert float(values["z"]) == 1


def test_a_quotient_waits_for_the_precision_that_it_needs() -> None:
    values = exactly("forward: |\n  z = 1/(exp(x) + 1 - 1)\ninput: {x: -200}\n")
    assert float(values["z"]) == pytest.approx(math.exp(200))


@pytest.mark.parametrize(
    ("forward", "given_numbers", "words"),
    [
        ("y = log(x)", "0", ["in `y = log(x)`", "log of 0"]),
        ("y = log(x)", "-1", ["in `y = log(x)`", "log of -1", "a positive number"]),
        ("y = sqrt(x)", "-1", ["in `y = sqrt(x)`", "sqrt of -1"]),
        ("y = 1/x", "0", ["in `y = 1/x`", "division by 0", "a number other than zero"]),
        ("y = 1/(x - 2)", "2", ["in `y = 1/(x - 2)`", "division by 0"]),
        ("y = x**(-2)", "0", ["division by 0"]),
        ("y = x**(1/3)", "-8", ["in `y = x**(1/3)`", "-8"]),
        ("y = x**(1/2)", "-4", ["in `y = x**(1/2)`", "-4"]),
        ("y = exp(x)", "1000", ["y = exp(x)", "not finite"]),
        ("y = exp(exp(x))", "8", ["not finite"]),
        ("y = (exp(x))**8", "200", ["not finite"]),
        ("a = x - 1\ny = log(a)", "1", ["in `y = log(a)`", "log of 0"]),
        ("y = 3 + 1/x * 0", "0", ["division by 0"]),
    ],
)
def test_what_is_not_defined_is_refused_with_the_step(forward: str, given_numbers: str, words: list[str]) -> None:
    lines = "\n".join(f"  {line}" for line in forward.split("\n"))
    message = refused(f"forward: |\n{lines}\ninput: {{x: {given_numbers}}}\n")
    for part in words:
        assert part in message


def test_a_quotient_that_underflows_is_zero_and_gives_no_warning() -> None:
    problem = problem_of("forward: |\n  y = 1/exp(exp(x))\ninput: {x: 8}\n")
    assert evaluated(compile_problem(problem), problem)["y"] == 0


@pytest.mark.parametrize(("formula", "number"), [("log(x)", 0), ("log(x)", -1), ("sqrt(x)", -1), ("1/x", 0)])
def test_exact_evaluation_refuses_what_is_not_defined_too(formula: str, number: int) -> None:
    with pytest.raises(DomainError):
        exactly(f"forward: |\n  y = {formula}\ninput: {{x: {number}}}\n")


def test_a_target_of_zero_needs_no_logarithm() -> None:
    text = "forward: L = cross_entropy(p, t)\ninput: {p: [1, 0]}\ntarget: {t: [1, 0]}\n"
    problem = problem_of(text)
    assert evaluated(compile_problem(problem), problem)["L"] == 0
    assert float(exactly(text)["L"]) == 0


def test_a_probability_of_zero_where_the_target_is_one_is_refused() -> None:
    assert "log" in refused("forward: L = cross_entropy(p, t)\ninput: {p: [0, 1]}\ntarget: {t: [1, 0]}\n")


def test_one_bad_entry_of_many_is_found() -> None:
    assert "log of" in refused("forward: y = log(x)\ninput: {x: [1, 2, 0.5, -0.1]}\n")


def test_large_logits_are_no_overflow() -> None:
    text = """
    forward: |
      p = softmax(s)
      L = cross_entropy_logits(s, t)
    input: {s: [1000, -1000, 0]}
    target: {t: 0}
    """
    problem = problem_of(text)
    values = evaluated(compile_problem(problem), problem)
    assert values["p"].tolist() == [1, 0, 0]
    assert values["L"] == 0


def test_a_number_of_a_size_beyond_all_others_does_not_fill_the_memory() -> None:
    values = exactly(
        """
        forward: |
          y = exp(w)
          L = (y - t)**2
        parameters: {w: -1e12}
        target: {t: 1}
        """
    )
    assert not values["y"].item().settled().is_exact
    assert float(values["L"].item()) == 1
