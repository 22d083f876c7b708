"""Each gate against the same question asked of one candidate at a time, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

import numpy as np
import pytest

from derive.derivation import derive_program
from derive.errors import ProblemError
from derive.evaluate import DomainError, Real, Values, carry_rounded, evaluate_exactly, exact_array, rounded
from derive.evaluate.wrong_answers import mistakes
from derive.ops import evaluate
from derive.spec import Problem
from derive.spec.variation import Require
from derive.variants.gates import GATES
from derive.variants.setting import Setting
from derive.variants.space import written
from tests.variants.exams import RELU, SOFTMAX, TANH, as_floats, drawn_batch, exactly, gate, only_setting, problem_of

SEED = 4_711
COUNT = 60
Oracle = Callable[[Problem, Values, Setting], bool]

WHOLE = "{W_1: {integers: [-3, 3]}, W_2: {integers: [-2, 2]}, x: {integers: [-3, 3]}, b_1: {grid: [-1, 1, 0.5]}}"
DECIMALS = "{W_1: {grid: [-2, 2, 0.1]}, W_2: {grid: [-2, 2, 0.1]}, x: {grid: [-2, 2, 0.1]}, t: {grid: [-1, 1, 0.1]}}"
BATCH = """
architecture: [2, 2, 1]
activations: [relu, identity]
loss: mae
parameters: {W_1: [[1, -1], [2, 1]], b_1: [1, -1], W_2: [[1, -2]], b_2: [1]}
input: {X: [[2, 1], [1, 1]]}
target: {Y: [[1], [2]]}
rounding: {places: 2}
"""


def numbers(values: Values, *names: str) -> list[Fraction | float]:
    """The entries of some quantities, as fractions where they are rational."""
    entries = [number for name in names for number in values[name].flat]
    return [fraction(number) if number.is_exact else float(number) for number in entries]


def fraction(number: Real) -> Fraction:
    """An exact number."""
    return Fraction(int(number.number.p), int(number.number.q))


def no_dead_unit(problem: Problem, values: Values, setting: Setting) -> bool:
    alive = [number > 0 for number in numbers(values, "a")]
    return all(alive) if setting.require.dead_units == "none" else any(alive)


def no_dead_unit_of_a_batch(problem: Problem, values: Values, setting: Setting) -> bool:
    alive = [any(float(number) > 0 for number in unit) for unit in values["a"].T]
    return all(alive) if setting.require.dead_units == "none" else any(alive)


def away_from_kinks(problem: Problem, values: Values, setting: Setting) -> bool:
    least = setting.require.kink_distance
    return all(abs(number) >= least for number in numbers(values, "a"))


def away_from_kinks_of_the_loss(problem: Problem, values: Values, setting: Setting) -> bool:
    least = setting.require.kink_distance
    errors = [float(y) - float(t) for y, t in zip(values["y"].flat, values["Y"].flat, strict=True)]
    return all(abs(u) >= least - 1e-9 for u in [*numbers(values, "a"), *errors])


def steep_tanh(problem: Problem, values: Values, setting: Setting) -> bool:
    return all(1 - float(z) ** 2 >= setting.require.saturation for z in values["z"].flat)


def open_softmax(problem: Problem, values: Values, setting: Setting) -> bool:
    return all(float(p) * (1 - float(p)) >= setting.require.saturation for p in values["y"].flat)


def no_zero(problem: Problem, values: Values, setting: Setting) -> bool:
    places = problem.rounding.places
    entries = [number for name in setting.answers for number in values[name].flat]
    zeros = [number for number in entries if rounded(np.array([number]), places)[0].units == 0]
    if setting.require.zeros == "exact":
        return all(number == 0 for number in zeros)
    return not zeros


def no_tie(problem: Problem, values: Values, setting: Setting) -> bool:
    scale = 10**problem.rounding.places
    entries = [n for step in setting.program.steps for n in values[step.name].flat if n.is_exact]
    scaled = [abs(fraction(number)) * scale for number in entries]
    return not any(number - floor(number) == Fraction(1, 2) for number in scaled)


def in_range(problem: Problem, values: Values, setting: Setting) -> bool:
    return all(
        wanted.lowest <= number <= wanted.highest
        for wanted in setting.require.ranges
        for number in numbers(values, wanted.quantity)
    )


def by_hand(problem: Problem, values: Values, setting: Setting) -> bool:
    exempt = {setting.program.loss.name} if setting.program.loss else set()
    largest = setting.require.by_hand
    assert largest is not None
    entries = [number for name in values if name not in exempt for number in values[name].flat]
    return all(n.is_exact and fraction(n).denominator <= largest for n in entries)


def student_of(problem: Problem) -> Values:
    given = {name: literal.exact for name, literal in written(problem).items() if literal is not None}
    exact = {name: exact_array(array) for name, array in given.items()}
    return evaluate_exactly(derive_program(problem), exact, carry_rounded(problem.rounding.places))


def within_tolerance(problem: Problem, values: Values, setting: Setting) -> bool:
    student = student_of(problem)
    allowed = setting.require.tolerance or Fraction(1, 10**problem.rounding.places)
    pairs = [pair for name in setting.answers for pair in zip(student[name].flat, values[name].flat, strict=True)]
    return all(abs(float(one) - float(other)) <= float(allowed) * (1 + 1e-9) for one, other in pairs)


def same_digits(problem: Problem, values: Values, setting: Setting) -> bool:
    student, places = student_of(problem), problem.rounding.places
    return all(
        [str(n) for n in rounded(student[name], places, decided=False).flat]
        == [str(n) for n in rounded(values[name], places, decided=False).flat]
        for name in setting.answers
    )


def mistakes_differ(problem: Problem, values: Values, setting: Setting) -> bool:
    program, places = setting.program, problem.rounding.places
    known = {program.tensor(name): array for name, array in as_floats(values).items()}
    for name in setting.answers:
        wrong = [evaluate(m.formula, dict(known), setting.arithmetic) for m in mistakes(program, program[name])]
        answers = [known[program.tensor(name)], *wrong]
        printed = [tuple(f"{abs(n) * 10**places + 1e-9:.0f}{n < 0}" for n in np.ravel(answer)) for answer in answers]
        if len(set(printed)) < len(printed):
            return False
    return True


CASES: dict[str, tuple[str, str, str, str, Oracle]] = {
    "dead units: none": ("dead_units", RELU, WHOLE, "{dead_units: none}", no_dead_unit),
    "dead units: some": ("dead_units", RELU, WHOLE, "{dead_units: some}", no_dead_unit),
    "dead units of a batch": (
        "dead_units", BATCH, "{W_1: {integers: [-3, 3]}, X: {integers: [-3, 3]}}", "{}", no_dead_unit_of_a_batch,
    ),
    "kinks": ("kink_distance", RELU, DECIMALS, "{kink_distance: 0.3}", away_from_kinks),
    "kinks exactly met": ("kink_distance", RELU, WHOLE, "{kink_distance: 0.5}", away_from_kinks),
    "kinks of the loss": (
        "kink_distance", BATCH, "{W_1: {integers: [-3, 3]}, W_2: {grid: [-1, 1, 0.1]}}", "{kink_distance: 0.2}",
        away_from_kinks_of_the_loss,
    ),
    "saturation": ("saturation", TANH, DECIMALS, "{saturation: 0.1}", steep_tanh),
    "saturation of softmax": ("saturation", SOFTMAX, "{W_1: {grid: [-2, 2, 0.5]}}", "{saturation: 0.04}", open_softmax),
    "zeros: none": ("zeros", TANH, DECIMALS, "{zeros: none}", no_zero),
    "zeros: exact": ("zeros", RELU, DECIMALS, "{zeros: exact}", no_zero),
    "ties": ("ties", RELU, "{x: {grid: [-1, 1, 0.25]}, W_1: {grid: [0, 1, 0.1]}}", "{ties: false}", no_tie),
    "ranges": ("ranges", TANH, DECIMALS, "{range: {L: [0.05, 2], dL/dW_1: [-1, 1], y: [-3/2, 2]}}", in_range),
    "by hand": ("by_hand", RELU, WHOLE, "{by_hand: 4}", by_hand),
    "rounding: tolerance": ("rounding", TANH, DECIMALS, "{rounding: tolerance}", within_tolerance),
    "rounding: stated": ("rounding", TANH, DECIMALS, "{rounding: {tolerance: 0.02}}", within_tolerance),
    "rounding: digits": (
        "rounding", TANH, "{x: {grid: [-0.3, 0.3, 0.1]}, t: {grid: [0.1, 0.5, 0.1]}}", "{rounding: digits}",
        same_digits,
    ),
    "mistakes": ("mistakes", TANH, DECIMALS, "{mistakes: different}", mistakes_differ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_gate_says_what_is_true_of_each_candidate(case: str) -> None:
    key, text, vary, require, oracle = CASES[case]
    setting = only_setting(problem_of(text, vary=vary, require=require))
    drawn, batch = drawn_batch(setting, COUNT, SEED)
    found = gate(key).passes(batch)
    assert found.shape == (COUNT,) and found.dtype == bool
    for place, row in enumerate(drawn):
        problem = setting.space.variant(row)
        expected = oracle(problem, exactly(problem), setting)
        assert found[place] == expected, f"{case}, seed {SEED}, candidate {place}: {written(problem)}"
    assert 0 < found.sum() < COUNT, f"{case}, seed {SEED}: {found.sum()} of {COUNT} pass; nothing is tested"


def test_where_functions_are_not_defined() -> None:
    text = """
forward: |
  u = W @ x
  L = sum(log(u)/x)
parameters: {W: [[1, 0.5], [0, 1]]}
input: {x: [1, 2]}
rounding: {places: 2}
"""
    setting = only_setting(problem_of(text, vary="{W: {integers: [-1, 2]}, x: {integers: [0, 2]}}"))
    drawn, batch = drawn_batch(setting, COUNT, SEED)
    found = gate("").passes(batch)
    for place, row in enumerate(drawn):
        try:
            exactly(setting.space.variant(row))
            is_defined = True
        except DomainError:
            is_defined = False
        assert found[place] == is_defined, f"seed {SEED}, candidate {place}"
    assert 0 < found.sum() < COUNT


PLANTED = {
    "": ("sum(log(x))", "", ""),
    "dead_units": ("b_1: [1, -1]", "b_1: [-3, -1]", "{zeros: any}"),
    "kink_distance": ("b_1: [1, -1]", "b_1: [-0.99, -1]", "{ties: true, rounding: any}"),
    "zeros": ("b_2: [1]", "b_2: [6]", "{}"),
    "ties": ("learning_rate: 1/4", "learning_rate: 0.00125", "{rounding: any}"),
    "ranges": ("", "", "{range: {L: [0.05, 30]}}"),
    "conditions": ("", "", "{conditions: y > -5}"),
    "by_hand": ("learning_rate: 1/4", "learning_rate: 1/13", "{by_hand: 12}"),
    "rounding": ("input: {x: [2, 1]}", "input: {x: [2, 1/3]}", "{ties: true, rounding: {tolerance: 0.001}}"),
    "saturation": ("b_1: [0.1, 0.2]", "b_1: [3, 0.2]", "{zeros: any, rounding: any}"),
}


@pytest.mark.parametrize("key", [gate.key for gate in GATES if gate.key and gate.key != "mistakes"])
def test_a_planted_violation_is_refused_by_its_gate_alone(key: str) -> None:
    right, wrong, require = PLANTED[key]
    text = TANH if key == "saturation" else RELU
    assert refusing(text, require if key not in ("ranges", "conditions") else "{}") == set()
    assert refusing(text.replace(right, wrong), require) == {key}


def refusing(text: str, require: str) -> set[str]:
    """The gates that refuse the problem's own numbers."""
    setting = only_setting(problem_of(text, vary="{t: [[1]]}" if text is not TANH else "{t: [[0.5]]}", require=require))
    _, batch = drawn_batch(setting, 1, SEED)
    return {gate.key for gate in GATES if gate.is_asked(setting.require) and not gate.passes(batch).all()}


def test_a_quantity_named_in_a_range_alone_is_derived() -> None:
    assert refusing(TANH, "{range: {dL/dx: [-5, 5]}}") == set()
    assert refusing(TANH, "{range: {dL/dx: [40, 50]}}") == {"ranges"}


def test_a_range_of_what_the_step_does_not_change_is_refused() -> None:
    with pytest.raises(ProblemError, match="`x'`, but the step does not change `x`"):
        refusing(TANH, """{range: {"x'": [-5, 5]}}""")


def test_gates_that_are_not_asked() -> None:
    for one in GATES:
        if one.key:
            loosest = Require(**{one.key: one.loosest})  # type: ignore[arg-type]
            assert not one.is_asked(loosest), one.key
    assert gate("").is_asked(Require())
    asked = {one.key for one in GATES if one.is_asked(Require())}
    assert asked == {"", "dead_units", "kink_distance", "saturation", "zeros", "ties", "rounding"}


def test_what_does_not_vary_counts_for_every_candidate() -> None:
    setting = only_setting(problem_of(TANH, vary="{t: {grid: [-1, 1, 0.1]}}", require="{saturation: 1}"))
    _, batch = drawn_batch(setting, 20, SEED)
    assert not gate("saturation").passes(batch).any()  # z depends on nothing that varies
    assert batch.entries("z").shape == (20, 2)
    assert batch.only(np.arange(20) < 5).entries("z").shape == (5, 2)


def test_a_batch_cut_down_is_the_batch_of_those_candidates() -> None:
    setting = only_setting(problem_of(TANH, vary=DECIMALS))
    drawn, batch = drawn_batch(setting, 50, SEED)
    mask = gate("zeros").passes(batch)
    part = batch.only(mask)
    assert part.count == mask.sum() == len(drawn[mask])
    for name in setting.program.names:
        np.testing.assert_array_equal(part.entries(name), batch.entries(name)[mask], err_msg=name)
    np.testing.assert_allclose(part.work, batch.work[mask])
