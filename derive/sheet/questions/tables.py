"""Questions that are answered in a table: shapes, numbers of parameters, quantities with their values."""

from __future__ import annotations

import math
from collections.abc import Iterable

import sympy

from derive.ops import Constant
from derive.program import Program
from derive.sheet.blocks import Cell, Decimals, Dimensions, Formula, Plain, Symbol, Table, Words
from derive.sheet.model import Blank
from derive.sheet.questions.posed import Context, Posed
from derive.spec.questions import PARAMETERS, Code, Complete, Count, Question, Shapes

SPACE = Blank(None)


def pose_shapes(question: Shapes, context: Context) -> Posed:
    """quantity | shape"""
    rows = tuple(
        (Symbol(name), SPACE if context.blank else Dimensions(name, context.program.tensor(name).shape))
        for name in question.shapes
    )
    return Posed(Words("shapes"), (Table((Words("quantity"), Words("shape")), rows),))


def pose_count(question: Count, context: Context) -> Posed:
    """quantity | shape | how many numbers that is; and the sum of all."""
    names = _counted(question, context.program)
    shapes = [context.program.tensor(name).shape for name in names]
    counts = [math.prod(shape, start=sympy.Integer(1)) for shape in shapes]
    rows = [
        (Symbol(name), *_unless_blank(context, Dimensions(name, shape), _count(count)))
        for name, shape, count in zip(names, shapes, counts, strict=True)
    ]
    total: sympy.Expr = sum(counts, sympy.Integer(0))
    rows.append((Words("total"), Plain(""), *_unless_blank(context, _count(total))))
    heading = (Words("quantity"), Words("shape"), Words("count_of_numbers"))
    return Posed(Words("count"), (Table(heading, tuple(rows)),))


def _counted(question: Count, program: Program) -> tuple[str, ...]:
    if question.count != (PARAMETERS,):
        return question.count
    return tuple(quantity.name for quantity in program.givens if quantity.role == "parameter")


def asked_shapes(questions: Iterable[Question], program: Program) -> frozenset[str]:
    """The quantities whose shapes are asked for: in a program the parameters, in a PyTorch loop all but the data."""
    names: set[str] = set()
    for question in questions:
        match question:
            case Shapes():
                names.update(question.shapes)
            case Count():
                names.update(_counted(question, program))
            case Code(code="pytorch", style=None | "loop"):
                data = {quantity.name for quantity in program.givens if quantity.role in ("input", "target")}
                names.update(program.names - data)
            case Code():
                names.update(quantity.name for quantity in program.givens if quantity.role == "parameter")
    return frozenset(names)


def pose_table(question: Complete, context: Context) -> Posed:
    """quantity | formula | value, with the values of `given` quantities shown."""
    rows = []
    for name in question.table:
        step = context.program[name]
        cells: list[Cell] = [Symbol(name), Formula(step.formula, name)]
        if context.numbers is not None:
            shown = name in question.given or not context.blank
            shape = context.numbers.exact[name].shape
            cells.append(Decimals(name, context.numbers.result(name)) if shown else Blank(shape))
        rows.append(tuple(cells))
    heading: tuple[Cell, ...] = (Words("quantity"), Words("formula"))
    if context.numbers is not None:
        heading = (*heading, Words("value"))
    return Posed(Words("table"), (Table(heading, tuple(rows)),))


def _unless_blank(context: Context, *cells: Cell) -> tuple[Cell, ...]:
    return tuple(SPACE for _ in cells) if context.blank else cells


def _count(count: sympy.Expr) -> Cell:
    """A number, or a product of dimension symbols such as 784 H."""
    return Plain(str(count)) if count.is_Integer else Formula(Constant(count))
