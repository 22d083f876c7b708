"""Filled documents are those that are composed for a variant by itself, and what does not fit is left to that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derive.exam.answers import numbers_of
from derive.exam.stencil import NotStencilled, Stencil
from derive.program import read, read_text
from derive.render.document import render
from derive.resources import folder
from derive.solution import solve_problem
from derive.variants.search import find_variants

COUNT, SEED = 25, 3
PROBLEMS = ["pen-and-paper", "multi-label", "gated-unit"]
NEGATIVE = """
architecture: [2, 2, 1]
activations: [relu, identity]
loss: mse
parameters: {W_1: [[1, -2], [3, 1]], b_1: [1, -1], W_2: [[2, -1]], b_2: [1]}
input: {x: [1, 2]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.5}}
rounding: {places: 1}
require: {dead_units: any, zeros: any, kink_distance: 0, ties: true, rounding: any, difficulty: any}
"""


def printed(sheet):
    """The LaTeX without the graph, whose layout goes by the lengths of its numbers."""
    return render(replace(sheet, graph=None))


def unbroken(text):
    """Where a long line may break goes by the lengths of its numbers as well."""
    return "".join(text.replace("}%\n\\more{", "").split())


def stencil_of(variants, kind):
    first = variants[0]
    solution = solve_problem(first.problem)
    varying = frozenset(filling.name for filling in first.setting.space.fillings)
    return Stencil(solution.sheet(kind), first.setting.program, varying, printed)


@pytest.mark.parametrize("kind", ["solution", "worksheet"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_filled_document_is_the_composed_one(name, kind):
    variants = find_variants(read(folder("problems") / f"{name}.yaml"), COUNT, SEED).variants
    filled = stencil_of(variants, kind).fill(numbers_of(variants))
    assert all(filled), "every variant fits"
    for variant, text in list(zip(variants, filled, strict=True))[:: COUNT // 5]:
        alone = printed(solve_problem(variant.problem).sheet(kind))
        assert unbroken(text) == unbroken(alone), f"variant {variant.number} of seed {SEED}"


def test_zeros_signs_and_whole_numbers():
    variants = find_variants(read_text(NEGATIVE), COUNT, SEED).variants
    filled = stencil_of(variants, "solution").fill(numbers_of(variants))
    fitting = [(variant, text) for variant, text in zip(variants, filled, strict=True) if text]
    assert len(fitting) > COUNT // 2
    for variant, text in fitting[:8]:
        assert unbroken(text) == unbroken(printed(solve_problem(variant.problem).sheet("solution"))), variant.id


def test_a_document_does_not_depend_on_those_beside_it():
    variants = find_variants(read(folder("problems") / "pen-and-paper.yaml"), COUNT, SEED).variants
    stencil = stencil_of(variants, "solution")
    together = stencil.fill(numbers_of(variants))
    alone = [stencil_of(variants, "solution").fill(numbers_of([variant]))[0] for variant in variants[:3]]
    assert together[:3] == alone


def test_a_tie_is_left_to_exact_numbers():
    variants = find_variants(read(folder("problems") / "pen-and-paper.yaml"), 3, SEED).variants
    numbers = numbers_of(variants)
    values = {**numbers.values, "y": np.array([[0.125], [0.5], [0.25]])}  # 0.125 is a tie at two places
    numbers.values = values
    filled = stencil_of(variants, "solution").fill(numbers)
    assert filled[0] is None


def test_questions_are_not_stencilled():
    problem = read(folder("problems") / "batch-of-two.yaml")
    variants = find_variants(problem, 1, SEED).variants
    with pytest.raises(NotStencilled):
        stencil_of(variants, "solution")
