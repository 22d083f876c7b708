"""The answers of papers as data: every number of a variant, as printed, and between which decimals it may lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from derive.exam.numbers import ManyNumbers
from derive.ops import Array
from derive.variants.rounding import Accepted
from derive.variants.search import Variant

Record = dict[str, Any]
_SECTIONS = {"parameter": "parameters", "input": "input", "target": "target", "constant": "constants"}


def records(numbers: ManyNumbers, intervals: Accepted, variants: Sequence[Variant]) -> Iterator[Record]:
    """A record for each variant of a batch.

    `parameters`, `input`, `target`, `constants` and `update` hold what is given, `answers` the full values, `printed`
    their decimals as texts, `accepted` for each entry the lowest and the highest decimal that is right.
    """
    setting = numbers.setting
    given = {role: [] for role in _SECTIONS.values()}  # type: dict[str, list[str]]
    rate = setting.problem.update.symbol if setting.problem.update else None
    for name, quantity in setting.program.quantities.items():
        if name != rate:
            given[_SECTIONS[quantity.role]].append(name)
    names = [*setting.program.quantities, *setting.answers]
    values = {name: numbers.full(name) for name in names}
    printed = {name: _shaped(numbers.result(name), values[name]) for name in setting.answers}
    accepted = {name: np.stack(pair, axis=-1) for name, pair in intervals.intervals.items()}
    for row, variant in enumerate(variants):
        record: Record = {"number": variant.number, "id": str(variant.id)}
        if setting.label:
            record["network"] = setting.label
        for section, members in given.items():
            if members:
                record[section] = {name: values[name][row].tolist() for name in members}
        if rate:
            record["update"] = {rate: float(values[rate][row])}
        record["answers"] = {name: values[name][row].tolist() for name in setting.answers}
        record["printed"] = {name: _listed(printed[name][row]) for name in setting.answers}
        record["accepted"] = {name: accepted[name][row].tolist() for name in setting.answers}
        yield record


def _shaped(texts: Array, values: Array) -> Array:
    return texts.reshape(values.shape)


def _listed(texts: Any) -> Any:
    return texts.tolist() if isinstance(texts, np.ndarray) else texts


def columns(paper: Record) -> Iterator[tuple[str, str]]:
    """A paper as a row of a table: each entry of each answer as printed, under its name."""
    for key in ("number", "id", "student", "name"):
        if key in paper:
            yield key, _cell(str(paper[key]))
    parts: Iterable[tuple[str, Mapping[str, Any]]] = (
        [(f"{place}: ", part) for place, part in enumerate(paper["problems"], 1)]
        if "problems" in paper
        else [("", paper)]
    )
    for prefix, part in parts:
        for name, texts in part["printed"].items():
            for place, text in _entries(texts):
                yield f"{prefix}{name}{place}", text


def _cell(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _entries(texts: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[str, str]]:
    """Each entry with its place, counted from 1: `[1,2]`."""
    if isinstance(texts, list):
        for number, entry in enumerate(texts, 1):
            yield from _entries(entry, (*place, number))
    else:
        yield f"[{','.join(map(str, place))}]" if place else "", texts
