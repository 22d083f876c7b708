"""The problem file -> Problem: frozen, validated data. The only reader of problem files."""

from derive.spec.equations import parse_equations
from derive.spec.model import schema
from derive.spec.numbers import Literal
from derive.spec.problem import (
    MLP,
    Ask,
    Call,
    Conventions,
    Equation,
    Given,
    Problem,
    Rounding,
    Update,
)
from derive.spec.reader import read, read_text

__all__ = [
    "MLP",
    "Ask",
    "Call",
    "Conventions",
    "Equation",
    "Given",
    "Literal",
    "Problem",
    "Rounding",
    "Update",
    "parse_equations",
    "read",
    "read_text",
    "schema",
]
