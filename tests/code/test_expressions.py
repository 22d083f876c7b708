"""Expressions as program text: every row and every node, as few parentheses as a person writes."""

from __future__ import annotations

import importlib
import math
import pkgutil
import re

import numpy as np
import pytest
import sympy
import torch

import derive.ops
from derive.code.expressions import Writer
from derive.code.numpy_language import NUMPY
from derive.code.pieces import definitions
from derive.code.torch_language import TORCH
from derive.ops import (
    ROWS,
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Dot,
    Elementwise,
    Embed,
    EntryOf,
    Fn,
    Identity,
    LogSoftmax,
    Mean,
    Node,
    OneHot,
    Outer,
    Plus,
    Power,
    Repeat,
    Row,
    RowOf,
    Selection,
    Slice,
    Softmax,
    Sum,
    SumAxis,
    Tensor,
    Times,
    Transpose,
)
from derive.ops.softmax import AlongAxis
from tests.ops.test_rows import parameter_sets, points
from tests.support import value_of

LANGUAGES = {"numpy": NUMPY, "pytorch": TORCH}
N, H = (sympy.Symbol(name, integer=True, positive=True) for name in "NH")
v, u, t = Tensor("v", (3,)), Tensor("u", (3,)), Tensor("t", (3,))
s, k = Tensor("s"), Tensor("k")
A, B, C = Tensor("A", (3, 2)), Tensor("B", (2, 3)), Tensor("C", (3, 2))
c = Tensor("c", (3,))
VALUES = {
    "v": np.array([0.5, -1.5, 2]),
    "u": np.array([0.3, 0.7, 0.2]),
    "t": np.array([0.0, 1, 0]),
    "s": np.array(0.4),
    "k": np.array(2.0),
    "A": np.array([[0.5, -1], [2, 0.25], [0.1, 3]]),
    "B": np.array([[1, 0.5, -2], [0.3, 0.2, 4]]),
    "C": np.array([[1.5, 1], [-2, 0.5], [0.1, 3]]),
    "c": np.array([2, 0, 1]),
}

# Every kind of node in several forms.
NODES: list[Node] = [
    Plus(v, Times(Constant(-1), u), Constant(2)),
    Times(Constant(2), Plus(v, u)),
    Times(Constant(sympy.Rational(2, 3)), v, Power(u, Constant(-1))),
    Times(Constant(sympy.Rational(1, 2)), Power(Plus(v, u), Constant(-1))),
    Times(Constant(-1), v, u),
    Times(s, Power(k, Constant(-1)), v),
    Times(Power(k, Constant(-1)), Power(s, Constant(-1))),
    Times(v, Constant(-2)),
    Plus(v, Times(u, Dot(A, Tensor("w", (2,))))),
    Power(v, Constant(2)),
    Power(Power(v, Constant(2)), Constant(sympy.Rational(1, 2))),
    Power(Plus(u, Constant(1)), Constant(-2)),
    Power(u, Constant(-1)),
    Times(Constant(sympy.sqrt(2 / sympy.pi)), v),
    Times(Constant(1 / sympy.sqrt(2 * sympy.pi)), v),
    Times(Constant(sympy.Rational(44715, 10**6)), v),
    Times(Constant(sympy.Rational(3, 10), "0.30"), v),
    Times(Constant(1 / (2 * N)), v),
    Dot(Dot(A, B), v),
    Dot(A, Dot(B, C)),
    Dot(Times(Constant(2), A), B),
    Dot(v, A),
    Dot(v, u),
    Outer(v, Plus(u, t)),
    Transpose(Dot(A, B)),
    Diagonal(Plus(v, u)),
    RowOf(v),
    ColumnOf(Plus(v, u)),
    Sum(Power(A, Constant(2))),
    Mean(A),
    SumAxis(A, 0),
    SumAxis(Plus(A, C), 1, True),
    Softmax(A),
    Softmax(A, 0),
    Softmax(v),
    LogSoftmax(A),
    LogSoftmax(A, 0),
    OneHot(c, 3),
    OneHot(c, 3, 0),
    OneHot(c, N),
    Repeat(Constant(1), (2, 3)),
    Repeat(Constant(sympy.Rational(1, 2)), (3,)),
    Repeat(v, (2, 3)),
    Repeat(Sum(v), (1,)),
    Repeat(s, (1, 1)),
    Augment(A),
    Augment(A, 0),
    Augment(A, 1, 1),
    Augment(v, 1, 1),
    Slice(A, (1, None)),
    Slice(A, (None, None), (0, 1)),
    Slice(A, 0),
    Slice(v, -1),
    EntryOf(A, 1, 0),
    Slice(Plus(A, C), (None, -1)),
    Embed(Slice(A, (1, None)), (3, 2), *Slice(A, (1, None)).args[1:]),
    Embed(Slice(A, (None, None), 1), (3, 2), *Slice(A, (None, None), 1).args[1:]),
    Selection(3, (1, None)),
    Selection(3, (None, -1), True),
    Selection(3, -1),
    Identity(3),
    Fn("sigmoid", Plus(v, u)),
    Fn("max", Constant(0), Plus(Constant(1), Times(Constant(-1), v))),
    Fn("softplus", v, Constant(2)),
    Fn("xlogy", t, u),
]


def classes() -> list[type[Node]]:
    """Every class of nodes that can be made."""
    for module in pkgutil.iter_modules(derive.ops.__path__):
        importlib.import_module(f"derive.ops.{module.name}")
    found, waiting = [], [Node]
    while waiting:
        waiting += (subclasses := waiting.pop().__subclasses__())
        found += subclasses
    abstract = (Elementwise, AlongAxis)
    return [kind for kind in found if kind not in abstract and kind.__module__.startswith("derive.")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_every_class_of_nodes_is_written_in_every_language(language: str, kind: type[Node]) -> None:
    assert kind in LANGUAGES[language].nodes


@pytest.mark.parametrize(
    "kind", [kind for kind in classes() if kind not in (Tensor, Constant)], ids=lambda k: k.__name__
)
def test_the_examples_hold_every_class(kind: type[Node]) -> None:
    assert any(type(node) is kind for node in NODES)


class Unknown(Elementwise):
    """A node that no language knows."""

    __slots__ = ()
    __module__ = "tests"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_node_is_named(language: str) -> None:
    with pytest.raises(TypeError, match="Unknown"):
        Writer(LANGUAGES[language], {"v": "v"}).text(Unknown(v))


def value(text: str, writer: Writer) -> object:
    """The value of program text, with the functions that it needs."""
    variables: dict[str, object] = {"np": np, "torch": torch, "F": torch.nn.functional, "math": math, "N": 3}
    for part in definitions(writer):
        exec("\n".join("".join(map(str, line.pieces)) for line in part), variables)  # noqa: S102  # our own text
    for name, array in {**VALUES, "w": np.array([0.5, -2])}.items():
        number = array if name == "c" else array.astype(float)
        variables[name] = number if writer.language is NUMPY else torch.from_numpy(np.array(number))
    return eval(text, variables)  # noqa: S307  # our own text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("node", NODES, ids=str)
def test_text_has_the_value_of_the_expression(language: str, node: Node) -> None:
    writer = Writer(LANGUAGES[language], {name: name for name in (*VALUES, "w", "N")}, safe_logs=True)
    torch.set_default_dtype(torch.float64)
    found = np.asarray(value(writer.text(node), writer))
    expected = value_of(node, {**VALUES, "w": np.array([0.5, -2])}, {"N": 3})
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


TEXTS = {
    "2 * (v - u)": Times(Constant(2), Plus(v, Times(Constant(-1), u))),
    "(v - t) / N": Times(Constant(1 / N), Plus(v, Times(Constant(-1), t))),
    "-np.sum(t) / (2 * N)": Times(Constant(-1 / (2 * N)), Sum(t)),
    "2 * v / (3 * N)": Times(Constant(sympy.Rational(2, 3) / N), v),
    "1 - v**2": Plus(Constant(1), Times(Constant(-1), Power(v, Constant(2)))),
    "v / (s * k)": Times(v, Power(s, Constant(-1)), Power(k, Constant(-1))),
    "A @ B @ v": Dot(Dot(A, B), v),
    "A @ (B @ v)": Dot(A, Dot(B, v)),
    "np.where(v - u > 0, 1.0, 0.0)": Fn("step", Plus(v, Times(Constant(-1), u))),
    "np.where(v + u >= 0, 1.0, 0.0)": Fn("closed_step", Plus(v, u)),
    "t * np.log(u)": Fn("xlogy", t, u),
    "softplus(v, beta=2)": Fn("softplus", v, Constant(2)),
    "np.logaddexp(0, v)": Fn("softplus", v),
    "A[1:].T @ v[1:]": Dot(Transpose(Slice(A, (1, None))), Slice(v, (1, None))),
    "np.outer(v, u)": Outer(v, u),
}


@pytest.mark.parametrize("expected", TEXTS)
def test_text_as_a_person_writes_it(expected: str) -> None:
    writer = Writer(NUMPY, {name: name for name in (*VALUES, "N")})
    assert writer.text(TEXTS[expected]) == expected


def patterns() -> list[tuple[str, bool]]:
    return [
        (row.name, default) for row in ROWS.values() for default in ([False, True] if row.numpy_default else [False])
    ]


@pytest.mark.parametrize(("name", "default"), patterns())
def test_numpy_of_every_row_has_its_value(name: str, default: bool) -> None:
    row: Row = ROWS[name]
    sets = parameter_sets(row)[:1] if default else parameter_sets(row)
    pattern = row.numpy_default if default else row.numpy
    used = {int(place) for place in re.findall(r"\{(\d)\}", pattern)}
    assert used <= set(range(row.arity + (0 if default else len(row.parameters))))
    for parameters in sets:
        arrays = [np.array(column, dtype=float) for column in zip(*points(row), strict=True)]
        operands = [*arrays, *(float(parameter) for parameter in parameters)]
        names = {f"operand_{place}": operand for place, operand in enumerate(operands)}
        text = pattern.format(*names)
        found = eval(text, {"np": np, "math": math}, names)  # noqa: S307  # the project's own table
        expected = row.value(*arrays, *(np.asarray(float(parameter)) for parameter in parameters))
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13, err_msg=text)
