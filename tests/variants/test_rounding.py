"""One student who rounds, and the intervals in which all students land who round correctly."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from derive.derivation import derive_program
from derive.evaluate import FloatArithmetic, Values, as_floats, carry_rounded, evaluate_exactly, exact_array, run
from derive.ops import Array, Tensor
from derive.program import Program, Step
from derive.spec import read
from derive.variants.rounding import (
    accepted,
    digits_agree,
    largest_deviation,
    student_values,
    units,
    with_variants,
)
from tests.support import numbers

PROBLEMS = Path(__file__).parents[2] / "problems"
NAMES = [
    "pen-and-paper", "batch-of-two", "softmax-classifier", "augmented-minibatch", "cross-entropy-from-logits",
    "logistic-regression", "layer-normalisation", "gelu-network",
]  # fmt: skip
SEED = 20_240_817
VARIED = ("parameter", "input")


def drawn(name: str, count: int, seed: int = SEED) -> tuple[Program, Values, Values]:
    """A bank problem with other numbers of one decimal: its program, the given numbers, all values."""
    problem = read(PROBLEMS / f"{name}.yaml")
    program = derive_program(problem)
    generator = np.random.default_rng(seed)
    given = {
        quantity.name: generator.integers(-9, 10, (count, *numbers(problem)[quantity.name].shape)) / 10
        if quantity.role in VARIED
        else numbers(problem)[quantity.name]
        for quantity in program.givens
    }
    return program, given, evaluated(program, given)


def evaluated(program: Program, given: Mapping[str, Array], **options: object) -> Values:
    tensors = {program.tensor(name): np.asarray(array, dtype=float) for name, array in given.items()}
    with np.errstate(all="ignore"):
        known = run(program.steps, tensors, FloatArithmetic(program.dimensions), **options)  # type: ignore[arg-type]
    return with_variants(program, {node.name: array for node, array in known.items() if isinstance(node, Tensor)})


class RandomPath:
    """Rounds each entry by itself: to the places, to one, two or three more, or not at all; keeps what was rounded."""

    def __init__(self, generator: np.random.Generator, places: int) -> None:
        self.generator, self.places = generator, places
        self.share = generator.dirichlet((2, 1, 0.3, 0.3, 2))

    def __call__(self, step: Step, value: Array) -> Array:
        choice = self.generator.choice(5, value.shape, p=self.share)
        ways = [units(value, self.places + more) / 10 ** (self.places + more) for more in range(4)]
        return np.select([choice == way for way in range(4)], ways, value)


@pytest.mark.parametrize(
    ("number", "places", "expected"),
    [
        (0.285, 2, 29), (-0.285, 2, -29), (1.005, 2, 101), (0.125, 2, 13), (0.1249, 2, 12), (0.0049, 2, 0),
        (-0.0049, 2, 0), (2.675, 2, 268), (1234567.885, 2, 123456789), (0.5, 0, 1), (-0.5, 0, -1),
    ],
)  # fmt: skip
def test_halves_are_those_of_decimals(number: float, places: int, expected: int) -> None:
    rounded = units(np.asarray(number), places)
    assert rounded == expected
    assert not np.signbit(rounded) or expected < 0


@pytest.mark.parametrize("name", NAMES)
def test_the_student_is_the_exact_one(name: str) -> None:
    """Entry by entry what exact arithmetic gives, which rounds each step as well."""
    count = 25
    program, given, values = drawn(name, count)
    student = student_values(program, given, 2)
    finite = np.all([np.isfinite(student[step.name]).reshape(count, -1).all(axis=1) for step in program], axis=0)
    assert finite.sum() > count / 2
    for variant in np.flatnonzero(finite):
        one = {
            key: exact_array(np.vectorize(lambda x: Fraction(str(x)), otypes=[object])(values[key][variant]))
            for key in given
        }
        exact = as_floats(evaluate_exactly(program, one, carry_rounded(2)))
        for step in program:
            np.testing.assert_allclose(student[step.name][variant], exact[step.name], atol=1e-9, err_msg=step.name)


@pytest.mark.parametrize("places", [1, 2, 4])
@pytest.mark.parametrize("name", NAMES)
def test_every_correct_path_is_accepted(name: str, places: int) -> None:
    count = 200
    program, given, values = drawn(name, count)
    answers = [step.name for step in program]
    found = accepted(program, given, values, places, answers)
    least = 0.25 if places == 1 or name == "layer-normalisation" else 0.9
    assert found.trusted.mean() > least
    generator = np.random.default_rng(SEED)
    for path in range(60):
        written = evaluated(program, given, after=RandomPath(generator, places))
        for answer in answers:
            low, high = found.intervals[answer]
            inside = (written[answer] >= low - 1e-9) & (written[answer] <= high + 1e-9)
            assert inside[found.trusted].all(), f"{answer}, path {path}, seed {SEED}"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_thousand_paths_of_a_variant(name: str) -> None:
    program, given, values = drawn(name, 6, SEED + 1)
    answers = [step.name for step in program]
    found = accepted(program, given, values, 2, answers)
    generator = np.random.default_rng(SEED)
    for variant in np.flatnonzero(found.trusted):
        repeated = {key: np.repeat(values[key][variant][None], 200, axis=0) for key in given}
        for _ in range(10):
            written = evaluated(program, repeated, after=RandomPath(generator, 2))
            for answer in answers:
                low, high = (bound[variant] for bound in found.intervals[answer])
                assert ((written[answer] >= low - 1e-9) & (written[answer] <= high + 1e-9)).all(), (answer, SEED)


def test_intervals_are_not_much_wider_than_what_students_get() -> None:
    """On the 3-2-1 tanh problem, against 20,000 paths bred for the extremes of each answer."""
    program, given, values = drawn("pen-and-paper", 2)
    answers = ["L", "dL/da", "W_1'", "L'"]
    found = accepted(program, given, values, 2, answers)
    ours = sampled = 0.0
    for variant in range(2):
        one = {key: values[key][variant] for key in given}
        for answer in answers:
            low, high = (bound[variant].flat[0] for bound in found.intervals[answer])
            lowest, highest = (sign * _bred(program, one, answer, sign) for sign in (-1, 1))
            assert low - 1e-9 <= lowest <= highest <= high + 1e-9
            ours += (high - low) * 100
            sampled += np.ceil(highest * 100 - 1e-7) - np.floor(lowest * 100 + 1e-7)
    assert ours <= 1.5 * sampled


def _bred(program: Program, given: Values, answer: str, sign: int, size: int = 1000, rounds: int = 10) -> float:
    """The largest sign * (first entry of the answer) over paths, the best of which are crossed again and again."""
    generator = np.random.default_rng(SEED)
    entries = {step.name: int(np.prod(step.target.shape)) for step in program}
    ends = dict(zip(entries, np.cumsum(list(entries.values())), strict=True))
    paths = generator.choice(3, (size, sum(entries.values())))
    repeated = {key: np.repeat(array[None], size, axis=0) for key, array in given.items()}
    best = -np.inf
    for _ in range(rounds):
        before: Values = {}

        def after(step: Step, value: Array, before: Values = before, paths: Array = paths) -> Array:
            before[step.name] = value
            way = paths[:, ends[step.name] - entries[step.name] : ends[step.name]].reshape(value.shape)
            return np.where(way == 0, units(value, 2) / 100, np.where(way == 1, value, units(value, 3) / 1000))

        evaluated(program, repeated, after=after)
        reached = sign * before[answer].reshape(size, -1)[:, 0]
        best = max(best, float(reached.max()))
        elite = paths[np.argsort(-reached)[: size // 10]]
        mother, father = (elite[generator.integers(len(elite), size=size)] for _ in range(2))
        child = np.where(generator.random(mother.shape) < 0.5, mother, father)
        paths = np.where(generator.random(child.shape) < 0.04, generator.choice(3, child.shape), child)
        paths[: len(elite)] = elite
    return best


def test_intervals_are_decimals_and_hold_the_answer() -> None:
    program, given, values = drawn("pen-and-paper", 300)
    for answer, (low, high) in accepted(program, given, values, 2, ["a", "z", "L'"]).intervals.items():
        for bound in (low, high):
            assert all(len(repr(float(number)).partition(".")[2]) <= 2 for number in bound.flat)
            assert not np.any((bound == 0) & np.signbit(bound))
        assert (low <= values[answer] + 1e-9).all()
        assert (values[answer] - 1e-9 <= high).all()
    low, high = accepted(program, given, values, 2, ["a"]).intervals["a"]
    assert (low == high).all()  # with one decimal in each factor two places are all there are


def test_a_kink_within_reach_is_not_trusted() -> None:
    """A number below half a unit may be written down as 0.0, where the slope of a ReLU is 0 by convention."""
    program, given, values = drawn("cross-entropy-from-logits", 2000)
    found = accepted(program, given, values, 1, ["dL/dW_1"])
    near = (np.abs(values["a"]) < 0.05 - 1e-9).any(axis=1) & (np.abs(values["a"]) > 1e-9).all(axis=1)
    far = (np.abs(values["a"]) > 0.06).all(axis=1)
    assert near.any()
    assert not found.trusted[near].any()
    assert found.trusted[far].mean() > 0.99


def test_a_division_by_what_rounds_to_zero_is_not_trusted() -> None:
    program, given, values = drawn("layer-normalisation", 400)
    found = accepted(program, given, values, 2, ["n"])
    rounds_to_zero = (values["v"] < 0.005).reshape(400, -1).any(axis=1)
    assert rounds_to_zero.any()
    assert not found.trusted[rounds_to_zero].any()
    assert np.isinf(found.intervals["n"][1][rounds_to_zero]).any()


def test_a_variant_does_not_depend_on_the_others() -> None:
    program, given, values = drawn("batch-of-two", 5000)
    answers = [step.name for step in program]
    together = accepted(program, given, values, 3, answers).intervals
    for variant in (0, 4095, 4096, 4999):
        alone = {
            key: array[variant] if array.ndim > program.tensor(key).rank else array for key, array in given.items()
        }
        single = accepted(program, alone, evaluated(program, alone), 3, answers).intervals
        for answer in answers:
            for one, all_of_them in zip(single[answer], together[answer], strict=True):
                np.testing.assert_array_equal(one[0], all_of_them[variant])


def test_agreement_and_deviation() -> None:
    student = {"a": np.array([[0.12, 0.30], [0.12, 0.31]]), "b": np.array([1.0, 2.5])}
    values = {"a": np.array([0.1249, 0.3049]), "b": np.array(1.0)}
    assert digits_agree(student, values, 2, ["a"]).tolist() == [True, False]
    assert digits_agree(student, values, 2, ["a", "b"]).tolist() == [True, False]
    assert digits_agree(student, values, 0, ["b"]).tolist() == [True, False]
    np.testing.assert_allclose(largest_deviation(student, values, ["a"]), [0.0049, 0.0051])
    np.testing.assert_allclose(largest_deviation(student, values, ["a", "b"]), [0.0049, 1.5])


def test_a_wrong_answer_is_outside() -> None:
    """A forgotten factor 2 in the gradient of the loss is refused wherever rounding cannot make up for it."""
    program, given, values = drawn("pen-and-paper", 500)
    low, high = accepted(program, given, values, 2, ["dL/dW_2"]).intervals["dL/dW_2"]
    halved = values["dL/dW_2"] / 2
    refused = ((halved < low) | (halved > high)).reshape(500, -1).any(axis=1)
    assert refused[np.abs(values["dL/dW_2"]).reshape(500, -1).max(axis=1) > 0.2].mean() > 0.99
