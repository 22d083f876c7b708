"""From the events of the YAML parser to a tree of scalars, sequences and mappings that remember their lines.

YAML is never constructed: no tag is obeyed, no alias expanded, no scalar interpreted. What a plain `0.10`, `no` or
`1/2` means is decided later by the field it stands in (`derive.spec.fields`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from derive.errors import Fault
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, TreePath, describe, path_text

DEPTH_LIMIT = 50
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NO_KEY = "!"  # the style of what stands in place of a key that is none


@dataclass
class _Frame:
    """An open collection; in a mapping, the key read last and whether its value is still to come.

    `again` marks a mapping whose key stands twice: what it holds is added to the first one.
    """

    collection: Sequence | Mapping
    key: Scalar | None = None
    awaits_value: bool = False
    again: bool = False


@dataclass
class Composer:
    """Builds the tree with an explicit stack, so that no nesting can exhaust Python's own.

    What is refused is told in `faults`, by line. Values that cannot be used are in the tree, and their places in
    `lost`; what has no place in it is `dropped`.
    """

    name: str
    root: Tree = None
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    lost: set[TreePath] = field(default_factory=set)
    dropped: list[Tree] = field(default_factory=list)
    is_whole: bool = True
    _stack: list[_Frame] = field(default_factory=list)
    _documents: int = 0

    def run(self, events: Iterator[yaml.Event]) -> None:
        """Read all events, or those in front of a nesting that is too deep."""
        for event in events:
            line = event.start_mark.line + 1 if event.start_mark else 1
            if self._is_too_deep(event, line):
                return
            if isinstance(event, yaml.NodeEvent):
                self._refuse_decoration(event, line)
            if isinstance(event, yaml.ScalarEvent):
                self._place(Scalar(event.value, event.style or "", line))
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open(Sequence(line))
            elif isinstance(event, yaml.MappingStartEvent):
                self._open(Mapping(line))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._stack.pop()
            elif isinstance(event, yaml.AliasEvent):
                self._place(Scalar("", "*", line))
            elif isinstance(event, yaml.DocumentStartEvent):
                self._start_document(line)

    def _refuse_decoration(self, event: yaml.NodeEvent, line: int) -> None:
        """Anchors, aliases and tags: the means of YAML bombs and of foreign objects, and of no use here."""
        if event.anchor is not None:
            mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self._fault(line, f"`{mark}{event.anchor}`", "the value itself: anchors and aliases are not read")
        if isinstance(event, yaml.AliasEvent):
            self.lost.add(self._path())
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(line, f"the tag `{tag}`", "plain values: tags are not read")
            self.lost.add(self._path())

    def _start_document(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._fault(line, "a second document (`---`)", "one problem in a file")
            self.is_whole = False

    def _is_too_deep(self, event: yaml.Event, line: int) -> bool:
        """Whether this bracket is one too many; nothing behind it is read."""
        if len(self._stack) < DEPTH_LIMIT or not isinstance(event, yaml.CollectionStartEvent):
            return False
        self._fault(line, f"more than {DEPTH_LIMIT} levels of nesting", "numbers in lists of lists")
        self.lost.add(self._path())
        self.is_whole = False
        return True

    def _open(self, collection: Sequence | Mapping) -> None:
        first = self._place(collection)
        self._stack.append(_Frame(collection if first is None else first, again=first is not None))

    def _place(self, node: Scalar | Sequence | Mapping) -> Mapping | None:
        """Put a finished or just opened value where it belongs: into the list, under the pending key, or as a key.

        A mapping whose key stands twice goes into the first one, which is returned.
        """
        value = None if isinstance(node, Scalar) and node.plain and node.text in _NULLS else node
        if not self._stack:
            self.root = value if self._documents <= 1 else self.root
            return None
        frame = self._stack[-1]
        if isinstance(frame.collection, Sequence):
            frame.collection.append(value)
        elif frame.key and frame.awaits_value:
            frame.awaits_value = False
            return self._enter(frame, frame.collection, frame.key, value)
        else:
            frame.key, frame.awaits_value = self._key(node), True
        return None

    def _key(self, node: Scalar | Sequence | Mapping) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self._fault(node.line, f"{describe(node)} as a key", "a word as a key")
        self.dropped.append(node)
        return Scalar("", _NO_KEY, node.line)

    def _enter(self, frame: _Frame, parent: Mapping, key: Scalar, value: Tree) -> Mapping | None:
        """Enter a value under its key; of two with the same key the first one counts."""
        if key.style == _NO_KEY:
            self.dropped.append(value)
        elif key.text == "<<" and key.plain:
            self._fault(key.line, "the merge key `<<`", "the keys themselves: merging is not read", "<<")
            self.lost.add(self._path())
            self.dropped.append(value)
        elif key.text not in parent:
            parent[key.text] = value
            parent.key_lines[key.text] = key.line
        else:
            first = parent[key.text]
            if not frame.again:
                found = (
                    f"the key `{key.text}` stands twice, on line {parent.key_lines[key.text]} and on line {key.line}"
                )
                self._fault(key.line, found, "each key once", key.text)
            if isinstance(first, Mapping) and isinstance(value, Mapping):
                return first
            self.dropped.append(value)
        return None

    def _path(self) -> TreePath:
        """Where the parser stands: the pending key of each open mapping, the position in each open list."""
        parts: list[str | int] = []
        for frame in self._stack:
            innermost = frame is self._stack[-1]
            if isinstance(frame.collection, Sequence):
                parts.append(len(frame.collection) - (0 if innermost else 1))
            elif frame.key and (frame.awaits_value or not innermost):
                parts.append(frame.key.text)
        return tuple(parts)

    def _fault(self, line: int, found: str, expected: str, *key: str) -> None:
        path = path_text((*self._path(), *key))
        self.faults.append((line, Fault(found, expected, where=f"{self.name}:{line}", path=path)))
