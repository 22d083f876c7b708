"""`derive compare`: two problems on the terminal, as JSON, and as files."""

from __future__ import annotations

import shutil

import pytest

from tests.problems.exercises import TWO_LAYERS


@pytest.fixture
def two(place):
    """Two networks that differ in an activation."""
    (place / "relu.yaml").write_text("title: With ReLU\n" + TWO_LAYERS)
    (place / "tanh.yaml").write_text(TWO_LAYERS.replace("3*relu(s_1)", "tanh(s_1)"))
    return "relu.yaml", "tanh.yaml"


def test_what_changes(run, two, place):
    done = run("compare", *two)
    assert done.code == 0, done.err
    assert "A: With ReLU (relu.yaml)" in done.out
    assert "3 * relu(s_1)" in done.out
    assert "1 - a_1**2" in done.out
    assert "W_2.T @ a_1 + b_2" not in done.out
    assert "numbers that change" in done.out
    assert done.out.count("checks passed") == 2
    assert not (place / "output").exists()


def test_all(run, two):
    done = run("compare", *two, "--all")
    assert "W_2.T @ a_1 + b_2" in done.out
    assert "W_2 - eta * dC/dW_2" in done.out


def test_json(run, two):
    data = run("compare", *two, "--json").data
    assert (data["problems"], data["passed"]) == (["relu", "tanh"], True)
    steps = {step["quantity"]: step for step in data["steps"]}
    assert steps["a_1"] == {
        "quantity": "a_1",
        "pass": "forward",
        "change": "changed",
        "formulas": ["3 * relu(s_1)", "tanh(s_1)"],
    }
    assert "s_2" not in steps
    assert {"C", "dC/dW_1"} <= {row["quantity"] for row in data["numbers"]}
    everything = run("compare", *two, "--json", "--all").data
    assert {"s_2", "W_1'"} <= {step["quantity"] for step in everything["steps"]}


def test_nothing_changes(run, place):
    shutil.copy(place / "first.yaml", place / "same.yaml")
    done = run("compare", "first.yaml", "same.yaml")
    assert done.code == 0
    assert "Every formula is the same in both." in done.out
    assert "All numbers print the same." in done.out


def test_files(run, two, place):
    done = run("compare", *two, "--format", "tex", "--output", "sheets")
    assert done.code == 0, done.err
    assert [path.name for path in (place / "sheets" / "relu-tanh").iterdir()] == ["comparison.tex"]
    assert "sheets/relu-tanh/comparison.tex" in done.out


def test_templates(run, two, place):
    (place / "own" / "words").mkdir(parents=True)
    (place / "own" / "words" / "en.toml").write_text('[comparison]\nheading = "Side by side"\n')
    assert run("compare", *two, "--format", "tex", "--templates", "own").code == 0
    assert "Side by side" in (place / "output/relu-tanh/comparison.tex").read_text()
    assert run("compare", *two, "--format", "tex", "--templates", "nowhere").code == 2


@pytest.mark.slow
def test_a_pdf(run, two, place):
    assert run("compare", *two, "--format", "pdf,tex").code == 0
    folder = place / "output" / "relu-tanh"
    assert sorted(path.name for path in folder.iterdir()) == ["comparison.pdf", "comparison.tex"]
    assert (folder / "comparison.pdf").read_bytes().startswith(b"%PDF")


def test_without_latex(run, two, place, without_tex):
    done = run("compare", *two, "--format", "pdf")
    assert done.code == 1
    assert "not installed" in done.err
    assert (place / "output" / "relu-tanh" / "comparison.tex").exists()


def test_a_check_that_fails(run, two, wrong_tanh):
    done = run("compare", *two)
    assert done.code == 1
    assert "NOT CONFIRMED" in done.err
    assert "checks FAILED" in done.out
    assert run("compare", *two, "--json").data["passed"] is False


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("relu.yaml", "nowhere.yaml"), "there is no such file"),
        (("relu.yaml", "tanh.yaml", "--format", "png"), "the unknown word `png`"),
        (("relu.yaml",), "Missing argument"),
    ],
)
def test_what_cannot_be_used(run, two, place, words, expected):
    done = run("compare", *words)
    assert done.code == 2
    assert expected in done.err
    assert not (place / "output").exists()
