"""What exams cost beside typesetting them, and numbers alone: `python benchmarks/exams.py [--json]`.

All that `derive variants` does for the first problem (search, checks, papers, reading them again, PDFs, both stacks)
is measured; beside it, in the same round, pdfTeX alone sets the same pages in two documents with the precompiled
preamble, and a few papers go through one TeX run each. Then 100,000 variants as numbers with their intervals. Nothing
is asserted: the ratios are printed beside their targets. On a machine that does other work, those of processor time say
more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from speed import FIRST_PROBLEM, ROOT, Figure, figure, show

JOBS = 2
FILES = 6
SEED = 7
VARIANTS = 100_000
ANEW = "\\AtBeginDocument{\\renewcommand{\\papershared}[1]{#1}}\n"


def exam_and_order(count: int) -> tuple[Any, Any]:
    from derive.exam.order import Order
    from derive.exam.plan import exam_of
    from derive.program import read

    return exam_of(read(FIRST_PROBLEM)), Order(count, SEED, jobs=JOBS)


def batches(count: int) -> list[Any]:
    """The papers of an exam and their keys, all made."""
    from derive.exam.book import Book, preambles
    from derive.exam.plan import places
    from derive.exam.press import Batch
    from derive.variants.search import find_variants

    exam, order = exam_and_order(count)
    pool = find_variants(exam.parts[0].problem, count, order.seed)
    book = Book(exam, places(exam, count, order.seed), [pool])
    return [
        Batch(list(papers), preamble)
        for papers, preamble in zip((book.exams(), book.keys()), preambles(exam), strict=True)
    ]


def processor_seconds() -> float:
    """Of this process and of all that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds on the clock and of the processors, and the result."""
    clock, used = time.perf_counter(), processor_seconds()
    result = work()
    return time.perf_counter() - clock, processor_seconds() - used, result


def typeset_alone(made: list[Any], shared: bool = True) -> tuple[float, float]:
    """pdfTeX's seconds for all pages, one document for each batch, all numbers of pages known.

    `shared`: what all papers show in the same way is set once, as the press does it; else in each paper anew.
    """
    from derive.exam.form import read_ahead
    from derive.exam.pool import run_all
    from derive.exam.press import Batch
    from derive.exam.shard import learn, print_once

    def prints(told: Iterable[Any]) -> list[Any]:
        tasks = (
            print_once(form, f"all-{n}", batch.preamble, batch.papers, known)
            for n, (batch, known) in enumerate(zip(made, told, strict=True))
        )
        return [shard.told for shard in run_all(tasks, JOBS)]

    if not shared:
        made = [Batch(batch.papers, batch.preamble + ANEW) for batch in made]
    with read_ahead([batch.preamble for batch in made], time_limit=600.0) as form:
        first = run_all((learn(form, f"first-{n}", b.preamble, b.papers[0]) for n, b in enumerate(made)), JOBS)
        told = [[known] * len(batch.papers) for known, batch in zip(first, made, strict=True)]
        clock, used, found = timed(lambda: prints(told))
    assert [list(each) for each in found] == told
    return clock, used


def one_by_one(made: list[Any]) -> tuple[float, float]:
    """Seconds for a file with one TeX run, on the clock and of the processors, `JOBS` at a time."""
    from derive.exam.shard import PAPER_MACROS
    from derive.render import pdf

    def text(number: int) -> str:
        batch = made[number % len(made)]
        paper = batch.papers[number]
        body = rf"\begin{{paper}}{{1}}{{5}}\def\paperfooter{{{paper.footer}}}{paper.body}\end{{paper}}"
        return f"{batch.preamble}{PAPER_MACROS}\\begin{{document}}\n{body}\n\\end{{document}}\n"

    texts = [text(number) for number in range(FILES)]
    usual = pdf.MOST_RUNS, pdf.head_of
    pdf.MOST_RUNS, pdf.head_of = 1, lambda tex: ""  # every run reads its packages
    try:
        with ThreadPoolExecutor(JOBS) as pool:
            clock, used, _ = timed(lambda: list(pool.map(pdf.compile_pdf, texts)))
            return clock / FILES, used / FILES
    finally:
        pdf.MOST_RUNS, pdf.head_of = usual


def produced(count: int, cache: str = "") -> Any:
    """An exam with all its files, by a process that finds the format of TeX in a folder `cache`, or nowhere."""
    from derive.exam.produce import produce
    from derive.render import format as formats

    formats._kept.clear()
    os.environ["DERIVE_CACHE"] = cache
    exam, order = exam_and_order(count)
    with tempfile.TemporaryDirectory() as folder:
        return produce(exam, order, Path(folder))


def numbers(count: int) -> None:
    """Variants found, confirmed by the routes, and with their intervals."""
    from derive.exam.answers import AT_ONCE, intervals_of, numbers_of
    from derive.program import read
    from derive.variants.checks import require_checked
    from derive.variants.search import find_variants

    pool = find_variants(read(FIRST_PROBLEM), count, SEED)
    require_checked(pool)
    for start in range(0, count, AT_ONCE):
        intervals_of(numbers_of(pool.variants[start : start + AT_ONCE]))


def measure(count: int, rounds: int, cache: str) -> list[Figure]:
    made = batches(count)
    produced(1, cache)
    rows = []
    for _ in range(rounds):
        clock, used, result = timed(lambda: produced(count, cache))
        alone = typeset_alone(made)
        first = timed(lambda: produced(count))[:2]
        single = [2 * count * each for each in one_by_one(made)]
        bulk = timed(lambda: numbers(VARIANTS))[:2]
        rows.append(((clock, used), alone, typeset_alone(made, shared=False), single, first, bulk))
    (a, a_used), (b, b_used), (d, d_used), (c, c_used), (e, e_used), (bulk, bulk_used) = (
        zip(*column, strict=True) for column in zip(*rows, strict=True)
    )
    pages = sum(pages for name, pages in result.folder.pages.items() if not name.startswith("."))

    def ratio(above: Sequence[float], below: Sequence[float]) -> list[float]:
        return [one / other for one, other in zip(above, below, strict=True)]

    return [
        figure(f"{count} exams and keys, {pages} pages: derive variants (a)", "s", a),
        figure("the same pages by pdfTeX alone, two documents (b)", "s", b),
        figure("one TeX run for each file (c)", "s", c),
        figure("as b, with the drawing set anew in each paper (d)", "s", d),
        figure("a / b", "x", ratio(a, b), "at most 1.25"),
        figure("a / b, processor time", "x", ratio(a_used, b_used), "at most 1.25"),
        figure("the first run on a machine, which finds no format of TeX (e)", "s", e),
        figure("e / b", "x", ratio(e, b)),
        figure("e / b, processor time", "x", ratio(e_used, b_used)),
        figure("a / d", "x", ratio(a, d)),
        figure("a / d, processor time", "x", ratio(a_used, d_used)),
        figure("c / a", "x", ratio(c, a), "at least 8"),
        figure("c / a, processor time", "x", ratio(c_used, a_used), "at least 8"),
        figure(f"{VARIANTS:,} variants as numbers", "s", bulk, "under 10"),
        figure(f"{VARIANTS:,} variants as numbers, processor time", "s", bulk_used, "under 10"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Print what exams cost beside typesetting them.")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default: 3)")
    parser.add_argument("--papers", type=int, default=100, help="how many exams, and as many keys (default: 100)")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as cache:
        figures = measure(options.papers, options.rounds, cache)
    if options.json:
        print(json.dumps([asdict(f) for f in figures], indent=1))
    else:
        show(figures)


if __name__ == "__main__":
    main()
