"""Tidying constructors: what a derivative is written with, so that it reads as a teacher would write it.

Constants come first and are multiplied out, then single numbers (`beta v`, not `v beta`); `x * 1/x` cancels, whole
equal terms are collected, `1 * g` is `g`.
What an author wrote never passes through here.
"""

from __future__ import annotations

from collections import Counter

import sympy

from derive.ops.algebra import Plus, Power, Times, negative_factor
from derive.ops.node import Constant, Node
from derive.ops.shapes import Shape, is_single, size


def plus(*terms: Node) -> Node:
    """The sum; zeros vanish, equal whole terms are collected (`t + t` is `2t`, `t - t` vanishes)."""
    flat = [part for term in terms for part in (term.operands if isinstance(term, Plus) else (term,))]
    counts: Counter[Node] = Counter()
    for part in flat:
        coefficient, rest = split_constant(part)
        if rest is None:
            counts[Constant(1)] += coefficient
        elif -part in counts:
            counts[-part] -= 1
        else:
            counts[part] += 1
    kept = [part if count == 1 else times(Constant(count), part) for part, count in counts.items() if count != 0]
    if not kept:
        return Constant(0)
    return kept[0] if len(kept) == 1 else Plus(*kept)


def times(*factors: Node) -> Node:
    """The product: one constant in front, then single numbers, powers of the same base joined, the rest in order.

    A number repeated, c 1, stands for c where another factor has its shape: (c 1) ⊙ v is c v.
    """
    flat = [part for factor in factors for part in _factors(factor)]
    flat = [unit for part in flat for unit in (_factors(part.operands[0]) if _is_idle(part, flat) else [part])]
    number = sympy.Mul(*(part.number for part in flat if isinstance(part, Constant)))
    if number == 0:
        return Constant(0)
    exponents: dict[Node, sympy.Expr] = {}
    for part in flat:
        if not isinstance(part, Constant):
            base, exponent = (part.base, part.exponent) if isinstance(part, Power) else (part, sympy.Integer(1))
            exponents[base] = exponents.get(base, sympy.Integer(0)) + exponent
    rest = [power(base, Constant(exponent)) for base, exponent in exponents.items() if exponent != 0]
    rest.sort(key=lambda part: part.rank > 0)
    if number != 1 or not rest:
        rest.insert(0, Constant(number))
    return rest[0] if len(rest) == 1 else Times(*rest)


def _is_idle(part: Node, factors: list[Node]) -> bool:
    """Whether a factor is a number repeated to a shape that another one has anyway."""
    from derive.ops.structure import Repeat

    def is_repeated(node: Node) -> bool:
        return isinstance(node, Repeat) and node.operands[0].rank == 0

    return is_repeated(part) and any(not is_repeated(other) and other.shape == part.shape for other in factors)


def _factors(node: Node) -> list[Node]:
    """The factors of a product, also of a product inside; a quotient of counts becomes one constant."""
    if isinstance(node, Times):
        return [part for factor in node.operands for part in _factors(factor)]
    if isinstance(node, Power) and isinstance(node.base, (Constant, Times)) and node.exponent.is_Integer:
        return [power(part, Constant(node.exponent)) for part in _factors(node.base)]
    return [node]


def power(base: Node, exponent: Node) -> Node:
    """base ** exponent with `u^1` as `u`, `u^0` as 1, `(u^a)^b` as `u^(ab)` and constants computed."""
    if not isinstance(exponent, Constant):
        raise TypeError(f"an exponent is a number, not {exponent}")
    number = exponent.number
    if number == 0:
        return Constant(1)
    if number == 1:
        return base
    if isinstance(base, Constant):
        return Constant(base.number**number)
    if isinstance(base, Power) and number.is_Integer and base.exponent.is_Integer:
        return power(base.base, Constant(base.exponent * number))
    return Power(base, Constant(number))


def split_constant(node: Node) -> tuple[sympy.Expr, Node | None]:
    """The number in front and the rest (nothing for a number alone)."""
    if isinstance(node, Constant):
        return node.number, None
    if isinstance(node, Times):
        numbers = [part.number for part in node.operands if isinstance(part, Constant)]
        rest = [part for part in node.operands if not isinstance(part, Constant)]
        return sympy.Mul(*numbers), times(*rest)
    return sympy.Integer(1), node


def split_scalar(node: Node) -> tuple[Node, Node]:
    """c and A of a product c A, where c is a single number (1 if there is none in front)."""
    if not isinstance(node, Times) or node.rank == 0:
        return Constant(1), node
    scalars = [part for part in node.operands if part.rank == 0]
    return times(*scalars), times(*(part for part in node.operands if part.rank > 0))


def is_zero(node: Node) -> bool:
    """Whether an expression is the number 0, or an array of zeros."""
    from derive.ops.structure import Repeat

    return is_zero(node.operands[0]) if isinstance(node, Repeat) else node == Constant(0)


def expand(node: Node, shape: Shape) -> Node:
    """The node with its entries repeated to the full shape."""
    from derive.ops.structure import Repeat

    return node if node.shape == shape else Repeat(node, shape)


def sum_to(node: Node, full: Shape, shape: Shape) -> Node:
    """The transpose of broadcasting: `node` (of a shape that broadcasts to `full`) summed to `shape`.

    The result may be of a smaller shape that broadcasts to `shape`, never of a higher rank.
    """
    from derive.ops.reductions import sum_axis

    total = _summed(node, full, shape)
    while total.rank > len(shape):
        total = sum_axis(total, 0, keep=False)
    return total


def _summed(node: Node, full: Shape, shape: Shape) -> Node:
    from derive.ops.reductions import sum_axis, sum_entries

    if shape == full or (is_single(full) and is_single(shape)):
        return node
    if is_single(shape):
        return times(Constant(size(full)), node) if is_single(node.shape) else sum_entries(expand(node, full))
    missing = len(full) - len(shape)
    axis = 0 if missing else next(i for i, d in enumerate(shape) if d == 1 and full[i] != 1)
    own_axis = axis - (len(full) - node.rank)
    if own_axis >= 0 and node.shape[own_axis] != 1:
        return sum_axis(node, own_axis, keep=not missing)
    return times(Constant(full[axis]), node)


def leading_sign(node: Node) -> bool:
    """Whether the node prints with a minus sign in front."""
    return negative_factor(node.operands[0]) if isinstance(node, Plus) else negative_factor(node)
