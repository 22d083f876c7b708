"""A quantity in terms of chosen others: the steps in between are put into its formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from derive.errors import Fault, ProblemError
from derive.ops import Node, Tensor, reassembled
from derive.program import Program


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
        return retidied(program[tensor.name].formula, written)

    return retidied(program[name].formula, written)


def retidied(node: Node, given: Callable[[Tensor], Node]) -> Node:
    """The expression with its quantities exchanged, put together again as a teacher would write it."""
    if isinstance(node, Tensor):
        return given(node)
    return reassembled(node, (retidied(operand, given) for operand in node.operands)) if node.operands else node
