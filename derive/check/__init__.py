"""Oracles: each step held against a route that does not read it. See `docs/architecture.md` for the routes."""

from derive.check.assumptions import check_assumptions
from derive.check.autograd import check_by_autograd, is_available
from derive.check.differences import check_by_differences, kinked_steps
from derive.check.exactly import Exactly
from derive.check.jacobians import check_jacobians
from derive.check.plain import check_plainly
from derive.check.printed import check_document
from derive.check.promises import Promised, Reading
from derive.check.report import Finding, all_passed
from derive.check.symbolic import check_symbolically
from derive.check.values import Expected

__all__ = [
    "Exactly",
    "Expected",
    "Finding",
    "Promised",
    "Reading",
    "all_passed",
    "check_assumptions",
    "check_by_autograd",
    "check_by_differences",
    "check_document",
    "check_jacobians",
    "check_plainly",
    "check_symbolically",
    "is_available",
    "kinked_steps",
]
