r"""The press: many papers with one preamble as separate PDFs and as a stack to print, at the cost of typesetting them.

The packages are read once and dumped as a format. The papers go in shards of `SHARD`, always the same ones, whatever
the number of processes: the first 50, the next 50. pdfTeX embeds of each font what the shard uses and numbers fonts as
they come, so the bytes of a paper depend on its shard. Hence the guarantee: equal preamble, equal papers in the shard,
equal first paper of the batch, equal versions of TeX and pikepdf give equal bytes of a paper, on one core or many, and
whether or not the other shards are printed. Equal batches give equal stacks.

Each paper is told in advance how many pages it has (\paperpages) and what it noted in the .aux file: what the first
paper, typeset alone, found for itself. A shard is printed again only if that proves wrong for one of its papers.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from derive.exam.form import Form, read_ahead
from derive.exam.pool import Task, run_all
from derive.exam.shard import Paper, Told, learn, print_shard
from derive.exam.split import split, stack
from derive.files import cannot_write
from derive.render.pdf import refuse_names
from derive.render.texlog import Overfull

__all__ = ["SHARD", "Batch", "Paper", "Part", "Pressed", "press", "press_all", "press_parts", "stack"]

SHARD = 50
"""Papers of a shard. More make a single paper dear to print again, fewer waste time on fonts."""

Progress = Callable[[int, int], None]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


@dataclass(frozen=True)
class Batch:
    r"""Papers of one kind, with their preamble, which goes from \documentclass to just before \begin{document}.

    `papers` may make each paper when it is asked for: one is read only when its shard is printed. `first` is the first
    one, where it can be had sooner than by asking for it among the others.
    """

    papers: Sequence[Paper]
    preamble: str
    first: Callable[[], Paper] | None = None


@dataclass(frozen=True)
class Part:
    """One shard: its papers' PDFs, pages and lines that are too long by name, and all of them as one document."""

    batch: int
    shard: int
    pdfs: Mapping[str, bytes]
    pages: Mapping[str, int]
    overfull: Mapping[str, tuple[Overfull, ...]]
    document: bytes


@dataclass(frozen=True)
class Pressed:
    """What came off the press for a batch, by the names of the papers. `pdfs` are read from the disk when asked for."""

    pdfs: Mapping[str, bytes]
    stack: bytes
    pages: Mapping[str, int]
    overfull: Mapping[str, tuple[Overfull, ...]]


class Spool(Mapping[str, bytes]):
    """PDFs by name in a temporary folder, which is removed together with the last reference to them."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="derive-press-", ignore_cleanup_errors=True)
        self._names: dict[str, None] = {}

    def add(self, pdfs: Mapping[str, bytes]) -> None:
        """Keep these; a name is kept once."""
        for name, content in pdfs.items():
            self._path(name).write_bytes(content)
            self._names[name] = None

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        return self._path(name).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _path(self, name: str) -> Path:
        return Path(self._folder.name) / f"{name}.pdf"


def press(
    papers: Sequence[Paper],
    preamble: str,
    *,
    jobs: int,
    progress: Progress | None = None,
    duplex: bool = True,
    only: Collection[int] | None = None,
) -> Pressed:
    """Print the papers with at most `jobs` processes; `only` names those that are wanted by position, from 0."""
    (pressed,) = press_all([Batch(papers, preamble)], jobs=jobs, progress=progress, duplex=duplex, only=only)
    return pressed


def press_all(
    batches: Sequence[Batch],
    *,
    jobs: int,
    progress: Progress | None = None,
    duplex: bool = True,
    only: Collection[int] | None = None,
) -> list[Pressed]:
    """Print several batches, such as exams and keys, side by side."""
    total = sum(len(_wanted(batch, only)) for batch in batches)
    try:
        spools = [Spool() for _ in batches]
        documents: list[list[tuple[bytes, Sequence[int]]]] = [[] for _ in batches]
        pages: list[dict[str, int]] = [{} for _ in batches]
        overfull: list[dict[str, tuple[Overfull, ...]]] = [{} for _ in batches]
        with (
            read_ahead([batch.preamble for batch in batches]) as form,
            closing(press_parts(batches, form, jobs=jobs, only=only)) as parts,
        ):
            for part in parts:
                spools[part.batch].add(part.pdfs)
                documents[part.batch].append((part.document, tuple(part.pages.values())))
                pages[part.batch].update(part.pages)
                overfull[part.batch].update(part.overfull)
                if progress:
                    progress(sum(map(len, pages)), total)
    except OSError as error:
        raise cannot_write(Path(tempfile.gettempdir()), error) from error
    stacks = [stack(each, duplex=duplex) for each in documents]
    return [Pressed(*each) for each in zip(spools, stacks, pages, overfull, strict=True)]


def press_parts(
    batches: Sequence[Batch], form: Form, *, jobs: int, only: Collection[int] | None = None
) -> Generator[Part, None, None]:
    """The shards with wanted papers, the first shards of all batches first; close it, and nothing runs any more.

    `form` is a format for their preambles.
    """
    if jobs < 1 or any(not batch.papers for batch in batches):
        raise ValueError("at least one process, and at least one paper of each batch")
    told: dict[int, Told] = {}
    learning = (_learn(form, number, batch, told) for number, batch in enumerate(batches))
    wanted = [{position // SHARD for position in _wanted(batch, only)} for batch in batches]
    tasks = (
        _part(form, (number, shard), batch, told, only)
        for shard in sorted(set().union(*wanted))
        for number, batch in enumerate(batches)
        if shard in wanted[number]
    )
    names: list[set[str]] = [set() for _ in batches]
    with closing(run_all(itertools.chain(learning, tasks), jobs)) as parts:
        for part in filter(None, parts):
            _refuse_papers(list(part.pdfs), names[part.batch])
            names[part.batch].update(part.pdfs)
            yield part


def _learn(form: Form, number: int, batch: Batch, known: dict[int, Told]) -> Task[None]:
    """Find out from the first paper of a batch what all of them are told."""
    paper = batch.first() if batch.first else batch.papers[0]
    refuse_names(paper.figures)
    known[number] = yield from learn(form, f"first-{number}", batch.preamble, paper)


def _part(
    form: Form, place: tuple[int, int], batch: Batch, known: dict[int, Told], only: Collection[int] | None
) -> Task[Part]:
    """Print one shard and take it apart, as soon as it is known what its papers are told."""
    number, shard = place
    positions = range(shard * SHARD, min((shard + 1) * SHARD, len(batch.papers)))
    papers = [batch.papers[position] for position in positions]
    _refuse_papers([paper.name for paper in papers], set())
    for paper in papers:
        refuse_names(paper.figures)
    while number not in known:
        yield None
    first = known[number]
    told = [Told(paper.pages or first.pages, first.notes) for paper in papers]
    printed = yield from print_shard(form, f"shard-{number}-{shard}", batch.preamble, papers, told)
    wanted = [index for index, position in enumerate(positions) if only is None or position in only]
    counts = [told.pages for told in printed.told]
    each = split(printed.document, counts)
    pdfs = {papers[index].name: each[index] for index in wanted}
    pages = {papers[index].name: counts[index] for index in wanted}
    overfull = {papers[index].name: printed.overfull[index] for index in wanted}
    document = printed.document
    if len(wanted) < len(papers):
        document = stack([(pdfs[name], [pages[name]]) for name in pdfs], duplex=False)
    return Part(number, shard, pdfs, pages, overfull, document)


def _wanted(batch: Batch, only: Collection[int] | None) -> range | list[int]:
    positions = range(len(batch.papers))
    return positions if only is None else [position for position in sorted(set(only)) if position in positions]


def _refuse_papers(names: Sequence[str], taken: Collection[str]) -> None:
    """Refuse names that are no names of files, or that two papers have."""
    if wrong := [name for name in names if not _NAME.fullmatch(name) or name in taken]:
        raise ValueError(f"not the name of one paper alone: {', '.join(map(repr, wrong))}")
    if len(set(names)) < len(names):
        raise ValueError(f"two papers have one name among {', '.join(map(repr, names))}")
