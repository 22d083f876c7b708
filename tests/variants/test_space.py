"""What can be drawn: which numbers, how likely, in which order, and as which texts."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from derive.spec.numbers import Literal
from derive.spec.variation import Each
from derive.variants.space import SMALL, Space, make_space, written
from tests.variants.exams import RELU, TANH, WITH_NUMBERS, bank, only_setting, problem_of

SEED = 2_024_11_21


def space_of(vary: str, text: str = TANH) -> Space:
    problem = problem_of(text, vary=vary)
    return make_space(problem, problem.vary.choices)


def all_draws(space: Space, seed: int = 0, chunk: int = 7) -> np.ndarray:
    """A small space, chunk by chunk until one is empty."""
    chunks = []
    while not chunks or len(chunks[-1]):
        chunks.append(space.draw(seed, len(chunks), chunk))
    return np.concatenate(chunks)


VARIED = {
    "each entry": "{W_1: [-0.9, 0.4, 1/2], x: {grid: [0.1, 0.3, 0.1]}}",
    "signs": "{W_1: signs, x: {integers: [-2, 2], nonzero: true}}",
    "as a whole": "{x: [[0.1, 0.2], [0.30, -1/2]], t: [[1], [0]], learning_rate: [0.1, 1/4]}",
    "together": "{together: [{x: [1, 2], t: [0], learning_rate: 0.5}, {x: [2, 1], t: [1], learning_rate: 0.25}]}",
}


@pytest.mark.parametrize("kind", VARIED)
def test_the_numbers_of_a_draw_are_those_of_its_variant(kind: str) -> None:
    space = space_of(VARIED[kind])
    drawn = space.draw(SEED, 0, 50)
    given = space.given(drawn)
    for place, row in enumerate(drawn):
        for name, literal in written(space.variant(row)).items():
            assert literal is not None
            varies = name in {filling.name for filling in space.fillings}
            own = given[name][place] if varies else given[name]
            assert own.shape == literal.shape, f"{kind}, seed {SEED}, variant {place}: {name}"
            assert (own == literal.floats).all(), f"{kind}, seed {SEED}, variant {place}: {name}"


@pytest.mark.parametrize("name", WITH_NUMBERS)
def test_bank_draws_are_their_variants(name: str) -> None:
    space = only_setting(bank(name)).space
    drawn = space.draw(SEED, 0, 64)[:4]
    given = space.given(drawn)
    for place, row in enumerate(drawn):
        for quantity, literal in written(space.variant(row)).items():
            assert literal is not None
            own = given[quantity] if given[quantity].shape == literal.shape else given[quantity][place]
            np.testing.assert_array_equal(own, literal.floats, f"{name}, seed {SEED}: {quantity}")


def test_texts_are_those_of_the_file() -> None:
    space = space_of("{x: [-0.9, 1/2, 0.30], b_1: signs, W_2: {grid: [-0.2, 0.2, 0.1], nonzero: true}}")
    texts: dict[str, set[str]] = {}
    for row in space.draw(SEED, 0, 500):
        for name, literal in written(space.variant(row)).items():
            assert literal is not None
            texts.setdefault(name, set()).update(literal.text.flat)
    assert texts["x"] == {"-0.9", "1/2", "0.30"}
    assert texts["b_1"] == {"0.1", "-0.1", "0.2", "-0.2"}
    assert texts["W_2"] == {"-0.2", "-0.1", "0.1", "0.2"}
    assert texts["W_1"] == {"0.1", "0.3", "-0.2", "0.4"}
    assert all(type(text) is str for found in texts.values() for text in found)


def test_signs_keep_magnitudes_places_and_zeros() -> None:
    text = RELU.replace("[[1, -1], [2, 1]]", "[[0, -1.50], [0, 1/3]]")
    space = space_of("{W_1: signs}", text)
    assert space.sizes == (2, 2)
    found = {tuple(space.variant(row).given("W_1").value.text.flat) for row in all_draws(space)}  # type: ignore[union-attr]
    assert found == {("0", one, "0", two) for one in ("1.50", "-1.50") for two in ("1/3", "-1/3")}


def test_what_goes_together_is_drawn_together() -> None:
    space = space_of("{together: [{x: [1, 2], t: [3]}, {x: [4, 5], t: [6]}, {x: [7, 8], t: [9]}]}")
    assert space.sizes == (3,)
    pairs = {
        (*space.variant(row).given("x").value.text, *space.variant(row).given("t").value.text)
        for row in all_draws(space)
    }  # type: ignore[union-attr]
    assert pairs == {("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")}


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_chunks_of_a_small_space_go_through_all_of_it_once(seed: int) -> None:
    space = space_of("{x: [0.1, 0.2, 0.3], W_2: signs, t: [0.5, 0.6]}")
    assert space.size == 3**2 * 2**2 * 2 == prod(space.sizes)
    rows = [tuple(row) for row in all_draws(space, seed, 7)]
    assert len(rows) == space.size
    assert set(rows) == set(np.ndindex(*space.sizes))
    assert rows != sorted(rows), f"seed {seed}: in order"
    whole = [tuple(row) for row in space.draw(seed, 0, 1000)]
    assert rows == whole, f"seed {seed}: the order depends on the size of chunks"


def test_a_space_of_one_draw_and_of_nothing() -> None:
    problem = problem_of(TANH)
    assert make_space(problem, ()).draw(3, 0, 10).shape == (1, 0)
    assert make_space(problem, ()).draw(3, 1, 10).shape == (0, 0)
    one = space_of("{t: [[0.5]]}")
    assert one.draw(3, 0, 10).tolist() == [[0]]
    assert one.variant(one.draw(3, 0, 10)[0]) == problem_of(TANH, vary="{t: [[0.5]]}")


def test_draws_depend_on_seed_chunk_and_network_alone() -> None:
    space = space_of("{W_1: {grid: [-0.9, 0.9, 0.1]}, x: {grid: [-0.9, 0.9, 0.1]}}")
    assert space.size > SMALL
    first = space.draw(5, 0, 100)
    np.testing.assert_array_equal(first, space.draw(5, 0, 100))
    problem = space.problem
    others = [
        space.draw(6, 0, 100),
        space.draw(5, 1, 100),
        make_space(problem, problem.vary.choices, network=1).draw(5, 0, 100),
        space.draw(5 + 2**32, 0, 100),
    ]
    for place, other in enumerate(others):
        assert (first == other).mean() < 0.2, f"draw {place}"
    assert not (others[1] == others[3]).all()  # a large seed is no other chunk of a small one


@pytest.mark.parametrize("size", [2, 5, 19, 1000])
def test_draws_are_uniform(size: int) -> None:
    """Pearson's statistic is at most mean + 5 standard deviations of its distribution: size - 1, sqrt(2 (size - 1))."""
    space = space_of(f"{{W_1: {{integers: [1, {size}]}}, x: {{integers: [1, {max(size, 2000)}]}}, b_1: signs}}")
    assert space.size > SMALL
    count = 40_000
    drawn = space.draw(SEED, 3, count)
    for axis in range(4):
        observed = np.bincount(drawn[:, axis], minlength=size)
        statistic = ((observed - count / size) ** 2 / (count / size)).sum()
        assert statistic < size - 1 + 5 * np.sqrt(2 * (size - 1)), f"seed {SEED}, axis {axis}: {statistic}"
    pairs = np.bincount(drawn[:, 0].astype(int) % 2 * 2 + drawn[:, 1] % 2, minlength=4)
    if size == 2:
        assert ((pairs - count / 4) ** 2 / (count / 4)).sum() < 20, f"seed {SEED}: neighbours depend on each other"


def test_very_many_options_are_all_drawn() -> None:
    """More options than fit in one byte, or two with a sign."""
    problem = problem_of(TANH)
    numbers = Literal([str(number) for number in range(70_000)])
    space = make_space(problem, (Each("x", numbers), Each("W_1", numbers)))
    drawn = space.draw(SEED, 0, 5000)
    assert 69_000 < drawn.max() < 70_000 and 0 <= drawn.min() < 1000
    np.testing.assert_array_equal(space.given(drawn)["x"], drawn[:, :2])
