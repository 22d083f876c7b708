"""The equation language: what it accepts, as it was written, and everything that it refuses."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import Fault, ProblemError
from derive.spec import parse_equations
from derive.spec.equations import FUNCTIONS


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ProblemError) as caught:
        parse_equations(text, 1, name="file.yaml")
    return caught.value.faults


def test_equations_keep_their_text_and_lines() -> None:
    text = """
# the network
U_1 = augment(X) @ W_1   # ones in front

L = 1/(2*N) * sum((U_1 -
                   Y)**2)
z=U_1.T
"""
    equations = parse_equations(text, 10)
    assert [(equation.target, equation.text, equation.line) for equation in equations] == [
        ("U_1", "U_1 = augment(X) @ W_1", 12),
        ("L", "L = 1/(2*N) * sum((U_1 - Y)**2)", 14),
        ("z", "z=U_1.T", 16),
    ]
    assert isinstance(equations[0].tree, ast.BinOp)


@pytest.mark.parametrize(
    "expression",
    [
        "W_1 @ x + b_1",
        "-t*log(y) - (1 - t)*log(1 - y)",
        "X @ W.T",
        "augment(Z, axis=0, last=True)",
        'mse(y, t, reduction="sum", factor=1/2)',
        "leaky_relu(a, alpha=lam)",
        "x**2 + x**-1 + x**(1/2) + x**0.5 + x**-(3/2)",
        "W[1:] + W[0] + W[-1] + Z[:, 1:] + Z[0, :-1]",
        "+x - -y",
        "1e-3*x + .5",
        "max(x, 0)",
    ],
)
def test_the_language(expression: str) -> None:
    [equation] = parse_equations(f"q = {expression}", 1)
    assert ast.unparse(equation.tree) == ast.unparse(ast.parse(expression, mode="eval").body)
    assert equation.text == f"q = {expression}"


def test_numbers_keep_their_text() -> None:
    [equation] = parse_equations("q = 0.10*x + 1e-3 + 2.", 1)
    numbers = [node.kind for node in ast.walk(equation.tree) if isinstance(node, ast.Constant)]
    assert sorted(str(number) for number in numbers) == ["0.10", "1e-3", "2."]


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("a = x.real", "the attribute `.real`", "no attribute but `.T`"),
        ("a = x.__class__", "the attribute `.__class__`", "no attribute but `.T`"),
        ("a = __import__('os')", "the unknown function `__import__`", "a function of the equation language"),
        ("a = f(x)(y)", "a call of `f(x)`", "a call of a function by its name"),
        ("a = x.T()", "a call of `x.T`", "a call of a function by its name"),
        ("a = tanh", "the function `tanh` without arguments", "a call such as `tanh(x)`"),
        ("a = sum()", "`sum()`, a call without an argument", "a quantity between the brackets"),
        ("a = sum(*x)", "`*x`", "names, numbers"),
        ("a = sum(x, **y)", "`**y`", "options by name"),
        ('a = mse(y, t, reduction="all")', '`"all"`', '`"sum"`, `"mean"`, `"none"`'),
        ("a = lambda x: x", "the reserved word `lambda`", "a name that is no word of Python"),
        ("a = x if y else z", "the reserved word `if`", "a name that is no word of Python"),
        ("import os", "the reserved word `import`", "a name that is no word of Python"),
        ("a = [x, y]", "`[x, y]`", "names, numbers"),
        ("a = (x, y)", "`(x, y)`", "names, numbers"),
        ("a = (b := x)", "`b := x`", "names, numbers"),
        ("a = f'x'", "`f'x'`", "names, numbers"),
        ("a = 'x'", "`'x'`", "a number, a name"),
        ("a = True", "`True`", "a number, a name"),
        ("a = ...", "`...`", "a number such as"),
        ("a = 2j", "`2j`", "a number such as"),
        ("a = 0x10", "`0x10`", "a number such as"),
        ("a = 1e400", "`1e400`", "a number such as"),
        ("a = x // y", "the operator in `x // y`", "names, numbers"),
        ("a = x[i]", "`x[i]`", "whole numbers or slices"),
        ("a = x[::2]", "`x[::2]`", "whole numbers or slices"),
        ("a = x[1.5]", "`x[1.5]`", "whole numbers or slices"),
        ("a = x[0, 0, 0]", "`x[0, 0, 0]`", "whole numbers or slices"),
        ("a = x**9", "the exponent `9`", "at most 8"),
        ("a = x**y", "the exponent `y`", "a number such as 2"),
        ("a = x**2**3", "the exponent `2**3`", "a number such as 2"),
        ("a = x**(1/0)", "the exponent `1/0`", "a number such as 2"),
        ("a = x ^ 2", "the character `^`", "letters"),
        ("a = \u03b7", "the character `\u03b7`", "letters"),
        ("a = x; b = y", "the character `;`", "letters"),
        ("a = x\0", "the character U+0000", "letters"),
        ("a = x == y", "`x == y`", "names, numbers"),
        ("x + y", "`x + y`", "`name = expression`"),
        ("a, b = x", "`a, b = x`", "`name = expression`"),
        ("a = b = x", "`a = b = x`", "`name = expression`"),
        ("a += x", "`a += x`", "`name = expression`"),
        ("a: x = y", "`a: x = y`", "`name = expression`"),
        ("x.T = y", "`x.T = y`", "`name = expression`"),
        ("a = x +", "`a = x +` cannot be read", "`name = expression`"),
        ("a = (x", "a bracket that is never closed", "`name = expression`"),
        ("a = x)", "`a = x)` cannot be read", "`name = expression`"),
        ("tanh = x", "`tanh` as the name of a quantity", "a name of letters"),
        ("_a = x", "`_a` as the name of a quantity", "a name of letters"),
        ("a = " + "-" * 5000 + "x", "a long row of signs", "at most 50"),
        ("a = " + "- " * 51 + "x", "a long row of signs", "at most 50"),
        ("a = " + "(" * 60 + "x" + ")" * 60, "brackets nested too deeply", "at most 50 levels"),
        ("a = " + "+".join(["x"] * 150), "more than 100 operations one inside the other", "at most 100"),
        ("a = " + "**".join(["x"] * 1000), "more than 100 operations one inside the other", "at most 100"),
        ("a = " + "+".join(["x"] * 5000), "an equation of 10003 characters", "at most 4000"),
        ("a = x\n" * 7000, "equations of 42 kB", "at most 20 kB"),
    ],
)
def test_what_is_not_in_the_language_is_refused(text: str, found: str, expected: str) -> None:
    fault = faults_of(text)[0]
    assert fault.where == "file.yaml:1"
    assert found in fault.found
    assert expected in fault.expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a = tahn(x)", "did you mean `tanh`?"),
        ("a = qqqq(x)", "known are `abs`"),
        ("a = x ^ 2", "write ** for a power"),
        ("a = lambda * x", "such as `lam`"),
    ],
)
def test_hints(text: str, hint: str) -> None:
    assert hint in faults_of(text)[0].hint


def test_all_faults_come_at_once_with_their_lines() -> None:
    faults = faults_of("a = foo(x)\nb = x.real + y.imag\nc = [x]\nd = x\nd = y")
    assert [fault.where for fault in faults] == [f"file.yaml:{line}" for line in (1, 2, 2, 3, 5)]
    assert faults[-1].found == "`d` is defined twice, on line 4 and on line 5"


def test_the_functions_can_be_replaced() -> None:
    assert parse_equations("a = twice(x)", 1, frozenset({"twice"}))[0].target == "a"
    with pytest.raises(ProblemError):
        parse_equations("a = tanh(x)", 1, frozenset({"twice"}))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_can_be_called(function: str) -> None:
    assert parse_equations(f"q = {function}(x, y)", 1)


_TOKENS = st.sampled_from(
    [*"abxW1.,:()[]=+-*/@ \n#'\"", "**", ".T", "a = ", "sum(", "for", "\\", "\0", "\r", "é", "\ud800"]
)


@given(st.text() | st.lists(_TOKENS, max_size=60).map("".join))
def test_no_text_raises_anything_but_a_problem_error(text: str) -> None:
    try:
        parse_equations(text, 1)
    except ProblemError as error:
        assert error.faults
