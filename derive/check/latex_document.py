r"""A finished document taken apart: the macros that mathematics stands in, in order, and the text between them.

A template prints every line through these macros (`docs/templates.md` lists them). What it prints beside them is kept
as loose text, so that mathematics in it is noticed and not passed over.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.check.latex_tokens import ReadingError, scan, split_equalities

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_MORE = re.compile(r"\\more(?=\{)")
_PART = re.compile(r"\\(equals|more)(?=\{)")
_MATHEMATICS = re.compile(r"(?<!\\)\$((?:\\.|[^$\\])*)\$", re.DOTALL)
_BEGINS = re.compile(
    r"\\(?P<macro>step|local|note|fitted|choice|answer)(?=\{)"
    r"|\\begin\{(?P<environment>derivation|tikzpicture|tabular|answertable|code|plots)\}"
)
_ARGUMENTS = {"step": 4, "local": 1, "note": 1, "fitted": 1, "choice": 4, "answer": 1}


@dataclass(frozen=True)
class Derivation:
    """A line as it stands in the document; `shape` is the grey one behind the result, `rest` what else stands there."""

    symbol: str
    parts: tuple[str, ...]
    result: str | None
    shape: str = ""
    rest: str = ""


@dataclass(frozen=True)
class Heading:
    """The heading of a step: its title, and the rule in grey."""

    title: str
    rule: str


@dataclass(frozen=True)
class Piece:
    """Any other macro or environment (`local`, `fitted`, `tabular`, ...) with its content, the first argument."""

    kind: str
    content: str


Block = Derivation | Heading | Piece


@dataclass(frozen=True)
class Document:
    """The blocks of a document in order, and the text between them."""

    blocks: tuple[Block, ...]
    loose: str

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The lines."""
        return tuple(block for block in self.blocks if isinstance(block, Derivation))

    def pieces(self, kind: str) -> tuple[str, ...]:
        """The contents of all pieces of a kind."""
        return tuple(block.content for block in self.blocks if isinstance(block, Piece) and block.kind == kind)

    @property
    def local_jacobians(self) -> tuple[Derivation, ...]:
        r"""Every \local{symbol = part = part}, which \more{...} may take apart."""
        return tuple(equation(_unbroken(content)) for content in self.pieces("local"))


def take_apart(tex: str) -> Document:
    """The blocks of a document, from its beginning to its end."""
    body = tex[max(tex.find(r"\begin{document}"), 0) :]
    blocks: list[Block] = []
    loose, position = [], 0
    while found := _BEGINS.search(body, position):
        loose.append(body[position : found.start()])
        block, position = _block(body, found)
        blocks.append(block)
    return Document(tuple(blocks), "\n".join([*loose, body[position:]]))


def _block(body: str, found: re.Match[str]) -> tuple[Block, int]:
    """The block that begins here, and the position behind it."""
    if found["macro"]:
        arguments, position = [], found.end()
        for _ in range(_ARGUMENTS[found["macro"]]):
            argument, position = group(body, position)
            arguments.append(argument)
        if found["macro"] == "step":
            return Heading(arguments[1], arguments[2]), position
        return Piece(found["macro"], arguments[0]), position
    closing = rf"\end{{{found['environment']}}}"
    end = body.find(closing, found.end())
    if end < 0:
        raise ValueError(f"{found[0]} without its end")
    content = body[found.end() : end]
    if found["environment"] == "derivation":
        return derivation(content), end + len(closing)
    return Piece(found["environment"], content), end + len(closing)


def derivation(content: str) -> Derivation:
    r"""{symbol} and its parts \equals{...}, each with its \more{...}."""
    symbol, position = group(content, 0)
    parts: list[str] = []
    rest: list[str] = []
    while found := _PART.search(content, position):
        rest.append(content[position : found.start()])
        part, position = group(content, found.end())
        if found[1] == "equals" or not parts:
            parts.append(part)
        else:
            parts[-1] += " " + part
    rest.append(content[position:])
    result, shape = None, ""
    if parts and parts[-1].startswith(r"\result"):
        result, shape = result_and_shape(parts.pop())
    return Derivation(symbol, tuple(parts), result, shape, "".join(rest))


def _unbroken(content: str) -> str:
    r"""What \more{...} holds in its place."""
    while found := _MORE.search(content):
        piece, end = group(content, found.end())
        content = f"{content[: found.start()]} {piece} {content[end:]}"
    return content


def result_and_shape(tex: str) -> tuple[str, str]:
    r"""The argument of \result, and that of the \dims behind it."""
    result, end = group(tex, tex.index("{"))
    return result, shape_of(tex[end:])


def shape_of(tex: str) -> str:
    r"""The argument of the first \dims; empty where there is none."""
    start = tex.find(r"\dims{")
    return group(tex, start + len(r"\dims"))[0] if start >= 0 else ""


def without_shapes(tex: str) -> str:
    r"""The text without \dims{...}."""
    while (start := tex.find(r"\dims{")) >= 0:
        _, end = group(tex, start + len(r"\dims"))
        tex = tex[:start] + tex[end:]
    return tex


def equation(tex: str) -> Derivation:
    """symbol = part = part"""
    try:
        symbol, *parts = split_equalities(tex)
    except ReadingError:
        symbol, parts = tex, []
    return Derivation(symbol, tuple(parts), None)


def mathematics(tex: str) -> Iterator[str]:
    """All that stands between dollar signs."""
    return (found[1] for found in _MATHEMATICS.finditer(tex))


@functools.lru_cache(maxsize=4096)
def spelling(tex: str) -> tuple[str, ...]:
    """What a piece of LaTeX shows, without its spacing; two pieces with the same spelling look the same."""
    return tuple(token.text for token in scan(tex))


def group(text: str, start: int) -> tuple[str, int]:
    """The content of the {...} that begins at `start`, and the position behind it."""
    depth = 0
    for found in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return text[text.index("{", start) + 1 : found.start()], found.end()
    raise ValueError("unbalanced braces")
