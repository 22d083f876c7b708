r"""The operands of a printed line: numbers, matrices, what stands in fences and braces, commands, sums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.check.latex_names import Names
from derive.check.latex_spelling import FRACTIONS
from derive.check.latex_tokens import RELATIONS
from derive.check.latex_tree import Level, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

DEEPEST = 30  # levels of nesting; each costs a handful of Python frames
LONGEST_NUMBER = 60  # characters
MATRICES = ("matrix", "matrix*", "bmatrix", "bmatrix*", "pmatrix", "pmatrix*")


class Atoms(Names):
    """One method for each kind of operand; the operators between them are the grammar's."""

    def __init__(self, tex: str, functions: Iterable[str], symbols: Iterable[str] | None) -> None:
        super().__init__(tex, functions, symbols)
        self.depth = 0
        self.atoms = {
            "{": self.group,
            r"\result": self.box,
            r"\sqrt": self.root,
            "e": self.exponential,
            r"\mathrm{e}": self.exponential,
            r"\mathbf{1}": self.ones,
            r"\mathbb{1}": self.ones,
            r"\mathbf{0}": self.ones,
            r"\pi": self.constant,
            **dict.fromkeys(FRACTIONS, self.fraction),
        }
        if self.symbolic:
            self.atoms |= {r"\sum": self.series, "I": self.identity}

    def chain(self) -> Tree:
        raise NotImplementedError

    def raised(self, tree: Tree) -> Tree:
        raise NotImplementedError

    def enter(self) -> None:
        """One level deeper; the caller counts back."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse(f"at most {DEEPEST} levels of nesting")

    def spelled(self, *texts: str) -> None:
        """Read these tokens, which must stand here."""
        for text in texts:
            if self.token.text != text:
                raise self.refuse(f"`{text}`")
            self.advance()

    def atom(self) -> Tree:
        self.skip_empty()
        token = self.token
        if named := self.named():
            return self.suffixed(named)
        match token.kind:
            case "number":
                return self.number()
            case "open":
                return self.suffixed(self.fence(), fenced=True)
            case "begin":
                return self.suffixed(self.matrix())
        if token.text in self.atoms:
            return self.suffixed(self.atoms[token.text]())
        raise self.not_an_operand()

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

    def constant(self) -> Tree:
        token = self.advance()
        return Tree("constant", token.start, (), (token.text,))

    def ones(self) -> Tree:
        r"""\mathbf{1}[u > 0], \mathbf{1}_{2 \times 3}, or as many as the neighbours in a block matrix ask for."""
        name = self.advance()
        number = name.text[-2]
        if self.taken("_"):
            size = self.argument()
            sizes = size.parts if size.head == "chain" and set(size.words) == {r"\times"} else (size,)
            return Tree("ones", name.start, sizes, (number,))
        if number == "1" and self.token.kind == "open":
            return self.iverson(name.start)
        return Tree("fill", name.start, (), (number,))

    def iverson(self, position: int) -> Tree:
        """The indicator of a comparison: 1 where it holds, else 0."""
        opening = self.advance()
        if not opening.text.endswith("]"):
            raise self.refuse("a comparison in brackets", opening)
        left = self.expression()
        relation = self.taken(*RELATIONS)
        if not relation:
            raise self.refuse("one of " + " ".join(RELATIONS))
        right = self.expression()
        self.need("close", opening.text)
        return Tree("iverson", position, (left, right), (RELATIONS[relation],))

    def identity(self) -> Tree:
        r"""I_{2}"""
        if self.texts[1] != "_":
            raise self.not_an_operand()
        position = self.advance().start
        self.advance()
        return Tree("identity", position, (self.argument(),))

    def series(self) -> Tree:
        r"""\sum_{i=1}^{N} and the product behind it, up to the next plus or minus; the index begins at 1 or 0."""
        position = self.advance().start
        self.spelled("_", "{")
        letter = self.advance()
        if not (letter.text.isalpha() and len(letter.text) == 1):
            raise self.refuse("a letter for the index", letter)
        self.spelled("=")
        first = self.taken("0", "1")
        if not first:
            raise self.refuse("an index that begins at 1 or 0")
        self.spelled("}", "^")
        last = self.argument()
        return Tree("series", position, (last, self.summand(letter.text)), (letter.text, first), Level.BARE_CALL)

    def summand(self, letter: str) -> Tree:
        """The product behind a sum sign, in which the letter is an index."""
        self.enter()
        self.bound.append(letter)
        body = self.chain()
        self.bound.pop()
        self.depth -= 1
        return body
