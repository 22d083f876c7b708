"""A comparison as files: its LaTeX source and its PDF, written together or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from derive.compare.document import comparison_tex
from derive.compare.rows import Comparison
from derive.errors import DeriveError, Fault
from derive.files import staged_folder
from derive.render.pdf import TexError, TexMissing, TexTimeout, compile_pdf

FORMATS = ("pdf", "tex")
NAME = "comparison"


@dataclass(frozen=True)
class WrittenComparison:
    """The files, and why there is no PDF where one was asked for in vain."""

    paths: tuple[Path, ...]
    failures: tuple[Fault, ...]


def write_comparison(
    comparison: Comparison, output: Path, formats: Collection[str], everything: bool = False
) -> WrittenComparison:
    """Write `output/<a>-<b>`; where no PDF can be made, its LaTeX source is written all the same."""
    folder = output / "-".join(side.problem.name for side in comparison.sides)
    tex = comparison_tex(comparison, everything)
    files: dict[str, bytes] = {}
    failures: tuple[Fault, ...] = ()
    if "pdf" in formats:
        try:
            files[f"{NAME}.pdf"] = compile_pdf(tex).pdf
        except (TexMissing, TexError, TexTimeout) as error:
            failures = _located(error, folder / f"{NAME}.tex")
    if "tex" in formats or failures:
        files[f"{NAME}.tex"] = tex.encode()
    with staged_folder(folder) as place:
        for name, content in files.items():
            (place / name).write_bytes(content)
    return WrittenComparison(tuple(folder / name for name in files), failures)


def _located(error: DeriveError, source: Path) -> tuple[Fault, ...]:
    """The faults of a compilation with the file that they are about; a missing LaTeX is about none."""
    if isinstance(error, TexMissing):
        return error.faults
    line = f":{error.line}" if isinstance(error, TexError) and error.line else ""
    return tuple(dataclasses.replace(fault, where=f"{source}{line}") for fault in error.faults)
