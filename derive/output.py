"""A solution as files: which are asked for, and all of them written together or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from derive.check import autograd, differences, figures, is_available, plain, printed
from derive.errors import DeriveError, Fault
from derive.files import staged_folder
from derive.render.pdf import Compiled, TexError, TexMissing, TexTimeout, compile_pdf
from derive.sheet.graph import MOST_NODES
from derive.solution import SHEETS, Solution
from derive.spec import Problem
from derive.spec.faults import listing, suggestion
from derive.spec.presets import PRESETS
from derive.spec.problem import Detail
from derive.spec.transfer import in_notation

DEFAULT_FORMATS = ("pdf", "tex", "json")
FORMATS = (*DEFAULT_FORMATS, "svg")
DETAILS: tuple[str, ...] = get_args(Detail)
_ON_NUMBERS = (differences.ROUTE, plain.ROUTE, autograd.ROUTE)
_ON_LINES = (figures.DIGITS, printed.LINES)
WIDEST_OVERFULL = 5.0  # points by which a line may stick out before a warning is due


@dataclass(frozen=True)
class Written:
    """What was written for one problem: the files, and what is wrong with them: no PDF, a worksheet or key refused.

    `overfull` holds, for each sheet with lines that are too long, by how many points the longest sticks out.
    """

    folder: Path
    files: tuple[str, ...]
    overfull: dict[str, float]
    failures: tuple[Fault, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self.folder / file for file in self.files)


def choose(option: str, given: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """The words that an option names (`pdf,tex`), each once and known; all that are not are refused together."""
    words = [word.strip().lower() for text in given for word in text.split(",") if word.strip()]
    expected = f"one or more of {listing(known)}"
    faults = [
        Fault(f"the unknown word `{word}`", expected, suggestion(word, known), where=option)
        for word in dict.fromkeys(words)
        if word not in known
    ]
    if faults or not words:
        raise DeriveError(*(faults or [Fault("nothing is named", expected, where=option)]))
    return tuple(dict.fromkeys(words))


def choose_one(option: str, given: str, known: Sequence[str]) -> str:
    """The one word that an option names."""
    words = choose(option, [given], known)
    if len(words) > 1:
        raise DeriveError(Fault(f"{listing(words)}", f"one of {listing(known)}", where=option))
    return words[0]


def choose_notation(given: str) -> str:
    """The preset that `--notation` names."""
    return choose_one("--notation", given, tuple(PRESETS))


@dataclass(frozen=True)
class Order:
    """What is to be written: sheets in formats, in as much detail as the problem says or as `detail` does.

    `notation` is a preset in which the problem is written, whatever its file says.
    """

    formats: tuple[str, ...]
    sheets: tuple[str, ...]
    detail: str | None = None
    templates: Path | None = None
    notation: str | None = None

    def apply(self, problem: Problem) -> Problem:
        """The problem with the detail ordered, in the notation ordered."""
        if self.notation:
            problem = in_notation(problem, self.notation)
        return dataclasses.replace(problem, detail=self.detail or problem.detail)  # type: ignore[arg-type]


def read_order(
    formats: Iterable[str],
    sheets: Iterable[str],
    detail: str | None = None,
    templates: Path | None = None,
    notation: str | None = None,
) -> Order:
    """The order as given on the command line; everything that is wrong with it is told at once."""
    faults: list[Fault] = []

    def attempt(choose: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        try:
            return choose()
        except DeriveError as error:
            faults.extend(error.faults)
            return ()

    order = Order(
        attempt(lambda: choose("--format", formats, FORMATS)),
        attempt(lambda: choose("--sheet", sheets, SHEETS)),
        "".join(attempt(lambda: (choose_one("--detail", detail, DETAILS),) if detail else ())) or None,
        templates,
        "".join(attempt(lambda: (choose_notation(notation),) if notation else ())) or None,
    )
    if templates:
        attempt(lambda: (str(require_templates(templates)),))
    if faults:
        raise DeriveError(*faults)
    return order


def require_templates(folder: Path) -> Path:
    """The folder if it holds templates; a wrong one would otherwise be passed over in silence."""
    expected = "a folder with templates (`solution.tex.j2`, ...) or a table of words (`words/en.toml`)"
    if not folder.is_dir():
        found = "a file" if folder.exists() else "there is no such folder"
        raise DeriveError(Fault(found, expected, where=f"--templates {folder}"))
    if not (any(folder.glob("*.j2")) or any(folder.glob("words/*.toml"))):
        raise DeriveError(Fault("a folder without templates", expected, where=f"--templates {folder}"))
    return folder


def require_names_apart(files: Sequence[Path]) -> tuple[Path, ...]:
    """The files, each once; two problems of the same name would write over each other."""
    by_name: dict[str, Path] = {}
    faults = []
    for file in dict.fromkeys(files):
        first = by_name.setdefault(file.stem, file)
        if first is not file:
            hint = "solve them one after the other with different --output folders, or rename one"
            faults.append(Fault(f"{first} has the same name `{file.stem}`", "a name for each problem", hint, str(file)))
    if faults:
        raise DeriveError(*faults)
    return tuple(by_name.values())


def routes_left_out(solution: Solution) -> dict[str, str]:
    """The routes of checking that found nothing to compare, each with the reason."""
    found = {finding.route for finding in solution.all_findings}
    left_out = dict.fromkeys((*_ON_NUMBERS, *_ON_LINES), "the problem has no numbers") if not solution.values else {}
    if not is_available():
        left_out[autograd.ROUTE] = "PyTorch is not installed; pip install torch"
    elif solution.underflows:
        left_out[autograd.ROUTE] = "a number of the problem is too small for float64"
    return {route: reason for route, reason in left_out.items() if route not in found}


def write(solution: Solution, output: Path, order: Order) -> Written:
    """Write the sheets in the formats ordered to `output/<problem>`.

    Where no PDF can be made, its LaTeX source is written all the same and the reason is noted.
    """
    folder = output / solution.problem.name
    with staged_folder(folder) as place:
        job = _Job(solution, folder, place)
        for sheet in order.sheets if {"pdf", "tex"} & set(order.formats) else ():
            job.sheet(sheet, order.formats)
        if "json" in order.formats:
            job.put("result.json", solution.to_json().encode())
        if "svg" in order.formats:
            job.graphs(order.sheets)
    return Written(folder, tuple(job.files), job.overfull, tuple(job.failures))


class _Job:
    """Writes the files of one solution into a temporary place."""

    def __init__(self, solution: Solution, folder: Path, place: Path) -> None:
        self.solution, self.folder, self.place = solution, folder, place
        self.files: list[str] = []
        self.overfull: dict[str, float] = {}
        self.failures: list[Fault] = []

    def put(self, name: str, content: bytes) -> None:
        (self.place / name).write_bytes(content)
        self.files.append(name)

    def sheet(self, sheet: str, formats: Sequence[str]) -> None:
        """The PDF and the LaTeX source of one sheet; the source also where the PDF was asked for in vain."""
        tex = self.solution.tex(sheet)
        if sheet != "solution":  # whose findings are among those of the problem
            self.failures += self.refused(sheet)
        figures = self.solution.figures(sheet)
        compiled = self.compile(sheet, tex, figures) if "pdf" in formats else None
        if compiled:
            self.put(f"{sheet}.pdf", compiled.pdf)
            widest = max((box.points for box in compiled.overfull), default=0.0)
            if widest > WIDEST_OVERFULL:
                self.overfull[sheet] = widest
        if "tex" in formats or not compiled:
            self.put(f"{sheet}.tex", tex.encode())
            for name, content in figures.items():
                self.put(name, content)

    def graphs(self, sheets: Sequence[str]) -> None:
        """The computational graph, and with a worksheet also the one that is to be filled in."""
        for name, blank in (("graph.svg", False), ("graph-blank.svg", True)):
            if blank and "worksheet" not in sheets:
                continue
            svg = self.solution.graph_svg(blank=blank)
            if svg is None:
                where = str(self.folder / name)
                self.failures.append(Fault("no graph is drawn", f"at most {MOST_NODES} quantities in it", where=where))
                return
            self.put(name, svg.encode())

    def refused(self, sheet: str) -> Iterator[Fault]:
        """What re-reading a sheet does not confirm."""
        for finding in self.solution.findings_of(sheet):
            if not finding.passed:
                where, path = f"{self.folder / sheet}.tex", f"{finding.step} ({finding.route})"
                yield Fault(finding.found or "no agreement", finding.expected, finding.note, where, path)

    def compile(self, sheet: str, tex: str, figures: Mapping[str, bytes]) -> Compiled | None:
        """The compiled sheet; None, with the reason noted, where LaTeX is missing or refuses it."""
        try:
            return compile_pdf(tex, figures)
        except TexMissing as error:
            self.failures += [fault for fault in error.faults if fault not in self.failures]
        except (TexError, TexTimeout) as error:
            line = f":{error.line}" if isinstance(error, TexError) and error.line else ""
            where = f"{self.folder / sheet}.tex{line}"
            self.failures += [dataclasses.replace(fault, where=where) for fault in error.faults]
        return None
