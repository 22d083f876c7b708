r"""The chain rule by name, \partial L/\partial y \partial y/\partial z ..., and the graph's arrows, against the steps.

Each product of factors is a way from the loss down to the quantity; in denominator layout, where Jacobians are
transposed, it reads from right to left. Behind the first factor, which stands for all ways from the loss to its lower
end, each factor is one step that uses what it is differentiated by. Where the sheet asks for the total derivative of
the same pair, that of one step has a bar with all that it holds fixed. Together the products must cover every way
through the forward steps, and each of them once; the way of a quantity that the loss reads itself has no factors to
name, and a formula stands for it behind the products.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from derive.check.latex_document import group, spelling
from derive.check.latex_tokens import Token, scan
from derive.check.report import Finding

CHAIN = "chain"
Spelt = tuple[str, ...]


class Factor(NamedTuple):
    """A printed derivative; `held` is what stands at its bar, between commas."""

    upper: Spelt
    lower: Spelt
    held: frozenset[Spelt] = frozenset()


class Network:
    """Which quantity is computed from which, by the spelling of their symbols, as the forward steps say.

    `totals` are the pairs of symbols whose total derivative is asked for.
    """

    def __init__(self, uses: Mapping[str, Sequence[str]], totals: Iterable[tuple[str, str]] = ()) -> None:
        self.totals = {(spelling(upper), spelling(lower)) for upper, lower in totals}
        self.consumers: dict[Spelt, set[Spelt]] = {}
        for target, sources in uses.items():
            for source in sources:
                self.consumers.setdefault(spelling(source), set()).add(spelling(target))
        self._ways: dict[Spelt, dict[Spelt, int]] = {}

    def ways(self, quantity: Spelt, loss: Spelt) -> int:
        """The number of ways from a quantity to the loss; networks may be deeper than Python's recursion."""
        known = self._ways.setdefault(loss, {loss: 1})
        path = {quantity: None}  # in order, and each once
        while path:
            place = next(reversed(path))
            following = self.consumers.get(place, set())
            if unknown := following - known.keys() - path.keys():
                path[unknown.pop()] = None
            else:
                del path[place]
                known.setdefault(place, sum(known.get(other, 0) for other in following))
        return known[quantity]

    def held_fixed(self, upper: Spelt, lower: Spelt) -> frozenset[Spelt]:
        """What else a step is computed from that depends on its operand, where the total derivative is asked for."""
        if (upper, lower) not in self.totals:
            return frozenset()
        others = (other for other, users in self.consumers.items() if upper in users and other != lower)
        return frozenset(other for other in others if self.ways(lower, other))

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
    tails = [tuple(factor.lower for factor in reversed(product)) for product in products]
    if any(first[: len(second)] == second for i, first in enumerate(tails) for second in tails[:i] + tails[i + 1 :]):
        return Finding(CHAIN, name, False, None, tex, "each way from the loss once")
    found = sum(network.ways(product[0].lower, top) for product in products) + direct
    ways = network.ways(bottom, top)
    if found != ways:
        return Finding(CHAIN, name, False, None, f"{found} ways from the loss: {tex}", f"{ways} ways")
    return Finding(CHAIN, name, True)


def _wrong(product: Sequence[Factor], network: Network, loss: Spelt, quantity: Spelt, least: int) -> str:
    """What would have to stand there, where a product is no way from the loss down to the quantity."""
    if len(product) < least:
        return "two factors at least"
    if product[0].upper != loss or product[0].held:
        return f"the derivative of {' '.join(loss)} in front"
    if product[-1].lower != quantity:
        return f"a derivative with respect to {' '.join(quantity)} at the end"
    for before, behind in pairwise(product):
        if before.lower != behind.upper:
            return f"the derivative of {' '.join(before.lower)} behind that with respect to it"
    for upper, lower, held in product[1:]:
        if not network.is_step(upper, lower):
            return f"a step that computes {' '.join(upper)} from {' '.join(lower)}"
        if held != (fixed := network.held_fixed(upper, lower)):
            said = ", ".join(sorted(map(" ".join, fixed))) or "nothing"
            return f"the derivative of {' '.join(upper)} with {said} held fixed"
    if not network.ways(product[0].lower, loss):
        return f"a way from {' '.join(product[0].lower)} to the loss"
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
    """The fractions of a product, each with its bar, between which nothing stands but spacing."""
    tokens = list(scan(product))
    found = []
    while tokens:
        start, barred = tokens[0].start, tokens[0].text == "left."
        tokens = tokens[barred:]
        if not tokens or tokens[0].text != r"\frac":
            raise ValueError(f"`{product[start:]}` is no derivative")
        _, middle = group(product, tokens[0].end)
        _, end = group(product, middle)
        tokens = [token for token in tokens if token.start >= end]
        if barred:
            if [token.text for token in tokens[:3]] != ["left|", "_", "{"]:
                raise ValueError(f"`{product[start:]}` has no bar")
            _, end = group(product, tokens[2].start)
            tokens = [token for token in tokens if token.start >= end]
        found.append(product[start:end])
    if not found:
        raise ValueError("a product of nothing")
    return found


def _factor(fraction: str) -> Factor:
    """Of what, and with respect to what, a fraction is the derivative, and what it holds fixed."""
    top, middle = group(fraction, fraction.index("{"))
    bottom, end = group(fraction, middle)
    halves = [list(scan(half)) for half in (top, bottom)]
    if not all(tokens and tokens[0].text == r"\partial" for tokens in halves):
        raise ValueError(f"`{fraction}` is no derivative")
    upper, lower = (_texts(tokens[1:]) for tokens in halves)
    held, _ = group(fraction, fraction.index("{", end)) if "{" in fraction[end:] else ("", 0)
    return Factor(upper, lower, frozenset(_separated(list(scan(held)))))


def _separated(tokens: Sequence[Token]) -> Iterator[Spelt]:
    """The symbols between commas that no braces hold."""
    depth = 0
    symbol: list[str] = []
    for token in tokens:
        depth += token.nesting
        if depth == 0 and token.text == ",":
            yield tuple(symbol)
            symbol = []
        else:
            symbol.append(token.text)
    if symbol:
        yield tuple(symbol)


def _texts(tokens: Sequence[Token]) -> Spelt:
    return tuple(token.text for token in tokens)
