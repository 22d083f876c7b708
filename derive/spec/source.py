"""From bytes to a tree of scalars, sequences and mappings that remember their lines.

YAML is read as events and never constructed: no tag is obeyed, no alias expanded, no scalar interpreted. What a plain
`0.10`, `no` or `1/2` means is decided later by the field it stands in (`derive.spec.fields`). JSON, being a subset of
YAML, is read too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from derive.errors import Fault, ProblemError
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, TreePath, describe, path_text

SIZE_LIMIT = 4_000_000
DEPTH_LIMIT = 50
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(path: Path) -> str:
    """The text of a problem file, refused by its size before it is read."""
    where = str(path)
    if path.is_dir():
        raise ProblemError(Fault("a folder", "a problem file", where=where))
    if not path.is_file():
        raise ProblemError(Fault("there is no such file", "a problem file (YAML)", where=where))
    try:
        _check_size(path.stat().st_size, where)
        return _decode(path.read_bytes(), where)
    except OSError as error:
        raise ProblemError(Fault(f"the file cannot be read: {error.strerror}", where=where)) from error


def compose(text: str, name: str) -> Mapping:
    """The tree of a problem file's text; everything that is wrong with its YAML is raised at once."""
    encoded = _encode(text, name)
    _check_size(len(encoded), name)
    if not text.strip("\ufeff \t\r\n"):
        raise ProblemError(Fault("the file is empty", "a problem in YAML; `derive new` writes one", where=name))
    composer = _Composer(name)
    try:
        with suppress(_TooDeepError):
            composer.run(yaml.parse(encoded, Loader=_Loader))
    except yaml.YAMLError as error:
        composer.faults.append(_syntax_fault(error, name))
    if composer.faults:
        raise ProblemError(*composer.faults)
    if not isinstance(composer.root, Mapping):
        expected = "a mapping of keys such as `title:`, `forward:`, `parameters:`"
        raise ProblemError(Fault(f"the file holds {describe(composer.root)}", expected, where=f"{name}:1"))
    return composer.root


def _encode(text: str, name: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ProblemError(Fault("the text holds half of a surrogate pair", "text in Unicode", where=name)) from error


def _decode(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"a byte that is not UTF-8 (0x{content[error.start]:02x})"
        hint = "save the file as UTF-8"
        raise ProblemError(Fault(found, "text in UTF-8", hint, where=f"{where}:{line}")) from error


def _check_size(size: int, where: str) -> None:
    if size > SIZE_LIMIT:
        found = f"a file of {size / 1e6:.1f} MB"
        raise ProblemError(Fault(found, f"at most {SIZE_LIMIT / 1e6:.0f} MB", where=where))


def _syntax_fault(error: yaml.YAMLError, name: str) -> Fault:
    """What the YAML parser says, with a hint for the two slips that are made most often."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable")
    mark = getattr(error, "problem_mark", None)
    where = f"{name}:{mark.line + 1}" if mark else name
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "a text that holds `: ` must stand in quotes"
    elif "cannot start any token" in problem:
        hint = "indent with spaces, not tabs; a text that starts with @, ` or % must stand in quotes"
    return Fault(f"this is not YAML: {problem}", "a problem in YAML", hint, where=where)


class _TooDeepError(Exception):
    """Stops the parser at the first bracket beyond the limit; the fault is noted already."""


@dataclass
class _Frame:
    """An open collection; in a mapping, the key read last and whether its value is still to come."""

    collection: Sequence | Mapping
    key: Scalar | None = None
    awaits_value: bool = False


@dataclass
class _Composer:
    """Builds the tree with an explicit stack, so that no nesting can exhaust Python's own."""

    name: str
    root: Tree = None
    faults: list[Fault] = field(default_factory=list)
    _stack: list[_Frame] = field(default_factory=list)
    _documents: int = 0

    def run(self, events: Iterator[yaml.Event]) -> None:
        for event in events:
            line = event.start_mark.line + 1 if event.start_mark else 1
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
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(line, f"the tag `{tag}`", "plain values: tags are not read")

    def _start_document(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._fault(line, "a second document (`---`)", "one problem in a file")

    def _open(self, collection: Sequence | Mapping) -> None:
        if len(self._stack) >= DEPTH_LIMIT:
            self._fault(collection.line, f"more than {DEPTH_LIMIT} levels of nesting", "numbers in lists of lists")
            raise _TooDeepError
        self._place(collection)
        self._stack.append(_Frame(collection))

    def _place(self, node: Scalar | Sequence | Mapping) -> None:
        """Put a finished or just opened value where it belongs: into the list, under the pending key, or as a key."""
        value = None if isinstance(node, Scalar) and node.plain and node.text in _NULLS else node
        if not self._stack:
            self.root = value if self._documents <= 1 else self.root
            return
        frame = self._stack[-1]
        if isinstance(frame.collection, Sequence):
            frame.collection.append(value)
        elif frame.key and frame.awaits_value:
            self._enter(frame.collection, frame.key, value)
            frame.awaits_value = False
        else:
            frame.key, frame.awaits_value = self._key(node), True

    def _key(self, node: Scalar | Sequence | Mapping) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self._fault(node.line, f"{describe(node)} as a key", "a word as a key")
        return Scalar("", "", node.line)

    def _enter(self, parent: Mapping, key: Scalar, value: Tree) -> None:
        if key.text == "<<" and key.plain:
            self._fault(key.line, "the merge key `<<`", "the keys themselves: merging is not read")
        elif key.text in parent:
            first = parent.key_lines[key.text]
            found = f"the key `{key.text}` stands twice, on line {first} and on line {key.line}"
            self._fault(key.line, found, "each key once")
        else:
            parent[key.text] = value
            parent.key_lines[key.text] = key.line

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

    def _fault(self, line: int, found: str, expected: str) -> None:
        self.faults.append(Fault(found, expected, where=f"{self.name}:{line}", path=path_text(self._path())))
