"""Arrays of many problems at once: what each of them is by NumPy alone."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive.check.interpret import Interpreter
from derive.check.plain import NumPyLibrary
from derive.check.stacked import Stack, StackedLibrary, stack
from derive.ops import LOSSES, ROWS, Array
from derive.spec import read_text
from tests.support import equations

SEED = 60_221
COUNT = 5
GENERATOR = np.random.default_rng(SEED)


def random(*shape: int) -> Array:
    return GENERATOR.uniform(0.2, 0.9, (COUNT, *shape))


def same(found: Stack, expected: list[Any]) -> None:
    """Each array of the stack is what NumPy makes of that problem."""
    arrays = np.broadcast_to(found.arrays, (COUNT, *found.shape))
    assert len(expected) == COUNT
    for place, one in enumerate(expected):
        np.testing.assert_allclose(arrays[place], one, rtol=1e-14, atol=1e-14, err_msg=f"seed {SEED}, problem {place}")
        assert arrays[place].shape == np.shape(one), f"seed {SEED}, problem {place}"


SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((), ()), ((3,), ()), ((), (3,)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 3), (2, 3)), ((2, 1), (2, 3)),
    ((2, 3), ()), ((1,), (4,)), ((5,), (5,)), ((5, 1), (5,)),
]  # fmt: skip
OPERATORS: list[Callable[[Any, Any], Any]] = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow,
]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("operation", OPERATORS)
def test_operators_broadcast_within_each_problem(
    operation: Callable[[Any, Any], Any], shapes: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    """Also where an axis has as many entries as there are problems (5)."""
    one, other = (random(*shape) for shape in shapes)
    same(operation(Stack(one), Stack(other)), [operation(*pair) for pair in zip(one, other, strict=True)])
    same(operation(Stack(one), stack(other[0])), [operation(each, other[0]) for each in one])
    if operation is not operator.pow:
        same(operation(one[0], Stack(other)), [operation(one[0], each) for each in other])
        same(operation(2, Stack(other)), [operation(2, each) for each in other])
    same(operation(Stack(one), 2), [operation(each, 2) for each in one])


@pytest.mark.parametrize(
    "shapes",
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 5), (5, 5)), ((5,), (5, 5))],
    ids=str,
)
def test_products_of_matrices(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    one, other = (random(*shape) for shape in shapes)
    same(Stack(one) @ Stack(other), [left @ right for left, right in zip(one, other, strict=True)])
    same(Stack(one) @ other[0], [left @ other[0] for left in one])
    same(one[0] @ Stack(other), [one[0] @ right for right in other])
    same(stack(one[0]) @ stack(other[0]), [one[0] @ other[0]] * COUNT)


def test_products_of_what_numpy_does_not_multiply_are_refused() -> None:
    for one, other in (((), (3,)), ((3,), ()), ((2, 3), ())):
        with pytest.raises(ValueError, match="@ of arrays"):
            Stack(random(*one)) @ Stack(random(*other))
    with pytest.raises(ValueError):
        Stack(random(2, 3)) @ Stack(random(2, 3))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_what_is_made_of_one_array(shape: tuple[int, ...]) -> None:
    arrays = random(*shape)
    same(-Stack(arrays), [-each for each in arrays])
    same(Stack(arrays).T, [each.T for each in arrays])
    assert (Stack(arrays).ndim, Stack(arrays).shape) == (len(shape), shape)


@pytest.mark.parametrize(
    "index", [0, -1, slice(1), (0, 1), (slice(None), 0), (1, slice(1, 3)), (slice(1), slice(2))], ids=str
)
def test_slices(index: Any) -> None:
    arrays = random(2, 3)
    same(Stack(arrays)[index], [each[index] for each in arrays])


ELEMENTWISE = [name for name, row in ROWS.items() if not row.internal]


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("shapes", [((3,), (3,)), ((2, 3), (3,)), ((3,), ()), ((5, 1), (5,))], ids=str)
def test_elementwise_functions(name: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    row = ROWS[name]
    arguments = [random(*shapes[place % 2]) for place in range(row.arity)]
    parameters = {key: float(default) for key, default in row.parameters}
    found = StackedLibrary().elementwise(row, [Stack(argument) for argument in arguments], parameters)
    same(found, [NumPyLibrary().elementwise(row, list(own), parameters) for own in zip(*arguments, strict=True)])


FORWARD = {
    "sums": ("y = sum(A*u) + mean(A)", {"A": (2, 3), "u": (3,)}),
    "softmax of a vector": ("y = softmax(u)", {"u": (3,)}),
    "softmax of rows": ("y = softmax(A)", {"A": (2, 3)}),
    "softmax of columns": ("y = softmax(A, axis=0)", {"A": (2, 3)}),
    "softmax of as many as there are problems": ("y = softmax(A, axis=0)", {"A": (5, 5)}),
    "log softmax of columns": ("y = log_softmax(A, axis=0)", {"A": (2, 3)}),
    "ones beside": ("y = augment(A)", {"A": (2, 3)}),
    "ones on top": ("y = augment(A, axis=0)", {"A": (2, 3)}),
    "ones at the end": ("y = augment(u, last=True)", {"u": (3,)}),
    "ones below": ("y = augment(A, axis=0, last=True)", {"A": (2, 3)}),
    "a layer": ("y = tanh(X @ W.T + b)", {"X": (4, 3), "W": (2, 3), "b": (2,)}),
    "powers and signs": ("y = -2*u**2/(1 + u) + u[0]*u[1:]", {"u": (3,)}),
}
FORWARD["powers and signs"] = ("y = -2*u[1:]**2/(1 + u[1:]) + u[0]*u[1:]", {"u": (3,)})


def in_both(forward: str, shapes: dict[str, tuple[int, ...]], given: dict[str, Array]) -> tuple[Stack, list[Any]]:
    """The last equation on all problems at once, and on each by itself."""
    problem = read_text(equations(forward, **shapes))
    [equation] = problem.equations
    together = Interpreter(StackedLibrary(), {name: Stack(array) for name, array in given.items()})
    alone = [
        Interpreter(NumPyLibrary(), {name: array[place] for name, array in given.items()}).value(equation.tree)
        for place in range(COUNT)
    ]
    return stack(together.value(equation.tree)), alone


@pytest.mark.parametrize("case", FORWARD)
def test_equations(case: str) -> None:
    forward, shapes = FORWARD[case]
    same(*in_both(forward, shapes, {name: random(*shape) for name, shape in shapes.items()}))


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if not loss.classes])
@pytest.mark.parametrize("shape", [(3,), (2, 3)], ids=str)
@pytest.mark.parametrize("options", ["", ", reduction=sum", ", factor=1/2"])
def test_losses(name: str, shape: tuple[int, ...], options: str) -> None:
    given = {"y": random(*shape), "t": random(*shape).round()}
    forward = f"L = {name}(y, t{options})" if "sum" not in options else f'L = {name}(y, t, reduction="sum")'
    same(*in_both(forward, {"y": shape, "t": shape}, given))


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if loss.classes])
@pytest.mark.parametrize("axis", [-1, 0])
@pytest.mark.parametrize("as_indices", [True, False])
def test_losses_over_classes(name: str, axis: int, as_indices: bool) -> None:
    shape = (4, 3)
    number = shape[axis]
    samples = shape[0] if axis == -1 else shape[1]
    predictions = random(*shape)
    indices = GENERATOR.integers(0, number, (COUNT, samples))
    hot = np.eye(number)[indices] if axis == -1 else np.eye(number)[indices].swapaxes(1, 2)
    targets = indices.astype(float) if as_indices else hot
    shapes = {"y": shape, "t": targets.shape[1:]}
    forward = f"L = {name}(y, t, axis={axis})" if axis == 0 else f"L = {name}(y, t)"
    same(*in_both(forward, shapes, {"y": predictions, "t": targets}))


def test_what_all_problems_share() -> None:
    """A target or a matrix that does not vary has one array for all."""
    predictions, target = random(3), np.array([0.0, 1.0, 0.0])
    for name in ("mse", "cross_entropy"):
        found = StackedLibrary().loss(LOSSES[name], Stack(predictions), stack(target), {})
        same(found, [NumPyLibrary().loss(LOSSES[name], each, target, {}) for each in predictions])
    found = StackedLibrary().loss(LOSSES["mse"], stack(target), Stack(predictions), {})
    same(found, [NumPyLibrary().loss(LOSSES["mse"], target, each, {}) for each in predictions])


def test_a_difference_between_problems_is_not_spread() -> None:
    """Changing one problem changes nothing in the others."""
    forward, shapes = FORWARD["a layer"]
    given = {name: random(*shape) for name, shape in shapes.items()}
    before, _ = in_both(forward, shapes, given)
    given["W"][3] += 1
    after, _ = in_both(forward, shapes, given)
    changed = (before.arrays != after.arrays).reshape(COUNT, -1).any(axis=1)
    assert changed.tolist() == [False, False, False, True, False]
