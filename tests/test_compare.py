"""What changes between two problems: steps held side by side, numbers that print differently, the printed page."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from derive.compare import compare, comparison_data, comparison_tex, differences, write_comparison
from derive.render.pdf import TexMissing, compile_pdf
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from tests.problems.exercises import TWO_LAYERS

TANH = TWO_LAYERS.replace("3*relu(s_1)", "tanh(s_1)").replace("identity(s_2)", "sigmoid(s_2)")
ENTROPY = TANH.replace("sum((y_tilde - y)**2)", 'bce(y_tilde, y, reduction="sum")')
NETWORKS = {"relu": TWO_LAYERS, "tanh": TANH, "entropy": ENTROPY}
PAIRS = [("relu", "tanh"), ("tanh", "entropy"), ("relu", "entropy")]
SYMBOLS = """
forward: |
  S = X @ W
  P = softmax(S)
  L = 1/N * sum((P - Y)**2)
shapes: {X: [N, D], Y: [N, K], W: [D, K]}
parameters: [W]
input: [X]
target: [Y]
update: sgd
"""
pairs = pytest.mark.parametrize(("left", "right"), PAIRS)


@functools.cache
def solved(text: str, name: str = "problem") -> Solution:
    return solve_problem(read_text(text, name))


def network(name: str) -> Solution:
    return solved(NETWORKS[name], name)


def changes(left: Solution, right: Solution) -> dict[str, tuple[str | None, str | None]]:
    """The changed quantities with both formulas."""
    rows = comparison_data(compare(left, right))["steps"]
    return {row["quantity"]: tuple(row["formulas"]) for row in rows}


def test_other_activations() -> None:
    """Tanh and a sigmoid for 3 ReLU and the identity: the gradients of the weights stay as they are."""
    found = changes(network("relu"), network("tanh"))
    assert found == {
        "a_1": ("3 * relu(s_1)", "tanh(s_1)"),
        "y_tilde": ("s_2", "sigmoid(s_2)"),
        "dy_tilde/ds_2": (None, "y_tilde * (1 - y_tilde)"),
        "dC/ds_2": ("dC/dy_tilde", "dC/dy_tilde * dy_tilde/ds_2"),
        "da_1/ds_1": ("3 * step(s_1)", "1 - a_1**2"),
        "dy_tilde/dx": (
            "3 * (W_2.T @ diagonal(step(s_1)) @ W_1.T)",
            "diagonal(y_tilde * (1 - y_tilde)) @ W_2.T @ diagonal(1 - a_1**2) @ W_1.T",
        ),
    }


def test_another_loss() -> None:
    """Cross-entropy for the squared error: what is differentiated in one step has no row of its own any more."""
    comparison = compare(network("tanh"), network("entropy"))
    found = {row.name: row.change for row in comparison.changes}
    assert found == {
        "C": "changed",
        "dC/dy_tilde": "only left",
        "dy_tilde/ds_2": "only left",
        "dC/ds_2": "changed",
    }
    assert [row.section for row in comparison.rows] == sorted(
        (row.section for row in comparison.rows), key=["forward", "loss", "backward", "update", "jacobian"].index
    )


@pairs
def test_the_other_way_round(left: str, right: str) -> None:
    there, back = changes(network(left), network(right)), changes(network(right), network(left))
    assert {name: formulas[::-1] for name, formulas in back.items()} == there


@pytest.mark.parametrize("name", NETWORKS)
def test_a_problem_and_itself(name: str) -> None:
    comparison = compare(network(name), network(name))
    assert comparison.changes == ()
    assert comparison.numbers == ()
    assert comparison.has_numbers
    assert {row.left for row in comparison.rows} >= set(network(name).program.forward)


def test_a_planted_fault_is_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong slope on one side only is shown, and the checks of that side refuse it."""
    import dataclasses

    from derive.ops import ROWS

    right = solve_problem(read_text(TANH, "right"))
    assert right.all_findings  # its solution is read again now, as long as the row is right
    monkeypatch.setitem(ROWS, "tanh", dataclasses.replace(ROWS["tanh"], slopes=(lambda u, z: 1 + z**2,)))
    wrong = solve_problem(read_text(TANH, "wrong"))
    comparison = compare(right, wrong)
    assert {row.name for row in comparison.changes} == {"da_1/ds_1", "dy_tilde/dx"}
    assert not comparison.passed
    assert "NOT CONFIRMED" in comparison_tex(comparison)


def test_the_loss_may_have_another_name() -> None:
    renamed = solved(re.sub(r"\bC\b", "E", TANH), "renamed")
    comparison = compare(network("tanh"), renamed)
    assert comparison.changes == ()
    assert comparison.numbers == ()
    assert {"C | E", "dC/dW_1 | dE/dW_1"} <= {row.name for row in comparison.rows}


def test_a_wider_layer_has_the_same_formulas() -> None:
    assert changes(solved(SYMBOLS), solved(SYMBOLS.replace("D", "784"))) == {}
    assert "dL/dS" in changes(solved(SYMBOLS), solved(SYMBOLS.replace("1/N", "2/N").replace("P = s", "P = log_s")))


def test_a_row_and_a_column_are_not_the_same() -> None:
    numerator = solved(TANH + "conventions: {derivatives: numerator}\n")
    assert {"dC/ds_2", "dC/db_1"} <= changes(network("tanh"), numerator).keys()


# ------------------------------------------------------------------------------------------------ numbers


@pairs
def test_the_numbers_are_those_of_both_solutions(left: str, right: str) -> None:
    sides = network(left), network(right)
    comparison = compare(*sides)
    shown = {row.name for row in comparison.numbers}
    assert {"C", "dC/ds_2", "dC/dW_1", "W_2'"} <= shown
    for row in comparison.numbers:
        for side, step, values in zip(sides, (row.left, row.right), row.values, strict=True):
            assert side.values is not None
            exact = side.values[step.name]
            assert values.shape == exact.shape
            assert max(abs(float(d.fraction) - x) for d, x in zip(values.flat, exact.flat, strict=True)) <= 0.5e-4


def test_numbers_that_print_alike_are_left_out() -> None:
    near = solved(TANH.replace("b_2: [0, 0.5]", "b_2: [0, 0.5000001]"), "near")
    comparison = compare(network("tanh"), near)
    assert network("tanh").loss != near.loss
    assert comparison.numbers == ()
    finer = [solved(text + "rounding: {places: 9}\n") for text in (TANH, TANH.replace("[0, 0.5]", "[0, 0.5000001]"))]
    assert "C" in {row.name for row in compare(*finer).numbers}


def test_without_numbers_on_both_sides_there_are_none() -> None:
    comparison = compare(network("tanh"), solved(SYMBOLS))
    assert not comparison.has_numbers
    assert comparison.numbers == ()


# ------------------------------------------------------------------------------------------------ text and paper


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("3 * relu(s_1)", "tanh(s_1)", (["3 * relu"], ["tanh"])),
        ("a + b", "a + b", ([], [])),
        ("dC/dy", "dC/dy * dy/ds_2", ([], [" * dy/ds_2"])),
        ("W_1' @ x", "W_1 @ x", (["W_1'"], ["W_1"])),
        ("x**2", "x*2", (["**"], ["*"])),
        ("", "x", ([], ["x"])),
    ],
)
def test_differences_are_whole_symbols(left: str, right: str, found: tuple[list[str], list[str]]) -> None:
    spans = differences(left, right)
    assert tuple([t[a:b] for a, b in places] for t, places in zip((left, right), spans, strict=True)) == found


def arguments(text: str, macro: str, count: int) -> Iterator[list[str]]:
    """The arguments of each call of a macro, without white space."""
    for found in re.finditer(re.escape(macro) + r"(?=\{)", text):
        place, groups = found.end(), []
        for _ in range(count):
            end, depth = place, 0
            while not (depth == 1 and text[end] == "}"):
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            groups.append(re.sub(r"\s", "", text[place + 1 : end]))
            place = end + 1
        yield groups


def lines_of(solution: Solution) -> dict[str, set[str]]:
    """What each symbol of a printed solution equals."""
    whole = re.sub(r"\}%\n\\more\{", " ", solution.tex())
    found: dict[str, set[str]] = {}
    for derivation in re.findall(r"\\begin\{derivation\}.*?\\end\{derivation\}", whole, re.DOTALL):
        [[symbol]] = arguments(derivation, r"\begin{derivation}", 1)
        found.setdefault(symbol, set()).update(text for [text] in arguments(derivation, r"\equals", 1))
    return found


@pairs
def test_every_printed_formula_stands_in_the_solution(left: str, right: str) -> None:
    """The solutions were read again; a comparison prints the same formulas and numbers, letter by letter."""
    sides = network(left), network(right)
    comparison = compare(*sides)
    assert comparison.passed
    rows = list(arguments(comparison_tex(comparison, everything=True), r"\quantity", 3))
    rows = rows[1:] if rows[0][0].startswith("#") else rows  # its definition
    assert len(rows) == len(comparison.rows) + len(comparison.numbers)
    for side, cells, steps in zip(
        sides, ([row[1] for row in rows], [row[2] for row in rows]), ("left", "right"), strict=True
    ):
        printed = lines_of(side)
        for found, cell, symbol in zip(
            (*comparison.rows, *comparison.numbers), cells, (row[0] for row in rows), strict=True
        ):
            if getattr(found, steps) is None:
                assert cell == r"\absent"
                continue
            [[formula]] = arguments(cell, r"\changed" if r"\changed" in cell else r"\same", 1)
            assert any(formula in line for line in printed[symbol]), (symbol, formula)


def test_only_changes_are_printed_unless_all_is_asked_for() -> None:
    comparison = compare(network("relu"), network("tanh"))
    short, long = (comparison_tex(comparison, everything) for everything in (False, True))
    assert r"\same{" not in short.partition(r"\begin{document}")[2]
    assert r"\same{W_{1}^{\top}\,x + b_{1}}" in long
    assert r"\pass{update}" in long
    assert r"\pass{update}" not in short
    nothing = comparison_tex(compare(network("tanh"), network("tanh")))
    assert "Every formula is the same in both." in nothing
    assert "All numbers print the same." in nothing


def test_each_side_has_its_own_notation() -> None:
    own = solved(TANH + "notation: {a_1: 'h'}\n", "own")
    [row] = [
        row
        for row in arguments(comparison_tex(compare(network("relu"), own), everything=True), r"\quantity", 3)
        if "a_{1}" in row[0] and "partial" not in row[0]
    ]
    assert row[0] == r"a_{1}\;\;h"
    assert r"\same{W_{2}^{\top}\,h + b_{2}}" in comparison_tex(compare(network("relu"), own), everything=True)


def test_hostile_titles_are_text() -> None:
    hostile = solved("title: '\\input{x} & % $'\n" + TANH, "a_b&c")
    tex = comparison_tex(compare(hostile, hostile))
    assert r"\input{x}" not in tex
    assert r"a\_b\&c" in tex


@pytest.mark.slow
@pairs
@pytest.mark.parametrize("everything", [False, True])
def test_the_page_compiles(left: str, right: str, everything: bool) -> None:
    compiled = compile_pdf(comparison_tex(compare(network(left), network(right)), everything))
    assert [box for box in compiled.overfull if box.points > 1] == []
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(compiled.pdf)).pages)
    assert "What changes" in text
    assert text.count("Checked:") == 2


@pytest.mark.slow
def test_long_formulas_and_wide_matrices_stay_within_the_margins() -> None:
    wide = "architecture: [9, 8, 7]\nactivations: [{}, identity]\nloss: mse\nupdate: sgd\nask: [dy/dx]\n"
    long = TANH.replace("tanh(s_1)", "tanh(s_1) + 3*relu(s_1) - sigmoid(s_1)*sin(s_1) + cos(s_1)**2 + exp(s_1) - s_1")
    for left, right in ((wide.format("tanh"), wide.format("gelu")), (TANH, long)):
        compiled = compile_pdf(comparison_tex(compare(solved(left), solved(right)), everything=True))
        assert [box for box in compiled.overfull if box.points > 1] == []


def test_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = compare(network("relu"), network("tanh"))
    written = write_comparison(comparison, tmp_path, ("tex",))
    assert written.paths == (tmp_path / "relu-tanh" / "comparison.tex",)
    assert written.paths[0].read_text() == comparison_tex(comparison)

    def missing(_tex: str) -> None:
        raise TexMissing

    monkeypatch.setattr("derive.compare.files.compile_pdf", missing)
    written = write_comparison(comparison, tmp_path / "other", ("pdf",))
    assert [path.name for path in written.paths] == ["comparison.tex"]
    assert "not installed" in str(written.failures[0])
