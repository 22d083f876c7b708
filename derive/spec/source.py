"""From bytes to a tree of scalars, sequences and mappings that remember their lines; JSON, a subset of YAML, too."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml
from yaml.reader import Reader, ReaderError

from derive.errors import Fault, ProblemError
from derive.spec.blocks import Blocks
from derive.spec.composer import Composer
from derive.spec.tree import Mapping, TreePath, describe, words, words_in

SIZE_LIMIT = 4_000_000
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


class Source(NamedTuple):
    """The tree of a file as far as it is YAML, with what is wrong (line, fault).

    `lost` are the places of values that cannot be used, `words` the words that stand in them and in what was left out.
    Unless the file is `whole`, keys that are missing may be among what could not be read.
    """

    tree: Mapping
    faults: tuple[tuple[int, Fault], ...]
    lost: frozenset[TreePath]
    words: frozenset[str]
    whole: bool


def compose(text: str, name: str) -> Source:
    """The tree of a problem file's text; raises only where there is nothing to go on with."""
    _check_size(len(_encode(text, name)), name)
    if not text.strip("\ufeff \t\r\n"):
        raise ProblemError(Fault("the file is empty", "a problem in YAML; `derive new` writes one", where=name))
    blocks = Blocks(text)
    composer, error = _run(blocks, name)
    faults = composer.faults + [_syntax_fault(told, text, name) for told in (*blocks.errors.values(), error) if told]
    if not isinstance(composer.root, Mapping):
        raise ProblemError(*(fault for _, fault in sorted(faults, key=lambda entry: entry[0]) or [_no_table(composer)]))
    keys = blocks.keys()
    lost = composer.lost | {(key,) for key in keys if key}
    if error:
        lost |= {(key,) for key in list(composer.root)[-1:]}
    return Source(
        composer.root,
        tuple(faults),
        frozenset(lost),
        frozenset((*words(*composer.dropped), *words_in(blocks.lost()))),
        composer.is_whole and not error and None not in keys,
    )


def _run(blocks: Blocks, name: str) -> tuple[Composer, yaml.YAMLError | None]:
    """Read what is YAML, block by block where there are errors; also the error that could not be passed."""
    while True:
        composer = Composer(name)
        try:
            composer.run(yaml.parse(_encode(blocks.remaining(), name), Loader=_Loader))
        except yaml.YAMLError as error:
            if not isinstance(error, yaml.MarkedYAMLError) or not blocks.blank(error):
                return composer, error
        else:
            return composer, None


def _no_table(composer: Composer) -> tuple[int, Fault]:
    expected = "a mapping of keys such as `title:`, `forward:`, `parameters:`"
    return 1, Fault(f"the file holds {describe(composer.root)}", expected, where=f"{composer.name}:1")


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


def _syntax_fault(error: yaml.YAMLError, text: str, name: str) -> tuple[int, Fault]:
    """What the YAML parser says, with a hint for the slips that are made most often."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable")
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    if isinstance(error, ReaderError) and (character := Reader.NON_PRINTABLE.search(text)):
        line = text.count("\n", 0, character.start()) + 1
    where = f"{name}:{line}" if line else name
    return line, Fault(f"this is not YAML: {problem}", "a problem in YAML", _syntax_hint(error, problem), where=where)


def _syntax_hint(error: yaml.YAMLError, problem: str) -> str:
    context, opened = str(getattr(error, "context", None) or ""), getattr(error, "context_mark", None)
    if "mapping values are not allowed" in problem:
        return "a text that holds `: ` must stand in quotes; a key ends with a colon"
    if "could not find expected ':'" in problem:
        return f"line {opened.line + 1} is no `key: value`; a key ends with a colon" if opened else ""
    if "tab character" in problem or "cannot start any token" in problem:
        return "indent with spaces, not tabs; a text that starts with @, ` or % must stand in quotes"
    if opened and context.startswith(("while parsing a flow", "while scanning a quoted")):
        return f"is the {'bracket' if 'flow' in context else 'quote'} that opens on line {opened.line + 1} closed?"
    if "did not find expected key" in problem:
        return "keys of one table stand in one column; a bracket or quote may be one too many"
    return ""
