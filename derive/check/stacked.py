"""Arrays of many problems at once for the plain route: one array for each problem, NumPy's meaning within each.

`Stack` knows nothing of expressions. It holds an array of shape (problems, *shape) and acts as NumPy would on each
array of `shape` by itself; a plain array or number beside it is the same for all problems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derive.check.plain import NumPyLibrary, log_softmax, loss_entries, softmax
from derive.check.scalar_forms import scalar_form
from derive.ops import Array, Loss, Row


class Stack:
    """One array for each of many problems."""

    def __init__(self, arrays: Array) -> None:
        self.arrays = arrays

    @property
    def ndim(self) -> int:
        """The number of axes of each array."""
        return self.arrays.ndim - 1

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of each array."""
        return self.arrays.shape[1:]

    @property
    def T(self) -> Stack:  # NumPy's name for it
        return Stack(self.arrays.swapaxes(1, 2)) if self.ndim == 2 else self

    def __getitem__(self, index: Any) -> Stack:
        return Stack(self.arrays[(slice(None), *(index if isinstance(index, tuple) else (index,)))])

    def __neg__(self) -> Stack:
        return Stack(-self.arrays)

    def __add__(self, other: Any) -> Stack:
        return _together(np.add, self, other)

    def __radd__(self, other: Any) -> Stack:
        return _together(np.add, other, self)

    def __sub__(self, other: Any) -> Stack:
        return _together(np.subtract, self, other)

    def __rsub__(self, other: Any) -> Stack:
        return _together(np.subtract, other, self)

    def __mul__(self, other: Any) -> Stack:
        return _together(np.multiply, self, other)

    def __rmul__(self, other: Any) -> Stack:
        return _together(np.multiply, other, self)

    def __truediv__(self, other: Any) -> Stack:
        return _together(np.divide, self, other)

    def __rtruediv__(self, other: Any) -> Stack:
        return _together(np.divide, other, self)

    def __pow__(self, other: Any) -> Stack:
        return _together(np.power, self, other)

    def __matmul__(self, other: Any) -> Stack:
        return _product(self, other)

    def __rmatmul__(self, other: Any) -> Stack:
        return _product(other, self)

    __array_ufunc__ = None  # so that `array @ stack` is left to this class


def stack(thing: Any) -> Stack:
    """A stack as it is; an array or number as a stack in which all problems share it."""
    return thing if isinstance(thing, Stack) else Stack(np.asarray(thing)[None])


def _lined_up(stacks: list[Stack]) -> list[Array]:
    """The arrays with as many axes as the largest of them, new ones behind that of the problems."""
    rank = max(each.ndim for each in stacks)
    return [each.arrays.reshape(len(each.arrays), *(1,) * (rank - each.ndim), *each.shape) for each in stacks]


def _together(function: Callable[..., Any], *operands: Any) -> Stack:
    return Stack(function(*_lined_up([stack(operand) for operand in operands])))


def _product(left: Any, right: Any) -> Stack:
    """NumPy's `@` within each problem, by the sums that define it."""
    one, other = stack(left), stack(right)
    axes = {(1, 1): "pi,pi->p", (2, 1): "pij,pj->pi", (1, 2): "pi,pij->pj", (2, 2): "pij,pjk->pik"}
    if (one.ndim, other.ndim) not in axes:
        raise ValueError(f"@ of arrays with {one.ndim} and {other.ndim} axes")
    if one.shape[-1] != other.shape[0]:  # einsum would repeat an axis of size 1
        raise ValueError(f"@ of arrays of shapes {one.shape} and {other.shape}")
    count = max(len(one.arrays), len(other.arrays))
    arrays = [np.broadcast_to(each.arrays, (count, *each.shape)) for each in (one, other)]
    return Stack(np.einsum(axes[one.ndim, other.ndim], *arrays))


class StackedLibrary(NumPyLibrary):
    """The functions of the equation language on stacks."""

    def elementwise(self, row: Row, arguments: list[Any], parameters: Mapping[str, float]) -> Any:
        arrays = _lined_up([stack(argument) for argument in arguments])
        return Stack(scalar_form(row, arrays, list(parameters.values())))

    def whole(self, name: str, argument: Any, options: Mapping[str, Any]) -> Any:
        each = stack(argument)
        within = tuple(range(1, each.ndim + 1))
        if name in ("sum", "mean"):
            return Stack(getattr(np, name)(each.arrays, axis=within))
        axis = int(options.get("axis", 1 if name == "augment" else -1))
        if name == "augment":
            return Stack(_augmented(each, axis, bool(options.get("last"))))
        own = axis if axis < 0 else axis - each.ndim
        return Stack((softmax if name == "softmax" else log_softmax)(each.arrays, own))

    def loss(self, loss: Loss, prediction: Any, target: Any, options: Mapping[str, Any]) -> Any:
        predictions, targets = stack(prediction), stack(target)
        axis = int(options.get("axis", -1))
        axis = axis if axis < 0 else axis - predictions.ndim
        if loss.classes:
            targets = Stack(_repeated(targets.arrays, len(predictions.arrays)))
            values, aims = predictions.arrays, targets.arrays
        else:
            values, aims = _lined_up([predictions, targets])
        entries = loss_entries(loss, values, aims, options, axis)
        within = tuple(range(1, entries.ndim))
        reduced = entries.sum(axis=within) if options.get("reduction") == "sum" else entries.mean(axis=within)
        return Stack(options.get("factor", 1.0) * reduced)


def _repeated(arrays: Array, count: int) -> Array:
    """What all problems share, once for each."""
    return np.broadcast_to(arrays, (count, *arrays.shape[1:])) if len(arrays) == 1 else arrays


def _augmented(each: Stack, axis: int, last: bool) -> Array:
    """Ones beside or on top of each array."""
    place = 1 + (axis if each.ndim == 2 else 0)
    ones = np.ones_like(each.arrays[(slice(None),) * place + (slice(0, 1),)])
    parts = (each.arrays, ones) if last else (ones, each.arrays)
    return np.concatenate(parts, place)
