"""Names -> LaTeX symbols: `W_1`, `alpha`, `y_hat`, `dL/dW_1`, `W_1'`, and the author's own table on top."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy.printing.latex import greek_letters_set, tex_greek_dictionary

from derive.ops import Node
from derive.program import First, first_of

ACCENTS = {"hat": r"\hat", "tilde": r"\tilde", "bar": r"\bar", "dot": r"\dot", "vec": r"\vec"}
GREEK_SHORT = {"lam": "lambda", "eps": "epsilon"}
SAMPLE = re.compile(r"(?P<name>\w+)\((?P<number>\d+)\)")
ENTRY = re.compile(r"(?P<name>.+)\[(?P<places>\d+(?:,\d+)?)\]")
DERIVATIVE = re.compile(r"d(?P<upper>[^/]+)/d(?P<lower>.+)")
INDICES = {  # at the end of a symbol: what would be the index of an entry of a vector, of a matrix
    1: re.compile(r"(?<![0-9])([0-9]+)\}'*$"),
    2: re.compile(r"(?<![0-9])([0-9]{2}|[0-9]+,[0-9]+)\}'*$"),
}
EXPONENT = re.compile(r"(?P<front>[^_^]*(?:_(?:\w|\{[^{}]*\}))?\^\{[^{}]*)\}")


@dataclass(frozen=True)
class Notation:
    """The symbol of every quantity: the author's table first, otherwise made from the name.

    `rows` are the vectors that print as rows; `first` the index of the first entry where not all count from 1. `ranks`
    holds the number of axes of each quantity there is: an entry that would print like one of these, z_1 beside a
    quantity z_1, gets parentheses, (z)_1, and so do all entries of its quantity.
    """

    table: Mapping[str, str] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()
    first: First = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)

    def symbol(self, name: str) -> str:
        """The LaTeX of a quantity's name."""
        if name in self.table:
            return self.table[name]
        if name.endswith("'"):
            return primed(self.symbol(name[:-1]))
        entry = ENTRY.fullmatch(name)
        if entry:
            places = entry["places"].split(",")
            return self.indexed(entry["name"], ("" if all(len(place) == 1 for place in places) else ",").join(places))
        sample = SAMPLE.fullmatch(name)
        if sample:
            return raised(self.symbol(sample["name"]), f"({sample['number']})", between=",")
        derivative = DERIVATIVE.fullmatch(name)
        if derivative:
            return self.partial(derivative["upper"], derivative["lower"])
        return symbol_of(name)

    def partial(self, upper: str, lower: str) -> str:
        """∂upper/∂lower; where `lower` is `x|g`, the partial derivative with g held fixed."""
        lower, _, held = lower.partition("|")
        if held:
            fixed = ",".join(self.symbol(name) for name in held.split(","))
            return rf"\left.{self.partial(upper, lower)}\right|_{{{fixed}}}"
        return rf"\frac{{\partial {self.symbol(upper)}}}{{\partial {self.symbol(lower)}}}"

    def jacobian(self, upper: str, lower: str, of_slopes: bool) -> str:
        """∂upper/∂lower as a matrix: diag(∂upper/∂lower) where that names the vector of slopes."""
        symbol = self.partial(upper, lower)
        return rf"\operatorname{{diag}}\left({symbol}\right)" if of_slopes else symbol

    def counted(self, node: Node, index: tuple[int, ...]) -> tuple[int, ...]:
        """An index counted from 0 as the entries of an expression are counted on paper."""
        return tuple(place + start for place, start in zip(index, first_of(node, self.first), strict=True))

    def is_row(self, name: str) -> bool:
        """Whether a flat vector prints as a row; a gradient and an updated value print like their quantity."""
        if name in self.rows:
            return True
        derivative = DERIVATIVE.fullmatch(name)
        quantity = derivative["lower"].partition("|")[0] if derivative else name
        return quantity.rstrip("'") in self.rows

    def meaning(self, name: str, loss: str) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The derivative that a gradient with a symbol of its own stands for, as a chain: delta = dL/da."""
        derivative = DERIVATIVE.fullmatch(name) if name in self.table else None
        return (((loss, derivative["lower"]),),) if derivative and derivative["upper"] == loss else ()

    def is_compound(self, name: str) -> bool:
        """Whether the symbol needs parentheses before it can carry an exponent or an index."""
        symbol = self.symbol(name)
        return "frac" in symbol or "^" in symbol

    def indexed(self, name: str, index: str) -> str:
        """The symbol with an index behind its own subscript: `Z_{2,i}`."""
        symbol = self.symbol(name)
        return rf"\left({symbol}\right)_{{{index}}}" if name in self._ambiguous else self._indexed(name, index)

    def _indexed(self, name: str, index: str) -> str:
        """The symbol with an index, whatever else prints like it."""
        symbol = self.symbol(name)
        if self.is_compound(name):
            carries = EXPONENT.fullmatch(symbol) and "_" not in symbol
            return f"{symbol}_{{{index}}}" if carries else rf"\left({symbol}\right)_{{{index}}}"
        prime = "'" * (len(symbol) - len(symbol.rstrip("'")))
        core = symbol.rstrip("'")
        subscript = re.fullmatch(r"(?P<base>.*)_(?:\{(?P<braced>[^{}]*)\}|(?P<single>\w))", core)
        if subscript:
            own = subscript["braced"] or subscript["single"]
            return f"{subscript['base']}_{{{own},{index}}}{prime}"
        if "_" in core or "^" in core:
            return rf"\left({symbol}\right)_{{{index}}}"
        return f"{core}_{{{index}}}{prime}"

    @functools.cached_property
    def _ambiguous(self) -> frozenset[str]:
        """The quantities of which an entry would print like another quantity."""
        own = (name for name in self.ranks if name in self.table or not DERIVATIVE.fullmatch(name))
        ranks = {name: self.ranks[name] for name in own}  # the others are fractions, which nothing prints like
        symbols = {_braced(self.symbol(name)) for name in ranks}
        indices = {rank: {found for s in symbols for found in pattern.findall(s)} for rank, pattern in INDICES.items()}
        return frozenset(
            name
            for name, rank in ranks.items()
            if any(_braced(self._indexed(name, index)) in symbols for index in indices.get(rank, ()))
        )


def primed(symbol: str) -> str:
    """The symbol with a prime, which joins an exponent that it has already."""
    if "^" not in symbol or "frac" in symbol:
        return f"{symbol}'"
    return raised(symbol, r"\prime") if EXPONENT.fullmatch(symbol) else f"({symbol})'"


def raised(symbol: str, exponent: str, between: str = "") -> str:
    """The symbol with an exponent, which joins one that it has already."""
    joined = EXPONENT.fullmatch(symbol)
    if joined:
        return f"{joined['front']}{between}{exponent}}}"
    return rf"\left({symbol}\right)^{{{exponent}}}" if "^" in symbol else f"{symbol}^{{{exponent}}}"


def _braced(symbol: str) -> str:
    """The symbol with a subscript of one letter in braces, as ours are."""
    return re.sub(r"_(\w)", r"_{\1}", symbol)


def symbol_of(name: str) -> str:
    """`W_1` as W_{1}, `alpha` as a Greek letter, `y_hat` as ŷ, `L_sq` with an upright subscript, `loss` upright."""
    head, *rest = name.split("_")
    accents = [part for part in rest if part in ACCENTS]
    subscripts = [part for part in rest if part and part not in ACCENTS]
    if not subscripts and (match := re.fullmatch(r"([A-Za-z]+?)(\d+)", head)):
        head, subscripts = match[1], [match[2]]
    symbol = _letters(head)
    for accent in accents:
        symbol = f"{ACCENTS[accent]}{{{symbol}}}"
    if subscripts:
        symbol += f"_{{{','.join(_subscript(part) for part in subscripts)}}}"
    return symbol


def _letters(word: str) -> str:
    if len(word) == 1:
        return word
    word = GREEK_SHORT.get(word, word)
    if word.lower() in greek_letters_set:
        return str(tex_greek_dictionary.get(word, rf"\{word}"))
    return rf"\mathrm{{{word}}}"


def _subscript(part: str) -> str:
    return part if len(part) == 1 or part.isdigit() else _letters(part)
