"""What varies without `vary:`: numbers like the problem's own, and what stands for something keeps its meaning."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from derive.derivation import derive_program
from derive.errors import DeriveError
from derive.spec.numbers import Literal
from derive.spec.variation import Choice, Each, OneOf, Signs
from derive.variants.checks import require_checked
from derive.variants.defaults import MOST_MAGNITUDES, default_choices
from derive.variants.search import NoVariants, find_variants
from derive.variants.setting import make_settings
from tests.variants.exams import IN_SYMBOLS, SOFTMAX, TANH, WITH_NUMBERS, bank, only_setting, problem_of

SEED = 1


def choices_of(text: str) -> dict[str, Choice]:
    """The choices by the name of their quantity."""
    problem = problem_of(text)
    found = default_choices(problem, derive_program(problem))
    return {next(iter(one.options[0])) if isinstance(one, OneOf) else one.name: one for one in found}


def scalar(parameter: str, x: str = "2", t: str = "3", more: str = "") -> dict[str, Choice]:
    return choices_of(
        f"forward: |\n  y = w @ x\n  L = c*sum((y - t)**2)\nparameters: {{w: {parameter}}}\n"
        f"input: {{x: {x}}}\ntarget: {{t: {t}}}\nconstants: {{c: 0.5}}\n{more}"
    )


def drawn_from(choice: Choice) -> list[str]:
    assert isinstance(choice, Each)
    return list(choice.numbers.text)


def test_numbers_keep_their_places_and_their_size() -> None:
    assert drawn_from(scalar("[0.7, -0.2]", "[1, 3]")["w"]) == [f"{'-' * (n < 0)}0.{abs(n)}" for n in range(-7, 8) if n]
    assert drawn_from(scalar("[0.25, 0.1]", "[1, 3]")["w"])[-3:] == ["0.23", "0.24", "0.25"]
    assert drawn_from(scalar("[8, 2]", "[1, 3]")["w"]) == [str(n) for n in range(-8, 9) if n]


def test_zero_is_drawn_where_it_occurs_only() -> None:
    found = scalar("[0, 2]", "[1, 3]")
    assert "0" in drawn_from(found["w"]) and "0" not in drawn_from(found["x"])


def test_a_small_number_gets_a_few_others() -> None:
    assert drawn_from(scalar("[1, 1]", "[2, 3]")["w"]) == ["-5", "-4", "-3", "-2", "-1", "1", "2", "3", "4", "5"]


def test_fractions_and_powers_of_ten_are_those_that_occur() -> None:
    assert drawn_from(scalar("[1/3, -1/2]", "[1, 3]")["w"]) == ["-1/2", "-1/3", "1/3", "1/2"]
    assert drawn_from(scalar("[1e-3, 2]", "[1, 3]")["w"]) == ["-2", "-1e-3", "1e-3", "2"]


@pytest.mark.parametrize(("number", "places"), [("123.456", 1), ("1234567", 0), ("0.123456789", 4), ("9999.99", 0)])
def test_long_numbers_lose_their_last_places(number: str, places: int) -> None:
    texts = drawn_from(scalar(f"[{number}, {number}]", "[1, 3]")["w"])
    assert 500 < len(texts) <= 2 * MOST_MAGNITUDES and len(set(texts)) == len(texts)
    assert max(map(Fraction, texts)) <= Fraction(number) < Fraction(11, 10) * max(map(Fraction, texts))
    assert {len(text.partition(".")[2]) for text in texts} == {places}


def test_targets_keep_their_sign() -> None:
    assert all(Fraction(text) > 0 for text in drawn_from(scalar("[1, 2]", "[1, 3]", "3")["t"]))
    assert drawn_from(scalar("[1, 2]", "[1, 3]", "-3")["t"]) == ["-5", "-4", "-3", "-2", "-1", "1", "2", "3", "4", "5"]


def test_constants_rates_zeros_and_truth_tables_stay() -> None:
    found = choices_of(TANH.replace("b_1: [0.1, 0.2]", "b_1: [0, 0]"))
    assert set(found) == {"W_1", "W_2", "b_2", "x", "t"}
    assert set(scalar("[1, 2]", "[0, 1]")) == {"w", "t"}
    assert "c" not in scalar("[1, 2]", "[1, 3]")


def options(choice: Choice, name: str) -> list[list[object]]:
    assert isinstance(choice, OneOf)
    return [option[name].text.tolist() for option in choice.options]


def test_class_indices_stay_below_the_number_of_classes() -> None:
    assert drawn_from(choices_of(SOFTMAX)["c"]) == ["0", "1", "2"]
    one = SOFTMAX.replace("X: [[1, 0.5], [0.5, 2], [1, 1]]", "x: [1, 0.5]").replace("c: [0, 1, 2]", "c: 1")
    assert drawn_from(choices_of(one)["c"]) == ["0", "1", "2"]


def test_one_hot_targets_stay_one_hot() -> None:
    rows = choices_of(SOFTMAX.replace("c: [0, 1, 2]", "T: [[1, 0, 0], [0, 1, 0], [1, 0, 0]]"))["T"]
    assert len(options(rows, "T")) == 6
    assert all(np.array(option, float).sum(axis=1).tolist() == [1, 1, 1] for option in options(rows, "T"))
    columns = SOFTMAX.replace("X: [[1, 0.5], [0.5, 2], [1, 1]]", "X: [[1, 0.5, 1, 2], [0.5, 2, 1, 1]]").replace(
        "c: [0, 1, 2]", "T: [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]"
    )
    found = options(choices_of(columns + "conventions: {samples: columns}\n")["T"], "T")
    assert len(found) == 6
    assert all(np.array(option, float).sum(axis=0).tolist() == [1, 1, 1, 1] for option in found)


def test_probabilities_are_exchanged_and_many_classes_shifted_round() -> None:
    soft = SOFTMAX.replace("X: [[1, 0.5], [0.5, 2], [1, 1]]", "x: [1, 0.5]").replace(
        "c: [0, 1, 2]", "t: [0.7, 0.2, 0.1]"
    )
    assert sorted(map(tuple, options(choices_of(soft)["t"], "t")))[0] == ("0.1", "0.2", "0.7")
    many = "forward: L = cross_entropy(softmax(s), t)\nparameters: {s: [1, 2, 3, 4, 5, 6]}\n"
    many += "target: {t: [1, 0, 0, 0, 0, 0]}\n"
    assert sorted(options(choices_of(many)["t"], "t")) == sorted(np.eye(6, dtype=int).astype(str).tolist())


def test_labels_of_two_classes_are_exchanged() -> None:
    assert options(scalar("[[1, 2], [2, 1]]", "[1, 3]", "[1, 1]")["t"], "t") == [["1", "1"], ["0", "0"]]
    assert isinstance(scalar("[1, 2]", "[1, 3]", "-1")["t"], Signs)


def test_targets_that_cannot_vary_stay() -> None:
    soft = SOFTMAX.replace("X: [[1, 0.5], [0.5, 2], [1, 1]]", "x: [1, 0.5]").replace(
        "c: [0, 1, 2]", "t: [1/3, 1/3, 1/3]"
    )
    assert "t" not in choices_of(soft)


def test_options_that_do_not_sum_to_one_are_derived_in_two_steps() -> None:
    """One option of many is enough, wherever it stands."""
    text = SOFTMAX.replace("X: [[1, 0.5], [0.5, 2], [1, 1]]", "x: [1, 0.5]").replace("c: [0, 1, 2]", "t: [1, 0, 0]")
    right = [f"[{n}/1000, {1000 - n}/1000, 0]" for n in range(900)]
    fused = only_setting(problem_of(text, vary=f"{{t: [{', '.join(right)}]}}"))
    assert "dL/dy" not in fused.program.names
    wrong = [*right[:-1], "[0.5, 0.5, 0.5]"]
    in_steps = only_setting(problem_of(text, vary=f"{{t: [{', '.join(wrong)}]}}"))
    assert "dL/dy" in in_steps.program.names
    assert not in_steps.problem.conventions.fused


SMALL_SPACE = {"softmax-in-two-steps": 10}  # 11^3 logits with 3 targets; relabelled classes are the same
"""Problems whose own numbers are too few for 20 variants, and how many they have."""


@pytest.mark.parametrize("name", WITH_NUMBERS)
def test_every_problem_of_the_bank_has_variants_that_are_checked(name: str) -> None:
    problem = bank(name)
    count = 20
    if name in SMALL_SPACE:
        with pytest.raises(NoVariants, match=f"{SMALL_SPACE[name]} of 20 variants"):
            find_variants(problem, count, SEED)
        count = SMALL_SPACE[name]
    pool = find_variants(problem, count, SEED)
    assert len(pool.variants) == count
    assert require_checked(pool) > count
    own = {given.name: given.value for given in problem.givens}
    for variant in pool.variants:
        for given in variant.problem.givens:
            assert isinstance(given.value, Literal)
            if given.role == "constant":
                assert given.value == own[given.name], f"{name}, seed {SEED}: {given.name}"


@pytest.mark.parametrize("name", IN_SYMBOLS)
def test_a_problem_in_symbols_says_that_it_is_one(name: str) -> None:
    for count in (1, 8):
        with pytest.raises(DeriveError) as refused:
            find_variants(bank(name), count, SEED)
        [fault] = refused.value.faults
        assert fault.found.startswith("no numbers for ") and "symbols" in fault.hint
        assert make_settings(bank(name))[0].space.size == 1
