"""Numbers as the author wrote them: exact, with their text, and as floats."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.spec.faults import Flaw, FlawedValueError, shorten
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, TreePath, describe

if TYPE_CHECKING:
    import numpy.typing as npt

# Digits and exponents are bounded, so that every accepted number is finite as a float and small as a fraction.
_INTEGER = r"(?:0|[1-9][0-9]{0,39})"
_DECIMAL = rf"(?:{_INTEGER}(?:\.[0-9]{{0,40}})?|\.[0-9]{{1,40}})(?:[eE][+-]?(?:0|1?[0-9]{{1,2}}))?"
_UNSIGNED = re.compile(rf"{_DECIMAL}")
_NUMBER = re.compile(rf"[+-]?(?:{_DECIMAL}|{_INTEGER}/[1-9][0-9]{{0,39}})")
_NOT_FINITE = re.compile(r"[+-]?\.?(?:nan|inf|infinity)", re.IGNORECASE)
_ZERO_DIVISION = re.compile(r"[+-]?[0-9]+/0+")
MANY = 20  # entries of one quantity that are told

_LIMITS = "at most 40 digits before and after the point, an exponent below 200, no leading zeros"
A_NUMBER = "a number such as 0.1, -2, 1e-3 or 1/2"
NUMBERS = "a number, a list of numbers, or a list of rows of numbers"


@dataclass(frozen=True, eq=False)
class Literal:
    """A scalar, vector or matrix of numbers, exactly as written.

    `text` holds one `str` per entry (`"0.10"`, `"1/2"`, `"-3"`) in an object array of shape `()`, `(n,)` or `(n, m)`;
    `exact` and `floats` are the same numbers as fractions and as float64, made when they are first asked for.
    """

    text: npt.NDArray[Any]

    def __init__(self, text: npt.ArrayLike) -> None:
        array = np.array(text, dtype=object)
        array.flags.writeable = False
        object.__setattr__(self, "text", array)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.text.shape

    @cached_property
    def exact(self) -> npt.NDArray[Any]:
        """The numbers as `fractions.Fraction`, in an object array."""
        array = np.array(np.frompyfunc(Fraction, 1, 1)(self.text), dtype=object)
        array.flags.writeable = False
        return array

    @cached_property
    def floats(self) -> npt.NDArray[np.float64]:
        """The numbers as float64, each the float nearest to what was written."""
        array = np.array(np.frompyfunc(_nearest_float, 1, 1)(self.text), dtype=np.float64)
        array.flags.writeable = False
        return array

    def reshaped(self, shape: tuple[int, ...]) -> Literal:
        """The same numbers in another shape of the same size; one of its sizes may be -1, as in NumPy."""
        return Literal(self.text.reshape(shape))

    def __eq__(self, other: object) -> bool:
        """Equal as written: `0.1` and `0.10` differ."""
        if not isinstance(other, Literal):
            return NotImplemented
        return self.shape == other.shape and bool(np.all(self.text == other.text))

    def __hash__(self) -> int:
        return hash((self.shape, *self.text.flat))

    def __repr__(self) -> str:
        return f"Literal({self.text.tolist()!r})"


def is_unsigned_number(text: str) -> bool:
    """Whether `text` is a number without a sign, as it may stand in an equation: `2`, `0.10`, `1e-3`."""
    return _UNSIGNED.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether `text` is a number as it may stand in a file: `-2`, `0.10`, `1/2`."""
    return _NUMBER.fullmatch(text) is not None


def read_literal(tree: Tree) -> Literal:
    """The numbers of a scalar, a list or a list of rows; every entry that is not a number is told."""
    if tree is None or isinstance(tree, Mapping):
        raise FlawedValueError(Flaw(describe(tree), NUMBERS))
    if isinstance(tree, Scalar):
        return read_number(tree)
    if any(isinstance(row, Sequence) for row in tree):
        return _read_matrix(tree)
    _refuse_any(_row_flaws(tree, ()))
    return Literal(_texts(tree))


def read_number(tree: Tree) -> Literal:
    """A single number."""
    if flaw := _entry_flaw(tree, ()):
        raise FlawedValueError(flaw)
    return Literal(_texts([tree])[0])


def _read_matrix(rows: Sequence) -> Literal:
    flaws: list[Flaw] = []
    matrix: list[list[str]] = []
    for number, row in enumerate(rows):
        if isinstance(row, Sequence):
            flaws += _row_flaws(row, (number,))
            matrix.append(_texts(row))
        else:
            flaws.append(Flaw(f"{describe(row)} among the rows", "every row a list of numbers", path=(number,)))
    _refuse_any(flaws or _ragged_flaws(matrix))
    return Literal(matrix)


def _row_flaws(row: Sequence, path: TreePath) -> list[Flaw]:
    if not row:
        return [Flaw("an empty list", NUMBERS, path=path)]
    flaws = (_entry_flaw(entry, (*path, number)) for number, entry in enumerate(row))
    return [flaw for flaw in flaws if flaw]


def _ragged_flaws(matrix: list[list[str]]) -> list[Flaw]:
    width = len(matrix[0])
    return [
        Flaw(f"row {number + 1} has {len(row)} entries, row 1 has {width}", "rows of equal length", path=(number,))
        for number, row in enumerate(matrix)
        if len(row) != width
    ]


def _entry_flaw(entry: Tree, path: TreePath) -> Flaw | None:
    """Why an entry is not a number, if it is not."""
    if not isinstance(entry, Scalar):
        expected = "at most two levels: a list of rows" if len(path) == 2 else A_NUMBER
        return Flaw(describe(entry), expected, path=path)
    if entry.plain and _NUMBER.fullmatch(entry.text):
        return None
    if not entry.plain:
        return Flaw(f'a number in quotes: "{shorten(entry.text)}"', "the number without quotes", path=path)
    if _NOT_FINITE.fullmatch(entry.text):
        return Flaw(describe(entry), "a finite number", path=path)
    if _ZERO_DIVISION.fullmatch(entry.text):
        return Flaw(f"{describe(entry)}, a division by zero", A_NUMBER, path=path)
    hint = _LIMITS if entry.text.strip("+-.")[:1].isdigit() else ""
    return Flaw(f"{describe(entry)}, which is not a number", A_NUMBER, hint, path)


def _refuse_any(flaws: list[Flaw]) -> None:
    """Raise the first flaws of a literal; thousands of the same kind would bury those of other keys."""
    if len(flaws) > MANY:
        rest = f"{len(flaws) - MANY} more entries like these"
        raise FlawedValueError(*flaws[:MANY], Flaw(rest, A_NUMBER, path=flaws[MANY].path))
    if flaws:
        raise FlawedValueError(*flaws)


def _texts(row: Iterable[Tree]) -> list[str]:
    return [entry.text for entry in row if isinstance(entry, Scalar)]


def _nearest_float(text: str) -> float:
    return float(Fraction(text)) if "/" in text else float(text)
