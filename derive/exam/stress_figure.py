"""The figure of a stress test: where the answers lie, what each requirement accepts, and how hard the variants are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derive.exam.stress import Stress
from derive.render.mathtext import label
from derive.render.notation import Notation
from derive.render.plots import (
    BACKWARD,
    CENTIMETRE,
    FAINT,
    FORWARD,
    INK,
    QUIET,
    SMALL,
    TEXT,
    Format,
    content_of,
    own_settings,
)
from derive.sheet.blocks import Symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 0.42  # centimetres for an answer
LEAST_HEIGHT = 9.0
BINS = 30


def draw_stress(found: Stress, format: Format = "pdf") -> bytes:
    """A row for each entry of an answer; beside it the requirements, and the work of the variants."""
    from matplotlib.figure import Figure

    height = max(LEAST_HEIGHT, 2.0 + ROW * len(found.answers))
    with own_settings():
        figure = Figure(figsize=(17 * CENTIMETRE, height * CENTIMETRE), layout="constrained")
        grid = figure.add_gridspec(2, 2, width_ratios=(3, 2))
        _draw_answers(figure.add_subplot(grid[:, 0]), found)
        _draw_acceptance(figure.add_subplot(grid[0, 1]), found)
        _draw_work(figure.add_subplot(grid[1, 1]), found)
        return content_of(figure, format)


def _draw_answers(axes: Axes, found: Stress) -> None:
    """The range of each answer thin, its middle half thick, its median as a point."""
    for row, answer in enumerate(found.answers):
        least, quarter, median, three, largest = answer.quantiles
        axes.plot([least, largest], [row, row], color=QUIET, linewidth=0.8, solid_capstyle="butt")
        axes.plot([quarter, three], [row, row], color=FORWARD, linewidth=3.2, solid_capstyle="butt")
        axes.plot([median], [row], marker="o", markersize=2.6, color="white", markeredgecolor=INK, markeredgewidth=0.6)
    axes.axvline(0, color=QUIET, linewidth=0.6)
    program = found.pool.settings[0].program
    notation = Notation(found.problem.notation, program.rows, program.first, program.ranks)
    labels = [label(Symbol(answer.quantity, answer.place), notation) for answer in found.answers]
    axes.set_yticks(range(len(found.answers)), labels)
    axes.set_ylim(len(found.answers) - 0.4, -0.6)
    _set_out(axes, "answers: range, middle half, median")


def _draw_acceptance(axes: Axes, found: Stress) -> None:
    """The share of candidates that each requirement accepts: of those that reach it, and (pale) of all."""
    tally = found.pool.tally
    gates = [gate for gate in tally.reached if tally.acceptance(gate) < 1 or found.alone.get(gate, 1) < 1]
    for row, gate in enumerate(gates):
        axes.barh(row, 100 * tally.acceptance(gate), height=0.6, color=FORWARD)
        if gate in found.alone:
            share = 100 * found.alone[gate]
            axes.plot([share, share], [row - 0.38, row + 0.38], color=BACKWARD, linewidth=1.4)
    axes.set_yticks(range(len(gates)), [gate.replace("_", " ") for gate in gates])
    axes.set(xlim=(0, 100), ylim=(max(len(gates), 1) - 0.4, -0.6))
    _set_out(axes, "accepted in %, alone in red")


def _draw_work(axes: Axes, found: Stress) -> None:
    """How many variants take how much work."""
    axes.hist(found.work, bins=min(BINS, max(5, len(np.unique(found.work)))), color=FORWARD)
    axes.axvline(float(found.work.mean()), color=BACKWARD, linewidth=1.2)
    axes.set_yticks([])
    _set_out(axes, f"work by hand: {found.work.mean():.0f} points, spread {found.spread:.1%}")


def _set_out(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=TEXT, color=INK, loc="left")
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=INK)
    for edge in axes.spines.values():
        edge.set(color=QUIET, linewidth=0.6)
