"""A classifier of real size with numbers: 784-128-64-10. Large matrices are elided, and nothing else is lost."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from derive.solution import SHEETS, Solution, solve_problem
from derive.spec import read_text

WIDTHS = (784, 128, 64, 10)
SEED = 4


def numbers(source: random.Random, count: int, scale: float) -> str:
    return ", ".join(f"{source.uniform(-scale, scale):.3f}" for _ in range(count))


def network(widths: Sequence[int]) -> str:
    """A problem file with random numbers of three decimals."""
    source = random.Random(SEED)
    lines = [
        f"architecture: {list(widths)}",
        "activations: [relu, relu, softmax]",
        "loss: cross_entropy",
        "update: {sgd: {learning_rate: 0.1}}",
        "parameters:",
    ]
    for layer, (inputs, outputs) in enumerate(pairwise(widths), 1):
        rows = ", ".join(f"[{numbers(source, inputs, inputs**-0.5)}]" for _ in range(outputs))
        lines += [f"  W_{layer}: [{rows}]", f"  b_{layer}: [{numbers(source, outputs, 0.1)}]"]
    lines += [f"input: {{x: [{numbers(source, widths[0], 1.0)}]}}", "target: {c: 3}"]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def solution() -> Solution:
    return solve_problem(read_text(network(WIDTHS)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHEETS)
def test_every_sheet_is_read_again_and_agrees(solution: Solution, kind: str) -> None:
    assert solution.passed
    findings = solution.findings_of(kind)
    assert len(findings) > 20
    assert [finding for finding in findings if not finding.passed] == []


@pytest.mark.slow
def test_a_box_for_many_entries_is_one_large_field(solution: Solution) -> None:
    tex = solution.tex("worksheet")
    assert r"\vdots" not in tex[tex.index(r"\pass{forward}") :].split(r"\begin{room}")[1].split(r"\end{room}")[0]
    assert r"\framebox(100,30)" in tex
