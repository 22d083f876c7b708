"""The file of an exam: what it says, and everything that is wrong with it, told at once."""

import json

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from derive.cli import app
from derive.errors import ProblemError
from derive.exam.order import Order
from derive.exam.plan import places
from derive.exam.produce import find_all
from derive.exam.reading import ExamFile, exam_schema, read_exam

PROBLEM = """title: A neuron
architecture: [2, 1]
activations: [identity]
loss: mse
parameters: {W_1: [[0.2, -0.4]], b_1: [0.3]}
input: {x: [0.5, 0.6]}
target: {t: [0.1]}
rounding: {places: 2}
"""


@pytest.fixture
def exam(tmp_path):
    """Writes an exam beside two problems, and reads it."""
    (tmp_path / "one.yaml").write_text(PROBLEM + "minutes: 10\n")
    (tmp_path / "two.yaml").write_text(PROBLEM + "minutes: 20\nask: [{y: 3}, {L: 1}]\n")
    (tmp_path / "broken.yaml").write_text(PROBLEM.replace("loss: mse", "loss: mze"))

    def read(text):
        path = tmp_path / "exam.yaml"
        path.write_text(text)
        return read_exam(path)

    return read


def faults(exam, text):
    with pytest.raises(ProblemError) as raised:
        exam(text)
    return raised.value.faults


# ------------------------------------------------------------------------------------------------ what it says


def test_everything_is_read(exam):
    found = exam(
        "title: Midterm\ncourse: Machine Learning\ndate: 2026-12-04\nminutes: 45\nshuffle: true\n"
        "instructions: [Show your work., No books.]\nproblems: [{file: one.yaml, points: 12}, two.yaml]\n"
    )
    assert (found.title, found.course, found.date, found.minutes) == ("Midterm", "Machine Learning", "2026-12-04", 45)
    assert found.instructions == ("Show your work.", "No books.")
    assert found.shuffle
    assert [part.points for part in found.parts] == [12, 4]
    assert [part.problem.name for part in found.parts] == ["one", "two"]


def test_only_the_problems_are_needed(exam):
    found = exam("problems: [one.yaml]\n")
    assert (found.name, found.title, found.minutes, found.shuffle) == ("exam", "Exam", 10, False)


def test_minutes_are_added_up_only_where_every_problem_has_some(exam, tmp_path):
    (tmp_path / "three.yaml").write_text(PROBLEM)
    assert exam("problems: [one.yaml, two.yaml]\n").minutes == 30
    assert exam("problems: [one.yaml, three.yaml]\n").minutes is None


def test_a_problem_by_itself_is_an_exam(tmp_path):
    path = tmp_path / "neuron.yaml"
    path.write_text(PROBLEM + "points: 5\n")
    found = read_exam(path)
    assert (found.name, found.title, [part.points for part in found.parts]) == ("neuron", "A neuron", [5])


def test_problems_in_a_folder_below_are_found(exam, tmp_path):
    (tmp_path / "week 1").mkdir()
    (tmp_path / "week 1" / "three.yaml").write_text(PROBLEM)
    assert len(exam("problems: [week 1/three.yaml]\n").parts) == 1


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titel: X\nproblems: [one.yaml]\n", "exam.yaml:1: titel: the unknown key `titel`"),
        ("problms: [one.yaml]\n", "no key `problems`, but `problms`"),
        ("course: X\n", "no key `problems`"),
        ("problems: []\n", "at least 1 entries"),
        ("problems:\n", "no key `problems`"),
        ("problems: one.yaml\n", "a list"),
        ("problems: [one.yaml]\nminutes: 0\n", "exam.yaml:2: minutes: `0`"),
        ("problems: [one.yaml]\nminutes: soon\n", "a whole number"),
        ("problems: [one.yaml]\nshuffle: maybe\n", "true or false"),
        ("problems: [one.yaml]\ninstructions: Show your work.\n", "a list"),
        ("problems: [one.yaml]\ntitle: [a]\n", "a text"),
        ("problems:\n- one.yaml\n- {file: two.yaml, point: 3}\n", "did you mean `points`?"),
        ("problems:\n- one.yaml\n- {points: 3}\n", "exam.yaml:3: problems[1]: no key `file`"),
        ("problems:\n- one.yaml\n- {file: two.yaml, points: -3}\n", "at least 0"),
        ("problems:\n- one.yaml\n- {file: two.yaml, points: 1.5}\n", "exam.yaml:3: problems[1].points: `1.5`"),
        ("problems:\n- one.yaml\n- {file: two.yaml, points: 1}\n", "1 as the points of 2 answers"),
        ("problems:\n- one.yaml\n- ''\n", "exam.yaml:3: problems[1]"),
        ("problems:\n- one.yaml\n- absent.yaml\n", "exam.yaml:3: problems[1]: there is no file absent.yaml"),
        ("problems:\n- one.yaml\n- .\n", "exam.yaml:3: problems[1]: there is no file ."),
        ("problems:\n- one.yaml\n- /etc/passwd\n", "exam.yaml:3: problems[1]: the path /etc/passwd"),
        ("problems:\n- one.yaml\n- ../one.yaml\n", "exam.yaml:3: problems[1]: the path ../one.yaml"),
        ("problems:\n- one.yaml\n- a/../../one.yaml\n", "the path a/../../one.yaml"),
        ("problems:\n- broken.yaml\n", "broken.yaml:4: loss"),
        ("problems: [one.yaml]\nproblems: [two.yaml]\n", "problems"),
    ],
)
def test_what_is_wrong_is_told(exam, text, told):
    with pytest.raises(ProblemError) as raised:
        exam(text)
    assert len(raised.value.faults) == 1
    assert told in str(raised.value)


def test_all_faults_are_told_at_once_in_the_order_of_the_file(exam):
    found = faults(
        exam,
        "titel: X\nminutes: -5\nproblems:\n- one.yaml\n- absent.yaml\n- {file: broken.yaml, pints: 2}\n- broken.yaml\n"
        "- ../x.yaml\nshufle: true\n",
    )
    where = [fault.where.rsplit("/", 1)[1] for fault in found]
    assert where == [f"exam.yaml:{line}" for line in (1, 2, 5, 6, 8, 9)] + ["broken.yaml:4"]


def test_more_problems_than_an_exam_may_have_are_refused(exam):
    (told,) = faults(exam, "problems:\n" + "- one.yaml\n" * 51)
    assert "at most 50" in told.expected


# ------------------------------------------------------------------------------------------------ the papers


def test_the_same_problem_twice_has_other_numbers(exam):
    found = exam("problems: [one.yaml, {file: one.yaml, points: 30}, two.yaml]\n")
    pools, _ = find_all(found, Order(count=6, seed=3), lambda *_: None)
    drawn = [[tuple(variant.drawn.ravel()) for variant in pool.variants] for pool in pools]
    assert [len(own) for own in drawn] == [6, 6, 6]
    assert len({*drawn[0], *drawn[1]}) == 12
    assert [variant.number for variant in pools[1].variants] == [1, 2, 3, 4, 5, 6]
    few, _ = find_all(found, Order(count=2, seed=3), lambda *_: None)  # a paper is the same among more of them
    assert [[tuple(variant.drawn.ravel()) for variant in pool.variants] for pool in few] == [own[:2] for own in drawn]


def test_the_order_of_problems_differs_only_where_it_is_shuffled(exam):
    text = "problems: [one.yaml, two.yaml, one.yaml]\n"
    assert {place.order for place in places(exam(text), 30, 1)} == {(0, 1, 2)}
    orders = {place.order for place in places(exam(text + "shuffle: true\n"), 30, 1)}
    assert len(orders) > 3
    assert all(sorted(order) == [0, 1, 2] for order in orders)


def test_the_id_of_a_paper_knows_points_and_order(exam):
    texts = (
        "problems: [one.yaml, two.yaml]\n",
        "problems: [two.yaml, one.yaml]\n",
        "problems: [one.yaml, {file: two.yaml, points: 8}]\n",
    )
    assert len({exam(text).digest for text in texts}) == 3
    assert exam(texts[0]).digest == exam(texts[0]).digest


# ------------------------------------------------------------------------------------------------ the schema


def test_the_schema_takes_what_is_read_and_refuses_what_is_not():
    validator = jsonschema.Draft202012Validator(exam_schema())
    validator.check_schema(exam_schema())
    good = "title: Quiz\nminutes: 30\nshuffle: true\nproblems: [one.yaml, {file: two.yaml, points: 3}]\n"
    assert validator.is_valid(yaml.safe_load(good))
    for wrong in (
        "{}",
        "problems: []",
        "problems: [{points: 3}]",
        "problems: [a], titel: x",
        "problems: [{file: a, points: -1}]",
    ):
        assert not validator.is_valid(yaml.safe_load(f"{{{wrong.strip('{}')}}}")), wrong


def test_the_command_prints_it():
    result = CliRunner().invoke(app, ["schema", "--exam"])
    assert result.exit_code == 0
    assert set(json.loads(result.output)["properties"]) == set(ExamFile.model_fields)
