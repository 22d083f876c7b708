"""Fractions that double in length with every step: they become balls, of which all printed decimals are known."""

from __future__ import annotations

from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest

from derive.evaluate.exact import MOST_BITS, Real, real
from derive.solution import solve_problem
from derive.spec import read_text

LOGISTIC_MAP = "\n".join(f"  a_{step + 1} = 4*a_{step}*(1 - a_{step})" for step in range(40))
TOWER = "\n".join(f"  {after} = {before}**8" for before, after in zip("wabcdef", "abcdefg", strict=True))


def test_a_fraction_is_exact_as_long_as_it_is_short() -> None:
    short, long = Fraction(1, 3**1000), Fraction(1, 3**6000)
    assert Fraction(int(real(short).number.p), int(real(short).number.q)) == short
    assert not real(long).is_exact
    assert (real(Fraction(1, 3)) ** 1000).is_exact
    power = real(Fraction(3, 2)) ** (2 * MOST_BITS)
    assert not power.is_exact
    assert power.number.contains(flint.fmpq(3, 2) ** (2 * MOST_BITS))
    assert isinstance(power * power, Real)


@pytest.mark.parametrize(
    "text",
    [f"forward: |\n{LOGISTIC_MAP}\nparameters: {{a_0: 0.3}}\n", f"forward: |\n{TOWER}\nparameters: {{w: 1.0000001}}\n"],
    ids=["map", "tower"],
)
def test_steps_that_square_again_and_again_come_to_an_end(text: str) -> None:
    solution = solve_problem(read_text(text))
    with mpmath.workdps(200):
        if "a_40" in text:
            value, slope = mpmath.mpf("0.3"), mpmath.mpf(1)
            for _ in range(40):
                value, slope = 4 * value * (1 - value), slope * 4 * (1 - 2 * value)
        else:
            base, power = mpmath.mpf("1.0000001"), 8**7
            value, slope = base**power, power * base ** (power - 1)
    last, first = ("a_40", "a_0") if "a_40" in text else ("g", "w")
    assert solution.exact is not None
    for name, wanted in ((last, value), (f"d{last}/d{first}", slope)):
        found = solution.exact[name].item()
        assert float(found) == pytest.approx(float(wanted), rel=1e-15)
        assert found.is_sharp
    assert all(finding.passed for finding in solution.findings_of("solution"))
    assert np.isfinite(solution.gradients[first])
