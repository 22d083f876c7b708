"""From an exam to its folder: the whole flow, and what is told of it on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from derive.exam.folder import Folder
from derive.exam.letters import require_letters
from derive.exam.order import Order
from derive.exam.plan import Exam, Place, likeness, places, require_papers
from derive.exam.printing import Printing, Progress
from derive.exam.writing import write_answers
from derive.variants.checks import require_checked
from derive.variants.search import Pool, find_variants
from derive.version import VERSION

MOST_LISTED = 10_000  # ids in the manifest; those of more variants stand with their answers


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
    papers = places(exam, order.count, order.seed, order.students)
    printing = Printing(exam, order, papers, folder)
    with printing.form() as form:  # LaTeX reads its packages while the variants are searched
        pools, compared = find_all(exam, order, progress)
        printing.print(pools, form, progress)
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
