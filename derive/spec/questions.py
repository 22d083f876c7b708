"""The kinds of question that `ask:` knows besides "compute this": shapes, tables, choices, code, plots, limits, ...

Each kind is one model, named by its first key (`shapes: [a, z]`, `explain: "Why ...?"`). A kind is added here, and
composed in `derive.sheet.questions`.
"""

from __future__ import annotations

import typing
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, WithJsonSchema

from derive.spec.faults import Flaw, FlawedValueError
from derive.spec.fields import WHOLE_NUMBER, Activation, Text
from derive.spec.numbers import read_number
from derive.spec.tree import Scalar, Sequence, Tree, describe

Language = typing.Literal["numpy", "pytorch"]
CodeStyle = typing.Literal["step", "loop", "layers", "module"]
OnGraph = typing.Literal["values", "gradients", "both"]
Answered = typing.Literal["value", "formula"]
PARAMETERS = "parameters"
ITERATION = "training iteration"


def _words(tree: Tree) -> tuple[str, ...]:
    """One word, or a list of words."""
    items = tree if isinstance(tree, Sequence) else [tree]
    for place, item in enumerate(items):
        if not isinstance(item, Scalar) or not item.text.strip():
            path = (place,) if isinstance(tree, Sequence) else ()
            raise FlawedValueError(Flaw(describe(item), "a name such as `y` or `dL/dW_1`", path=path))
    return tuple(item.text.strip() for item in items if isinstance(item, Scalar))


def _one_word(tree: Tree) -> str:
    [word] = _words(tree) if isinstance(tree, Scalar) else ("",)
    if not word:
        raise FlawedValueError(Flaw(describe(tree), "a name such as `L` or `dL/dW_1`"))
    return word


def _number(tree: Tree) -> Fraction:
    value: Fraction = read_number(tree).exact.item()
    return value


def _end(tree: Tree) -> Fraction | str:
    """Where a limit goes: a number, `oo` or `-oo`."""
    return tree.text if isinstance(tree, Scalar) and tree.text in ("oo", "-oo") else _number(tree)


def _ends(tree: Tree) -> tuple[Fraction | str, ...]:
    return tuple(_end(item) for item in tree) if isinstance(tree, Sequence) else (_end(tree),)


_NUMBER_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string"}]}
_Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
_Name = Annotated[str, BeforeValidator(_one_word), WithJsonSchema({"type": "string"})]
_Number = Annotated[InstanceOf[Fraction], BeforeValidator(_number), WithJsonSchema(_NUMBER_SCHEMA)]
_Ends = Annotated[
    tuple[Fraction | str, ...],
    BeforeValidator(_ends),
    WithJsonSchema({"anyOf": [*_NUMBER_SCHEMA["anyOf"], {"type": "array", "items": _NUMBER_SCHEMA}]}),
]
_Points = Annotated[int, Field(ge=0, le=9999), WHOLE_NUMBER]
_OneOf = BeforeValidator(lambda tree: tree.text if isinstance(tree, Scalar) else tree)


class Question(BaseModel):
    """A question with its points; `key` is the word by which a file names its kind."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)
    key: ClassVar[str]

    points: _Points | None = Field(None, description="Points for this question.")

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that the question is about, which must exist."""
        return ()


class Shapes(Question):
    """What shape is each of these?"""

    key = "shapes"
    shapes: _Names = Field(description="Quantities whose shapes are asked for.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return self.shapes


class Count(Question):
    """How many numbers are there in the parameters (or in the quantities named)?"""

    key = "count"
    count: _Names = Field(description="`parameters`, or names of quantities.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return () if self.count == (PARAMETERS,) else self.count


class Complete(Question):
    """Complete the table of these quantities and their values."""

    key = "table"
    table: _Names = Field(description="Quantities, one for each row.")
    given: _Names = Field((), description="Quantities whose values the worksheet shows.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (*self.table, *self.given)


class OnTheGraph(Question):
    """Write the values above and the gradients below the nodes of the computational graph."""

    key = "graph"
    graph: Annotated[OnGraph, _OneOf] = Field(description="values, gradients or both.")


class Express(Question):
    """Write a quantity in terms of the named ones only."""

    key = "express"
    express: _Name = Field(description="The quantity to be written as a formula.")
    using: _Names = Field(alias="in", description="The quantities that may occur in it.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.express, *self.using)


class Choose(Question):
    """Which of these is right? The wrong ones come from mistakes that people make."""

    key = "choice"
    choice: _Name = Field(description="The quantity whose value or formula is to be chosen.")
    show: Annotated[Answered, _OneOf] = Field("value", description="What the options show: value or formula.")
    options: Annotated[int, Field(ge=2, le=8), WHOLE_NUMBER] = Field(4, description="How many options there are.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.choice,)


class Explain(Question):
    """A question in the author's words, with lines to write on."""

    key = "explain"
    explain: Text = Field(description="The question.")
    lines: Annotated[int, Field(ge=1, le=30), WHOLE_NUMBER] = Field(3, description="Lines to write on.")
    answer: Text = Field("", description="The answer that the solution prints.")


class Order(Question):
    """Bring these into the right order."""

    key = "order"
    order: _Names = Field(description="The items in the right order, or `training iteration` for PyTorch's five steps.")

    @property
    def is_iteration(self) -> bool:
        return self.order == (ITERATION,)


class Code(Question):
    """Fill in the gaps of a program that does what the problem says."""

    key = "code"
    code: Annotated[Language, _OneOf] = Field(description="numpy or pytorch.")
    style: Annotated[CodeStyle, _OneOf] | None = Field(
        None, description="step or layers in NumPy, loop or module in PyTorch."
    )


class Slice(Question):
    """Sketch a quantity while one number is varied; mark the start, draw the tangent, read its slope."""

    key = "slice"
    slice: _Name = Field(description="The scalar that is plotted, such as L.")
    by: _Name = Field(description="The number that is varied: `b`, or an entry such as `W_1[1,2]`, counted from 1.")
    from_: _Number | None = Field(None, alias="from", description="Where the plot begins.")
    to: _Number | None = Field(None, description="Where it ends.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.slice, self.by.partition("[")[0])


class Sweep(Question):
    """Plot the entries of a quantity against a constant."""

    key = "sweep"
    sweep: _Name = Field(description="The quantity whose entries are plotted.")
    by: _Name = Field(description="The constant that is varied.")
    from_: _Number = Field(alias="from", description="Where the plot begins.")
    to: _Number = Field(description="Where it ends.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.sweep, self.by)


class Plot(Question):
    """Sketch activation functions and their derivatives."""

    key = "plot"
    plot: list[Activation] = Field(description="Activations, with options as in `{leaky_relu: {alpha: 0.1}}`.")
    from_: _Number = Field(Fraction(-4), alias="from", description="Where the plot begins.")
    to: _Number = Field(Fraction(4), description="Where it ends.")


class Limit(Question):
    """What does a quantity tend to when a constant does?"""

    key = "limit"
    limit: _Name = Field(description="The quantity whose limit is taken.")
    by: _Name = Field(description="The constant that tends to something.")
    to: _Ends = Field(description="Where to: numbers, `oo`, `-oo`; one or a list.")

    @property
    def quantities(self) -> tuple[str, ...]:
        return (self.limit, self.by)


KINDS: dict[str, type[Question]] = {kind.key: kind for kind in Question.__subclasses__()}
