r"""The honest oracle: it passes the lines of a correct sheet and refuses planted faults with the right entry named."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import derive.check.reread as reread
from derive.check.reread import ELEMENTARY, NotNumeric, Unreadable, places_printed, read, recompute, split_equalities


def column(*entries: str) -> str:
    return r"\begin{bmatrix*}[r]" + r"\\".join(entries) + r"\end{bmatrix*}"


def row(*entries: str) -> str:
    return r"\begin{bmatrix*}[r]" + "&".join(entries) + r"\end{bmatrix*}"


# ------------------------------------------------------------------------------------------------ real lines

W_1 = r"\begin{bmatrix*}[r]0.4&-0.6\\0.8&0.2\end{bmatrix*}"
DW_1 = r"\begin{bmatrix*}[r]-0.27&-0.14\\0.46&0.23\end{bmatrix*}"

SHEET = {
    "a": r"a &= W_1x+b_1 \\ &= \begin{bmatrix*}[r]0.4&-0.6\\0.8&0.2\end{bmatrix*}"
    "\\begin{bmatrix*}[r]1\\\\0.5\\end{bmatrix*}+\\begin{bmatrix*}[r]0.1\\\\-0.3\\end{bmatrix*}\n"
    r" = \result{\begin{bmatrix*}[r]0.20\\0.60\end{bmatrix*}}\dims{2\times1}",
    "z": r"z &= \sigma(a) = \sigma\!\left(\begin{bmatrix*}[r]0.20\\0.60\end{bmatrix*}\right)"
    r" = \result{\begin{bmatrix*}[r]0.55\\0.65\end{bmatrix*}}\dims{2\times1}",
    "y": r"y &= W_2z+b_2 = \begin{bmatrix*}[r]0.5&-0.9\end{bmatrix*}\begin{bmatrix*}[r]0.550\\0.646\end{bmatrix*}+0.2"
    r" = \result{-0.11} \\",
    "L": r"L &= (y-t)^2 = (-0.106-1)^2 = \result{1.22}",
    "dL/dy": r"\pd Ly &= 2(y-t) = 2(-0.106-1) = \result{-2.21}",
    "dL/dW_2": r"\pd L{W_2} &= \pd Ly\,\pd y{W_2} = \pd Ly\,z\T = -2.212\begin{bmatrix*}[r]0.550&0.646\end{bmatrix*}"
    r" = \result{\begin{bmatrix*}[r]-1.22&-1.43\end{bmatrix*}}\dims{1\times2} \\",
    "dL/dz": r"\pd Lz &= W_2\T\,\pd Ly = \begin{bmatrix*}[r]0.5\\-0.9\end{bmatrix*}(-2.212)"
    r" = \result{\begin{bmatrix*}[r]-1.11\\1.99\end{bmatrix*}}\dims{2\times1} \\",
    "dL/da": r"\pd La &= \pd Lz\odot z\odot(1-z) = \begin{bmatrix*}[r]-1.106\\1.991\end{bmatrix*}\odot"
    r"\begin{bmatrix*}[r]0.550\\0.646\end{bmatrix*}\odot\begin{bmatrix*}[r]0.450\\0.354\end{bmatrix*}"
    r" = \result{\begin{bmatrix*}[r]-0.27\\0.46\end{bmatrix*}}\dims{2\times1}",
    "dL/dW_1": r"\pd L{W_1} &= \pd La\,x\T = \begin{bmatrix*}[r]-0.274\\0.456\end{bmatrix*}"
    r"\begin{bmatrix*}[r]1&0.5\end{bmatrix*}"
    r" = \result{\begin{bmatrix*}[r]-0.27&-0.14\\0.46&0.23\end{bmatrix*}}\dims{2\times2}",
    "W_1'": rf"W_1' = W_1 - \eta\,\pd L{{W_1}} = {W_1} - 0.5 {DW_1}"
    r" = \begin{bmatrix*}[r]0.54&-0.53\\0.57&0.09\end{bmatrix*}",
    "b_1'": r"b_1' = \begin{bmatrix*}[r]0.1\\-0.3\end{bmatrix*}-0.5\begin{bmatrix*}[r]-0.27\\0.46\end{bmatrix*}"
    r" = \begin{bmatrix*}[r]0.24\\-0.53\end{bmatrix*}",
    "W_2'": r"W_2' = \begin{bmatrix*}[r]0.5&-0.9\end{bmatrix*}-0.5\begin{bmatrix*}[r]-1.22&-1.43\end{bmatrix*}"
    r" = \begin{bmatrix*}[r]1.11&-0.19\end{bmatrix*}",
    "b_2'": r"b_2' = 0.2-0.5\cdot(-2.21) = 1.31",
}

SYMBOLIC = [
    r"\pd L{b_2} &= \pd Ly = \result{-2.21}",
    r"\pd L{b_1} = \pd La = \result{\begin{bmatrix*}[r]-0.27\\0.46\end{bmatrix*}}",
    r"b_2 = \begin{bmatrix*}[r]0.2\end{bmatrix*}",
    r"\eta = 0.5",
]


@pytest.mark.parametrize("line", SHEET.values(), ids=SHEET.keys())
def test_every_line_of_a_correct_sheet_recomputes(line: str) -> None:
    *formulas, substituted, result = split_equalities(line)
    assert formulas
    for formula in formulas:
        with pytest.raises(NotNumeric):
            read(formula)
    found = recompute(substituted, result)
    assert found.passed
    assert found.sentence == ""
    assert (found.entries == found.printed).all()
    assert found.largest_difference is not None
    assert found.largest_difference <= 0.005


@pytest.mark.parametrize("line", SYMBOLIC)
def test_a_line_without_numbers_is_said_to_have_none(line: str) -> None:
    *formulas, result = split_equalities(line)
    for formula in formulas:
        with pytest.raises(NotNumeric):
            read(formula)
    assert read(result).size == places_printed(result).size


def _bumped() -> list[tuple[str, str, str]]:
    """Every line of the sheet with the last digit of one printed entry off by one, and the entry's name."""
    cases = []
    for line in SHEET.values():
        *_, substituted, result = split_equalities(line)
        shape = read(result).shape
        numbers = list(re.finditer(r"[0-9]+\.[0-9]+", result))
        for index, number in enumerate(numbers):
            for step in (1, -1):
                digits = f"{float(number[0]) + step * 0.01:.2f}"
                i, j = divmod(index, shape[1])
                changed = result[: number.start()] + digits + result[number.end() :]
                cases.append((substituted, changed, f"entry ({i + 1},{j + 1})"))
    return cases


@pytest.mark.parametrize(("substituted", "result", "entry"), _bumped())
def test_a_last_digit_off_by_one_is_refused(substituted: str, result: str, entry: str) -> None:
    found = recompute(substituted, result)
    assert not found.passed
    assert found.sentence.startswith(entry + ": the line gives")


FAULTS = {
    "missing guard digit": (
        r"-2.21" + row("0.55", "0.65"),
        row("-1.22", "-1.43"),
        "entry (1,2): the line gives -1.4365, the sheet prints -1.43",
    ),
    "sign flipped": (
        column("0.5", "0.9") + "(-2.212)",
        column("-1.11", "1.99"),
        "entry (2,1): the line gives -1.9908, the sheet prints 1.99",
    ),
    "transposed matrix": (
        r"\begin{bmatrix}0.4&0.8\\-0.6&0.2\end{bmatrix}\begin{bmatrix}1\\0.5\end{bmatrix}+\begin{bmatrix}0.1\\-0.3\end{bmatrix}",
        column("0.20", "0.60"),
        "entry (1,1): the line gives 0.90, the sheet prints 0.20",
    ),
    "dropped factor 2": (
        r"(-0.106-1)",
        r"\result{-2.21}",
        "entry (1,1): the line gives -1.106, the sheet prints -2.21",
    ),
    "negative zero": (r"0.1\cdot(-0.01)", r"\result{-0.00}", "entry (1,1): the sheet prints -0.00"),
    "negative zero in a matrix": (
        row("0.5", "0") + "^{\\top}",
        column("0.5", "-0.0"),
        "entry (2,1): the sheet prints -0.0",
    ),
    "negative zero in the formula": ("3(-0.00)", "0.00", "the formula prints a negative zero at character 3"),
    "tie rounded towards zero": ("0.05(0.1)", "0.00", "entry (1,1): the line gives 0.005, the sheet prints 0.00"),
    "negative tie rounded up": ("-0.5(0.27)", "-0.13", "entry (1,1): the line gives -0.135, the sheet prints -0.13"),
    "row for a column": (
        "2" + row("1", "2"),
        column("2", "4"),
        "the line gives an array of 1 x 2, the sheet prints one of 2 x 1",
    ),
    "outer for inner product": (
        column("1", "2") + row("3", "4"),
        "11",
        "the line gives an array of 2 x 2, the sheet prints one of 1 x 1",
    ),
    "mask left out": (
        r"\mathbf{1}[" + row("-1", "2") + r" > 0] \odot " + row("0.3", "0.4"),
        row("0.3", "0.4"),
        "entry (1,1): the line gives 0.0, the sheet prints 0.3",
    ),
}


@pytest.mark.parametrize(("substituted", "result", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_planted_faults_are_refused_by_name(substituted: str, result: str, sentence: str) -> None:
    found = recompute(substituted, result)
    assert not found.passed
    assert found.sentence == sentence


@pytest.mark.parametrize(
    ("substituted", "result"),
    [
        ("0.05(0.1)", "0.01"),
        ("-0.05(0.1)", "-0.01"),
        ("0.1(-0.01)", "0.00"),
        (r"-0\cdot\log 0.3-1\cdot\log 0.7", "0.36"),
        # 0.005 by way of a root: 60 digits cannot tell on which side it lies
        (r"\sqrt{2}\cdot\sqrt{2}\cdot 0.0025", "0.01"),
        (r"\sqrt{2}\cdot\sqrt{2}\cdot 0.0025", "0.00"),
        ("0.0123(0.1)", r"1.2 \cdot 10^{-3}"),
        ("1234(2)", r"2.5 \times 10^3"),
        (r"\frac{2}{3}", "0.667"),
        (column("1", "2") + r"\T", row("1", "2")),
        ("2" + column("1", "2"), row("2", "4") + r"^{\top}"),
    ],
)
def test_rounding_that_is_right(substituted: str, result: str) -> None:
    assert recompute(substituted, result).passed


def test_missing_entries_are_not_invented_where_shapes_differ() -> None:
    found = recompute("1", row("1", "1"))
    assert found.entries is None
    assert found.largest_difference is None


A = r"\begin{bmatrix}1&2\\3&4\end{bmatrix}"
U = r"\begin{pmatrix}1\\-2\end{pmatrix}"


def test_functions_of_the_caller() -> None:
    functions = {
        **ELEMENTARY,
        r"\operatorname{ReLU}": lambda u: max(u, Fraction(0)),
        r"\operatorname{softplus}_{2}": lambda u: u + 2,
        r"\sigma'": lambda u: 10 * u,
        r"\operatorname{between}": lambda u, a, b: min(max(u, a), b),
    }
    flipped = {r"\operatorname{flip}": lambda array: array[::-1]}
    assert read(r"\operatorname{ReLU}" + U, functions).tolist() == [[1], [0]]
    assert read(r"\operatorname {ReLU} \left(" + U + r"\right)^{\top}", functions).tolist() == [[1, 0]]
    assert read(r"\operatorname{softplus}_{2}(3)", functions).tolist() == [[5]]
    assert read(r"\sigma'(3) + \sigma(0)", functions).tolist() == [[Fraction(61, 2)]]
    assert read(r"\operatorname{between}(" + U + ", -1, 0.5)", functions).tolist() == [[Fraction(1, 2)], [-1]]
    assert read(r"\operatorname{flip}(" + A + ")", functions, flipped).tolist() == [[3, 4], [1, 2]]
    assert recompute(r"\operatorname{flip}(" + U + ")", column("-2", "1"), functions, flipped).passed


@pytest.mark.parametrize(
    ("tex", "places"),
    [
        ("12", [[0]]),
        (r"\result{-0.11}", [[2]]),
        (r"\begin{bmatrix*}[r]0.550&1\\-0.1&0.00\end{bmatrix*}", [[3, 0], [1, 2]]),
        (row("0.5", "0.25") + r"^{\top}", [[1], [2]]),
        (r"-1.5 \cdot 10^{-3}", [[4]]),
        (r"1.5 \times 10^{3}", [[-2]]),
        (r"-\frac{1}{2}", [[None]]),
        (row(r"\tfrac{2}{3}", "4"), [[None, 0]]),
    ],
)
def test_places_printed(tex: str, places: list[list[int | None]]) -> None:
    assert places_printed(tex).tolist() == places


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{1}{0}",
        r"\frac{1.5}{2}",
        r"\frac{-1}{2}",
        "1/2",
        "1+1",
        "2(3)",
        r"\sqrt{2}",
        r"1.5 \cdot 10^{1/2}",
        r"2\cdot 3",
        r"-\begin{bmatrix}1\end{bmatrix}",
    ],
)
def test_results_that_are_not_decimals(tex: str) -> None:
    with pytest.raises(Unreadable):
        places_printed(tex)


@given(st.fractions(-50, 50, max_denominator=1000), st.integers(0, 4))
def test_rounding_is_half_away_from_zero(value: Fraction, places: int) -> None:
    unit = Fraction(1, 10**places)
    scaled = abs(value) / unit
    units = scaled.numerator // scaled.denominator
    units += scaled - units >= Fraction(1, 2)
    digits = f"{units // 10**places}.{units % 10**places:0{places}d}" if places else f"{units}"
    sign = "-" if value < 0 and units else ""
    formula = rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    assert recompute(formula, sign + digits).passed
    one_more = f"{(units + 1) // 10**places}.{(units + 1) % 10**places:0{places}d}" if places else f"{units + 1}"
    assert not recompute(formula, sign + one_more).passed


def test_the_oracle_is_independent() -> None:
    """It imports nothing that it checks, and neither a parser nor an evaluator of expressions."""
    folder = Path(reread.__file__).parent
    oracle = {"reread", "exact_numbers", "exact_arrays", "exact_entries"}
    oracle |= {
        f"latex_{part}" for part in ("tokens", "tree", "spelling", "names", "atoms", "cases", "reader", "values")
    }
    for name in oracle:
        tree = ast.parse((folder / f"{name}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert not module.startswith("sympy")
                if module.startswith("derive"):
                    assert module == "derive.errors" or module.removeprefix("derive.check").removeprefix(".") in {
                        "",
                        *oracle,
                    }
            elif isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= {"functools", "operator", "re", "mpmath", "numpy"}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "sympify", "parse_expr")
