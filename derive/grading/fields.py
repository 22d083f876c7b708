"""From the names under which answers stand to the numbers that are marked."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from derive.exam.plan import Exam
from derive.grading.papers import Paper
from derive.grading.values import Flaw, Raw, Shape, read_entries, shape_text
from derive.spec.faults import listing, shorten, suggestion
from derive.variants.identity import problem_digest
from derive.variants.setting import Setting

FOREIGN = "an answer to another problem"
MOST_FLAWS = 10  # of one sheet that are told
_ENTRY = re.compile(r"(?P<name>.+)\[ *(?P<index>[0-9]{1,6}(?: *, *[0-9]{1,6})*) *\]")
_PREFIX = re.compile(r"(?P<problem>[^:]+): *(?P<name>.+)")
_NO_FORMULA = re.compile(r"\s*(?:\[\s*[-+.\d\[(]|\([^()@*+/]*[,;]|np\.|n/?a\b|inf|none)", re.IGNORECASE)
_NAME = re.compile(r"(?<![0-9.])[A-Za-z][A-Za-z0-9_]*")
_OPERATOR = re.compile(r"[@*+()]|\.T|[A-Za-z0-9_)'] *[-/] *[A-Za-z(]")
_AS_TYPED = str.maketrans({"∂": "d", "′": "'", "’": "'", "\u00a0": " "})


@dataclass(frozen=True)
class Place:
    """Where an answer belongs: the problem of the exam, the quantity, and the place of the entry if it is only one."""

    part: int
    name: str
    shape: Shape
    entry: int | None = None


@dataclass
class Sheet:
    """The answers of a student for each problem of the exam: by name the entries row by row, NaN where there is none.

    An answer that was not given at all is not there.
    """

    answers: tuple[dict[str, list[float]], ...]
    flaws: list[tuple[str, Flaw]] = field(default_factory=list)  # the name as it was typed, and what is wrong
    is_foreign: bool = False  # nothing but answers to another problem
    formulas: dict[tuple[int, str], str] = field(
        default_factory=dict
    )  # answers that are no numbers, by problem and name

    def tell(self, name: str, flaw: Flaw) -> None:
        """Note what is wrong with an answer; the rest of many is counted only."""
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append((name + flaw.place, flaw))
        elif len(self.flaws) == MOST_FLAWS:
            self.flaws.append(("", Flaw("more answers like these", "answers that can be read")))


class Fields:
    """The answers that the papers of an exam ask for."""

    def __init__(self, exam: Exam) -> None:
        self.exam = exam
        self._known: dict[tuple[object, ...], Place | Flaw] = {}

    def sheet(self, answers: Mapping[str, Raw], paper: Paper) -> Sheet:
        """A student's answers as numbers. What cannot be read is told, and missing."""
        sheet = Sheet(tuple({} for _ in paper.problems))
        wholes: set[tuple[int, str]] = set()
        foreign = 0
        network = tuple(id(numbers.setting) for numbers in paper.problems)
        for typed, raw in answers.items():
            place = self._place(typed, paper, network)
            if isinstance(place, Flaw):
                foreign += place.found == FOREIGN
                if raw is not None and raw != "":
                    sheet.tell(typed, place)
                continue
            own = sheet.answers[place.part]
            key = (place.part, place.name)
            if key in wholes or (place.entry is None and place.name in own):
                flaws = [Flaw("an answer that stands there already", "each answer once")]
            elif place.entry is None and isinstance(raw, str) and is_formula(raw):
                sheet.formulas[key] = raw.strip()
                flaws = []
            else:
                flaws = _enter(own, place, raw)
            if place.entry is None:
                wholes.add(key)
            for flaw in flaws:
                sheet.tell(typed, flaw)
        sheet.is_foreign = 0 < foreign == len(answers)
        return sheet

    def _place(self, typed: str, paper: Paper, network: tuple[int, ...]) -> Place | Flaw:
        key = (typed, paper.order, network)
        if key not in self._known:
            self._known[key] = self._found(" ".join(typed.translate(_AS_TYPED).split()), paper)
        return self._known[key]

    def _found(self, typed: str, paper: Paper) -> Place | Flaw:
        """The place of a name such as `dL/dW_1[1,2]`, or `2: dL/dW_1` in an exam of several problems."""
        prefix = _PREFIX.fullmatch(typed)
        if prefix is None:
            parts, name = range(len(self.exam.parts)), typed
        else:
            parts, name = self._part(prefix["problem"], paper), prefix["name"]
            if not parts:
                return Flaw(FOREIGN, self.expected_problem())
        every = [_within(part, name, shapes(paper.problems[part].setting)) for part in parts]
        good = [place for place in every if isinstance(place, Place)]
        if len(good) > 1:
            return Flaw("an answer that several problems ask for", f"its problem in front, such as `1: {name}`")
        return good[0] if good else every[0]

    def _part(self, prefix: str, paper: Paper) -> range:
        """The problem that stands at this place of the paper, is called so, or has this digest in a notebook."""
        if prefix.isascii() and prefix.isdigit() and len(prefix) < 4 and 1 <= int(prefix) <= len(paper.order):
            part = paper.order[int(prefix) - 1]
            return range(part, part + 1)
        for part, (own, numbers) in enumerate(zip(self.exam.parts, paper.problems, strict=True)):
            if prefix in (own.problem.name, problem_digest(own.problem), problem_digest(numbers.setting.problem)):
                return range(part, part + 1)
        return range(0)

    def expected_problem(self) -> str:
        """What stands in front of a name."""
        if len(self.exam.parts) == 1:
            return f"one to {self.exam.name}, exactly as its file is now"
        names = listing(part.problem.name for part in self.exam.parts)
        return f"the number of a problem on the paper, or one of {names}"


def is_formula(text: str) -> bool:
    """Whether an answer is an expression in quantities, such as `dL/dy @ z.T`, and no number or list of numbers."""
    return _NO_FORMULA.match(text) is None and _NAME.search(text) is not None and _OPERATOR.search(text) is not None


def _enter(answers: dict[str, list[float]], place: Place, raw: Raw) -> list[Flaw]:
    """Put an answer, or an entry of one, among the others of its problem."""
    if place.entry is None:
        answers[place.name], flaws = read_entries(raw, place.shape)
        return flaws
    [answer], flaws = read_entries(raw, ())
    entries = answers.setdefault(place.name, [math.nan] * math.prod(place.shape))
    if not math.isnan(entries[place.entry]):
        return [] if math.isnan(answer) else [Flaw("an answer that stands there already", "each answer once")]
    entries[place.entry] = answer
    return flaws


def shapes(setting: Setting) -> dict[str, Shape]:
    """The shapes of what a student gives, by name."""
    return {name: setting.arithmetic.shape(setting.program.tensor(name).shape) for name in setting.answers}


def _within(part: int, name: str, known: Mapping[str, Shape]) -> Place | Flaw:
    spelled = _spelled(name, known)
    if spelled:
        return Place(part, spelled, known[spelled])
    entry = _ENTRY.fullmatch(name)
    spelled = _spelled(entry["name"], known) if entry else None
    if entry is None or spelled is None:
        bare = entry["name"] if entry else name
        hint = suggestion(bare[:100], known) or f"asked are {shorten(listing(known), 200)}"
        return Flaw("a name that is not asked for", "the name of an answer", hint)
    shape = known[spelled]
    place = _entry(tuple(int(number) - 1 for number in entry["index"].split(",")), shape)
    if place is None:
        found = f"the entry {name[len(entry['name']) :]}, counted from 1"
        return Flaw(found, f"an entry of {shape_text(shape)}")
    return Place(part, spelled, shape, place)


def _spelled(name: str, known: Mapping[str, Shape]) -> str | None:
    bare = name.strip()
    return next((word for word in (bare, bare.replace(" ", "")) if word in known), None)


def _entry(index: tuple[int, ...], shape: Shape) -> int | None:
    """The place of an entry, row by row; one number is enough where all other axes have size 1."""
    longest = max(shape, default=1)
    if len(index) == 1 and math.prod(shape) == longest:
        return index[0] if 0 <= index[0] < longest else None
    fits = len(index) == len(shape) and all(0 <= place < size for place, size in zip(index, shape, strict=True))
    return int(np.ravel_multi_index(index, shape)) if fits else None
