"""Classes of simulated students: right ones lose nothing, one slip costs one step, its name is right, zeros do not pay.

`benchmarks/grading.py` prints the same figures for larger classes.
"""

from __future__ import annotations

import numpy as np
import pytest

import derive.grading.marking
from derive.grading.marking import Verdict, mark
from tests.grading.measured import (
    SHORTCUTS,
    answers_of,
    correct,
    late_answers,
    one_slip,
    shortcuts,
    slip_anywhere,
    wrong_digit,
)
from tests.grading.simulated import (
    NAMES,
    Room,
    asking_little,
    room_of,
    simulated_problem,
    with_old_weights,
    worked_out,
)

SEED = 20_241_121
LEAST = {"pen-and-paper": 0.985, "two-relu-layers": 0.98, "cross-entropy-from-logits": 0.97}  # slips to zeros cost more
SATURATED = {"minibatch-softmax"}  # whole weights up to 9: probabilities of 1e-13, and slips that give zeros only


def room(name: str, students: int = 200, variants: int = 20) -> Room:
    return room_of(simulated_problem(name), students, variants, SEED)


def test_a_class_is_marked_as_promised() -> None:
    small = room("pen-and-paper", 1000, 5)
    assert correct(small)[0] == 0, f"seed {SEED}"
    figures, _ = one_slip(small)
    assert figures.elsewhere <= 0.005 * figures.students, (SEED, figures.lost_at)
    assert figures.named.wrong > 800
    assert figures.named.precision >= 0.95
    assert figures.named.share >= 0.9
    assert shortcuts(small.only(np.arange(100)), "zeros") == (pytest.approx(700, abs=60), 0)


def test_a_slip_in_any_step_costs_one_answer() -> None:
    for problem in (simulated_problem("pen-and-paper"), asking_little(simulated_problem("pen-and-paper"))):
        figures, _ = slip_anywhere(room_of(problem, 1000, 20, SEED))
        assert figures.showing > 800
        assert figures.at_one >= 0.985 * figures.showing, (SEED, figures.lost_at)
        assert figures.named.precision >= 0.95


def test_most_would_cost_more_if_nothing_were_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measurement itself."""
    monkeypatch.setattr(derive.grading.marking, "MOST_SLIPS", 0)
    figures, _ = slip_anywhere(room_of(asking_little(simulated_problem("pen-and-paper")), 200, 20, SEED))
    assert figures.at_one < 0.7 * figures.showing


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_slip_in_any_step_of_every_kind_costs_one_answer(name: str) -> None:
    problem = simulated_problem(name)
    least = 0.98 if name in SATURATED else 0.995
    for asked, share in ((problem, least), (asking_little(problem), min(least, LEAST.get(name, 1)))):
        figures, _ = slip_anywhere(room_of(asked, 3000, 50, SEED))
        assert figures.at_one >= share * figures.showing, (SEED, figures.lost_at)
        assert figures.named.precision >= 0.95
        assert figures.named.share >= 0.7


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_classes_of_every_kind_are_marked_as_promised(name: str) -> None:
    large = room(name, 5000, 50)
    assert correct(large)[0] == 0, f"seed {SEED}"
    figures, _ = one_slip(large)
    allowed = 0.015 if name in SATURATED else 0.005
    assert figures.elsewhere <= allowed * figures.students, (SEED, figures.lost_at)
    assert figures.named.precision >= 0.95
    assert figures.named.share >= 0.9
    few = room(name, 500, 50)
    late = late_answers(few)
    assert late.wrong > 100
    assert late.precision >= 0.95
    assert late.share >= 0.3
    assert wrong_digit(few).share <= 0.15
    for kind in SHORTCUTS:
        tried, gained = shortcuts(few, kind)
        assert tried > 200
        assert gained == 0, (name, kind, SEED)


def test_a_student_who_marks_everything_wrong_is_seen() -> None:
    """The measurement itself: other numbers than the right ones are lost."""
    small = room("pen-and-paper", 50, 10)
    answers = worked_out(small, np.random.default_rng(SEED))
    shifted = {name: array + 0.5 for name, array in answers.items()}
    marked = mark(answers_of(small, shifted))
    assert (marked[0].verdicts == Verdict.WRONG).all()
    assert np.mean([one.share.mean() for one in marked]) < 0.2


def test_old_weights_as_new_ones_earn_nothing_afterwards() -> None:
    """W' = W, and so L' = L: neither the copy nor what follows from it has points, unless it is right anyway."""
    small = room("pen-and-paper", 100, 20)
    marked = {one.name: one for one in mark(answers_of(small, with_old_weights(small, "W_1'")))}
    copied = (marked["W_1'"].verdicts == Verdict.WRONG).all(axis=1)
    assert copied.sum() > 20
    assert not (marked["L'"].verdicts[copied] == Verdict.CARRIED).any()
    assert (marked["L'"].verdicts[copied] == Verdict.WRONG).any()
