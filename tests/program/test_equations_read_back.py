"""An equation as it is printed in messages reads back as the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.ops import Tensor
from tests.support import equations, program_of, random_values, value_of

atoms = st.sampled_from(["x", "y", "t", "2", "0.5", "k", "3"])


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda parts: "({} {} {})".format(*parts)),
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda parts: "{} {} {}".format(*parts)),
        st.tuples(inner, st.sampled_from(["2", "-1", "3", "(1/2)", "-2"])).map(lambda parts: "({})**{}".format(*parts)),
        inner.map(lambda text: f"-{text}"),
        inner.map(lambda text: f"-({text})"),
        inner.map(lambda text: f"exp({text})"),
        inner.map(lambda text: f"sin({text})"),
    )


@given(st.recursive(atoms, combine, max_leaves=7))
@settings(deadline=None, max_examples=150, print_blob=True)
def test_a_printed_equation_reads_back_as_the_same(expression: str) -> None:
    """What is printed is in the equation language, means what was written, and prints the same again."""
    shapes: dict[str, tuple[int | str, ...]] = {"x": (3,), "y": (3,), "t": (3,), "k": ()}
    [step] = program_of(equations(f"q = {expression} + 0*x", **shapes)).steps
    line = str(step)
    [again] = program_of(equations(line, **shapes)).steps
    assert str(again) == line
    values = random_values(map(Tensor, "k"), np.random.default_rng(1))
    values |= random_values((Tensor(name, (3,)) for name in "xyt"), np.random.default_rng(2))
    by_python = by_numpy(expression, values)
    assume(np.isrealobj(by_python) and np.abs(by_python).max() < 1e6)
    np.testing.assert_allclose(value_of(step.formula, values), by_python, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(value_of(again.formula, values), by_python, rtol=1e-9, atol=1e-9)


def by_numpy(expression: str, values: dict[str, Any]) -> Any:
    """The value of an equation's text in Python itself."""
    try:
        with np.errstate(all="ignore"):
            return eval(expression, {"exp": np.exp, "sin": np.sin}, values) + 0 * values["x"]  # noqa: S307
    except (ZeroDivisionError, OverflowError):
        return np.array([np.inf])
