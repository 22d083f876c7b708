"""The kinds of question that `ask:` knows besides "compute this": shapes, tables, choices, code, plots, limits, ...

Each kind is one model, named by its first key (`shapes: [a, z]`, `explain: "Why ...?"`). A kind is added here, and
composed in `derive.sheet.questions`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from derive.spec.faults import Flaw, listing, suggestion
from derive.spec.fields import WHOLE_NUMBER, Activation, Text
from derive.spec.filled import misread_places, names_in
from derive.spec.layers import ACTIVATIONS
from derive.spec.numbers import is_number
from derive.spec.question_fields import LONGEST, ONE_OF, Ends, Name, Names, Number, Points, Said

Language = typing.Literal["numpy", "pytorch"]
CodeStyle = typing.Literal["step", "loop", "layers", "module"]
_OF_VECTORS = ("softmax", "log_softmax")  # activations that are no functions of one number
_STYLES = {"numpy": ("step", "loop", "layers"), "pytorch": ("loop", "module")}
OnGraph = typing.Literal["values", "gradients", "both"]
Answered = typing.Literal["value", "formula"]
PARAMETERS = "parameters"
ITERATION = "training iteration"


class Question(BaseModel):
    """A question with its points; `key` is the word by which a file names its kind, `line` where it stands there."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, defer_build=True)
    key: ClassVar[str]
    is_computed: ClassVar[bool] = False  # whether its quantities must be, so that given ones are refused
    takes_entries: ClassVar[bool] = False  # whether it may be about a single entry of a quantity

    points: Points | None = Field(None, description="Points for this question.")
    _line: int = PrivateAttr(0)

    @property
    def line(self) -> int:
        return self._line

    def on_line(self, line: int) -> Self:
        """This question, which stands on a line of its file."""
        self._line = line
        return self

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that the question is about, which must exist."""
        return ()

    @property
    def computed(self) -> tuple[str, ...]:
        """Those of them that must be computed."""
        return self.quantities if self.is_computed else ()

    @property
    def varied(self) -> str:
        """The given quantity that is varied, or an entry of one; empty where none is."""
        return ""

    @property
    def mistakes(self) -> Iterator[Flaw]:
        """What does not fit together in the question itself."""
        yield from ()


class Shapes(Question):
    """What shape is each of these?"""

    key = "shapes"
    shapes: Names = Field(description="Quantities whose shapes are asked for.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return self.shapes


class Count(Question):
    """How many numbers are there in the parameters (or in the quantities named)?"""

    key = "count"
    count: Names = Field(description="`parameters`, or names of quantities.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return () if self.count == (PARAMETERS,) else self.count


class Complete(Question):
    """Complete the table of these quantities and their values."""

    key = "table"
    is_computed = True
    table: Names = Field(description="Quantities, one for each row.")
    given: Names = Field((), description="Quantities whose values the worksheet shows.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return self.table

    @property
    def mistakes(self) -> Iterator[Flaw]:
        for name in set(self.given) - set(self.table):
            yield Flaw(f"`{name}`, which is not in the table", "quantities of the table", path=("given",))


class OnTheGraph(Question):
    """Write the values above and the gradients below the nodes of the computational graph."""

    key = "graph"
    graph: Annotated[OnGraph, ONE_OF] = Field(description="values, gradients or both.")


class Express(Question):
    """Write a quantity in terms of the named ones only."""

    key = "express"
    express: Name = Field(description="The quantity to be written as a formula.")
    using: Names = Field(alias="in", description="The quantities that may occur in it.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.express, *self.using)

    @property
    def computed(self) -> tuple[str, ...]:
        return (self.express,)


class Choose(Question):
    """Which of these is right? The wrong ones come from mistakes that people make."""

    key = "choice"
    is_computed = True
    takes_entries = True
    choice: Name = Field(description="The quantity, or the entry of one, whose value or formula is to be chosen.")
    show: Annotated[Answered, ONE_OF] = Field("value", description="What the options show: value or formula.")
    options: Annotated[int, Field(ge=2, le=8), WHOLE_NUMBER] = Field(4, description="How many options there are.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.choice,)


class Explain(Question):
    """A question in the author's words, with lines to write on."""

    key = "explain"
    takes_entries = True
    explain: Said = Field(description="The question.")
    lines: Annotated[int, Field(ge=1, le=30), WHOLE_NUMBER] = Field(3, description="Lines to write on.")
    answer: Text = Field("", description="The answer that the solution prints; `{dL/dW_1[1,2]}` becomes a number.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return names_in(self.answer)

    @property
    def mistakes(self) -> Iterator[Flaw]:
        return misread_places(self.answer, ("answer",))


class Order(Question):
    """Bring these into the right order."""

    key = "order"
    order: Names = Field(description="The items in the right order, or `training iteration` for PyTorch's five steps.")

    @property
    def is_iteration(self) -> bool:
        return self.order == (ITERATION,)

    @property
    def mistakes(self) -> Iterator[Flaw]:
        if len(self.order) == 1 and not self.is_iteration:
            yield Flaw("one item", f"two or more to be brought into order, or `{ITERATION}`", path=("order",))


class Code(Question):
    """Fill in the gaps of a program that does what the problem says."""

    key = "code"
    code: Annotated[Language, ONE_OF] = Field(description="numpy or pytorch.")
    style: Annotated[CodeStyle, ONE_OF] | None = Field(
        None, description="step, loop or layers in NumPy; loop or module in PyTorch."
    )

    @property
    def mistakes(self) -> Iterator[Flaw]:
        styles = _STYLES[self.code]
        if self.style and self.style not in styles:
            yield Flaw(f"the style `{self.style}` in {self.code}", f"one of {listing(styles)}", path=("style",))


class Slice(Question):
    """Sketch a quantity while one number is varied; mark the start, draw the tangent, read its slope."""

    key = "slice"
    is_computed = True
    slice: Name = Field(description="The scalar that is plotted, such as L.")
    by: Name = Field(description="The number that is varied: `b`, or an entry such as `W_1[1,2]`, counted as in `ask`.")
    from_: Number | None = Field(None, alias="from", description="Where the plot begins.")
    to: Number | None = Field(None, description="Where it ends.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.slice,)

    @property
    def varied(self) -> str:
        return self.by

    @property
    def mistakes(self) -> Iterator[Flaw]:
        if self.from_ is not None and self.to is not None:
            yield from _range(self.from_, self.to)


class Sweep(Question):
    """Plot the entries of a quantity against a constant."""

    key = "sweep"
    is_computed = True
    sweep: Name = Field(description="The quantity whose entries are plotted.")
    by: Name = Field(description="The constant that is varied.")
    from_: Number = Field(alias="from", description="Where the plot begins.")
    to: Number = Field(description="Where it ends.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.sweep,)

    @property
    def varied(self) -> str:
        return self.by

    @property
    def mistakes(self) -> Iterator[Flaw]:
        return _range(self.from_, self.to)


class Plot(Question):
    """Sketch activation functions and their derivatives."""

    key = "plot"
    plot: Annotated[list[Activation], Field(min_length=1, max_length=LONGEST)] = Field(
        description="Activations, with options as in `{leaky_relu: {alpha: 0.1}}`."
    )
    from_: Number = Field(Fraction(-4), alias="from", description="Where the plot begins.")
    to: Number = Field(Fraction(4), description="Where it ends.")

    @property
    def mistakes(self) -> Iterator[Flaw]:
        yield from _range(self.from_, self.to)
        plotted = {name: options for name, options in ACTIVATIONS.items() if name not in _OF_VECTORS}
        for place, call in enumerate(self.plot):
            if call.name not in plotted:
                expected, hint = f"one of {listing(plotted)}", suggestion(call.name, plotted)
                yield Flaw(f"the unknown activation `{call.name}`", expected, hint, path=("plot", place))
                continue
            for option, text in call.options.items():
                path = ("plot", place)
                if option not in plotted[call.name]:
                    known = listing(plotted[call.name]) or "no option"
                    yield Flaw(f"the unknown option `{option}` of `{call.name}`", known, path=path)
                elif not is_number(text):
                    yield Flaw(f"the option `{option}: {text}` of `{call.name}`", "a number", path=path)


class Limit(Question):
    """What does a quantity tend to when a constant does?"""

    key = "limit"
    is_computed = True
    limit: Name = Field(description="The quantity whose limit is taken.")
    by: Name = Field(description="The constant that tends to something.")
    to: Ends = Field(description="Where to: numbers, `oo`, `-oo`; one or a list.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.limit,)

    @property
    def varied(self) -> str:
        return self.by


def _range(low: Fraction, high: Fraction) -> Iterator[Flaw]:
    if low >= high:
        yield Flaw(f"a plot from {low} to {high}", "a number, and a larger one", path=("to",))


KINDS: dict[str, type[Question]] = {kind.key: kind for kind in Question.__subclasses__()}
