"""`derive train`: on the digits of scikit-learn, on files in MNIST's format, and interrupted."""

from __future__ import annotations

import json
import sys

import pytest

from derive.resources import folder
from tests.training.support import CLASSIFIER, HIDDEN_LAYER, SOFTMAX_REGRESSION
from tests.training.test_data import write_mnist

FILES = ["confusion.pdf", "confusion.svg", "learning-curve.pdf", "learning-curve.svg", "training.json"]


@pytest.fixture
def lab(place):
    """The networks of a course's lab as problem files."""
    (place / "lab.yaml").write_text(SOFTMAX_REGRESSION)
    (place / "mlp.yaml").write_text(HIDDEN_LAYER.replace("7", "H") + "train: {epochs: 2, batch_size: 200}\n")
    return place


@pytest.fixture
def digits(lab):
    pytest.importorskip("sklearn")
    return lab


def test_the_digits_of_scikit_learn(run, digits):
    done = run("train", "lab.yaml", "--epochs", 3)
    assert done.code == 0, done.err
    assert done.err == ""  # no progress bar where nobody watches
    data = json.loads((digits / "output/lab-training/training.json").read_text())
    assert data["settings"] == {"epochs": 3, "batch_size": 16, "learning_rate": 0.1, "seed": 0}
    for epoch in data["epochs"]:
        assert f"{epoch['loss']:.4f}   {epoch['accuracy']:>13.1%}" in done.out
    rows = [line.split() for line in done.out.partition("Confusion")[2].splitlines()]
    for digit, counts in enumerate(data["confusion"]):
        assert [str(digit), *map(str, counts)] in rows
    assert sorted(path.name for path in (digits / "output/lab-training").iterdir()) == FILES
    assert data["epochs"][-1]["accuracy"] > 0.6


@pytest.mark.parametrize("name", ["softmax-squared-error", "mlp-squared-error"])
@pytest.mark.parametrize("data", ["scikit-learn", "MNIST"])
def test_the_lab_files_of_the_bank(run, lab, name, data):
    if data == "MNIST":
        write_mnist(lab / "mnist")
    else:
        pytest.importorskip("sklearn")
    words = ("--data", "mnist") if data == "MNIST" else ()
    done = run("train", folder("problems") / f"{name}.yaml", *words, "--epochs", 1, "--format", "json", "--json")
    assert done.code == 0, done.err
    assert done.data["settings"] == {"epochs": 1, "batch_size": 16, "learning_rate": 0.01, "seed": 0}
    assert done.data["dataset"]["name"].startswith(data)
    assert 0 < done.data["epochs"][0]["loss"] < 1


def test_settings_of_the_file_and_of_the_command_line(run, digits):
    done = run("train", "mlp.yaml", "--size", "H=9", "--batch-size", 300, "--format", "json", "--output", "lab")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (digits / "lab/mlp-training").iterdir()) == ["training.json"]
    data = json.loads((digits / "lab/mlp-training/training.json").read_text())
    assert (data["settings"]["epochs"], data["settings"]["batch_size"]) == (2, 300)


def test_json(run, digits):
    data = run("train", "lab.yaml", "--epochs", 1, "--json", "--seed", 5).data
    assert data == json.loads((digits / "output/lab-training/training.json").read_text())
    assert data["settings"]["seed"] == 5
    assert data["dataset"]["name"] == "scikit-learn digits"


@pytest.mark.parametrize("packed", [False, True])
def test_files_in_the_format_of_mnist(run, lab, packed):
    write_mnist(lab / "mnist", packed=packed)
    done = run("train", "lab.yaml", "--data", "mnist", "--epochs", 1, "--format", "json", "--json")
    assert done.code == 0, done.err
    assert done.data["dataset"]["name"] == "MNIST"
    assert done.data["dataset"]["pixels"] == 12


def test_class_indices(run, lab):
    write_mnist(lab / "mnist")
    (lab / "classes.yaml").write_text(CLASSIFIER)
    done = run("train", "classes.yaml", "--data", "mnist", "--format", "json", "--epochs", 1)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("nowhere.yaml",), "there is no such file"),
        (("first.yaml", "--data", "mnist"), "a symbol for the number of samples"),
        (("lab.yaml", "--data", "nowhere"), "no file train-images-idx3-ubyte"),
        (("lab.yaml", "--data", "mnist", "--epochs", 0), "--epochs: `0`"),
        (("lab.yaml", "--data", "mnist", "--epochs", "many"), "--epochs"),
        (("lab.yaml", "--data", "mnist", "--learning-rate", "inf"), "--learning-rate: `inf`"),
        (("lab.yaml", "--data", "mnist", "--format", "png"), "the unknown word `png`"),
        (("mlp.yaml", "--data", "mnist"), "no number for `H`"),
        (("mlp.yaml", "--data", "mnist", "--size", "H"), "such as `H=100`"),
        (("lab.yaml", "--data", "mnist", "--size", "Q=1"), "a size for `Q`"),
    ],
)
def test_what_cannot_be_used(run, lab, words, expected):
    write_mnist(lab / "mnist")
    done = run("train", *words)
    assert done.code == 2
    assert expected in done.err
    assert not (lab / "output").exists()


def test_a_wrong_key_in_the_file(run, lab):
    (lab / "lab.yaml").write_text(SOFTMAX_REGRESSION + "train: {epochs: -1, momentum: 1}\n")
    done = run("train", "lab.yaml")
    assert done.code == 2
    assert "train.epochs: `-1`" in done.err
    assert "the unknown key `momentum`" in done.err


def test_without_scikit_learn(run, lab, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    done = run("train", "lab.yaml")
    assert done.code == 2
    assert "scikit-learn" in done.err
    assert "pip install scikit-learn" in done.err
    assert not (lab / "output").exists()


def test_an_interrupt_tells_what_was_done_and_writes_nothing(run, lab, monkeypatch):
    from derive.training import Network

    write_mnist(lab / "mnist")
    step, steps = Network.step, []

    def interrupted(*words):
        steps.append(words)
        if len(steps) > 3:  # a batch of the second epoch: twelve images in batches of four
            raise KeyboardInterrupt
        return step(*words)

    monkeypatch.setattr(Network, "step", interrupted)
    done = run("train", "lab.yaml", "--data", "mnist", "--batch-size", 4)
    assert done.code == 130
    assert "interrupted in epoch 2 of 10; no file is written" in done.err
    assert "train loss" in done.out
    assert "Confusion" not in done.out
    assert not (lab / "output").exists()


def test_an_interrupt_while_files_are_written_leaves_none(run, lab, monkeypatch):
    write_mnist(lab / "mnist")

    def interrupted(*_words):
        raise KeyboardInterrupt

    monkeypatch.setattr("derive.files._sync", interrupted)
    assert run("train", "lab.yaml", "--data", "mnist", "--epochs", 1, "--format", "json").code == 130
    assert not list(lab.rglob("training.json"))


def test_a_check_that_fails_stops_before_the_training(run, lab, wrong_tanh):
    write_mnist(lab / "mnist")
    (lab / "classes.yaml").write_text(CLASSIFIER)
    done = run("train", "classes.yaml", "--data", "mnist")
    assert done.code == 1
    assert "a check fails" in done.err
    assert not (lab / "output").exists()


def test_a_bar_where_a_person_watches(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")  # a bar is drawn again and again, which TERM=dumb cannot show
    from io import StringIO

    from rich.console import Console

    from derive.show import Screen

    screen, shown = Screen(), StringIO()
    screen.err = Console(file=shown, force_terminal=True, width=100)
    with screen.counted(2) as count:
        count("epoch 1 of 2")
        count("epoch 2 of 2: loss 0.125")
    assert "epoch 2 of 2: loss 0.125" in shown.getvalue()
    assert "100%" in shown.getvalue()
