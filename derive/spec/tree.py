"""The tree of a problem file: scalars, sequences and mappings as they were written, each with its line."""

from __future__ import annotations

from typing import NamedTuple

TreePath = tuple[str | int, ...]


class Scalar(NamedTuple):
    """One scalar: its text, how it was written (`""` plain, quotes, `|`, `>`) and the line of its first character."""

    text: str
    style: str
    line: int

    @property
    def plain(self) -> bool:
        return self.style == ""


class Sequence(list["Tree"]):
    """A list of the file, with the line on which it starts."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


class Mapping(dict[str, "Tree"]):
    """A mapping of the file, with the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.key_lines: dict[str, int] = {}


Tree = Scalar | Sequence | Mapping | None


def describe(tree: object) -> str:
    """A value of the file in words, for the `found` of a message."""
    if isinstance(tree, Scalar):
        text = tree.text if len(tree.text) <= 40 else tree.text[:39] + "…"
        return f"`{text}`" if tree.plain else f'the text "{text}"'
    if isinstance(tree, Sequence):
        return "a list"
    if isinstance(tree, Mapping):
        return "a mapping"
    return "nothing" if tree is None else f"`{tree}`"


def line_of(tree: Tree, path: TreePath) -> int:
    """The line on which `path` stands, or the nearest place above it that the file does have."""
    line = 1 if tree is None else tree.line
    for part in path:
        if isinstance(tree, Mapping) and isinstance(part, str) and part in tree:
            line, tree = tree.key_lines[part], tree[part]
        elif isinstance(tree, Sequence) and isinstance(part, str):
            return next((item.line for item in tree if isinstance(item, Scalar) and item.text == part), line)
        elif isinstance(tree, Sequence) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
            line = line if tree is None else tree.line
        else:
            return line
    return line


def path_text(path: TreePath) -> str:
    """`("parameters", "W_1", 0)` as `parameters.W_1[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
