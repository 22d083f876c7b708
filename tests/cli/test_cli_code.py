"""`derive code`: programs on the terminal, in files, in notebooks."""

from __future__ import annotations

import json
import sys

import pytest

from derive.code import STYLES
from tests.code.running import run as run_program

ALL_STYLES = [(language, style) for language, styles in STYLES.items() for style in styles]


@pytest.mark.parametrize(("language", "style"), ALL_STYLES)
def test_every_style_runs(run, language, style):
    done = run("code", "first.yaml", "--language", language, "--style", style)
    assert done.code == 0, done.err
    run_program(done.out)


def test_the_usual_styles(run):
    assert run("code", "first.yaml").out == run("code", "first.yaml", "--language", "numpy", "--style", "step").out
    assert "loss.backward()" in run("code", "first.yaml", "--language", "pytorch").out


def test_blanks(run):
    done = run("code", "first.yaml", "--blanks")
    assert "z = _____" in done.out
    assert "np.tanh" not in done.out


def test_a_file(run, place):
    done = run("code", "first.yaml", "--output", "first.py")
    assert (done.code, done.out) == (0, "")
    assert (place / "first.py").read_text() == run("code", "first.yaml").out


def test_a_notebook(run, place):
    pytest.importorskip("nbformat")
    assert run("code", "first.yaml", "--output", "first.ipynb", "--blanks").code == 0
    book = json.loads((place / "first.ipynb").read_text())
    assert book["cells"][0]["cell_type"] == "markdown"
    text = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")
    assert "z = _____" in text
    first = (place / "first.ipynb").read_bytes()
    run("code", "first.yaml", "--output", "first.ipynb", "--blanks")
    assert (place / "first.ipynb").read_bytes() == first


def test_the_cells_of_a_notebook_run(run, place):
    pytest.importorskip("nbformat")
    run("code", "first.yaml", "--output", "first.ipynb")
    book = json.loads((place / "first.ipynb").read_text())
    variables = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), variables)  # noqa: S102  # a program that the project wrote
    assert variables["L_new"].shape == (1,)


def test_without_nbformat(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    done = run("code", "first.yaml", "--output", "first.ipynb")
    assert done.code == 2
    assert "pip install nbformat" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("--language", "fortran"),
        ("--style", "layer"),
        ("--language", "pytorch", "--style", "layers"),
        ("--output", "first.txt"),
    ],
)
def test_words_that_are_not_known(run, words):
    done = run("code", "first.yaml", *words)
    assert done.code == 2
    assert "expected" in done.err


def test_a_problem_that_is_no_chain(run, place):
    (place / "skip.yaml").write_text(
        "forward: |\n  z = W @ x\n  y = z + x\n  L = sum(y**2)\n"
        "parameters: {W: [[1, 2], [3, 4]]}\ninput: {x: [1, 1]}\nupdate: {sgd: {learning_rate: 0.1}}\n"
    )
    done = run("code", "skip.yaml", "--style", "layers")
    assert done.code == 2
    assert "no layer of its own" in done.err
    assert run("code", "skip.yaml", "--style", "loop").code == 0


def test_no_program_where_a_check_fails(run, wrong_tanh):
    done = run("code", "first.yaml")
    assert (done.code, done.out) == (1, "")
    assert "a check fails" in done.err
