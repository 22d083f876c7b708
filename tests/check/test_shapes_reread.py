"""Printed shapes, read again: what they say, and that print leaves no doubt about them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy

from derive.check.latex_tokens import Unreadable
from derive.check.shapes import read_shape
from derive.render.latex_numbers import shape_latex

H = sympy.Symbol("H", integer=True, positive=True)
SYMBOLS = {"H": np.array([[Fraction(4)]], dtype=object)}


@pytest.mark.parametrize(
    ("shape", "tex", "numbers"),
    [
        ((3, 1), r"3 \times 1", (3, 1)),
        ((H, 10), r"H \times 10", (4, 10)),
        ((H + 1, 10), r"(H + 1) \times 10", (5, 10)),
        ((10, H + 1), r"10 \times (H + 1)", (10, 5)),
        ((2 * H, 1), r"2 H \times 1", (8, 1)),
        ((H + 1,), "H + 1", (5,)),
    ],
)
def test_a_shape_says_what_it_means(shape: tuple[object, ...], tex: str, numbers: tuple[int, ...]) -> None:
    assert shape_latex(shape) == tex
    assert read_shape(tex, SYMBOLS) == numbers


@pytest.mark.parametrize("tex", [r"H + 1 \times 10", r"10 \times H + 1", r"3 \times -1 + H"])
def test_a_sum_without_parentheses_is_refused(tex: str) -> None:
    with pytest.raises(Unreadable, match="parentheses"):
        read_shape(tex, SYMBOLS)
