"""Questions that are answered in words or by an order: explain, bring into order."""

from __future__ import annotations

import hashlib

from derive.code import training_iteration
from derive.sheet.blocks import Cell, Plain, Ruled, Table, Words
from derive.sheet.model import Blank
from derive.sheet.questions.posed import Context, Posed
from derive.spec.questions import Explain, Order


def pose_explain(question: Explain, context: Context) -> Posed:
    """The author's question above lines to write on, or above the author's answer, if there is one."""
    answer = Ruled(question.lines) if context.blank else Ruled(0, question.answer)
    return Posed(question.explain, (answer,))


def pose_order(question: Order, context: Context) -> Posed:
    """Items in a mixed order, each with a box for its place."""
    items: tuple[Cell, ...]
    if question.is_iteration:
        items = tuple(Words(f"iteration_{step.key}") for step in training_iteration())
    else:
        items = tuple(Plain(item) for item in question.order)
    rows = tuple(
        (Blank(()) if context.blank else Plain(str(place + 1)), items[place]) for place in mixed(len(items), str(items))
    )
    return Posed(Words("order"), (Table((), rows),))


def mixed(count: int, seed: str) -> tuple[int, ...]:
    """0, 1, ..., count - 1 in an order that depends on `seed` only and is never the right one."""
    order = sorted(range(count), key=lambda place: hashlib.sha256(f"{seed}{place}".encode()).digest())
    return tuple(order if order != list(range(count)) else [*order[1:], order[0]])
