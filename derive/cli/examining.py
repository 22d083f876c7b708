"""`derive variants` and `derive stress`: a paper with other numbers for every student, and a look at such numbers."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.base import Json, Problem, screen
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from derive.exam.order import Order
    from derive.exam.plan import Exam
    from derive.exam.produce import Produced
    from derive.exam.stress import Stress
    from derive.show import Screen

DEFAULT_COUNT = 30
LARGEST_SEED = 10**12 - 1  # what an id has room for


def variants(
    file: Problem,
    count: Annotated[
        int | None, typer.Option(help="How many papers.", min=1, show_default="as many as students, or 30")
    ] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal papers.", min=0, max=LARGEST_SEED)] = 0,
    roster: Annotated[
        Path | None, typer.Option(help="A CSV file of students with columns `id` and `name`.", show_default=False)
    ] = None,
    only: Annotated[list[int] | None, typer.Option(help="Make these papers only.", show_default=False)] = None,
    id_: Annotated[
        str | None, typer.Option("--id", help="Make the paper with this id once more.", show_default=False)
    ] = None,
    output: Annotated[Path, typer.Option(help="The folder that gets `<problem>-exam`.")] = Path("output"),
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="What to write: pdf, json, csv, jsonl, parquet.", show_default="pdf,json,csv"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", help="How many processes.", min=1, show_default="one for each core")
    ] = None,
    backend: Annotated[str, typer.Option(help="Who does the work: local, processes, dask, ray.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option(help="The address of a running Dask or Ray cluster.", show_default="a local one")
    ] = None,
    templates: Annotated[
        Path | None, typer.Option(help="Your own copies of templates.", show_default="built in")
    ] = None,
) -> None:
    """Make an exam: a paper with numbers of its own for every student, its key, and both stacks to print.

    FILE is a problem, or an exam that lists problems. All papers are equally hard, have answers that rounding does not
    spoil, and are checked by the routes of `derive check`. An interrupted run goes on where it stopped.
    """
    from derive.exam.order import Order
    from derive.exam.produce import produce
    from derive.exam.reading import read_exam
    from derive.exam.roster import read_roster
    from derive.exam.workers import BACKENDS
    from derive.exam.writing import DEFAULT_FORMATS, FORMATS
    from derive.output import choose, choose_one

    shown, start = screen(), time.perf_counter()
    wanted = choose("--format", formats or DEFAULT_FORMATS, FORMATS)
    exam = read_exam(file)
    students = read_roster(roster) if roster else ()
    papers = count or len(students) or DEFAULT_COUNT
    order = Order(
        papers,
        seed,
        students,
        wanted,
        jobs or _cores(),
        tuple(only or ()),
        templates,
        choose_one("--backend", backend, BACKENDS),
        scheduler,
    )
    if id_:
        order, output = _of_id(exam, order, id_), output / id_.strip().upper()
    _refuse_absent(order)
    with shown.stages() as progress:
        produced = produce(exam, order, output, progress)
    _show(shown, produced, time.perf_counter() - start)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _of_id(exam: Exam, order: Order, text: str) -> Order:
    """The order of the one paper with an id."""
    from derive.variants.identity import read_id

    if order.only:
        raise DeriveError(Fault("`--only` and `--id` together", "one of them", where="--only"))

    found = read_id(text, exam.digest)
    return replace(order, seed=found.seed, count=max(found.number, order.count), only=(found.number,))


def _refuse_absent(order: Order) -> None:
    absent = [number for number in order.only if not 1 <= number <= order.count]
    if absent:
        raise DeriveError(Fault(f"paper {absent[0]}", f"a number from 1 to {order.count}", where="--only"))


def _show(shown: Screen, produced: Produced, seconds: float) -> None:
    """What was written, and what the search for it was like."""
    from derive.show import table_of

    folder = produced.folder
    for part, pool in zip(produced.exam.parts, produced.pools, strict=True):
        table = table_of(f"Requirements: {part.problem.title or part.problem.name}", "requirement", "reached", "passed")
        for gate, reached in pool.tally.reached.items():
            table.add_row(gate.replace("_", " "), f"{reached:,}", f"{pool.tally.acceptance(gate):.1%}")
        for column in table.columns[1:]:
            column.justify = "right"
        shown.out.print(table)
        for key in pool.dropped:
            shown.warning(f"`{key}` is not required, as the problem's own numbers do not meet it; state it to have it")
    if folder.replaced:
        shown.warning(f"{folder.replaced} files of an order with other numbers were replaced in {folder.path}")
    papers = [name for name in folder.files if name.startswith(("exam-", "key-"))]
    for name in sorted(set(folder.files) - set(papers)):
        shown.line(str(folder.path / name))
    if papers:
        exams = sum(name.startswith("exam-") for name in papers)
        shown.line(f"{folder.path}: {exams} papers and {len(papers) - exams} keys")
    count = len(produced.places)
    shown.line(f"{count} variants, {produced.compared:,} comparisons agree, {seconds:.1f} s", "green")


def stress(
    file: Problem,
    count: Annotated[int, typer.Option(help="How many variants.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal variants.", min=0)] = 0,
    output: Annotated[Path, typer.Option(help="The folder that gets `<problem>-stress`.")] = Path("output"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="What to write: json, pdf, svg.", show_default="all")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look at the variants of a problem before it becomes an exam.

    Shows how many candidates each requirement accepts, where every answer lies, and how much work the variants are.
    """
    from derive.exam.stress import stress as stress_problem
    from derive.exam.stress import stress_data
    from derive.exam.stress_files import FORMATS, write_stress
    from derive.output import choose
    from derive.program import read

    shown = screen()
    wanted = choose("--format", formats or FORMATS, FORMATS)
    problem = read(file)
    with shown.stages() as progress:
        found = stress_problem(problem, count, seed, lambda done, _: progress("variants", done, count))
    paths = write_stress(found, output, wanted)
    if as_json:
        shown.json(stress_data(found))
        return
    _show_stress(shown, found)
    for path in paths:
        shown.line(str(path))


def _show_stress(shown: Screen, found: Stress) -> None:
    from derive.show import table_of

    tally = found.pool.tally
    gates = table_of("Requirements", "requirement", "reached", "passed", "alone")
    for gate, reached in tally.reached.items():
        alone = f"{found.alone[gate]:.1%}" if gate in found.alone else ""
        gates.add_row(gate.replace("_", " "), f"{reached:,}", f"{tally.acceptance(gate):.1%}", alone)
    answers = table_of("Answers", "entry", "least", "quarter", "median", "three quarters", "largest")
    for answer in found.answers:
        answers.add_row(answer.name, *(f"{value:.3g}" for value in answer.quantiles))
    for table in (gates, answers):
        for column in table.columns[1:]:
            column.justify = "right"
        shown.out.print(table)
    shown.line(f"work by hand: {found.work.mean():.0f} points, standard deviation {found.spread:.1%}")
    shown.line(f"{len(found.pool.variants):,} variants of {tally.drawn:,} candidates in {found.seconds:.1f} s")
