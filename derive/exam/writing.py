"""The answers as files: streamed, so that a hundred thousand variants need no more memory than a few."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from derive.errors import DeriveError, Fault
from derive.exam.answers import AT_ONCE, by_network, intervals_of, numbers_of, paper_records
from derive.exam.folder import Folder
from derive.exam.plan import Place
from derive.exam.records import Record, columns
from derive.variants.search import Pool

DEFAULT_FORMATS = ("pdf", "json", "csv")
FORMATS = (*DEFAULT_FORMATS, "jsonl", "parquet")
Progress = Callable[[str, int, int], None]


def write_answers(
    places: Sequence[Place], pools: Sequence[Pool], formats: Sequence[str], folder: Folder, progress: Progress
) -> None:
    """Write `answers.json`, `.csv`, `.jsonl` and `.parquet` as far as they are wanted and not there yet."""
    for suffix in formats:
        name = f"answers.{suffix}"
        if suffix == "pdf" or folder.has(name):
            continue
        if suffix == "parquet":
            with folder.writing(name) as path:
                _write_parquet(path, places, pools, progress)
        else:
            records = _counted(paper_records(places, pools), len(places), name, progress)
            with folder.writing(name) as path, path.open("x", encoding="utf-8", newline="") as file:
                {"json": _write_json, "jsonl": _write_lines, "csv": _write_csv}[suffix](file, records)


def _counted(records: Iterable[Record], total: int, name: str, progress: Progress) -> Iterator[Record]:
    for done, record in enumerate(records, 1):
        yield record
        if done % 100 == 0 or done == total:
            progress(name, done, total)


def _text(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def _write_json(file: TextIO, records: Iterator[Record]) -> None:
    """A list of papers, one on a line."""
    separator = "[\n"
    for record in records:
        file.write(separator + _text(record))
        separator = ",\n"
    file.write("\n]\n")


def _write_lines(file: TextIO, records: Iterator[Record]) -> None:
    """A paper on each line."""
    file.writelines(_text(record) + "\n" for record in records)


def _write_csv(file: TextIO, records: Iterator[Record]) -> None:
    """A row for each paper, a column for each entry of each answer, as printed."""
    writer: csv.DictWriter[str] | None = None
    waiting: list[dict[str, str]] = []
    for record in records:
        waiting.append(dict(columns(record)))
        if writer is None and len(waiting) < AT_ONCE:
            continue  # networks may have other answers, so the first rows tell the columns
        writer = writer or _started(file, waiting)
        writer.writerows(waiting)
        waiting.clear()
    writer = writer or _started(file, waiting)
    writer.writerows(waiting)


def _started(file: TextIO, rows: Sequence[dict[str, str]]) -> csv.DictWriter[str]:
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    return writer


def _write_parquet(path: Path, places: Sequence[Place], pools: Sequence[Pool], progress: Progress) -> None:
    """A column for each entry of each quantity, and two for the ends of each answer's interval."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise DeriveError(
            Fault("pyarrow is not installed", "what writes Parquet", "pip install 'derive[parquet]'", where="--format")
        ) from None
    if len(pools) > 1 or len(pools[0].settings) > 1:
        raise DeriveError(
            Fault(
                "an exam of several problems or networks, whose answers are no single table",
                "one problem with one network",
                "use --format jsonl",
                where="--format",
            )
        )
    variants = pools[0].variants
    writer: Any = None
    for start in range(0, len(places), AT_ONCE):
        [own] = by_network(variants[start : start + AT_ONCE])
        some = places[start : start + AT_ONCE]
        table = pyarrow.table(
            {
                "number": [place.number for place in some],
                "id": [str(place.id) for place in some],
                **dict(_arrays(own)),
            }
        )
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
        progress(path.name, min(start + AT_ONCE, len(places)), len(places))
    writer.close()


def _arrays(own: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    import numpy as np

    numbers = numbers_of(own)
    setting, intervals = numbers.setting, intervals_of(numbers)
    for name in (*setting.program.quantities, *setting.answers):
        values = numbers.full(name)
        places = list(np.ndindex(values.shape[1:]))
        sides = {"": values}
        if name in intervals.intervals:
            low, high = intervals.intervals[name]
            sides |= {" low": low, " high": high}
        for end, array in sides.items():
            for index in places:
                place = f"[{','.join(str(i + 1) for i in index)}]" if index else ""
                yield f"{name}{place}{end}", np.ascontiguousarray(array[(slice(None), *index)])
