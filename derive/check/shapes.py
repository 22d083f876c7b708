r"""A printed shape, 3 \times H, read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derive.check.exact_arrays import Array
from derive.check.latex_reader import parse
from derive.check.latex_tokens import Unreadable, scan
from derive.check.latex_tree import Level
from derive.check.reread import read

Promise = Sequence[tuple[Mapping[str, Array], tuple[int, ...]]]  # a shape where symbols have these numbers


def read_shape(tex: str, symbols: Mapping[str, Array]) -> tuple[int, ...]:
    """The numbers of rows and of columns."""
    return tuple(int(read(side, symbols=symbols)[0, 0]) for side in _sides(tex, symbols))


def wrong_shape(tex: str, promised: Promise) -> str:
    """What a shape should be, where it is another one anywhere; nothing where it is right."""
    for symbols, shape in promised:
        if read_shape(tex, symbols) != shape:
            return r" \times ".join(map(str, shape))
    return "" if promised else "no shape"


def _sides(tex: str, symbols: Mapping[str, Array]) -> Iterator[str]:
    r"""What stands between the crosses: 3 and H; a sum is one of them only in parentheses, (H + 1) \times 10."""
    crosses = [token for token in scan(tex) if token.text == r"\times"]
    starts, ends = [0, *(token.end for token in crosses)], [*(token.start for token in crosses), len(tex)]
    for start, end in zip(starts, ends, strict=True):
        if crosses and parse(tex[start:end], (), symbols).level <= Level.SUM:
            raise Unreadable(tex, start, f"`{tex[start:end].strip()}`", "parentheses: in print this is ambiguous")
        yield tex[start:end]
