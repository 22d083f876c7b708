"""All faults of a file come at once, each once, and nothing that only follows from one of them."""

from __future__ import annotations

import random
from textwrap import dedent

import pytest

from derive.errors import ProblemError
from derive.program import read_text
from tests.spec.faulty_files import FILES
from tests.spec.planted_faults import BASES, Plant, also, independent, line_of, line_told


def faults_of(text: str) -> list[tuple[int, str, str]]:
    """Line, path and `found` of each fault of a text, in the order in which they are told."""
    with pytest.raises(ProblemError) as caught:
        read_text(text, "f")
    return [(int(fault.where.partition(":")[2] or 0), fault.path, fault.found) for fault in caught.value.faults]


# ------------------------------------------------------------------------------------------- files full of faults


@pytest.mark.parametrize("case", FILES)
def test_exactly_these_faults(case: str) -> None:
    text, expected = FILES[case]
    found = faults_of(dedent(text))
    assert sorted(found) == sorted(expected)
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("architecture: [2, 1, 1]\nactivations: sigmoid\nloss: mse", "`activations: [sigmoid, identity]`"),
        ("architecture: [2, 1, 1]\nactivations: 3\nloss: mse", "`activations: [sigmoid, identity]`"),
        ("forward: y = 2*w\nparameters: {w: 1}\nupdate: {sgd: 0.2}", "`update: {sgd: {learning_rate: 0.2}}`"),
        ("forward: y = 2*w\nparameters: {w: 1}\nupdate: {sgd: much}", "`update: {sgd: {learning_rate: 0.1}}`"),
        ("forward: y = 2*w\nparameters: {w: 1}\nupdate: 0.2", "`update: {sgd: {learning_rate: 0.2}}`"),
    ],
)
def test_the_hint_shows_how_it_is_written(text: str, hint: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_text(text)
    assert [hint in fault.hint for fault in caught.value.faults if fault.path.startswith(("act", "up"))] == [True]


def test_very_many_faults_are_not_all_told() -> None:
    faults = faults_of("".join(f"k{number}: 1\n" for number in range(1000)) + "forward: y = tahn(q)\n")
    assert len(faults) == 52
    assert (51, "k50", "950 more unknown keys") in faults
    assert len(faults_of("a: 1\n" * 1000)) == 501


# ------------------------------------------------------------------------------------------------- planted faults


def check_planted(base: str, plants: list[Plant]) -> None:
    text = base
    expected: list[tuple[int, str, str]] = []
    for plant in plants:
        assert base.count(plant.old) == 1, plant.old
        line = line_of(base, base.index(plant.old))
        expected += [(line_told(plant, line), plant.path, plant.found)] + [(line, *more) for more in also(plant)]
        text = text.replace(plant.old, plant.new)
    assert text.count("\n") == base.count("\n")
    if any(plant.new.startswith("X: [N, 3]") for plant in plants):  # the numbers are told, not their shape
        expected = [(23, path, found) if path == "input.X" else (line, path, found) for line, path, found in expected]
    found = faults_of(text)
    unmatched = [
        entry
        for entry in found
        if not any(entry[:2] == (line, path) and entry[2].startswith(start) for line, path, start in expected)
    ]
    assert not unmatched, text
    assert len(found) == len(expected), (found, expected, text)


@pytest.mark.parametrize("form", BASES)
def test_the_files_without_plants_are_right(form: str) -> None:
    assert read_text(BASES[form][0]).equations


@pytest.mark.parametrize(
    ("form", "plant"), [(form, plant) for form, (_, plants) in BASES.items() for plant in plants], ids=str
)
def test_a_planted_fault_is_the_only_one(form: str, plant: Plant) -> None:
    check_planted(BASES[form][0], [plant])


@pytest.mark.parametrize("form", BASES)
@pytest.mark.parametrize("seed", range(150))
def test_independent_faults_are_all_told_and_nothing_else(form: str, seed: int) -> None:
    base, known = BASES[form]
    numbers = random.Random(seed)
    plants = numbers.sample(known, numbers.randint(2, 4))
    while not independent(plants):
        plants = numbers.sample(known, numbers.randint(2, 4))
    check_planted(base, plants)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("leaky_relu(x, alpha=1/0)", "a division by zero in 1/0"),
        ("leaky_relu(x, alpha=True)", "the option `True`"),
        ('leaky_relu(x, alpha="sum")', "the option `sum`"),
        ("mse(x, 1, factor=1/0)", "a division by zero in 1/0"),
        ("mse(x, 1, factor=True)", "the option `True`"),
        ('huber(x, 1, delta="sum")', "the option `sum`"),
        ("augment(x, last=0)", "augment(...) does not take these arguments"),
        ("cross_entropy(x, x, axis=5)", "cross_entropy(...) does not take these arguments"),
        ("cross_entropy(x, 0, axis=5)", "cross_entropy(...) does not take these arguments"),
    ],
)
def test_options_that_are_no_numbers(expression: str, found: str) -> None:
    text = f"forward: |\n  y = {expression}\n  z = tahn(x)\ninput: {{x: [1, 2]}}\n"
    assert faults_of(text) == [(2, f"in `y = {expression}`", found), (3, "forward", "the unknown function `tahn`")]
