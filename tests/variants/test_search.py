"""The search: reproducible, independent of how many are wanted, equally hard, and clear about what cannot be met."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from derive.errors import Fault
from derive.evaluate import evaluate_program
from derive.spec import Problem
from derive.variants.gates import GATES
from derive.variants.search import NoVariants, Pool, find_variants, prepared
from derive.variants.sift import Tally, name_of
from derive.variants.space import written
from tests.variants.exams import RELU, TANH, as_floats, bank, exactly, problem_of

SEED = 1_618
NETWORKS = TANH.replace("update", "vary: {activations: [[tanh, identity], [sigmoid, identity]]}\nupdate")


def papers(pool: Pool) -> list[str]:
    """The ids and the numbers of all variants."""
    return [f"{variant.id} {sorted(map(str, written(variant.problem).items()))}" for variant in pool.variants]


def refusal(problem: Problem, count: int = 20) -> Fault:
    with pytest.raises(NoVariants) as refused:
        find_variants(problem, count, SEED)
    [fault] = refused.value.faults
    return fault


# ------------------------------------------------------------------------------------------------ reproducible


def test_equal_seeds_give_equal_variants_in_a_fresh_process() -> None:
    program = (
        "import json; from tests.variants.test_search import NETWORKS, papers, find_variants, problem_of\n"
        f"print(json.dumps(papers(find_variants(problem_of(NETWORKS), 12, {SEED}))))"
    )
    other = {**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"}
    found = subprocess.run([sys.executable, "-c", program], env=other, capture_output=True, text=True, check=True)
    here = papers(find_variants(problem_of(NETWORKS), 12, SEED))
    assert json.loads(found.stdout) == here
    assert len(set(here)) == 12


def test_other_seeds_give_other_variants() -> None:
    pools = [find_variants(problem_of(TANH), 20, seed) for seed in (SEED, SEED + 1, SEED + 2**32)]
    draws = [{variant.drawn.tobytes() for variant in pool.variants} for pool in pools]
    assert not draws[0] & draws[1] and not draws[0] & draws[2] and not draws[1] & draws[2]


@pytest.mark.parametrize("text", [TANH, NETWORKS], ids=["one network", "two networks"])
def test_a_variant_does_not_depend_on_how_many_are_wanted(text: str) -> None:
    many = papers(find_variants(problem_of(text), 400, SEED))
    for count in (1, 7, 40):
        assert papers(find_variants(problem_of(text), count, SEED)) == many[:count], f"seed {SEED}, {count} variants"


def test_variants_are_numbered_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    pool = find_variants(problem_of(TANH), 9, SEED, lambda found, drawn: told.append((found, drawn)))
    assert [variant.number for variant in pool.variants] == list(range(1, 10))
    assert [found for found, _ in told] == list(range(1, 10))
    assert told[-1][1] == pool.tally.drawn > 0


# ------------------------------------------------------------------------------------------------ what is accepted


@pytest.mark.parametrize("name", ["pen-and-paper", "dead-relu", "minibatch-softmax", "attention"])
def test_every_variant_meets_every_requirement_by_itself(name: str) -> None:
    problem = bank(name)
    pool = find_variants(problem, 15, SEED)
    for batch, variants in pool.batches():
        for gate in GATES:
            if gate.is_asked(batch.setting.require):
                assert gate.passes(batch).all(), f"{name}, seed {SEED}: {name_of(gate)}"
        for place, variant in enumerate(variants):
            given = {name: literal.floats for name, literal in written(variant.problem).items() if literal}
            for quantity, value in evaluate_program(batch.setting.program, given).items():
                np.testing.assert_allclose(batch.entries(quantity)[place], value.reshape(-1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["pen-and-paper", "softmax-classifier", "two-hidden-layers"])
@pytest.mark.parametrize("share", [0.05, 0.02])
def test_all_are_equally_hard(name: str, share: float) -> None:
    problem = bank(name)
    problem = replace(problem, require=replace(problem.require, difficulty=Fraction(str(share))))
    pool = find_variants(problem, 60, SEED)
    [(batch, _)] = pool.batches()
    work, middle = batch.work, pool.difficulty.middle
    assert middle > 0 and (np.abs(work - middle) <= share * middle).all(), f"seed {SEED}"
    assert work.std() / work.mean() <= share
    loose = find_variants(replace(problem, require=replace(problem.require, difficulty=None)), 60, SEED)
    [(every, _)] = loose.batches()
    assert every.work.std() > 1.5 * work.std()


def test_the_tally_counts_every_candidate_once() -> None:
    tally = find_variants(problem_of(TANH), 50, SEED).tally
    gates = list(tally.reached)
    assert tally.reached["defined"] == tally.drawn
    for one, next_ in itertools.pairwise(gates):
        if next_ not in ("rounding_at_kinks", "different", "relabelled"):  # these are asked while there is need
            assert tally.reached[next_] == tally.reached[one] - tally.refused[one], next_
    assert 0 < tally.acceptance("difficulty") < 1
    assert Tally().acceptance("zeros") == 1 and Tally().hardest == ""


# ------------------------------------------------------------------------------------------------ networks


def test_networks_take_turns_and_have_numbers_of_their_own() -> None:
    pool = find_variants(problem_of(NETWORKS), 11, SEED)
    labels = [variant.setting.label for variant in pool.variants]
    assert labels == ["tanh, identity", "sigmoid, identity"] * 5 + ["tanh, identity"]
    for variant in pool.variants:
        z = as_floats(exactly(variant.problem))["z"]
        assert (z > 0).all() or variant.setting.label.startswith("tanh")
    given = [str([written(variant.problem)[name] for name in ("W_1", "x", "t")]) for variant in pool.variants]
    assert len(set(given)) == 11


def test_networks_of_other_widths_without_numbers_in_the_file() -> None:
    text = """
architecture: [3, 2, 1]
activations: [tanh, identity]
loss: mse
update: sgd
rounding: {places: 2}
vary:
  architecture: [[3, 2, 1], [2, 3, 1]]
  W_1: {grid: [-0.9, 0.9, 0.1], nonzero: true}
  W_2: {grid: [-0.9, 0.9, 0.1], nonzero: true}
  b_1: [-0.5, 0.5]
  b_2: [0.1, 0.2]
  x: {grid: [-0.9, 0.9, 0.1], nonzero: true}
  t: [0.5, 1]
  learning_rate: [0.1, 0.5]
require: {difficulty: 20%}
"""
    pool = find_variants(problem_of(text), 8, SEED)
    shapes = [variant.problem.given("W_1").value.shape for variant in pool.variants]  # type: ignore[union-attr]
    assert shapes == [(2, 3), (3, 2)] * 4
    assert pool.dropped == ()


def test_each_network_needs_draws_of_its_own() -> None:
    text = NETWORKS.replace("[sigmoid, identity]]}", "[sigmoid, identity]], t: {grid: [0.1, 0.9, 0.1]}}")
    fault = refusal(problem_of(text), 20)
    assert fault.found == "9 different draws of the network tanh, identity for 10 variants"


# ------------------------------------------------------------------------------------------------ what cannot be


def test_nothing_that_varies_is_told() -> None:
    fault = refusal(problem_of(TANH, vary="{t: [[0.5]]}"), 8)
    assert (fault.found, fault.path, fault.where) == ("nothing that varies for 8 variants", "vary", "exercise.yaml")


def test_too_few_draws_are_told_before_the_search() -> None:
    assert refusal(problem_of(TANH, vary="{t: [0.1, 0.2, 0.3]}"), 4).found == "3 different draws for 4 variants"


def test_a_problem_in_symbols() -> None:
    text = "architecture: [2, 2, 1]\nactivations: [tanh, identity]\nloss: mse\n"
    for count in (1, 8):
        fault = refusal(problem_of(text), count)
        assert fault.found == "no numbers for W_1, b_1, W_2, b_2, x, t, which do not vary either"


def test_one_variant() -> None:
    [variant] = find_variants(problem_of(TANH), 1, SEED).variants
    assert variant.number == 1
    [own] = find_variants(problem_of(TANH, vary="{t: [[0.5]]}"), 1, SEED).variants
    assert written(own.problem) == written(problem_of(TANH))


IMPOSSIBLE = {
    "conditions": "{conditions: [L > 1, L < 0.5]}",
    "ranges": "{range: {L: [100, 200]}}",
    "by_hand": "{by_hand: 2}",
    "rounding": "{rounding: {tolerance: 0.000001}}",
}


@pytest.mark.parametrize("key", IMPOSSIBLE)
@pytest.mark.parametrize("budget", [1000, 70_000])
def test_what_cannot_be_met_ends_with_the_budget_and_names_the_gate(key: str, budget: int) -> None:
    require = f"{IMPOSSIBLE[key][:-1]}, budget: {budget}}}"
    fault = refusal(problem_of(TANH, require=require))
    assert fault.path == f"require.{'range' if key == 'ranges' else key}"
    assert f"0 of 20 variants, and no more among {budget:,} candidates" in fault.found
    assert f"`{key}` 100.0%" in fault.found and fault.hint.startswith(f"`{key}` refuses most: ")


def test_the_budget_is_shared_by_the_networks() -> None:
    fault = refusal(problem_of(NETWORKS, require="{conditions: [L > 1, L < 0.5], budget: 1000}"))
    assert "among 500 candidates" in fault.found and "of the network tanh, identity" in fault.found


def test_a_budget_is_no_obstacle_to_what_is_found_within_it() -> None:
    assert len(find_variants(problem_of(TANH, require="{budget: 2000}"), 5, SEED).variants) == 5


def test_a_space_that_is_used_up_names_what_refuses() -> None:
    problem = problem_of(TANH, vary="{x: {grid: [-0.9, 0.9, 0.1]}, t: [0.5, 0.6]}", require="{difficulty: 0}")
    fault = refusal(problem, 300)
    assert f"among {19 * 19 * 2:,} candidates" in fault.found
    assert fault.path == "require.difficulty" and "allow `difficulty: 10%`" in fault.hint


def test_numbers_outside_the_domain_of_a_function_are_told() -> None:
    text = "forward: |\n  L = log(u)\nparameters: {u: 2}\nvary: {u: {integers: [-30, -1]}}\nrounding: {places: 2}\n"
    fault = refusal(problem_of(text))
    assert fault.path == "vary" and "`defined` refuses most: vary numbers within the domain" in fault.hint


# ------------------------------------------------------------------------------------------------ dropped


def test_what_the_own_numbers_do_not_meet_is_dropped_unless_it_is_stated() -> None:
    dead = RELU.replace("b_1: [1, -1]", "b_1: [-3, -1]")
    [setting], dropped = prepared(problem_of(dead))
    assert dropped == ("dead_units", "zeros")
    assert (setting.require.dead_units, setting.require.zeros) == ("some", "exact")
    [setting], dropped = prepared(problem_of(dead, require="{dead_units: none, zeros: none}"))
    assert dropped == () and setting.require.dead_units == "none"
    [_], dropped = prepared(problem_of(RELU))
    assert dropped == ()
    all_dead = dead.replace("b_1: [-3, -1]", "b_1: [-3, -9]")
    assert prepared(problem_of(all_dead))[0][0].require.dead_units == "any"
