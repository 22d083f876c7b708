"""A long sum taken apart before its plus and minus signs, so that TeX can break the line there."""

from __future__ import annotations

import re

LONG = 120  # characters of LaTeX below which a line is never broken inside
TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
OPENING = {"{", "(", "[", r"\left", r"\begin"}
CLOSING = {"}", ")", "]", r"\right", r"\end"}


def terms(tex: str) -> list[str]:
    """The terms of a sum, each with its sign in front; a short sum stays whole."""
    if len(tex) < LONG:
        return [tex]
    pieces, depth, start = [], 0, 0
    previous = ""
    for match in TOKEN.finditer(tex):
        token = match[0]
        if previous in (r"\left", r"\right") and token in "()[]|.":
            previous = token
            continue
        depth += (token in OPENING) - (token in CLOSING)
        if depth == 0 and token in "+-" and previous == " " and match.end() < len(tex) and tex[match.end()] == " ":
            pieces.append(tex[start : match.start()].strip())
            start = match.start()
        previous = token
    pieces.append(tex[start:].strip())
    return pieces
