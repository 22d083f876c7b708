"""Points: answers add up to what the heading says, however they were stated."""

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import ProblemError
from derive.exam.plan import Exam, counted, exam_of, part_of
from derive.exam.points import share
from derive.spec import read_text

NETWORK = """architecture: [2, 1]
activations: [identity]
loss: mse
parameters: {W_1: [[0.2, -0.4]], b_1: [0.3]}
input: {x: [0.5, 0.6]}
target: {t: [0.1]}
"""


@given(st.integers(0, 9999), st.lists(st.integers(0, 40), max_size=60))
def test_shares_add_up_and_follow_the_weights(total, weights):
    shares = share(total, weights)
    assert sum(shares) == (total if any(weights) else 0)
    assert all(part == 0 for part, weight in zip(shares, weights, strict=True) if not weight)
    step = max((part.denominator for part in shares), default=1)
    for part, weight in zip(shares, weights, strict=True):
        if any(weights):
            assert abs(part - Fraction(total * weight, sum(weights))) < Fraction(1, step)
    pairs = sorted(zip(weights, shares, strict=True))
    assert all(one <= other for (low, one), (high, other) in itertools.pairwise(pairs) if low < high)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (15, [1] * 15, [1] * 15),
        (20, [1] * 15, [2] * 5 + [1] * 10),
        (10, [1] * 15, [1] * 5 + [0.5] * 10),
        (20, [3, 1, 6], [6, 2, 12]),
        (5, [3, 1, 6], [Fraction(3, 2), Fraction(1, 2), 3]),
        (0, [1, 1], [0, 0]),
    ],
)
def test_points_are_whole_where_nobody_goes_empty_handed(total, weights, shares):
    assert share(total, weights) == tuple(map(Fraction, shares))


def points_of(text, total=None):
    part = part_of(read_text(NETWORK + text), total)
    own = [*(ask.points for ask in part.problem.ask), *(question.points for question in part.problem.questions)]
    return part.points, own


@pytest.mark.parametrize(
    ("text", "total", "expected"),
    [
        ("ask: [{y: 3}, {L: 1}]\n", None, (4, [3, 1])),
        ("ask: [{y: 3}, {L: 1}]\n", 8, (8, [6, 2])),
        ("ask: [{y: 3}, {L: 1}]\npoints: 8\n", None, (8, [6, 2])),
        ("ask: [{y: 3}, {L: 1}]\npoints: 8\n", 12, (12, [9, 3])),
        ("ask: [{y: 3}, L]\n", None, (3, [3, None])),
        ("ask: [y, L]\n", None, (2, [1, 1])),
        ("ask: [y, L]\npoints: 5\n", None, (5, [3, 2])),
        ("ask: [y, {shapes: [W_1], points: 4}]\n", None, (4, [None, 4])),
        ("ask: [y, {shapes: [W_1]}]\n", 6, (6, [3, 3])),
        ("ask: [{y: 3}, {L: 1}]\n", 0, (0, [None, None])),
        ("points: 7\n", None, (7, [])),
        ("points: 7\n", 9, (9, [])),
        ("", None, (None, [])),
    ],
)
def test_what_is_asked_adds_up_to_the_whole(text, total, expected):
    assert points_of(text, total) == expected


def test_fewer_points_than_answers_are_refused():
    with pytest.raises(ProblemError, match="1 as the points of 2 answers"):
        points_of("ask: [y, L]\n", 1)


def test_every_network_of_a_problem_has_the_same_points():
    problem = part_of(read_text(NETWORK + "ask: [y, L]\nvary: {activations: [[tanh], [identity]]}\n"), 6).problem
    assert [[ask.points for ask in network.problem.ask] for network in problem.vary.structures] == [[3, 3], [3, 3]]


def test_without_any_points_each_answer_has_one():
    exam = exam_of(read_text(NETWORK))
    both = replace(exam, parts=(*exam.parts, replace(exam.parts[0], points=4)))
    assert [part.points for part in counted(both, [7, 7]).parts] == [7, 4]
    assert counted(Exam("x", "X", ()), []).parts == ()
