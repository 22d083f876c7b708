"""One slip in a step that nobody wrote down costs one answer: what follows from it is carried, and it is named once."""

from __future__ import annotations

import numpy as np
import pytest

import derive.grading.marking
from derive.evaluate import Values
from derive.grading.marking import Answers, Marked, Verdict, mark
from derive.grading.origins import Origin, repeats
from derive.ops import Array, Constant, Node, Tensor, Times, Transpose
from derive.program import Step
from tests.grading.simulated import Room, asking_little, gradients, room_of, simulated_problem, slips, worked_out
from tests.grading.test_marking import NETWORK, TWO, alone, answered, lost, marked, verdicts

SEED = 20_241_121
WRONG, CARRIED, RIGHT, MISSING = Verdict.WRONG, Verdict.CARRIED, Verdict.RIGHT, Verdict.MISSING
LITTLE = NETWORK + "rounding: {places: 4}\n" + """ask: [{L: 1}, {"dL/dW_1": 4}, {"dL/db_1": 2}, {"W_1'": 1}]\n"""
FULL = NETWORK + "rounding: {places: 4}\n"
REPEATED = """
forward: |
  A = W @ X
  B = {repeat}
  C = A * A
  L = sum(B) + sum(C)
parameters: {{W: [[1.5, -0.5], [0.25, 2]]}}
input: {{X: [[1, 2], [-1, 0.5]]}}
rounding: {{places: 3}}
ask: [B, C]
"""


def slipped(room: Room, name: str, kind: str, **typed: object) -> Values:
    """The answers of a student who made a mistake in a step, and went on with it; some entries as typed."""
    mistake = next(one for one in room.setting.mistakes(name) if one.kind == kind)

    def change(step: Step, value: Array) -> Array:
        own = typed.get(step.name.replace("/", "_"))
        return value if own is None else value + np.asarray(own, dtype=float)

    return worked_out(room, np.random.default_rng(SEED), {name: mistake.formula}, change)


def named(found: dict[str, Marked]) -> dict[str, tuple[str, str]]:
    """The slips that are told of the first student, by the answer at which they stand."""
    return {name: one.origins[0].kind for name, one in found.items() if 0 in one.origins}


def unforgiving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derive.grading.marking, "MOST_SLIPS", 0)


def test_one_slip_between_answers_costs_the_first_and_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    room = alone(LITTLE)
    answers = slipped(room, "dz/da", "square")
    found = marked(room, answers)
    assert verdicts(found, "dL/dW_1") == [WRONG] * 4
    assert verdicts(found, "dL/db_1") == [CARRIED] * 2
    assert lost(found) == ["dL/dW_1"]
    assert named(found) == {"dL/dW_1": ("dz/da", "square")}
    low, high = found["dL/db_1"].expected
    assert ((low <= answers["dL/db_1"]) & (answers["dL/db_1"] <= high)).all()
    unforgiving(monkeypatch)
    assert lost(marked(room, answers)) == ["dL/dW_1", "dL/db_1"]


def test_entries_in_which_the_slip_does_not_show_keep_their_points() -> None:
    room = alone(LITTLE.replace("tanh", "relu").replace("b_1: [0.1, -0.2]", "b_1: [-0.1, -0.2]"))
    found = marked(room, slipped(room, "dL/da", "mask_missing"))
    assert verdicts(found, "dL/dW_1") == [WRONG, WRONG, RIGHT, RIGHT]
    assert verdicts(found, "dL/db_1") == [CARRIED, RIGHT]


def test_what_one_slip_does_not_explain_earns_nothing() -> None:
    """The second slip is in an answer itself: entry by entry, what still follows from the first one is carried."""
    room = alone(LITTLE)
    found = marked(room, slipped(room, "dz/da", "square", dL_db_1=[0.0, 0.3]))
    assert verdicts(found, "dL/dW_1") == [WRONG] * 4
    assert verdicts(found, "dL/db_1") == [CARRIED, WRONG]
    right = answered(room)
    mixed = slipped(room, "dz/da", "square") | {"dL/dW_1": right["dL/dW_1"]}
    found = marked(room, mixed)  # the step was right, so the other answer is wrong by itself
    assert verdicts(found, "dL/dW_1") == [RIGHT] * 4
    assert verdicts(found, "dL/db_1") == [WRONG] * 2


def test_two_slips_cost_one_answer_each() -> None:
    """In the prediction, which shows in the loss first, and in the slope."""
    room = alone(LITTLE)
    kinds = {"y": "bias_forgotten", "dz/da": "square"}
    formulas = {
        name: next(one for one in room.setting.mistakes(name) if one.kind == kind).formula
        for name, kind in kinds.items()
    }
    found = marked(room, worked_out(room, np.random.default_rng(SEED), formulas))
    assert lost(found) == ["L", "dL/dW_1"]
    apart = alone(FULL)
    both = worked_out(apart, np.random.default_rng(SEED), formulas)
    found = marked(apart, both)
    assert lost(found) == ["y", "dL/da"]
    assert named(found)["dL/da"] == ("dz/da", "square")


def test_several_slips_that_explain_the_same_are_forgiven_and_not_named() -> None:
    """A sign lost in dL/dz or in dL/da is the same to all that follows: surely one slip, but not which."""
    room = alone(LITTLE)
    found = marked(room, slipped(room, "dL/da", "negated"))
    assert lost(found) == ["dL/dW_1"]
    assert named(found) == {}


def test_a_sheet_marked_with_others_has_the_same_marks() -> None:
    room = room_of(asking_little(simulated_problem("pen-and-paper")), 60, 20, SEED)
    one = next(slips(room, ("dz/da",)))
    answers = Answers(room.setting, one.room.given, one.answers)
    together, single = mark(answers), mark(answers.part(np.array([3])))
    for whole, alone_ in zip(together, single, strict=True):
        assert whole.verdicts[3].tolist() == alone_.verdicts[0].tolist()
        assert whole.origins.get(3) == alone_.origins.get(0)


# ------------------------------------------------------------------------------------------------ no name


def test_a_wrong_number_that_an_answer_tells_is_carried_on() -> None:
    """An arithmetic error in dL/da: dL/db_1 is that number, and dL/dW_1 follows from it."""
    room = alone(LITTLE)
    answers = answered(room, dL_da=[0.3712, -0.2231])
    found = marked(room, answers)
    assert lost(found) == ["dL/dW_1"]
    assert verdicts(found, "dL/db_1") == [CARRIED] * 2
    assert named(found) == {}
    other = answers | {"dL/dW_1": answers["dL/dW_1"] + 0.2}
    assert lost(marked(room, other))[:2] == ["dL/dW_1", "dL/db_1"]  # nothing else follows from that number
    easy = answered(room, dL_da=[0.25, 0.25])
    assert lost(marked(room, easy))[:2] == ["dL/dW_1", "dL/db_1"]


@pytest.mark.parametrize("repeat", ["A.T", "-A", "-A.T"])
def test_a_transpose_or_a_negative_tells_the_number_too(repeat: str) -> None:
    room = alone(REPEATED.format(repeat=repeat))
    wrong = [[2.123, 2.75], [-1.75, 1.5]]
    found = marked(room, answered(room, A=wrong))
    assert lost(found) == ["B"]
    assert verdicts(found, "C") == [CARRIED, RIGHT, RIGHT, RIGHT]


def test_only_bare_quantities_repeat() -> None:
    matrix = Tensor("A", (2, 3))
    same: tuple[Node, ...] = (matrix, Transpose(matrix), Times(Constant(-1), Transpose(matrix)))
    assert [repeats(formula) for formula in same] == [matrix] * 3
    other: tuple[Node, ...] = (Times(Constant(2), matrix), Times(matrix, matrix), matrix + matrix, Constant(-1))
    assert [repeats(formula) for formula in other] == [None] * 4


# ------------------------------------------------------------------------------------------------ left out


def without(answers: Values, *names: str) -> Values:
    return {name: np.full_like(array, np.nan) if name in names else array for name, array in answers.items()}


def test_a_slip_in_a_step_that_was_left_out_costs_that_step() -> None:
    room = alone(FULL)
    answers = slipped(room, "dL/da", "slope_missing")
    written, blank = marked(room, answers), marked(room, without(answers, "dL/da"))
    assert lost(written) == lost(blank) == ["dL/da"]
    assert verdicts(blank, "dL/da") == [MISSING] * 2
    assert named(written) == named(blank) == {"dL/da": ("dL/da", "slope_missing")}
    assert found_low(blank, "dL/da") == found_low(marked(room, without(answered(room), "dL/da")), "dL/da")


def found_low(found: dict[str, Marked], name: str) -> list[float]:
    return found[name].expected[0][0].tolist()


def test_a_slip_would_have_shown_in_what_was_left_out() -> None:
    """The slope is not asked; dL/da, in which it would have shown, was left out and has lost its points."""
    room = alone(FULL)
    found = marked(room, without(slipped(room, "dz/da", "square"), "dL/da"))
    assert lost(found) == ["dL/da"]
    assert named(found) == {"dL/da": ("dz/da", "square")}


def test_what_follows_from_earlier_answers_stands_in_for_a_missing_one() -> None:
    room = alone(NETWORK + TWO)
    found = marked(room, without(answered(room, a=[0.52, 1.31]), "z"))
    assert lost(found) == ["a", "z"]
    zeros = marked(room, without(answered(room, a=[0.0, 0.0]), "z"))
    assert not any((one.verdicts == CARRIED).any() for one in zeros.values())


def test_nobody_earns_more_by_leaving_a_step_out() -> None:
    """Entry by entry, each mistake written down or left out."""
    room = room_of(simulated_problem("pen-and-paper"), 400, 20, SEED)
    compared = 0
    for one in slips(room):
        full = mark(Answers(room.setting, one.room.given, one.answers))
        part = mark(Answers(room.setting, one.room.given, without(one.answers, one.step)))
        for with_it, without_it in zip(full, part, strict=True):
            more = (without_it.verdicts >= CARRIED) & (with_it.verdicts < CARRIED)
            assert not more.any(), (one.step, one.mistake.kind, with_it.name, SEED)
            compared += more.size
    assert compared > 10_000


# ------------------------------------------------------------------------------------------------ the search


def test_forgiving_takes_points_from_nobody() -> None:
    """Two slips at once, wherever: no entry earns less for it, and some earn more."""
    room = room_of(asking_little(simulated_problem("pen-and-paper")), 300, 20, SEED)
    gained = 0
    for name in ("a", "y", "dL/dz"):
        for one in slips(room, (name,)):
            answers = {key: array.copy() for key, array in one.answers.items()}
            answers[gradients(room.setting)[0]][..., 0] += 0.2
            sheets = Answers(room.setting, one.room.given, answers)
            with pytest.MonkeyPatch.context() as patch:
                unforgiving(patch)
                before = mark(sheets)
            for old, new in zip(before, mark(sheets), strict=True):
                assert (new.verdicts >= old.verdicts).all(), (name, one.mistake.kind, SEED)
                gained += int((new.verdicts > old.verdicts).sum())
    assert gained > 100


def test_origins_are_told_apart() -> None:
    room = alone(LITTLE)
    [mistake] = [one for one in room.setting.mistakes("dz/da") if one.kind == "square"]
    assert Origin("dz/da", mistake).kind == ("dz/da", "square")
    assert Origin("dz/da", mistake).has_name
    assert Origin("dz/da").has_name
    assert not Origin("dL/da", answer="dL/db_1").has_name
    assert not Origin("dL/da", shortcut=0.0).has_name


def test_right_numbers_stand_in_for_a_missing_answer_as_well() -> None:
    """W_2's gradient is dL/dy, from the student's own y, times the right z, which was left out after a wrong a."""
    room = alone(FULL)
    answers = without(answered(room, a=[0.52, 1.31], y=0.9), "z")
    right = room.setting.values(room.given)
    gradient = np.round(answers["dL/dy"].reshape(1, 1, 1) * right["z"].reshape(1, 1, -1), room.setting.places)
    assert not np.allclose(gradient, answers["dL/dW_2"])
    assert not np.allclose(gradient, right["dL/dW_2"])
    for followed in (answers["dL/dW_2"], gradient):
        found = marked(room, answers | {"dL/dW_2": followed})
        assert verdicts(found, "dL/dW_2") == [CARRIED, CARRIED]
    assert "dL/dW_2" in lost(marked(room, answers | {"dL/dW_2": gradient + 0.5}))
