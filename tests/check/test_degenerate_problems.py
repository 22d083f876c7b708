"""Degenerate problems whose sheets are right: terms that cancel, one class, equal numbers, values at a kink.

Each is solved, every finding passes, and where a wrong variant lies near it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from textwrap import dedent
from typing import Any

import pytest

from derive.check import check_by_differences, check_symbolically
from derive.derivation import derive_program
from derive.evaluate import DomainError
from derive.ops import Constant, Node, times
from derive.program import Program
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from tests.support import evaluated, problem_of

STEP = "update: {sgd: {learning_rate: 0.1}}\n"


def first_at_once(values: Iterable[str]) -> list[Any]:
    """Values of a parameter: the first always, the others where there is time."""
    first, *others = values
    return [first, *(pytest.param(value, marks=pytest.mark.slow) for value in others)]


def scalars(forward: str, rest: str = STEP) -> str:
    """A circuit of single numbers, the given ones by their values behind it."""
    return "forward: |\n" + "".join(f"  {line.strip()}\n" for line in forward.split(";")) + rest


def solved(text: str) -> Solution:
    """The solution of a problem text, in which every finding passes."""
    solution = solve_problem(read_text(dedent(text)))
    assert [finding for finding in solution.all_findings if not finding.passed] == []
    for kind in ("solution", "worksheet", "key"):
        assert r"\end{document}" in solution.tex(kind)
    return solution


def refused(text: str, fault: dict[str, Node]) -> set[str]:
    """The steps that routes 1 and 2 refuse where the formulas of some are exchanged for wrong ones."""
    problem = problem_of(text)
    program = derive_program(problem)
    steps = tuple(replace(step, formula=fault.get(step.name, step.formula)) for step in program.steps)
    wrong: Program = replace(program, steps=steps)
    findings = check_symbolically(wrong) + check_by_differences(wrong, evaluated(wrong, problem))
    return {finding.step for finding in findings if not finding.passed}


def kinks(solution: Solution) -> set[str]:
    return {name for finding in solution.all_findings for name in finding.kinks}


# ------------------------------------------------------------------------------------------------ terms that cancel

GIVEN = {"a number": "parameters: {v: 2}\n", "a vector": "parameters: {v: [2, 0.3]}\n"}
CANCELLING = {
    "a factor": "s = v - v; f = sum(v*s + v)",
    "a term": "s = v - v; h = s + v; f = sum(h**2)",
    "squares": "s = v**2 - v*v; h = s + v; f = sum(h**2)",
    "exponentials": "u = exp(v); s = u - u; f = sum(log(1 + s**2) + u)",
    "inside a logarithm": "f = sum(log(1 + (v - v)**2) + exp(v))",
    "to a broken power": "u = exp(v); f = sum(((u - u)**2)**(3/2) + u)",
    "times zero": "s = 0*v; h = s + v; f = sum(h**2)",
}
CHOICES = {
    "mixed": "",
    "numerator": "conventions: {derivatives: numerator}\n",
    "denominator": "conventions: {derivatives: denominator}\n",
    "entries": "detail: entries\n",
    "rounded": "rounding: {places: 1, carry: rounded}\n",
    "no places": "rounding: {places: 0}\n",
}


@pytest.mark.parametrize("choice", first_at_once(CHOICES))
@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("name", CANCELLING)
def test_terms_that_cancel(name: str, given: str, choice: str) -> None:
    solved(scalars(CANCELLING[name], GIVEN[given] + STEP + CHOICES[choice]))


def test_the_jacobian_of_what_cancels_is_a_matrix_of_zeros() -> None:
    text = scalars(CANCELLING["a term"], GIVEN["a vector"] + "ask: [ds/dv, dh/dv]\ndetail: entries\n")
    solution = solved(text)
    assert solution.program["ds/dv"].formula.shape == (2, 2)
    assert solution.jacobian("s", "v").tolist() == [[0, 0], [0, 0]]
    assert solution.jacobian("h", "v").tolist() == [[1, 0], [0, 1]]
    assert r"= \mathbf{0}_{2 \times 2}" in solution.tex()


def test_a_gradient_that_forgets_what_does_not_cancel_is_refused() -> None:
    text = scalars("s = v + v; f = v*s + v", GIVEN["a number"])
    program = derive_program(problem_of(text))
    s = program.tensor("s")
    assert refused(text, {}) == set()
    assert refused(text, {"df/dv": s + Constant(1)}) == {"df/dv"}  # right if s were v - v


# ------------------------------------------------------------------------------------------------ repeated arguments


@pytest.mark.parametrize("function", ["max", "min"])
@pytest.mark.parametrize("inner", ["v", "exp(v)"])
@pytest.mark.parametrize("given", GIVEN)
def test_the_larger_of_a_number_and_itself(function: str, inner: str, given: str) -> None:
    solution = solved(scalars(f"u = {inner}; m = {function}(u, u); f = sum(m**2)", GIVEN[given] + STEP))
    assert f"\\{function}(u, u)" in solution.tex()  # what the author wrote
    assert kinks(solution) == set()  # both branches are the same
    same = solved(scalars(f"u = {inner}; m = identity(u); f = sum(m**2)", GIVEN[given] + STEP))
    assert solution.gradients["v"].tolist() == pytest.approx(same.gradients["v"].tolist())


@pytest.mark.parametrize("other", ["v", "v - 1"])
def test_a_wrong_derivative_of_max_is_refused(other: str) -> None:
    text = scalars(f"m = max(v, {other}); f = m**2", GIVEN["a number"])
    gradient = derive_program(problem_of(text)).tensor("df/dm")
    assert refused(text, {}) == set()
    assert refused(text, {"df/dv": times(Constant(2), gradient)}) == {"df/dv"}


@pytest.mark.parametrize("outer", ["relu", "abs", "tanh", "elu"])
@pytest.mark.parametrize("layer", ["softmax(y)", "log_softmax(y)", "softmax(y) - 1"])
def test_one_class(layer: str, outer: str) -> None:
    solution = solved(f"""
        forward: |
          y = W @ x
          p = {layer}
          r = {outer}(p)
          L = sum(r**2) + sum(r)
        parameters: {{W: [[0.3, 2]]}}
        input: {{x: [1, 2]}}
        update: {{sgd: {{learning_rate: 0.1}}}}
        """)
    assert solution.gradients["W"].tolist() == [[0, 0]]
    assert solution.exact is not None
    assert all(number.is_exact for number in solution.exact["p"].flat)


# ------------------------------------------------------------------------------------------------ values at a kink

AT_KINKS = {
    "rounding errors": "a = w @ x; z = abs(a); f = 3*z + w[0]",
    "rounding errors, negative": "a = w @ x; s = -a; z = relu(s); f = 3*z + w[0]",
    "rounding errors in a formula": "f = 3*relu(w @ x) + w[0]",
}


@pytest.mark.parametrize("slope", ["0", "1", "1/2"])
@pytest.mark.parametrize("name", AT_KINKS)
def test_rounding_errors_do_not_choose_the_side(name: str, slope: str) -> None:
    """0.1 + 0.2 - 0.3 is 0, although float64 has 5.6e-17: numbers and sheet take the same convention."""
    given = "parameters: {w: [0.1, 0.2, -0.3]}\ninput: {x: [1, 1, 1]}\n"
    solution = solved(scalars(AT_KINKS[name], given + STEP + f"conventions: {{relu_at_zero: {slope}}}\n"))
    assert solution.exact is not None
    printed = [float(number) for number in solution.exact["df/dw"]]
    assert solution.gradients["w"].tolist() == pytest.approx(printed)


@pytest.mark.parametrize(
    ("slope", "printed"),
    [
        ("0", r"\mathbf{1}[a > 0]"),
        ("1", r"\mathbf{1}[a \ge 0]"),
        ("1/2", r"\mathbf{1}[a > 0] + \frac{1}{2}\,\mathbf{1}[a = 0]"),
    ],
)
def test_the_slope_at_zero_is_printed(slope: str, printed: str) -> None:
    text = f"""
        forward: |
          a = W @ x
          z = relu(a)
          f = sum(z**2) + sum(z)
        parameters: {{W: [[1, 2], [0.5, 0.25]]}}
        input: {{x: [2, -1]}}
        conventions: {{relu_at_zero: {slope}}}
        """
    solution = solved(text)
    assert rf"\equals{{{printed}}}" in solution.tex()
    assert solution.values is not None
    assert solution.values["dz/da"].tolist() == [float(Fraction(slope)), 1]


EQUAL_BY_ROUNDING = "parameters: {w: 0.33}\ninput: {x: 1.001, y: 1.002}\nrounding: {places: 2, carry: rounded}\n"
SIDES = ["relu(u - v)", "abs(u - v)", "max(u, v)", "min(u, v)", "leaky_relu(v - u, alpha=0.1)", "elu(u - v)"]


@pytest.mark.parametrize("inner", first_at_once(["{}", "exp({})", "tanh({})"]))
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("slope", ["0", "1", "1/2"])
def test_numbers_that_rounding_makes_equal(side: str, inner: str, slope: str) -> None:
    """Who rounds 0.33033 and 0.33066 before going on stands at the kink."""
    forward = f"u = {inner.format('w*x')}; v = {inner.format('w*y')}; m = {side}; f = m*w + u"
    solution = solved(scalars(forward, EQUAL_BY_ROUNDING + STEP + f"conventions: {{relu_at_zero: {slope}}}\n"))
    assert solution.exact is not None
    assert float(solution.exact["u"]) == float(solution.exact["v"])


EQUAL = [
    "max(exp(w), exp(v))",
    "relu(exp(w) - exp(v))",
    "abs(tanh(w) - tanh(v))",
    "min(log(exp(w)), w)",
    "abs(log(exp(w)) - v)",
    "relu(sigmoid(w) + sigmoid(-v) - 1)",
    "max(exp(w)*exp(-v), 1)",
    "leaky_relu(sin(w)**2 + cos(v)**2 - 1)",
    "elu(sqrt(w)*sqrt(v) - w)",
    "relu(log(w) - log(v))",
]


@pytest.mark.parametrize("rounding", first_at_once(["{places: 0}", "{places: 0, carry: rounded}", "{places: 3}"]))
@pytest.mark.parametrize("expression", EQUAL)
def test_irrational_numbers_that_are_equal(expression: str, rounding: str) -> None:
    rest = f"parameters: {{w: 1.3, v: 1.3}}\nrounding: {rounding}\nconventions: {{relu_at_zero: 1/2}}\n"
    solved(scalars(f"f = {expression} + w", rest + STEP))


def test_a_wrong_slope_of_a_difference_of_logarithms_is_refused() -> None:
    """The points of route 1 are positive where others have no real value."""
    text = scalars("f = relu(log(w) - log(v)) + w", "parameters: {w: 0.4, v: 0.3}\n")
    assert refused(text, {}) == set()
    assert refused(text, {"df/dv": Constant(-1)}) == {"df/dv"}


def test_a_fraction_behind_a_zero_is_no_mixed_number() -> None:
    solved("""
        forward: |
          a = W @ x
          f = sum(a**2)
        parameters: {W: [[0]]}
        input: {x: [1/3]}
        """)


def test_a_logarithm_of_a_number_that_rounds_to_zero_is_told() -> None:
    rest = "parameters: {w: 0.3, v: 0.3}\nrounding: {places: 0, carry: rounded}\n" + STEP
    with pytest.raises(DomainError, match="more places may help"):
        solve_problem(read_text(scalars("f = relu(log(w) - log(v)) + w", rest)))


@pytest.mark.parametrize(("carry", "printed"), [("exact", "0.25"), ("rounded", "0.3")])
def test_of_equal_logits_the_softmax_is_a_fraction(carry: str, printed: str) -> None:
    """1/4 lies half way between 0.2 and 0.3."""
    solution = solved(f"""
        forward: |
          y = W @ x
          p = softmax(y)
          L = sum(p**2)
        parameters: {{W: [[0.3], [0.3], [0.3], [0.3]]}}
        input: {{x: [1.1]}}
        rounding: {{places: 1, carry: {carry}}}
        """)
    assert [str(entry) for entry in solution.sheet().lines[1].result] == [printed] * 4


# ------------------------------------------------------------------------------------------------ what a sheet says


@pytest.mark.parametrize("kind", ["solution", "key"])
def test_a_kink_is_told_on_the_sheet(kind: str) -> None:
    text = scalars("a = w*x; z_1 = relu(a); L = (z_1 - 1)**2 + abs(w)", "parameters: {w: 0}\ninput: {x: 2}\n")
    solution = solved(text)
    assert kinks(solution) == {"z_1", "L"}
    assert "no derivative at the kinks of $z_{1}$, $L$; what is printed there is a convention." in solution.tex(kind)
    away = solved(text.replace("w: 0", "w: 0.1"))
    assert kinks(away) == set()
    assert "convention" not in away.tex(kind)


@pytest.mark.parametrize(
    "equations",
    [
        "s = tanh(v)\n  f = w * exp(w)",
        "s = sin(v)\n  r = s * s\n  f = sum(x) * w",
        "s = relu(w) - relu(-w)\n  r = w * w\n  f = r + exp(r)",
    ],
    ids=["a step of an unused parameter", "two of them beside an input", "a step that leads nowhere"],
)
def test_steps_that_lead_nowhere_are_drawn_and_are_in_no_chain(equations: str) -> None:
    text = f"forward: |\n  {equations}\nparameters: {{w: 0.5, v: 0.25}}\ninput: {{x: [0.1, 0.2]}}\n"
    solution = solve_problem(problem_of(text))
    assert solution.passed
    assert all(finding.passed for finding in solution.printed_findings)
    chains = [factor for line in solution.sheet().lines for product in line.chain for factor in product]
    assert not any("s" in factor for factor in chains)
