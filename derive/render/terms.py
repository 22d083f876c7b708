"""A long line of numbers taken apart before its signs and between its matrices, so that TeX can break it there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from derive.render.widths import LINE, width

LONG = 120  # characters of LaTeX below which a line is never broken inside
TOKEN = re.compile(r"\\(?:left|right)\s*(?:\\[{}]|.)|\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
OPENING, CLOSING = ("{", "(", "[", r"\begin", r"\left"), ("}", ")", "]", r"\end", r"\right")
BRACKETS = {"(": ("(", ")"), r"\left(": (r"\Bigl(", r"\Bigr)")}
FACTORS = (r"\begin", r"\left(", r"\operatorname")


def terms(tex: str) -> list[str]:
    """The terms of a sum, each with its sign in front, a long one by its factors; a short line stays whole."""
    if len(tex) < LONG:
        return [tex]
    pieces = []
    for piece in _cut(tex, _signs(tex)):
        pieces += [piece] if len(piece) < LONG else _inner_terms(piece) or _cut(piece, _factors(piece))
    return pieces


def added(summands: Sequence[str]) -> str:
    """The sum of some pieces; one with a minus sign in front is taken away."""
    rest = (f" - {piece[1:].lstrip()}" if piece.startswith("-") else f" + {piece}" for piece in summands[1:])
    return "".join([*summands[:1], *rest])


def broken(symbol: str, parts: Sequence[str]) -> str:
    r"""symbol = part = part; what is too long for a line stands in \more{...} where it may break."""
    whole = " = ".join([symbol, *parts])
    if width(whole) <= LINE:
        return whole
    pieces = [piece for part in parts for piece in _after_equals(terms(part))]
    return f"{symbol} {pieces[0]}" + "".join(rf"\more{{{piece}}}" for piece in pieces[1:])


def _after_equals(pieces: list[str]) -> list[str]:
    """The pieces of a part of a line, with the sign of equality in front."""
    return [f"= {pieces[0]}", *pieces[1:]]


def _cut(tex: str, places: Iterator[int]) -> list[str]:
    starts = [0, *places]
    return [tex[start:end].strip() for start, end in zip(starts, [*starts[1:], len(tex)], strict=True)]


def _tokens(tex: str) -> Iterator[tuple[re.Match[str], int]]:
    """Each token, and how many brackets are open before it."""
    depth = 0
    for token in TOKEN.finditer(tex):
        yield token, depth
        depth += token[0].startswith(OPENING) - token[0].startswith(CLOSING)


def _signs(tex: str) -> Iterator[int]:
    """Where a plus or minus stands between terms."""
    for token, depth in _tokens(tex):
        between = tex[token.start() - 1 : token.end() + 1] == f" {token[0]} "
        if depth == 0 and token[0] in "+-" and between and token.start() > 0:
            yield token.start()


def _factors(tex: str) -> Iterator[int]:
    r"""Where a matrix follows another factor, and in front of \odot."""
    previous = ""
    for token, depth in _tokens(tex):
        if depth == 0 and (token[0] == r"\odot" or (token[0] in FACTORS and previous == r"\,")):
            yield token.start()
        previous = token[0]


def _inner_terms(tex: str) -> list[str]:
    """The terms within the only long parentheses of a product; none where these hold no sum.

    Parentheses that grow with what they hold cannot be broken inside, so they get a fixed size.
    """
    opened = [token for token, depth in _tokens(tex) if depth == 0 and token[0] in BRACKETS]
    for start in opened:
        closing = BRACKETS[start[0]][1] if start[0] == "(" else r"\right)"
        end = next(t for t, depth in _tokens(tex) if t.start() > start.end() and depth == 1 and t[0] == closing)
        inside = tex[start.end() : end.start()]
        pieces = _cut(inside, _signs(inside))
        if len(inside) >= LONG // 2 and len(pieces) > 1 and r"\begin" not in inside:
            left, right = BRACKETS[start[0]]
            pieces[0] = f"{tex[: start.start()]}{left}{pieces[0]}"
            pieces[-1] = f"{pieces[-1]}{right}{tex[end.end() :]}"
            return pieces
    return []
