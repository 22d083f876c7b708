"""The paragraph on the checks: the largest difference of a route, never smaller than it is."""

from __future__ import annotations

import pytest

from derive.check import Finding
from derive.render.checked import checked_sentence
from derive.render.templates import load_words


@pytest.mark.parametrize(
    ("error", "printed"),
    [(0.0, "$0$"), (2.3e-16, r"$3\cdot10^{-16}$"), (9.7e-16, r"$1\cdot10^{-15}$"), (4e-5, r"$4\cdot10^{-5}$")],
)
def test_the_largest_difference_is_rounded_up(error: float, printed: str) -> None:
    findings = (Finding("differences", "y", True, error / 2), Finding("differences", "dL/dy", True, error))
    assert printed in checked_sentence(findings, load_words(None), str)
