"""Mistakes that people make, as other formulas of a step."""

from derive.calculus.mistakes.table import MISTAKES, Mistake, MistakeRule, candidates

__all__ = ["MISTAKES", "Mistake", "MistakeRule", "candidates"]
