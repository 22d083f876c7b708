"""What the answer to a question is made of, without a format: tables, listings, plots, choices, ruled lines.

A blank is part of the block: a worksheet holds `Blank` where a solution holds the answer, so that nothing leaks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from derive.ops import Array, Node, Shape
from derive.sheet.model import Blank


@dataclass(frozen=True)
class Symbol:
    """The symbol of a quantity; with an `entry`, counted as on paper, that of one of its entries."""

    name: str
    entry: tuple[int, ...] = ()


@dataclass(frozen=True)
class Dimensions:
    """The shape of a quantity as it stands in the problem: numbers and dimension symbols."""

    name: str
    shape: Shape


@dataclass(frozen=True)
class Words:
    """A phrase of a table of words, with the quantities whose symbols, or the numbers, that fill its gaps."""

    key: str
    fields: tuple[tuple[str, str], ...] = ()
    table: str = "questions"


@dataclass(frozen=True)
class Plain:
    """Text of the author's own, or a number that is a count."""

    text: str


@dataclass(frozen=True)
class Decimals:
    """The decimals of a quantity, laid out like it."""

    name: str
    values: Array


@dataclass(frozen=True)
class Formula:
    """An expression in symbols; `name` is the quantity whose layout it has."""

    node: Node
    name: str = ""


@dataclass(frozen=True)
class Tends:
    """name -> end: a number, which is 0 from above, `oo` or `-oo`."""

    name: str
    end: Fraction | str


@dataclass(frozen=True)
class Exact:
    """Entries of a quantity that are written each in its own way: `1/2`, `0.48`, `oo`."""

    name: str
    values: Array


Cell = Symbol | Dimensions | Words | Plain | Decimals | Formula | Tends | Exact | Blank


@dataclass(frozen=True)
class Table:
    """Rows of cells below a heading."""

    heading: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Option:
    """One answer to choose from. A wrong one names the `mistake` that leads to it; a worksheet holds neither.

    `at` is the quantity at which the mistake was made, where that is an earlier one.
    """

    cells: tuple[Cell, ...]
    right: bool | None = None
    mistake: Words | None = None
    at: Words | None = None


@dataclass(frozen=True)
class Choice:
    """Options of which one is right."""

    options: tuple[Option, ...]


@dataclass(frozen=True)
class Ruled:
    """Lines to write on; on a solution the answer in the author's words, if there is one."""

    lines: int
    answer: str = ""


@dataclass(frozen=True)
class Gap:
    """A place in a listing that a student fills in; `answer` is empty on a worksheet, `width` is in characters."""

    answer: str
    width: int


@dataclass(frozen=True)
class Listing:
    """Program text, line by line, each a sequence of text and gaps."""

    language: str
    lines: tuple[tuple[str | Gap, ...], ...]


@dataclass(frozen=True)
class Axis:
    """A range with its grid; a logarithmic one goes from one power of ten to another, without steps of its own."""

    label: Symbol | Words
    low: float
    high: float
    major: float = 0
    minor: float = 0
    logarithmic: bool = False


@dataclass(frozen=True)
class Curve:
    """A line through points; `style` says what it is: curve, derivative, tangent, guide, asymptote.

    Curves with labels are a family: they are told apart by colour and line style, with their names beside the figure.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    style: str = "curve"
    label: Cell | None = None


@dataclass(frozen=True)
class Mark:
    """A point that is pointed out; `style` says why: start, kink, read, or an open or closed end at a jump."""

    x: float
    y: float
    style: str = "start"
    label: Cell | None = None


@dataclass(frozen=True)
class Plot:
    """A figure on a grid from which a slope can be read; a `wide` one takes the whole width of the page.

    The title says what is to be drawn, and stands on a worksheet too.
    """

    horizontal: Axis
    vertical: Axis
    curves: tuple[Curve, ...] = ()
    marks: tuple[Mark, ...] = ()
    wide: bool = False
    title: Cell | None = None
    legend: bool = False  # which says what the marks are

    def blank(self) -> Plot:
        """The same axes for a worksheet, with neither curves nor marks."""
        return replace(self, curves=(), marks=())


@dataclass(frozen=True)
class Plots:
    """Figures side by side."""

    plots: tuple[Plot, ...]


Prompt = Words | tuple[Words, ...] | str  # a phrase, several in a row, or the author's own text
Block = Table | Choice | Ruled | Listing | Plots
