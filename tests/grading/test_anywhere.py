"""The one slip behind late answers: found where it is the only explanation, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from derive.evaluate import Values
from derive.grading.marking import Answers, mark
from derive.grading.origins import Origin
from derive.grading.sentences import slip_of
from derive.ops import Array
from derive.program import Step
from derive.variants.rounding import units
from tests.grading.simulated import Room, room_of, simulated_problem, worked_out

SEED = 20_241_121
LAST = ("L", "W_1'")


@pytest.fixture(scope="module")
def room() -> Room:
    return room_of(simulated_problem("pen-and-paper"), 40, 40, SEED)


def origins(room: Room, answers: Values, kept: tuple[str, ...]) -> list[dict[str, Origin]]:
    """Of a class that gave some answers only."""
    sheets = {name: array if name in kept else np.full_like(array, np.nan) for name, array in answers.items()}
    found = mark(Answers(room.setting, room.given, sheets))
    return [{one.name: one.origins[row] for one in found if row in one.origins} for row in range(room.count)]


def with_mistake(room: Room, name: str, kind: str) -> Values:
    [mistake] = [one for one in room.setting.mistakes(name) if one.kind == kind]
    return worked_out(room, np.random.default_rng(SEED), {name: mistake.formula})


def kinds(found: list[dict[str, Origin]]) -> set[tuple[str, str]]:
    return {(one.step, one.mistake.kind if one.mistake else "") for student in found for one in student.values()}


@pytest.mark.parametrize(
    ("name", "kind", "least"), [("a", "bias_forgotten", 20), ("z", "activation_forgotten", 1), ("dz/da", "square", 20)]
)
def test_a_slip_in_a_step_that_was_left_out_is_found(room: Room, name: str, kind: str, least: int) -> None:
    """Where other slips lead to the same numbers, as `a` for `z` in the next line does, it is rarely the only one."""
    found = origins(room, with_mistake(room, name, kind), LAST)
    assert sum(bool(student) for student in found) >= least
    assert kinds(found) == {(name, kind)}


def test_a_right_class_has_no_slips(room: Room) -> None:
    assert origins(room, worked_out(room, np.random.default_rng(SEED)), LAST) == [{}] * room.count


def test_two_explanations_are_none(room: Room) -> None:
    """A gradient with the wrong sign and a step added, not subtracted, give the same new weights."""
    answers = with_mistake(room, "W_1'", "update_sign")
    assert origins(room, answers, LAST) == [{}] * room.count
    found = origins(room, answers, (*LAST, "dL/dW_1"))
    assert kinds(found) == {("W_1'", "update_sign")}


def test_two_slips_are_not_taken_for_one(room: Room) -> None:
    """Each is found by itself, or neither; rounding may hide one of them."""
    one, other = (
        next(m for m in room.setting.mistakes(name) if m.kind == kind)
        for name, kind in (("a", "bias_forgotten"), ("dL/dy", "factor_two"))
    )
    both = worked_out(room, np.random.default_rng(SEED), {"a": one.formula, "dL/dy": other.formula})
    found = origins(room, both, LAST)
    made = {("a", one), ("dL/dy", other)}
    named = [(origin.step, origin.mistake) for student in found for origin in student.values()]
    assert any({(one.step, one.mistake) for one in student.values()} == made for student in found)
    assert sum(pair not in made for pair in named) <= room.count // 10


def test_what_follows_from_an_earlier_answer_past_a_missing_one_needs_no_slip(room: Room) -> None:
    """Only z is wrong; y is missing, so that the loss counts as wrong. No slip explains it, as none was made there."""

    def shifted(step: Step, value: Array) -> Array:
        return value + 0.31 if step.name == "z" else value

    found = origins(room, worked_out(room, np.random.default_rng(SEED), change=shifted), ("z", "L"))
    assert not any("L" in student for student in found)


def test_the_slip_must_explain_all_answers_that_it_changes(room: Room) -> None:
    """With the prediction given and right, a slip before it is none; without it, it is."""
    wrong, right = with_mistake(room, "a", "bias_forgotten"), worked_out(room, np.random.default_rng(SEED))
    mixed = wrong | {"y": right["y"], "L": right["L"]}
    assert ("a", "bias_forgotten") in kinds(origins(room, wrong, LAST))
    assert ("a", "bias_forgotten") not in kinds(origins(room, mixed, ("y", *LAST)))


@pytest.mark.parametrize("kept", [LAST, ("z", *LAST)])
def test_rounding_to_fewer_places_is_named(room: Room, kept: tuple[str, ...]) -> None:
    def coarse(step: Step, value: Array) -> Array:
        return units(value, room.setting.places - 1) / 10 ** (room.setting.places - 1) if step.name == "z" else value

    found = origins(room, worked_out(room, np.random.default_rng(SEED), change=coarse), kept)
    named = [one for student in found for one in student.values()]
    assert len(named) > 3
    assert set(named) == {Origin("z", None)}


def test_sentences_say_where(room: Room) -> None:
    [mistake] = [one for one in room.setting.mistakes("a") if one.kind == "bias_forgotten"]
    earlier, own = slip_of(Origin("a", mistake), "L"), slip_of(Origin("a", mistake), "a")
    assert earlier is not None
    assert own is not None
    assert (earlier.kind, earlier.sentence) == ("bias_forgotten", "in a: the bias was forgotten")
    assert own.sentence == "the bias was forgotten"
    rounded = slip_of(Origin("z", None), "z")
    assert rounded is not None
    assert (rounded.kind, rounded.sentence) == ("rounded_early", "rounded to fewer decimals than told")
    assert slip_of(None, "z") is None
