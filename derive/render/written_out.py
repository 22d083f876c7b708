"""Matrices of expressions written out entry by entry: diag(1 - z^2) with its entries 1 - z_1^2 and zeros."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from derive.ops import (
    Array,
    Augment,
    ColumnOf,
    Constant,
    Diagonal,
    Dot,
    Elementwise,
    Fn,
    Identity,
    LogSoftmax,
    Node,
    Outer,
    Plus,
    Repeat,
    RowOf,
    Selection,
    Slice,
    Softmax,
    Tensor,
    Times,
    Transpose,
    is_single,
    split_scalar,
    times,
    walk,
)
from derive.ops import entry as entry_of
from derive.render.latex import Latex
from derive.render.latex_numbers import PRODUCT, parenthesised
from derive.render.matrix import matrix
from derive.render.notation import Notation
from derive.render.widths import LINE, width


def written_out(formula: Node, notation: Notation) -> str:
    """The matrix of all entries of an expression with known small shape."""
    return matrix(_entries(formula, notation))


def _entries(formula: Node, notation: Notation) -> Array:
    entries = np.empty([int(d) for d in formula.shape], dtype=object)
    for i, j in np.ndindex(entries.shape):
        entries[i, j] = entry(formula, i, j, notation)
    return entries


def equal_matrices(formula: Node, notation: Notation) -> list[str]:
    """A matrix with its entries; one too wide for a line as its factors, and on its side where it fits so."""
    entries = _entries(formula, notation)
    if width(upright := matrix(entries)) <= LINE:
        return [upright]
    turned = rf"{matrix(entries.T)}^{{\top}}"
    return [by_factors(formula, notation), *([turned] if width(turned) <= LINE else [])]


def by_factors(formula: Node, notation: Notation) -> str:
    """The product of the factors of a matrix expression, each with its entries; one too wide for a line as it is."""
    match formula:
        case Plus():
            return _sum([by_factors(term, notation) for term in formula.operands])
        case Dot() if all(operand.rank == 2 for operand in formula.operands):
            return r"\,".join(_matrix_factor(operand, notation) for operand in formula.operands)
        case Times():
            number, array = split_scalar(formula)
            front = Latex(notation).wrapped(number, PRODUCT)
            return by_factors(array, notation) if front == "1" else rf"{_sign(front)}{_matrix_factor(array, notation)}"
    entries = written_out(formula, notation)
    return entries if width(entries) <= LINE else Latex(notation)(formula)


def _matrix_factor(node: Node, notation: Notation) -> str:
    """A factor of a product of matrices; a sum that fits is one matrix."""
    if isinstance(node, Plus):
        entries = written_out(node, notation)
        return entries if width(entries) <= LINE else parenthesised(by_factors(node, notation))
    return by_factors(node, notation)


def _sign(front: str) -> str:
    """A number in front of a matrix; of -1 the sign alone."""
    return "-" if front == "-1" else rf"{front}\,"


def cases(formula: Node, symbol: str, otherwise: str, notation: Notation) -> str:
    """The general entry of a diagonal Jacobian: 3 if i = j and s_i > 0, otherwise 0. Empty for other matrices."""
    number, matrix_part = split_scalar(formula)
    if not isinstance(matrix_part, Diagonal):
        return ""
    slope = times(number, matrix_part.operands[0])
    factors = slope.operands if isinstance(slope, Times) else (slope,)
    switches = [factor for factor in factors if isinstance(factor, Fn) and factor.row.name == "step"]
    condition = "i = j"
    if len(switches) == 1:
        [switch] = switches
        slope = times(*(factor for factor in factors if factor != switch))
        condition += rf",\ {at(switch.operands[0], 'i', notation)} > 0"
    value = Latex(notation, index=("i",))(slope)
    lines = rf"{value} & {condition} \\ 0 & \text{{{otherwise}}}"
    return rf"\left({symbol}\right)_{{ij}} = \begin{{cases}} {lines} \end{{cases}}"


def entry(node: Node, i: int, j: int, notation: Notation) -> str:
    """Entry (i, j) of a matrix expression."""
    match node:
        case Diagonal() | Identity():
            return "0" if i != j else of_vector(node.operands[0], i, notation) if node.operands else "1"
        case Outer():
            left, right = node.operands
            factors = [factor(left, i, notation), factor(right, j, notation)]
            return r"\,".join(string for string in factors if string != "1") or "1"
        case Transpose():
            return entry(node.operands[0], j, i, notation)
        case RowOf() | ColumnOf():
            return of_vector(node.operands[0], j if isinstance(node, RowOf) else i, notation)
        case Repeat() | Tensor():
            return _repeated_or_named(node, i, j, notation)
        case Slice() | Selection() | Augment():
            return Latex(notation)(entry_of(node, (i, j)))
        case Dot():
            return _sum_of_products(node, i, j, notation)
        case Plus():
            return _sum([entry(term, i, j, notation) for term in node.operands])
        case Times():
            return _product(node, i, j, notation)
    return _composite(node, i, j, notation)


def _composite(node: Node, i: int, j: int, notation: Notation) -> str:
    """Entry (i, j) of an expression that is not taken apart."""
    return rf"{parenthesised(Latex(notation)(node))}_{{{_joined(node, i, j, notation)}}}"


def _joined(node: Node, i: int, j: int, notation: Notation) -> str:
    """The index of entry (i, j) as it is counted on paper."""
    return "".join(map(str, notation.counted(node, (i, j))))


def _repeated_or_named(node: Node, i: int, j: int, notation: Notation) -> str:
    """Entry (i, j) of a number repeated, 0 of a matrix of zeros, or of a quantity."""
    if isinstance(node, Tensor):
        return notation.indexed(node.name, _joined(node, i, j, notation))
    [repeated] = node.operands
    if is_single(repeated.shape):
        return Latex(notation)(repeated)
    return _composite(node, i, j, notation)


def of_vector(node: Node, i: int, notation: Notation) -> str:
    """Entry i of a vector expression."""
    [index] = notation.counted(node, (i,))
    return at(node, index, notation)


def at(node: Node, index: Any, notation: Notation) -> str:
    """The entry of a vector expression at an index; of a softmax, say, that of the whole, not of its argument."""
    if isinstance(node, Repeat):
        return Latex(notation)(node.operands[0])
    if all(isinstance(part, Elementwise) or not part.operands for part in walk(node)):
        return Latex(notation, index=(index,))(node)
    return rf"{parenthesised(Latex(notation)(node))}_{{{index}}}"


def factor(node: Node, i: int, notation: Notation) -> str:
    """Entry i of a vector in a product."""
    string = of_vector(node, i, notation)
    return string if isinstance(node, Tensor | Repeat | Softmax | LogSoftmax) else parenthesised(string)


def _sum(terms: list[str]) -> str:
    """Terms joined by their signs, zeros left out."""
    kept = [term for term in terms if term not in ("0", "-0")]
    if not kept:
        return "0"
    return kept[0] + "".join(f" - {term[1:]}" if term.startswith("-") else f" + {term}" for term in kept[1:])


def _sum_of_products(node: Dot, i: int, j: int, notation: Notation) -> str:
    """sum over k of A_ik B_kj of two matrices, without the terms that are zero."""
    left, right = node.operands
    terms = []
    for k in range(int(left.shape[1])):
        factors = [entry(left, i, k, notation), entry(right, k, j, notation)]
        if "0" not in factors:
            kept = [factor for factor in factors if factor != "1"]
            terms.append(r"\,".join(_bracketed(factor, len(kept)) for factor in kept) or "1")
    return _sum(terms)


def _bracketed(factor: str, count: int) -> str:
    """A factor with parentheses where it is a sum or carries a sign."""
    outside = factor
    while (shorter := re.sub(r"\([^()]*\)", "", outside)) != outside:
        outside = shorter
    needs = count > 1 and (" + " in outside or " - " in outside or factor.startswith("-"))
    return parenthesised(factor) if needs else factor


def _product(node: Times, i: int, j: int, notation: Notation) -> str:
    """A number times a matrix, entry by entry."""
    numbers = [operand for operand in node.operands if not operand.rank]
    [array] = [operand for operand in node.operands if operand.rank]
    inner = entry(array, i, j, notation)
    if inner == "0":
        return "0"
    front = Latex(notation)(numbers[0] if len(numbers) == 1 else Times(*numbers))
    if inner == "1":
        return front
    if " + " in inner or " - " in inner:
        inner = parenthesised(inner)
    if inner.startswith("-"):
        inner, numbers = inner[1:], [times(Constant(-1), *numbers)]
        front = Latex(notation)(numbers[0])
    if numbers == [Constant(-1)]:
        return f"-{inner}"
    return rf"{front}\,{inner}"
