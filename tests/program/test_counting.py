"""Entries of augmented weights counted from the bias, 0: asking, printing and reading again agree on them."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from derive.check import check_document
from derive.derivation import derive_program
from derive.errors import ProblemError
from derive.ops import Array
from derive.program import find_first
from derive.render.document import formula_latex, render, symbol_latex
from derive.render.reading import reading
from derive.solution import Solution, solve_problem
from tests.support import problem_of

ROWS = """
    architecture: [2, 2, 1]
    activations: [sigmoid, identity]
    loss: squared_error
    parameters:
      W_1: [[0.1, -0.1], [0.2, 0], [0, 0.3]]
      W_2: [[0.05], [-0.1], [0.2]]
    input: {X: [[1, 2], [2, -1], [3, 0]]}
    target: {Y: [[0], [1], [0]]}
    update: {sgd: {learning_rate: 0.1}}
    notation: augmented
"""
COLUMNS = """
    architecture: [2, 2, 1]
    activations: [sigmoid, identity]
    loss: mse
    parameters:
      W_1: [[0.1, 0.2, 0.3], [-0.1, 0, 0.4]]
      W_2: [[0.05, -0.1, 0.2]]
    input: {x: [1, 2]}
    target: {t: [3]}
    update: {sgd: {learning_rate: 0.1}}
    conventions: {bias: augmented, bias_index: 0}
"""
EQUATIONS = """
    forward: |
      A = augment(X)
      U = A @ W
      R = W * M
      s = augment(U) @ w
      L = sum((s - t)**2) + sum(W**2) + sum(R) + sum(W[1:]**2)
    parameters: {W: [[1, 2], [3, 4], [5, 6]], w: [1, 2, 3]}
    input: {X: [[1, 2], [2, -1]]}
    constants: {M: [[1, 0], [0.5, 1], [2, 1]]}
    target: {t: [1, 2]}
    update: {sgd: {learning_rate: 0.1}}
    conventions: {bias_index: 0}
"""
LONG = """
    forward: |
      U = augment(X) @ W
      L = 1/2*sum((U - T)**2)
    parameters: {W: [[1, 2], [3, 4], [5, 6]]}
    input: {X: [[1, 2], [2, -1], [0, 1], [1, 1], [2, 2], [3, 0], [1, 5], [0, 2], [4, 1], [1, 0]]}
    target: {T: [[1, 2], [0, 1], [1, 0], [3, 3], [1, 1], [2, 2], [0, 0], [1, 4], [2, 3], [0, 1]]}
    conventions: {bias_index: 0}
"""
KINK = """
    forward: |
      r = relu(w)
      s = augment(X) @ r
      L = sum((s - t)**2)
    parameters: {w: [1, -2, 3]}
    input: {X: [[1, 2], [2, -1]]}
    target: {t: [1, 2]}
    conventions: {bias_index: 0}
    detail: entries
"""
SYMBOLS = """
    forward: |
      U = augment(X) @ W
      L = sum((U - T)**2) + sum(W**2)
    shapes: {X: [N, 2], W: [3, K], T: [N, K]}
    parameters: [W]
    input: [X]
    target: [T]
    conventions: {bias_index: 0}
"""


@functools.cache
def solved(text: str, *ask: str) -> Solution:
    return solve_problem(problem_of(f"{text}    ask: {list(ask)}\n"))


def values(text: str, *ask: str) -> dict[str, Array]:
    found = solved(text, *ask).values
    assert found is not None
    return dict(found)


# ------------------------------------------------------------------------------------------------ which axes begin at 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROWS, {"W_1": (0, 1), "W_2": (0, 1), "dL/dW_1": (0, 1), "dL/dW_2": (0, 1), "W_1'": (0, 1), "W_2'": (0, 1)}),
        (COLUMNS, {"W_1": (1, 0), "W_2": (1, 0), "dL/dW_1": (1, 0), "W_2'": (1, 0)}),
        (EQUATIONS, {"A": (1, 0), "W": (0, 1), "w": (0,), "R": (0, 1), "M": (0, 1), "dL/dw": (0,), "w'": (0,)}),
    ],
    ids=["rows", "columns", "equations"],
)
def test_the_axis_of_the_bias_begins_at_0(text: str, expected: dict[str, tuple[int, ...]]) -> None:
    program = solved(text).program
    assert expected.items() <= program.first.items()
    inputs = ("X", "U", "s", "L", "dL/dU", "x", "a", "z", "dL/da", "dL/dz", "y")
    assert program.first.keys().isdisjoint(inputs)


def test_the_bias_behind_the_weights_leaves_them_their_numbers() -> None:
    text = EQUATIONS.replace("A = augment(X)", "A = augment(X, last=True)").replace(
        "augment(U)", "augment(U, last=True)"
    )
    assert find_first(solved(text).program) == {}


def test_without_the_convention_all_is_counted_from_1() -> None:
    program = solved(ROWS.replace("notation: augmented", "conventions: {weights: in_out, bias: augmented}")).program
    assert program.first == {}
    assert program.first_index("W_1") == (1, 1)


# ------------------------------------------------------------------------------------------------ asking


def test_entries_are_those_of_the_arrays() -> None:
    rows = [f"{name}[{i},{j}]" for name in ("dL/dW_1", "W_1'") for i, j in itertools.product((0, 1, 2), (1, 2))]
    found = values(ROWS, *rows, "W_2'[0,1]", "dL/da[3,2]")
    for name, whole in (("dL/dW_1", found["dL/dW_1"]), ("W_1'", found["W_1'"])):
        for (i, j), value in np.ndenumerate(whole):
            assert found[f"{name}[{i},{j + 1}]"] == pytest.approx(value, abs=1e-15)
    assert found["W_2'[0,1]"] == pytest.approx(found["W_2'"][0, 0])
    assert found["dL/da[3,2]"] == pytest.approx(found["dL/da"][2, 1])
    found = values(COLUMNS, "dL/dW_1[2,0]", "dL/dW_1[1,2]")
    assert found["dL/dW_1[2,0]"] == pytest.approx(found["dL/dW_1"][1, 0])
    assert found["dL/dW_1[1,2]"] == pytest.approx(found["dL/dW_1"][0, 2])


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        (ROWS, "dL/dW_1[3,1]", "counted from 0 for the row and from 1 for the column"),
        (ROWS, "dL/dW_1[1,0]", "counted from 0 for the row and from 1 for the column"),
        (ROWS, "dL/da[0,1]", "counted from 1"),
        (COLUMNS, "dL/dW_1[0,1]", "counted from 1 for the row and from 0 for the column"),
        (EQUATIONS, "dL/dw[3]", "counted from 0"),
    ],
)
def test_an_entry_outside_is_told_from_where_it_counts(text: str, entry: str, expected: str) -> None:
    with pytest.raises(ProblemError) as caught:
        derive_program(problem_of(f"{text}    ask: ['{entry}']\n"))
    [fault] = caught.value.faults
    assert fault.path == f"ask.{entry}"
    assert fault.expected == f"one index for each axis, {expected}"


def test_the_number_that_is_varied_is_counted_alike() -> None:
    """A figure over W_1[0,2] varies the bias, and a wrong index is told the first and the last."""
    solution = solve_problem(problem_of(f"{ROWS}    ask: [{{slice: L, by: 'W_1[0,2]', points: 1}}]\n"))
    tex = solution.tex()
    assert all(finding.passed for finding in solution.all_findings)
    assert "W_{1,02}" in tex
    assert solution.values is not None
    assert f"{solution.values['dL/dW_1'][0, 1]:.3g}" in tex
    with pytest.raises(ProblemError) as caught:
        solve_problem(problem_of(f"{ROWS}    ask: [{{slice: L, by: 'W_1[3,1]'}}]\n")).sheet()
    assert caught.value.faults[0].expected == "an entry from W_1[0,1] to W_1[2,2]"


# ------------------------------------------------------------------------------------------------ printing


def test_printed_indices_and_sums() -> None:
    asked = solved(ROWS, "dL/dW_1[0,2]", "W_2'[2,1]")
    step = asked.program["dL/dW_1[0,2]"]
    assert symbol_latex(step, asked.problem, asked.program).endswith(r"\right)_{02}")
    tex = solved(EQUATIONS, "U[1,1]", "R[0,2]").tex()
    assert r"\sum_{i=0}^{2} \sum_{j=1}^{2} W_{ij}^{2}" in tex
    assert r"\equals{A_{10}\,W_{01} + A_{11}\,W_{11} + A_{12}\,W_{21}}" in tex
    assert r"\equals{W_{02}\,M_{02}}" in tex
    symbols = solved(SYMBOLS)
    assert r"\sum_{i=0}^{2} \sum_{j=1}^{K} W_{ij}^{2}" in formula_latex(
        symbols.program["L"], symbols.problem, symbols.program
    )


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        (ROWS, ("dL/dW_1[0,2]", "dL/dW_1[2,1]", "W_2'[0,1]", "dL/da[1,2]", "a[2,1]")),
        (COLUMNS, ("dL/dW_1[1,0]", "dL/dW_1[2,2]", "W_2'[1,0]", "dy/dx", "a[1]")),
        (EQUATIONS, ("dL/dW[0,1]", "dL/dw[0]", "w'[2]", "A[1,0]", "U[1,1]", "R[0,2]", "ds/dw", "ds/dw[1,0]")),
        (LONG, ("dL/dW[0,2]", "dL/dW[2,1]")),
        (SYMBOLS, ("dL/dW[0,1]", "U[1,1]")),
    ],
    ids=["rows", "columns", "equations", "long", "symbols"],
)
@pytest.mark.parametrize("detail", ["matrix", "entries"])
def test_sheets_are_read_again(text: str, ask: tuple[str, ...], detail: str) -> None:
    solution = solve_problem(problem_of(f"{text}    ask: {list(ask)}\n    detail: {detail}\n"))
    for kind in ("solution", "worksheet", "key"):
        sheet = solution.sheet(kind)
        findings = check_document(reading(sheet, solution.program, solution.exact), render(sheet))
        assert [finding for finding in findings if not finding.passed] == []


# ------------------------------------------------------------------------------------------------ planted faults


def refused(solution: Solution, old: str, new: str) -> set[str]:
    """The steps that are refused where one piece of the sheet is exchanged for another."""
    assert old in render(solution.sheet())
    return failed(solution, render(solution.sheet()).replace(old, new))


def failed(solution: Solution, tex: str) -> set[str]:
    promised = reading(solution.sheet(), solution.program, solution.exact)
    return {finding.step for finding in check_document(promised, tex) if not finding.passed}


def test_an_index_of_a_formula_that_is_off_by_one_is_refused() -> None:
    solution = solved(EQUATIONS, "U[1,1]", "R[0,2]")
    assert refused(solution, r"\equals{W_{02}\,M_{02}}", r"\equals{W_{12}\,M_{12}}") == {"R[0,2]"}
    assert refused(solution, r"A_{10}\,W_{01} + A_{11}\,W_{11}", r"A_{11}\,W_{11} + A_{12}\,W_{21}") == {"U[1,1]"}


def test_general_entries_count_from_the_bias() -> None:
    """(dr/dw)_ij for i = 0, 1, 2: the letters run over the entries of w, and each written entry is its own."""
    solution = solved(KINK, "dL/dw[0]", "dr/dw")
    tex = render(solution.sheet())
    assert r"\begin{cases} 1 & i = j,\ w_{i} > 0 \\ 0 & \text{otherwise} \end{cases}" in tex
    assert failed(solution, tex) == set()
    assert refused(solution, r"\mathbf{1}[w_{0} > 0] & 0", r"\mathbf{1}[w_{1} > 0] & 0") == {"dr/dw"}
    assert refused(solution, r"1 & X_{11} & X_{12}", r"1 & X_{12} & X_{11}") == {"ds/dr"}


@pytest.mark.parametrize(
    ("old", "new"), [("{i=0}^{2} ", "{i=1}^{3} "), ("{i=0}^{2} ", "{i=1}^{2} "), ("{j=1}^{2} W", "{j=0}^{1} W")]
)
def test_a_sum_over_other_indices_is_refused(old: str, new: str) -> None:
    assert "L" in refused(solved(EQUATIONS, "U[1,1]"), old, new)


def test_a_step_that_takes_the_wrong_entry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formula, numbers and result all are those of the next row: only the symbol in front says which was asked for."""
    from derive import derivation

    right = derivation.entry
    monkeypatch.setattr(derivation, "entry", lambda formula, place: right(formula, (place[0] + 1, *place[1:])))
    for text, name in (
        (ROWS, "dL/dW_1[0,2]"),
        (LONG, "dL/dW[0,2]"),
        (SYMBOLS, "dL/dW[0,1]"),
        (COLUMNS, "dL/dW_1[1,0]"),
    ):
        solution = solve_problem(problem_of(f"{text}    ask: ['{name}']\n"))
        assert failed(solution, render(solution.sheet())) == {name}
