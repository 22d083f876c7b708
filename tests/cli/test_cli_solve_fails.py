"""`derive solve` where something fails: LaTeX, a check, the words of the command, the file, or an interrupt."""

import importlib
import os
import signal
import subprocess
import sys
import time

import pytest

from derive.render.pdf import TexError
from derive.render.texlog import Overfull
from tests.cli.folders import names

TEX = ("--format", "tex")


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
    # a shell's background jobs ignore the signal
    program = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, sys.executable, "-m", "derive", "solve", "first.yaml"]
    process = subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while not list(place.glob("output/.derive-*")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130, messages
    assert "Traceback" not in messages
    assert names(place) == ["first.yaml"]
