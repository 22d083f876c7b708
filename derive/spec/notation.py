"""`notation:` a preset, a table from names to LaTeX, or both; the LaTeX is mathematics and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping as TableOf
from dataclasses import dataclass, field

from derive.spec.faults import Flaw, FlawedValueError, listing, shorten, suggestion
from derive.spec.presets import PRESETS
from derive.spec.tree import Mapping, Scalar, Tree, describe

PRESET = "preset"  # the key of a table under which the name of a preset stands
LATEX_LIMIT = 80

_FILES = "input include includegraphics verbatiminput endinput write openin openout read readline newread newwrite"
_DEFINITIONS = "def edef gdef xdef let futurelet newcommand renewcommand providecommand csname endcsname expandafter"
_STRUCTURE = "catcode immediate special usepackage RequirePackage documentclass begin end loop repeat par outer"
_ENGINE = "directlua primitive jobname makeatletter scantokens"
_FORBIDDEN_WORDS = frozenset(f"{_FILES} {_DEFINITIONS} {_STRUCTURE} {_ENGINE}".split())
_FORBIDDEN_CHARACTERS = ("^^", "%", "#", "$", "&")
_EXAMPLES = r"\boldsymbol{x} or \hat{y}"
_CONTROL_WORD = re.compile(r"\\([A-Za-z@]+)")
_BRACE = re.compile(r"\\.|([{}])")


@dataclass(frozen=True)
class Notation:
    """The preset and the table of a file; the table goes before the preset."""

    preset: str | None = None
    table: TableOf[str, str] = field(default_factory=dict)


def read_notation(tree: Tree) -> Notation:
    """The name of a preset, or a table of symbols, in which `preset` may name one."""
    if isinstance(tree, Scalar):
        if flaw := _preset_flaw(tree):
            raise FlawedValueError(flaw)
        return Notation(tree.text)
    if not isinstance(tree, Mapping):
        raise FlawedValueError(Flaw(describe(tree), "a preset, or a table from names to LaTeX"))
    flaws = [flaw for name, value in tree.items() if (flaw := _entry_flaw(name, value))]
    if flaws:
        raise FlawedValueError(*flaws)
    texts = {name: value.text for name, value in tree.items() if isinstance(value, Scalar)}
    return Notation(texts.pop(PRESET, None), texts)


def _entry_flaw(name: str, value: Tree) -> Flaw | None:
    return _preset_flaw(value, name) if name == PRESET else _latex_flaw(name, value)


def _preset_flaw(tree: Tree, *path: str) -> Flaw | None:
    if isinstance(tree, Scalar) and tree.text in PRESETS:
        return None
    expected = f"one of {listing(PRESETS)}{'' if path else ', or a table from names to LaTeX'}"
    found, hint = f"the unknown preset {describe(tree)}", suggestion(getattr(tree, "text", ""), PRESETS)
    return Flaw(found, expected, hint, path=path)


def _latex_flaw(name: str, value: Tree) -> Flaw | None:
    """Why a value may not be typeset as a symbol, if it may not."""
    if not isinstance(value, Scalar) or not value.text.strip():
        return Flaw(describe(value), rf"LaTeX for a symbol, such as {_EXAMPLES}", path=(name,))
    if len(value.text) > LATEX_LIMIT:
        return Flaw(f"LaTeX of {len(value.text)} characters", f"at most {LATEX_LIMIT}", path=(name,))
    if found := _forbidden(value.text):
        return Flaw(f"{found} in `{shorten(value.text)}`", f"mathematical LaTeX, such as {_EXAMPLES}", path=(name,))
    return None


def _forbidden(latex: str) -> str:
    """The first thing in a piece of LaTeX that is not mathematics, in words."""
    for word in _CONTROL_WORD.findall(latex):
        if word in _FORBIDDEN_WORDS or "@" in word:
            return rf"`\{word}`"
    for characters in _FORBIDDEN_CHARACTERS:
        if characters in latex:
            return f"`{characters}`"
    if not latex.isprintable():
        return "a line break or control character"
    return "" if _is_balanced(latex) else "a brace without its partner"


def _is_balanced(latex: str) -> bool:
    r"""Whether every brace has its partner; `\{` is no brace, and no backslash is left over at the end."""
    depth = 0
    for brace in _BRACE.findall(latex):
        depth += (brace == "{") - (brace == "}")
        if depth < 0:
            return False
    return depth == 0 and not re.search(r"(?<!\\)(?:\\\\)*\\$", latex)
