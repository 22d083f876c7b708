"""The problem file -> Problem: frozen, validated data. The only reader of problem files."""

from derive.spec.equations import parse_equations
from derive.spec.model import schema
from derive.spec.numbers import Literal
from derive.spec.problem import (
    MLP,
    Ask,
    Call,
    Conventions,
    Draft,
    Equation,
    Given,
    OneMore,
    Problem,
    Rounding,
    Size,
    Train,
    Update,
    missing_numbers,
)
from derive.spec.reader import draft_of_text, read, read_draft, read_text

__all__ = [
    "MLP",
    "Ask",
    "Call",
    "Conventions",
    "Draft",
    "Equation",
    "Given",
    "Literal",
    "OneMore",
    "Problem",
    "Rounding",
    "Size",
    "Train",
    "Update",
    "draft_of_text",
    "missing_numbers",
    "parse_equations",
    "read",
    "read_draft",
    "read_text",
    "schema",
]
