"""The tree of a problem file: scalars, sequences and mappings as they were written, each with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
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
    """A mapping of the file, with the line of each key; `spelled` tells how a misspelt key stands in the file."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.key_lines: dict[str, int] = {}
        self.spelled: dict[str, str] = {}


Tree = Scalar | Sequence | Mapping | None
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


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


def at(tree: Tree, path: TreePath) -> Tree:
    """What stands at `path`, or None where the file has no such place."""
    for part in path:
        if isinstance(tree, Mapping) and isinstance(part, str):
            tree = tree.get(part)
        elif isinstance(tree, Sequence) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
        else:
            return None
    return tree


def spelled(tree: Tree, path: TreePath) -> TreePath:
    """`path` with each misspelt key as it stands in the file."""
    parts: list[str | int] = []
    for place, part in enumerate(path):
        parent = at(tree, path[:place])
        parts.append(parent.spelled.get(part, part) if isinstance(parent, Mapping) and isinstance(part, str) else part)
    return tuple(parts)


def replaced(tree: Tree, path: TreePath, value: Tree) -> Tree:
    """A tree in which `value` stands at `path`; what lies beside it is shared with this one."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(tree, Mapping) and isinstance(part, str) and part in tree:
        table = _copy(tree, tree)
        table[part] = replaced(tree[part], rest, value)
        return table
    if isinstance(tree, Sequence) and isinstance(part, int) and part < len(tree):
        entries = Sequence(tree.line)
        entries += [*tree[:part], replaced(tree[part], rest, value), *tree[part + 1 :]]
        return entries
    return tree


def without(tree: Tree, path: TreePath) -> Tree:
    """A tree without what stands at `path`."""
    parent, part = at(tree, path[:-1]), path[-1]
    if isinstance(parent, Mapping) and part in parent:
        return replaced(tree, path[:-1], kept(parent, parent.keys() - {part}))
    if isinstance(parent, Sequence) and isinstance(part, int):
        entries = Sequence(parent.line)
        entries += [*parent[:part], *parent[part + 1 :]]
        return replaced(tree, path[:-1], entries)
    return tree


def kept(table: Mapping, keys: Collection[str]) -> Mapping:
    """A mapping with these keys only, in the order in which they stand."""
    return _copy(table, {key: value for key, value in table.items() if key in keys})


def renamed(table: Mapping, keys: dict[str, str]) -> Mapping:
    """A mapping whose misspelt keys stand under those that are meant; `keys` says which is meant by which."""
    copy = _copy(table, {keys.get(key, key): value for key, value in table.items()})
    copy.key_lines = {keys.get(key, key): line for key, line in table.key_lines.items()}
    copy.spelled = {meant: key for key, meant in keys.items()}
    return copy


def _copy(table: Mapping, entries: dict[str, Tree]) -> Mapping:
    copy = Mapping(table.line)
    copy.update(entries)
    copy.key_lines, copy.spelled = table.key_lines, table.spelled
    return copy


def words(*trees: Tree) -> Iterator[str]:
    """Every word in keys and values: the names that a part of the file may have been about."""
    for tree in trees:
        if isinstance(tree, Scalar):
            yield from words_in(tree.text)
        elif isinstance(tree, Mapping):
            for key in tree:
                yield from words_in(key)
            yield from words(*tree.values())
        elif isinstance(tree, Sequence):
            yield from words(*tree)


def words_in(text: str) -> list[str]:
    """The words of a text, each of which could be a name."""
    return _WORD.findall(text)


def path_text(path: TreePath) -> str:
    """`("parameters", "W_1", 0)` as `parameters.W_1[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
