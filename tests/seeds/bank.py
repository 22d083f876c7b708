"""The problems of the bank that come from the source documents, solved once, with their formulas as text."""

from __future__ import annotations

import functools

import derive
from derive.calculus.inline import in_terms_of
from derive.ops import text
from derive.resources import folder
from derive.solution import Solution


@functools.cache
def solved(name: str) -> Solution:
    return derive.solve(folder("problems") / f"{name}.yaml")


def formula(name: str, quantity: str) -> str:
    return text(solved(name).program[quantity].formula)


def expressed(name: str, quantity: str, *using: str) -> str:
    return text(in_terms_of(solved(name).program, quantity, using))
