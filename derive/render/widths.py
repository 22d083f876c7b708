"""How wide a formula is on paper, roughly: enough to know whether it must be taken apart to be read."""

from __future__ import annotations

import re

LINE = 420.0  # points of a page that a part of a line may take
_TOKEN = re.compile(
    r"\\(?:begin|end)\{[a-z*]+\}(?:\[[a-z]\])?|\\(?:left|right|[bB]ig[lr])\s*|\\(?:operatorname|math[a-z]+|text)\{[^{}]*\}"
    r"|\\\\(?:\[[^\]]*\])?|\\[A-Za-z]+|\\.|.",
    re.DOTALL,
)
SMALL, COLUMN, BRACKETS = 0.75, 10.0, 12.0  # of an index; between two columns; around a matrix
LETTER, CAPITAL, DIGIT, SIGN, NARROW = 6.0, 8.4, 5.5, 12.5, 4.4
FENCE, BAR = 2.6, 2.0  # what grows with its content is wider; around a fraction
_SIGNS = frozenset({"+", "-", "=", r"\odot", r"\oslash", r"\cdot", r"\times", "<", ">"})
_NARROW = frozenset("()[]|,.:'")
_NOTHING = frozenset({"{", "}", " ", "&", r"\,", r"\ ", r"\displaystyle"})


def width(tex: str) -> float:
    """The width of a formula in points."""
    return _Ruler(tex).until("")


class _Ruler:
    """Goes through the tokens of a formula."""

    def __init__(self, tex: str) -> None:
        self.tokens = _TOKEN.findall(tex)
        self.place = 0

    def until(self, closing: str) -> float:
        """The width up to a token, which is passed over."""
        total = 0.0
        while self.place < len(self.tokens):
            token = self.next()
            if token == closing:
                break
            total += self.one(token)
        return total

    def next(self) -> str:
        token = str(self.tokens[self.place]) if self.place < len(self.tokens) else ""
        self.place += 1
        return token

    def argument(self) -> float:
        """The {...} or the one token that follows."""
        token = self.next()
        return self.until("}") if token == "{" else self.one(token)

    def one(self, token: str) -> float:
        """The width of what begins with a token."""
        if token == "{":
            return self.until("}")
        if token in ("_", "^"):
            return SMALL * self.argument()
        if token in (r"\frac", r"\tfrac"):
            return max(self.argument(), self.argument()) + BAR
        if token.startswith(r"\begin"):
            return self.matrix()
        return _of_token(token)

    def matrix(self) -> float:
        """The widest entry of each column, with what stands between and around them."""
        columns: list[float] = []
        column, entry = 0, 0.0
        while token := self.next():
            if token == "&" or token.startswith((r"\\", r"\end")):
                columns += [0.0] * (column + 1 - len(columns))
                columns[column] = max(columns[column], entry)
                column, entry = (column + 1 if token == "&" else 0), 0.0
                if token.startswith(r"\end"):
                    break
            else:
                entry += self.one(token)
        return sum(columns) + COLUMN * (len(columns) - 1) + BRACKETS


def _of_token(token: str) -> float:
    if token in _NOTHING:
        return 0.0
    if token.startswith((r"\left", r"\right", r"\big", r"\Big")):
        return FENCE
    if token in _SIGNS:
        return SIGN
    if token in _NARROW:
        return NARROW
    if token.isdigit():
        return DIGIT
    if "{" in token:  # a word
        return LETTER * len(token[token.index("{") + 1 : -1])
    return CAPITAL if token.isupper() else LETTER
