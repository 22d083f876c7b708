"""A quantity in terms of chosen others: the steps in between are put into its formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from derive.errors import Fault, ProblemError
from derive.ops import Identity, Node, Tensor, dot, reassembled, transpose
from derive.program import Program, Role


def in_terms_of(program: Program, name: str, allowed: Iterable[str]) -> Node:
    """The formula of `name` in which only `allowed` quantities occur; refuses one that cannot be written so.

    What is put in is written out no further than needed: a quantity that is allowed stays as it is.
    """
    permitted = frozenset(allowed) - {name}

    def written(tensor: Tensor) -> Node:
        if tensor.name in permitted:
            return tensor
        if tensor.name in program.quantities:
            raise ProblemError(
                Fault(
                    found=f"`{name}` needs `{tensor.name}`, which is not among {', '.join(sorted(permitted))}",
                    expected="quantities in which it can be written",
                    hint=f"add `{tensor.name}` to `in:`",
                )
            )
        return retidied(_formula(program, tensor.name, permitted), written)

    return retidied(_formula(program, name, permitted), written)


def _formula(program: Program, name: str, permitted: frozenset[str]) -> Node:
    """The formula of a step; dL/dv = dL/du with its factor du/dv, where that is the identity and `permitted`.

    Differentiation leaves such a factor out. Who lists it wants to see it.
    """
    step = program[name]
    if step.role is not Role.BACKWARD or not step.gradient or not isinstance(step.formula, Tensor):
        return step.formula
    factors = [f"d{upper}/d{step.gradient[1]}" for upper in step.through]
    if len(factors) != 1 or factors[0] not in permitted or not isinstance(program[factors[0]].formula, Identity):
        return step.formula
    factor = program.tensor(factors[0])
    if name in program.rows:
        return dot(step.formula, factor)
    return dot(transpose(factor), step.formula)


def retidied(node: Node, given: Callable[[Tensor], Node]) -> Node:
    """The expression with its quantities exchanged, put together again as a teacher would write it."""
    if isinstance(node, Tensor):
        return given(node)
    return reassembled(node, (retidied(operand, given) for operand in node.operands)) if node.operands else node
