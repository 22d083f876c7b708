"""Slips in unwritten steps on whole sheets: zeros are none, formulas pay for none, and each is told once."""

from __future__ import annotations

import numpy as np
import pytest

from derive.evaluate import Values
from derive.exam.plan import exam_of
from derive.grading.feedback import feedback
from derive.grading.grade import grade
from derive.grading.gradebook import StepMark
from derive.grading.marking import Answers, mark
from derive.grading.statistics import statistics
from derive.grading.submissions import Submission
from derive.ops import Array
from derive.program import Role, Step, read_text
from tests.grading.simulated import NAMES, Room, asking_little, room_of, simulated_problem, worked_out
from tests.grading.test_marking import alone, answered, marked
from tests.grading.test_unwritten import FULL, LITTLE, named, slipped, unforgiving

SEED = 20_241_121


# ------------------------------------------------------------------------------------------------ zeros


def earns_more_by_zeros(room: Room, name: str) -> tuple[int, bool]:
    """How many lose points who take a step that is not asked as zero, and whether forgiving makes a difference."""

    def change(step: Step, value: Array) -> Array:
        return np.zeros_like(value) if step.name == name else value

    answers = Answers(room.setting, room.given, worked_out(room, np.random.default_rng(SEED), change=change))
    with pytest.MonkeyPatch.context() as patch:
        unforgiving(patch)
        before = mark(answers)
    pairs = zip(before, mark(answers), strict=True)
    losing = np.any([one.share < 1 for one in before], axis=0)
    return int(losing.sum()), any((one.verdicts != other.verdicts).any() for one, other in pairs)


@pytest.mark.parametrize("name", ["dL/da", "dL/dz", "dz/da", "dL/dy", "y"])
def test_zeros_in_an_unwritten_step_are_never_forgiven(name: str) -> None:
    room = room_of(asking_little(simulated_problem("pen-and-paper")), 100, 20, SEED)
    losing, differs = earns_more_by_zeros(room, name)
    assert losing > 50
    assert not differs


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_zeros_are_never_forgiven_in_problems_of_every_kind(name: str) -> None:
    room = room_of(asking_little(simulated_problem(name)), 300, 50, SEED)
    hidden = [step.name for step in room.steps if step.name not in room.setting.answers and step.role is not Role.AFTER]
    found = {step: earns_more_by_zeros(room, step) for step in hidden}
    assert [step for step, (_, differs) in found.items() if differs] == []
    assert sum(losing for losing, _ in found.values()) > 300


def test_a_sheet_of_zeros_has_no_slip() -> None:
    """Some mistakes lead to zeros, and yet these are no slips, not even among right answers."""
    room = room_of(simulated_problem("pen-and-paper"), 40, 20, SEED)
    zeros = {name: np.zeros_like(array) for name, array in worked_out(room, np.random.default_rng(SEED)).items()}
    found = mark(Answers(room.setting, room.given, zeros))
    assert any(one.slips.is_named.any() for one in found)
    assert [one.origins for one in found] == [{}] * len(found)
    right = worked_out(room, np.random.default_rng(SEED))
    partly = right | {name: zeros[name] for name in ("dL/dW_2", "dL/dz", "L")}
    assert [one.origins for one in mark(Answers(room.setting, room.given, partly))] == [{}] * len(found)


@pytest.mark.parametrize(("asked", "where"), [("[a, z, y, L, dL/dy]", "a"), ("[z, y, L, dL/dy]", "z")])
def test_a_slip_that_leads_to_zero_is_named_where_the_rest_is_not(asked: str, where: str) -> None:
    """Without its bias the only unit is at 0, asked or not; L = 0 is another matter."""
    room = alone(
        "architecture: [2, 1, 1]\nactivations: [tanh, identity]\nloss: mse\n"
        "parameters: {W_1: [[1, -1]], b_1: [2], W_2: [[0.5]], b_2: [0.25]}\n"
        f"input: {{x: [1, 1]}}\ntarget: {{t: [1]}}\nrounding: {{places: 2}}\nask: {asked}\n"
    )
    answers = slipped(room, "a", "bias_forgotten")
    assert (answers["z"], answers["y"], answers["L"]) == (0, 0.25, 0.56)
    assert named(marked(room, answers)) == {where: ("a", "bias_forgotten")}
    assert named(marked(room, answers | {"L": np.zeros(1)})) == {}
    assert named(marked(room, {name: np.zeros_like(array) for name, array in answers.items()})) == {}


# ------------------------------------------------------------------------------------------------ sheets


def graded(answers: dict[str, object], text: str = FULL) -> dict[str, StepMark]:
    """The marks of one student whose answers are typed."""
    exam = exam_of(read_text(text, "question"))
    [student] = grade(exam, [Submission("7", "", answers, "here")]).gradebook.students
    return {step.name: step for step in student.steps}


def typed(answers: Values) -> dict[str, object]:
    return {name: array[0].tolist() for name, array in answers.items()}


def test_a_right_formula_pays_for_no_slip_in_the_numbers_after_it() -> None:
    answers = typed(slipped(alone(FULL), "dL/da", "slope_missing"))
    right = graded(answers | {"dL/da": "dL/dz * (1 - z**2)"})
    assert [name for name, step in right.items() if not step.is_full] == ["dL/dW_1"]
    wrong = graded(answers | {"dL/da": "dL/dz"})
    assert [name for name, step in wrong.items() if not step.is_full] == ["dL/da"]
    slips_told = [step.slip.kind for step in wrong.values() if step.slip]
    assert slips_told == ["slope_missing"]
    none = graded(typed(answered(alone(FULL))) | {"dL/da": "dL/dz"})
    assert [name for name, step in none.items() if not step.is_full] == ["dL/da"]


def test_the_slip_is_told_and_counted_once() -> None:
    exam = exam_of(read_text(LITTLE, "question"))
    room = alone(LITTLE)
    sheets = [
        Submission("one", "", typed(slipped(room, "dz/da", "square")), "here"),
        Submission(
            "two", "", {name: np.zeros_like(array[0]).tolist() for name, array in answered(room).items()}, "here"
        ),
    ]
    book = grade(exam, sheets).gradebook
    [slip] = statistics(book).slips
    assert (slip.kind, slip.count, slip.sentence) == ("square", 1, "in dz/da: the square was forgotten")
    pages = dict(feedback(book))
    assert pages["0001-one.html"].count("the square was forgotten") == 1
    assert "What went wrong" not in pages["0002-two.html"]
    carried = next(step for step in book.students[0].steps if step.name == "dL/db_1")
    assert carried.carried
    assert carried.expected == carried.given
