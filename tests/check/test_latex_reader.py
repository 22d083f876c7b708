r"""The reader of printed lines: its grammar case by case, and the pieces of a line."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from derive.check.reread import NotNumeric, Unreadable, read, split_equalities


def fractions(rows: list[list[object]]) -> list[list[Fraction]]:
    return [[Fraction(str(entry)) for entry in line] for line in rows]


# ------------------------------------------------------------------------------------------------ the grammar

A = r"\begin{bmatrix}1&2\\3&4\end{bmatrix}"
U = r"\begin{pmatrix}1\\-2\end{pmatrix}"
R = r"\begin{matrix}3&-4\end{matrix}"

VALUES = {
    "0.550": [["0.55"]],
    "-0.1^{2}": [["-0.01"]],
    "(-0.1)^2": [["0.01"]],
    r"1.5 \cdot 10^{-3}": [["0.0015"]],
    r"\frac12": [["1/2"]],
    r"\tfrac{1}{4} + \dfrac{1}{4}": [["1/2"]],
    r"1/2/2": [["1/4"]],
    r"8/4 \cdot 2": [[4]],
    r"4^{1/2}": [[2]],
    r"2^{-2}": [["1/4"]],
    r"\sqrt{0.25}": [["0.5"]],
    r"1 - -1": [[2]],
    r"2 \cdot -3": [[-6]],
    r"-2(3)": [[-6]],
    r"\displaystyle {}-\,2\!\left(\,3~\right)\quad": [[-6]],
    "&= 1 \\\\ &\\qquad+ 2": [[3]],
    "2%\n+%\n3": [[5]],
    r"\result{-0.11}\dims{1\times1}": [["-0.11"]],
    r"3\,\text{ (units)}": [[3]],
    r"\bigl[ 1 + \{2\} \bigr]^{2}": [[9]],
    r"\left| -3 \right| + \lvert 2 \rvert + \left\lvert -1\right\rvert": [[6]],
    r"\max(1, -2, 3) - \min\left(1, -2\right)": [[5]],
    r"\mathbf{1}[2 \ge 2] + \mathbb{1}\left[ 1 < 1 \right] + \mathbf{1}[1 = 1]": [[2]],
    r"e^{0} + \exp(0) + \log 1 + \sigma(0)": [["2.5"]],
    A: [[1, 2], [3, 4]],
    "\\begin{bmatrix}%\n1&2\\\\%\n3&4%\n\\end{bmatrix}": [[1, 2], [3, 4]],
    r"\begin{bmatrix*}[r]1+1&2(3)\\[2pt]-1&\frac{1}{2}\\\end{bmatrix*}": [[2, 6], [-1, "1/2"]],
    A + U: [[-3], [-5]],
    A + r"\cdot" + U: [[-3], [-5]],
    A + U + r"\odot" + U: [[-3], [10]],
    U + r"\odot" + A: [[1, 2], [-6, -8]],
    R + r"\odot" + A: [[3, -8], [9, -16]],
    A + r"\oslash" + R: [["1/3", "-1/2"], [1, -1]],
    A + "+" + U: [[2, 3], [1, 2]],
    A + "-" + R: [[-2, 6], [0, 8]],
    "1-" + A: [[0, -1], [-2, -3]],
    U + R: [[3, -4], [-6, 8]],
    R + U: [[11]],
    R + U + A: [[11, 22], [33, 44]],
    A + r"^{\top}": [[1, 3], [2, 4]],
    A + r"^\mathsf{T}" + U + "-" + A + "^T" + U: [[0], [0]],
    A + "^2": [[1, 4], [9, 16]],
    A + r"^{-1}": [[1, "1/2"], ["1/3", "1/4"]],
    r"\frac{" + A + "}{2}": [["1/2", 1], ["3/2", 2]],
    r"\frac{12}{" + A + "}": [[12, 6], [4, 3]],
    A + "/" + A: [[1, 1], [1, 1]],
    r"\operatorname{diag}(" + U + ")": [[1, 0], [0, -2]],
    r"\mathbf{1}[" + U + " > 0]": [[1], [0]],
    r"\max(0, " + U + ")": [[1], [0]],
    r"\begin{bmatrix}2\end{bmatrix}" + A: [[2, 4], [6, 8]],
}


@pytest.mark.parametrize(("tex", "value"), VALUES.items())
def test_values(tex: str, value: list[list[object]]) -> None:
    found = read(tex)
    assert found.tolist() == fractions(value)
    assert all(isinstance(entry, Fraction) for entry in found.flat)


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        (r"\tanh^2(0.5)", "0.2135522670340726"),
        (r"\tanh 0.5", "0.4621171572600098"),
        (r"\ln\left(2\right)", "0.6931471805599453"),
        (r"1 / (1 + e^{-0.2})", "0.549833997312478"),
        (r"\sigma(0.2)(1-\sigma(0.2))", "0.24751657271185995"),
        (r"\frac{e^{1}}{e^1+\mathrm{e}^{2}}", "0.2689414213699951"),
        (r"-\bigl(1\cdot\log 0.7 + 0\cdot\log 0.3\bigr)", "0.35667494393873245"),
        (r"2^{1/2}", "1.4142135623730951"),
        (r"\sin(1)^2+\cos^{2}(1)", "1"),
    ],
)
def test_values_beyond_fractions(tex: str, value: str) -> None:
    (number,) = read(tex).flat
    assert abs(number - mpmath.mpf(value)) < 1e-15


def test_sixty_digits() -> None:
    with mpmath.workdps(70):
        (number,) = read(r"\sqrt{2}").flat
        assert abs(number - mpmath.sqrt(2)) < mpmath.mpf(10) ** -59


REFUSED = [
    "", "{}", "+", "1 +", "--1", ".5", "5.", "1,5", "1.2.3", "1.5e-3", "nan", "-inf", "None",
    "2 3", "2{3}", "2^2 3", "2{-3}", "1-{2+3}", "{-0.1}^2", r"2/{3\cdot4}", "1/2(3)", r"2\frac{1}{3}",
    r"\log 2 \cdot 3", r"(3\log 2/3)", r"\log 2 (3)", r"\tanh 0.5^2", r"\tanh -0.5", r"\tanh^{-1}(0.5)", r"\tanh",
    r"\sigma'(0.5)", r"\log_2(8)", r"\operatorname{ReLU}(1)", r"\mathrm{ReLU}(1)", "\\foo(1)", r"\vphantom{3}",
    r"\frac{}{2}3", r"\frac{1}", r"\frac0.5", r"\sqrt[3]{8}", "2^{3}^{2}", A + r"^\top^2", "2^", "^2", "2_1", "2!",
    "2'",
    r"\left(2)", r"(2\right)", r"\left(2\right]", "(2", "2)", r"\left.2\right|", "|2|", "[1, 2]", "(1 > 0)",
    r"\mathbf{1}", r"\mathbf{1}(1 > 0)", r"\mathbf{1}[0 < 1 < 2]", r"\mathbf{1}[1]", r"\max(1)", r"\sigma(1, 2)",
    r"1 \\ 2", "1 & 2", "1 = 2", r"2\%", r"2\dims{1\times1}^2", r"3\text{ or } 4", r"\result{3} 4",
    r"\result{3}\qquad \pd L{b}",
    r"\begin{bmatrix}1&2\\3\end{bmatrix}", r"\begin{bmatrix}1&\end{bmatrix}", r"\begin{bmatrix}1\end{pmatrix}",
    r"\begin{vmatrix}1\end{vmatrix}", r"\begin{bmatrix}" + A + r"\end{bmatrix}", r"\begin{bmatrix}[r]1\end{bmatrix}",
    U + U, R + R, R + "+" + U, R + r"\odot" + U, A + "/" + U, r"\frac{" + A + "}{" + R + "}", "2^" + "{" + A + "}",
    R + r"\odot" + R + r"\cdot" + A, r"\operatorname{diag}(" + A + ")",
    "1/0", r"\frac{1}{1-1}", "0^{-1}", r"\log(-1)", r"\log(0)", r"\sqrt{-1}", "(-1)^{1/2}", "9^{9^{9}}",
    r"e^{e^{e^{100}}}", "1" * 100, r"\mathbf{1}[e^{1/2} = e^{0.5}]",
]  # fmt: skip


@pytest.mark.parametrize("tex", REFUSED)
def test_outside_the_grammar_or_ambiguous_in_print(tex: str) -> None:
    with pytest.raises(Unreadable):
        read(tex)


@pytest.mark.parametrize(
    "tex",
    ["W_1 x", r"0.5\,\eta", r"\sum_i 2", r"\pd Ly", "e", r"\mathbf{W}", r"3\mathrm{d}", "2a", r"\text{see above}"],
)
def test_symbols_are_not_numbers(tex: str) -> None:
    with pytest.raises(NotNumeric):
        read(tex)


def test_an_error_tells_where_and_what() -> None:
    with pytest.raises(Unreadable) as caught:
        read(r"0.5 + \foo")
    assert caught.value.position == 6
    assert caught.value.found == r"`\foo`"
    assert "expected: a number" in str(caught.value)
    assert r"`\foo` at character 7 of `0.5 + \foo`" in str(caught.value)


@pytest.mark.parametrize(
    "opening", ["(", "{", r"\left(", r"\sqrt{", r"\frac{", "2^{", r"\tanh(", r"\begin{bmatrix}", "-("]
)
def test_deep_nesting_is_unreadable(opening: str) -> None:
    with pytest.raises(Unreadable, match="levels of nesting"):
        read(opening * 1000 + "1")


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        (r"-1\cdot -2(3+", ")"),
        (r"-1\odot -2\tanh^2(1-", ")"),
        (r"-1\cdot -2\begin{bmatrix}1-", r"\end{bmatrix}^{\top}"),
        (r"1\cdot 2\lvert 1-", r"\rvert^2"),
    ],
)
def test_nesting_that_is_allowed_evaluates(opening: str, closing: str) -> None:
    assert read(opening * 29 + "1" + closing * 29).shape == (1, 1)


def test_long_lines_do_not_nest() -> None:
    assert read("1" + "+1" * 3000).tolist() == [[3001]]
    assert read("1" + r"\cdot 1" * 3000).tolist() == [[1]]
    assert read("(1)" * 3000).tolist() == [[1]]


# ------------------------------------------------------------------------------------------------ pieces and places


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("a &= b = c", ["a", "b", "c"]),
        (r"&= 2(3) \\ &= 6", ["", "2(3)", "6"]),
        (r"L = \sum_{i=1}^{N} x_i = \mathbf{1}[u = 0]", ["L", r"\sum_{i=1}^{N} x_i", r"\mathbf{1}[u = 0]"]),
        (r"\left.\pd Lw\right|_{w=0} = 3", [r"\left.\pd Lw\right|_{w=0}", "3"]),
        (r"x = \begin{bmatrix}a=b&c\end{bmatrix}", ["x", r"\begin{bmatrix}a=b&c\end{bmatrix}"]),
        (r"x \text{ where } y=1 % = 2", [r"x \text{ where } y", "1"]),
        (r"a \ge b \le c", [r"a \ge b \le c"]),
    ],
)
def test_split_equalities(line: str, pieces: list[str]) -> None:
    assert split_equalities(line) == pieces


@pytest.mark.parametrize("line", ["(a = b", "a) = b", "{a = b", r"\begin{bmatrix} a = b", r"a \end{bmatrix}"])
def test_unbalanced_lines_cannot_be_split(line: str) -> None:
    with pytest.raises(Unreadable):
        split_equalities(line)
