"""Figures on a grid: a quantity along one number, activation functions, families of curves; no format, no picture."""

from derive.sheet.plots.activations import activation_plots
from derive.sheet.plots.axes import PlotError
from derive.sheet.plots.reading import Reading
from derive.sheet.plots.slices import Slice, slice_along, slice_plot
from derive.sheet.plots.sweeps import sweep_plot
from derive.sheet.plots.variation import Variation, parse_entry

__all__ = [
    "PlotError",
    "Reading",
    "Slice",
    "Variation",
    "activation_plots",
    "parse_entry",
    "slice_along",
    "slice_plot",
    "sweep_plot",
]
