"""Wrong formulas in numbers: which of them are another function, and which show in the digits."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from derive.calculus.mistakes import Mistake
from derive.evaluate import Values, carry_rounded, evaluate_exactly, rounded, wrong_answers
from derive.evaluate.wrong_answers import After, distractors, mistakes, passed_on, wrong_values
from derive.ops import Array, Constant, Node, Plus, Times, fn
from derive.program import Program, Step
from tests.calculus.mistakes import kinds, pen_and_paper, solved
from tests.problems import PROBLEMS
from tests.support import problem_of

SEED = 17


# ------------------------------------------------------------------------------------------------ the decision


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> list[Node]:
    """Formulas that take the place of what the rules give."""
    wrong: list[Node] = []
    given = [Mistake("sign", Constant(0))]

    def found(program: Program, step: Step) -> tuple[Mistake, ...]:
        return tuple(replace(given[0], formula=formula) for formula in wrong)

    monkeypatch.setattr(wrong_answers, "candidates", found)
    return wrong


def test_a_right_formula_in_other_words_is_not_listed(planted: list[Node]) -> None:
    program, exact, _ = pen_and_paper()
    y, t, z = (program.tensor(name) for name in ("y", "t", "z"))
    planted[:] = [Plus(Times(Constant(2), y), Times(Constant(-2), t)), Plus(y, Times(Constant(-2), t), y)]
    for values in (None, exact):
        assert mistakes(program, program["dL/dy"], values) == ()
    planted[:] = [Times(Plus(Constant(1), z), 1 - z)]
    for values in (None, exact):
        assert mistakes(program, program["dz/da"], values) == ()


def test_two_mistakes_that_are_the_same_function_are_one(planted: list[Node]) -> None:
    program, exact, _ = pen_and_paper()
    y, t = program.tensor("y"), program.tensor("t")
    planted[:] = [Plus(y, t), Plus(t, y), Times(Constant(2), y)]
    for values in (None, exact):
        assert [str(m.formula) for m in mistakes(program, program["dL/dy"], values)] == ["y + t", "2 * y"]


def test_what_differs_at_the_numbers_of_the_problem_is_another_function(planted: list[Node]) -> None:
    """relu(x - 40) is 0 at every random point, and 10 for the x of this problem."""
    program, exact = solved(
        problem_of("""
            forward: |
              y = w * x
              L = (y - t)**2
            parameters: {w: 0.1}
            input: {x: 50}
            target: {t: 1}
            """)
    )
    step, x = program["dL/dy"], program.tensor("x")
    planted[:] = [Plus(step.formula, fn("relu", Plus(x, Constant(-40))))]
    assert mistakes(program, step) == ()
    [answer] = wrong_values(program, exact, step)
    assert float(answer.value) == 18  # 2 (5 - 1) + 10


def test_a_mistake_that_shows_only_elsewhere_is_listed_but_does_not_distract() -> None:
    """All units of this network are active: the mask is 1 everywhere, and leaving it out changes no number."""
    problem = problem_of("""
        architecture: [2, 2, 1]
        activations: [relu, identity]
        loss: mse
        parameters: {W_1: [[1, 2], [3, 1]], b_1: [1, 1], W_2: [[1, 2]], b_2: [0]}
        input: {x: [1, 2]}
        target: {t: [3]}
        """)
    program, exact = solved(problem)
    assert "mask_missing" in [m.kind for m in mistakes(program, program["dL/da"], exact)]
    assert "mask_missing" not in [a.mistake.kind for a in distractors(program, exact, "dL/da", 2, 9, seed=1)]


def test_a_mistake_without_a_value_here_is_left_out() -> None:
    program, exact = solved(problem_of(PROBLEMS["batch, softmax, class indices"]))
    assert "pre_activation" in kinds(program, "L")  # log of a logit, which is negative here
    assert "pre_activation" not in [m.kind for m in mistakes(program, program["L"], exact)]


# ------------------------------------------------------------------------------------------------ wrong answers


@pytest.mark.parametrize(
    "name", ["one sample", "batch of two, sigmoid, softmax", "row vectors, rounded values carried"]
)
def test_distractors_differ_in_their_digits(name: str) -> None:
    problem = problem_of(PROBLEMS[name])
    program, exact = solved(problem)
    places = problem.rounding.places
    offered = 0
    for step in program:
        options = distractors(program, exact, step.name, places, 3, seed=5)
        values = [exact[step.name], *(option.value for option in options)]
        offered += len(options)
        for one, other in combinations(values, 2):
            assert str(rounded(one, places, decided=False)) != str(rounded(other, places, decided=False)), step.name
    assert offered > 2 * len(program.steps) - 10


def test_distractors_depend_on_the_seed_and_on_nothing_else() -> None:
    program, exact, _ = pen_and_paper()

    def taken(seed: int) -> list[str]:
        return [str(answer.mistake.formula) for answer in distractors(program, exact, "y'", 4, 2, seed)]

    assert taken(1) == taken(1)
    assert len({tuple(taken(seed)) for seed in range(8)}) > 1


def test_a_kind_comes_twice_only_where_there_is_no_other() -> None:
    program, exact, _ = pen_and_paper()
    for seed in range(5):
        found = [answer.mistake.kind for answer in distractors(program, exact, "y'", 4, 4, seed)]
        assert sorted(found) == ["bias_forgotten", "old_value", "pre_activation", "sign"]
    assert [answer.at for answer in distractors(program, exact, "y'", 4, 99, 0)].count("y'") == 6


def test_a_mistake_is_evaluated_for_many_students_at_once() -> None:
    program, _, floats = pen_and_paper()
    generator = np.random.default_rng(SEED)
    students = {name: array + generator.normal(0, 0.1, (5, *array.shape)) for name, array in floats.items()}
    for name in ("y", "L", "dL/dz", "dz/da", "dL/dW_1", "W_2'"):
        together = wrong_values(program, students, program[name])
        assert len(together) == len(kinds(program, name)) > 1
        for answer in together:
            for number in range(5):
                one = {key: array[number] for key, array in students.items()}
                [alone] = [a for a in wrong_values(program, one, program[name]) if a.mistake == answer.mistake]
                np.testing.assert_allclose(answer.value[number], alone.value, rtol=1e-12)


# ------------------------------------------------------------------------------------------------ mistakes passed on


def rerun(program: Program, exact: dict[str, Array], name: str, formula: Node, after: After | None = None) -> Values:
    """The whole program once more, with one formula exchanged."""
    steps = tuple(replace(step, formula=formula) if step.name == name else step for step in program.steps)
    given = {quantity.name: exact[quantity.name] for quantity in program.givens}
    return evaluate_exactly(replace(program, steps=steps), given, after)


@pytest.mark.parametrize("end", ["dL/dW_1", "W_1'", "dL/db_2", "L"])
def test_a_mistake_that_is_passed_on_gives_what_the_whole_program_gives(end: str) -> None:
    program, exact, _ = pen_and_paper()
    compared = 0
    for step in program.steps:
        for answer in passed_on(program, exact, step, end) if step.name in rests_on(program, end) else ():
            whole = rerun(program, exact, step.name, answer.mistake.formula)
            assert str(answer.value) == str(whole[end]), (step.name, answer.mistake.kind)
            assert answer.at == step.name
            compared += 1
    assert compared > 5


def rests_on(program: Program, end: str) -> set[str]:
    needed = {end}
    for step in reversed(program.steps):
        if step.name in needed:
            needed |= {tensor.name for tensor in step.uses}
    return needed - {end}


def test_a_mistake_that_is_passed_on_is_rounded_as_a_student_would() -> None:
    problem = problem_of(PROBLEMS["row vectors, rounded values carried"])
    program, exact = solved(problem)
    after = carry_rounded(problem.rounding.places)
    rounded_on_the_way = {
        (answer.mistake.kind, str(answer.value)): rerun(program, exact, "a", answer.mistake.formula, after)["L"]
        for answer in passed_on(program, exact, program["a"], "L", after)
    }
    assert rounded_on_the_way
    assert all(found == str(whole) for (_, found), whole in rounded_on_the_way.items())
    exactly = [str(answer.value) for answer in passed_on(program, exact, program["a"], "L")]
    assert exactly != [found for _, found in rounded_on_the_way]


def test_mistakes_of_earlier_steps_follow_those_of_the_step() -> None:
    """Nothing can go wrong in a product by 1 but its sign; the others come from the gradient before, and further up."""
    program, exact, _ = pen_and_paper()
    own = distractors(program, exact, "dL/db_2", 4, 99, seed=1)
    first = [answer.at for answer in own]
    assert first[0] == "dL/db_2"
    assert len(set(first)) > 2
    order = [step.name for step in reversed(program.steps)]
    assert first == sorted(first, key=order.index)
    assert [answer.at for answer in distractors(program, exact, "dL/db_2", 4, 1, seed=1)] == ["dL/db_2"]
    digits = [str(rounded(answer.value, 4, decided=False)) for answer in own]
    assert len(set(digits)) == len(digits)
