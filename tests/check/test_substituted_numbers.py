"""Every number of a line is that of what it stands for: a wrong one is refused even where it changes no result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from derive.check.latex_document import Derivation, take_apart
from derive.check.printed import _check_line
from derive.check.promises import Promised
from tests.problems import PROBLEMS
from tests.solved import solved

DEAD_UNIT = """
    forward: |
      a = W_1 @ x + b
      h = relu(a) + x
      y = V @ h
      L = sum((y - t)**2)
    parameters: {W_1: [[0.1, -0.7], [0.3, 0.9]], b: [1, 0.5], V: [[1, 2], [0.1, 0.2], [0.3, 1]]}
    input: {x: [1, 2]}
    target: {t: [0, 1, 0]}
    update: {sgd: {learning_rate: 0.1}}
    ask: [dy/dx, dh/dx, dL/dx]
    detail: entries
"""
CLASSES = """
    architecture: [2, 3]
    activations: [softmax]
    loss: cross_entropy
    parameters: {W_1: [[1, 1], [0, 0.5], [-1, -1]], b_1: [0.5, 0, 0]}
    input: {x: [1, 2]}
    target: {c: 0}
    update: {sgd: {learning_rate: 0.1}}
    rounding: {places: 2}
"""
SQUARES = """
    forward: |
      z = tanh(w * x)
      y = v * z
      L = (y - t)**2 + lam/2 * sum(w**2)
    parameters: {w: [0.3, -0.6567], v: [-0.5, 0.25]}
    input: {x: [1, 0.8]}
    target: {t: [0.1, 0]}
    constants: {lam: 0.1}
    update: {sgd: {learning_rate: 0.1}}
""".replace("L = (y - t)**2", "L = sum((y - t)**2)")
FRACTIONS = """
    architecture: [2, 2, 1]
    activations: [relu, identity]
    loss: mse
    parameters: {W_1: [[1/2, -1], [2, 1/4]], b_1: [0, 1/2], W_2: [[1, -2]], b_2: [1/3]}
    input: {x: [1, 2]}
    target: {t: [1]}
    update: {sgd: {learning_rate: 1/2}}
    rounding: {fractions: true}
"""
TEXTS = {"a dead unit": DEAD_UNIT, "classes": CLASSES, "squares": SQUARES, "fractions": FRACTIONS}
NUMBER = re.compile(r"(?<!\[)(?<!\\mathbf\{)(?<!\^\{)\d+(?:\.\d+)?")


def lines(text: str) -> Iterator[tuple[Derivation, Promised]]:
    solution = solved(text)
    document = take_apart(solution._unchecked_tex("solution"))
    yield from zip(document.derivations, solution.reading("solution").lines, strict=True)


def refused(text: str, line: Derivation, promise: Promised) -> bool:
    findings = list(_check_line(line, promise, solved(text).reading("solution")))
    assert {finding.step for finding in findings} == {promise.name}
    return not all(finding.passed for finding in findings)


def faults(numbers: str) -> Iterator[str]:
    """Each number with another last digit, as 99, as 0, and with the other sign."""
    for found in NUMBER.finditer(numbers):
        before, number, after = numbers[: found.start()], found[0], numbers[found.end() :]
        last = "8" if number[-1] == "9" else str(int(number[-1]) + 1)
        yield from (before + other + after for other in (number[:-1] + last, "99"))
        if float(number):
            yield f"{before}0{after}"
            yield (before[:-1] if before.endswith("-") else f"{before}-") + number + after


@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_number_is_refused_wherever_it_stands(name: str) -> None:
    planted = 0
    for line, promise in lines(TEXTS[name]):
        if not promise.substituted:
            continue
        for fault in faults(line.parts[-1]):
            planted += 1
            assert refused(TEXTS[name], replace(line, parts=(*line.parts[:-1], fault)), promise), (promise.name, fault)
    assert planted > 60


@pytest.mark.parametrize(
    ("text", "right", "wrong", "step"),
    [
        (DEAD_UNIT, "-0.7", "99", "dh/dx"),
        (DEAD_UNIT, "-0.7", "0.9", "dh/dx"),
        (CLASSES, r"0\,\log(0.076)", r"0\,\log(0.923)", "L"),
        (CLASSES, r"0\,\log(0.076)", r"0\,\log(0.66)", "L"),
        (SQUARES, "(-0.6567)^{2}", "(+0.6567)^{2}", "L"),
        (SQUARES, "(-0.6567)^{2}", "0.6567^{2}", "L"),
    ],
)
def test_a_number_that_changes_no_result_is_refused_by_name(text: str, right: str, wrong: str, step: str) -> None:
    [(line, promise)] = [pair for pair in lines(text) if pair[1].name == step]
    assert right in line.parts[-1]
    assert not refused(text, line, promise)
    assert refused(text, replace(line, parts=(*line.parts[:-1], line.parts[-1].replace(right, wrong, 1))), promise)


def test_the_fault_is_told_with_what_the_number_stands_for() -> None:
    [(line, promise)] = [pair for pair in lines(DEAD_UNIT) if pair[1].name == "dh/dx"]
    wrong = replace(line, parts=(*line.parts[:-1], line.parts[-1].replace("-0.7", "99", 1)))
    findings = list(_check_line(wrong, promise, solved(DEAD_UNIT).reading("solution")))
    told = [(finding.route, finding.found, finding.expected) for finding in findings if not finding.passed]
    assert told == [("lines", "99", "-0.7")]


@pytest.mark.parametrize("name", PROBLEMS)
def test_right_numbers_pass(name: str) -> None:
    assert [finding for finding in solved(PROBLEMS[name]).printed_findings if not finding.passed] == []
