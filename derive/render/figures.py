"""The pictures of a sheet, as PDF files under the names by which its LaTeX includes them."""

from __future__ import annotations

from derive.render.notation import Notation
from derive.render.templates import Words
from derive.sheet.model import Sheet


def figure_name(kind: str, number: int) -> str:
    """The file of a figure, counted from 1 through a sheet: `solution-2.pdf`."""
    return f"{kind}-{number}.pdf"


def sheet_figures(sheet: Sheet, words: Words) -> dict[str, bytes]:
    """Every figure of the sheet, in the order in which its blocks are printed."""
    if not any(entry.blocks for section in sheet.sections for entry in section.entries):
        return {}
    from derive.render.plots import render_plot
    from derive.sheet.blocks import Plots

    notation = Notation(sheet.notation, sheet.rows, sheet.first, sheet.ranks)
    blocks = (block for section in sheet.sections for entry in section.entries for block in entry.blocks)
    plots = (plot for block in blocks if isinstance(block, Plots) for plot in block.plots)
    return {
        figure_name(sheet.kind, number): render_plot(plot, notation, words)
        for number, plot in enumerate(plots, start=1)
    }
