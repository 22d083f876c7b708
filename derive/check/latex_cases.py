r"""What definitions are written with, beyond the formulas of lines: cases, bars, sums over all entries.

    atom     = ... | \begin{cases} branch { "\\" branch } \end{cases} | "|" expression "|" | \sum_j chain
    branch   = expression "&" ( comparison { "," comparison } | \text{words} )
    exponent = ... | a single letter
    index    = ... | a single letter

A bar closes what the last one opened, so bars cannot stand inside one another. Words take what no comparison took.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.check.latex_atoms import Atoms
from derive.check.latex_tokens import RELATIONS
from derive.check.latex_tree import Level, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.check.latex_spelling import Spelling


class Cases(Atoms):
    """The operands of definitions; they are read among symbols only."""

    def __init__(self, tex: str, functions: Iterable[str], symbols: Iterable[str] | None) -> None:
        super().__init__(tex, functions, symbols)
        self.in_bars = self.comparing = False
        if self.symbolic:
            self.atoms["|"] = self.bars

    def atom(self) -> Tree:
        if self.comparing and self.token.text in self.bound:
            letter = self.advance()
            return Tree("letter", letter.start, (), (letter.text,))
        return super().atom()

    def at_edge(self) -> bool:
        return super().at_edge() or (self.in_bars and self.token.text == "|")

    def bars(self) -> Tree:
        opening = self.advance()
        self.in_bars = True
        inside = self.expression()
        self.in_bars = False
        self.need("char", "|")
        return Tree("abs", opening.start, (inside,))

    def argument(self) -> Tree:
        """Also a single letter, as in `e^u`."""
        if self.symbolic and self.token.text.isalpha():
            symbol, length = self.symbol_here()
            if symbol is not None and length == 1:
                self.pass_over(1, symbol.words[0])
                return symbol
        return super().argument()

    def index_within(self, spelling: Spelling) -> tuple[int, tuple[str, ...]]:
        """Also a single letter without braces, as in `u_i`."""
        found = super().index_within(spelling)
        without_brace = spelling.before[:-1]
        if found[0] or without_brace[-1:] != ("_",) or not self.stands_at(self.index, without_brace):
            return found
        letter = self.tokens[self.index + len(without_brace)].text
        return (len(spelling.before), (letter,)) if letter in self.bound and spelling.after == ("}",) else found

    def matrix(self) -> Tree:
        return self.cases() if self.symbolic and self.token.text == "cases}" else super().matrix()

    def cases(self) -> Tree:
        opening = self.advance()
        branches = [self.branch()]
        while self.token.kind == "row":
            if not branches[-1].words:
                raise self.refuse("words in the last of the cases only")
            self.advance()
            branches.append(self.branch())
        self.need("end", opening.text)
        return Tree("cases", opening.start, tuple(branches))

    def branch(self) -> Tree:
        """A value and the comparisons under which it holds; none where words stand there."""
        value = self.expression()
        self.spelled("&")
        if self.token.text.startswith(r"\text{"):
            self.advance()
            return Tree("branch", value.position, (value,))
        operands, relations = [value], list[str]()
        self.comparing = True
        while not relations or self.taken(","):
            operands.append(self.expression())
            relation = self.taken(*RELATIONS)
            if not relation:
                raise self.refuse("one of " + " ".join(RELATIONS))
            relations.append(RELATIONS[relation])
            operands.append(self.expression())
        self.comparing = False
        return Tree("branch", value.position, tuple(operands), tuple(relations))

    def series(self) -> Tree:
        r"""Also \sum_j, over all entries that carry the index."""
        ahead = [token.text for token in self.tokens[self.index + 1 : self.index + 5]]
        braced = ahead[1:2] == ["{"]
        if "=" in ahead[2:4] or ahead[:1] != ["_"]:
            return super().series()
        position = self.advance().start
        self.advance()
        self.spelled(*["{"] * braced)
        letter = self.advance()
        if not (letter.text.isalpha() and len(letter.text) == 1):
            raise self.refuse("a letter for the index", letter)
        self.spelled(*["}"] * braced)
        return Tree("series", position, (self.summand(letter.text),), (letter.text,), Level.BARE_CALL)
