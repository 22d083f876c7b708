"""All papers of an exam before they are typeset: the variants of its problems put together, block by block."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from derive.exam.plan import Exam, Part, Place, counted
from derive.exam.shard import Paper
from derive.exam.typeset import Fragment, Printed, Typesetter
from derive.render.paper import Front, Printer
from derive.render.scripts import drawings
from derive.variants.search import Pool, Variant
from derive.variants.setting import Setting

BLOCK = 50  # papers that are made at once: those of a shard of the press
KEPT = 3  # blocks that are kept, as exams and keys are typeset side by side


@dataclass(frozen=True)
class Sheets:
    """One paper: its exam and its key, ready to be typeset."""

    exam: Paper
    key: Paper


class Book:
    """The papers of an exam; `pools` hold the variants of each of its problems, one for each paper."""

    def __init__(
        self, exam: Exam, places: Sequence[Place], pools: Sequence[Pool], templates: Path | None = None
    ) -> None:
        self.exam = counted(exam, [max(len(setting.answers) for setting in pool.settings) for pool in pools])
        self.places, self.pools = places, pools
        self.printer = Printer(templates)
        self.block = functools.lru_cache(maxsize=KEPT)(self._block)
        self._typesetters = [
            _typesetters(part, pool, self.printer) for part, pool in zip(self.exam.parts, pools, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, position: int) -> Sheets:
        return self.block(position // BLOCK)[position % BLOCK]

    @property
    def is_quick(self) -> bool:
        """Whether papers are filled in, which takes a few milliseconds, and not composed one by one."""
        return all(typesetter.is_stencilled for part in self._typesetters for typesetter in part.values())

    def __getstate__(self) -> dict[str, Any]:
        """What a worker needs to make the papers itself."""
        return {"exam": self.exam, "places": self.places, "pools": self.pools, "templates": self.printer.templates}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def exams(self) -> Sequence[Paper]:
        """The papers of the students, each made when it is asked for."""
        return Papers(self, "exam")

    def keys(self) -> Sequence[Paper]:
        """Their keys, each made when it is asked for."""
        return Papers(self, "key")

    @functools.cached_property
    def first(self) -> Sheets:
        """The first paper, made by itself: before the others of its block, so that TeX need not wait for those."""
        return self._made(self.places[:1])[0]

    def _block(self, number: int) -> list[Sheets]:
        return self._made(self.places[number * BLOCK : (number + 1) * BLOCK])

    def _made(self, places: Sequence[Place]) -> list[Sheets]:
        printed = [
            _printed(typesetters, [pool.variants[place.number - 1] for place in places])
            for typesetters, pool in zip(self._typesetters, self.pools, strict=True)
        ]
        return [self._sheets(place, [part[row] for part in printed]) for row, place in enumerate(places)]

    def _sheets(self, place: Place, parts: Sequence[Printed]) -> Sheets:
        ordered = [parts[part] for part in place.order]
        front = self._front(place)
        footer = self.printer.footer(front)
        drawn = drawings(front.texts)
        exam, key = (
            Paper(
                f"{kind}-{place.number:03d}",
                self.printer.front(front, kind == "key") + "".join(fragment.tex for fragment in fragments) + end,
                footer,
                figures=drawn | {name: content for each in fragments for name, content in each.figures.items()},
            )
            for kind, fragments, end in (
                ("exam", _apart([each.question for each in ordered], r"\newpage"), "\\shareroom\n"),
                ("key", _apart([each.key for each in ordered], r"\bigskip"), ""),
            )
        )
        return Sheets(exam, key)

    def _front(self, place: Place) -> Front:
        exam, student = self.exam, place.student
        rows = [(part.problem.title or part.problem.name, part.points) for part in (exam.parts[i] for i in place.order)]
        return Front(
            title=exam.title,
            id=str(place.id),
            course=exam.course,
            date=exam.date,
            minutes=exam.minutes,
            instructions=exam.instructions,
            rows=rows,
            student=student.name if student else "",
            student_id=student.id if student else "",
        )


def preambles(exam: Exam, templates: Path | None = None) -> tuple[str, str]:
    """What all exams share, and all keys."""
    most = max(part.problem.rounding.places for part in exam.parts)
    printer = Printer(templates)
    return printer.preamble(exam.title, False, most), printer.preamble(exam.title, True, most)


class Papers(Sequence[Paper]):
    """The exams or the keys of a book."""

    def __init__(self, book: Book, kind: str) -> None:
        self._book, self._kind = book, kind

    def __len__(self) -> int:
        return len(self._book)

    @overload
    def __getitem__(self, index: int) -> Paper: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Paper]: ...
    def __getitem__(self, index: int | slice) -> Paper | Sequence[Paper]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        sheets = self._book[index]
        return sheets.exam if self._kind == "exam" else sheets.key


def _typesetters(part: Part, pool: Pool, printer: Printer) -> Mapping[int, Typesetter]:
    """A typesetter for each network of a problem that a variant has, by the place of its setting."""
    found: dict[int, Typesetter] = {}
    for variant in pool.variants:
        place = _index(pool, variant.setting)
        if place not in found:
            found[place] = Typesetter(variant.setting, variant, part.points, printer)
        if len(found) == len(pool.settings):
            break
    return found


def _index(pool: Pool, setting: Setting) -> int:
    return next(place for place, other in enumerate(pool.settings) if other is setting)


def _printed(typesetters: Mapping[int, Typesetter], variants: Sequence[Variant]) -> list[Printed]:
    """The variants of a block, those of one network printed together."""
    result: dict[int, Printed] = {}
    for typesetter in typesetters.values():
        own = [variant for variant in variants if variant.setting is typesetter.setting]
        if own:
            result |= {variant.number: printed for variant, printed in zip(own, typesetter.print(own), strict=True)}
    return [result[variant.number] for variant in variants]


def _apart(fragments: Sequence[Fragment], between: str) -> list[Fragment]:
    """Problems one behind the other, with figures that have names of their own."""
    result = []
    for number, fragment in enumerate(fragments, 1):
        tex, figures = fragment.tex, {}
        for name, content in fragment.figures.items():
            own = f"problem-{number}-{name}"
            tex = tex.replace(f"{{{name}}}", f"{{{own}}}")
            figures[own] = content
        result.append(Fragment(tex if number == 1 else f"{between}\n{tex}", figures))
    return result
