"""Jacobians of any quantity with respect to any other: for one sample a formula, the product of local Jacobians."""

from __future__ import annotations

from dataclasses import replace

from derive.calculus.differentiate import Style, differentiate
from derive.calculus.local import as_matrix, identity, local_jacobian, matrix_product
from derive.ops import Constant, Node, Sum, Tensor, Times, plus, transpose
from derive.program import Program, Quantity, Role, Step

SEED = "<seed>"  # not an identifier, so that it can never be an author's name
PROBE = "<probe>"


def jacobian_name(of: str, by: str) -> str:
    """`dy/dx`"""
    return f"d{of}/d{by}"


def jacobian_step(program: Program, of: str, by: str, layout: str = "mixed") -> Step | None:
    """d(of)/d(by) as the product of local Jacobians; None where a matrix is involved (a batch, a weight).

    Rows are entries of `of` and columns entries of `by` (numerator layout); in denominator layout the transpose.
    Where the dependence has several paths the products are summed.
    """
    chain = _chain(program, of, by)
    if chain is None:
        return None
    formula, path = chain
    if layout == "denominator" and formula.rank == 2:
        formula = transpose(formula)
    target = Tensor(jacobian_name(of, by), formula.shape)
    return Step(target, formula, Role.JACOBIAN, "jacobian", layout, (of, by), path)


def _chain(program: Program, of: str, by: str) -> tuple[Node, tuple[str, ...]] | None:
    """The product, and the quantities passed through in order (`y, z, a`)."""
    lower = program.tensor(by)
    relevant = steps_between(program, of, lower)
    ranks = [program.tensor(of).rank, lower.rank, *(step.target.rank for step in relevant)]
    if max(ranks) > 1:
        return None
    outer: dict[str, Node] = {of: identity(program.tensor(of))}
    for step in reversed(relevant):
        if step.name not in outer:
            continue
        for tensor in step.uses:
            if tensor == lower or any(tensor.name == earlier.name for earlier in relevant):
                term = matrix_product(outer[step.name], local_jacobian(step, tensor))
                outer[tensor.name] = plus(term, outer[tensor.name]) if tensor.name in outer else term
    product = outer.get(by, Constant(0))  # 0 where nothing depends on it
    return as_matrix(product, program.tensor(of), lower), tuple(step.name for step in reversed(relevant))


def steps_between(program: Program, of: str, lower: Tensor) -> list[Step]:
    """The forward steps that lie on a path from `lower` to `of`."""
    influenced = {lower.name}
    for step in program.forward:
        if influenced & {tensor.name for tensor in step.uses}:
            influenced.add(step.name)
    needed = {of}
    kept = []
    for step in reversed(program.forward):
        if step.name in needed and step.name in influenced:
            kept.append(step)
            needed |= {tensor.name for tensor in step.uses}
    return kept[::-1]


def seeded(program: Program, of: str, by: str) -> Program:
    """A program whose loss is <seed, of>: its gradient for `by` is the vector-Jacobian product with the seed."""
    target = program.tensor(of)
    steps = tuple(replace(step, role=Role.FORWARD) for step in program.forward)
    seed = Tensor(SEED, target.shape)
    probe = Step(Tensor(PROBE), Sum(Times(seed, target)) if target.rank else Times(seed, target), Role.LOSS, "loss")
    givens = (*program.givens, Quantity(seed, "constant"))
    return differentiate(replace(program, givens=givens, steps=(*steps, probe)), [by], Style(fused=False))
