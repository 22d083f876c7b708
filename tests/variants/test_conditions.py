"""Conditions of the author on many variants at once, each against Python's own arithmetic on one variant."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from derive.ops import Array
from derive.variants.gates import Batch
from tests.variants.exams import RELU, TANH, as_floats, drawn_batch, exactly, gate, only_setting, problem_of

SEED = 90_210
COUNT = 50
VARY = "{W_1: {integers: [-2, 2]}, x: {grid: [-1, 1, 0.1]}, t: {grid: [-1, 1, 0.1]}}"

ORACLES: dict[str, Callable[[dict[str, Array]], bool]] = {
    "L > 0.05": lambda v: v["L"] > 0.05,
    "abs(a) >= 0.1": lambda v: all(abs(a) >= 0.1 - 1e-12 for a in v["a"].flat),
    "y - t < 0.2": lambda v: all(v["y"] - v["t"] < 0.2 - 1e-12),
    "0.5 <= z[0]": lambda v: v["z"][0] >= 0.5,
    "z[0] > z[1]": lambda v: v["z"][0] > v["z"][1],
    "a > -x": lambda v: all(a > -x + 1e-12 for a, x in zip(v["a"], v["x"], strict=True)),
    "sum(W_1 @ x) > t[0]": lambda v: sum(v["W_1"] @ v["x"]) > v["t"][0] + 1e-12,
    "exp(L) <= 1 + 3*L": lambda v: math.exp(v["L"].item()) <= 1 + 3 * v["L"].item(),
    "W_1[0] @ x <= b_1[0]": lambda v: v["W_1"][0] @ v["x"] <= v["b_1"][0] + 1e-12,
    "log(x[0]) < 0": lambda v: 0 < v["x"][0] < 1,
}


@pytest.mark.parametrize("condition", ORACLES)
def test_a_condition_holds_where_it_holds_for_one_variant(condition: str) -> None:
    setting = only_setting(problem_of(TANH, vary=VARY, require=f'{{conditions: "{condition}"}}'))
    drawn, batch = drawn_batch(setting, COUNT, SEED)
    found = gate("conditions").passes(batch)
    for place, row in enumerate(drawn):
        values = as_floats(exactly(setting.space.variant(row)))
        expected = bool(ORACLES[condition](values))
        assert found[place] == expected, f"{condition}, seed {SEED}, candidate {place}"
    assert 0 < found.sum() < COUNT, f"{condition}, seed {SEED}: {found.sum()} of {COUNT}; nothing is tested"


def test_all_conditions_must_hold() -> None:
    first, second = "y > 0", "L < 1"
    masks = [gate("conditions").passes(batch_with(f'["{one}"]')) for one in (first, second)]
    both = gate("conditions").passes(batch_with(f'["{first}", "{second}"]'))
    assert (both == masks[0] & masks[1]).all()
    assert 0 < both.sum() < min(mask.sum() for mask in masks)


def batch_with(conditions: str) -> Batch:
    setting = only_setting(problem_of(TANH, vary=VARY, require=f"{{conditions: {conditions}}}"))
    return drawn_batch(setting, 300, SEED)[1]


@pytest.mark.parametrize(("relation", "expected"), [(">", False), (">=", True), ("<", False), ("<=", True)])
def test_sides_that_are_equal_on_paper_are_equal(relation: str, expected: bool) -> None:
    """0.1 + 0.2 is 0.30000000000000004 in float64."""
    text = TANH.replace("x: [0.3, 0.4]", "x: [0.1, 0.2]")
    setting = only_setting(problem_of(text, vary="{t: [0.3, 0.5]}", require=f'{{conditions: "sum(x) {relation} 0.3"}}'))
    _, batch = drawn_batch(setting, 2, SEED)
    assert gate("conditions").passes(batch).tolist() == [expected] * 2


def test_a_condition_on_nothing_that_varies() -> None:
    for condition, expected in (("W_1[0, 0] > 0", True), ("W_1[0, 0] < 0", False), ("x > x", False)):
        require = f'{{conditions: "{condition}"}}'
        setting = only_setting(problem_of(RELU, vary="{t: {integers: [1, 9]}}", require=require))
        _, batch = drawn_batch(setting, 9, SEED)
        assert np.array_equal(gate("conditions").passes(batch), np.full(9, expected)), condition
