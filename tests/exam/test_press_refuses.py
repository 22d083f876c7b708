"""What the press refuses, and that it says in which paper; nothing else goes in or out, and nothing runs on."""

import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from derive.exam.form import read_ahead
from derive.exam.press import Batch, Paper, press, press_parts
from derive.render.pdf import TexError, TexMissing, TexTimeout
from tests.exam.papers import PREAMBLE, needs_tex, paper

ROOT = Path(__file__).parents[2]
pytestmark = needs_tex

# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (r"é then \nosuchcommand here", "Undefined control sequence"),
        (r"$x", "Missing $ inserted"),
        (r"\begin{center}", "ended by \\end{paper}"),
        (r"{\bfseries", "Missing } inserted"),
        (r"\textbf{never closed", "Paragraph ended|File ended|Runaway|Forbidden"),
        (r"\def\x{never closed", "File ended"),
        (r"}", "Extra }"),
        (r"\end{document}", "ended by \\end{document}"),
    ],
)
def test_an_error_names_its_paper_and_line(body, message):
    batch = [paper(0), paper(1), Paper("bad", f"good\n{body}", "two\nlines"), paper(3), paper(4)]
    with pytest.raises(TexError) as caught:
        press(batch, PREAMBLE, jobs=2)
    assert re.search(message if "|" in message else re.escape(message), caught.value.message)
    assert caught.value.name == "bad"
    assert "bad" in str(caught.value)
    assert caught.value.line in (0, 2, 3)  # what is left open is found at the end
    if "nosuch" in body:
        assert str(caught.value).startswith("bad, line 2: ")
        assert body in str(caught.value)


def test_an_error_in_a_foot_names_its_paper():
    with pytest.raises(TexError, match="bad") as caught:
        press([paper(0), Paper("bad", "body", r"\nosuchcommand")], PREAMBLE, jobs=1)
    assert "Undefined control sequence" in caught.value.message


def test_an_error_in_the_preamble_says_so():
    with pytest.raises(TexError, match=r"LaTeX preamble, line 3: Undefined control sequence"):
        press([paper(0)], PREAMBLE + "\n" + r"\nosuchcommand", jobs=1)


def test_an_error_in_the_packages_says_so():
    with pytest.raises(TexError, match=r"LaTeX preamble.*: LaTeX Error: File `nosuchpackage.sty. not found"):
        press([paper(0)], f"{PREAMBLE}\n\\usepackage{{nosuchpackage}}\n", jobs=1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (r"x\csname @@end\endcsname", "the document ends within this paper"),
        ("", "the paper has no pages"),
    ],
)
def test_a_paper_that_is_not_there_is_refused(body, message):
    with pytest.raises(TexError, match=rf"p1: {message}"):
        press([paper(0), Paper("p1", body), paper(2)], PREAMBLE, jobs=1)


def test_pages_of_no_paper_are_refused():
    with pytest.raises(TexError, match="pages that belong to no paper"):
        press([paper(0)], PREAMBLE + r"\AtEndDocument{appendix}", jobs=1)


def test_an_endless_paper_is_stopped(monkeypatch):
    monkeypatch.setattr("derive.exam.shard.SECONDS_A_PAPER", 0.0)
    endless = [paper(0), Paper("endless", r"\loop\iftrue\repeat"), paper(2)]
    message = "exam-000 to exam-002: LaTeX did not finish within 2 seconds"
    with pytest.raises(TexTimeout, match=message), read_ahead([PREAMBLE], time_limit=2.0) as form:
        list(press_parts([Batch(endless, PREAMBLE)], form, jobs=2))


@pytest.mark.parametrize("names", [["a", "a"], ["../a"], [".a"], ["a/b"], ["a", "b", "c", "a"]])
def test_names_that_are_no_files_of_their_own_are_refused(names):
    with pytest.raises(ValueError, match="name"):
        press([Paper(name, "x") for name in names], PREAMBLE, jobs=1)


def test_nothing_to_print_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        press([], PREAMBLE, jobs=1)


def test_without_latex_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TexMissing):
        press([paper(0)], PREAMBLE, jobs=1)


# ---------------------------------------------------------------- the closed room


@pytest.mark.parametrize("attack", [r"\input{%s}", r"\immediate\pdfobj stream file {%s}", r"\pdfmapfile{%s}"])
@pytest.mark.parametrize("place", ["body", "foot", "preamble"])
def test_no_file_outside_the_job_is_read(attack, place, tmp_path):
    secret = tmp_path / "secret.tex"
    secret.write_text("the-secret-of-another-file")
    line = attack.replace("%s", str(secret))
    body, foot, preamble = (line if place == name else "x" for name in ("body", "foot", "preamble"))
    end = f"\n{preamble}" if place == "preamble" else ""
    with pytest.raises(TexError) as caught:
        press([paper(0), Paper("p1", body, foot)], PREAMBLE + end, jobs=1)
    assert "the-secret" not in caught.value.log


@pytest.mark.parametrize("attack", [r"\immediate\write18{touch %s}", r'\input{|"touch %s"}'])
@pytest.mark.parametrize("in_preamble", [False, True])
def test_nothing_is_executed(attack, in_preamble, tmp_path):
    line = attack.replace("%s", str(tmp_path / "touched"))
    with suppress(TexError):  # refused with an error or ignored: both are well
        press([Paper("p", "x" if in_preamble else line + "x")], PREAMBLE + ("\n" + line) * in_preamble, jobs=1)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(TexError):
        press([paper(0), Paper("p1", r"\nosuchcommand")], PREAMBLE, jobs=1)
    found = press([paper(0)], PREAMBLE, jobs=1)
    assert len(list(tmp_path.iterdir())) == 1  # the papers, as long as someone wants them
    del found
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_no_process(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it\n"
        "from derive.exam.press import Paper, press\n"
        "papers = [Paper(f'p{n}', 'x' if n == 0 else r'\\loop\\iftrue\\repeat') for n in range(60)]\n"
        "press(papers, r'\\documentclass{article}', jobs=2)\n"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    environment["PATH"] = f"{Path(shutil.which('pdflatex')).parent}:{environment['PATH']}"
    process = subprocess.Popen([sys.executable, str(script)], env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while len(logs := list(tmp_path.glob("derive-*/shard-*/sheet.log"))) < 2:
            assert time.monotonic() < deadline, "LaTeX did not start"
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
    finally:
        process.kill()
    assert not any(log.parent.exists() for log in logs)
    links = [link for link in Path("/proc").glob("[0-9]*/cwd") if str(tmp_path) in _target(link)]
    assert links == []


def _target(link):
    try:
        return str(link.readlink())
    except OSError:
        return ""
