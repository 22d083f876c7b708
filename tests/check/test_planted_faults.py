"""The checker is seen to fail: faults planted in rows, steps and templates are refused by the name of the step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from derive.check import (
    Finding,
    check_assumptions,
    check_by_autograd,
    check_by_differences,
    check_plainly,
    check_symbolically,
)
from derive.derivation import derive_program
from derive.ops import ROWS, Constant, Node, Times, Transpose
from derive.program import Program, Step
from derive.resources import folder
from derive.solution import Solution, solve_problem
from derive.spec import Problem
from tests.problems import PROBLEMS
from tests.support import evaluated, problem_of

NETWORK = PROBLEMS["one sample"]
BATCH = PROBLEMS["batch of two, sigmoid, softmax"]
DEEP = """
architecture: [2, 2, 2, 1]
activations: [tanh, tanh, identity]
loss: mse
update: sgd
"""


def findings_of(problem: Problem, program: Program) -> tuple[Finding, ...]:
    """Routes 1 to 3 over a program, whose values are computed from its own (perhaps wrong) steps."""
    values = evaluated(program, problem)
    return check_symbolically(program) + check_by_differences(program, values) + check_plainly(problem, program, values)


def refused(findings: tuple[Finding, ...], route: str = "") -> set[str]:
    return {finding.step for finding in findings if not finding.passed and route in ("", finding.route)}


def with_step(program: Program, name: str, change: Callable[[Step], Step]) -> Program:
    """The program with one step exchanged."""
    assert name in program.names
    return replace(program, steps=tuple(change(step) if step.name == name else step for step in program.steps))


# ------------------------------------------------------------------------------------------------ rows


SLOPED = [row.name for row in ROWS.values() if row.arity == 1 and not row.internal and row.name != "identity"]


@pytest.mark.parametrize("name", SLOPED)
@pytest.mark.parametrize("fault", [lambda z: z + 1, lambda z: -z, lambda z: 2 * z], ids=["plus one", "sign", "twice"])
def test_a_wrong_slope_is_refused(name: str, fault: Callable[[Node], Node], monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS[name]
    slope = row.slopes[0]

    def wrong(*operands: Node) -> Node:
        right = slope(*operands)
        return fault(right if isinstance(right, Node) else Constant(right))

    problem = problem_of(f"""
        forward: |
          a = w * x
          z = {name}(a)
          L = sum((z - t)**2)
        parameters: {{w: [0.7, 0.9]}}
        input: {{x: [0.8, 0.6]}}
        target: {{t: [0.2, 0.1]}}
        """)
    assert not refused(findings_of(problem, derive_program(problem)))
    monkeypatch.setitem(ROWS, name, replace(row, slopes=(wrong, *row.slopes[1:])))
    findings = findings_of(problem, derive_program(problem))
    assert "dz/da" in refused(findings, "symbolic")
    assert {"dL/da", "dL/dw"} <= refused(findings, "differences")


# ------------------------------------------------------------------------------------------------ steps

FAULTS: dict[str, Callable[[Node], Node | None]] = {
    "sign": lambda formula: Times(Constant(-1), formula),
    "factor 2": lambda formula: Times(Constant(2), formula),
    "transposed": lambda formula: Transpose(formula) if formula.rank == 2 and len(set(formula.shape)) == 1 else None,
}


@pytest.mark.parametrize("kind", ["one sample", "batch"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_step_is_refused_by_its_name(kind: str, fault: str) -> None:
    problem = problem_of({"one sample": NETWORK, "batch": BATCH}[kind])
    program = derive_program(problem)
    assert not refused(findings_of(problem, program))
    planted = 0
    for position, step in enumerate(program.steps):
        wrong = FAULTS[fault](step.formula)
        if wrong is None or step.rule in ("one_hot", "softmax"):  # a loss of what these would give has no value
            continue
        steps = (*program.steps[:position], replace(step, formula=wrong), *program.steps[position + 1 :])
        assert step.name in refused(findings_of(problem, replace(program, steps=steps))), f"{step} with {fault}"
        planted += 1
    assert planted >= {"one sample": 14, "batch": 14}[kind] or fault == "transposed"
    assert planted >= 2 or kind == "one sample"


@pytest.mark.parametrize("kind", ["one sample", "batch"])
def test_a_wrong_gradient_is_refused_by_autograd(kind: str) -> None:
    problem = problem_of({"one sample": NETWORK, "batch": BATCH}[kind])
    program = derive_program(problem)
    values = evaluated(program, problem)
    assert not refused(check_by_autograd(problem, program, values))
    for name in ("dL/dW_1", "dL/db_1", "dL/dW_2", "dL/db_2"):
        assert refused(check_by_autograd(problem, program, values | {name: -values[name]})) == {name}


def test_a_gradient_from_the_wrong_layer_is_refused() -> None:
    """Also where another layer has the same step: dL/da_1 = dL/dz_1 ⊙ dz_1/da_1, with dL/dz_2 instead."""
    program = derive_program(problem_of(DEEP))
    wrong = {program.tensor("dL/dz_1"): program.tensor("dL/dz_2")}
    planted = with_step(program, "dL/da_1", lambda step: replace(step, formula=step.formula.xreplace(wrong)))
    assert not refused(check_symbolically(program))
    assert refused(check_symbolically(planted)) == {"dL/da_1"}


def test_a_gradient_without_the_one_above_is_refused() -> None:
    program = derive_program(problem_of(DEEP))
    planted = with_step(program, "dL/da_1", lambda step: replace(step, formula=program.tensor("dz_1/da_1")))
    assert refused(check_symbolically(planted)) == {"dL/da_1"}


@pytest.mark.parametrize("name", ["dL/dz_2", "dL/dz_1", "dL/dx"])
def test_old_weights_in_the_place_of_new_ones_are_refused(name: str) -> None:
    program = derive_program(problem_of(DEEP + "\nask: [dL/dx]\nconventions: {update_uses: new}"))
    assert not refused(check_symbolically(program))
    [new] = [tensor for tensor in program[name].uses if tensor.name.endswith("'")]
    wrong = {new: program.tensor(new.name[:-1])}
    planted = with_step(program, name, lambda step: replace(step, formula=step.formula.xreplace(wrong)))
    assert refused(check_symbolically(planted)) == {name}


def test_a_fault_names_both_values() -> None:
    problem = problem_of(NETWORK)
    program = derive_program(problem)
    steps = tuple(
        replace(step, formula=Times(Constant(-1), step.formula)) if step.name == "dL/dy" else step for step in program
    )
    [finding] = [
        finding
        for finding in findings_of(problem, replace(program, steps=steps))
        if finding.route == "differences" and finding.step == "dL/dy"
    ]
    assert (float(finding.found), float(finding.expected)) == pytest.approx((0.36895554, -0.36895554))


# ------------------------------------------------------------------------------------------------ templates


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """An instructor's copy of the templates."""
    copy = tmp_path / "templates"
    copy.mkdir()
    for file in folder("templates").glob("*.j2"):
        (copy / file.name).write_text(file.read_text())
    return copy


TEMPLATE_FAULTS = {
    "a sign in front of every result": (r"\result{<< line.result >>}", r"\result{-<< line.result >>}"),
    "the parts in the wrong order": ("for part in line.parts", "for part in line.parts | reverse"),
    "the result left out": (r"\equals{\result{<< line.result >>}\dims{<< line.shape >>}}%", "%"),
    "the symbol of another line": (r"{<< line.symbol >>}", "{y}"),
    "the rest of a sum left out": (r"\more{<< piece >>}%", "%"),
}


@pytest.mark.parametrize("fault", TEMPLATE_FAULTS)
def test_a_wrong_template_is_refused(fault: str, templates: Path) -> None:
    right, wrong = TEMPLATE_FAULTS[fault]
    macros = templates / "macros.tex.j2"
    assert right in macros.read_text()
    macros.write_text(macros.read_text().replace(right, wrong))
    problem = problem_of(BATCH)
    assert not refused(solve_problem(problem).printed_findings)
    steps = refused(solve_problem(problem, templates=templates).printed_findings)
    assert steps & {step.name for step in derive_program(problem)}, fault


def test_a_template_that_drops_a_line_is_refused(templates: Path) -> None:
    macros = templates / "macros.tex.j2"
    macros.write_text(macros.read_text().replace("for line in entry.lines", "for line in entry.lines[1:]"))
    [finding] = solve_problem(problem_of(NETWORK), templates=templates).printed_findings
    assert (finding.step, finding.passed) == ("template", False)
    assert "derivations" in finding.found


# ------------------------------------------------------------------------------------------------ printed digits


def test_a_wrong_digit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import derive.evaluate.rounding as rounding
    from derive.evaluate import Decimal, Real

    right = rounding.round_half_away

    def wrong(number: Real, places: int) -> Decimal:
        decimal = right(number, places)
        return replace(decimal, units=decimal.units + 1) if decimal.places == 2 else decimal

    monkeypatch.setattr(rounding, "round_half_away", wrong)
    solution = solve_problem(problem_of(NETWORK))
    assert {"a", "z", "y", "dL/dW_1", "W_2'"} <= refused(solution.printed_findings, "digits")


def test_a_missing_guard_digit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without guard digits -0.37 [0.29 0.24] and the like do not recompute."""
    import derive.sheet.substitute as substitute

    monkeypatch.setattr(substitute, "_recomputes", lambda *_: True)
    solution: Solution = solve_problem(problem_of(NETWORK))
    assert {"dL/dW_1"} <= refused(solution.printed_findings, "lines")


def test_targets_that_do_not_sum_to_one_are_differentiated_in_two_steps() -> None:
    text = BATCH.replace("target: {c: [0, 2]}", "target: {t: [[0.5, 0.5, 0.5], [0, 1, 0]]}")
    problem = problem_of(text)
    program = derive_program(problem)
    values = evaluated(program, problem)
    assert any("sums to 1" in step for step in refused(check_assumptions(program, values)))
    assert "dL/da_2" in refused(check_by_differences(program, values))
    solution = solve_problem(problem)
    assert "dL/dy" in solution.gradients | dict.fromkeys(f"dL/d{name}" for name in solution.gradients)
    assert not refused(solution.all_findings)


def test_everything_passes_without_a_fault() -> None:
    for text in (NETWORK, BATCH):
        solution = solve_problem(problem_of(text))
        assert all(finding.passed for finding in solution.all_findings)
        assert len(solution.all_findings) > 50
        assert solution.values is not None and np.isfinite(solution.values["L"]).all()
