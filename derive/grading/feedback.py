"""Feedback: a page for each student with every step, what was answered and expected, the points, and the slip."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

from derive.grading.gradebook import EntryMark, Gradebook, StepMark, StudentMarks, nested, text_of
from derive.grading.marking import Verdict
from derive.render.notation import DERIVATIVE, Notation
from derive.render.runs import Run, runs
from derive.render.templates import Words, fill, load_words

FOLDER = "feedback"
LONGEST_NAME = 60
MOST_DIGITS = 1e9  # larger numbers print with a power of ten
SIGNS = {Verdict.RIGHT: "\u2713", Verdict.CARRIED: "\u21b7", Verdict.WRONG: "\u2717", Verdict.MISSING: "\u2013"}
KEYS = {verdict: verdict.name.lower() for verdict in Verdict}


@dataclass(frozen=True)
class Entry:
    """An entry as it is shown: what was given and expected, which numbers are accepted, and the verdict in a word."""

    given: str
    expected: str
    accepted: str
    verdict: str
    sign: str
    word: str


@dataclass(frozen=True)
class Row:
    """A step as it is shown; `entries` are rows of entries."""

    name: str
    symbol: Markup
    problem: str
    points: str
    verdict: str
    entries: tuple[tuple[Entry, ...], ...]
    remarks: tuple[str, ...]
    slip: str


def feedback(gradebook: Gradebook, templates: Path | None = None) -> Iterator[tuple[str, str]]:
    """The name of each student's file, and the page in it."""
    words = load_words(templates)
    notations = {problem: Notation(table) for problem, table in gradebook.notation.items()}
    for number, marks in enumerate(gradebook.students, 1):
        fields = {
            "title": gradebook.title,
            "student": marks.student,
            "variant": marks.variant,
            "total": _of(text_of(marks.total), text_of(marks.of), words),
            "rows": [_row(step, notations.get(step.problem, Notation()), marks, words) for step in marks.steps],
            "words": words["feedback"],
        }
        yield f"{number:04d}{_file_part(marks.student)}.html", fill("feedback.html.j2", templates, fields)


def write_feedback(gradebook: Gradebook, folder: Path) -> None:
    """A page for each student."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in feedback(gradebook):
        (folder / name).write_text(page, encoding="utf-8")


def _file_part(student: str) -> str:
    """What of a student's id can stand in the name of a file everywhere; the number in front tells the files apart."""
    plain = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME]
    return f"-{kept}" if kept else ""


def _of(points: str, most: str, words: Words) -> str:
    return words["feedback"]["of"].format(points=points, of=most)


def _row(step: StepMark, notation: Notation, marks: StudentMarks, words: Words) -> Row:
    entries = step.entries
    if step.formula:
        return _of_formula(step, notation, words)
    shown = [_entry(entry, marks.places, words) for entry in entries]
    listed = nested(shown, (1, *step.shape) if len(step.shape) < 2 else step.shape)
    return Row(
        step.name,
        symbol_html(step.name, notation),
        step.problem,
        _of(text_of(step.points), text_of(step.of), words),
        _whole(step),
        tuple(tuple(_flat(row)) for row in listed),  # type: ignore[attr-defined]
        tuple(_remarks(step, entries, words)),
        step.slip.sentence if step.slip else "",
    )


def _of_formula(step: StepMark, notation: Notation, words: Words) -> Row:
    """A step that was answered by a formula."""
    whole, texts = _whole(step), words["feedback"]
    verdict = max(Verdict(min(step.verdicts)), Verdict.WRONG)
    entry = Entry(step.formula, "", "", KEYS[verdict], SIGNS[verdict], texts[KEYS[verdict]])
    points = _of(text_of(step.points), text_of(step.of), words)
    remarks = tuple(remark for remark in (texts[f"all_{whole}"], step.remark) if remark)
    slip = step.slip.sentence if step.slip else ""
    return Row(step.name, symbol_html(step.name, notation), step.problem, points, whole, ((entry,),), remarks, slip)


def _flat(row: object) -> Iterator[Entry]:
    """The entries of a row; a tensor of more than two axes has its inner ones side by side."""
    if isinstance(row, Entry):
        yield row
    elif isinstance(row, list):
        for part in row:
            yield from _flat(part)


def _entry(entry: EntryMark, places: int, words: Words) -> Entry:
    texts = words["feedback"]
    low, high = (number_text(end, places) for end in entry.own)
    is_told = entry.verdict is Verdict.WRONG and entry.expected is not None and low != high
    return Entry(
        "" if entry.given is None else number_text(entry.given, places),
        "" if entry.expected is None else number_text(entry.expected, places),
        texts["accepted"].format(low=low, high=high) if is_told else "",
        KEYS[entry.verdict],
        SIGNS[entry.verdict],
        texts[KEYS[entry.verdict]],
    )


def number_text(number: float, places: int) -> str:
    """A number with the decimals of the sheet, or with more where more were typed; a true minus sign."""
    if abs(number) >= MOST_DIGITS:
        text = f"{number:.6g}"
    else:
        text = f"{number:.{places}f}"
        if abs(float(text) - number) > 1e-9 * max(1.0, abs(number)):
            text = f"{number:.10g}"
    return text.replace("-", "\u2212") if float(text) else text.lstrip("-")


def _whole(step: StepMark) -> str:
    """The word for a step: of entries with several verdicts the worst one."""
    return "missing" if step.is_missing else KEYS[max(Verdict(min(step.verdicts)), Verdict.WRONG)]


def _remarks(step: StepMark, entries: tuple[EntryMark, ...], words: Words) -> Iterator[str]:
    texts, size = words["feedback"], len(entries)
    earning = sum(entry.verdict >= Verdict.CARRIED for entry in entries)
    yield texts["some"].format(count=earning, size=size) if 0 < earning < size else texts[f"all_{_whole(step)}"]
    wrong = [entry for entry in entries if entry.verdict is Verdict.WRONG]
    if any(entry.given is not None and entry.own[0] <= entry.given <= entry.own[1] for entry in wrong):
        yield texts["shortcut"]
    if any(entry.expected is None for entry in wrong):
        yield texts["no_number"]


# ------------------------------------------------------------------------------------------------ symbols


def symbol_html(name: str, notation: Notation) -> Markup:
    """The symbol of a quantity with indices lowered; a derivative as a fraction on one line."""
    derivative = DERIVATIVE.fullmatch(name)
    if derivative and name not in notation.table:
        upper, lower = (_html(runs(notation.symbol(derivative[part]))) for part in ("upper", "lower"))
        return Markup("\u2202{}/\u2202{}").format(upper, lower)
    return _html(runs(notation.symbol(name)))


def _html(parts: tuple[Run, ...]) -> Markup:
    return Markup("").join(_level(level, list(own)) for level, own in groupby(parts, key=lambda run: run.level))


def _level(level: int, parts: list[Run]) -> Markup:
    text = Markup("").join(_styled(run) for run in parts)
    tag = Markup("sup" if level > 0 else "sub")
    return text if level == 0 else Markup("<{0}>{1}</{0}>").format(tag, text)


def _styled(run: Run) -> Markup:
    text = escape(run.text)
    if run.bold:
        return Markup("<b>{}</b>").format(text)
    return Markup("<i>{}</i>").format(text) if run.italic else text
