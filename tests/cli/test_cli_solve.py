"""`derive solve`: what it writes, read back; what it says; and how it fails."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pypdf
import pytest

from derive.render.pdf import TexError
from derive.render.texlog import Overfull
from derive.resources import folder

TEX = ("--format", "tex")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


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


# ---------------------------------------------------------------- what is not as it should be


@pytest.mark.parametrize("formats", ["pdf,tex,json", "pdf,json", "pdf"])
def test_without_tex_the_sources_are_still_written(run, place, without_tex, formats):
    done = run("solve", "first.yaml", "--format", formats)
    assert done.code == 1
    assert done.err.count("LaTeX (pdflatex) is not installed") == 1
    assert "apt-get install" in done.err
    data = ["result.json"] if "json" in formats else []
    assert names(place / "output" / "first") == [*data, "solution.tex", "worksheet.tex"]


def test_without_tex_an_old_pdf_is_named(run, place, without_tex):
    (place / "output" / "first").mkdir(parents=True)
    (place / "output" / "first" / "solution.pdf").write_text("old")
    assert "output/first/solution.pdf is from an earlier run" in run("solve", "first.yaml").err


def test_without_tex_what_needs_none_succeeds(run, place, without_tex):
    assert run("solve", "first.yaml", "--format", "tex,json").code == 0


def test_latex_that_is_refused_is_told_by_its_place_in_the_file(run, place, monkeypatch):
    def refuse(_tex, _figures):
        raise TexError("Undefined control sequence.", line=7, source=r"\nonsense [1, 2]")

    monkeypatch.setattr("derive.output.compile_pdf", refuse)
    done = run("solve", "first.yaml", "--sheet", "key")
    assert done.code == 1
    assert "output/first/key.tex:7: Undefined control sequence." in done.err
    assert r"\nonsense [1, 2]" in done.err
    assert names(place / "output" / "first") == ["key.tex", "result.json"]


def test_a_line_that_sticks_out_is_a_warning(run, place, monkeypatch):
    from derive.render.pdf import Compiled

    boxes = (Overfull(4.0, 3), Overfull(37.2, 9))
    monkeypatch.setattr("derive.output.compile_pdf", lambda *_: Compiled(b"%PDF", boxes, 1, ""))
    done = run("solve", "first.yaml", "--sheet", "key")
    assert done.code == 0
    assert "warning: output/first/key.pdf: a line sticks out by 37pt" in done.err
    monkeypatch.setattr("derive.output.compile_pdf", lambda *_: Compiled(b"%PDF", boxes[:1], 1, ""))
    assert run("solve", "first.yaml", "--sheet", "key").err == ""


def test_a_failing_check_is_shown_and_the_files_are_written(run, place, wrong_tanh):
    done = run("solve", "first.yaml", *TEX)
    assert done.code == 1
    assert "NOT CONFIRMED" in done.err
    assert "dz/da" in done.err
    assert "FAILED" in done.out
    assert names(place / "output" / "first") == ["solution.tex", "worksheet.tex"]


# ---------------------------------------------------------------- what cannot be used


def test_all_unknown_words_at_once_with_suggestions(run, place):
    done = run("solve", "first.yaml", "--format", "pfd,tex", "--sheet", "worksheat", "--detail", "brie")
    assert done.code == 2
    for found, meant in (("pfd", "pdf"), ("worksheat", "worksheet"), ("brie", "brief")):
        assert f"the unknown word `{found}`" in done.err
        assert f"did you mean `{meant}`?" in done.err
    assert not (place / "output").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", ","), "--format: nothing is named"),
        (("--detail", "brief,matrix"), "--detail: `brief`, `matrix`"),
        (("--templates", "nowhere"), "--templates nowhere: there is no such folder"),
        (("--templates", "first.yaml"), "--templates first.yaml: a file"),
        (("--templates", "."), "--templates .: a folder without templates"),
        (("--output", "first.yaml"), "first.yaml/first: cannot write: a part of the path is a file"),
        (("--output", "n" * 300), "cannot write: the name is too long"),
    ],
)
def test_options_that_cannot_be_used(run, place, words, message):
    done = run("solve", "first.yaml", *words, *(() if "--format" in words else TEX))
    assert done.code == 2
    assert message in done.err
    assert names(place) == ["first.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(run, place):
    (place / "closed").mkdir(mode=0o500)
    assert run("solve", "first.yaml", *TEX, "--output", "closed").code == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "bad.yaml: the file is empty"),
        ("title: a\ntitle: b\n", "bad.yaml:2: "),
        ("architecture: [2, 1]\nactivations: [tanhh]\nloss: mse\n", "bad.yaml:2: "),
        ("forward: |\n  y = __import__('os')\n", "bad.yaml:2: "),
        ("forward: |\n  y = [1, 2]\n", "bad.yaml:2: forward: `[1, 2]`"),
    ],
)
@pytest.mark.parametrize("command", ["solve", "check"])
def test_bad_files(run, place, command, content, message):
    (place / "bad.yaml").write_text(content)
    done = run(command, "bad.yaml")
    assert done.code == 2
    assert message in done.err
    assert "expected:" in done.err
    assert names(place) == ["bad.yaml", "first.yaml"]


def test_every_fault_of_a_file_is_shown(run, place):
    (place / "bad.yaml").write_text((place / "first.yaml").read_text() + "tilte: x\ndetail: most\n")
    done = run("solve", "bad.yaml")
    assert done.code == 2
    assert len([line for line in done.err.splitlines() if line.startswith("bad.yaml:")]) >= 2
    assert "did you mean `title`?" in done.err


@pytest.mark.parametrize("command", ["solve", "check"])
def test_files_that_are_none(run, place, command):
    done = run(command, "nowhere.yaml", ".")
    assert done.code == 2
    assert "nowhere.yaml: there is no such file" in done.err
    assert ".: a folder" in done.err


@pytest.mark.parametrize(
    "where", ["derive.solution.check_by_differences", "derive.output.compile_pdf", "derive.files._sync"]
)
def test_an_interrupt_leaves_nothing(run, place, monkeypatch, where):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    module, name = where.rsplit(".", 1)
    monkeypatch.setattr(importlib.import_module(module), name, interrupt)
    done = run("solve", "first.yaml")
    assert done.code == 130
    assert "interrupted" in done.err
    assert names(place) == ["first.yaml"]


def test_control_c_while_latex_runs(place):
    """A real signal to the real program, sent as soon as its temporary folder stands."""
    command = [sys.executable, "-m", "derive", "solve", "first.yaml"]
    process = subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while not list(place.glob("output/.derive-*")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130, messages
    assert "Traceback" not in messages
    assert names(place) == ["first.yaml"]
