r"""Symbols for figures: LaTeX as far as matplotlib's mathtext reads it, otherwise the plain name.

mathtext is no TeX: it expands no macros and reads no files, and what it does not know is an error, never a crash here.
"""

from __future__ import annotations

import functools
import re

from derive.ops import Tensor
from derive.render.latex import Latex
from derive.render.notation import DERIVATIVE, Notation
from derive.render.templates import Words as WordTables
from derive.sheet.blocks import Cell, Formula, Plain, Symbol, Words

LONGEST = 200  # characters; a longer formula is no label
_SPELLED = {
    r"\\[dt]frac(?![A-Za-z])": r"\\frac",
    r"\\(?:text|textup|mathsf|mathtt|textbf)(?![A-Za-z])": r"\\mathrm",
    r"\\(?:bm|mathbold)(?![A-Za-z])": r"\\boldsymbol",
    r"\\[bB]ig{1,2}[lr]?\s*(?=[()\[\]|])": "",
    r"\\(?:widehat)(?![A-Za-z])": r"\\hat",
    r"\\(?:widetilde)(?![A-Za-z])": r"\\tilde",
    r"(?:\\(?:left|right)\s*)?\\[lr]vert(?![A-Za-z])|\\(?:left|right)\s*\|": "|",
    r"\\displaystyle(?![A-Za-z])\s*": "",
}


def label(cell: Cell | None, notation: Notation, words: WordTables | None = None) -> str:
    """A cell as matplotlib draws it: mathematics between dollar signs, or text without any."""
    match cell:
        case None:
            return ""
        case Symbol(name, entry):
            return _symbol(name, ",".join(map(str, entry)), notation)
        case Formula(node, name):
            tensor = Tensor(name or "formula", node.shape)
            return mathematics(Latex(notation).oriented(node, tensor), escaped(str(node)))
        case Words(key, fields):
            table = words["questions"] if words else {}
            return _phrase(table.get(key, key.replace("_", " ")), dict(fields), notation)
        case Plain(text):
            return escaped(text)
        case _:
            raise TypeError(f"no label for {type(cell).__name__}")


def _symbol(name: str, index: str, notation: Notation) -> str:
    """A symbol, with an index where it is that of an entry; a derivative on one line, which is large enough to read."""
    plain = escaped(f"{name}[{index}]" if index else name)
    derivative = DERIVATIVE.fullmatch(name)
    if index:
        return mathematics(notation.symbol(f"{name}[{index}]"), plain)
    if derivative and name not in notation.table:
        upper, lower = (notation.symbol(derivative[part]) for part in ("upper", "lower"))
        return mathematics(rf"\partial {upper}\,/\,\partial {lower}", plain)
    return mathematics(notation.symbol(name), plain)


def _phrase(template: str, fields: dict[str, str], notation: Notation) -> str:
    """A phrase with its gaps filled in, where `$` only encloses mathematics of ours."""
    parts = re.split(r"\$?\{(\w+)\}\$?", template)
    filled = [
        label(Symbol(fields[part]), notation) if place % 2 and part in fields else escaped(part)
        for place, part in enumerate(parts)
    ]
    return "".join(filled)


def escaped(text: str) -> str:
    """Text that is drawn as it is; signs that control a terminal or a file are left out."""
    printable = "".join(sign for sign in re.sub(r"\s+", " ", text) if sign.isprintable())
    return printable.replace("\\", "\\\\").replace("$", r"\$")


def mathematics(latex: str, otherwise: str) -> str:
    """`$...$` if mathtext can draw it, otherwise the other text."""
    for pattern, spelled in _SPELLED.items():
        latex = re.sub(pattern, spelled, latex)
    return f"${latex}$" if is_drawable(latex) else otherwise


@functools.lru_cache(maxsize=512)
def is_drawable(latex: str) -> bool:
    """Whether mathtext reads the formula."""
    from matplotlib.mathtext import MathTextParser

    if not latex.strip() or len(latex) > LONGEST or "$" in latex or not latex.isprintable():
        return False
    try:
        MathTextParser("path").parse(f"${latex}$", dpi=72)
    except (ValueError, RecursionError):
        return False
    return True
