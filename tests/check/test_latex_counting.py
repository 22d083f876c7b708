"""The reader of printed formulas where entries are counted from 0 on one axis and from 1 on the other."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from derive.check.reread import Unreadable, read
from derive.ops import Array


def fractions(rows: list[list[int]]) -> Array:
    return np.array([[Fraction(number) for number in row] for row in rows], dtype=object)


W = [[1, 2], [3, 4], [5, 6]]
READ = {
    "W_{01}": 1,
    "W_{22}": 6,
    r"(W^{\top})_{10}": 1,
    r"(2\,W)_{02}": 4,
    r"(W + W)_{01}": 2,
    r"(V\,W)_{11}": 22,
    r"(\begin{bmatrix} \mathbf{1} & X \end{bmatrix})_{10}": 1,
    r"(\begin{bmatrix} \mathbf{1} & X \end{bmatrix}\,W)_{11}": 1 + 7 * 3 + 8 * 5,
    r"(W\,Y)_{01}": 1 * 7 + 2 * 9,
    r"\sum_{i=0}^{2} W_{i1}": 9,
    "W[0, 1]": 2,
    r"(W[1{:}])_{12}": 4,
}


@pytest.mark.parametrize("tex", READ)
def test_the_reader_counts_rows_from_0(tex: str) -> None:
    symbols = {
        "W": fractions(W),
        "V": fractions([[1, 2, 3]]),
        "X": fractions([[7, 8]]),
        "Y": fractions([[7, 8], [9, 9]]),
    }
    assert read(tex, symbols=symbols, first={"W": (0, 1), "V": (1, 0)})[0, 0] == READ[tex]


@pytest.mark.parametrize("tex", ["W_{31}", "W_{10}", r"\sum_{i=1}^{3} W_{i1}", r"\sum_{i=0}^{1} W_{i1}"])
def test_the_reader_refuses_what_does_not_lie_there(tex: str) -> None:
    with pytest.raises(Unreadable, match=r"of entries|over entries"):
        read(tex, symbols={"W": fractions(W)}, first={"W": (0, 1)})
