"""Questions that are answered in words or by an order: explain, bring into order."""

from __future__ import annotations

import hashlib
import math

from derive.code import training_iteration
from derive.errors import Fault, ProblemError
from derive.ops import show
from derive.program import Program
from derive.sheet.blocks import Cell, Plain, Ruled, Table, Words
from derive.sheet.model import Blank
from derive.sheet.questions.posed import Context, Posed
from derive.spec.filled import pieces
from derive.spec.names import Quantity, parse_quantity
from derive.spec.questions import Explain, Order


def pose_explain(question: Explain, context: Context) -> Posed:
    """The author's question above lines to write on, or above the author's answer, if there is one."""
    answer = "".join(
        piece if isinstance(piece, str) else number_of(piece.name, context) for piece in pieces(question.answer)
    )
    return Posed(question.explain, (Ruled(question.lines) if context.blank else Ruled(0, answer),))


def number_of(name: str, context: Context) -> str:
    """The number of a quantity or of one of its entries in its printed digits; a given one as the author wrote it."""
    quantity, numbers = parse_quantity(name), context.numbers
    if quantity is None or numbers is None:
        raise ProblemError(Fault(f"`{name}` in a problem in symbols", "an answer without numbers from the program"))
    given = numbers.written.get(quantity.whole)
    values = numbers.result(quantity.whole) if given is None else given
    place = _place(quantity, context.program, values.shape)
    if place is None or values[place] is None:
        found = f"`{name}`, where the shape of `{quantity.whole}` is {show(values.shape)}"
        raise ProblemError(Fault(found, "a single number, or an entry that is printed: one index for each axis"))
    return str(values[place])


def _place(quantity: Quantity, program: Program, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Where the entry stands in an array of a shape; that of the only one where none is named."""
    if not quantity.entry:
        return (0,) * len(shape) if math.prod(shape) == 1 else None
    first = program.first_index(quantity.whole)
    if len(quantity.entry) != len(shape):
        return None
    place = tuple(index - start for index, start in zip(quantity.entry, first, strict=True))
    return place if all(0 <= index < length for index, length in zip(place, shape, strict=True)) else None


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
