"""The general form: given quantities, dimensions, and whether every name means something."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import Fault, ProblemError
from derive.spec import Given, Literal, OneMore, read_text, schema

Refuse = Callable[[str], tuple[Fault, ...]]

TWO_LAYERS = """\
forward: |
  U_1 = augment(X) @ W_1            # ones in front
  Z_1 = sigmoid(U_1)

  U_2 = augment(Z_1) @ W_2
  Z_2 = sigmoid(U_2)
  L_sq = 1/(2*N) * sum((Z_2 - Y)**2)
target: {Y: [[0], [1], [0]]}
input:
  X: [[1, 2], [2, -1], [3, 0]]
parameters:
  W_1: [[0.1, -0.1], [0.2, 0], [0, 0.3]]
  W_2: [[0.05], [-0.1], [0.2]]
constants: {lam: 0.01}
shapes: {X: [N, 2], Y: [N, 1]}
ask: {U_1: 1, dL_sq/dW_1: 2}
"""


def test_two_layers_are_exactly_this_problem() -> None:
    problem = read_text(TWO_LAYERS)
    assert problem.givens == (
        Given("Y", "target", ("N", 1), Literal([["0"], ["1"], ["0"]]), 8),
        Given("X", "input", ("N", 2), Literal([["1", "2"], ["2", "-1"], ["3", "0"]]), 10),
        Given("W_1", "parameter", (3, 2), Literal([["0.1", "-0.1"], ["0.2", "0"], ["0", "0.3"]]), 12),
        Given("W_2", "parameter", (3, 1), Literal([["0.05"], ["-0.1"], ["0.2"]]), 13),
        Given("lam", "constant", (), Literal("0.01"), 14),
    )
    assert [(equation.target, equation.text, equation.line) for equation in problem.equations] == [
        ("U_1", "U_1 = augment(X) @ W_1", 2),
        ("Z_1", "Z_1 = sigmoid(U_1)", 3),
        ("U_2", "U_2 = augment(Z_1) @ W_2", 5),
        ("Z_2", "Z_2 = sigmoid(U_2)", 6),
        ("L_sq", "L_sq = 1/(2*N) * sum((Z_2 - Y)**2)", 7),
    ]
    assert (problem.dimensions, problem.symbols, problem.mlp) == ({"N": 3}, ("N",), None)


def test_a_symbolic_problem() -> None:
    problem = read_text("forward: y = W @ x\nparameters: [W]\ninput: {x: }\nshapes: {W: [K, D], x: [D]}")
    assert [(entry.name, entry.shape, entry.value) for entry in problem.givens] == [
        ("W", ("K", "D"), None),
        ("x", ("D",), None),
    ]
    assert (problem.symbols, problem.dimensions) == (("K", "D"), {})


def test_problems_are_values() -> None:
    problem = read_text(TWO_LAYERS)
    assert pickle.loads(pickle.dumps(problem)) == copy.deepcopy(problem) == problem == read_text(TWO_LAYERS)


def test_a_quantity_that_is_not_given() -> None:
    with pytest.raises(KeyError, match="Q"):
        read_text(TWO_LAYERS).given("Q")


@pytest.mark.parametrize(
    ("old", "new", "where", "path", "found", "expected", "hint"),
    [
        ("sigmoid(U_1)", "sigmoid(u_1)", 3, "forward", "the unknown name `u_1`", "given or defined", "`U_1`"),
        ("1/(2*N)", "1/(2*M)", 7, "forward", "the unknown name `M`", "occurs in `shapes:`", "`X: [M, 3]`"),
        ("sigmoid(U_1)", "sigmoid(U_2)", 3, "forward", "a cycle: `Z_1` needs `U_2` needs `Z_1`", "order", ""),
        ("sigmoid(U_1)", "sigmoid(Z_1)", 3, "forward", "a cycle: `Z_1` needs `Z_1`", "order of computing", ""),
        (
            "augment(X) @ W_1",
            "augment(X) @ W_1 + V\n  V = lam",
            2,
            "forward",
            "`U_1` uses `V`",
            "before it is used",
            "",
        ),
        ("Z_1 = ", "X = ", 3, "forward", "`X` is defined here and given on line 10", "each name once", ""),
        ("Z_1 = ", "N = ", 3, "forward", "`N` is a dimension", "another name", ""),
        ("lam:", "N:", 14, "constants.N", "`N` is a dimension", "another name", ""),
        ("lam:", "exp:", 14, "constants.exp", "`exp` is a function", "another name", ""),
        ("lam:", "X:", 14, "constants.X", "`X` is given twice, as input on line 10", "one role", ""),
        ("lam: 0.01", "lam: ", 14, "constants.lam", "neither numbers nor a shape", "one of them", "shapes: {lam:"),
        ("Y: [N, 1]", "Y: [N, 2]", 8, "target.Y", "numbers of shape [3, 1]", "[N, 2], as `shapes.Y` says", ""),
        ("Y: [N, 1]", "Y: [N]", 8, "target.Y", "numbers of shape [3, 1]", "[N], as `shapes.Y` says", ""),
        ("[[0], [1], [0]]", "[[0], [1]]", 10, "input.X", "N is 3 here, but 2 in `Y`", "the same number", ""),
        ("Y: [N, 1]", "Z_1: [N, 1]", 15, "shapes.Z_1", "the unknown name `Z_1`", "a quantity that is given", ""),
        ("ask:", "of: L\nask:", 16, "of", "the unknown name `L`", "that the equations define", "known are"),
        ("ask:", "of: X\nask:", 16, "of", "the unknown name `X`", "that the equations define", "known are"),
        ("U_1: 1", "U1: 1", 16, "ask.U1", "the unknown name `U1`", "that the equations define", "`U_1`"),
        ("U_1: 1", "X: 1", 16, "ask.X", "`X` is given", "to be computed", ""),
        ("U_1: 1", "d/d: 1", 16, "ask.d/d", "`d/d`", "a quantity such as", ""),
        ("dL_sq/dW_1", "dL_sq/dW_3", 16, "ask.dL_sq/dW_3", "the unknown name `W_3`", "given or defined", "`W_1`"),
        ("U_1: 1", "W_1': 1", 16, "ask.W_1'", "`W_1'` without an update", "an update", "update: {sgd:"),
        ("U_1: 1", "X': 1", 16, "ask.X'", "the unknown name `X`", "a parameter, or a quantity that", ""),
        (
            "ask:",
            "conventions: {frozen: [W]}\nask:",
            16,
            "conventions.frozen[0]",
            "unknown name `W`",
            "a parameter",
            "",
        ),
        (
            "ask: {U_1: 1",
            "conventions: {frozen: [W_1]}\nupdate: sgd\nask: {W_1': 1",
            18,
            "ask.W_1'",
            "`W_1` is frozen",
            "a parameter that is updated",
            "",
        ),
        ("ask:", "notation: {V: v}\nask:", 16, "notation.V", "the unknown name `V`", "occurs in the problem", ""),
        ("ask:", "notation: {2: v}\nask:", 16, "notation.2", "the unknown name `2`", "occurs in the problem", ""),
        (
            "ask:",
            "update: {sgd: {symbol: lam}}\nask:",
            16,
            "update.sgd.symbol",
            "`lam` is another quantity already",
            "a free name",
            "`symbol:`",
        ),
    ],
)
def test_a_name_that_means_nothing(
    old: str, new: str, where: int, path: str, found: str, expected: str, hint: str, refuse: Refuse
) -> None:
    assert old in TWO_LAYERS
    faults = [fault for fault in refuse(TWO_LAYERS.replace(old, new, 1)) if found in fault.found]
    assert len(faults) == 1
    assert faults[0].where == f"file.yaml:{where + new.count('forward')}"
    assert faults[0].path == path
    assert expected in faults[0].expected
    assert hint in faults[0].hint


@pytest.mark.parametrize("forward", ["", "'# nothing'", "[a]", "{a: b}"])
def test_no_equations(forward: str, refuse: Refuse) -> None:
    assert refuse(f"forward: {forward}")[0].found


def test_equations_without_a_block_get_a_hint(refuse: Refuse) -> None:
    [fault] = refuse("forward:\n  y = x\n  z = y\ninput: {x: 1}")
    assert fault.where == "file.yaml:2"
    assert "`forward: |`" in fault.hint


def test_all_names_are_told_at_once(refuse: Refuse) -> None:
    faults = refuse("forward: |\n  y = u + v\n  z = w\nof: q\nask: [r]")
    assert [fault.found for fault in faults] == [f"the unknown name `{name}`" for name in "uvwqr"]


_PIECES = st.sampled_from(
    [
        *"\n :-[]{},'\"|>&*!%#?@`0aN\t",
        "forward: |\n  y = x\n",
        "input: {x: 1}\n",
        "architecture: [2, 1]\nactivations: [relu]\nloss: mse\n",
        "parameters: {W_1: [[1, 2]]}\n",
        "target: {t: 1}\n",
        "shapes: {x: [N]}\n",
        "conventions: {samples: columns}\n",
        "ask: [y]\n",
        "\ud800",
        "\0",
        "\x85",
    ]
)


@given(st.text() | st.lists(_PIECES, max_size=25).map("".join))
def test_no_text_raises_anything_but_a_problem_error(text: str) -> None:
    try:
        read_text(text)
    except ProblemError as error:
        assert error.faults


_LEAVES = st.sampled_from(["x", "W_1", "1", "0.5", "'1'", "true", "", "relu", "mse", "N", "sgd", "nan", "y = x"])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda entries: f"[{', '.join(entries)}]")
        | st.dictionaries(_LEAVES, inner, max_size=2).map(
            lambda table: "{" + ", ".join(f"{key or 'k'}: {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(schema()["properties"])), _VALUES, max_size=6))
def test_no_values_raise_anything_but_a_problem_error(table: dict[str, str]) -> None:
    try:
        read_text("\n".join(f"{key}: {value}" for key, value in table.items()))
    except ProblemError as error:
        assert all(fault.where and fault.found for fault in error.faults)


# ------------------------------------------------------------------------------------------------ one more

AUGMENTED = """\
forward: |
  S = augment(X) @ W
  L = 1/N * sum((S - Y)**2)
shapes: {X: [N, D], W: [D + 1, K], Y: [N, K]}
"""


def test_a_dimension_may_be_one_more_than_a_symbol() -> None:
    problem = read_text(AUGMENTED + "input: [X]\nparameters: [W]\ntarget: [Y]")
    assert problem.given("W").shape == (OneMore("D"), "K")
    assert problem.symbols == ("N", "D", "K")


def test_numbers_bind_the_symbol_in_it() -> None:
    numbers = "input: {X: [[1, 2, 3]]}\nparameters: {W: [[1], [2], [3], [4]]}\ntarget: {Y: [[1]]}"
    assert read_text(AUGMENTED + numbers).dimensions == {"N": 1, "D": 3, "K": 1}


@pytest.mark.parametrize(
    ("weights", "found"),
    [("[[1], [2]]", "D is 1 here, but 3 in `X`"), ("[[1]]", "numbers of shape [1, 1]")],
)
def test_numbers_that_do_not_bind_it(weights: str, found: str, refuse: Refuse) -> None:
    fault, *_ = refuse(AUGMENTED + f"input: {{X: [[1, 2, 3]]}}\nparameters: {{W: {weights}}}\ntarget: {{Y: [[1]]}}")
    assert fault.found == found


@pytest.mark.parametrize("size", ["D+2", "1+D", "D + D", "D-1", "2D", "lambda+1"])
def test_no_other_sum_is_a_dimension(size: str, refuse: Refuse) -> None:
    fault, *_ = refuse(AUGMENTED.replace("D + 1", size) + "input: [X]\nparameters: [W]\ntarget: [Y]")
    assert fault.expected == "a positive whole number, a symbol such as `H`, or `H+1`"
