r"""The chain rule by name, \partial L/\partial y \partial y/\partial z ..., and the graph's arrows, against the steps.

Each product of factors is a way from the loss down to the quantity; in denominator layout, where Jacobians are
transposed, it reads from right to left. Behind the first factor, which stands for all ways
from the loss to its lower end, each factor is one step that uses what it is differentiated by. Together the products
must cover every way through the forward steps, and each of them once; the way of a quantity that the loss reads itself
has no factors to name, and a formula stands for it behind the products.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from itertools import pairwise

from derive.check.latex_document import group, spelling
from derive.check.latex_tokens import Token, scan
from derive.check.report import Finding

CHAIN = "chain"
Spelt = tuple[str, ...]
Factor = tuple[Spelt, Spelt]


class Network:
    """Which quantity is computed from which, by the spelling of their symbols, as the forward steps say."""

    def __init__(self, uses: Mapping[str, Sequence[str]]) -> None:
        self.consumers: dict[Spelt, set[Spelt]] = {}
        for target, sources in uses.items():
            for source in sources:
                self.consumers.setdefault(spelling(source), set()).add(spelling(target))

    def ways(self, quantity: Spelt, loss: Spelt) -> int:
        """The number of ways from a quantity to the loss."""

        @functools.cache
        def count(place: Spelt) -> int:
            return 1 if place == loss else sum(map(count, self.consumers.get(place, ())))

        return count(quantity)

    def is_step(self, upper: Spelt, lower: Spelt) -> bool:
        """Whether one step computes `upper` from `lower`."""
        return upper in self.consumers.get(lower, ())


def check_chain(
    name: str,
    tex: str,
    network: Network,
    loss: str,
    quantity: str,
    least: int = 2,
    *,
    denominator: bool = False,
    direct: bool = False,
) -> Finding:
    """A printed sum of products of `least` factors or more, as the derivative of `loss` with respect to `quantity`.

    `direct`: the share that enters the loss directly stands behind them. In `denominator` layout the derivative of the
    loss stands behind the others.
    """
    try:
        products = [product[::-1] if denominator else product for product in read_products(tex)]
    except ValueError as error:
        return Finding(CHAIN, name, False, None, tex, "products of factors \\partial p/\\partial q", str(error))
    top, bottom = spelling(loss), spelling(quantity)
    wrong = next((said for product in products if (said := _wrong(product, network, top, bottom, least))), "")
    if wrong:
        order = "the factors of denominator layout, from right to left: " if denominator else ""
        return Finding(CHAIN, name, False, None, tex, order + wrong)
    tails = [tuple(lower for _, lower in reversed(product)) for product in products]
    if any(first[: len(second)] == second for i, first in enumerate(tails) for second in tails[:i] + tails[i + 1 :]):
        return Finding(CHAIN, name, False, None, tex, "each way from the loss once")
    found, ways = sum(network.ways(product[0][1], top) for product in products) + direct, network.ways(bottom, top)
    if found != ways:
        return Finding(CHAIN, name, False, None, f"{found} ways from the loss: {tex}", f"{ways} ways")
    return Finding(CHAIN, name, True)


def _wrong(product: Sequence[Factor], network: Network, loss: Spelt, quantity: Spelt, least: int) -> str:
    """What would have to stand there, where a product is no way from the loss down to the quantity."""
    if len(product) < least:
        return "two factors at least"
    if product[0][0] != loss:
        return f"the derivative of {' '.join(loss)} in front"
    if product[-1][1] != quantity:
        return f"a derivative with respect to {' '.join(quantity)} at the end"
    for (_, lower), (upper, _) in pairwise(product):
        if lower != upper:
            return f"the derivative of {' '.join(lower)} behind that with respect to it"
    for upper, lower in product[1:]:
        if not network.is_step(upper, lower):
            return f"a step that computes {' '.join(upper)} from {' '.join(lower)}"
    if not network.ways(product[0][1], loss):
        return f"a way from {' '.join(product[0][1])} to the loss"
    return ""


def read_products(tex: str) -> list[list[Factor]]:
    """The factors of each product of a printed sum, from left to right."""
    return [[_factor(fraction) for fraction in _fractions(product)] for product in _terms(tex)]


def split_direct(tex: str) -> tuple[str, str]:
    """The products of factors in front, and all from the first term on that is none, with its sign if that is minus."""
    depth, start, begins = 0, 0, 0
    for token in scan(tex):
        depth += token.nesting
        if depth == 0 and token.text in ("+", "-"):
            if not _is_product(tex[start : token.start]):
                break
            begins, start = token.start, token.end
            if token.text == "-":
                return tex[:begins], tex[begins:]
    return (tex, "") if _is_product(tex[start:]) else (tex[:begins], tex[start:])


def _is_product(tex: str) -> bool:
    try:
        return bool([_factor(fraction) for fraction in _fractions(tex)])
    except ValueError:
        return False


def _terms(tex: str) -> list[str]:
    """The pieces between the plus signs."""
    pieces, depth, start = [], 0, 0
    for token in scan(tex):
        depth += token.nesting
        if depth == 0 and token.text == "+":
            pieces.append(tex[start : token.start])
            start = token.end
    return [*pieces, tex[start:]]


def _fractions(product: str) -> list[str]:
    """The fractions of a product, between which nothing stands but spacing."""
    tokens = list(scan(product))
    found = []
    while tokens:
        start = tokens[0].start
        if tokens[0].text != r"\frac":
            raise ValueError(f"`{product[start : tokens[0].end]}` is no derivative")
        _, middle = group(product, tokens[0].end)
        _, end = group(product, middle)
        found.append(product[start:end])
        tokens = [token for token in tokens if token.start >= end]
    if not found:
        raise ValueError("a product of nothing")
    return found


def _factor(fraction: str) -> Factor:
    """Of what, and with respect to what, a fraction is the derivative."""
    top, middle = group(fraction, fraction.index("{"))
    bottom, _ = group(fraction, middle)
    halves = [list(scan(half)) for half in (top, bottom)]
    if not all(tokens and tokens[0].text == r"\partial" for tokens in halves):
        raise ValueError(f"`{fraction}` is no derivative")
    upper, lower = (_texts(tokens[1:]) for tokens in halves)
    return upper, lower


def _texts(tokens: Sequence[Token]) -> Spelt:
    return tuple(token.text for token in tokens)
