"""The core of marking, case by case: what is carried on from, what stands in, and where a number leads to none."""

from __future__ import annotations

import numpy as np
import pytest

from derive.evaluate import Values
from derive.grading.marking import AT_ONCE, Answers, Marked, Verdict, mark
from derive.ops import Array
from derive.program import Step, read_text
from derive.variants.rounding import with_variants
from derive.variants.setting import own_setting
from tests.grading.simulated import Room, room_of, simulated_problem, slips, worked_out

NETWORK = """
architecture: [2, 2, 1]
activations: [tanh, identity]
loss: mse
parameters:
  W_1: [[0.5, -0.25], [0.3, 0.8]]
  b_1: [0.1, -0.2]
  W_2: [[0.6, -0.4]]
  b_2: [0.3]
input: {x: [1, 2]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.5}}
"""
TWO = "rounding: {places: 2}\n"
RELU = NETWORK.replace("tanh", "relu") + TWO
LOGARITHM = """
forward: |
  p = sigmoid(s)
  L = -log(p)
  C = 2*L + 1
shapes: {s: []}
parameters: {s: -6}
rounding: {places: 2}
"""
SEED = 20_241_121
WRONG, CARRIED, RIGHT, MISSING = Verdict.WRONG, Verdict.CARRIED, Verdict.RIGHT, Verdict.MISSING


def alone(text: str) -> Room:
    """One student with the numbers of the problem."""
    setting = own_setting(read_text(text, "exercise.yaml"))
    given = with_variants(setting.program, setting.space.given(np.zeros((1, 0), dtype=np.int8)))
    return Room(setting, given, 1, SEED)


def answered(room: Room, **typed: object) -> Values:
    """The answers of the student, some as typed, and what follows from them; `dL_dy` stands for `dL/dy`."""

    def change(step: Step, value: Array) -> Array:
        own = typed.get(step.name.replace("/", "_"))
        return value if own is None else np.broadcast_to(np.asarray(own, dtype=float), value.shape)

    return worked_out(room, np.random.default_rng(SEED), change=change)


def marked(room: Room, answers: Values) -> dict[str, Marked]:
    return {one.name: one for one in mark(Answers(room.setting, room.given, answers))}


def verdicts(found: dict[str, Marked], name: str) -> list[int]:
    return found[name].verdicts[0].tolist()


def lost(found: dict[str, Marked]) -> list[str]:
    return [name for name, one in found.items() if (one.share < 1).any()]


# ------------------------------------------------------------------------------------------------ carried on


@pytest.mark.parametrize(
    "more",
    [
        TWO,
        "rounding: {places: 2, carry: rounded}\n",
        TWO + "conventions: {update_uses: new}\n",
        TWO + "detail: entries\n",
        TWO + """ask: [{y: 1}, {"dL/dW_1[1,2]": 1}, {dL/da: 1}, {"W_1'": 1}, {"L'": 1}]\n""",
        TWO + """ask: [{L: 1}, {"W_1'": 1}]\n""",
    ],
)
def test_right_answers_lose_nothing_and_a_wrong_one_itself_only(more: str) -> None:
    room = alone(NETWORK + more)
    assert lost(marked(room, answered(room))) == []
    name = room.setting.answers[0]
    other = np.arange(2.0) / 2 + 0.21 if name == "a" else 3.21
    assert lost(marked(room, answered(room, **{name: other}))) == [name]


def test_a_wrong_number_that_makes_the_gradients_vanish_brings_nothing() -> None:
    """An output that is just the target, and pre-activations far out, where tanh is flat; those of a mistake may."""
    room = alone(NETWORK + "rounding: {places: 2}\n")
    for name, number in (("y", 1.0), ("a", np.array([50.0, 90.0]))):  # the target is 1
        found = marked(room, answered(room, **{name: number}))
        for answer in ("dL/da", "dL/dW_1", "dL/db_1", "W_1'"):
            assert not (found[answer].verdicts == CARRIED).any(), (name, answer)


def test_entries_are_judged_one_by_one() -> None:
    room = alone(NETWORK + TWO)
    found = marked(room, answered(room, a=[0.1, 3.0]))
    assert verdicts(found, "a") == [RIGHT, WRONG]
    assert verdicts(found, "z") == [RIGHT, CARRIED]
    assert found["a"].share.tolist() == [0.5]


def test_a_missing_answer_costs_itself_only() -> None:
    """What follows from the answers before it stands in for it, not what the student may have had in mind."""
    room = alone(NETWORK + TWO)
    for answers in (answered(room), answered(room, z=[1.23, -0.45])):
        answers["z"] = np.full((1, 2), np.nan)
        found = marked(room, answers)
        assert verdicts(found, "z") == [MISSING, MISSING]
        assert verdicts(found, "a") == [RIGHT, RIGHT]
        is_wrong = answers["y"][0, 0] != answered(room)["y"][0, 0]
        assert verdicts(found, "y") == [WRONG if is_wrong else RIGHT]


def test_more_digits_than_asked_are_right() -> None:
    room = alone(NETWORK + TWO)
    exact = {name: room.setting.values(room.given)[name] for name in room.setting.answers}
    assert lost(marked(room, exact)) == []


def test_one_wrong_student_changes_nothing_for_the_others() -> None:
    """Marked alone, in a class, and over the border of two groups, a student has the same marks."""
    room = room_of(simulated_problem("pen-and-paper"), AT_ONCE + 40, 10, SEED)
    slipped = next(slips(room, ("dL/da",)))
    answers = worked_out(room, np.random.default_rng(SEED))
    last = AT_ONCE + 39
    for name, array in answers.items():
        array[last] = np.nan if name == "y" else 0 if name == "dL/dz" else 1e300
    together = mark(Answers(room.setting, room.given, answers))
    assert [one.verdicts.shape[0] for one in together] == [room.count] * len(together)
    assert all((one.verdicts[:last] == RIGHT).all() for one in together)
    sheets = Answers(room.setting, slipped.room.given, slipped.answers)
    whole, single = mark(sheets), mark(sheets.part(np.array([1])))
    for one, other in zip(whole, single, strict=True):
        assert one.verdicts[1].tolist() == other.verdicts[0].tolist()
        assert one.slips.of_student(1) == other.slips.of_student(0)


# ------------------------------------------------------------------------------------------------ edges


@pytest.mark.parametrize("unrounded", [False, True])
def test_a_zero_on_paper_before_a_relu_may_stand_on_either_side(unrounded: bool) -> None:
    """a_1 = 0.004 is 0.00 on paper: who goes on with 0 has no slope there, who goes on with 0.004 has one."""
    room = alone(RELU.replace("b_1: [0.1, -0.2]", "b_1: [0.004, -0.2]"))
    typed = {} if unrounded else {"a": [0.0, 1.7]}
    answers = answered(room, **typed)
    if unrounded:  # all steps with full precision, rounded when they are written down
        exact = room.setting.values(room.given)
        answers = {name: np.round(exact[name], 2) for name in room.setting.answers}
    assert answers["a"].tolist() == [[0.0, 1.7]]
    assert (answers["dL/da"][0, 0] == 0) != unrounded
    assert lost(marked(room, answers)) == []
    answers["dL/da"] = answers["dL/da"] + 5
    assert lost(marked(room, answers))[0] == "dL/da"


def test_a_probability_that_prints_as_zero_has_a_logarithm() -> None:
    """p = 0.0025 is 0.00 on paper; who goes on must have carried more digits, and is right with 6.0."""
    room = alone(LOGARITHM)
    right = {"p": np.array([0.0]), "L": np.array([6.0]), "C": np.array([13.0])}
    assert lost(marked(room, right)) == []
    assert lost(marked(room, right | {"C": np.array([14.0])})) == ["C"]
    assert lost(marked(room, right | {"L": np.array([6.5]), "C": np.array([14.0])})) == ["L"]


def test_a_typed_zero_of_another_class_does_not_hide_the_loss() -> None:
    """L = -t^T log(y): a zero typed for a class with t = 0 says nothing about the loss, which follows from the rest."""
    room = alone(
        "architecture: [2, 3]\nactivations: [softmax]\nloss: cross_entropy\n"
        "parameters: {W_1: [[0.2, -0.5], [1, 0.3], [-0.4, 0.1]], b_1: [0, 0.1, -0.2]}\n"
        "input: {x: [1, 2]}\ntarget: {t: [0, 0, 1]}\nrounding: {places: 2}\nask: [y, L]\n"
    )
    found = marked(room, {"y": np.array([[0.0, 0.7, 0.4]]), "L": np.array([0.92])})
    assert np.isfinite(found["L"].expected[0]).all()
    assert found["L"].expected[0][0, 0] <= 0.92 <= found["L"].expected[1][0, 0]
    assert "L" in lost(marked(room, {"y": np.array([[0.1, 0.7, 0.4]]), "L": np.array([1.4])}))


def test_an_answer_that_leads_out_of_a_domain_is_judged_by_the_right_numbers() -> None:
    room = alone(LOGARITHM)
    found = marked(room, {"p": np.array([-0.5]), "L": np.array([6.0]), "C": np.array([13.0])})
    assert lost(found) == ["p"]
    assert not np.isfinite(found["L"].expected[0]).any()
    assert lost(marked(room, {"p": np.array([-0.5]), "L": np.array([0.69]), "C": np.array([2.38])})) == ["p", "L"]


@pytest.mark.parametrize("size", [1e6, 1e12, 1e200, 1e308])
def test_very_large_numbers_are_wrong_and_no_more(size: float) -> None:
    room = alone(NETWORK + TWO)
    right = answered(room)
    found = marked(room, right | {"y": np.array([[size]])})
    assert verdicts(found, "y") == [WRONG]
    assert {"a", "z", "W_1'"}.isdisjoint(lost(found))


def test_a_class_index_is_no_obstacle() -> None:
    room = room_of(simulated_problem("minibatch-softmax"), 40, 10, SEED)
    answers = worked_out(room, np.random.default_rng(SEED))
    assert lost(marked(room, answers)) == []
    shifted = answers | {"y": np.roll(answers["y"], 1, axis=-1)}
    assert "y" in lost(marked(room, shifted))


# ------------------------------------------------------------------------------------------------ shortcuts


def test_what_follows_from_zeros_earns_nothing_even_much_later() -> None:
    """A zero at the prediction: the loss, its gradient and all that follows are right from there, and earn nothing."""
    room = alone(NETWORK + TWO)
    found = marked(room, answered(room, y=[0.0]))
    assert lost(found)[:3] == ["y", "L", "dL/dy"]
    assert not any((one.verdicts == CARRIED).any() for one in found.values())
    assert verdicts(found, "z") == [RIGHT, RIGHT]


def test_one_and_the_same_number_everywhere_earns_nothing() -> None:
    room = alone(NETWORK + TWO)
    for number in (1.0, -0.5):
        found = marked(room, answered(room, dL_dz=[number, number]))
        assert not any((one.verdicts == CARRIED).any() for one in found.values())


def test_a_zero_that_a_common_mistake_leads_to_is_carried_on() -> None:
    """ReLU's slope taken wrongly at one unit gives a zero beside another number: a slip like any other."""
    room = alone(RELU.replace("b_1: [0.1, -0.2]", "b_1: [-0.1, -0.2]"))
    step = room.setting.program["dL/da"]
    honest = answered(room)
    assert honest["a"][0, 0] < 0 < honest["a"][0, 1]
    mistaken = next(m for m in room.setting.mistakes("dL/da") if m.kind == "value_for_slope")
    answers = worked_out(room, np.random.default_rng(SEED), {"dL/da": mistaken.formula})
    assert answers["dL/da"][0, 0] == 0
    found = marked(room, answers)
    assert lost(found) == [step.name]
    assert found["dL/da"].slips.of_student(0) == mistaken


def test_zeros_of_one_student_cost_the_others_nothing() -> None:
    room = room_of(simulated_problem("pen-and-paper"), 60, 10, SEED)
    answers = worked_out(room, np.random.default_rng(SEED), change=_shift_first_half)
    before = marked(room, answers)
    answers["dL/dz"][-1] = 0
    after = marked(room, answers)
    assert (before["a"].share[:30] == 0).all()
    assert (before["dL/da"].share[:30] > 0).sum() > 20
    assert (after["dL/dz"].share[-1], after["dL/dz"].share[-2]) == (0, 1)
    for name, one in before.items():
        assert one.verdicts[:-1].tolist() == after[name].verdicts[:-1].tolist()


def _shift_first_half(step: Step, value: Array) -> Array:
    shift = np.where(np.arange(len(value)) < len(value) // 2, 0.37, 0.0)
    return value + shift[:, None] if step.name == "a" else value


def test_rounding_one_place_fewer_costs_that_step_only() -> None:
    """0.04 as 0.0 is no shortcut beside 1.67 as 1.7, which shows the rounding."""
    small = NETWORK.replace("b_1: [0.1, -0.2]", "b_1: [0.04, -0.23]")
    room = alone(small + "rounding: {places: 2}\n")
    right = room.setting.values(room.given)["a"].reshape(-1)
    coarse = np.round(right, 1)
    assert coarse.any()
    found = marked(room, answered(room, a=coarse))
    assert set(lost(found)) <= {"a"}


def test_a_student_has_the_same_marks_in_any_class() -> None:
    """Classmates who left steps out change nothing."""
    room = room_of(simulated_problem("pen-and-paper"), 60, 10, SEED)
    generator = np.random.default_rng(SEED)
    answers = worked_out(room, generator)
    for name, array in answers.items():
        flat = array.reshape(room.count, -1)
        flat[generator.random(flat.shape) < 0.15] = np.nan
        flat[generator.random(flat.shape) < 0.05] = 0.0
        flat[generator.random(flat.shape) < 0.1] += 0.37
        answers[name] = flat.reshape(array.shape)
    together = mark(Answers(room.setting, room.given, answers))
    for row in range(0, room.count, 3):
        sheets = Answers(room.setting, room.given, answers).part(np.array([row]))
        for one, other in zip(together, mark(sheets), strict=True):
            assert one.verdicts[row].tolist() == other.verdicts[0].tolist(), (row, one.name, SEED)
