"""What a sheet says about the conventions that decide its numbers: phrases with the mathematics that fills them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.render.latex import Latex, function_name
from derive.render.notation import Notation
from derive.sheet.choices import Choices, ChosenSlope

Filled = tuple[str, dict[str, str]]  # a key of the table of words, and its fields


def sentences(choices: Choices, notation: Notation) -> Iterator[Filled]:
    """New weights, frozen parameters, slopes at kinks: a sentence for each that there is."""
    for key, names in (("new_weights", choices.updated), ("frozen", choices.frozen)):
        if names:
            yield key, {"symbols": _listed([notation.symbol(name) for name in names])}
    for arity, key in ((1, "slopes_at_zero"), (2, "slopes_at_ties")):
        chosen = [slope for slope in choices.slopes if slope.function.row.arity == arity]
        if chosen:
            yield key, {"slopes": _listed([f"{slope_at_kink(slope)} = {Latex()(slope.value)}" for slope in chosen])}


def slope_at_kink(slope: ChosenSlope) -> str:
    r"""\operatorname{ReLU}'(0), or \partial \max(u, v) / \partial u of two arguments."""
    function = slope.function
    if function.row.arity == 2:
        return rf"\partial {Latex()(function)} / \partial u"
    return r"(\left|u\right|)'(0)" if "{0}" in function.row.tex else f"{function_name(function)}'(0)"


def _listed(pieces: Sequence[str]) -> str:
    return ", ".join(f"${piece}$" for piece in pieces)
