"""From an exam to its folder: the whole flow, and what is told of it on the way."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from derive.exam.book import Book
from derive.exam.folder import Folder
from derive.exam.letters import require_letters
from derive.exam.plan import Exam, Place, Student, likeness, places, require_papers
from derive.exam.press import SHARD, Batch, Part, press_parts, stack
from derive.exam.workers import parallel
from derive.exam.writing import DEFAULT_FORMATS, write_answers
from derive.variants.checks import require_checked
from derive.variants.search import Pool, find_variants
from derive.version import VERSION

KINDS = ("exam", "key")
MOST_LISTED = 10_000  # ids in the manifest; those of more variants stand with their answers
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """What is to be made: how many papers from which seed, for whom, in which formats, and who does the work."""

    count: int
    seed: int = 0
    students: tuple[Student, ...] = ()
    formats: tuple[str, ...] = DEFAULT_FORMATS
    jobs: int = 1
    only: tuple[int, ...] = ()
    templates: Path | None = None
    backend: str = "local"
    scheduler: str | None = None


@dataclass(frozen=True)
class Produced:
    """What was made: the exam, its folder, the variants, the papers, and how many comparisons confirmed them."""

    exam: Exam
    folder: Folder
    pools: tuple[Pool, ...]
    places: tuple[Place, ...]
    compared: int


def produce(exam: Exam, order: Order, output: Path, progress: Progress = lambda *_: None) -> Produced:
    """Find the variants, check them, print the papers, and write all of it into `output`/<exam>-exam/."""
    require_papers(order.students, order.count)
    if "pdf" in order.formats:
        require_letters(exam, order.students)
    folder = Folder(output / f"{exam.name}-exam", _order_data(exam, order))
    pools, compared = find_all(exam, order, progress)
    papers = places(exam, order.count, order.seed, order.students)
    if "pdf" in order.formats:
        _print(Book(exam, papers, pools, order.templates), order, folder, progress)
    if not order.only:
        write_answers(papers, pools, order.formats, folder, progress)
    folder.note(**_summary(exam, pools, papers))
    return Produced(exam, folder, pools, papers, compared)


def find_all(exam: Exam, order: Order, progress: Progress) -> tuple[tuple[Pool, ...], int]:
    """The variants of each problem, all of them confirmed by every route.

    Where an exam has a problem m times, paper i gets variants m i to m i + m - 1, which are all different.
    """
    pools, compared = [], 0
    alike = [likeness(part.problem) for part in exam.parts]
    for place, part in enumerate(exam.parts):
        title = part.problem.title or part.problem.name
        times = alike.count(alike[place])
        wanted = order.count * times
        pool = find_variants(part.problem, wanted, order.seed, _of(progress, f"variants of {title}", wanted))
        pool = every(pool, alike[:place].count(alike[place]), times)
        progress(f"checks of {title}", 0, 1)
        compared += require_checked(pool)
        progress(f"checks of {title}", 1, 1)
        pools.append(pool)
    return tuple(pools), compared


def _of(progress: Progress, stage: str, wanted: int) -> Callable[[int, int], None]:
    return lambda found, _: progress(stage, found, wanted)


def every(pool: Pool, first: int, times: int) -> Pool:
    """Of every so many variants one, numbered anew."""
    chosen = enumerate(pool.variants[first::times], 1)
    return replace(pool, variants=tuple(replace(variant, number=number) for number, variant in chosen))


def _print(book: Book, order: Order, folder: Folder, progress: Progress) -> None:
    """Typeset what is missing, shard by shard, each written as soon as it is done; then the stacks."""
    wanted = [number - 1 for number in order.only] or range(len(book))
    shards: dict[int, list[int]] = {}
    for position in wanted:
        shards.setdefault(position // SHARD, []).append(position)
    kinds = {
        kind: Kind(kind, {s: [f"{kind}-{book.places[p].number:03d}.pdf" for p in own] for s, own in shards.items()})
        for kind in KINDS
    }
    missing = [shard for shard in shards if order.only or not all(k.is_done(shard, folder) for k in kinds.values())]
    positions = [position for shard in missing for position in shards[shard]]
    if positions:
        done, total = 2 * (len(wanted) - len(positions)), 2 * len(wanted)
        with closing(_parts(book, [shards[shard] for shard in missing], order)) as parts:
            for part in parts:
                files = {f"{name}.pdf": content for name, content in part.pdfs.items()}
                pages = {f"{name}.pdf": count for name, count in part.pages.items()}
                folder.write(files | {kinds[KINDS[part.batch]].shard(part.shard): part.document}, pages)
                done += len(part.pdfs)
                progress("papers", done, total)
    for kind in kinds.values():
        if not order.only:
            kind.write_stack(folder)
        folder.drop(*(kind.shard(shard) for shard in shards))


def _parts(book: Book, shards: Sequence[Sequence[int]], order: Order) -> Generator[Part, None, None]:
    """The typeset shards. Papers that are cheap to make are made here, and LaTeX runs beside; else workers do both."""
    if order.backend == "local" and book.is_quick:
        yield from press_parts(_batches(book), jobs=order.jobs, only=[place for shard in shards for place in shard])
        return
    from joblib import delayed

    with parallel(order.backend, order.jobs, order.scheduler) as run:
        for parts in run(delayed(_press)(book, shard) for shard in shards):
            yield from parts


def _press(book: Book, positions: Sequence[int]) -> list[Part]:
    """One shard of exams and keys, by whoever does it."""
    return list(press_parts(_batches(book), jobs=1, only=positions))


def _batches(book: Book) -> list[Batch]:
    return [Batch(book.exams(), book.preamble(is_key=False)), Batch(book.keys(), book.preamble(is_key=True))]


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


def _order_data(exam: Exam, order: Order) -> dict[str, Any]:
    """What makes two runs the same: equal order, equal files."""
    return {
        "exam": exam.name,
        "digest": exam.digest,
        "version": VERSION,
        "seed": order.seed,
        "count": order.count,
        "students": [[student.id, student.name] for student in order.students],
        "templates": str(order.templates or ""),
    }


def _summary(exam: Exam, pools: Sequence[Pool], papers: Sequence[Place]) -> dict[str, Any]:
    """What the manifest says of the search and of the papers."""
    searched = [
        {
            "problem": part.problem.name,
            "candidates": pool.tally.drawn,
            "acceptance": {gate: round(pool.tally.acceptance(gate), 4) for gate in pool.tally.reached},
            "dropped": list(pool.dropped),
            "difficulty": round(pool.difficulty.middle, 2),
        }
        for part, pool in zip(exam.parts, pools, strict=True)
    ]
    listed = [str(paper.id) for paper in papers] if len(papers) <= MOST_LISTED else []
    owners = {str(paper.id): paper.student.id for paper in papers if paper.student}
    return {"search": searched, "variants": listed, "students": owners}
