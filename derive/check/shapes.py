r"""A printed shape, 3 \times H, read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derive.check.exact_arrays import Array
from derive.check.latex_tokens import scan
from derive.check.reread import read

Promise = Sequence[tuple[Mapping[str, Array], tuple[int, ...]]]  # a shape where symbols have these numbers


def read_shape(tex: str, symbols: Mapping[str, Array]) -> tuple[int, ...]:
    """The numbers of rows and of columns."""
    return tuple(int(read(side, symbols=symbols)[0, 0]) for side in _sides(tex))


def wrong_shape(tex: str, promised: Promise) -> str:
    """What a shape should be, where it is another one anywhere; nothing where it is right."""
    for symbols, shape in promised:
        if read_shape(tex, symbols) != shape:
            return r" \times ".join(map(str, shape))
    return "" if promised else "no shape"


def _sides(tex: str) -> Iterator[str]:
    crosses = [token for token in scan(tex) if token.text == r"\times"]
    starts, ends = [0, *(token.end for token in crosses)], [*(token.start for token in crosses), len(tex)]
    return (tex[start:end] for start, end in zip(starts, ends, strict=True))
