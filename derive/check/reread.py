r"""The honest test of a sheet: re-read a printed line and recompute it from the numbers printed in it.

A line `dL/dW_2 = -2.212 [0.550 0.646] = [-1.22 -1.43]` is given as two strings of LaTeX. The first is evaluated, in
exact fractions where it is rational, and must give the second when each entry is rounded, half away from zero, to the
places that the second shows; a fraction there it must give as it is. Nothing here knows how the line was made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product as pairs
from typing import TYPE_CHECKING

import numpy as np

from derive.check import exact_arrays as arrays
from derive.check.exact_arrays import ELEMENTARY, NEGLIGIBLE, Array, Number, exact
from derive.check.latex_reader import parse
from derive.check.latex_tokens import NotNumeric, ReadingError, Unreadable, negative_zeros, split_equalities
from derive.check.latex_values import Evaluation, First, Functions, MatrixFunctions, Symbols

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derive.check.latex_tree import Tree

__all__ = [
    "ELEMENTARY",
    "NotNumeric",
    "ReadingError",
    "Recomputed",
    "Unreadable",
    "places_printed",
    "printed_entries",
    "read",
    "recompute",
    "split_equalities",
]

LARGEST_TOLD = 10**6  # denominator of a fraction in a message

# ------------------------------------------------------------------------------------------------ values


def read(
    tex: str,
    functions: Functions = ELEMENTARY,
    matrix_functions: MatrixFunctions | None = None,
    symbols: Symbols | None = None,
    first: First | None = None,
) -> Array:
    """The value of a piece of a line: a two-dimensional array of `Fraction` and `mpf` entries.

    `functions` act on single numbers, entry by entry; `matrix_functions` (a softmax along rows, say) on whole arrays.
    `symbols` holds the value of each quantity by the LaTeX of its symbol, a vector as the column or the row that it
    prints as; without it the piece must be numbers. `first` holds the index of the first row and of the first column
    of those symbols that do not count both from 1.
    """
    return Evaluation(tex, functions, matrix_functions, symbols, first).whole()


# ------------------------------------------------------------------------------------------------ what a result shows


@dataclass(frozen=True)
class _Printed:
    """A number as it is printed: its value, the places it shows, and whether it is a zero with a minus sign.

    A fraction shows all of its number and has no places.
    """

    value: Fraction
    places: int | None
    negative_zero: bool


def printed_entries(tex: str) -> NDArray[np.object_]:
    """The numbers of a result as they are printed, in two dimensions."""
    tree = parse(tex, ())
    transposed = tree.head == "transpose"
    tree = tree.parts[0] if transposed else tree
    rows = [row.parts for row in tree.parts] if tree.head == "matrix" else [(tree,)]
    entries = arrays.filled([[_printed(tex, entry) for entry in row] for row in rows])
    return entries.T if transposed else entries


def _printed(tex: str, tree: Tree) -> _Printed:
    r"""A decimal `-0.50`, one in scientific notation `-5.0 \cdot 10^{-1}`, or a fraction `-\tfrac{1}{2}`."""
    negative = tree.head == "sum" and tree.words == ("-",)
    unsigned = tree.parts[0] if negative else tree
    if ratio := _ratio(unsigned):
        return _Printed(-ratio[0] if negative else ratio[0], None, negative and not ratio[0])
    mantissa, exponent = _scientific(unsigned)
    if mantissa.head != "number":
        raise Unreadable(tex, tree.position, f"a {mantissa.head}", "a result printed in decimals or as a fraction")
    digits = mantissa.words[0]
    value = Fraction(digits) * Fraction(10) ** exponent
    places = len(digits.partition(".")[2]) - exponent
    return _Printed(-value if negative else value, places, negative and not value)


def _ratio(tree: Tree) -> tuple[Fraction] | tuple[()]:
    """The value of a fraction of two whole numbers; nothing of anything else."""
    if tree.head != "quotient" or tree.words != ("frac",) or not all(part.is_integer for part in tree.parts):
        return ()
    top, bottom = (int(part.words[0]) for part in tree.parts)
    return (Fraction(top, bottom),) if bottom else ()


def _scientific(tree: Tree) -> tuple[Tree, int]:
    """Mantissa and exponent of ten; any other tree is its own mantissa."""
    if tree.head == "chain" and tree.words in ((r"\cdot",), (r"\times",)):
        mantissa, power = tree.parts
        if power.head == "power" and power.parts[0].words == ("10",):
            exponent = power.parts[1]
            negative = exponent.head == "sum" and exponent.words == ("-",)
            size = exponent.parts[0] if negative else exponent
            if size.is_integer and len(size.words[0]) < 4:
                return mantissa, -int(size.words[0]) if negative else int(size.words[0])
    return tree, 0


def places_printed(tex_result: str) -> NDArray[np.object_]:
    """How many decimals each entry of a printed result shows (negative if it ends at tens, hundreds, ...).

    None of a fraction, which shows all of its number.
    """
    places: NDArray[np.object_] = np.frompyfunc(lambda entry: entry.places, 1, 1)(printed_entries(tex_result))
    return places


# ------------------------------------------------------------------------------------------------ the comparison


@dataclass(frozen=True, eq=False)
class Recomputed:
    """A line held against the numbers printed in it.

    `values` is what the formula gives, `entries` the same rounded as printed, `printed` what the sheet prints;
    `largest_difference` is that of `values` and `printed`. `entries` and the difference are missing (`None`) where the
    shapes differ. `sentence` tells the first disagreement and is empty where there is none.
    """

    passed: bool
    values: Array
    printed: Array
    entries: Array | None = None
    largest_difference: float | None = None
    sentence: str = ""


def recompute(
    substituted: str,
    result: str,
    functions: Functions = ELEMENTARY,
    matrix_functions: MatrixFunctions | None = None,
    *,
    exactly: bool = False,
) -> Recomputed:
    """Whether the numbers printed in the formula give the printed result, to all the places that it shows.

    `exactly`: the result is not rounded, and so the numbers give it exactly unless there are decimals among them.
    """
    values = read(substituted, functions, matrix_functions)
    shown = printed_entries(result)
    if exactly and "." not in substituted:
        shown = np.frompyfunc(lambda entry: replace(entry, places=None), 1, 1)(shown)
    printed: Array = np.frompyfunc(lambda entry: entry.value, 1, 1)(shown)
    if values.shape != printed.shape:
        given, there = arrays.shape_text(values), arrays.shape_text(printed)
        sentence = f"the line gives an array of {given}, the sheet prints one of {there}"
        return Recomputed(False, values, printed, sentence=sentence)
    entries: Array = np.frompyfunc(lambda value, entry: rounded(exact(value), entry.places), 2, 1)(values, shown)
    differences: Array = np.frompyfunc(lambda value, shown_as: abs(exact(value) - shown_as), 2, 1)(values, printed)
    sentence = _first_disagreement(values, shown) or _negative_zero(substituted)
    return Recomputed(not sentence, values, printed, entries, float(differences.max()), sentence)


def _first_disagreement(values: Array, shown: Array) -> str:
    for i, j in pairs(*map(range, values.shape)):
        value, entry = values[i, j], shown[i, j]
        place = f"entry ({i + 1},{j + 1})"
        if entry.negative_zero:
            return f"{place}: the sheet prints -{decimal(Fraction(0), entry.places)}"
        if not _agrees(value, entry):
            given, there = decimal(exact(value), entry.places, guard=4), decimal(entry.value, entry.places)
            return f"{place}: the line gives {given}, the sheet prints {there}"
    return ""


def _negative_zero(substituted: str) -> str:
    positions = negative_zeros(substituted)
    return f"the formula prints a negative zero at character {positions[0] + 1}" if positions else ""


def _agrees(value: Number, entry: _Printed) -> bool:
    """Whether the value rounds to what is printed; a real that may be a tie may go to either side."""
    slack = Fraction(0) if isinstance(value, Fraction) else NEGLIGIBLE
    if entry.places is None:
        return abs(exact(value) - entry.value) <= slack
    return any(rounded(exact(value) + shift, entry.places) == entry.value for shift in (-slack, Fraction(0), slack))


def rounded(value: Fraction, places: int | None) -> Fraction:
    """Rounded to decimal places, half away from zero; as it is without places."""
    if places is None:
        return value
    unit = Fraction(10) ** -places
    size = (abs(value) / unit + Fraction(1, 2)).__floor__() * unit
    return -size if value < 0 else size


def decimal(value: Fraction, places: int | None, guard: int = 0) -> str:
    """In decimals, with up to `guard` more digits if they are not zero; without places as a fraction."""
    if places is None:
        return str(value if value.denominator <= LARGEST_TOLD else float(value))
    least, most = max(places, 0), max(places, 0) + guard
    scaled = int(rounded(abs(value), most) * 10**most)
    whole, part = divmod(scaled, 10**most)
    digits = f"{part:0{most}d}"[:most] if most else ""
    digits = digits[:least] + digits[least:].rstrip("0")
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
