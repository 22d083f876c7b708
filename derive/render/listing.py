"""Program text as LaTeX: typewriter letters as they are typed, comments in grey, gaps to fill in."""

from __future__ import annotations

from derive.sheet.blocks import Gap, Listing

_TYPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "'": r"\textquotesingle{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "-": "{-}",  # two in a row would join to a dash
    "<": "{<}",
    ">": "{>}",
    ",": "{,}",
    " ": "~",
}


def listing_latex(listing: Listing) -> str:
    r"""One `\codeline` for each line."""
    return "\n".join(rf"\codeline{{{_line(line)}}}" for line in listing.lines)


def typed(text: str) -> str:
    """Text as it is typed, in LaTeX."""
    return "".join(_TYPED.get(character, character) for character in text)


def _line(pieces: tuple[str | Gap, ...]) -> str:
    written = []
    comment = False
    for piece in pieces:
        if isinstance(piece, Gap):
            written.append(rf"\codeanswer{{{typed(piece.answer)}}}" if piece.answer else rf"\codegap{{{piece.width}}}")
            continue
        code, hash_sign, rest = ("", "", piece) if comment else piece.partition("#")
        comment = comment or bool(hash_sign)
        written.append(typed(code) + (rf"\codecomment{{{typed(hash_sign + rest)}}}" if comment else ""))
    return "".join(written)
