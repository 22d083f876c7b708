"""A Jacobian that is asked for stands on every sheet with its points: one formula, by samples, or entry by entry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derive.check import check_document, check_jacobians
from derive.errors import ProblemError
from derive.evaluate import as_floats
from derive.program import Role
from derive.render.document import render
from derive.sheet import Blank
from derive.solution import Solution, solve_problem
from tests.solved import solved
from tests.support import problem_of

NETWORK = """
forward: |
  a = W @ x + b
  z = tanh(a)
  y = v @ z
  L = (y - t)**2
parameters: {W: [[0.1, -0.7], [0.3, 0.9]], b: [0.5, 0.25], v: [1, 2]}
input: {x: [1, 2]}
target: {t: 1}
"""
BATCH = """
forward: |
  A = X @ W + b
  Z = tanh(A)
  L = mean((Z - T)**2)
parameters: {W: [[0.1, -0.7], [0.3, 0.9]], b: [0.5, 0.25]}
input: {X: [[1, 2], [0.5, -1], [1, 1]]}
target: {T: [[1, 0], [0, 1], [0, 0]]}
"""
LONG = BATCH.replace("[1, 1]]", "[1, 1], [0, 1], [2, 0], [3, 1], [1, 3]]").replace(
    "[0, 0]]", "[0, 0], [1, 1], [1, 0], [0, 1], [1, 0]]"
)
MIXED = BATCH.replace("tanh(A)", "softmax(A, axis=0)")
# what is asked, and the steps that answer it with their shapes
ASKED: dict[str, tuple[str, str, dict[str, tuple[int, ...]]]] = {
    "vector by matrix": (NETWORK, "dz/dW", {f"dz[{i}]/dW": (2, 2) for i in (1, 2)}),
    "number by matrix": (NETWORK, "dy/dW", {"dy/dW": (2, 2)}),
    "vector by vector": (NETWORK, "dz/dx", {"dz/dx": (2, 2)}),
    "vector that nothing leads to": (NETWORK, "dz/dv", {"dz/dv": (2, 2)}),
    "vector by a matrix that nothing leads to": (
        NETWORK.replace("v @ z", "u @ (V @ z)").replace("v: [1, 2]", "u: [1], V: [[1, 2]]"),
        "dz/dV",
        {f"dz[{i}]/dV": (1, 2) for i in (1, 2)},
    ),
    "matrix by matrix": (BATCH, "dA/dW", {f"dA[{i},{j}]/dW": (2, 2) for i in (1, 2, 3) for j in (1, 2)}),
    "matrix by vector": (BATCH, "dZ/db", {f"dZ[{i},{j}]/db": (2,) for i in (1, 2, 3) for j in (1, 2)}),
    "by samples": (BATCH, "dZ/dX", {f"dZ({k})/dX({k})": (2, 2) for k in (1, 2, 3)}),
    "samples that are mixed": (MIXED, "dZ/dX", {f"dZ[{i},{j}]/dX": (3, 2) for i in (1, 2, 3) for j in (1, 2)}),
    "some of many samples": (LONG, "dZ/dX", {f"dZ({k})/dX({k})": (2, 2) for k in (1, 2, 3, 7)}),
    "some of many entries": (LONG, "dA/dW", {f"dA[{i},{j}]/dW": (2, 2) for i in (1, 2, 3, 7) for j in (1, 2)}),
    "bias counted from 0": (
        "forward: |\n  a = W @ augment(x)\n  z = augment(tanh(a))\n  y = U @ z\n  L = sum((y - t)**2)\n"
        "parameters: {W: [[0.5, 0.1, -0.7]], U: [[1, 2]]}\ninput: {x: [1, 2]}\ntarget: {t: [1]}\n"
        "conventions: {bias_index: 0}\n",
        "dz/dW",
        {f"dz[{i}]/dW": (1, 3) for i in (0, 1)},
    ),
}
LAYOUTS = ("mixed", "numerator", "denominator")


def _asking(text: str, asked: str, points: int = 3, **conventions: str) -> str:
    layout = ", ".join(f"{key}: {value}" for key, value in conventions.items())
    if "conventions:" in text and layout:
        text = text.replace("conventions: {", f"conventions: {{{layout}, ")
    elif layout:
        text += f"conventions: {{{layout}}}\n"
    return f"{text}ask: {{{asked}: {points}}}\n"


def _steps(solution: Solution) -> dict[str, tuple[int, ...]]:
    assert solution.values is not None
    return {step.name: solution.values[step.name].shape for step in solution.program.by_role(Role.JACOBIAN)}


@pytest.mark.parametrize("detail", ["matrix", "entries"])
@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_stands_on_every_sheet_with_its_points(name: str, detail: str) -> None:
    text, asked, shapes = ASKED[name]
    solution = solved(f"{_asking(text, asked)}detail: {detail}\n")
    assert _steps(solution) == shapes
    for kind in ("solution", "worksheet", "key"):
        [section] = [section for section in solution.sheet(kind).sections if section.role == "jacobian"]
        lines = [line for entry in section.entries for line in entry.lines]
        assert [line.target.name for line in lines] == list(shapes)
        assert sum(entry.points or 0 for entry in section.entries) == 3
        assert section.entries[0].number == 1
        if kind == "worksheet":
            assert [line.result for line in lines] == [Blank(shape) for shape in shapes.values()]
        assert [finding for finding in solution.findings_of(kind) if not finding.passed] == []
    assert solution.passed


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ASKED)
def test_the_numbers_are_those_of_the_whole_jacobian(name: str, layout: str) -> None:
    text, asked, shapes = ASKED[name]
    solution = solved(_asking(text, asked, derivatives=layout))
    assert all(finding.passed for finding in solution.all_findings)
    of, by = asked[1:].split("/d")
    whole = solution.jacobian(of, by)
    for step in shapes:
        if "[" in step:
            _, place = solution.program.place_of(step[1:].partition("/d")[0])
            np.testing.assert_allclose(solution.values[step], whole[place], atol=1e-15)


def test_rounded_numbers_are_carried_to_jacobians_but_not_within_them() -> None:
    text = NETWORK.replace("z = tanh(a)", "z = u * a * a").replace("v: [1, 2]", "v: [1, 2], u: [0.5, 1.234]")
    solution = solved(_asking(text, "dz/dW") + "rounding: {places: 1, carry: rounded}\n")
    assert all(finding.passed for finding in solution.all_findings)
    assert solution.exact is not None
    assert solution.values["dz[2]/dW"][1] == pytest.approx([2 * 2.35 * 1.234, 4 * 2.35 * 1.234])
    carried = as_floats({"J": solution.exact["dz[2]/dW"]})["J"][1]
    assert carried == pytest.approx([np.round(2 * 2.4 * 1.234, 1), 2 * np.round(2 * 2.4 * 1.234, 1)])


# ------------------------------------------------------------------------------------------------ planted faults


@pytest.mark.parametrize("name", [name for name, (_, _, shapes) in ASKED.items() if any("[" in s for s in shapes)])
def test_a_wrong_entry_is_refused_by_its_name(name: str) -> None:
    text, asked, shapes = ASKED[name]
    solution = solved(_asking(text, asked))
    for step in shapes:
        wrong = {**solution.values, step: solution.values[step] + 0.5}
        refused = [f.step for f in check_jacobians(solution.program, wrong, solution.jacobians) if not f.passed]
        assert refused == [step]


@pytest.mark.parametrize(
    ("printed", "planted", "routes"),
    [
        (r"\frac{\partial A_{12}}{\partial W}}", r"\frac{\partial A_{21}}{\partial W}}", {"lines"}),
        ("0.5000", "0.5001", {"digits"}),
        ("Derivatives of $A$ with respect to $W$", "Derivatives of $b$ with respect to $W$", {"definitions"}),
    ],
)
def test_what_is_printed_wrongly_is_refused(printed: str, planted: str, routes: set[str]) -> None:
    solution = solved(_asking(BATCH, "dA/dW"))
    tex = render(solution.sheet())
    start = tex.index("Jacobians}")
    assert printed in tex[start:]
    found = check_document(solution.reading(), tex[:start] + tex[start:].replace(printed, planted, 1))
    assert {finding.route for finding in found if not finding.passed} == routes


def test_a_wrong_formula_in_symbols_is_refused() -> None:
    text = "forward: |\n  a = W @ x\n  z = tanh(a)\n  y = v @ z\n  L = y**2\nparameters: [W, v]\ninput: [x]\n"
    text += "shapes: {W: [2, D], x: [D], v: [2]}\n"
    solution = solve_problem(problem_of(f"{text}ask: [dz/dW, dy/dW]\n"))
    assert {step.name for step in solution.program.by_role(Role.JACOBIAN)} == {"dz[1]/dW", "dz[2]/dW", "dy/dW"}
    assert all(finding.passed for finding in solution.all_findings)
    for name in ("dz[2]/dW", "dy/dW"):
        steps = tuple(
            replace(step, formula=2 * step.formula) if step.name == name else step for step in solution.program
        )
        wrong = replace(solution, program=replace(solution.program, steps=steps))
        found = check_document(solution.reading(), render(wrong.sheet()))
        assert {finding.step for finding in found if not finding.passed} == {name}


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (_asking(NETWORK, "'dz/dW[1,1]'"), "`dz/dW[1,1]` of a Jacobian that is not one matrix"),
        (
            "forward: 'a = W @ x'\nparameters: [W]\ninput: [x]\nshapes: {W: [H, D], x: [D]}\nask: [da/dW]\n",
            "a Jacobian with shapes H and HxD",
        ),
        (
            "forward: |\n  A = X @ W\n  L = sum(A**2)\n"
            f"parameters: {{W: {[[1] * 40] * 40}}}\ninput: {{X: {[[1] * 40] * 20}}}\nask: [dA/dW]\n",
            "a Jacobian with 1280000 numbers",
        ),
    ],
)
def test_what_cannot_be_printed_is_refused(text: str, found: str) -> None:
    with pytest.raises(ProblemError) as raised:
        solve_problem(problem_of(text))
    [fault] = raised.value.faults
    assert fault.found == found
    assert fault.path.startswith("ask.d")
    assert fault.where.rpartition(":")[2].isdigit()
