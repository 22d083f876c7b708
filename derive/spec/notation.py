"""`notation:` a preset, or a table from names to LaTeX; the LaTeX is mathematics and nothing else."""

from __future__ import annotations

import re

from derive.spec.faults import Flaw, FlawedValueError, listing, shorten, suggestion
from derive.spec.tree import Mapping, Scalar, Tree, describe

PRESETS = ("bishop",)  # a, z, y and t, which the short form uses anyway
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


def read_notation(tree: Tree) -> str | dict[str, str]:
    """The name of a preset, or a table of symbols."""
    if isinstance(tree, Scalar):
        return _read_preset(tree)
    if not isinstance(tree, Mapping):
        raise FlawedValueError(Flaw(describe(tree), "a preset, or a table from names to LaTeX"))
    flaws = [flaw for name, value in tree.items() if (flaw := _latex_flaw(name, value))]
    if flaws:
        raise FlawedValueError(*flaws)
    return {name: value.text for name, value in tree.items() if isinstance(value, Scalar)}


def _read_preset(tree: Scalar) -> str:
    if tree.text not in PRESETS:
        expected = f"one of {listing(PRESETS)}, or a table from names to LaTeX"
        raise FlawedValueError(Flaw(f"the unknown preset {describe(tree)}", expected, suggestion(tree.text, PRESETS)))
    return tree.text


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
