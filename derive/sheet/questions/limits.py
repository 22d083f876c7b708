"""What a quantity tends to when a constant does: SymPy takes the limit of each entry, on the problem's numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from derive.check.explicit import SymbolicArithmetic, symbols_of
from derive.errors import Fault, ProblemError
from derive.evaluate import run
from derive.ops import Array, Tensor
from derive.sheet.blocks import Blank, Exact, Symbol, Table, Tends, Words
from derive.sheet.questions.posed import Context, Posed
from derive.spec.questions import Limit

LARGE = sympy.Integer(10) ** 12  # as good as infinite for the second opinion
CLOSE = sympy.Rational(1, 10**6)


def pose_limit(question: Limit, context: Context) -> Posed:
    """by -> end | the limit, one row for each end."""
    rows = tuple(
        (
            Tends(question.by, end),
            Blank(None) if context.blank else Exact(question.limit, limit_of(question, end, context)),
        )
        for end in question.to
    )
    heading = (Words("when"), Symbol(question.limit))
    return Posed(Words("limit", (("of", question.limit), ("by", question.by))), (Table(heading, rows),))


def limit_of(question: Limit, end: Fraction | str, context: Context) -> Array:
    """lim of every entry as `by` tends to `end`; refuses one that SymPy cannot take or that numbers contradict."""
    varied = sympy.Symbol(question.by, real=True, positive=end in ("oo", Fraction(0)))
    entries = _entries(question, varied, context)
    goal = {"oo": sympy.oo, "-oo": -sympy.oo}.get(str(end)) or sympy.Rational(str(end))
    limits = np.empty(entries.shape, dtype=object)
    for index, entry in np.ndenumerate(entries):
        try:
            limits[index] = sympy.limit(entry.expression, varied, goal)
        except (NotImplementedError, ValueError):
            limits[index] = None
        if not _is_confirmed(limits[index], entry.expression, varied, goal):
            raise ProblemError(
                Fault(
                    path="ask.limit",
                    found=f"no limit of `{question.limit}` as `{question.by}` tends to {end}",
                    expected="a quantity whose limit SymPy finds and numbers confirm",
                    hint="give numbers for the other quantities",
                )
            )
    return limits


def _entries(question: Limit, varied: sympy.Symbol, context: Context) -> Array:
    """The entries of the quantity as SymPy expressions in the constant that is varied, all else as numbers."""
    from derive.check.explicit import Entry

    given: dict[Tensor, Array] = {}
    literals = {given.name: given.value for given in context.problem.givens}
    for quantity in context.program.givens:
        if quantity.name == question.by:
            given[quantity.tensor] = np.array(Entry(varied), dtype=object)
            continue
        literal = literals.get(quantity.name)
        if literal is None:
            given[quantity.tensor] = symbols_of(quantity.tensor, quantity.tensor.shape)
        else:
            rational: Any = np.vectorize(lambda f: Entry(sympy.Rational(f.numerator, f.denominator)), otypes=[object])
            given[quantity.tensor] = rational(literal.exact)
    known = run(context.program.steps, given, SymbolicArithmetic(context.dimensions))
    return known[context.program.tensor(question.limit)]


def _is_confirmed(limit: Any, expression: sympy.Expr, varied: sympy.Symbol, goal: Any) -> bool:
    """Whether the expression is near its limit when the constant is near its goal (a huge one for an infinite)."""
    if limit is None or limit.has(sympy.Limit, sympy.AccumBounds, sympy.nan):
        return False
    near = sympy.sign(goal) * LARGE if goal.is_infinite else goal + 1 / LARGE
    if limit.free_symbols or expression.free_symbols - {varied}:
        return True  # in symbols there is nothing to compare
    value = expression.subs(varied, near).evalf(60)
    if limit.is_infinite:
        return bool(value * sympy.sign(limit) > 10**6)
    return bool(abs(value - limit.evalf(60)) < CLOSE)
