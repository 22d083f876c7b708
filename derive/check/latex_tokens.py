r"""Cut a printed line of LaTeX into tokens, and a line of equations at its equality signs.

The lowest part of the honest oracle: it knows nothing of the program that printed the line. Spacing and shape
annotations vanish here, and nothing else: a character that no rule knows becomes a token of its own, for the grammar
to refuse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator


class ReadingError(DeriveError):
    """A line cannot be read: at which character (from 0), what was found there, what was expected."""

    def __init__(self, tex: str, position: int, found: str, expected: str) -> None:
        super().__init__(Fault(found=f"{found} at character {position + 1} of `{tex}`", expected=expected))
        self.tex, self.position, self.found, self.expected = tex, position, found, expected


class Unreadable(ReadingError):
    """The text is outside the grammar, ambiguous in print, or arithmetic that cannot be done."""


class NotNumeric(ReadingError):
    """The text is a formula in symbols: there is nothing to recompute."""


@dataclass(frozen=True)
class Token:
    r"""A piece of the text.

    What opens a fence or an environment has the text of what closes it: `\left[` is ("open", "left]"), `\right]` is
    ("close", "left]"), `\begin{bmatrix}` is ("begin", "bmatrix}"). A pair belongs together if the texts are equal.
    """

    kind: str  # number, open, close, begin, end, row, name, command, char, stop
    text: str
    start: int
    end: int

    @property
    def nesting(self) -> int:
        """+1 where something opens, -1 where something closes."""
        opens = self.kind in ("open", "begin") or self.text == "{"
        closes = self.kind in ("close", "end") or self.text == "}"
        return opens - closes

    @property
    def ends_piece(self) -> bool:
        return self.kind in ("stop", "close", "end", "row") or self.text in ("}", "&", ",", *RELATIONS)

    @property
    def breaks(self) -> bool:
        return self.kind == "row" or self.text == "&"


OPERATORS = ("+", "-", "/", r"\cdot", r"\times", r"\odot", r"\oslash")
RELATIONS = {">": ">", "<": "<", "=": "=", r"\ge": ">=", r"\geq": ">=", r"\le": "<=", r"\leq": "<="}

_CLOSING = {"(": ")", "[": "]", r"\{": r"\}", r"\lvert": r"\rvert", "|": "|", ".": "."}
_STYLED = "operatorname|text|mathrm|mathsf|mathbf|mathbb|mathcal|mathit|boldsymbol|dims"
_PATTERNS = {
    "space": r"(?:\s|~|%[^\n]*|\\[,;:! \n]|\\(?:q?quad|enspace|(?:display|text|script)style)(?![A-Za-z]))+",
    "begin": r"\\begin\s*\{[A-Za-z]+(?:\*\}(?:\[[lcr]\])?|\}(?!\[[lcr]\]))",
    "end": r"\\end\s*\{[A-Za-z]+\*?\}",
    "row": r"\\\\(?:\[-?[0-9.]+(?:pt|mm|cm|em|ex)\]|(?!\[))",
    "sized": r"\\(?:left|right|[bB]igg?[lr])\s*(?:[()\[\]|.]|\\[{}]|\\[lr]vert(?![A-Za-z]))",
    "plain": r"[()\[\]]|\\[{}]|\\[lr]vert(?![A-Za-z])",
    "name": rf"\\(?:{_STYLED})\*?\s*\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}",  # with its argument, which is not mathematics
    "number": r"[0-9]+(?:\.[0-9]+)?",
    "command": r"\\(?:[A-Za-z]+|.)",
    "char": r".",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()), re.DOTALL)


def scan(tex: str) -> Iterator[Token]:
    """All tokens but spacing. Never fails."""
    for match in _TOKEN.finditer(tex):
        kind, raw, (start, end) = match.lastgroup or "char", match[0], match.span()
        if kind in ("sized", "plain"):
            yield _fence(raw, start, end)
        elif kind in ("begin", "end"):
            yield Token(kind, raw[raw.index("{") + 1 : raw.index("}") + 1], start, end)
        elif kind == "name":
            yield Token(kind, re.sub(r"\s+", " ", raw).replace(" {", "{"), start, end)
        elif kind != "space":
            yield Token(kind, raw, start, end)


def _fence(raw: str, start: int, end: int) -> Token:
    r"""A token that opens or closes; one that does neither (`\left)`) stays a character."""
    sized = re.match(r"\\(left|right|[bB]igg?[lr])\s*", raw)
    size, delimiter = (sized[1], raw[sized.end() :]) if sized else ("", raw)
    side = {"left": "l", "right": "r"}.get(size, size[-1:]) or ("l" if delimiter in _CLOSING else "r")
    style = "left" if size in ("left", "right") else size[:-1]
    if side == "l" and delimiter in _CLOSING:
        return Token("open", style + _CLOSING[delimiter], start, end)
    if side == "r" and delimiter in _CLOSING.values():
        return Token("close", style + delimiter, start, end)
    return Token("char", raw, start, end)


def split_equalities(tex: str) -> list[str]:
    r"""The pieces of a line between its top-level `=` signs; `&` and `\\` at the edges of a piece are dropped.

    A line that begins with `&=` (the continuation of another) has an empty first piece.
    """
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in scan(tex):
        depth += token.nesting
        if depth < 0:
            raise Unreadable(tex, token.start, f"`{tex[token.start : token.end]}`", "what it closes, before it")
        if depth == 0 and token.text == "=":
            pieces.append([])
        else:
            pieces[-1].append(token)
    if depth:
        raise Unreadable(tex, len(tex), "the end", "a closing brace, bracket or \\end")
    return [_between_breaks(tex, piece) for piece in pieces]


def _between_breaks(tex: str, piece: list[Token]) -> str:
    kept = [token for token in piece if not token.breaks]
    return tex[kept[0].start : kept[-1].end] if kept else ""


def numeric_tokens(tex: str) -> list[Token]:
    r"""The tokens without shape annotations and without the alignment of broken lines (`\\ &+ 3`, a leading `&=`)."""
    tokens = _without_dims([*scan(tex), Token("stop", "", len(tex), len(tex))])
    if [token.text for token in tokens[:2]] == ["&", "="]:
        del tokens[:2]
    kept: list[Token] = []
    depth = 0
    following = tokens[-1]
    ahead: list[Token] = []  # for each token, the next one that is not a break
    for token in reversed(tokens):
        following = following if token.breaks else token
        ahead.append(following)
    for token, following in zip(tokens, reversed(ahead), strict=True):
        depth += token.nesting
        # A break is harmless at the ends and beside an operator; elsewhere it parts two lines, and is refused.
        beside = not kept or following.kind == "stop" or {kept[-1].text, following.text} & set(OPERATORS)
        if depth or not token.breaks or not beside:
            kept.append(token)
    return kept


def _without_dims(tokens: list[Token]) -> list[Token]:
    """Drop the shapes in grey; one that carries an exponent stays, and is refused."""
    exponents = ("^", "_", r"\T")
    return [
        token
        for token, following in zip(tokens, [*tokens[1:], tokens[-1]], strict=True)
        if not token.text.startswith(r"\dims{") or following.text in exponents
    ]


def negative_zeros(tex: str) -> list[int]:
    r"""Where a zero is printed with a sign of its own (`-0.00`, `(-0)`), as positions of the minus signs.

    In `-0 \cdot \log 0.3` the sign is that of the term, and the whole number 0 a factor.
    """
    tokens = numeric_tokens(tex)
    before = [Token("open", "", 0, 0), *tokens]
    return [
        sign.start
        for previous, sign, number, following in zip(before, tokens, tokens[1:], tokens[2:], strict=False)
        if sign.text == "-" and number.kind == "number" and not number.text.strip("0.")
        if previous.kind in ("open", "begin", "row") or previous.text in (*OPERATORS, *RELATIONS, "{", "&", ",")
        if "." in number.text or following.ends_piece
    ]


_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_SIGNS = "sum prod int partial nabla pd infty ldots cdots vdots ddots dots hat bar tilde vec ell"
_SYMBOLS = {"\\" + word for word in f"{_GREEK} {_SIGNS}".split()}
LETTER = re.compile(r"\\(?:mathrm|mathsf|mathbf|mathbb|mathcal|mathit|boldsymbol)\{ ?(?:[A-Za-z]|\\[A-Za-z]+) ?\}")
_WORDS = re.compile(r"\\(?:text|mathrm)\{[^\\{}$%&#^_+*/=<>]*[A-Za-z][^\\{}$%&#^_+*/=<>]*\}")
_LEAKED = re.compile(r"nan|NaN|inf|None|True|False")  # what a Python value leaves behind when it is formatted


class Cursor:
    """A place in the tokens of a line; `token` is the next one to read."""

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.tokens = numeric_tokens(tex)
        self.index = 0
        self.last_seen = self.tokens[-1]  # the last token read that is visible in print

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    @property
    def texts(self) -> list[str]:
        """The next three tokens, as text."""
        return [token.text for token in self.tokens[self.index : self.index + 3]]

    def advance(self) -> Token:
        token = self.token
        if token.text not in ("{", "}"):
            self.last_seen = token
        self.index += token.kind != "stop"
        return token

    def taken(self, *texts: str) -> str:
        """The next token if it is one of `texts` (and then it is read), else nothing."""
        return self.advance().text if self.token.text in texts else ""

    def need(self, kind: str, text: str) -> None:
        if (self.token.kind, self.token.text) != (kind, text):
            raise self.refuse(f"an operator, or the `{text}` that closes the piece")
        self.advance()

    def at_edge(self) -> bool:
        """Whether a piece ends here."""
        return self.token.ends_piece

    def skip_empty(self) -> None:
        """Pass over `{}`, which prints nothing."""
        while self.texts[:2] == ["{", "}"]:
            self.index += 2

    def skip_annotations(self) -> None:
        """Pass over words behind the last operand of a piece. Elsewhere they stay, and are refused."""
        before = self.index
        while _WORDS.fullmatch(self.token.text) and not LETTER.fullmatch(self.token.text):
            self.index += 1
        if not self.at_edge():
            self.index = before

    def halve_digits(self) -> None:
        r"""Leave one digit in the next number: TeX takes `\frac12` as 1/2."""
        token = self.token
        if token.text[1:2] == ".":
            raise self.refuse("braces round a decimal number")
        if token.text[1:]:
            middle = token.start + 1
            first, rest = replace(token, text=token.text[0], end=middle), replace(token, text=token.text[1:])
            self.tokens[self.index : self.index + 1] = [first, replace(rest, start=middle)]

    def refuse(self, expected: str, token: Token | None = None) -> Unreadable:
        token = token or self.token
        raw = self.tex[token.start : token.end]
        return Unreadable(self.tex, token.start, f"`{raw}`" if raw else "the end", expected)

    def not_an_operand(self) -> ReadingError:
        """A symbol, or something that has no place here."""
        token = self.token
        raw = self.tex[token.start : token.end]
        expected = "a number, a matrix, a parenthesis or a known function"
        if _LEAKED.match(self.tex, token.start) or (token.text == "e" and self.last_seen.kind == "number"):
            return self.refuse("a number in decimals")  # nan, or the e of 1.5e-3
        words = token.text.startswith(r"\text{") and self.index == 0
        if token.text in _SYMBOLS or raw.isalpha() or LETTER.fullmatch(token.text) or words:
            return NotNumeric(self.tex, token.start, f"the symbol `{raw}`", expected)
        if raw == "|":
            return self.refuse(r"`\lvert .. \rvert` or `\left| .. \right|`: a bare bar does not say which end it is")
        return self.refuse(expected)
