r"""A symbol's LaTeX as pieces of plain text, raised or lowered: what SVG can show without a typesetter.

Letters, digits, Greek, accents, upright and bold words, indices and exponents come out as they should; a command that
is not known here comes out as its name. Nothing is executed and nothing is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

DEEPEST = 8  # nested groups; below them a symbol is cut off
_LETTERS = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma
tau upsilon phi chi psi omega"""
GREEK = dict(zip(_LETTERS.split(), "αβγδεζηθικλμνξοπρςστυφχψω", strict=True))
SIGNS = {
    **GREEK,
    **{name.capitalize(): letter.upper() for name, letter in GREEK.items() if name != "varsigma"},
    "varepsilon": "ε",
    "vartheta": "ϑ",
    "varphi": "φ",
    "ell": "ℓ",
    "hbar": "ℏ",
    "partial": "∂",
    "nabla": "∇",
    "infty": "∞",
    "prime": "′",
    "cdot": "·",
    "times": "×",
    "odot": "⊙",
    "ast": "∗",
    "star": "⋆",
    "top": "⊤",
    "dagger": "†",
    **dict.fromkeys((",", ";", ":", " ", "quad", "qquad"), " "),
    "{": "{",
    "}": "}",
    "|": "‖",
    "lvert": "|",
    "rvert": "|",
}
ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
}
UPRIGHT = frozenset(("mathrm", "operatorname", "text", "textrm", "mathsf", "mathtt"))
BOLD = frozenset(("mathbf", "boldsymbol", "bm", "textbf"))
SILENT = frozenset(("left", "right", "bigl", "bigr", "displaystyle", "mathit", "mathcal", "mathbb", "!", "limits"))
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|[{}^_]|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Run:
    """A piece of text in one style; `level` counts how often it is raised (above 0) or lowered (below)."""

    text: str
    level: int = 0
    italic: bool = True
    bold: bool = False


def runs(latex: str) -> tuple[Run, ...]:
    """The pieces of a symbol, neighbours of one style joined."""
    joined: list[Run] = []
    for run in _Reader([token for token in _TOKEN.findall(latex) if not token.isspace()]).group(Run("")):
        if joined and replace(joined[-1], text="") == replace(run, text=""):
            joined[-1] = replace(run, text=joined[-1].text + run.text)
        elif run.text:
            joined.append(run)
    return tuple(joined)


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place = tokens, 0

    def next(self) -> str:
        """The next token, empty at the end."""
        self.place += 1
        return self.tokens[self.place - 1] if self.place <= len(self.tokens) else ""

    def group(self, style: Run, depth: int = 0) -> Iterator[Run]:
        """All that stands before the closing brace."""
        while (token := self.next()) not in ("", "}"):
            yield from self.item(token, style, depth)

    def argument(self, style: Run, depth: int) -> list[Run]:
        """What a command, `^` or `_` applies to."""
        return list(self.item(self.next(), style, depth))

    def item(self, token: str, style: Run, depth: int) -> Iterator[Run]:
        if token == "{" and depth < DEEPEST:
            yield from self.group(style, depth + 1)
        elif token in ("^", "_"):
            step = 1 if token == "^" else -1
            yield from self.argument(replace(style, level=style.level + step), depth)
        elif token.startswith("\\"):
            yield from self.command(token[1:].rstrip("*"), style, depth)
        elif token == "'":
            yield replace(style, text="′", italic=False)
        elif token not in ("{", "}"):
            yield replace(style, text=token, italic=style.italic and token.isalpha())

    def command(self, name: str, style: Run, depth: int) -> Iterator[Run]:
        if name in ACCENTS:
            below = self.argument(style, depth)
            yield from below[:-1]
            yield from (replace(run, text=run.text + ACCENTS[name]) for run in below[-1:])
        elif name in UPRIGHT:
            yield from self.argument(replace(style, italic=False), depth)
        elif name in BOLD:
            yield from self.argument(replace(style, italic=False, bold=True), depth)
        elif name.endswith("frac"):
            yield from self.argument(style, depth)
            yield replace(style, text="/", italic=False)
            yield from self.argument(style, depth)
        elif name not in SILENT:
            sign = SIGNS.get(name, name)
            yield replace(style, text=sign, italic=style.italic and len(sign) == 1 and sign.islower())
