"""`derive solve`: what it writes, read back, and what it says."""

import json

import numpy as np
import pypdf

from derive.resources import folder
from tests.cli.folders import names

TEX = ("--format", "tex")


def test_everything_is_written_by_default(run, place):
    done = run("solve", "first.yaml")
    assert done.code == 0, done.err
    folder = place / "output" / "first"
    expected = ["result.json", "solution.pdf", "solution.tex", "worksheet.pdf", "worksheet.tex"]
    assert names(folder) == expected
    assert all(f"output/first/{name}" in done.out for name in expected)
    assert "checks passed (largest differences:" in done.out
    assert done.err == ""
    assert names(place / "output") == ["first"]


def test_the_pdf_has_pages_with_the_title_and_the_checks(run, place):
    assert run("solve", "first.yaml", "--format", "pdf", "--sheet", "solution").code == 0
    assert names(place / "output" / "first") == ["solution.pdf"]
    pages = pypdf.PdfReader(place / "output" / "first" / "solution.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert len(pages) >= 1
    assert "Pen and paper: one training step of a small MLP" in text
    assert "Backward pass" in text
    assert "Checked" in text


def test_the_json_against_plain_numpy(run, place):
    assert run("solve", "first.yaml", "--format", "json").code == 0
    assert names(place / "output" / "first") == ["result.json"]
    data = json.loads((place / "output" / "first" / "result.json").read_text())
    w_1, b_1 = np.array([[0.1, 0.3, -0.5], [-0.2, 0.4, 0.6]]), np.array([0.1, 0.2])
    w_2, b_2, x, t = np.array([[0.7, -0.8]]), np.array([0.3]), np.array([0.3, 0.4, -0.1]), np.array([0.5])
    z = np.tanh(w_1 @ x + b_1)
    y = w_2 @ z + b_2
    d_y = 2 * (y - t)
    d_a = w_2.T @ d_y * (1 - z**2)
    np.testing.assert_allclose(data["loss"], ((y - t) ** 2).item(), rtol=1e-13)
    for name, value in {"W_2": np.outer(d_y, z), "b_2": d_y, "W_1": np.outer(d_a, x), "b_1": d_a}.items():
        np.testing.assert_allclose(data["gradients"][name], value, rtol=1e-13)
    np.testing.assert_allclose(data["updated"]["W_1"], w_1 - 0.5 * np.outer(d_a, x), rtol=1e-13)
    assert data["passed"] is True


def test_the_sheets_as_latex(run, place):
    assert run("solve", "first.yaml", "--sheet", "solution,worksheet,key", *TEX).code == 0
    folder = place / "output" / "first"
    assert names(folder) == ["key.tex", "solution.tex", "worksheet.tex"]
    solution, worksheet = ((folder / f"{sheet}.tex").read_text() for sheet in ("solution", "worksheet"))
    assert "-0.37" in solution  # dL/dy
    assert "-0.37" not in worksheet
    for text in (solution, worksheet, (folder / "key.tex").read_text()):
        assert text.rstrip().endswith(r"\end{document}")


def test_options_may_be_given_several_times_or_with_commas(run, place):
    assert run("solve", "first.yaml", "--sheet", "key", "--sheet", "KEY, solution", *TEX, "--format", "json").code == 0
    assert names(place / "output" / "first") == ["key.tex", "result.json", "solution.tex"]


def test_the_output_folder_and_what_lies_in_it(run, place):
    folder = place / "deep" / "sheets" / "first"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    (folder / "key.tex").write_text("old")
    assert run("solve", "first.yaml", "--output", "deep/sheets", "--sheet", "key", *TEX).code == 0
    assert names(folder) == ["key.tex", "notes.txt"]
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "key.tex").read_text() != "old"


def test_detail_overrides_the_problem(run, place):
    texts = {}
    for detail in ("brief", "entries"):
        assert run("solve", "first.yaml", "--detail", detail, "--sheet", "solution", *TEX).code == 0
        texts[detail] = (place / "output" / "first" / "solution.tex").read_text()
    assert len(texts["brief"]) < len(texts["entries"])


def test_own_templates(run, place):
    (place / "mine").mkdir()
    built_in = (folder("templates") / "key.tex.j2").read_text()
    own = built_in.replace("\\begin{document}", "\\begin{document}<< title >>")
    (place / "mine" / "key.tex.j2").write_text(own)
    assert run("solve", "first.yaml", "--templates", "mine", "--sheet", "key", *TEX).code == 0
    assert "{document}Pen and paper" in (place / "output" / "first" / "key.tex").read_text()


def test_own_templates_that_leave_out_the_results_are_told(run, place):
    (place / "mine").mkdir()
    (place / "mine" / "key.tex.j2").write_text("\\documentclass{article}\\begin{document}<< title >>\\end{document}\n")
    done = run("solve", "first.yaml", "--templates", "mine", "--sheet", "key", *TEX)
    assert done.code == 1
    assert "key.tex: template (lines): 0 derivations in the document" in done.err
    assert (place / "output" / "first" / "key.tex").exists()


def test_several_problems_one_line_each(run, place):
    (place / "second.yaml").write_text((place / "first.yaml").read_text())
    done = run("solve", "first.yaml", "second.yaml", *TEX)
    assert done.code == 0
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["output/first", "output/second"]


def test_one_bad_file_does_not_stop_the_others(run, place):
    (place / "bad.yaml").write_text("")
    done = run("solve", "bad.yaml", "first.yaml", *TEX)
    assert done.code == 2
    assert "bad.yaml: the file is empty" in done.err
    assert names(place / "output") == ["first"]


def test_two_problems_of_one_name_are_refused(run, place):
    (place / "a").mkdir()
    (place / "a" / "first.yaml").write_text((place / "first.yaml").read_text())
    done = run("solve", "first.yaml", "a/first.yaml", *TEX)
    assert done.code == 2
    assert "a/first.yaml: first.yaml has the same name `first`" in done.err
    assert not (place / "output").exists()
    assert run("solve", "first.yaml", "first.yaml", *TEX).code == 0


def test_a_progress_bar_on_a_terminal(run, place, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    (place / "second.yaml").write_text((place / "first.yaml").read_text())
    done = run("solve", "first.yaml", "second.yaml", *TEX)
    assert done.code == 0
    assert "Solving" in done.err
    assert "output/first" in done.out + done.err
    assert "output/second" in done.out + done.err
