"""How tightly a piece of program text binds, so that it gets no more parentheses than it needs."""

from __future__ import annotations

import ast
import functools

SUM, PRODUCT, UNARY, POWER, ATOM = range(5)
Written = tuple[str, int]  # the text, and how tightly it binds


@functools.cache
def level_of(text: str) -> int:
    """How tightly a piece of program text binds, read from its syntax tree."""
    match ast.parse(text, mode="eval").body:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return SUM
        case ast.BinOp(op=ast.Pow()):
            return POWER
        case ast.BinOp():
            return PRODUCT
        case ast.UnaryOp():
            return UNARY
        case ast.Compare():
            return SUM
    return ATOM
