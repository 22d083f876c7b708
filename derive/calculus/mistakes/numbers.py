"""Wrong numbers and signs, and terms that were left out.

A rewrite yields wrong formulas and need not ask whether they fit, are new or differ: `candidates` keeps those of the
right shape in earlier quantities, and numbers decide which of them are another function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import sympy

from derive.calculus.mistakes.place import Place, changed_parts, without
from derive.ops import (
    Augment,
    Constant,
    Dot,
    Fn,
    Mean,
    Node,
    Plus,
    Power,
    Slice,
    Sum,
    SumAxis,
    Tensor,
    Times,
    negative_factor,
    size,
    split_constant,
    times,
    walk,
)
from derive.program import Role

HALF = sympy.Rational(1, 2)

# ------------------------------------------------------------------------------------------------ numbers


def _rescaled(place: Place, numbers: Callable[[sympy.Expr, Node], Iterable[sympy.Expr]]) -> Iterator[Node]:
    """The formula with the number in front of one of its products exchanged."""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Times):
            number, rest = split_constant(times(*node.operands))
            if rest is not None:
                yield from (times(Constant(other), rest) for other in numbers(number, rest))

    return changed_parts(place.formula, change)


def _rational_part(number: sympy.Expr) -> sympy.Expr:
    """2/3 of 2/(3N)"""
    return abs(number.as_coeff_Mul()[0])


def factor_two(place: Place) -> Iterator[Node]:
    """2 u -> u"""
    return _rescaled(place, lambda number, _: [number / 2] if _rational_part(number).p == 2 else [])


def factor_half(place: Place) -> Iterator[Node]:
    """u/2 -> u, and 1/(2N) -> 1/N"""
    return _rescaled(place, lambda number, _: [number * 2] if _rational_part(number).q == 2 else [])


def constant_factor(place: Place) -> Iterator[Node]:
    """c u -> u for any other number c"""

    def numbers(number: sympy.Expr, _: Node) -> list[sympy.Expr]:
        rational = _rational_part(number)
        return [number / rational] if rational.is_Rational and rational not in (1, 2, HALF) else []

    return _rescaled(place, numbers)


def coefficient(place: Place) -> Iterator[Node]:
    """eta u -> u for a given constant eta (a learning rate, the strength of a penalty)"""
    return _without_factors(place, lambda factor, _: place.role_of(factor) == "constant")


def count_dropped(place: Place) -> Iterator[Node]:
    """1/N sum(u) -> sum(u), mean(u) -> sum(u), 1/N (p - t) -> p - t"""

    def numbers(number: sympy.Expr, rest: Node) -> Iterator[sympy.Expr]:
        if place.targets.isdisjoint(rest.tensors):  # the number in front of a penalty counts nothing
            return
        symbols = sympy.fraction(number)[1].free_symbols
        if symbols:
            yield number * sympy.Mul(*symbols)
        elif not number.is_Integer:
            counted = (number * count for count in dict.fromkeys(_counts(rest)))
            yield from (other for other in counted if other != number and abs(other) in (HALF, 1, 2))

    def to_sum(node: Node) -> Iterator[Node]:
        if isinstance(node, Mean):
            yield Sum(*node.operands)

    yield from _rescaled(place, numbers)
    yield from changed_parts(place.formula, to_sum)


def _counts(node: Node) -> Iterator[sympy.Expr]:
    """What a mean over the entries of an expression may divide by."""
    for part in walk(node):
        shape = part.operands[0].shape if isinstance(part, Sum) else part.shape if part == node else ()
        if shape:
            yield from (size(shape), *map(sympy.sympify, shape))


def count_added(place: Place) -> Iterator[Node]:
    """sum(u) -> mean(u), and 2 (y - t) -> 2/N (y - t), where the loss does not divide by a number of samples"""
    loss = place.program.loss
    if loss is None or any(count_dropped(Place(place.program, loss))):
        return

    def to_mean(node: Node) -> Iterator[Node]:
        if type(node) is Sum and not place.targets.isdisjoint(node.tensors):
            yield Mean(*node.operands)

    if place.step.role is Role.BACKWARD:
        if place.formula.rank:
            yield times(Constant(sympy.Integer(1) / place.formula.shape[0]), place.formula)
    else:
        yield from changed_parts(place.formula, to_mean)


def bias_averaged(place: Place) -> Iterator[Node]:
    """sum over the samples -> their mean"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, SumAxis):
            yield times(Constant(sympy.Integer(1) / node.operands[0].shape[node.axis]), node)
        elif type(node) is Sum:
            yield Mean(*node.operands)

    return changed_parts(place.formula, change)


def square(place: Place) -> Iterator[Node]:
    """u^2 -> u"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Power) and node.exponent == 2:
            yield node.base

    return changed_parts(place.formula, change)


# ------------------------------------------------------------------------------------------------ signs


def _errors(place: Place, wrong: Callable[[Node, Node], Node]) -> Iterator[Node]:
    """The formula with a difference of a target and something else, whose two sides `wrong` gets, exchanged."""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Plus) and [negative_factor(term) for term in node.operands] == [False, True]:
            left, right = node.operands
            of_targets = [bool(term.tensors) and place.targets.issuperset(term.tensors) for term in (left, right)]
            if sum(of_targets) == 1 and left.tensors and right.tensors:
                yield wrong(left, -right)

    return changed_parts(place.formula, change)


def error_reversed(place: Place) -> Iterator[Node]:
    """y - t -> t - y"""
    return _errors(place, lambda left, right: Plus(right, -left))


def target_sign(place: Place) -> Iterator[Node]:
    """y - t -> y + t"""
    return _errors(place, Plus)


def target_forgotten(place: Place) -> Iterator[Node]:
    """p - t -> p, and t - p -> -p"""
    return _errors(place, lambda left, right: -right if place.targets.issuperset(left.tensors) else left)


def sign(place: Place) -> Iterator[Node]:
    """u - v -> u + v, and u + v -> u - v"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Plus):
            for position, term in enumerate(node.operands[1:], 1):
                yield Plus(*node.operands[:position], -term, *node.operands[position + 1 :])

    return changed_parts(place.formula, change)


def minus_dropped(place: Place) -> Iterator[Node]:
    """-u -> u in front of the whole line, and exp(-u) -> exp(u)"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Fn):
            for position, argument in enumerate(node.arguments):
                if negative_factor(argument):
                    yield node.func(node.args[0], *node.operands[:position], -argument, *node.operands[position + 1 :])

    if negative_factor(place.formula):
        yield -place.formula
    yield from changed_parts(place.formula, change)


def negated(place: Place) -> Iterator[Node]:
    """u -> -u, a sign lost on the way"""
    yield -place.formula


# ------------------------------------------------------------------------------------------------ terms left out


def bias_forgotten(place: Place) -> Iterator[Node]:
    """W x + b -> W x; with the bias in the weights W [1; x] -> W[:, 1:] x"""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Plus) and any(_is_weighted(part, place) for part in walk(node)):
            for position, term in enumerate(node.operands):
                if isinstance(term, Tensor) and place.is_parameter(term):
                    yield without(node, position)
        if isinstance(node, Dot):
            yield from _without_ones(*node.operands)

    return changed_parts(place.formula, change)


def _is_weighted(node: Node, place: Place) -> bool:
    """Whether it is a product with a weight."""
    return isinstance(node, (Dot, Times)) and any(map(place.is_parameter, node.tensors))


def _without_ones(left: Node, right: Node) -> Iterator[Node]:
    """[1 X] W -> X W[1:] and W [1; x] -> W[:, 1:] x, the ones in front or behind."""
    everything = (None, None)
    if isinstance(left, Augment) and left.axis == left.rank - 1:
        yield Dot(left.operands[0], Slice(right, left.kept()[-1]))
    if isinstance(right, Augment) and right.axis == 0:
        kept = right.kept()[0]
        yield Dot(Slice(left, *((everything, kept) if left.rank == 2 else (kept,))), right.operands[0])


def path_missing(place: Place) -> Iterator[Node]:
    """dL/du k + dL/dv l -> dL/du k: one of the ways in which something depends on a quantity"""
    several = place.step.role is Role.BACKWARD or len(place.step.through) > 1
    if several and isinstance(place.formula, Plus):
        for position in range(len(place.formula.operands)):
            yield without(place.formula, position)


def upstream_missing(place: Place) -> Iterator[Node]:
    """dL/dz ⊙ dz/da -> dz/da: what comes from above in the chain rule"""
    return _without_factors(place, lambda factor, _: place.role_of(factor) is Role.BACKWARD)


def factor_missing(place: Place) -> Iterator[Node]:
    """dL/ds x -> dL/ds"""

    def is_left_out(factor: Tensor, rest: Node) -> bool:
        if place.role_of(factor) in (Role.BACKWARD, Role.LOCAL, "constant"):
            return False
        return any(place.role_of(tensor) is Role.BACKWARD for tensor in rest.tensors)

    return _without_factors(place, is_left_out)


def _without_factors(place: Place, is_left_out: Callable[[Tensor, Node], bool]) -> Iterator[Node]:
    """The formula without one of the quantities that are factors, chosen by itself and the rest of its product."""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Times):
            for position, factor in enumerate(node.operands):
                if isinstance(factor, Tensor) and is_left_out(factor, rest := without(node, position)):
                    yield rest

    return changed_parts(place.formula, change)
