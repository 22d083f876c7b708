"""Questions that are answered by code: the program of the problem with gaps, in NumPy or PyTorch."""

from __future__ import annotations

from dataclasses import replace

from derive.code import STYLES, torch_shapes
from derive.code import Gap as CodeGap
from derive.sheet.blocks import Block, Cell, Gap, Listing, Plain, Table, Words
from derive.sheet.model import Blank
from derive.sheet.questions.posed import Context, Posed
from derive.spec.questions import Code

WIDEST = 28  # characters that the room for an answer takes at most


def pose_code(question: Code, context: Context) -> Posed:
    """The listing, and for a PyTorch loop the table of its shapes."""
    styles = STYLES[question.code]
    style: str = question.style or next(iter(styles))
    source = styles[style](context.problem, context.program, context.values)
    has_table = (question.code, style) == ("pytorch", "loop")
    if has_table:
        source = replace(source, parts=source.parts[:-1])  # the program's own assertions would ask the same again
    lines = tuple(tuple(_piece(piece, context) for piece in line) for line in source.lines(context.blank))
    blocks: list[Block] = [Listing(question.code, lines)]
    if has_table:
        blocks.append(_shape_table(context))
    return Posed(Words(f"code_{question.code}"), tuple(blocks))


def _piece(piece: str | CodeGap, context: Context) -> str | Gap:
    if isinstance(piece, str):
        return piece
    return Gap("" if context.blank else piece.answer, WIDEST if context.blank else len(piece.answer))


def _shape_table(context: Context) -> Table:
    """tensor | shape, those that the data gives filled in."""
    rows: list[tuple[Cell, ...]] = []
    for found in torch_shapes(context.problem, context.program):
        shown = found.given or not context.blank
        rows.append((Plain(f"{found.tensor}.shape"), Plain(found.shape) if shown else Blank(None)))
    return Table((Words("tensor"), Words("shape")), tuple(rows))
