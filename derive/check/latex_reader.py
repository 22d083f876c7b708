r"""Read the numbers of a printed line: LaTeX -> tree, by recursive descent.

The reading half of the honest oracle sees what a reader sees on paper. Where paper is ambiguous it refuses to choose.
Braces are invisible in print, so `{-0.1}^2` (prints as -0.1^2), `2{-3}` (prints as 2-3) and `2 3` (prints as 23) are
refused, and so are `1/2(3)`, `\log 2 \cdot 3`, `2\frac{1}{3}` (a mixed number?) and `\tanh^{-1}`.

    expression     = [sign] chain { ("+" | "-") [sign] chain }
    chain          = juxtaposition { ("\cdot" | "\times" | "\odot" | "\oslash" | "/") [sign] juxtaposition }
    juxtaposition  = power { power }
    power          = atom [ "^" exponent | transpose ]
    atom           = number | matrix | fence | brace group | \frac | \sqrt | e^{..} | \mathbf{1}[..] | function call
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.check.latex_tokens import OPERATORS, RELATIONS, Cursor, Token, Unreadable, scan
from derive.check.latex_tree import Level, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

DEEPEST = 30  # levels of nesting; each costs a handful of Python frames
LONGEST_NUMBER = 60  # characters
MATRICES = ("matrix", "matrix*", "bmatrix", "bmatrix*", "pmatrix", "pmatrix*")
_TRANSPOSES = ("T", r"\top", r"\mathsf{T}", r"\mathrm{T}")
_EXPONENTS = ("^", r"\T")


def parse(tex: str, functions: Iterable[str]) -> Tree:
    """The tree of a line in which `functions` (spelt in LaTeX) are the names of functions."""
    return _Parser(tex, functions).line()


class _Parser(Cursor):
    """One method per rule of the grammar."""

    def __init__(self, tex: str, functions: Iterable[str]) -> None:
        super().__init__(tex)
        self.depth = 0
        spelt = ((name, [token.text for token in scan(name)]) for name in functions)
        self.functions = sorted(spelt, key=lambda pair: -len(pair[1]))  # the longest name that fits wins
        self.atoms = {
            "{": self.group,
            r"\result": self.box,
            r"\sqrt": self.root,
            "e": self.exponential,
            r"\mathrm{e}": self.exponential,
            r"\mathbf{1}": self.iverson,
            r"\mathbb{1}": self.iverson,
            **dict.fromkeys((r"\frac", r"\tfrac", r"\dfrac"), self.fraction),
        }

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
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse(f"at most {DEEPEST} levels of nesting")
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

    def atom(self) -> Tree:
        self.skip_empty()
        token = self.token
        if name := self.function_name():
            return self.call(name, token)
        match token.kind:
            case "number":
                return self.number()
            case "open":
                return self.fence()
            case "begin":
                return self.matrix()
        if token.text in self.atoms:
            return self.atoms[token.text]()
        raise self.not_an_operand()

    # -- the atoms

    def number(self) -> Tree:
        token = self.advance()
        if len(token.text) > LONGEST_NUMBER:
            raise self.refuse(f"a number of at most {LONGEST_NUMBER} characters", token)
        return Tree("number", token.start, (), (token.text,))

    def fence(self) -> Tree:
        opening = self.advance()
        if opening.text.endswith("."):
            raise self.refuse("a visible fence", opening)
        inside = self.expression()
        self.need("close", opening.text)
        if opening.text.endswith(("|", "vert")):
            return Tree("abs", opening.start, (inside,))
        return replace(inside, level=Level.ATOM, position=opening.start)

    def matrix(self) -> Tree:
        opening = self.advance()
        if opening.text.removesuffix("}") not in MATRICES:
            raise self.refuse(f"one of {', '.join(MATRICES)}", opening)
        rows = [self.row()]
        while self.token.kind == "row":
            self.advance()
            if self.token.kind != "end":  # a line break behind the last row prints nothing
                rows.append(self.row())
        self.need("end", opening.text)
        if len({len(row.parts) for row in rows}) > 1:
            raise self.refuse("rows of equal length", opening)
        return Tree("matrix", opening.start, tuple(rows))

    def row(self) -> Tree:
        entries = [self.expression()]
        while self.taken("&"):
            entries.append(self.expression())
        return Tree("row", entries[0].position, tuple(entries))

    def group(self) -> Tree:
        """Braces group, but print does not show it: the level is that of the content."""
        self.need("char", "{")
        inside = self.expression()
        self.need("char", "}")
        return inside

    def box(self) -> Tree:
        self.advance()
        inside = self.group()
        self.skip_annotations()
        if not self.at_edge():
            raise self.refuse("the end of the line after the result")
        return inside

    def argument(self) -> Tree:
        r"""What a command takes: a brace group, or a single digit (`\frac12` is 1/2)."""
        if self.token.text == "{":
            return self.group()
        if self.token.kind == "number":
            self.halve_digits()
            return self.number()
        raise self.not_an_operand() if self.token.text.isalpha() else self.refuse("braces")

    def fraction(self) -> Tree:
        position = self.advance().start
        return Tree("quotient", position, (self.argument(), self.argument()), ("frac",), Level.POWER)

    def root(self) -> Tree:
        return Tree("sqrt", self.advance().start, (self.argument(),))

    def exponential(self) -> Tree:
        position = self.token.start
        if self.texts[1] != "^":
            raise self.not_an_operand()
        self.index += 2
        return self.raised(Tree("exp", position, (self.argument(),)))

    def iverson(self) -> Tree:
        """The indicator of a comparison: 1 where it holds, else 0."""
        position = self.advance().start
        opening = self.advance()
        if opening.kind != "open" or not opening.text.endswith("]"):
            raise self.refuse("a comparison in brackets", opening)
        left = self.expression()
        relation = self.taken(*RELATIONS)
        if not relation:
            raise self.refuse("one of " + " ".join(RELATIONS))
        right = self.expression()
        self.need("close", opening.text)
        return Tree("iverson", position, (left, right), (RELATIONS[relation],))

    # -- functions

    def function_name(self) -> str:
        """The function whose name stands here (and then it is read), else nothing."""
        for name, spelling in self.functions:
            here = self.tokens[self.index : self.index + len(spelling)]
            if spelling and [token.text for token in here] == spelling:
                for _ in spelling:
                    self.advance()
                return name
        return ""

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
