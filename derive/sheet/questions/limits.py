"""What a quantity tends to when a constant does: SymPy takes the limit of each entry, on the problem's numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from derive.check.explicit import Entry, SymbolicArithmetic, symbols_of
from derive.errors import Fault, ProblemError
from derive.evaluate import real, round_half_away, run
from derive.ops import Array, Tensor
from derive.sheet.blocks import Exact, Symbol, Table, Tends, Words
from derive.sheet.model import Blank
from derive.sheet.questions.posed import Context, Posed
from derive.spec.questions import Limit

LARGE = sympy.Integer(10) ** 12  # as good as infinite for the second opinion
CLOSE = sympy.Rational(1, 10**6)
LONGEST = 300  # operations of an entry whose limit SymPy is asked for; more may take it forever
SIMPLE = 100  # a fraction with smaller numbers stays one
DIGITS = 60


def pose_limit(question: Limit, context: Context) -> Posed:
    """by -> end | the limit, one row for each end."""
    places = context.problem.rounding.places
    rows = tuple(
        (
            Tends(question.by, end),
            Blank(None) if context.blank else Exact(question.limit, _written(limit_of(question, end, context), places)),
        )
        for end in question.to
    )
    heading = (Words("when"), Symbol(question.limit))
    return Posed(Words("limit", (("of", question.limit), ("by", question.by))), (Table(heading, rows),))


def limit_of(question: Limit, end: Fraction | str, context: Context) -> Array:
    """lim of every entry as `by` tends to `end`; refuses one that SymPy cannot take or that numbers contradict."""
    varied = sympy.Symbol(question.by, real=True, positive=end in ("oo", Fraction(0)) or None)
    entries = _entries(question, varied, context)
    goal = {"oo": sympy.oo, "-oo": -sympy.oo}.get(str(end)) or sympy.Rational(str(end))
    limits = np.empty(entries.shape, dtype=object)
    for index, entry in np.ndenumerate(entries):
        limits[index] = _limit(entry.expression, varied, goal)
        if not _is_confirmed(limits[index], entry.expression, varied, goal):
            raise ProblemError(
                Fault(
                    found=f"no limit of `{question.limit}` as `{question.by}` tends to {end}",
                    expected="a quantity whose limit SymPy finds and numbers confirm",
                    hint="give numbers for the other quantities, or take a quantity of fewer steps",
                )
            )
    return limits


def _limit(expression: sympy.Expr, varied: sympy.Symbol, goal: Any) -> Any:
    """What SymPy says, from above at 0 and from both sides elsewhere; None where it does not know or takes too long."""
    if sympy.count_ops(expression) > LONGEST:
        return None
    try:
        return sympy.limit(expression, varied, goal, "+" if goal.is_infinite or goal == 0 else "+-")
    except (NotImplementedError, ValueError, TypeError, RecursionError, sympy.PoleError):
        return None


def _entries(question: Limit, varied: sympy.Symbol, context: Context) -> Array:
    """The entries of the quantity as SymPy expressions in the constant that is varied, all else as numbers."""
    given: dict[Tensor, Array] = {}
    literals = {given.name: given.value for given in context.problem.givens}
    if context.problem.update:
        literals[context.problem.update.symbol] = context.problem.update.learning_rate
    rational: Any = np.vectorize(lambda f: Entry(sympy.Rational(f.numerator, f.denominator)), otypes=[object])
    for quantity in context.program.givens:
        shape = quantity.tensor.shape
        literal = literals.get(quantity.name)
        if quantity.name == question.by:
            if any(size != 1 for size in shape):
                found = f"`{question.by}`, which holds more than one number, tends to something"
                raise ProblemError(Fault(found, "a constant that is a single number"))
            given[quantity.tensor] = np.full(shape, Entry(varied), dtype=object)
        elif literal is None:
            given[quantity.tensor] = symbols_of(quantity.tensor, SymbolicArithmetic(context.dimensions).shape(shape))
        else:
            given[quantity.tensor] = rational(literal.exact)
    known = run(context.program.steps, given, SymbolicArithmetic(context.dimensions))
    return known[context.program.tensor(question.limit)]


def _is_confirmed(limit: Any, expression: sympy.Expr, varied: sympy.Symbol, goal: Any) -> bool:
    """Whether the expression is near its limit, a number, when the constant is near its goal (huge for an infinite).

    Quantities without numbers get some: a limit that is the same for all of them is the same for these.
    """
    if limit is None or limit.free_symbols or limit.has(sympy.Limit, sympy.AccumBounds, sympy.nan, sympy.zoo):
        return False
    near = sympy.sign(goal) * LARGE if goal.is_infinite else goal + 1 / LARGE
    others = sorted(expression.free_symbols - {varied}, key=str)
    numbers = {symbol: sympy.Rational(7 + 3 * place, 5) for place, symbol in enumerate(others)}
    value = expression.subs({**numbers, varied: near}).evalf(DIGITS)
    if limit.is_infinite:
        return bool(value * sympy.sign(limit) > 10**6)
    return bool(abs(value - limit.evalf(DIGITS)) < CLOSE)


def _written(limits: Array, places: int) -> Array:
    """Infinite ones and simple fractions as they are, all else in decimals."""

    def written(limit: sympy.Expr) -> Any:
        if limit.is_infinite or (limit.is_Rational and abs(limit.p) < SIMPLE and limit.q < SIMPLE):
            return str(limit)
        number = limit if limit.is_Rational else sympy.Rational(limit.evalf(DIGITS))
        return round_half_away(real(Fraction(int(number.p), int(number.q))), places)

    result: Array = np.vectorize(written, otypes=[object])(limits)
    return result
