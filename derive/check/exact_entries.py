"""Entries of exact arrays in their places: indices, slices, block and diagonal matrices, ones and the identity.

Arrays have two dimensions; one with a single row or column is a vector where an index or a slice stands for an entry.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derive.check.exact_arrays import Array, Number, elementwise, exact, filled, is_scalar, shape_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EVERYTHING = ":"
MOST_ENTRIES = 10**6

# A number with all values that its letter takes (None: no letter), or everything.
Index: TypeAlias = "tuple[int, range | None] | str"
First: TypeAlias = tuple[int, int]  # of the rows and of the columns
FROM_ONE: First = (1, 1)


def count(number: Number) -> int:
    """A whole number, as a size or the end of a sum."""
    if not isinstance(number, Fraction) or number.denominator != 1 or not 0 < number <= MOST_ENTRIES:
        raise ValueError("a size that is not a whole number from 1 to a million")
    return int(number)


def constant(number: Number, sizes: Sequence[int]) -> Array:
    """An array of equal numbers; one size alone makes a column."""
    if len(sizes) > 2 or np.prod(sizes, dtype=int) > MOST_ENTRIES:
        raise ValueError(f"an array of {len(sizes)} dimensions with {np.prod(sizes, dtype=int)} entries")
    array: Array = np.full((*sizes, 1)[:2], number, dtype=object)
    return array


def identity(size: int) -> Array:
    """The identity matrix."""
    return filled([[Fraction(i == j) for j in range(size)] for i in range(size)])


# ------------------------------------------------------------------------------------------------ indices


def _place(index: Index, length: int, start: int) -> int:
    """The place of an index on an axis, from 0; the letter of a sum must run over exactly that axis."""
    assert not isinstance(index, str)
    number, values = index
    whole = range(start, start + length)
    if values is not None and values != whole:
        raise ValueError(f"an index from {values[0]} to {values[-1]} over entries {whole[0]} to {whole[-1]}")
    if number not in whole:
        raise ValueError(f"entry {number} of entries {whole[0]} to {whole[-1]}")
    return number - start


def indexed(array: Array, items: Sequence[Index], start: First = FROM_ONE) -> Array:
    """Entry (i, j) of a matrix or i of a vector; row i of a matrix; column i where the items are everything and i."""
    rows, columns = array.shape
    if len(items) == 2:
        first, second = items
        chosen = array if first == EVERYTHING else array[(row := _place(first, rows, start[0])) : row + 1]
        if second == EVERYTHING:
            return chosen
        return chosen[:, (column := _place(second, columns, start[1])) : column + 1]
    if len(items) != 1 or items[0] == EVERYTHING:
        raise ValueError(f"{len(items)} indices of {shape_text(array)}")
    [item] = items
    assert not isinstance(item, str)
    if rows == 1 and (item[1] is None or len(item[1]) != rows):
        return array[:, (place := _place(item, columns, start[1])) : place + 1]
    return array[(place := _place(item, rows, start[0])) : place + 1]


def digits(array: Array, words: Sequence[str], start: First = FROM_ONE) -> Sequence[str]:
    """`12` behind a matrix is row 1 and column 2, behind a vector it is entry 12 if there is one."""
    if len(words) == 1 and words[0].isdigit() and len(words[0]) == 2:
        last = array.size + start[array.shape[0] == 1] - 1
        is_one = 1 in array.shape and words[0][0] != "0" and int(words[0]) <= last
        return words if is_one else tuple(words[0])
    return words


# ------------------------------------------------------------------------------------------------ slices


def _range(item: str, length: int) -> slice:
    """What `1`, `-1`, `1:`, `:-1` or `:` take from an axis, counted from 0."""
    start, colon, stop = item.partition(":")
    if colon:
        taken = slice(int(start) if start else None, int(stop) if stop else None)
    else:
        number = int(start) + (length if start.startswith("-") else 0)
        taken = slice(number, number + 1) if number >= 0 else slice(0, 0)
    if not range(*taken.indices(length)):
        raise ValueError(f"[{item}] of {length} entries")
    return taken


def sliced(array: Array, items: Sequence[str]) -> Array:
    """Rows and columns; the first rows where there is one item, but entries of a vector."""
    rows, columns = array.shape
    if len(items) > 2:
        raise ValueError(f"{len(items)} ranges for {shape_text(array)}")
    if len(items) == 2:
        return array[_range(items[0], rows), _range(items[1], columns)]
    return array[:, _range(items[0], columns)] if rows == 1 else array[_range(items[0], rows)]


# ------------------------------------------------------------------------------------------------ blocks


def blocks(rows: Sequence[Sequence[Array | Number]]) -> Array:
    """A matrix of numbers or of smaller matrices; a bare number among matrices fills the room that they leave."""
    arrays = [[cell if isinstance(cell, np.ndarray) else None for cell in row] for row in rows]
    if len(rows) == len(rows[0]) == 1 and (arrays[0][0] is None or not is_scalar(arrays[0][0])):
        raise ValueError("a block matrix of a single block")
    heights = [_common([cell.shape[0] for cell in row if cell is not None]) for row in arrays]
    widths = [_common([cell.shape[1] for cell in column if cell is not None]) for column in zip(*arrays, strict=True)]
    filled_rows = [
        [
            constant(given, (height, width)) if cell is None else cell
            for given, cell, width in zip(row, row_of_arrays, widths, strict=True)
        ]
        for row, row_of_arrays, height in zip(rows, arrays, heights, strict=True)
    ]
    return np.vstack([np.hstack(row) for row in filled_rows])


def _common(lengths: Sequence[int]) -> int:
    """The one length of all neighbours; a single line of ones where there are none."""
    if len(set(lengths)) > 1:
        raise ValueError(f"blocks of {' and '.join(map(str, sorted(set(lengths))))} lines side by side")
    return lengths[0] if lengths else 1


# ------------------------------------------------------------------------------------------------ functions of arrays


def diagonal(*arrays: Array) -> Array:
    """The diagonal matrix of a row or a column."""
    (array,) = arrays
    if 1 not in array.shape:
        raise ValueError(f"the diagonal matrix of {shape_text(array)}")
    entries = array.ravel()
    return filled([[a if i == j else Fraction(0) for j in range(len(entries))] for i, a in enumerate(entries)])


def extreme(choose: Callable[..., Number]) -> Callable[..., Array]:
    """The largest or smallest of several arguments, entry by entry."""

    def apply(*arrays: Array) -> Array:
        if len(arrays) < 2:
            raise ValueError("an extreme of a single argument")
        return elementwise(lambda *numbers: choose(numbers, key=exact), *arrays)

    return apply
