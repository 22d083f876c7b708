"""The figures of a training: the confusion matrix with its counts, and the curves of loss and accuracy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.ops import Array
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
    Format,
    content_of,
    own_settings,
)
from derive.training.loop import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CELL = 1.05  # centimetres: four digits fit into it
PARTS = 50  # of an epoch: so many means of batch losses are drawn
_DARK = 0.5  # from this shade on, numbers are white
Draw = Callable[[Training, Format], bytes]


def draw_confusion(training: Training, format: Format = "pdf") -> bytes:
    """How often each digit was taken for which: right answers blue, mistakes red, darker the larger their share."""
    counts = training.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with own_settings():
        figure, axes = _matrix_axes(len(counts))
        for row, column in np.ndindex(counts.shape):
            _draw_cell(axes, row, column, int(counts[row, column]), float(shares[row, column]))
        axes.set_xlabel("predicted", fontsize=TEXT, color=INK)
        axes.set_ylabel("actual", fontsize=TEXT, color=INK)
        return content_of(figure, format)


def _matrix_axes(classes: int) -> tuple[Figure, Axes]:
    """A square of cells, the rows from the top, a number at each."""
    from matplotlib.figure import Figure

    side, left, top = classes * CELL, 1.2, 1.2
    width, height = (left + side + 0.15) * CENTIMETRE, (top + side + 0.15) * CENTIMETRE
    figure = Figure(figsize=(width, height))
    part = side * CENTIMETRE
    axes = figure.add_axes((left * CENTIMETRE / width, 0.15 * CENTIMETRE / height, part / width, part / height))
    axes.set(xlim=(-0.5, classes - 0.5), ylim=(classes - 0.5, -0.5), xticks=range(classes), yticks=range(classes))
    axes.xaxis.set_label_position("top")
    axes.tick_params(
        length=0, labelsize=TEXT, labelcolor=INK, pad=3, top=True, labeltop=True, bottom=False, labelbottom=False
    )
    for edge in axes.spines.values():
        edge.set(color=QUIET, linewidth=0.7)
    return figure, axes


def _draw_cell(axes: Axes, row: int, column: int, count: int, share: float) -> None:
    from matplotlib.patches import Rectangle

    shade = share if row == column else share**0.5  # mistakes are rare, and shall be seen
    ground = _mixed(FORWARD if row == column else BACKWARD, shade)
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=ground, edgecolor=RULE, linewidth=0.4))
    ink = "white" if shade > _DARK else INK if count else QUIET
    axes.text(column, row, str(count), ha="center", va="center", fontsize=TEXT, color=ink)


def _mixed(color: str, shade: float) -> tuple[float, float, float]:
    """White at 0, the colour at 1."""
    from matplotlib.colors import to_rgb

    red, green, blue = (1 - shade * (1 - part) for part in to_rgb(color))
    return red, green, blue


def draw_curves(training: Training, format: Format = "pdf") -> bytes:
    """The training loss, batch by batch and as the mean of each epoch, and the accuracy on the test data."""
    from matplotlib.figure import Figure

    numbers = [epoch.number for epoch in training.epochs]
    with own_settings():
        figure = Figure(figsize=(15 * CENTIMETRE, 6 * CENTIMETRE), layout="constrained")
        losses, accuracies = figure.subplots(1, 2)
        losses.plot(*_smoothed(training), color=FORWARD, linewidth=0.7, alpha=0.45)
        middles = [number - 0.5 for number in numbers]
        losses.plot(middles, [epoch.loss for epoch in training.epochs], color=FORWARD, **_LINE)
        losses.set_ylim(bottom=0)
        accuracies.plot(numbers, [100 * epoch.accuracy for epoch in training.epochs], color=BACKWARD, **_LINE)
        for axes, title in ((losses, "training loss"), (accuracies, "test accuracy in %")):
            _set_out(axes, title, len(numbers))
        return content_of(figure, format)


_LINE: dict[str, Any] = {"linewidth": 1.5, "marker": "o", "markersize": 3.5}


def _smoothed(training: Training) -> tuple[Array, Array]:
    """Means of neighbouring batches, at the middle of each group, in epochs."""
    losses = np.asarray(training.losses)
    batches = len(losses) // max(len(training.epochs), 1)
    groups = np.array_split(np.arange(len(losses)), max(1, len(losses) // max(1, batches // PARTS)))
    places = np.array([(group.mean() + 0.5) / max(batches, 1) for group in groups if len(group)])
    return places, np.array([losses[group].mean() for group in groups if len(group)])


def _set_out(axes: Axes, title: str, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, fontsize=TEXT, color=INK, loc="left")
    axes.set_xlabel("epoch", fontsize=TEXT, color=INK)
    axes.set_xlim(0, epochs + 0.3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(color=FAINT, linewidth=0.6)
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=INK)
    for edge in axes.spines.values():
        edge.set(color=QUIET, linewidth=0.7)


FIGURES: Mapping[str, Draw] = {"confusion": draw_confusion, "learning-curve": draw_curves}
