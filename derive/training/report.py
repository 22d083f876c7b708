"""What a training comes to, as files: its settings and numbers as JSON, its figures as PDF and SVG."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

from derive.files import staged_folder
from derive.training.figures import FIGURES
from derive.training.loop import Training

FORMATS = ("json", "pdf", "svg")


def training_data(training: Training) -> dict[str, Any]:
    """Settings, data set, epochs, confusion matrix (row: the digit, column: what it was taken for), batch losses."""
    dataset = training.dataset
    return {
        "problem": training.problem,
        "dataset": {
            "name": dataset.name,
            "images": len(dataset.labels),
            "test_images": len(dataset.test_labels),
            "pixels": dataset.width,
            "classes": dataset.classes,
        },
        "settings": asdict(training.settings),
        "epochs": [asdict(epoch) for epoch in training.epochs],
        "confusion": training.confusion.tolist(),
        "losses": list(training.losses),
    }


def write_training(training: Training, output: Path, formats: Collection[str]) -> tuple[Path, ...]:
    """Write `output/<problem>-training`, all files or none."""
    folder = output / f"{training.problem}-training"
    files: dict[str, bytes] = {}
    if "json" in formats:
        files["training.json"] = (json.dumps(training_data(training), allow_nan=False) + "\n").encode()
    for name, draw in FIGURES.items():
        files |= {f"{name}.{kind}": draw(training, kind) for kind in ("pdf", "svg") if kind in formats}
    with staged_folder(folder) as place:
        for name, content in files.items():
            (place / name).write_bytes(content)
    return tuple(folder / name for name in files)
