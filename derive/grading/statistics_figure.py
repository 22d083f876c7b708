"""The figure of a class: a bar for each step, divided by outcome, and beside it the slips made there most often."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from derive.grading.statistics import OUTCOMES, Statistics, StepStatistics
from derive.render.mathtext import escaped, label
from derive.render.notation import Notation
from derive.render.plots import (
    BACKWARD,
    CENTIMETRE,
    FAINT,
    FORWARD,
    INK,
    QUIET,
    RULE,
    SMALL,
    TEXT,
    UPDATE,
    Format,
    content_of,
    own_settings,
)
from derive.sheet.blocks import Symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, MARGIN = 1.0, 2.6  # centimetres for a step, and above and below all of them
WIDTH, NAMED, LETTERS = 17.0, 2, 58  # of the figure, slips of a step that are named, letters of a line
FILLS: dict[str, dict[str, Any]] = {  # told apart without their colours, too
    "right": {"facecolor": UPDATE},
    "carried": {"facecolor": FORWARD, "hatch": "////", "edgecolor": "white"},
    "wrong": {"facecolor": BACKWARD, "hatch": "....", "edgecolor": "white"},
    "missing": {"facecolor": FAINT, "edgecolor": RULE},
}


def draw_statistics(found: Statistics, format: Format = "pdf") -> bytes:
    """Stacked bars in per cent of the students, one below the other."""
    from matplotlib.figure import Figure

    height = MARGIN + ROW * len(found.steps)
    with own_settings():
        figure = Figure(figsize=(WIDTH * CENTIMETRE, height * CENTIMETRE), layout="constrained")
        bars, texts = figure.subplots(1, 2, sharey=True, width_ratios=(5, 4))
        _draw_bars(bars, found)
        _draw_slips(texts, found)
        return content_of(figure, format)


def _draw_bars(axes: Axes, found: Statistics) -> None:
    for row, step in enumerate(found.steps):
        start = 0.0
        for outcome in OUTCOMES:
            width = 100 * step.share(outcome)
            axes.barh(row, width, left=start, height=0.62, linewidth=0.4, **FILLS[outcome])
            start += width
    axes.set_yticks(range(len(found.steps)), [_label(step, found) for step in found.steps])
    axes.set(xlim=(0, 100), ylim=(len(found.steps) - 0.4, -0.6))
    axes.set_title("students in %", fontsize=TEXT, color=INK, loc="left")
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=INK)
    for edge in axes.spines.values():
        edge.set(color=QUIET, linewidth=0.6)
    _draw_legend(axes)


def _label(step: StepStatistics, found: Statistics) -> str:
    name = label(Symbol(step.name), Notation(found.notation.get(step.problem, {})))
    return f"{escaped(step.problem)}: {name}" if step.problem else name


def _draw_legend(axes: Axes) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(label=outcome, linewidth=0.4, **FILLS[outcome]) for outcome in OUTCOMES]
    axes.figure.legend(handles=handles, loc="outside lower left", ncols=len(OUTCOMES), frameon=False, fontsize=SMALL)


def _draw_slips(axes: Axes, found: Statistics) -> None:
    """The slips that were made most often in a step, in words."""
    axes.set_title("most frequent slips", fontsize=TEXT, color=INK, loc="left")
    axes.set_xlim(0, 1)
    axes.axis("off")
    for row, step in enumerate(found.steps):
        lines = [f"{slip.count} \u00d7 {slip.sentence}" for slip in step.slips[:NAMED]]
        text = "\n".join(escaped(textwrap.shorten(line, LETTERS, placeholder=" \u2026")) for line in lines)
        axes.text(0, row, text, fontsize=SMALL - 1, color=INK, va="center", family="DejaVu Sans")
