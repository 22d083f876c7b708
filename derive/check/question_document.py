r"""The questions of a finished document taken apart: prompts, tables, options, program text, figures, as they stand.

Nothing here knows how a block was made: cells are what stands between `&` and `\\`, program text is read back letter
by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.check.latex_document import group

_END = re.compile(r"\\(?:question|pass|summary|checked)(?=\{)|\\shareroom(?![A-Za-z])|\\end\{document\}")
_MACRO = re.compile(r"\\(?P<name>codeanswer|codegap|codecomment)(?=\{)")
_CELL = re.compile(
    r"(?P<open>\\begin\{[^}]*\}|\{)|(?P<close>\\end\{[^}]*\}|\})|(?P<row>\\\\(?:\[[^\]]*\])?)|(?P<cell>&)|\\.",
    re.DOTALL,
)
_RULES = re.compile(r"\\(?:toprule|midrule|bottomrule)(?![A-Za-z])")
_TYPED = {
    r"\textbackslash{}": "\\",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    r"\textquotesingle{}": "'",
    r"\textquotedbl{}": '"',
    r"\textasciigrave{}": "`",
    **{rf"\{sign}": sign for sign in "{}$&#%_"},
    **{f"{{{sign}}}": sign for sign in "-<>,"},
    "~": " ",
}
_LETTER = re.compile("|".join(map(re.escape, sorted(_TYPED, key=len, reverse=True))))


@dataclass(frozen=True)
class Part:
    """One question: its prompt, its points in words, and all that follows up to the next one."""

    prompt: str
    points: str
    content: str


@dataclass(frozen=True)
class Printed:
    """One option: its letter, what it says, whether it is marked as right, and the mistake that leads to it."""

    letter: str
    content: str
    is_right: bool
    note: str


@dataclass(frozen=True)
class Hole:
    """A place in a program that is to be filled in; `answer` is None where nothing is printed there."""

    answer: str | None


def question_parts(tex: str) -> tuple[Part, ...]:
    """All questions in order."""
    return tuple(
        Part(arguments[1], arguments[2], tex[end : found.start() if (found := _END.search(tex, end)) else len(tex)])
        for arguments, end in _calls(tex, "question", 3)
    )


def _calls(tex: str, macro: str, count: int) -> Iterator[tuple[list[str], int]]:
    r"""The arguments of each use of a macro behind `\begin{document}`, and the position behind them."""
    for found in re.compile(rf"\\{macro}(?=\{{)").finditer(tex, max(tex.find(r"\begin{document}"), 0)):
        arguments, position = [], found.end()
        for _ in range(count):
            argument, position = group(tex, position)
            arguments.append(argument)
        yield arguments, position


def environments(content: str, name: str) -> list[str]:
    """The contents of each environment of a kind."""
    return re.findall(rf"\\begin\{{{name}\}}(.*?)\\end\{{{name}\}}", content, re.DOTALL)


def tables(content: str) -> list[list[list[str]]]:
    """The rows of each table, each a list of cells."""
    return [list(_rows(group(table, 0)[1], table)) for table in environments(content, "answertable")]


def _rows(start: int, table: str) -> Iterator[list[str]]:
    table = _RULES.sub("", table[start:])
    row: list[str] = []
    depth = begin = 0
    for found in _CELL.finditer(table):
        depth += bool(found["open"]) - bool(found["close"])
        if depth == 0 and (found["cell"] or found["row"]):
            row.append(_shown(table[begin : found.start()]))
            begin = found.end()
            if found["row"]:
                yield row
                row = []
    if rest := table[begin:].strip():
        yield [*row, rest]


def _shown(cell: str) -> str:
    r"""What a cell shows, without \tall{...} round it."""
    cell = cell.strip()
    return group(cell, len(r"\tall"))[0].strip() if cell.startswith(r"\tall{") else cell


def options(content: str) -> list[Printed]:
    """The options of a choice."""
    return [Printed(a[0], a[1].strip(), bool(a[2].strip()), a[3].strip()) for a, _ in _calls(content, "choice", 4)]


def formula(cell: str) -> str:
    """The mathematics of a cell that holds nothing else; the empty text where it holds something else."""
    found = re.fullmatch(r"\$\s*(?:\\displaystyle(?![A-Za-z]))?(?P<tex>(?:[^$\\]|\\.)*)\$", cell.strip(), re.DOTALL)
    return found["tex"].strip() if found else ""


def plain(text: str) -> str:
    """Text without the braces that keep its signs apart, and without what makes a minus of a hyphen."""
    return re.sub(r"(?:\\ensuremath)?\{([-,<>])\}", r"\1", text).strip()


def listing(content: str) -> list[list[str | Hole]]:
    """Program text, line by line."""
    return [list(_pieces(arguments[0])) for arguments, _ in _calls(content, "codeline", 1)]


def _pieces(tex: str) -> Iterator[str | Hole]:
    position = 0
    while found := _MACRO.search(tex, position):
        if found.start() > position:
            yield _typed(tex[position : found.start()])
        argument, position = group(tex, found.end())
        match found["name"]:
            case "codecomment":
                yield from _pieces(argument)
            case "codeanswer":
                yield Hole(_typed(argument))
            case _:
                yield Hole(None)
    if position < len(tex):
        yield _typed(tex[position:])


def _typed(tex: str) -> str:
    """The letters that were typed."""
    return _LETTER.sub(lambda found: _TYPED[found[0]], tex)
