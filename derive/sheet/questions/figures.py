"""Questions that are answered by a figure: a slice of the loss, curves against a constant, activation functions."""

from __future__ import annotations

import sympy

from derive.errors import Fault, ProblemError
from derive.evaluate import Values
from derive.ops import Constant, is_single
from derive.sheet.blocks import Block, Cell, Plain, Plots, Symbol, Table, Words
from derive.sheet.model import Blank
from derive.sheet.plots import activation_plots, slice_along, slice_plot, sweep_plot
from derive.sheet.plots.slices import Slice as Found
from derive.sheet.questions.posed import Context, Posed
from derive.spec.questions import Plot, Slice, Sweep


def pose_slice(question: Slice, context: Context) -> Posed:
    """The curve with its start and tangent, the slope as it is read from the grid and as it is, and what it says."""
    found = slice_along(
        context.program,
        _numbers(context),
        question.by,
        question.slice,
        *(None if end is None else float(end) for end in (question.from_, question.to)),
    )
    plot = slice_plot(found, wide=True)
    prompt = Words("slice", (("of", question.slice), ("by", question.by)))
    if context.blank:
        return Posed(prompt, (Plots((plot.blank(),)), _readings(found, None)))
    return Posed(prompt, (Plots((plot,)), _readings(found, context)))


def _readings(found: Found, context: Context | None) -> Block:
    """start | slope as read | slope | what to do, blank without a context."""
    if context is None:
        return Table((), tuple((Words(key), Blank(None)) for key in ("slice_start", "slice_read", "slice_next")))
    gradient = Symbol(found.gradient.name, found.gradient.entry)
    start = ", ".join(f"{number:.4g}" for number in found.start)
    rows: list[tuple[Cell, ...]] = [(Words("slice_start"), Plain(f"({start})"))]
    if found.reading:
        reading = found.reading
        rows.append((Words("slice_read"), Plain(f"{reading.rise} / {reading.run} = {reading.slope}")))
    rows.append((gradient, Plain(f"{found.slope:.4g}")))
    if found.reading:
        rows.append((Words("slice_next"), found.reading.advice(found.entry)))
    return Table((), tuple(rows))


def pose_sweep(question: Sweep, context: Context) -> Posed:
    """The entries of a quantity against a constant."""
    plot = sweep_plot(
        context.program, _numbers(context), question.sweep, question.by, float(question.from_), float(question.to)
    )
    is_number = is_single(context.program.tensor(question.sweep).shape)
    prompt = Words("sweep_of_number" if is_number else "sweep", (("of", question.sweep), ("by", question.by)))
    return Posed(prompt, (Plots((plot.blank() if context.blank else plot,)),))


def pose_plot(question: Plot, context: Context) -> Posed:
    """Each function beside its derivative."""
    blocks: list[Block] = []
    for call in question.plot:
        options = {name: Constant(sympy.Rational(text), text) for name, text in call.options.items()}
        plots = activation_plots(call.name, options, float(question.from_), float(question.to))
        blocks.append(Plots(tuple(plot.blank() for plot in plots.plots)) if context.blank else plots)
    return Posed(Words("plot"), tuple(blocks))


def _numbers(context: Context) -> Values:
    if context.values is None:
        raise ProblemError(Fault("a figure of a problem without numbers", "numbers for all quantities"))
    return context.values
