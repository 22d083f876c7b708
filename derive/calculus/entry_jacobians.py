"""Jacobians that are no matrix, entry by entry: dA/dW of two matrices is dA_ij/dW, in the shape of W, for each i, j.

Each is the gradient of one number, by the same reverse mode as that of the loss.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

from derive.calculus.differentiate import Style, differentiate, gradient_name
from derive.calculus.inline import in_terms_of
from derive.ops import Constant, Node, Shape, Slice, Tensor, expand, walk
from derive.program import Program, Role, Step

MOST_ENTRIES = 12  # of more entries the first ones and the last of each axis are printed
SHORT, KEPT = 4, 3  # an axis that is taken whole; how many of a longer one stand in front of the last
MOST_PARTS = 120  # of a formula in symbols

BY_ENTRY = "entry"  # what the step is about: one entry of a Jacobian that is no matrix

Index = tuple[int, ...]


def entry_jacobians(
    program: Program, of: str, by: str, layout: str, *, counted: Index, in_symbols: bool
) -> Program | None:
    """The program with d(of)_i/d(by) for the entries i of `of` that are printed, each in the shape of `by`.

    `counted` is the index of the first entry on paper. What lies between is computed by steps of their own; a problem
    `in_symbols` has the formula in one. None where a number of entries is a symbol, or such a formula is too long.
    """
    upper = program.tensor(of)
    if not all(isinstance(length, int) for length in upper.shape):
        return None
    for index in shown_entries(upper.shape):
        name = f"{of}[{','.join(str(i + start) for i, start in zip(index, counted, strict=True))}]" if index else of
        extended = _one_entry(program, of, by, name, index, layout)
        if in_symbols:
            formula = in_terms_of(extended, gradient_name(name, by), program.names)
            if sum(1 for _ in walk(formula)) > MOST_PARTS:
                return None
            step = replace(extended[gradient_name(name, by)], formula=formula)
            extended = replace(program, rows=extended.rows).extended(step)
        program = extended
    return program


def shown_entries(shape: Shape) -> Iterator[Index]:
    """The indices of the entries that are printed, counted from 0."""
    lengths = [int(length) for length in shape]
    whole = math.prod(lengths) <= MOST_ENTRIES
    axes = ([*range(n)] if whole or n <= SHORT else [*range(KEPT), n - 1] for n in lengths)
    return itertools.product(*axes)


def _one_entry(program: Program, of: str, by: str, name: str, index: Index, layout: str) -> Program:
    """The program with the derivative of one entry, and what it needs."""
    target, lower = gradient_name(name, by), program.tensor(by)
    formula: Node = expand(Constant(0), lower.shape)
    found = _reverse(program, of, by, name, index, layout)
    if target in found.names:
        formula = found[target].formula
    step = Step(Tensor(target, lower.shape), formula, Role.JACOBIAN, "jacobian", BY_ENTRY, (name, by))
    if target in program.names:  # on the way to another one
        kept = tuple(step if known.name == target else known for known in program.steps)
        return replace(program, steps=kept)
    own = [part for part in found.steps if part.name not in program.names and part.role in (Role.LOCAL, Role.BACKWARD)]
    between = [
        replace(part, role=Role.WAY) if part.role is Role.BACKWARD else part for part in own if part.name != target
    ]
    return replace(program.extended(*between, step), rows=program.rows | found.rows)


def _reverse(program: Program, of: str, by: str, name: str, index: Index, layout: str) -> Program:
    """The program with the gradient of one entry, which takes the place of the loss."""
    forward = [replace(step, role=Role.FORWARD) for step in program.forward]
    if index:
        forward.append(Step(Tensor(name), Slice(program.tensor(of), *index), Role.LOSS, "loss"))
    else:
        forward = [replace(step, role=Role.LOSS) if step.name == of else step for step in forward]
    style = Style(fused=False, numerator=layout == "numerator")
    return differentiate(replace(program, steps=tuple(forward)), [by], style)
