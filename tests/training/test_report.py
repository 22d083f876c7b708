"""The files of a training: what they hold, and that they are the same for the same training."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from derive.spec import read_text
from derive.training import FORMATS, Network, Settings, Training, train, write_training
from derive.training.figures import draw_confusion, draw_curves
from tests.training.support import MLP, blobs


@pytest.fixture(scope="module")
def training() -> Training:
    return train(Network(read_text(MLP, "mine"), blobs()), Settings(epochs=3, batch_size=20))


def test_the_numbers(training: Training, tmp_path: Path) -> None:
    [path] = write_training(training, tmp_path, ("json",))
    assert path == tmp_path / "mine-training" / "training.json"
    data = json.loads(path.read_text())
    assert data["settings"] == {"epochs": 3, "batch_size": 20, "learning_rate": 0.1, "seed": 0}
    assert data["dataset"] == {"name": "blobs", "images": 150, "test_images": 50, "pixels": 2, "classes": 3}
    assert [epoch["number"] for epoch in data["epochs"]] == [1, 2, 3]
    assert len(data["losses"]) == 3 * 8
    assert np.mean(data["losses"][:8]) == pytest.approx(data["epochs"][0]["loss"])
    assert np.sum(data["confusion"], axis=1).tolist() == np.bincount(blobs().test_labels).tolist()


def test_the_files(training: Training, tmp_path: Path) -> None:
    paths = write_training(training, tmp_path, FORMATS)
    assert sorted(path.name for path in paths) == [
        "confusion.pdf", "confusion.svg", "learning-curve.pdf", "learning-curve.svg", "training.json",
    ]  # fmt: skip
    assert sorted(paths) == sorted((tmp_path / "mine-training").iterdir())
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_training(training, tmp_path, FORMATS)] == before


@pytest.mark.parametrize("draw", [draw_confusion, draw_curves])
def test_figures_are_vector_graphics(training: Training, draw) -> None:
    pdf, svg = draw(training, "pdf"), draw(training, "svg").decode()
    assert pdf.startswith(b"%PDF")
    assert b"/Subtype /Image" not in pdf
    assert "<image" not in svg


def test_every_count_stands_in_its_cell(training: Training) -> None:
    """matplotlib writes each text as a comment before its outline."""
    svg = draw_confusion(training, "svg").decode()
    texts = re.findall(r"<!-- (\d+) -->", svg)
    assert texts == [str(count) for count in training.confusion.flat]


def test_a_training_of_one_batch_has_a_curve(tmp_path: Path) -> None:
    short = train(Network(read_text(MLP), blobs()), Settings(epochs=1, batch_size=1000))
    assert len(short.losses) == 1
    assert draw_curves(short, "pdf").startswith(b"%PDF")
