"""An entry of an expression, written in entries of its quantities, has the value of that entry."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import sympy

from derive.evaluate import Values
from derive.ops import Constant, Tensor, dot, entry
from derive.ops.entries import MOST_TERMS, EntryOf
from derive.program import Program
from derive.solution import solve_problem
from tests.problems import PROBLEMS
from tests.support import problem_of, random_values, value_of

A, B = Tensor("A", (2, 3)), Tensor("B", (3, 2))
U = Tensor("u", (2,))


@functools.cache
def solved(name: str) -> tuple[Program, Values | None]:
    solution = solve_problem(problem_of(PROBLEMS[name]))
    return solution.program, solution.values


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_entry_of_every_step_is_that_of_the_value(name: str) -> None:
    program, values = solved(name)
    if values is None:
        pytest.skip("a problem in symbols has no values")
    for step in program.steps:
        whole = value_of(step.formula, values, program.dimensions)
        for index in list(np.ndindex(whole.shape))[:60]:
            found = value_of(entry(step.formula, index), values, program.dimensions)
            assert found == pytest.approx(whole[index], rel=1e-12, abs=1e-14), f"{step} at {index}"


def test_a_product_is_a_sum_of_products() -> None:
    assert str(entry(dot(A, B), (0, 1))) == "A[0, 0] * B[0, 1] + A[0, 1] * B[1, 1] + A[0, 2] * B[2, 1]"


def test_a_long_sum_and_one_of_unknown_length_stay_whole() -> None:
    for size in (MOST_TERMS + 1, sympy.Symbol("N")):
        left, right = Tensor("L", (2, size)), Tensor("R", (size, 2))
        assert isinstance(entry(dot(left, right), (0, 0)), EntryOf)


def test_a_sum_with_a_single_number_takes_the_whole_of_it() -> None:
    values = random_values([A, U], np.random.default_rng(7))
    shifted = A + Constant(2)
    assert value_of(entry(shifted, (1, 2)), values) == values["A"][1, 2] + 2


def test_one_number_for_each_variant_put_back_into_a_vector() -> None:
    """The number is repeated along the entries that it is put into, not along the variants."""
    from derive.evaluate import FloatArithmetic
    from derive.ops import Embed, Slice

    node = Embed(Tensor("g"), (4,), *Slice(Tensor("v", (4,)), (1, None)).args[1:])
    value = node.value(FloatArithmetic({}), np.array([2.0, 3.0]))
    assert value.tolist() == [[0, 2, 2, 2], [0, 3, 3, 3]]
