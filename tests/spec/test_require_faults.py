"""What is wrong under `require:`: each fault is told with its line and place, all at once, and nothing that follows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import ProblemError
from derive.program import read_text
from derive.spec.variation import Require
from tests.problems import PEN_AND_PAPER
from tests.spec.conftest import Refuse

START = PEN_AND_PAPER.rstrip("\n") + "\n"
LINE = START.count("\n") + 2  # the first line below `require:`


DEEP = "(" * 60 + "L" + ")" * 60
CONDITIONS = [
    ("L", "`L`", "one comparison"),
    ("L == 2", "`L == 2`", "one comparison"),
    ("L != 2", "the character `!`", "letters without accents"),
    ("1 < L < 2", "`1 < L < 2`", "one comparison"),
    ("L > 1 and y > 1", "the reserved word `and`", "no word of Python"),
    ("L = 2", "`L = 2`", "one comparison"),
    ("L > 1; y > 1", "the character `;`", "letters without accents"),
    ("(L > 1) > 0", "`L > 1`", "names, numbers"),
    ("L >", "`L >` cannot be read", "one comparison"),
    ("(L > 1", "a bracket that is never closed", "one comparison"),
    ("eval(L) > 1", "the unknown function `eval`", "a function of the equation language"),
    ("L.real > 1", "the attribute `.real`", "no attribute but"),
    ("__import__(L) > 1", "the unknown function `__import__`", "a function of the equation language"),
    ("[L][0] > 1", "`[L]`", "names, numbers"),
    ("L**99 > 1", "the exponent `99`", "at most 8"),
    ("L > 1e999", "`1e999`", "a number such as"),
    (f"{DEEP} > 1", "brackets nested too deeply", "at most 50 levels"),
    (f"L > {'-' * 60}1", "a long row of signs", "at most 50"),
    (f"L > {'+'.join(['1'] * 3000)}", "an equation of 6003 characters", "at most 4000"),
    (f"L > {'+'.join(['1'] * 200)}", "an expression of more than 100", "at most 100"),
    ("q > 1", "the unknown name `q`", "quantities that are given or defined"),
    ("dL/dW_1 > 1", "the unknown name `dL`", "gradients stand under `range:`"),
    ("1 < 2", "`1 < 2`, which says nothing about the numbers", "a comparison with a quantity"),
]


@pytest.mark.parametrize(("text", "found", "expected"), CONDITIONS, ids=[text[:20] for text, *_ in CONDITIONS])
def test_what_is_no_condition(refuse: Refuse, text: str, found: str, expected: str) -> None:
    fault, *_ = refuse(f'{START}require:\n  conditions: ["L > 0", "{text}"]\n')
    assert fault.where == f"file.yaml:{LINE}"
    assert fault.path in ("require.conditions[1]", "require.conditions")
    assert fault.found.startswith(found)
    assert expected in fault.expected


FAULTS = [
    ("dead_unit: some", "dead_unit", "the unknown key `dead_unit`", "`dead_units`"),
    ("ranges: {L: [0, 1]}", "ranges", "the unknown key `ranges`", "`range`"),
    ("dead_units: no", "dead_units", "`no`", "`none`, `some` or `any`"),
    ("zeros:", "zeros", "nothing", "`none`, `exact` or `any`"),
    ("kink_distance: -0.1", "kink_distance", "`-0.1`", "not negative"),
    ("kink_distance: [1]", "kink_distance", "a list", "a number"),
    ("saturation: 1.5", "saturation", "`1.5`", "from 0 to 1"),
    ("saturation: -0", "saturation", None, ""),
    ("ties: no", "ties", "`no`", "true or false"),
    ("different: all", "different", "`all`", "`every`, `some` or `any`"),
    ("relabelled: 1", "relabelled", "`1`", "true or false"),
    ("rounding: digit", "rounding", "`digit`", "`digits`"),
    ("rounding: {tolerance: 0}", "rounding", "`0` as the tolerance", "a positive number"),
    ("rounding: {tolerance: }", "rounding", "nothing as the tolerance", "a positive number"),
    ("rounding: {tolerence: 0.1}", "rounding", "the unknown key `tolerence`", "`{tolerance: 0.02}`"),
    ("rounding: {}", "rounding", "a mapping", "`{tolerance: 0.02}`"),
    ("rounding: 0.02", "rounding", "`0.02`", "`{tolerance: 0.02}`"),
    ("by_hand: 0", "by_hand", "`0`", "the largest denominator"),
    ("by_hand: -3", "by_hand", "`-3`", "the largest denominator"),
    ("by_hand: 2.5", "by_hand", "`2.5`", "the largest denominator"),
    ("by_hand: 99999999999", "by_hand", "`99999999999`", "the largest denominator"),
    ("difficulty: 5", "difficulty", "`5`", "a share from 0 to 1"),
    ("difficulty: 500%", "difficulty", "`500%`", "a share from 0 to 1"),
    ("difficulty: -1%", "difficulty", "`-1%`", "a share from 0 to 1"),
    ("difficulty: 5%%", "difficulty", "`5%%`", "a number"),
    ("difficulty: easy", "difficulty", "`easy`", "a number"),
    ("mistakes: none", "mistakes", "`none`", "`different` or `any`"),
    ("range: [L]", "range", "a list", "a mapping such as"),
    ("range: {L: [5, 0.05]}", "range.L", "from 5 to 1/20", "the lower number first"),
    ("range: {L: [5]}", "range.L", "a list of 1", "two numbers"),
    ("range: {L: 5}", "range.L", "`5`", "two numbers"),
    ("range: {L: [0, oo]}", "range.L[1]", "`oo`, which is not a number", "a number"),
    ("range: {q: [0, 1]}", "range.q", "the unknown name `q`", "a quantity"),
    ("range: {dL/dq: [0, 1]}", "range.dL/dq", "the unknown name `q`", "a quantity"),
    ("range: {'dL/dW_1[1,2]': [0, 1]}", "range.dL/dW_1[1,2]", "the entry", "a whole quantity: `dL/dW_1`"),
    ("range: {W 1/: [0, 1]}", "range.W1/", "`W1/`", "a quantity such as"),
    ("conditions: {L: 2}", "conditions", "a mapping", "a comparison such as"),
    ("conditions: [[L > 1]]", "conditions[0]", "a list", "a comparison such as"),
    ("budget: 0", "budget", "`0`", "at least 1"),
    ("budget: 1e6", "budget", "`1e6`", "a whole number"),
]


@pytest.mark.parametrize(("line", "path", "found", "expected"), FAULTS, ids=[line for line, *_ in FAULTS])
def test_a_fault_is_told_and_nothing_else(
    refuse: Refuse, line: str, path: str, found: str | None, expected: str
) -> None:
    text = f"{START}require:\n  {line}\n"
    if found is None:
        assert read_text(text).require.stated == (path,)
        return
    [fault] = refuse(text)
    assert (fault.where, fault.path) == (f"file.yaml:{LINE}", f"require.{path}")
    assert fault.found.startswith(found)
    assert expected in fault.expected or expected in fault.hint


@pytest.mark.parametrize("seed", range(40))
def test_faults_of_different_keys_are_all_told(seed: int) -> None:
    numbers = random.Random(seed)
    by_key: dict[str, list[tuple[str, str]]] = {}
    for line, path, found, _ in FAULTS[2:]:
        if found and "q" not in line:  # a word of a fault is no unknown name elsewhere
            by_key.setdefault(line.partition(":")[0], []).append((line, path))
    chosen = [numbers.choice(faults) for faults in by_key.values()]
    chosen = numbers.sample(chosen, numbers.randint(2, len(chosen)))
    text = START + "require:\n" + "".join(f"  {line}\n" for line, _ in chosen)
    with pytest.raises(ProblemError) as caught:
        read_text(text, "f")
    expected = [(f"f:{LINE + place}", f"require.{path}") for place, (_, path) in enumerate(chosen)]
    assert [(fault.where, fault.path) for fault in caught.value.faults] == expected, (seed, text)


def test_the_update_of_a_problem_without_one(refuse: Refuse) -> None:
    text = START.replace("update: {sgd: {learning_rate: 0.5}}\n", "")
    [fault] = refuse(f'{text}require: {{range: {{"W_1\'": [0, 1]}}}}\n')
    assert fault.found == "`W_1'` without an update"


def test_a_misspelt_section_is_read_as_the_one_that_is_meant(refuse: Refuse) -> None:
    told = [(fault.path, fault.found) for fault in refuse(f"{START}requires: {{zeros: 1}}\n")]
    assert told == [("requires", "the unknown key `requires`"), ("requires.zeros", "`1`")]


_LEAVES = st.sampled_from(["L", "W_1", "1", "-0.5", "'1'", "true", "", "any", "5%", "%", "L > 1", "a <", "nan", "x"])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda entries: f"[{', '.join(entries)}]")
        | st.dictionaries(st.sampled_from(["L", "tolerance", "dL/dx", "W_1'", "x"]), inner, max_size=2).map(
            lambda table: "{" + ", ".join(f"{key}: {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*vars(Require()), "range"]), _VALUES, max_size=5))
def test_no_values_raise_anything_but_a_problem_error(table: dict[str, str]) -> None:
    text = START + "require:\n" + "".join(f"  {key}: {value}\n" for key, value in table.items())
    try:
        read_text(text)
    except ProblemError as error:
        assert all(fault.where and fault.found for fault in error.faults)
