"""Program text with gaps: one `Source` prints as the key (everything filled in) and as a worksheet (`_____`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

BLANK = "_____"
WIDTH = 88  # columns of a line of code


@dataclass(frozen=True)
class Gap:
    """Text that a worksheet leaves out.

    `about` is the quantity that it computes as the problem calls it (`W_1`, `dL/dW_1`), its size (`size:W_1`), its
    shape (`shape:W_1`), what is done there (`update`), or what a comment says (`comment:predict`). A long answer runs
    over several lines: all but the first are `continued`, and a worksheet has no such lines.
    """

    answer: str
    about: str
    continued: bool = False


Piece = str | Gap


@dataclass(frozen=True)
class Line:
    """One line: text and gaps, and a comment behind it."""

    pieces: tuple[Piece, ...] = ()
    comment: str = ""

    def indented(self, levels: int = 1) -> Line:
        """The line further to the right; an empty one stays empty."""
        return replace(self, pieces=("    " * levels, *self.pieces)) if self.pieces else self

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Gap))


Part = tuple[Line, ...]


@dataclass(frozen=True)
class Source:
    """A program: parts that belong together, a cell of a notebook each, in a language (`numpy`, `pytorch`)."""

    language: str
    title: str
    parts: tuple[Part, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What a worksheet leaves out, in order."""
        return tuple(gap for part in self.parts for line in part for gap in line.gaps)

    def lines(self, blank: bool = False) -> tuple[tuple[Piece, ...], ...]:
        """The lines as text and gaps, comments aligned; with `blank` no gap holds its answer."""
        title = ((f"# {self.title}",),) if self.title else ()
        found: list[tuple[Piece, ...]] = list(title)
        before: Part = ()
        for part in self.parts:
            if found:
                found += [()] * (2 if is_definition(before) or is_definition(part) else 1)
            found += part_lines(part, blank)
            before = part
        return tuple(found)

    def text(self, blank: bool = False) -> str:
        """The program as text that Python runs; with `blank` every gap shows as a line to write on."""
        return as_text(self.lines(blank))

    def cells(self, blank: bool = False) -> Iterator[str]:
        """The parts one by one, for a notebook."""
        for part in self.parts:
            yield as_text(part_lines(part, blank)).rstrip("\n")


def as_text(lines: tuple[tuple[Piece, ...], ...]) -> str:
    """Lines joined; a gap without an answer shows as a blank."""
    shown = ("".join(piece if isinstance(piece, str) else piece.answer or BLANK for piece in line) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in shown)


def is_definition(part: Part) -> bool:
    """Whether a part defines a function or a class, which stands apart."""
    first = part[0].pieces[0] if part and part[0].pieces else ""
    return isinstance(first, str) and first.startswith(("def ", "class "))


def part_lines(part: Part, blank: bool) -> tuple[tuple[Piece, ...], ...]:
    """The lines of one part, comments of neighbouring lines aligned where they fit."""
    shown = [_emptied(line) if blank else line for line in part if not (blank and any(g.continued for g in line.gaps))]
    found: list[tuple[Piece, ...]] = []
    for commented, group in groupby(shown, lambda line: bool(line.comment)):
        lines = list(group)
        column = max((_width(line) for line in lines if _fits(line)), default=0) if commented else 0
        found += [_with_comment(line, column) for line in lines]
    return tuple(found)


def _emptied(line: Line) -> Line:
    pieces = tuple(replace(piece, answer="") if isinstance(piece, Gap) else piece for piece in line.pieces)
    return replace(line, pieces=pieces)


def _width(line: Line) -> int:
    return sum(len(piece if isinstance(piece, str) else piece.answer or BLANK) for piece in line.pieces)


def _fits(line: Line) -> bool:
    """Lines much longer than the others do not push all comments to the right."""
    return _width(line) <= 56


def _with_comment(line: Line, column: int) -> tuple[Piece, ...]:
    if not line.comment:
        return line.pieces
    space = max(column - _width(line), 0) + 2
    return (*line.pieces, f"{' ' * space}# {line.comment}")


def plain(*texts: str) -> Part:
    """Lines without gaps."""
    return tuple(Line((text,)) if text else Line() for text in texts)


def comment_text(text: str, width: int = WIDTH - 2) -> str:
    """A title as one line of a comment: no line breaks, nothing unprintable, not too long."""
    words = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return words if len(words) <= width else f"{words[: width - 3].rstrip()}..."
