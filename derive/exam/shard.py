"""Some papers in one TeX document: made once, and again only where a paper was told something that proved wrong."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from derive.exam.form import Form
from derive.exam.pool import Task
from derive.render.engine import JOB, Room, TexError, TexTimeout, error_of
from derive.render.pdf import MOST_RUNS
from derive.render.texlog import Overfull, overfull_boxes, page_count

SECONDS_A_PAPER = 5.0
PREAMBLE = "LaTeX preamble"

PAPER_MACROS = r"""\pdftrailerid{papers}
\makeatletter
\newcommand{\paperfooter}{}\newcommand{\paperpages}{}\newcommand{\paperbegins}[1]{}\newcommand{\paperends}[1]{}
% what a template says at the start of each paper: it clears what papers hand on to each other, and reads the notes
\providecommand{\paperstart}{\papernotes}
\providecommand{\paperfoot}{\footnotesize\ifcsname\string\color@quiet\endcsname\color{quiet}\fi
  \paperfooter\unskip\hfil\thepage\,/\,\paperpages}
% every paper starts with the counters of an empty document
\AtBeginDocument{\begingroup
  \def\@elt#1{\global\csname c@#1\endcsname=\the\csname c@#1\endcsname\relax}\xdef\paper@counters{\cl@@ckpt}\endgroup}
\newenvironment{paper}[2]{\clearpage\typeout{derive: paper #1}\immediate\write\@auxout{\string\paperbegins{#1}}%
  \xdef\paper@shipped{\the\ReadonlyShipoutCounter}\paper@counters
  \def\paperpages{#2}\@namedef{r@LastPage}{{}{#2}{}{}{}}%
  \def\@newl@bel##1##2##3{\@namedef{##1@##2}{##3}}% a label holds for this paper only
  \def\papernotes{\makeatletter\@input{paper-#1.notes}\makeatother}%
  \ifdefined\graphicspath\graphicspath{{paper-#1/}}\fi
  \let\@oddfoot\paperfoot\let\@evenfoot\paperfoot
}{\clearpage\immediate\write\@auxout{\string\paperends{%
  \the\numexpr\ReadonlyShipoutCounter-\paper@shipped\relax}}}
% what every paper shows in the same way, such as a drawing: a shard sets it once and then copies the box
\newcommand{\papershared}[1]{\expandafter\paper@shared\csname paper@\pdfmdfivesum{\detokenize{#1}}\endcsname{#1}}
\newcommand{\paper@shared}[2]{\leavevmode\ifx#1\relax\newbox#1\global\setbox#1\hbox{\normalcolor#2}\fi\copy#1}
\makeatother
"""
_NOTES = re.compile(r"^\\paperbegins\{(\d+)\}\n(.*?)^\\paperends\{(\d+)\}\n", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"^derive: paper (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Paper:
    r"""A document of its own among others with the same preamble.

    `name` is the file's name without ending, `body` what stands between \begin{document} and \end{document}, `footer`
    the LaTeX at the left of its foot. `pages` is how many it is expected to have; None: as many as the first paper.
    `figures` are PDF files by the names under which the body includes them.
    """

    name: str
    body: str
    footer: str = ""
    pages: int | None = None
    figures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What a paper knows of its last run: how many pages it had, and what it wrote into the .aux file."""

    pages: int
    notes: str


@dataclass(frozen=True)
class Shard:
    """Papers as one PDF, with what each was told, which is also what it found."""

    document: bytes
    told: tuple[Told, ...]
    overfull: tuple[tuple[Overfull, ...], ...]


def learn(form: Form, name: str, preamble: str, paper: Paper) -> Task[Told]:
    """What a paper finds that was told nothing; `name` is that of a room.

    Whether it would find the same again shows in the shards, which are told this: as a rule it does.
    """
    shard = yield from print_once(form, name, preamble, [paper], [Told(pages=0, notes="")])
    return shard.told[0]


def print_once(form: Form, name: str, preamble: str, papers: Sequence[Paper], told: Sequence[Told]) -> Task[Shard]:
    """One run over `papers`, in a room `name` of its own.

    The room is empty, so a paper knows what it is told, but not how often that has changed.
    """
    place, time_limit = form.room.beside(name), form.time_limit + SECONDS_A_PAPER * len(papers)
    _furnish(place, form.rest(preamble), papers, told)
    yield None
    with place.start(form.options, rf"\input{{{JOB}.tex}}", time.monotonic() + time_limit) as process:
        yield process
        code = process.code()
    if code is None:
        raise TexTimeout(time_limit, _all_of(papers))
    shard = _read(place, papers, told, code)
    shutil.rmtree(place.folder)
    return shard


def print_shard(form: Form, name: str, preamble: str, papers: Sequence[Paper], told: Sequence[Told]) -> Task[Shard]:
    """Print `papers` as often as it takes until what they were told is true."""
    for _ in range(MOST_RUNS):
        shard = yield from print_once(form, name, preamble, papers, told)
        if shard.told == tuple(told):
            return shard
        before, told = told, shard.told
    changed = next(p.name for p, old, new in zip(papers, before, told, strict=True) if old != new)
    raise TexError(f"its pages or references are not the same after {MOST_RUNS} runs", name=changed)


def _furnish(place: Room, rest: str, papers: Sequence[Paper], told: Sequence[Told]) -> None:
    """Write all that TeX reads: a file for each paper, so that none runs on into the next, its notes, its figures."""
    for number, (paper, known) in enumerate(zip(papers, told, strict=True), start=1):
        _write(place.folder / f"paper-{number}.tex", _source(number, paper, known))
        if known.notes:
            _write(place.folder / f"paper-{number}.notes", known.notes)
        for name, content in paper.figures.items():
            path = place.folder / f"paper-{number}" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    inputs = "".join(f"\\input{{paper-{number}.tex}}\n" for number in range(1, len(papers) + 1))
    _write(place.path("tex"), f"{rest}\n{PAPER_MACROS}\\begin{{document}}\n{inputs}\\end{{document}}\n")


def _source(number: int, paper: Paper, told: Told) -> str:
    return (
        f"\\begin{{paper}}{{{number}}}{{{told.pages}}}\\def\\paperfooter{{%\n{paper.footer}\n}}\\paperstart\n"
        f"{paper.body}\n\\end{{paper}}\n"
    )


def _lines_above(paper: Paper) -> int:
    """The lines of the paper's file above its body."""
    return 3 + paper.footer.count("\n")


def _all_of(papers: Sequence[Paper]) -> str:
    return papers[0].name if len(papers) == 1 else f"{papers[0].name} to {papers[-1].name}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _read(place: Room, papers: Sequence[Paper], told: Sequence[Told], code: int) -> Shard:
    """What came out of a run; an error names the paper in which it happened, or the preamble."""
    log = place.read("log")
    logs = _log_of_each(log, len(papers))
    try:
        place.refuse_foreign_files()
    except TexError as error:  # what TeX records does not say for which paper
        raise TexError(error.message, name=_all_of(papers), log=log) from None
    if code != 0:
        raise _error(place, papers, told, code, logs)
    found = {int(number): Told(int(pages), notes) for number, notes, pages in _NOTES.findall(place.read("aux"))}
    for number, paper in enumerate(papers, start=1):
        if number not in found:
            raise TexError("the document ends within this paper", name=paper.name, log=log)
        if found[number].pages == 0:
            raise TexError("the paper has no pages", name=paper.name, log=log)
    if sum(known.pages for known in found.values()) != page_count(log):
        raise TexError("the preamble prints pages that belong to no paper", name=PREAMBLE, log=log)
    overfull = tuple(
        tuple(Overfull(box.points, max(0, box.line - _lines_above(paper))) for box in overfull_boxes(text))
        for paper, text in zip(papers, logs[1:], strict=True)
    )
    return Shard(place.path("pdf").read_bytes(), tuple(found[number + 1] for number in range(len(papers))), overfull)


def _log_of_each(log: str, count: int) -> list[str]:
    """The log before the first of `count` papers, then that of each; empty where TeX did not come to it."""
    logs = [""] * (count + 1)
    start, *rest = _MARK.split(log)
    logs[0] = start
    for number, text in zip(map(int, rest[::2]), rest[1::2], strict=True):
        if not 0 < number <= count:
            raise TexError(f"a paper says that it is number {number}", log=log)
        logs[number] = text
    return logs


def _error(place: Room, papers: Sequence[Paper], told: Sequence[Told], code: int, logs: list[str]) -> TexError:
    """The error on which TeX stopped; it lies in the last paper that has a log."""
    begun = max(number for number, text in enumerate(logs) if text)
    if begun == 0:
        return error_of(code, logs[0], place.read("tex"), PREAMBLE)
    paper = papers[begun - 1]
    return error_of(code, logs[begun], _source(begun, paper, told[begun - 1]), paper.name, _lines_above(paper))
