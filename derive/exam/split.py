"""Papers out of the PDF that they were printed in, and into the stack that goes to the printer."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf


def split(document: bytes, counts: Sequence[int]) -> list[bytes]:
    """One PDF for each run of so many pages of `document`."""
    import pikepdf

    with pikepdf.open(io.BytesIO(document)) as source:
        return [_written(papers) for papers in _parts(source, counts)]


def stack(documents: Iterable[tuple[bytes, Sequence[int]]], *, duplex: bool = True) -> bytes:
    """All papers of `documents` in one PDF; for printing on both sides each starts on an odd page, behind a blank one.

    Each document comes with the number of pages of its papers.
    """
    import pikepdf

    whole = pikepdf.new()
    sources = []  # their pages are read when `whole` is written
    for document, counts in documents:
        source = pikepdf.open(io.BytesIO(document))
        sources.append(source)
        start = 0
        for count in counts:
            whole.pages.extend(source.pages[start : start + count])
            start += count
            if duplex and count % 2:
                whole.add_blank_page(page_size=_size(source.pages[start - 1]))
    return _written(whole)


def _parts(source: pikepdf.Pdf, counts: Sequence[int]) -> Iterator[pikepdf.Pdf]:
    import pikepdf

    if sum(counts) != len(source.pages):
        raise ValueError(f"{len(source.pages)} pages cannot be shared out as {list(counts)}")
    for start, end in itertools.pairwise(itertools.accumulate(counts, initial=0)):
        part = pikepdf.new()
        part.pages.extend(source.pages[start:end])
        yield part


def _size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    return right - left, top - bottom


def _written(pdf: pikepdf.Pdf) -> bytes:
    """The bytes of `pdf`, which depend on its content alone: qpdf numbers the objects anew and makes /ID of them."""
    import pikepdf

    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return out.getvalue()
