"""Dimension symbols: what is declared, and which numbers the given matrices bind to it."""

from __future__ import annotations

from collections.abc import Iterable

from derive.spec.faults import Faults
from derive.spec.problem import OneMore, Shape, Size, one_more
from derive.spec.tree import TreePath


class Dimensions:
    """The symbols of one problem, such as N and H, bound one after the other by the numbers that are given.

    `unknown` are symbols that stand for a width which could not be read: they go with any other.
    """

    def __init__(self, symbols: Iterable[str], faults: Faults, unknown: frozenset[str] = frozenset()) -> None:
        self.symbols = tuple(dict.fromkeys(symbols))
        self.sizes: dict[str, int] = {}
        self._origins: dict[str, str] = {}
        self._unknown = unknown
        self._faults = faults

    def is_unknown(self, size: Size) -> bool:
        return symbol_of(size) in self._unknown

    def number(self, size: Size) -> Size:
        """The number that is bound to a dimension; the dimension itself where there is none."""
        if isinstance(size, OneMore):
            return one_more(self.sizes[size.symbol]) if size.symbol in self.sizes else size
        return self.sizes.get(size, size) if isinstance(size, str) else size

    def fits(self, found: Shape, expected: Shape) -> bool:
        """Whether a shape agrees with the expected one in every place where both are numbers or both are symbols."""
        return len(found) == len(expected) and all(map(self._fits, found, expected))

    def _fits(self, one: Size, other: Size) -> bool:
        if one == other or self.is_unknown(one) or self.is_unknown(other):
            return True
        number, symbol = (one, other) if isinstance(one, int) else (other, one)
        return isinstance(number, int) and not isinstance(symbol, int) and number > isinstance(symbol, OneMore)

    def bind(self, found: Shape, expected: Shape, name: str, path: TreePath) -> None:
        """Bind the symbols of one shape to the numbers of the other, which belong to `name`; they must agree."""
        for one, other in zip(found, expected, strict=True):
            number, symbol = (one, other) if isinstance(one, int) else (other, one)
            if isinstance(number, int) and isinstance(symbol, OneMore):
                number, symbol = number - 1, symbol.symbol
            if isinstance(number, int) and isinstance(symbol, str):
                self._bind(symbol, number, name, path)

    def _bind(self, symbol: str, size: int, name: str, path: TreePath) -> None:
        known = self.sizes.setdefault(symbol, size)
        origin = self._origins.setdefault(symbol, name)
        if known != size:
            found = f"{symbol} is {size} here, but {known} in `{origin}`"
            self._faults.add(path, found, f"the same number for {symbol} everywhere")


def symbol_of(size: Size) -> str | None:
    """The symbol in a dimension; None in a number."""
    return size.symbol if isinstance(size, OneMore) else size if isinstance(size, str) else None


def shape_text(shape: Shape) -> str:
    """A shape as it stands in `shapes:`, such as [N, 784]."""
    return f"[{', '.join(str(size) for size in shape)}]" if shape else "a single number"
