"""The routes on many variants at once: right pools pass, and a planted fault is refused with the variant named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from derive.check import (
    Finding,
    check_assumptions,
    check_by_differences,
    check_plainly,
    check_symbolically,
)
from derive.evaluate import Values
from derive.ops import ROWS, Constant, Node, Plus, Times
from derive.program import Program
from derive.solution import solve_problem
from derive.variants import checks
from derive.variants.checks import WrongVariant, require_checked
from derive.variants.gates import Batch
from derive.variants.search import Pool, find_variants
from derive.variants.setting import Setting
from tests.variants.exams import SOFTMAX, TANH, bank, problem_of

SEED = 1_414
COUNT = 12


def pool_of(text: str, count: int = COUNT, **more: str) -> Pool:
    return find_variants(problem_of(text, **more), count, SEED)


def refusal(pool: Pool) -> str:
    with pytest.raises(WrongVariant) as refused:
        require_checked(pool)
    return str(refused.value)


def with_program(pool: Pool, change: Callable[[Program], Program]) -> Pool:
    """The pool as if its program had been derived in another way."""
    settings = {id(old): replace(old, program=change(old.program)) for old in pool.settings}
    variants = tuple(replace(variant, setting=settings[id(variant.setting)]) for variant in pool.variants)
    return replace(pool, settings=tuple(settings.values()), variants=variants)


def with_formula(pool: Pool, name: str, fault: Callable[[Node], Node]) -> Pool:
    """The pool with another formula for one step."""

    def change(program: Program) -> Program:
        steps = (replace(step, formula=fault(step.formula)) if step.name == name else step for step in program)
        return replace(program, steps=tuple(steps))

    return with_program(pool, change)


FAULTS: dict[str, Callable[[Node], Node]] = {
    "sign": lambda formula: Times(Constant(-1), formula),
    "factor": lambda formula: Times(Constant(2), formula),
    "one more": lambda formula: Plus(formula, Constant(1)),
}


@pytest.fixture(scope="module")
def right() -> Pool:
    return pool_of(TANH)


def test_a_right_pool_passes(right: Pool) -> None:
    assert require_checked(right) > 10 * COUNT
    assert require_checked(pool_of(SOFTMAX)) > 5 * COUNT


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_step_is_refused(fault: str, right: Pool) -> None:
    """By the route that needs no numbers, or by name in the first variant."""
    names = [step.name for step in right.settings[0].program]
    assert len(names) > 12
    for name in names:
        said = refusal(with_formula(right, name, FAULTS[fault]))
        assert "by the route" in said and "nothing was written" in said, name


@pytest.mark.parametrize("name", ["dL/dy", "dL/dW_2", "dL/dz", "dz/da", "dL/dW_1", "dL/db_1", "W_1'", "b_2'", "L'"])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_vectorised_routes_alone_refuse_it(
    name: str, fault: str, right: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "check_symbolically", lambda _: ())
    monkeypatch.setattr(checks, "_first", lambda _: ())
    assert require_checked(right) > 10 * COUNT
    said = refusal(with_formula(right, name, FAULTS[fault]))
    assert f"variant 1 ({right.variants[0].id})" in said


def corrupted(pool: Pool, name: str, row: int, entry: int, by: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry of one variant becomes another number."""
    values_of = Setting.values

    def wrong(setting: Setting, given: Values) -> Values:
        values = values_of(setting, given)
        array = np.array(values[name])
        if len(array) == len(pool.variants):
            array.reshape(len(array), -1)[row, entry] += by
        return {**values, name: array}

    monkeypatch.setattr(Setting, "values", wrong)


@pytest.mark.parametrize("row", [0, 1, 7, COUNT - 1])
@pytest.mark.parametrize(("name", "entry"), [("a", 1), ("z", 0), ("y", 0), ("L", 0), ("dL/dW_1", 3), ("dL/db_1", 1),
                                             ("W_1'", 2), ("L'", 0)])  # fmt: skip
def test_one_wrong_entry_of_one_variant_is_refused_with_its_name(
    name: str, entry: int, row: int, right: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrupted(right, name, row, entry, 1e-6, monkeypatch)
    said = refusal(right)
    assert f"variant {row + 1} ({right.variants[row].id})" in said
    assert said.startswith("exercise.yaml: ")


def test_a_number_that_is_none_is_refused(right: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    corrupted(right, "dL/dW_2", 4, 0, np.nan, monkeypatch)
    assert f"variant 5 ({right.variants[4].id})" in refusal(right)


def test_targets_that_do_not_sum_to_one_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SOFTMAX.replace("c: [0, 1, 2]", "T: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]")
    pool = pool_of(text)
    require_checked(pool)
    monkeypatch.setattr(checks, "_plainly", lambda _: ())  # the loss differs as well
    monkeypatch.setattr(checks, "_by_differences", lambda _: ())
    corrupted(pool, "T", 6, 5, 0.5, monkeypatch)
    said = refusal(pool)
    assert f"variant 7 ({pool.variants[6].id})" in said
    assert "T sums to 1 is 1.5 by the steps" in said and "`assumption`" in said


def test_columns_are_summed_along_their_own_axis() -> None:
    text = SOFTMAX.replace("X: [[1, 0.5], [0.5, 2], [1, 1]]", "X: [[1, 0.5, 1, 2], [0.5, 2, 1, 1]]").replace(
        "c: [0, 1, 2]", "T: [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]"
    )
    pool = pool_of(text, conventions="{samples: columns}")
    assert any(step.assumptions for step in pool.settings[0].program)
    assert require_checked(pool) > 5 * COUNT


def test_a_wrong_slope_is_refused(right: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault is in the row, so that program and values are made from it alike."""
    row = ROWS["tanh"]

    def wrong(u: Node, z: Node) -> Node:
        return Times(Constant(2), row.slopes[0](u, z))

    monkeypatch.setitem(ROWS, "tanh", replace(row, slopes=(wrong,)))
    monkeypatch.setattr(checks, "check_symbolically", lambda _: ())
    monkeypatch.setattr(checks, "_first", lambda _: ())
    said = refusal(pool_of(TANH))
    assert "`differences`" in said and "dL/da" in said


def test_of_several_networks_each_is_checked() -> None:
    networks = TANH.replace("update", "vary: {activations: [[tanh, identity], [sigmoid, identity]]}\nupdate")
    pool = pool_of(networks)
    require_checked(pool)
    second = pool.settings[1]

    def change(program: Program) -> Program:
        if program is not second.program:
            return program
        steps = (replace(s, formula=FAULTS["sign"](s.formula)) if s.name == "W_1'" else s for s in program)
        return replace(program, steps=tuple(steps))

    assert f"variant 2 ({pool.variants[1].id})" in refusal(with_program(pool, change))


def test_at_a_kink_the_slope_is_a_convention() -> None:
    """relu'(0) = 1/2 is right by the file, and no complex step finds it."""
    text = """
forward: |
  a = w * x
  z = relu(a)
  L = sum((z - t)**2)
parameters: {w: [1, 2]}
input: {x: [1, 0]}
target: {t: [0.5, 0.5]}
conventions: {relu_at_zero: 1/2}
vary: {w: {integers: [1, 5]}}
require: {kink_distance: 0, zeros: any, rounding: any, difficulty: any}
rounding: {places: 2}
"""
    pool = pool_of(text, 5)
    [(batch, _)] = pool.batches()
    assert (batch.entries("dL/da")[:, 1] == -0.5).all()
    assert require_checked(pool) > 5


# ------------------------------------------------------------------------------------------------ one by one


def one_by_one(batch: Batch, row: int) -> tuple[Finding, ...]:
    """All routes that need numbers on one variant of a batch, with the values that the batch has."""
    program, problem = batch.setting.program, batch.setting.problem
    values = {name: batch.entries(name)[row].reshape(np.shape(array)[np.ndim(array) - program.tensor(name).rank :])
              for name, array in batch.values.items()}  # fmt: skip
    return (
        check_by_differences(program, values)
        + check_plainly(problem, program, values)
        + check_assumptions(program, values)
        + check_symbolically(program)
    )


@pytest.mark.parametrize("name", ["pen-and-paper", "batch-of-two", "minibatch-softmax", "gelu-network", "convolution"])
def test_what_is_compared_is_what_is_compared_one_by_one(name: str) -> None:
    pool = find_variants(bank(name), 3, SEED)
    for batch, variants in pool.batches():
        compared = {(route, step) for route, step, _, _ in checks._comparisons(batch)}
        for row in range(len(variants)):
            alone = one_by_one(batch, row)
            assert all(finding.passed for finding in alone), f"{name}, seed {SEED}, variant {row + 1}"
            wanted = {(finding.route, finding.step) for finding in alone if "layer by layer" not in finding.step}
            assert {key for key in wanted if key[0] != "symbolic"} == compared, name
        assert all(finding.passed for finding in solve_problem(variants[-1].problem).findings)


def test_a_fault_is_seen_by_the_same_routes_one_by_one(right: Pool) -> None:
    for name in ("dL/dW_2", "dL/da", "W_2'", "y"):
        wrong = with_formula(right, name, FAULTS["one more"])
        [(batch, _)] = wrong.batches()
        alone = {(f.route, f.step) for f in one_by_one(batch, 3) if not f.passed and f.route != "symbolic"}
        together = {
            (route, step)
            for route, step, found, expected in checks._comparisons(batch)
            if np.abs(found[3] - expected[3]).max() > 1e-9 * (1 + np.abs(expected[3]).max())
        }
        assert {key for key in alone if "layer by layer" not in key[1]} == together != set(), name
