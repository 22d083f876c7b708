"""What stands in a drawn graph as LaTeX, and about how wide it is: the same for every format."""

from __future__ import annotations

from collections.abc import Sequence

from derive.ops import ROWS
from derive.render.notation import Notation
from derive.render.runs import Run, runs
from derive.sheet.graph_layout import Layout, lay_out
from derive.sheet.model import Graph, GraphEdge

SYMBOL, LABEL = 10 / 28.45, 8 / 28.45  # centimetres of the letters of symbols and of all else
SMALLER = 0.72  # of an index


def place(graph: Graph, notation: Notation) -> Layout:
    """The graph in its place, from the widths of its symbols."""
    return lay_out(
        graph,
        lambda name: text_width(runs(notation.symbol(name)), SYMBOL),
        lambda edge: sum(text_width(part, LABEL) + 0.15 for part in label_runs(edge, notation)),
    )


def label_parts(edge: GraphEdge, notation: Notation) -> list[str]:
    """The parameters and the function at work, each as LaTeX."""
    labels = [notation.symbol(name) for name in edge.parameters]
    row = ROWS.get(edge.operation)
    if row and "{0}" not in row.tex:
        labels.append(row.tex)
    elif edge.operation and row is None:
        labels.append(rf"\mathrm{{{edge.operation}}}".replace("_", r"\_"))
    return labels


def label_runs(edge: GraphEdge, notation: Notation) -> list[tuple[Run, ...]]:
    """The same as pieces of text."""
    return [runs(label) for label in label_parts(edge, notation)]


def text_width(text: Sequence[Run], size: float) -> float:
    """About the width of a text, from the number of its letters."""
    return sum(
        size * SMALLER ** min(abs(run.level), 2) * sum(0.56 for sign in run.text if not is_combining(sign))
        for run in text
    )


def is_combining(sign: str) -> bool:
    """Whether a sign stands over the one before it."""
    return "\u0300" <= sign <= "\u036f" or sign == "\u20d7"
