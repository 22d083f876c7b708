"""A stress test as files: its data, and its figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from derive.exam.stress import Stress, stress_data
from derive.files import staged_folder

FORMATS = ("json", "pdf", "svg")


def write_stress(found: Stress, output: Path, formats: Sequence[str]) -> list[Path]:
    """Write `stress.json` and `stress.pdf` into `output`/<problem>-stress/, all or none, and return their paths."""
    folder = output / f"{found.problem.name}-stress"
    with staged_folder(folder) as staged:
        for suffix in formats:
            if suffix == "json":
                text = json.dumps(stress_data(found), indent=2, ensure_ascii=False) + "\n"
                (staged / "stress.json").write_text(text, encoding="utf-8")
            else:
                from derive.exam.stress_figure import draw_stress

                (staged / f"stress.{suffix}").write_bytes(draw_stress(found, "svg" if suffix == "svg" else "pdf"))
    return [folder / f"stress.{suffix}" for suffix in formats]
