"""Settings: the command line before the problem file before what is usual; what is impossible is refused at once."""

from __future__ import annotations

import pytest

from derive.errors import DeriveError, ProblemError
from derive.spec import Train, read_text
from derive.training import Settings, choose_settings, read_sizes
from tests.training.support import SOFTMAX_REGRESSION


def stated(text: str) -> Train:
    return read_text(f"{SOFTMAX_REGRESSION}{text}\n").train


@pytest.mark.parametrize("text", ["", "train:", "train: {}"])
def test_what_is_usual(text: str) -> None:
    assert choose_settings(stated(text), {}) == Settings(epochs=10, batch_size=16, learning_rate=0.1, seed=0)


def test_the_command_line_wins_over_the_file() -> None:
    in_file = stated("train: {epochs: 3, batch_size: 8, learning_rate: 1/2, seed: 7}")
    assert choose_settings(in_file, {"epochs": None, "seed": None}) == Settings(3, 8, 0.5, 7)
    assert choose_settings(in_file, {"epochs": 5, "learning_rate": 0.25, "seed": 0}) == Settings(5, 8, 0.25, 0)


def test_faults_in_the_file_are_told_together() -> None:
    with pytest.raises(ProblemError) as refused:
        stated("train: {epochs: 0, batch_size: 1.5, learning_rate: 0, seed: -1, momentum: 1}")
    paths = {fault.path: fault.expected for fault in refused.value.faults}
    assert paths == {
        "train.epochs": "at least 1",
        "train.batch_size": "a whole number",
        "train.learning_rate": "a positive number",
        "train.seed": "at least 0",
        "train.momentum": "one of `epochs`, `batch_size`, `learning_rate`, `seed`",
    }


def test_faults_on_the_command_line_are_told_together() -> None:
    with pytest.raises(DeriveError) as refused:
        choose_settings(Train(), {"epochs": 0, "batch_size": -3, "learning_rate": float("nan"), "seed": -1})
    assert [fault.where for fault in refused.value.faults] == ["--epochs", "--batch-size", "--seed", "--learning-rate"]
    for rate in (0.0, -1.0, float("inf")):
        with pytest.raises(DeriveError, match="a positive number"):
            choose_settings(Train(), {"learning_rate": rate})


def test_sizes() -> None:
    assert read_sizes(["H=100", " J = 3 "]) == {"H": 100, "J": 3}
    with pytest.raises(DeriveError) as refused:
        read_sizes(["H", "H=0", "H=-1", "1=1", "H=1e3", "H=100"])
    assert len(refused.value.faults) == 5
