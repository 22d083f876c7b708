"""The papers of an exam on their way into its folder: which are missing, their typesetting, and the stacks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from derive.exam.book import Book, preambles
from derive.exam.folder import Folder
from derive.exam.form import Form, read_ahead
from derive.exam.order import Order
from derive.exam.plan import Exam, Place
from derive.exam.press import SHARD, Batch, Part, press_parts, stack
from derive.exam.workers import parallel
from derive.variants.search import Pool

KINDS = ("exam", "key")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Kind:
    """The exams or the keys of a folder: the names of the papers by shard."""

    name: str
    papers: Mapping[int, Sequence[str]]

    @property
    def stack(self) -> str:
        """All papers one behind the other, to be printed on both sides."""
        return f"{self.name}s.pdf"

    def shard(self, number: int) -> str:
        """The papers of a shard in one file, of which the stack is made."""
        return f".{self.name}-shard-{number:04d}.pdf"

    def is_done(self, shard: int, folder: Folder) -> bool:
        """Whether an earlier run has written the papers of a shard, and the stack or what it needs for it."""
        return folder.has(*self.papers[shard]) and (folder.has(self.stack) or folder.has(self.shard(shard)))

    def write_stack(self, folder: Folder) -> None:
        """Put the shards together, unless that was done."""
        if not folder.has(self.stack):
            files = ((folder.path / self.shard(shard), names) for shard, names in self.papers.items())
            documents = ((file.read_bytes(), [folder.pages[name] for name in names]) for file, names in files)
            folder.write({self.stack: stack(documents)})


class Printing:
    """Typesets what is missing of an order, shard by shard, each written as soon as it is done; then the stacks."""

    def __init__(self, exam: Exam, order: Order, places: Sequence[Place], folder: Folder) -> None:
        self.exam, self.order, self.places, self.folder = exam, order, places, folder
        wanted = [number - 1 for number in order.only] or range(len(places))
        if "pdf" not in order.formats:
            wanted = []
        self.shards: dict[int, list[int]] = {}
        for position in wanted:
            self.shards.setdefault(position // SHARD, []).append(position)
        self.kinds = [
            Kind(kind, {s: [f"{kind}-{places[p].number:03d}.pdf" for p in own] for s, own in self.shards.items()})
            for kind in KINDS
        ]
        self.missing = [
            own
            for shard, own in self.shards.items()
            if order.only or not all(kind.is_done(shard, folder) for kind in self.kinds)
        ]

    @contextmanager
    def form(self) -> Iterator[Form | None]:
        """A format for the papers, if there will be need of one here: TeX makes it while the block goes on."""
        if not self.missing or self.order.backend != "local":
            yield None
            return
        with read_ahead(preambles(self.exam, self.order.templates)) as form:
            yield form

    def print(self, pools: Sequence[Pool], form: Form | None, progress: Progress) -> None:
        """Write the papers of these variants, and the stacks."""
        if not self.shards:
            return
        book = Book(self.exam, self.places, pools, self.order.templates)
        total = len(KINDS) * sum(map(len, self.shards.values()))
        done = total - len(KINDS) * sum(map(len, self.missing))
        with closing(self._parts(book, form)) as parts:
            for part in parts:
                kind = self.kinds[part.batch]
                files = {f"{name}.pdf": content for name, content in part.pdfs.items()}
                pages = {f"{name}.pdf": count for name, count in part.pages.items()}
                self.folder.write(files | {kind.shard(part.shard): part.document}, pages)
                done += len(part.pdfs)
                progress("papers", done, total)
        for kind in self.kinds:
            if not self.order.only:
                kind.write_stack(self.folder)
            self.folder.drop(*(kind.shard(shard) for shard in self.shards))

    def _parts(self, book: Book, form: Form | None) -> Generator[Part, None, None]:
        """The typeset shards. Papers that are cheap to make are made here, LaTeX runs beside; else workers do both.

        A single shard is one worker's, and by the time that has started the papers are made here.
        """
        if not self.missing:
            return
        if form and (len(self.missing) == 1 or book.is_quick):
            positions = [position for own in self.missing for position in own]
            yield from press_parts(_batches(book), form, jobs=self.order.jobs, only=positions)
            return
        from joblib import delayed

        with parallel(self.order.backend, self.order.jobs, self.order.scheduler) as run:
            for parts in run(delayed(_press)(book, own) for own in self.missing):
                yield from parts


def _press(book: Book, positions: Sequence[int]) -> list[Part]:
    """One shard of exams and keys, by whoever does it."""
    batches = _batches(book)
    with read_ahead([batch.preamble for batch in batches]) as form:
        return list(press_parts(batches, form, jobs=1, only=positions))


def _batches(book: Book) -> list[Batch]:
    exam, key = preambles(book.exam, book.printer.templates)
    return [Batch(book.exams(), exam, lambda: book.first.exam), Batch(book.keys(), key, lambda: book.first.key)]
