"""Long lines folded: an expression in parentheses breaks before an operator or after a comma, as far out as it can."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from derive.code.model import WIDTH, Gap, Line, Part

_BREAKS = re.compile(r" (?=[-+*/@] )|(?<=,) ")


def assignment(target: str, formula: str, about: str = "", comment: str = "", indent: int = 0) -> Part:
    """`target = formula` as one line or as several; with `about` the formula is a gap."""
    return statement(f"{target} = ", formula, about, comment, indent)


def statement(start: str, formula: str, about: str = "", comment: str = "", indent: int = 0) -> Part:
    """A formula behind `target = `, `return ` and the like; `indent` counts the columns in front."""
    room = WIDTH - indent - (len(comment) + 4 if comment else 0)

    def piece(text: str, continued: bool = False) -> str | Gap:
        return Gap(text, about, continued) if about else text

    if len(start) + len(formula) <= room:
        return (Line((start, piece(formula)), comment),)
    folded = fold(formula, WIDTH - indent - 4)
    return (
        Line((start, piece("(")), comment),
        *(Line(("    ", piece(text, True))) for text in folded),
        Line((piece(")", True),)),
    )


def fold(text: str, width: int) -> list[str]:
    """The text cut where it may be broken inside parentheses; lines are as long as the outermost cuts allow."""
    lines = []
    while len(text) > width:
        cuts = [(depth, -place) for place, depth in _places(text) if place <= width]
        if not cuts:
            cuts = [(depth, place) for place, depth in _places(text)][:1]
        if not cuts:
            break
        place = abs(min(cuts)[1])
        lines.append(text[:place])
        text = text[place + 1 :]
    return [*lines, text]


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where the text may break, and how deep inside brackets that is; a product counts half a level deeper."""
    for match in _BREAKS.finditer(text):
        before = text[: match.start()]
        depth = 2 * sum(before.count(opening) for opening in "([{") - 2 * sum(before.count(end) for end in ")]}")
        yield match.start(), depth + (text[match.end()] in "*/@")


def array_lines(start: str, rows: Sequence[Sequence[str]], end: str, comment: str = "") -> Part:
    """`start [[...], [...]] end` on one line where it fits, otherwise a line for each row."""
    whole = "[" + ", ".join(f"[{', '.join(row)}]" for row in rows) + "]"
    if len(start) + len(whole) + len(end) + len(comment) + 4 <= WIDTH:
        return (Line((f"{start}{whole}{end}",), comment),)
    inside = []
    for row in rows:
        first, *others = fold(f"[{', '.join(row)}],", WIDTH - 5)
        inside += [Line((f"    {first}",)), *(Line((f"     {text}",)) for text in others)]
    return (Line((f"{start}[",)), *inside, Line((f"]{end}",), comment))


def list_lines(start: str, entries: Sequence[str], end: str, comment: str = "") -> Part:
    """`start [...] end` on one line where it fits, otherwise folded."""
    whole = f"{start}[{', '.join(entries)}]{end}"
    if len(whole) + len(comment) + 4 <= WIDTH:
        return (Line((whole,), comment),)
    inside = tuple(Line((f"    {text}",)) for text in fold(f"{', '.join(entries)},", WIDTH - 4))
    return (Line((f"{start}[",)), *inside, Line((f"]{end}",), comment))
