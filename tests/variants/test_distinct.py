"""No two variants alike: equal answers and relabelled units are recognised, and what differs is let through."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from derive.evaluate import Real, rounded
from derive.spec import Problem
from derive.spec.variation import Require
from derive.variants.distinct import Look, Seen, looks
from derive.variants.gates import Batch
from derive.variants.search import NoVariants, Pool, find_variants
from derive.variants.setting import Setting
from derive.variants.sift import Tally, batch_of
from derive.variants.space import written
from tests.variants.exams import SOFTMAX, TANH, bank, exactly, only_setting, problem_of

SEED = 31_337
GRID = "{W_1: {grid: [-0.9, 0.9, 0.1]}, b_1: {grid: [-0.9, 0.9, 0.1]}, W_2: {grid: [-0.9, 0.9, 0.1]}}"


def setting_of(text: str = TANH, vary: str = GRID, require: str = "{}") -> Setting:
    return only_setting(problem_of(text, vary=vary, require=require))


def permuted(setting: Setting, row: np.ndarray, order: list[int]) -> np.ndarray:
    """The draw of the same network with its hidden units in another order."""
    places = {filling.name: filling.axes.reshape(filling.shape) for filling in setting.space.fillings}
    other = row.copy()
    other[places["W_1"]] = row[places["W_1"][order]]
    other[places["b_1"]] = row[places["b_1"][order]]
    other[places["W_2"]] = row[places["W_2"][:, order]]
    return other


def test_relabelled_hidden_units_are_recognised() -> None:
    setting = setting_of()
    rows = setting.space.draw(SEED, 0, 200)
    swapped = np.stack([permuted(setting, row, [1, 0]) for row in rows])
    pairs = list(zip(looks(batch_of(setting, rows)), looks(batch_of(setting, swapped)), strict=True))
    for place, (one, other) in enumerate(pairs):
        assert one.unordered == other.unordered, f"seed {SEED}, candidate {place}"
        moved = (rows[place] != swapped[place]).any()
        assert (one.answers != other.answers) == moved, f"seed {SEED}, candidate {place}"


def test_three_units_in_all_orders() -> None:
    text = (
        TANH.replace("[2, 2, 1]", "[2, 3, 1]")
        .replace("[[0.1, 0.3], [-0.2, 0.4]]", "[[0.1, 0.3], [-0.2, 0.4], [0.5, 0.6]]")
        .replace("[0.1, 0.2]", "[0.1, 0.2, 0.3]")
        .replace("[[0.7, -0.8]]", "[[0.7, -0.8, 0.9]]")
    )
    setting = setting_of(text)
    row = setting.space.draw(SEED, 0, 1)[0]
    orders = [permuted(setting, row, list(order)) for order in itertools.permutations(range(3))]
    found = looks(batch_of(setting, np.stack(orders)))
    assert len({look.unordered for look in found}) == 1
    assert len({look.answers for look in found}) == 6


def test_other_networks_are_not_taken_for_relabelled_ones() -> None:
    """Of networks with the same numbers in other places only the relabelled ones look alike."""
    setting = setting_of()
    generator = np.random.default_rng(SEED)
    places = {filling.name: filling.axes for filling in setting.space.fillings}
    for attempt in range(50):
        row = generator.permutation(19)[: len(setting.space.sizes)].astype(np.int16)  # no number twice
        shuffled = row.copy()
        for axes in places.values():
            shuffled[axes] = generator.permutation(row[axes])
        one, other = looks(batch_of(setting, np.stack([row, shuffled])))
        alike = any((permuted(setting, row, order) == shuffled).all() for order in ([0, 1], [1, 0]))
        assert (one.unordered == other.unordered) == alike, f"seed {SEED}, attempt {attempt}"


def test_a_relabelled_variant_is_refused_unless_it_is_allowed() -> None:
    setting = setting_of()
    row = setting.space.draw(SEED, 0, 1)[0]
    one, other = looks(batch_of(setting, np.stack([row, permuted(setting, row, [1, 0])])))
    tally = Tally()
    seen = Seen(Require())
    assert seen.is_new(one, tally) and not seen.is_new(other, tally)
    assert (tally.reached["relabelled"], tally.refused["relabelled"]) == (2, 1)
    seen = Seen(Require(relabelled=True))
    assert seen.is_new(one, tally) and seen.is_new(other, tally)
    assert not seen.is_new(other, tally)  # its answers are equal now


def test_refused_variants_leave_no_trace() -> None:
    seen = Seen(Require(different="every"))
    assert seen.is_new(Look((b"1", b"2"), b"a"), Tally())
    assert not seen.is_new(Look((b"3", b"2"), b"b"), Tally())
    assert seen.is_new(Look((b"3", b"4"), b"c"), Tally())
    assert Seen(Require(different="any", relabelled=True)).is_new(Look((b"1",), b"a"), Tally())


def printed(problem: Problem, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The answers of one variant as exact arithmetic prints them."""
    values = exactly(problem)
    return {name: tuple(_text(number, problem.rounding.places) for number in values[name].flat) for name in names}


def _text(number: Real, places: int) -> str:
    return str(rounded(np.array([number]), places, decided=False)[0])


@pytest.mark.parametrize("text", [TANH, SOFTMAX], ids=["tanh", "softmax"])
@pytest.mark.parametrize("different", ["some", "every"])
def test_no_two_have_equal_answers_on_paper(text: str, different: str) -> None:
    ask = "[y, dL/dW_1]" if text is SOFTMAX else "[y, L, dL/dW_1]"
    problem = problem_of(text, require=f"{{different: {different}}}", ask=ask)
    pool = find_variants(problem, 25, SEED)
    answers = [printed(variant.problem, pool.settings[0].answers) for variant in pool.variants]
    assert set(answers[0]) == {"y", "dL/dW_1"} | ({"L"} if text is TANH else set())
    for one, other in itertools.combinations(answers, 2):
        differing = [name for name in one if one[name] != other[name]]
        assert differing if different == "some" else len(differing) == len(one), f"seed {SEED}: {one} and {other}"


def test_different_in_every_answer_is_harder_than_in_some() -> None:
    few = "{t: {grid: [0.1, 0.9, 0.1]}, b_2: [0.1, 0.2]}"
    require = "{difficulty: any, rounding: any, zeros: any, different: %s}"
    some = find_variants(problem_of(TANH, vary=few, require=require % "some"), 10, SEED)
    assert len({variant.drawn.tobytes() for variant in some.variants}) == 10
    with pytest.raises(NoVariants, match="`different`"):  # y takes two values
        find_variants(problem_of(TANH, vary=few, require=require % "every"), 10, SEED)


def test_answers_that_differ_by_rounding_errors_are_equal() -> None:
    """0.1 + 0.2 and 0.3 + 0.0 print alike, also where 0.30000000000000004 is nearly a tie."""
    text = """
forward: "y = u + v"
parameters: {u: 0.015, v: 0.01}
rounding: {places: 2}
"""
    vary = "{together: [{u: 0.01, v: 0.015}, {u: 0.015, v: 0.01}, {u: 0.005, v: 0.02}, {u: 0.02, v: 0.004}]}"
    setting = setting_of(text, vary)
    rows = np.arange(4).reshape(4, 1)
    digests = [look.answers for look in looks(batch_of(setting, rows))]
    assert digests[0] == digests[1] == digests[2] != digests[3]  # 0.025 is 0.03, 0.024 is 0.02


def numbers(batch: Batch) -> list[bytes]:
    return [look.unordered for look in looks(batch)]


def test_a_pool_has_no_relabelled_pair() -> None:
    pool: Pool = find_variants(bank("pen-and-paper"), 200, SEED)
    [(batch, variants)] = pool.batches()
    assert len(set(numbers(batch))) == len(variants) == 200
    givens = {tuple(str(literal) for literal in written(variant.problem).values()) for variant in variants}
    assert len(givens) == 200
