r"""Read a printed line, in numbers or in symbols: LaTeX -> tree, by recursive descent.

The reading half of the honest oracle sees what a reader sees on paper. Where paper is ambiguous it refuses to choose.
Braces are invisible in print, so `{-0.1}^2` (prints as -0.1^2), `2{-3}` (prints as 2-3) and `2 3` (prints as 23) are
refused, and so are `1/2(3)`, `\log 2 \cdot 3`, `2\frac{1}{3}` (a mixed number?) and `\tanh^{-1}`.

    expression     = [sign] chain { ("+" | "-") [sign] chain }
    chain          = juxtaposition { ("\cdot" | "\times" | "\odot" | "\oslash" | "/") [sign] juxtaposition }
    juxtaposition  = power { power }
    power          = atom [ index | slice ] [ "^" exponent | transpose ]
    atom           = number | matrix | fence | brace group | \frac | \sqrt | e^{..} | \mathbf{1}[..] | function call
                   | symbol | \sum_{i=1}^{..} chain | I_{..} | \mathbf{1}_{.. \times ..} | cases (see `latex_cases`)
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.check.latex_cases import Cases
from derive.check.latex_tokens import OPERATORS, Unreadable
from derive.check.latex_tree import Level, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

_TRANSPOSES = ("T", r"\top", r"\mathsf{T}", r"\mathrm{T}")
_EXPONENTS = ("^", r"\T")


def parse(
    tex: str, functions: Iterable[str], symbols: Iterable[str] | None = None, letters: Iterable[str] = ()
) -> Tree:
    """The tree of a line with `functions` and `symbols` (spelt in LaTeX); without symbols all is numbers.

    `letters` are indices that no sum in the line binds.
    """
    return _parsed(tex, tuple(functions), None if symbols is None else tuple(symbols), tuple(letters))


@functools.lru_cache(maxsize=8192)  # a formula is evaluated at several points, and stands on several sheets
def _parsed(tex: str, functions: tuple[str, ...], symbols: tuple[str, ...] | None, letters: tuple[str, ...]) -> Tree:
    parser = _Parser(tex, functions, symbols)
    parser.bound += letters
    return parser.line()


class _Parser(Cases):
    """One method per rule of the grammar."""

    def line(self) -> Tree:
        tree = self.expression()
        if self.token.kind != "stop":
            raise self.refuse("an operator or the end of the line")
        return tree

    def visible(self, piece: Tree, least: Level) -> Tree:
        """`piece`, provided that print shows it as one operand."""
        if piece.level < least:
            found = self.tex[piece.position : self.token.start].strip()
            raise Unreadable(self.tex, piece.position, f"`{found}`", "parentheses: in print this is ambiguous")
        return piece

    # -- the rules, loosest first

    def expression(self) -> Tree:
        position = self.token.start
        self.enter()
        self.skip_empty()
        first = self.taken("+", "-")
        signs, terms = [first or "+"], [self.chain()]
        while binary := self.taken("+", "-"):
            self.skip_empty()
            signs.append("+" if binary == (self.taken("+", "-") or "+") else "-")
            terms.append(self.chain())
        self.depth -= 1
        if not first and len(terms) == 1:
            return terms[0]
        for term in terms:
            self.visible(term, Level.CHAIN)
        return Tree("sum", position, tuple(terms), tuple(signs), Level.SUM)

    def chain(self) -> Tree:
        parts, operators = [self.juxtaposition()], []
        while operator := self.taken(*OPERATORS[2:]):
            self.visible(parts[-1], Level.JUXTAPOSED)
            if parts[-1].ends_bare:
                raise self.refuse("parentheses round the argument of the function before it", self.last_seen)
            operators.append(operator)
            negative = self.taken("+", "-") == "-"
            part = self.visible(self.juxtaposition(), Level.BARE_CALL if operator == "/" else Level.JUXTAPOSED)
            parts.append(Tree("sum", part.position, (part,), ("-",), part.level) if negative else part)
        if not operators:
            return parts[0]
        return Tree("chain", parts[0].position, tuple(parts), tuple(operators), Level.CHAIN)

    def juxtaposition(self) -> Tree:
        factors = [self.power()]
        while self.another_factor():
            self.visible(factors[-1], Level.POWER)
            factors.append(self.visible(self.power(), Level.BARE_CALL))
            self.refuse_mixed_number(*factors[-2:])
        if len(factors) == 1:
            return factors[0]
        return Tree("product", factors[0].position, tuple(factors), (), Level.JUXTAPOSED)

    def another_factor(self) -> bool:
        """Whether a factor follows without a sign; digits beside digits would run together in print."""
        self.skip_empty()
        self.skip_annotations()
        if self.at_edge() or self.token.text in OPERATORS:
            return False
        if self.symbolic and (self.token.kind, self.token.text) == ("open", "]"):
            raise self.refuse("a slice of whole numbers behind what it is taken from")
        ahead = next(token for token in self.tokens[self.index :] if token.text not in ("{", "}", r"\result"))
        if self.last_seen.kind == ahead.kind == "number":
            raise self.refuse("an operator between two numbers", ahead)
        return True

    def refuse_mixed_number(self, left: Tree, right: Tree) -> None:
        if left.is_integer and right.words == ("frac",) and all(part.is_integer for part in right.parts):
            raise Unreadable(self.tex, right.position, "a fraction beside an integer", "`\\cdot` between them")

    def power(self) -> Tree:
        base = self.atom()
        if self.token.text not in _EXPONENTS:
            return base
        self.visible(base, Level.ATOM)
        if self.advance().text == r"\T" or self.transposed():
            return self.raised(Tree("transpose", base.position, (base,)))
        return self.raised(Tree("power", base.position, (base, self.argument())))

    def raised(self, tree: Tree) -> Tree:
        """`tree`, which carries an exponent and so must not get another one."""
        if self.token.text in _EXPONENTS:
            raise self.refuse("one exponent only")
        return replace(tree, level=Level.POWER)

    def transposed(self) -> bool:
        """Whether the exponent is a transpose sign, bare or in braces (and then it is read)."""
        bare = self.texts[0] in _TRANSPOSES
        braced = self.texts[0] == "{" and self.texts[1] in _TRANSPOSES and self.texts[2:] == ["}"]
        for _ in range(bare + 3 * braced):
            self.advance()
        return bare or braced
