"""Dimension symbols: what is declared, and which numbers the given matrices bind to it."""

from __future__ import annotations

from collections.abc import Iterable

from derive.spec.faults import Faults
from derive.spec.problem import Shape
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

    def is_unknown(self, size: int | str) -> bool:
        return size in self._unknown

    def fits(self, found: Shape, expected: Shape) -> bool:
        """Whether a shape agrees with the expected one in every place where both are numbers or both are symbols."""
        return len(found) == len(expected) and all(
            actual == wanted
            or isinstance(actual, str) != isinstance(wanted, str)
            or not self._unknown.isdisjoint({actual, wanted})
            for actual, wanted in zip(found, expected, strict=True)
        )

    def bind(self, found: Shape, expected: Shape, name: str, path: TreePath) -> None:
        """Bind the symbols of one shape to the numbers of the other, which belong to `name`; they must agree."""
        for one, other in zip(found, expected, strict=True):
            if isinstance(one, str) and isinstance(other, int):
                self._bind(one, other, name, path)
            elif isinstance(one, int) and isinstance(other, str):
                self._bind(other, one, name, path)

    def _bind(self, symbol: str, size: int, name: str, path: TreePath) -> None:
        known = self.sizes.setdefault(symbol, size)
        origin = self._origins.setdefault(symbol, name)
        if known != size:
            found = f"{symbol} is {size} here, but {known} in `{origin}`"
            self._faults.add(path, found, f"the same number for {symbol} everywhere")


def shape_text(shape: Shape) -> str:
    """A shape as it stands in `shapes:`, such as [N, 784]."""
    return f"[{', '.join(str(size) for size in shape)}]" if shape else "a single number"
