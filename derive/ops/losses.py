"""The table of losses: each is a name for an expression, written as it would be on the board.

Nothing else is known of a loss; its gradient comes from the expression like any other. Reductions follow PyTorch:
errors of single numbers are averaged over all entries, cross-entropy is averaged over the samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from derive.errors import Fault, ProblemError
from derive.ops.algebra import Plus, Power, Times
from derive.ops.elementwise import Fn
from derive.ops.node import Constant, Node, as_node
from derive.ops.reductions import Sum
from derive.ops.shapes import is_single, require, show, size
from derive.ops.softmax import LogSoftmax

ONE = Constant(1)


@dataclass(frozen=True)
class Samples:
    """The symbol of the number of samples, and the axis along which they lie (0: one in each row)."""

    symbol: sympy.Symbol
    axis: int


@dataclass(frozen=True)
class Loss:
    """A loss by name. `per_entry(y, t, **options)` is the error of one number as an expression, without the sign in
    front (`negative`); `value` is the whole error by NumPy, an independent formula for the checks, and `torch` the
    function of torch.nn.functional, or an expression for each entry with `{0}` and `{1}` for y and t.

    `classes` marks losses that compare whole vectors, summed over the classes and averaged over the samples.
    `of` names what is compared with the target: `prediction`, `probabilities` or `logits`.
    """

    name: str
    doc: str
    per_entry: Callable[..., Node]
    value: Callable[..., Any]
    torch: str
    options: tuple[str, ...] = ()
    classes: bool = False
    negative: bool = False
    of: str = "prediction"


def minus(left: Node, right: Node) -> Node:
    """left - right as an author writes it."""
    return Plus(left, Times(Constant(-1), right))


def squared(y: Node, t: Node) -> Node:
    """(y - t)^2"""
    return Power(minus(y, t), Constant(2))


def likelihood(p: Node, t: Node) -> Node:
    """t log p + (1 - t) log(1 - p)"""
    return Plus(Fn("xlogy", t, p), Fn("xlogy", minus(ONE, t), minus(ONE, p)))


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("mse", "squared error", squared, lambda y, t: (y - t) ** 2, "mse_loss"),
        Loss("mae", "absolute error", lambda y, t: Fn("abs", minus(y, t)), lambda y, t: np.abs(y - t), "l1_loss"),
        Loss(
            "huber", "Huber loss", lambda y, t, delta=ONE: Fn("huber_of", minus(y, t), delta),
            lambda y, t, delta=1.0: np.where(
                np.abs(y - t) <= delta, (y - t) ** 2 / 2, delta * (np.abs(y - t) - delta / 2)
            ),
            "huber_loss", ("delta",),
        ),
        Loss(
            "bce", "binary cross-entropy", likelihood,
            lambda p, t: -np.where(t == 0, 0, t * np.log(p)) - np.where(t == 1, 0, (1 - t) * np.log1p(-p)),
            "binary_cross_entropy", negative=True, of="probabilities",
        ),
        Loss(
            "bce_logits", "binary cross-entropy from logits", lambda s, t: minus(Fn("softplus", s), Times(t, s)),
            lambda s, t: np.logaddexp(0, s) - t * s, "binary_cross_entropy_with_logits", of="logits",
        ),
        Loss(
            "cross_entropy", "cross-entropy", lambda p, t: Fn("xlogy", t, p),
            lambda p, t: -t * np.log(np.where(t == 0, p - p + 1, p)), "", ("axis",),
            classes=True, negative=True, of="probabilities",
        ),
        Loss(
            "cross_entropy_logits", "cross-entropy from logits", lambda log_p, t: Times(t, log_p),
            lambda log_p, t: -t * log_p, "cross_entropy", ("axis",), classes=True, negative=True, of="logits",
        ),
        Loss(
            "hinge", "hinge loss", lambda y, t: Fn("max", Constant(0), minus(ONE, Times(t, y))),
            lambda y, t: np.maximum(0, 1 - t * y), "torch.clamp(1 - {1} * {0}, min=0)",
        ),
    )
}  # fmt: skip


def build_loss(name: str, y: Node, t: Node, samples: Samples | None = None, **options: Any) -> Node:
    """The expression of a named loss.

    `reduction` is "mean" or "sum", `factor` (a number) multiplies it, `axis` is the axis of the classes; `samples`
    says how the number of samples is to be written (`N`) and on which axis they lie, where it has a symbol.
    """
    loss = LOSSES[name]
    reduction, factor = options.pop("reduction", "mean"), options.pop("factor", ONE)
    axis = int(as_node(options.pop("axis", -1)).number) if loss.classes else -1
    if unknown := set(options) - set(loss.options):
        raise ProblemError(
            Fault(
                found=f"{name} does not take {', '.join(sorted(unknown))}",
                expected=", ".join(("reduction", "factor", *loss.options)),
            )
        )
    if reduction not in ("mean", "sum"):
        raise ProblemError(Fault(found=f'reduction="{reduction}"', expected='reduction="mean" or reduction="sum"'))
    _require_same_shape(name, y, t)
    if name == "cross_entropy_logits":
        y = LogSoftmax(y, axis)
    entries = loss.per_entry(y, t, **options)
    count = 1 if reduction == "sum" else _averaged_over(loss, entries, axis, samples)
    number = factor.number / count * (-1 if loss.negative else 1)
    total = entries if is_single(entries.shape) else Sum(entries)
    return total if number == 1 else Times(Constant(number), total)


def _averaged_over(loss: Loss, entries: Node, axis: int, samples: Samples | None) -> sympy.Expr:
    """How many numbers a mean divides by: the samples for losses of whole vectors, otherwise all entries."""
    if entries.rank < 2:
        return sympy.Integer(1) if loss.classes else size(entries.shape)
    sample_axis = samples.axis if samples else 1 if axis == 0 else 0
    count = samples.symbol if samples else entries.shape[sample_axis]
    return count if loss.classes else count * size(entries.shape) / entries.shape[sample_axis]


def _require_same_shape(name: str, y: Node, t: Node) -> None:
    hint = "write the target as a matrix like the prediction" if t.rank < y.rank else ""
    if t.rank > y.rank:
        hint = "one sample has a flat list as its target, or its class as a number, not a list"
    require(
        t.shape == y.shape or t.shape == () or (is_single(y.shape) and is_single(t.shape)),
        f"{name} of a prediction of shape {show(y.shape)} and a target of shape {show(t.shape)}",
        "the same shape",
        hint,
    )
