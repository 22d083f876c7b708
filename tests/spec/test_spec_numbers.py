"""Numbers are exact, keep their text, and nothing else passes for a number."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import Fault
from derive.spec import Literal, read_text

Refuse = Callable[[str], tuple[Fault, ...]]


def literal(written: str) -> Literal:
    value = read_text(f"forward: y = 2*x\ninput:\n  x: {written}").given("x").value
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("0.10", Fraction(1, 10)),
        ("-2", Fraction(-2)),
        ("+3", Fraction(3)),
        ("1e-3", Fraction(1, 1000)),
        ("2.5E2", Fraction(250)),
        ("1/2", Fraction(1, 2)),
        ("-1/3", Fraction(-1, 3)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("0", Fraction(0)),
    ],
)
def test_a_scalar_is_exact_and_keeps_its_text(written: str, exact: Fraction) -> None:
    value = literal(written)
    assert value.shape == ()
    assert value.text.item() == written
    assert value.exact.item() == exact
    assert value.floats.item() == float(exact)


def test_a_matrix_has_its_texts_fractions_and_floats() -> None:
    value = literal("[[0.10, 1/3], [-2, 1e-3]]")
    assert value.shape == (2, 2)
    assert value.text.tolist() == [["0.10", "1/3"], ["-2", "1e-3"]]
    assert value.exact.tolist() == [[Fraction(1, 10), Fraction(1, 3)], [Fraction(-2), Fraction(1, 1000)]]
    assert value.floats.dtype == np.float64
    assert value.floats.tolist() == [[0.1, 1 / 3], [-2.0, 0.001]]


def test_a_list_over_several_lines_is_a_vector() -> None:
    value = literal("\n    - 0.1\n    - -0.2")
    assert value.text.tolist() == ["0.1", "-0.2"]
    assert value.shape == (2,)


def test_literals_are_values() -> None:
    assert literal("[0.1, 1/2]") == Literal(["0.1", "1/2"])
    assert hash(literal("[0.1, 1/2]")) == hash(Literal(["0.1", "1/2"]))
    assert literal("0.1") != literal("0.10")
    assert literal("[1]") != literal("1")
    assert pickle.loads(pickle.dumps(literal("[0.1]"))) == literal("[0.1]")


@pytest.mark.parametrize("array", ["text", "exact", "floats"])
def test_literals_cannot_be_changed(array: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(literal("[0.1]"), array)[0] = 0


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100))
def test_every_float_python_prints_is_read_back(number: float) -> None:
    if number == 0 or abs(number) > 1e-100:
        assert literal(repr(number)).floats.item() == number


@pytest.mark.parametrize(
    ("written", "path", "found", "expected"),
    [
        ("[1, '2']", "input.x[1]", 'a number in quotes: "2"', "the number without quotes"),
        ("[[1, 2], [3]]", "input.x[1]", "row 2 has 1 entries, row 1 has 2", "rows of equal length"),
        ("[[1, 2], 3]", "input.x[1]", "`3` among the rows", "every row a list of numbers"),
        ("[nan]", "input.x[0]", "`nan`", "a finite number"),
        (".inf", "input.x", "`.inf`", "a finite number"),
        ("-Infinity", "input.x", "`-Infinity`", "a finite number"),
        ("1/0", "input.x", "`1/0`, a division by zero", "a number such as"),
        ("1e999", "input.x", "`1e999`, which is not a number", "a number such as"),
        ("yes", "input.x", "`yes`, which is not a number", "a number such as"),
        ("0x1F", "input.x", "`0x1F`, which is not a number", "a number such as"),
        ("1_000", "input.x", "`1_000`, which is not a number", "a number such as"),
        ("1" * 41, "input.x", "which is not a number", "a number such as"),
        ("[1, ~]", "input.x[1]", "nothing", "a number such as"),
        ("[]", "input.x", "an empty list", "a number, a list of numbers"),
        ("[[1], []]", "input.x[1]", "an empty list", "a number, a list of numbers"),
        ("[[[1]]]", "input.x[0][0]", "a list", "at most two levels"),
        ("{a: 1}", "input.x", "a mapping", "a number, a list of numbers"),
    ],
)
def test_what_is_no_number_is_refused(written: str, path: str, found: str, expected: str, refuse: Refuse) -> None:
    [fault] = refuse(f"forward: y = 2*x\ninput:\n  x: {written}\n")
    assert fault.where == "file.yaml:3"
    assert fault.path == path
    assert found in fault.found
    assert fault.expected.startswith(expected)


def test_all_wrong_entries_are_told_but_not_thousands(refuse: Refuse) -> None:
    assert len(refuse("forward: y = 2*x\ninput: {x: [a, b, 3, nan]}")) == 3
    faults = refuse(f"forward: y = 2*x\ninput: {{x: [{', '.join(['nan'] * 1000)}]}}")
    assert len(faults) == 21
    assert faults[-1].found == "980 more entries like these"
