r"""Names in a printed line: functions, and the symbols of quantities with the indices and slices that they carry.

The longest name that fits wins: `\frac{\partial L}{\partial W_{2}}` before a fraction, `W_{2}'` before `W_{2}`. An
index stands behind the subscript that the symbol has already (`Z_{2,i}`, `y_{ij}`, `y_{i}'`) or behind a parenthesis
(`\left(..\right)_{i}`); a slice counts from 0, as in the equations that a problem is written in (`W_{2}[1{:}]`).
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from derive.check.latex_spelling import Spelling
from derive.check.latex_tokens import Cursor, NotNumeric, Token, scan
from derive.check.latex_tree import Level, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.check.latex_tokens import ReadingError

_SLICED = ("symbol", "indexed", "matrix", "call", "identity", "ones")


@functools.lru_cache(maxsize=64)
def _spelt(names: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Names with their tokens, the longest first."""
    spelt = ((name, [token.text for token in scan(name)]) for name in names)
    return sorted(spelt, key=lambda pair: -len(pair[1]))


@functools.lru_cache(maxsize=64)
def _by_first(names: tuple[str, ...]) -> dict[str, list[Spelling]]:
    """The symbols by the token that they begin with, however they are spelt."""
    found: dict[str, list[Spelling]] = {}
    for spelling in map(Spelling.of, names):
        for first in dict.fromkeys(texts[0] for texts in spelling.all_ways if texts):
            found.setdefault(first, []).append(spelling)
    return found


class Names(Cursor):
    """Reads names; the grammar supplies what stands in parentheses behind them. Without symbols there are none."""

    def __init__(self, tex: str, functions: Iterable[str], symbols: Iterable[str] | None) -> None:
        super().__init__(tex)
        self.functions = _spelt(tuple(functions))
        self.symbolic = symbols is not None
        self.symbols = _by_first(tuple(symbols or ()))
        self.bound: list[str] = []  # the indices of the sums that are open here

    def expression(self) -> Tree:
        raise NotImplementedError

    def atom(self) -> Tree:
        raise NotImplementedError

    def argument(self) -> Tree:
        raise NotImplementedError

    def skip_annotations(self) -> None:
        if not self.symbolic:  # among symbols a word may be one
            super().skip_annotations()

    def not_an_operand(self) -> ReadingError:
        error = super().not_an_operand()
        if self.symbolic and self.token.kind == "name":
            return NotNumeric(self.tex, self.token.start, error.found, "a symbol of the table")
        return error

    def named(self) -> Tree | None:
        """The function call or the quantity that stands here, if one does (and then it is read)."""
        function, length = self.function_here()
        symbol, longer = self.symbol_here()
        if function and (length > longer or (length == longer and self.is_called(length))):
            start = self.token
            self.pass_over(length, function)
            return self.call(function, start)
        if symbol is None or (symbol.words == ("e",) and self.is_exponential()):
            return None
        self.pass_over(longer, next(iter(symbol.words), ""))
        if self.token.text in ("_", "'"):
            found = self.tex[symbol.position : self.token.end]
            raise NotNumeric(self.tex, symbol.position, f"the symbol `{found}..`", "a symbol of the table")
        return symbol

    def is_called(self, length: int) -> bool:
        """Whether a parenthesis stands close behind a name that is also a quantity's; a product has a space there."""
        following = self.tokens[self.index + length]
        return following.kind == "open" and following.start == self.tokens[self.index + length - 1].end

    def is_exponential(self) -> bool:
        """Whether an exponent with a name in it follows `e`: a quantity of that name has numbers there."""
        if self.texts[1] != "^":
            return False
        content = "".join(token.text for token in self.tokens[self.index + 2 :]).partition("}")[0]
        return re.search(r"[A-Za-z\\]", content.removeprefix(r"{\top")) is not None

    def pass_over(self, length: int, name: str) -> None:
        start = self.token.start
        for _ in range(length):
            self.advance()
        self.last_seen = Token("name", name, start, self.tokens[self.index - 1].end)

    # -- functions

    def function_here(self) -> tuple[str, int]:
        """The function whose name stands here, and how many tokens it takes."""
        for name, spelling in self.functions:
            here = self.tokens[self.index : self.index + len(spelling)]
            if spelling and [token.text for token in here] == spelling:
                return name, len(spelling)
        return "", 0

    def call(self, name: str, start: Token) -> Tree:
        exponent = None
        self.skip_empty()
        if self.taken("^"):  # \tanh^2(u) is the square of tanh(u); \tanh^{-1} would be another function
            where = self.token
            exponent = self.argument()
            if not exponent.is_integer or not int(exponent.words[0]):
                raise self.refuse("a positive integer as the power of a function", where)
        arguments, level = self.arguments()
        tree = Tree("call", start.start, arguments, (name,), level)
        return Tree("power", start.start, (tree, exponent), (), min(level, Level.POWER)) if exponent else tree

    def arguments(self) -> tuple[tuple[Tree, ...], Level]:
        """The arguments in a fence, or the one number or matrix that follows directly."""
        self.skip_empty()
        opening = self.token
        if opening.kind == "open" and opening.text.endswith((")", "]", "}")):
            self.advance()
            found = [self.expression()]
            while self.taken(","):
                found.append(self.expression())
            self.need("close", opening.text)
            return tuple(found), Level.ATOM
        if opening.kind in ("number", "begin") or opening.text == "{":
            only = self.atom()
            if only.head in ("number", "matrix") and only.level == Level.ATOM:
                return (only,), Level.BARE_CALL if only.head == "number" else Level.POWER
        raise self.refuse("an argument in parentheses", opening)

    # -- quantities

    def symbol_here(self) -> tuple[Tree | None, int]:
        """The quantity, or the entry of one, that stands here, and how many tokens it takes."""
        plain, indexed, length, longer, transposed = None, None, 0, 0, False
        for spelling in self.symbols.get(self.token.text, ()):
            if len(spelling.whole) > length and self.stands_at(self.index, spelling.whole):
                plain, length, transposed = spelling, len(spelling.whole), False
            if len(spelling.transposed) > length and self.stands_at(self.index, spelling.transposed):
                plain, length, transposed = spelling, len(spelling.transposed), True
            taken, items = self.index_within(spelling)
            if taken > longer or (indexed and taken == longer and len(spelling.before) > len(indexed[0].before)):
                indexed, longer = (spelling, items), taken
        if indexed and plain and length == longer and any(item in self.bound for item in indexed[1]):
            raise self.refuse(f"another letter for the index: is it an entry of `{indexed[0].name}`?")
        if indexed and longer > length:
            spelling, items = indexed
            whole = Tree("symbol", self.token.start, (), (spelling.name,))
            return Tree("indexed", self.token.start, (whole,), items, spelling.level), longer
        if plain and plain.name in self.bound:
            raise self.refuse("another letter for the index: a quantity has this one")
        symbol = Tree("symbol", self.token.start, (), (plain.name,), plain.level) if plain else None
        return Tree(
            "transpose", symbol.position, (symbol,), (), Level.POWER
        ) if symbol and transposed else symbol, length

    def stands_at(self, place: int, texts: tuple[str, ...]) -> bool:
        return all(token.text == text for token, text in zip(self.tokens[place:], texts, strict=False)) and (
            place + len(texts) <= len(self.tokens)
        )

    def index_within(self, spelling: Spelling) -> tuple[int, tuple[str, ...]]:
        """How many tokens the symbol with an index takes here (0: it does not stand here), and the index."""
        if not spelling.before or not self.stands_at(self.index, spelling.before):
            return 0, ()
        items, end = self.index_at(self.index + len(spelling.before))
        if not items or not self.stands_at(end, spelling.after):
            return 0, ()
        return end + len(spelling.after) - self.index, items

    def index_at(self, place: int) -> tuple[tuple[str, ...], int]:
        """The index that begins at a token (`ij`, `2,i`, `{:,i}`) and the place behind it; nothing where none does."""
        braced = self.tokens[place].text == "{"
        place += braced
        items: list[str] = []
        while True:
            token = self.tokens[place]
            if not (token.text in self.bound or token.text == ":" or (token.kind == "number" and token.text.isdigit())):
                return (), place
            items.append(token.text)
            place += 1
            place += self.tokens[place].text == ","
            if self.tokens[place].text == "}":
                return tuple(items), place + braced

    def suffixed(self, tree: Tree, *, fenced: bool = False) -> Tree:
        """An operand with the index behind its parenthesis, or the slice behind it."""
        if fenced and self.symbolic and self.token.text == "_":
            tree = self.index_of(tree)
        while (fenced or tree.head in _SLICED) and self.begins_slice():
            tree = self.slice_of(tree)
        return tree

    def index_of(self, tree: Tree) -> Tree:
        self.advance()
        opening = self.token
        self.need("char", "{")
        items, end = self.index_at(self.index)
        if not items:
            raise self.refuse("an index that a sum binds, or the number of an entry", opening)
        while self.index < end:
            self.advance()
        self.need("char", "}")
        return Tree("indexed", tree.position, (tree,), items)

    def begins_slice(self) -> bool:
        """Whether a bracket with whole numbers and colons stands here."""
        if (self.token.kind, self.token.text) != ("open", "]"):
            return False
        for token in self.tokens[self.index + 1 :]:
            if token.kind == "close":
                return token.text == "]"
            if token.text not in ("{", ":", "}", ",", "-") and not (token.kind == "number" and token.text.isdigit()):
                return False
        return False

    def slice_of(self, tree: Tree) -> Tree:
        self.advance()
        items = [self.slice_item()]
        while self.taken(","):
            items.append(self.slice_item())
        self.need("close", "]")
        return Tree("slice", tree.position, (tree,), tuple(items))

    def slice_item(self) -> str:
        """`1`, `-1`, `1:`, `:-1`, `0:2` or `:`."""
        start, braced = self.whole_number(), bool(self.taken("{"))
        colon = self.taken(":")
        if braced:
            self.need("char", "}")
        item = start + colon + (self.whole_number() if colon else "")
        if not item:
            raise self.refuse("the number of an entry, or a range")
        return item

    def whole_number(self) -> str:
        sign = self.taken("-")
        if self.token.kind != "number":
            if sign:
                raise self.refuse("a whole number")
            return ""
        return sign + self.advance().text
