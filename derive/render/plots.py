"""Plot -> PDF or SVG by matplotlib: vector graphics in the sheet's fonts and colours, equal bytes for equal figures."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from derive.render.mathtext import label
from derive.render.notation import Notation
from derive.render.templates import Words as WordTables
from derive.sheet.blocks import Axis, Curve, Mark, Plot
from derive.sheet.plots.axes import grid_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Format = Literal["pdf", "svg"]
NARROW, WIDE = (7.5, 5.2), (15.0, 5.8)  # centimetres: two side by side, or one across the page
TOP, BOTTOM, RIGHT, LEGEND = 0.75, 0.95, 0.3, 2.6  # centimetres around the grid
DIGIT, TEXT, SMALL = 0.15, 9.0, 8.0  # the width of a digit in centimetres; points
CENTIMETRE = 1 / 2.54
INK, QUIET, RULE, FAINT = "#1B1F24", "#6B7280", "#C4CAD3", "#E6E9EE"
FORWARD, BACKWARD, UPDATE, JACOBIAN = "#1D4E89", "#B23A48", "#2E7D4F", "#6B4C9A"
CURVES: dict[str, dict[str, Any]] = {
    "curve": {"color": FORWARD, "linewidth": 1.5},
    "derivative": {"color": BACKWARD, "linewidth": 1.5},
    "tangent": {"color": BACKWARD, "linewidth": 1.1, "linestyle": (0, (6, 2.5))},
    "guide": {"color": INK, "linewidth": 0.7, "linestyle": (0, (1.5, 1.5))},
    "asymptote": {"color": QUIET, "linewidth": 0.9, "linestyle": (0, (1, 2))},
}
FAMILY: tuple[dict[str, Any], ...] = tuple(  # told apart without their colours, too
    {"color": color, "linewidth": 1.5, "linestyle": style}
    for color, style in (
        (FORWARD, "solid"),
        (BACKWARD, (0, (6, 2))),
        (UPDATE, (0, (6, 2, 1.2, 2))),
        (JACOBIAN, (0, (1.5, 1.5))),
        (INK, (0, (9, 3))),
        (QUIET, (0, (3, 1.5, 1, 1.5, 1, 1.5))),
    )
)
MARKS: dict[str, dict[str, Any]] = {
    "start": {"marker": "o", "markersize": 5.5, "color": BACKWARD, "markeredgecolor": "white"},
    "kink": {"marker": "D", "markersize": 4, "color": "white", "markeredgecolor": FORWARD, "markeredgewidth": 1.1},
    "read": {"marker": "x", "markersize": 5.5, "color": INK, "markeredgewidth": 1.2},
    "open": {"marker": "o", "markersize": 4.5, "color": "white", "markeredgecolor": BACKWARD, "markeredgewidth": 1.2},
    "closed": {"marker": "o", "markersize": 4.5, "color": BACKWARD},
}
SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "derive",  # the names of parts, which would be random otherwise
    "svg.fonttype": "path",
    "path.simplify": False,
    "axes.unicode_minus": False,
    "axes.formatter.use_mathtext": True,
    "font.family": ["cmr10", "DejaVu Sans"],
    "mathtext.fontset": "cm",
}
NO_METADATA: dict[Format, dict[str, None]] = {
    "pdf": dict.fromkeys(("Creator", "Producer", "CreationDate")),
    "svg": dict.fromkeys(("Creator", "Date", "Format", "Type")),
}


def render_plot(plot: Plot, notation: Notation, words: WordTables | None = None, *, format: Format = "pdf") -> bytes:
    """The figure at the size at which it is to be included."""
    from matplotlib.figure import Figure

    width, height = WIDE if plot.wide else NARROW
    with own_settings():
        figure = Figure(figsize=(width * CENTIMETRE, height * CENTIMETRE))
        axes = figure.add_axes(_frame(plot, width, height))
        _draw_grid(axes, plot)
        _draw_names(axes, plot, notation, words)
        _draw_curves(axes, plot, notation, words)
        for mark in plot.marks:
            _draw_mark(axes, mark)
        if plot.legend:
            _draw_legend(axes, plot, words)
        return content_of(figure, format)


def content_of(figure: Figure, format: Format) -> bytes:
    """The file of a figure, without a date or a version in it; to be called within `own_settings`."""
    content = io.BytesIO()
    figure.savefig(content, format=format, metadata=NO_METADATA[format], transparent=True)
    return content.getvalue()


@contextmanager
def own_settings() -> Iterator[None]:
    """Our own settings, whatever the user's are; afterwards those stand again."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        yield


def _frame(plot: Plot, width: float, height: float) -> tuple[float, float, float, float]:
    """Left, bottom, width and height of the grid as parts of the figure; numbers and names stand around it."""
    longest = max((len(text) for _, text in numbers(plot.vertical)), default=1)
    left = 0.35 + DIGIT * longest
    right = LEGEND if _is_family(plot) else RIGHT
    return left / width, BOTTOM / height, (width - left - right) / width, (height - TOP - BOTTOM) / height


def _is_family(plot: Plot) -> bool:
    return any(curve.label for curve in plot.curves)


# ------------------------------------------------------------------------------------------------ the grid


def power_of_ten(axis: Axis) -> int:
    """What numbers at an axis are divided by, so that they stay short: 10 to this power."""
    largest = max(abs(axis.low), abs(axis.high))
    if axis.logarithmic or (axis.major >= 1e-3 and largest < 1e5):
        return 0
    return math.floor(math.log10(largest))


def numbers(axis: Axis) -> list[tuple[float, str]]:
    """The places of the numbers at an axis, and how they print."""
    if axis.logarithmic:
        first, last = (round(math.log10(end)) for end in (axis.low, axis.high))
        step = max(1, -(-(last - first) // 8))
        return [(10.0**power, f"$10^{{{power}}}$") for power in range(first, last + 1, step)]
    scale = Fraction(10) ** power_of_ten(axis)
    between = Fraction(str(axis.major)) / scale
    places = next(places for places in range(400) if (between * 10**places).denominator == 1)
    return [(float(line), f"{float(line / scale):.{places}f}") for line in grid_lines(axis, axis.major)]


def _draw_grid(axes: Axes, plot: Plot) -> None:
    for axis, own, lines in (
        (plot.horizontal, axes.xaxis, axes.axvline),
        (plot.vertical, axes.yaxis, axes.axhline),
    ):
        if axis.logarithmic:
            own.axes.set_xscale("log") if own is axes.xaxis else own.axes.set_yscale("log")
        limits = axes.set_xlim if own is axes.xaxis else axes.set_ylim
        limits(axis.low, axis.high)
        for line in _fine_lines(axis):
            lines(line, color=FAINT, linewidth=0.4, zorder=0.5)
        shown = numbers(axis)
        for line, _ in shown:
            lines(line, color=RULE, linewidth=0.7, zorder=0.6)
        if not axis.logarithmic and axis.low < 0 < axis.high:
            lines(0, color=QUIET, linewidth=0.9, zorder=0.7)
        own.set_ticks(
            [place for place, _ in shown], [_as_number(text) for text in _sparse(shown, own is axes.xaxis, plot)]
        )
        own.set_tick_params(which="both", length=0, labelsize=SMALL, labelcolor=INK, pad=4)
        own.set_minor_locator(_no_ticks())
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_math_fontfamily("cm")
    for edge in axes.spines.values():
        edge.set(color=QUIET, linewidth=0.7)


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _fine_lines(axis: Axis) -> list[float]:
    if not axis.logarithmic:
        return [float(line) for line in grid_lines(axis, axis.minor)]
    first, last = (round(math.log10(end)) for end in (axis.low, axis.high))
    return [digit * 10.0**power for power in range(first, last) for digit in range(2, 10)]


def _sparse(shown: list[tuple[float, str]], is_horizontal: bool, plot: Plot) -> list[str]:
    """The numbers, every second one left out where they would run into each other."""
    width = (WIDE[0] - LEGEND if plot.wide else NARROW[0]) - 1.2
    widest = max((len(text) for _, text in shown if not text.startswith("$")), default=0)
    crowded = is_horizontal and len(shown) * (widest + 1) * DIGIT > width
    return [text if not crowded or number % 2 == 0 else "" for number, (_, text) in enumerate(shown)]


def _as_number(text: str) -> str:
    return text if not text or text.startswith("$") else f"${text}$"


# ------------------------------------------------------------------------------------------------ names and lines


def _draw_names(axes: Axes, plot: Plot, notation: Notation, words: WordTables | None) -> None:
    """The name of the vertical axis above it, that of the horizontal one below its end, the title at the right."""
    style: dict[str, Any] = {"fontsize": TEXT + 1, "color": INK, "math_fontfamily": "cm"}
    above = _scaled(label(plot.vertical.label, notation, words), plot.vertical)
    along = _scaled(label(plot.horizontal.label, notation, words), plot.horizontal)
    axes.annotate(above, (0, 1), (-4, 5), "axes fraction", "offset points", ha="left", va="bottom", **style)
    axes.annotate(along, (1, 0), (0, -16), "axes fraction", "offset points", ha="right", va="top", **style)
    if plot.title:
        title = label(plot.title, notation, words)
        axes.annotate(title, (1, 1), (0, 5), "axes fraction", "offset points", ha="right", va="bottom", **style)


def _scaled(name: str, axis: Axis) -> str:
    """`L / 10^6` where the numbers at the axis are divided."""
    power = power_of_ten(axis)
    return rf"{name}$\;/\;10^{{{power}}}$" if power else name


def _draw_curves(axes: Axes, plot: Plot, notation: Notation, words: WordTables | None) -> None:
    styles: dict[Any, dict[str, Any]] = {}
    for curve in plot.curves:
        style, name = CURVES[curve.style], None
        if curve.label:
            name = label(curve.label, notation, words) if curve.label not in styles else None
            style = styles.setdefault(curve.label, FAMILY[len(styles) % len(FAMILY)])
        # not clipped: the curves end at the frame, and one that runs along it should have its full width
        axes.plot(curve.x, curve.y, label=name, zorder=_depth(curve), clip_on=False, solid_capstyle="butt", **style)
    if styles:
        legend = axes.legend(
            loc="center left",
            bbox_to_anchor=(1.01, 0.5),
            frameon=False,
            fontsize=TEXT,
            handlelength=2.6,
            labelcolor=INK,
        )
        for text in legend.get_texts():
            text.set_math_fontfamily("cm")


def _depth(curve: Curve) -> float:
    return {"asymptote": 2.6, "guide": 2.7, "tangent": 2.9}.get(curve.style, 2.8)


def _draw_legend(axes: Axes, plot: Plot, words: WordTables | None) -> None:
    """What the marks and the tangent are, in a line above the frame; nothing of what is not drawn."""
    from matplotlib.lines import Line2D

    styles = [(f"legend_{curve.style}", CURVES[curve.style]) for curve in plot.curves if curve.style == "tangent"]
    styles += [(f"legend_{mark.style}", {"linestyle": "none", **MARKS[mark.style]}) for mark in plot.marks]
    table = words["questions"] if words else {}
    handles = [
        Line2D([], [], label=table.get(key, key.removeprefix("legend_")), **style)
        for key, style in dict(styles).items()
    ]
    if handles:
        place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 0.985), "ncol": len(handles)}
        room: dict[str, Any] = {"handlelength": 1.8, "handletextpad": 0.5, "columnspacing": 1.3, "borderaxespad": 0.2}
        axes.legend(handles=handles, frameon=False, fontsize=SMALL, labelcolor=INK, **place, **room)


def _draw_mark(axes: Axes, mark: Mark) -> None:
    axes.plot([mark.x], [mark.y], linestyle="none", zorder=3, clip_on=False, **MARKS[mark.style])
