"""Where a long line may be broken: between terms and factors, never inside a matrix or a small difference."""

from __future__ import annotations

import pytest

from derive.render.terms import LONG, terms

SQUARES = [f"(0.52{digit}2 - 0.1)^{{2}}" for digit in range(8)]
MATRIX = r"\begin{bmatrix*}[r]" + r"0.51234 & -0.25123 \\ 1.1234 & 2.1234 - 3.1234" + r"\end{bmatrix*}"


def test_a_short_line_stays_whole() -> None:
    assert terms("a + b - c") == ["a + b - c"]


def test_a_long_sum_is_broken_before_its_signs() -> None:
    line = " + ".join(SQUARES)
    assert len(line) > LONG
    assert terms(line) == [SQUARES[0], *(f"+ {square}" for square in SQUARES[1:])]


def test_a_sum_in_parentheses_behind_a_factor_is_broken_inside() -> None:
    front = r"-\frac{1}{2 \cdot 3}\,"
    pieces = terms(f"{front}({' + '.join(SQUARES)})")
    assert pieces[0] == f"{front}({SQUARES[0]}"
    assert pieces[1:-1] == [f"+ {square}" for square in SQUARES[1:-1]]
    assert pieces[-1] == f"+ {SQUARES[-1]})"


def test_parentheses_that_grow_get_a_fixed_size_when_they_are_broken() -> None:
    pieces = terms(rf"\frac{{1}}{{2}} \left({' + '.join(SQUARES)}\right)")
    assert pieces[0].startswith(r"\frac{1}{2} \Bigl(")
    assert pieces[-1].endswith(r"\Bigr)")
    assert r"\left" not in "".join(pieces) and r"\right" not in "".join(pieces)


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        (rf"{MATRIX}\,{MATRIX} + {MATRIX}", [rf"{MATRIX}\,", MATRIX, f"+ {MATRIX}"]),
        (rf"{MATRIX} \odot {MATRIX}", [MATRIX, rf"\odot {MATRIX}"]),
        (rf"\left({MATRIX} - {MATRIX}\right)\,{MATRIX}", [rf"\left({MATRIX} - {MATRIX}\right)\,", MATRIX]),
    ],
    ids=["product and sum", "entry by entry", "difference in parentheses"],
)
def test_matrices_are_kept_whole(line: str, pieces: list[str]) -> None:
    assert len(line) > LONG
    assert terms(line) == pieces


def test_an_absolute_value_is_kept_whole() -> None:
    values = [rf"\left|0.75{digit}0 - 0.5000\right|" for digit in range(8)]
    assert terms(rf"\frac{{1}}{{6}}\,({' + '.join(values)})")[1:-1] == [f"+ {value}" for value in values[1:-1]]


def test_nothing_is_lost_or_added() -> None:
    line = rf"-\frac{{1}}{{2}}\,({' - '.join(SQUARES)}) + {MATRIX}\,{MATRIX}"
    assert "".join("".join(terms(line)).split()) == "".join(line.split())
