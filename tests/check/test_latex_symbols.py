r"""Formulas in symbols are read as they stand on paper: names, indices, slices, blocks, sums; the rest is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from derive.check.reread import ELEMENTARY, NotNumeric, ReadingError, Unreadable, read


def array(*rows: list[Any]) -> np.ndarray:
    return np.array([[Fraction(str(entry)) for entry in row] for row in rows], dtype=object)


SYMBOLS = {
    "x": array([1], [2], [3]),
    "r": array([1, 2, 3]),
    "W_{2}": array([1, 2, 3], [4, 5, 6]),
    "W_{2}'": array([7, 8, 9], [1, 2, 3]),
    "Z_{2}": array([1], [2]),
    "Y": array([3], [5]),
    "X": array([1, 2], [3, 4], [5, 6]),
    "A": array([1, 2, 3]),
    r"\hat{y}": array([2], [4]),
    r"\mathrm{net}_{h}": array([5], [6]),
    r"\mathrm{out}": array([10]),
    r"\frac{\partial L}{\partial W_{2}}": array([1, 0, 2], [0, 1, 0]),
    r"\frac{\partial L}{\partial y}": array([0.5]),
    "z^{[1]}": array([2], [3]),
    "y": array([2]),
    "y'": array([7], [8]),
    "t": array([3]),
    "N": array([3]),
    "H": array([2]),
    r"\eta": array([0.1]),
}


def value(tex: str, **functions: Any) -> list[Any]:
    return read(tex, {**ELEMENTARY, **functions}, {r"\operatorname{flip}": lambda a: a[::-1]}, SYMBOLS).tolist()


W2, DW = SYMBOLS["W_{2}"], SYMBOLS[r"\frac{\partial L}{\partial W_{2}}"]


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        # names: the longest wins
        ("W_{2}", W2.tolist()),
        ("W_{2}'", SYMBOLS["W_{2}'"].tolist()),
        (r"\frac{\partial L}{\partial W_{2}}", DW.tolist()),
        (r"W_{2} - \eta\,\frac{\partial L}{\partial W_{2}}", (W2 - Fraction(1, 10) * DW).tolist()),
        (r"W_{2}\,x", [[14], [32]]),
        (r"x^{\top}\,W_{2}^{\top}", [[14, 32]]),
        (r"2\,(y - t)", [[-2]]),
        (r"\hat{y} \odot \mathrm{net}_{h}", [[10], [24]]),
        (r"\hat{y} \oslash \mathrm{net}_{h}", [[Fraction(2, 5)], [Fraction(2, 3)]]),
        (r"2\,\mathrm{out}", [[20]]),
        (r"\frac{\partial L}{\partial y}\,x^{\top}", [[Fraction(1, 2), 1, Fraction(3, 2)]]),
        (r"\left(\frac{\partial L}{\partial W_{2}}\right)^{\top}\,Z_{2}", [[1], [2], [2]]),
        (r"(z^{[1]})^{\top}", [[2, 3]]),
        (r"\operatorname{flip}(x)", [[3], [2], [1]]),
        # slices count from 0
        ("W_{2}[1{:}]", [[4, 5, 6]]),
        ("W_{2}[{:}, 1{:}]^{\\top}", [[2, 5], [3, 6]]),
        ("W_{2}[{:}, {:}-1]", [[1, 2], [4, 5]]),
        ("X[1{:}3, 0]", [[3], [5]]),
        ("X[0]", [[1, 2]]),
        ("X[{:}, 1]", [[2], [4], [6]]),
        ("x[0] + x[-1]", [[4]]),
        ("(2\\,x)[1{:}]", [[4], [6]]),
        # ones, identity, blocks
        ("I_{2}", [[1, 0], [0, 1]]),
        ("I_{H + 1}[1{:}]", [[0, 1, 0], [0, 0, 1]]),
        (r"\mathbf{1}_{H}", [[1], [1]]),
        (r"y\,\mathbf{1}_{1 \times 2}", [[2, 2]]),
        (r"\mathbf{0}_{(H - 1) \times 2}", [[0, 0]]),
        (r"\begin{bmatrix} \mathbf{1} & X \end{bmatrix}", [[1, 1, 2], [1, 3, 4], [1, 5, 6]]),
        (r"\begin{bmatrix} X \\ \mathbf{1} \end{bmatrix}", [[1, 2], [3, 4], [5, 6], [1, 1]]),
        (r"\begin{bmatrix} 1 \\ x \end{bmatrix}^{\top}", [[1, 1, 2, 3]]),
        (r"\begin{bmatrix} 1 & r \end{bmatrix}", [[1, 1, 2, 3]]),
        (r"\begin{bmatrix} \mathbf{0} \\ 2\,X[1{:}] \end{bmatrix}", [[0, 0], [6, 8], [10, 12]]),
        (r"\begin{bmatrix} 0 & \mathbf{0} \\ Z_{2} & W_{2} \end{bmatrix}", [[0, 0, 0, 0], [1, 1, 2, 3], [2, 4, 5, 6]]),
        (r"\mathbf{1}[x > 2]", [[0], [0], [1]]),
        (r"\operatorname{diag}(1 - x^{2})", [[0, 0, 0], [0, -3, 0], [0, 0, -8]]),
        # sums and indices count from 1
        (r"\sum_{i=1}^{2} (Z_{2,i} - Y_{i})^{2}", [[13]]),
        (r"\sum_{i=1}^{2} \sum_{j=1}^{N} W_{2,ij}^{2}", [[91]]),
        (r"\sum_{i=1}^{2} \sum_{j=1}^{3} W_{2,ij}'\,(W_{2,ij} - 1)", [[52]]),
        (r"\frac{1}{2\,N}\,\sum_{i=1}^{N} x_{i}\,A_{i} - 1", [[Fraction(4, 3)]]),
        (r"\sum_{i=1}^{2} y_{i}'", [[15]]),
        (r"\sum_{i=1}^{2} \left(\frac{\partial L}{\partial W_{2}}\right)_{i}", [[1, 1, 2]]),
        (r"\sum_{i=1}^{3} \left(\frac{\partial L}{\partial W_{2}}\right)_{{:,i}}", [[3], [1]]),
        (r"\sum_{i=1}^{3} X_{{i,:}}", [[9, 12]]),
        (r"\frac{\sum_{i=1}^{3} x_{i}}{\sum_{i=1}^{2} Y_{i}}", [[Fraction(3, 4)]]),
        (r"\sum_{i=1}^{3} x_{i}\,\sum_{i=1}^{2} Y_{i}", [[48]]),
        (r"\begin{bmatrix} W_{2,12} & x_{3} \\ (X^{\top})_{12} & W_{2,23}' \end{bmatrix}", [[2, 3], [3, 3]]),
    ],
)
def test_what_is_read(tex: str, expected: list[Any]) -> None:
    assert value(tex) == expected


@pytest.mark.parametrize(
    "tex",
    [
        "W_{1}", "W_{2}''", "W_{h}", "x'", r"\hat{x}", r"\mathrm{net}", r"\mathrm{net}_{o}", r"2\,\mathrm{inner}",
        r"\frac{\partial L}{\partial x}", r"\theta", "x_{i}", r"x + \beta",
    ],
)  # fmt: skip
def test_a_symbol_that_is_not_in_the_table_is_not_numeric(tex: str) -> None:
    with pytest.raises(NotNumeric):
        value(tex)


@pytest.mark.parametrize(
    "tex",
    [
        # indices and limits: a letter runs over exactly the axis that it stands for
        r"\sum_{i=1}^{2} x_{i}", r"\sum_{i=1}^{4} x_{i}", r"\sum_{i=0}^{3} x_{i}", r"\sum_{i=2}^{3} x_{i}",
        r"\sum_{i=1}^{2} \sum_{j=1}^{3} W_{2,ji}", r"\sum_{i=1}^{y} 2.5\,x_{i}", r"\sum_{i=1}^{3} -x_{i}",
        r"\sum_{i=1}^{3}", r"\sum_{ij}^{3} x_{i}", "x_{4}", "W_{2,41}", r"\sum_{i=1}^{2} W_{2,ijk}",
        # shapes
        r"x\,x", r"x + r", r"W_{2} \odot x", r"x\,W_{2}", r"\operatorname{diag}(W_{2})", r"X \oslash W_{2}",
        r"\begin{bmatrix} \mathbf{1} & X \\ x & x \end{bmatrix}", r"\begin{bmatrix} X \end{bmatrix}",
        # ambiguous or unfinished in print
        r"\frac{\partial L}{\partial y}^{\top}", r"z^{[1]}^{\top}", r"z^{[1]}^{2}", "W_{2}_{1}", r"\mathbf{1}",
        r"\mathbf{1}\,x", r"x\,\mathbf{1}_{2.5}", "I_{0}", "x[1.5]", "x[3]", "x[{:}0]", "X[0, 0, 0]", "X[]",
        r"X^{\top}[0]", r"x \text{ and } r", "x, r", r"\tanh x", "2 x 3 4",
        r"\sum_{i=1}^{3} x_{i}^{\top}^{2}",
    ],
)  # fmt: skip
def test_what_is_refused(tex: str) -> None:
    with pytest.raises(ReadingError):
        value(tex)


def test_numbers_alone_have_no_symbols() -> None:
    for tex in ("x", r"\sum_{i=1}^{2} 1", "I_{2}"):
        with pytest.raises(NotNumeric):
            read(tex)


def test_a_name_that_means_two_things() -> None:
    symbols = {**SYMBOLS, "h": array([3]), "e": array([2]), "x_{i}": array([1], [1], [1])}
    functions = {**ELEMENTARY, "h": lambda u: u + 100}
    assert read("h(2)", functions, symbols=symbols).tolist() == [[102]]
    assert read(r"h\,(1 - h)", functions, symbols=symbols).tolist() == [[-6]]
    assert read("e^{2}", functions, symbols=symbols).tolist() == [[4]]
    [number] = read("e^{-y}", functions, symbols=symbols).flat
    assert abs(number - mpmath.exp(-2)) < 1e-15
    with pytest.raises(Unreadable, match="another letter for the index"):
        read(r"\sum_{i=1}^{3} x_{i}", functions, symbols=symbols)
    assert read(r"\sum_{j=1}^{3} x_{j}", functions, symbols=symbols).tolist() == [[6]]
    with pytest.raises(Unreadable, match="another letter for the index"):
        read(r"\sum_{i=1}^{3} i\,x_{i}", ELEMENTARY, symbols={**SYMBOLS, "i": array([1])})


def test_sums_do_not_nest_without_end() -> None:
    with pytest.raises(Unreadable, match="levels of nesting"):
        value(r"\sum_{i=1}^{3} " * 1000 + "x_{i}")


def test_large_products_are_exact() -> None:
    generator = np.random.default_rng(0)
    left, right = (
        np.vectorize(lambda n: Fraction(int(n), 1000), otypes=[object])(generator.integers(-999, 999, shape))
        for shape in ((20, 30), (30, 10))
    )
    [[first, *_], *_] = read(r"A\,B", ELEMENTARY, symbols={"A": left, "B": right}).tolist()
    assert first == sum(a * b for a, b in zip(left[0], right[:, 0], strict=True))
    with mpmath.workdps(60):
        roots = np.vectorize(mpmath.sqrt, otypes=[object])(abs(right))
    [[number, *_], *_] = read(r"A\,B", ELEMENTARY, symbols={"A": left, "B": roots}).tolist()
    with mpmath.workdps(60):
        wanted = sum(mpmath.mpf(a.numerator) / a.denominator * b for a, b in zip(left[0], roots[:, 0], strict=True))
        assert abs(number - wanted) < mpmath.mpf(10) ** -55
