"""LaTeX is compiled in a closed room: the PDF comes out, and nothing else goes in or out."""

import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from pypdf import PdfReader

from derive.errors import DeriveError
from derive.render import engine
from derive.render.pdf import DEBIAN_PACKAGES, Overfull, TexError, TexMissing, TexTimeout, compile_pdf
from derive.render.texlog import first_error, overfull_boxes, page_count

ROOT = Path(__file__).parents[1]
needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")


def document(body: str, preamble: str = "") -> str:
    return f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


@needs_tex
def test_a_small_document_compiles():
    compiled = compile_pdf(document("Hello"))
    assert compiled.pdf.startswith(b"%PDF-")
    assert compiled.pages == 1
    assert compiled.overfull == ()


@needs_tex
def test_all_packages_of_our_documents_are_there():
    packages = (
        "lmodern,microtype,amsmath,mathtools,amssymb,geometry,booktabs,array,xcolor,tikz,fancyhdr,lastpage,needspace"
    )
    preamble = rf"\usepackage[T1]{{fontenc}}\usepackage{{{packages},graphicx,adjustbox,hyperref}}"
    tikz = r"\usetikzlibrary{positioning,arrows.meta,calc}"
    compiled = compile_pdf(document(r"$\mathbb{R}$ \textsf{x} \tikz\draw[-Stealth](0,0)--(1,1);", preamble + tikz))
    assert "Font shape" not in compiled.log


@needs_tex
def test_references_are_settled(tmp_path):
    path = tmp_path / "two.pdf"
    path.write_bytes(compile_pdf(document(r"of \pageref{last}\newpage\label{last}end")).pdf)
    assert PdfReader(path).pages[0].extract_text().startswith("of 2")


@needs_tex
def test_equal_source_gives_equal_bytes_and_other_source_another_identity():
    first, again, other = (compile_pdf(document(text)) for text in ("one", "one", "two"))
    assert first.pdf == again.pdf
    assert b"/CreationDate (D:20260101000000Z)" in first.pdf
    identity = re.compile(rb"/ID \[<(\w+)>")
    assert identity.findall(first.pdf) != identity.findall(other.pdf)


@needs_tex
def test_overfull_boxes_are_told_with_their_line():
    compiled = compile_pdf(document("first line\n\n" + r"\noindent\rule{500pt}{1pt}"))
    (box,) = compiled.overfull
    assert box.points == pytest.approx(500 - 345, abs=0.1)
    assert box.line == 6


@needs_tex
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (r"é then \nosuchcommand here", "Undefined control sequence"),
        (r"$x", "Missing $ inserted"),
        (r"\begin{nosuch}", "Environment nosuch undefined"),
        (r"\input{nosuchfile}", "File `nosuchfile.tex' not found"),
    ],
)
def test_an_error_names_its_line(body, message):
    with pytest.raises(TexError, match=re.escape(message)) as caught:
        compile_pdf(document("good\n" + body))
    assert isinstance(caught.value, DeriveError)
    assert caught.value.line in (5, 6)  # an open formula is found at the end of its paragraph
    assert caught.value.log
    if caught.value.line == 5:
        assert body in str(caught.value)


@needs_tex
def test_a_missing_package_says_what_to_install():
    with pytest.raises(TexError, match="apt-get install"):
        compile_pdf(document("x", r"\usepackage{nosuchpackage}"))


@needs_tex
def test_a_document_without_pages_is_an_error():
    with pytest.raises(TexError, match="no pages"):
        compile_pdf(document(""))


# ---------------------------------------------------------------- hostile documents

SECRET = "the-secret-of-another-file"

READING = [
    r"\input{%s}",
    r"\include{%s}",
    r"\newread\r\openin\r=%s \ifeof\r\errmessage{closed}\fi \read\r to\x \x",
    r"\message{\pdffiledump length 30{%s}}\ifnum\pdffilesize{%s}>0 open\fi",
    r"\includegraphics{%s}",
    r"\pdfximage{%s}\pdfrefximage\pdflastximage",
    r"\immediate\pdfobj stream file {%s}",
    r"\pdfobj stream file {%s}\pdfrefobj\pdflastobj",
    r"\pdfmapfile{%s}",
    r"\immediate\pdfobj stream file {%s}\newwrite\w\immediate\openout\w=sheet.fls \immediate\write\w{PWD}",
]


@needs_tex
@pytest.mark.parametrize("attack", READING)
@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
def test_no_file_outside_the_job_is_read(attack, relative, tmp_path):
    secret = tmp_path / "secret.tex"
    secret.write_text(SECRET)
    name = ("../" * 12 + str(secret).lstrip("/")) if relative else str(secret)
    with pytest.raises(TexError) as caught:
        compile_pdf(document("x " + attack.replace("%s", name), r"\usepackage{graphicx}\pdfcompresslevel=0"))
    assert SECRET not in caught.value.log


@needs_tex
def test_the_password_file_is_not_read():
    with pytest.raises(TexError) as caught:
        compile_pdf(document(r"\input{/etc/passwd}"))
    assert "root:" not in caught.value.log


@needs_tex
@pytest.mark.parametrize(
    "attack",
    [
        r"\immediate\write18{touch %s}",
        r"\input{|touch %s}",
        r'\input{|"touch %s"}',
        r'\newread\r\openin\r=|"touch %s" ',
        r"\typeout{Writing index file $(touch %s).idx}",  # latexmk runs this one
        r"\newwrite\w\immediate\openout\w=%s \immediate\write\w{x}",
        r"\newwrite\w\immediate\openout\w=../%n \immediate\write\w{x}",
    ],
)
def test_nothing_is_executed_or_written_outside_the_job(attack, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    touched = tmp_path / "touched"
    with suppress(TexError):  # refused with an error or ignored: both are well
        compile_pdf(document("x " + attack.replace("%s", str(touched)).replace("%n", touched.name)))
    assert list(tmp_path.iterdir()) == []


@needs_tex
def test_the_users_own_tex_set_up_is_not_used(tmp_path, monkeypatch):
    own = tmp_path / "texmf" / "tex" / "latex"
    own.mkdir(parents=True)
    (own / "mine.sty").write_text(r"\ProvidesPackage{mine}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TEXINPUTS", f"{own}:")
    with pytest.raises(TexError, match=r"mine\.sty"):
        compile_pdf(document("x", r"\usepackage{mine}"))


@needs_tex
@pytest.mark.parametrize("loop", [r"\loop\iftrue\repeat", r"\def\x{\message{.}\x}\x"])
def test_an_endless_document_is_stopped(loop):
    start = time.monotonic()
    with pytest.raises(TexTimeout, match="1 seconds"):
        compile_pdf(document(loop), time_limit=1.0)
    assert time.monotonic() - start < 5


@needs_tex
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit a running process")
def test_a_document_that_prints_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(engine, "_LARGEST_FILE", 2**20)
    with pytest.raises(TexError, match="grew beyond 1 MB"):
        compile_pdf(document(r"\loop\iftrue x\newpage\repeat"), time_limit=60)


@needs_tex
def test_an_interrupt_leaves_no_child(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it\n"
        "from derive.render.pdf import compile_pdf\n"
        "print('ready', flush=True)\n"
        "compile_pdf(sys.argv[1], time_limit=60)\n"
    )
    command = [sys.executable, str(script), document(r"\loop\iftrue\repeat")]
    environment = {"PATH": sys_path(), "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        job = wait_for_a_log(tmp_path)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    finally:
        process.kill()
        process.stdout.close()
    assert not job.exists()
    assert not running_in(job)


def sys_path() -> str:
    engine = shutil.which("pdflatex")
    assert engine is not None
    return f"{Path(engine).parent}:/usr/bin:/bin"


def wait_for_a_log(folder: Path) -> Path:
    """The job's folder, once LaTeX runs in it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for log in folder.glob("derive-*/document/sheet.log"):
            return log.parent
        time.sleep(0.02)
    raise AssertionError("LaTeX did not start")


def running_in(folder: Path) -> list[str]:
    """The processes that work in `folder` (where /proc tells)."""
    links = [link for link in Path("/proc").glob("[0-9]*/cwd") if link.parent.exists()]
    return [str(link) for link in links if str(folder) in read_link(link)]


def read_link(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


# ---------------------------------------------------------------- without LaTeX


def test_missing_latex_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TexMissing) as caught:
        compile_pdf(document("x"))
    for word in (*DEBIAN_PACKAGES, "apt-get", "brew", "TeX Live"):
        assert word in str(caught.value)


def test_the_set_up_installs_the_packages_that_the_hint_names():
    script = (ROOT / "tools" / "ensure-tex.sh").read_text()
    assert f'packages="{" ".join(DEBIAN_PACKAGES)}"' in script


# ---------------------------------------------------------------- reading a log

LOG = r"""
Overfull \hbox (12.34pt too wide) in paragraph at lines 7--9
Overfull \hbox (1.0pt too wide) detected at line 21
Overfull \vbox (3.5pt too high) has occurred while \output is active []
! Undefined control sequence.
l.2 good \bad
              more
! Emergency stop.
Output written on sheet.pdf (12 pages, 1234 bytes).
"""


def test_a_log_is_read():
    assert overfull_boxes(LOG) == (Overfull(12.34, 7), Overfull(1.0, 21), Overfull(3.5, 0))
    assert page_count(LOG) == 12
    assert first_error(LOG, "one\ngood \\bad more") == ("Undefined control sequence.", 2, "good \\bad more")


def test_a_line_of_another_file_is_not_taken_for_the_source():
    assert first_error(LOG, "one\nsomething else") == ("Undefined control sequence.", 0, "")


def test_a_log_without_error():
    assert first_error("This is pdfTeX", "") is None
    assert page_count("No pages of output.") == 0
