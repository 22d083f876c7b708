"""Numbers for programs: float64, exact balls, and decimals on paper."""

from derive.evaluate.careful import Numbers, evaluate_with_care
from derive.evaluate.evaluate import (
    DomainError,
    FloatArithmetic,
    Values,
    as_floats,
    evaluate_exactly,
    evaluate_program,
    run,
)
from derive.evaluate.exact import ExactArithmetic, Real, bound, exact_array, real
from derive.evaluate.fractions import Ratio, Style, are_simple, gives, simple_fraction, style_of
from derive.evaluate.jacobian import jacobian_values
from derive.evaluate.rounding import (
    Decimal,
    Uncertain,
    as_real,
    carry_rounded,
    is_tie,
    printed,
    round_half_away,
    rounded,
)

__all__ = [
    "Decimal",
    "DomainError",
    "ExactArithmetic",
    "FloatArithmetic",
    "Numbers",
    "Ratio",
    "Real",
    "Style",
    "Uncertain",
    "Values",
    "are_simple",
    "as_floats",
    "as_real",
    "bound",
    "carry_rounded",
    "evaluate_exactly",
    "evaluate_program",
    "evaluate_with_care",
    "exact_array",
    "gives",
    "is_tie",
    "jacobian_values",
    "printed",
    "real",
    "round_half_away",
    "rounded",
    "run",
    "simple_fraction",
    "style_of",
]
