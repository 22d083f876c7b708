r"""The head of a document is read once: what is printed, the lines of errors, and who may write stay the same."""

from __future__ import annotations

import io
import shutil

import pikepdf
import pytest

from derive.render import format as formats
from derive.render import pdf
from derive.render.cache import MOST_FILES
from derive.render.engine import Room, TexError
from derive.render.format import head_of, without_head
from derive.render.pdf import compile_pdf
from derive.solution import SHEETS
from tests.problems import PEN_AND_PAPER
from tests.solved import solved

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
HEAD = "\\documentclass[11pt]{article}\n\\usepackage{array,xcolor}\n"


@pytest.fixture
def dumped(monkeypatch: pytest.MonkeyPatch) -> list[Room]:
    """The rooms in which a head is read, from none that is known, and none on disk."""
    rooms: list[Room] = []
    dump = Room.dump
    monkeypatch.setattr(formats, "_kept", {})
    monkeypatch.setenv("DERIVE_CACHE", "")
    monkeypatch.setattr(Room, "dump", lambda room, deadline: rooms.append(room) or dump(room, deadline))
    return rooms


def document(body: str, head: str = HEAD) -> str:
    return f"{head}\\setlength{{\\parindent}}{{0pt}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


def contents(compiled: pdf.Compiled) -> list[bytes]:
    """What is drawn on each page, but for words that say black, which it is anyway until another colour is told."""
    with pikepdf.open(io.BytesIO(compiled.pdf)) as opened:
        pages = [page.Contents.read_bytes() for page in opened.pages]
    return [page.replace(b"0 g 0 G\n", b"") for page in pages]


# ---------------------------------------------------------------- the head


def test_the_head_of_a_sheet_is_all_that_it_loads() -> None:
    for kind in SHEETS:
        tex = solved(PEN_AND_PAPER).tex(kind)
        head = head_of(tex)
        assert head.startswith(r"\documentclass")
        assert r"\usepackage{microtype}" in head and r"\usetikzlibrary" in head
        rest = tex.removeprefix(head).partition(r"\begin{document}")[0]
        assert r"\usepackage" not in rest and r"\usetikzlibrary" not in rest
        assert without_head(tex).split("\n")[head.count("\n") :] == tex.split("\n")[head.count("\n") :]
        assert set(without_head(tex).split("\n")[: head.count("\n")]) == {"%"}


@pytest.mark.parametrize(
    "line",
    [
        r"\usepackage{hyperref}",
        r"\usepackage{array,hyperref}",
        r"\usepackage{../array}",
        r"\usepackage{array}\input{/etc/passwd}",
        r"\usepackage[\input{/etc/passwd}]{array}",
        r"\usepackage[a]{array}[2020/01/01]",
        "\\usepackage{array}\r",
        "\\usepackage{array}\u2028",
        "% \\usepackage{array}",
        r"\newcommand{\x}{y}",
        "",
    ],
)
def test_the_head_ends_before_a_line_that_does_anything_else(line: str) -> None:
    assert head_of(f"{HEAD}{line}\n\\usepackage{{array}}\n") == HEAD
    assert head_of(f"{line}\n{HEAD}") == ""


# ---------------------------------------------------------------- the same documents


@needs_tex
@pytest.mark.slow
@pytest.mark.parametrize("kind", SHEETS)
def test_a_sheet_looks_the_same_as_without_a_format(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tex = solved(PEN_AND_PAPER).tex(kind)
    fast = compile_pdf(tex)
    monkeypatch.setattr(pdf, "head_of", lambda tex: "")
    plain = compile_pdf(tex)
    assert "microtype.sty" in plain.log and "microtype.sty" not in fast.log
    assert (fast.pages, fast.overfull) == (plain.pages, plain.overfull)
    assert contents(fast) == contents(plain)
    assert min(map(len, contents(fast))) > 1000


@needs_tex
def test_a_head_is_read_once(dumped: list[Room]) -> None:
    first, again, other = (compile_pdf(document(body)) for body in ("one", "one", "two"))
    assert len(dumped) == 1
    assert first.pdf == again.pdf != other.pdf
    compile_pdf(document("one", HEAD.replace("11pt", "12pt")))
    assert len(dumped) == 2


@needs_tex
def test_only_a_few_formats_are_kept(dumped: list[Room]) -> None:
    heads = [f"\\documentclass[{size}pt]{{article}}\n" for size in range(10, 15)]
    for head in heads:
        compile_pdf(document("x", head))
    assert len(dumped) == len(heads) > MOST_FILES
    assert list(formats._kept) == heads[-MOST_FILES:]


@needs_tex
def test_an_error_behind_the_head_names_its_line(dumped: list[Room]) -> None:
    with pytest.raises(TexError, match="Undefined control sequence") as caught:
        compile_pdf(document(r"\nosuchcommand"))
    assert len(dumped) == 1
    assert (caught.value.line, caught.value.source) == (5, r"\nosuchcommand")


@needs_tex
def test_an_error_in_the_head_names_its_line_and_is_not_remembered(
    dumped: list[Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "KNOWN", formats.KNOWN | {"nosuchpackage"})
    for _ in range(2):
        with pytest.raises(TexError, match=r"nosuchpackage\.sty' not found"):
            compile_pdf(document("x", HEAD + "\\usepackage{nosuchpackage}\n"))
    assert len(dumped) == 2
    assert formats._kept == {}


@needs_tex
def test_a_document_cannot_write_the_format(dumped: list[Room]) -> None:
    write = r"\newwrite\w\immediate\openout\w=%s \immediate\write\w{x}\immediate\closeout\w \pageref{a}\label{a}"
    with pytest.raises(TexError):
        compile_pdf(document(write % "../format/sheet.fmt"))
    compile_pdf(document(write % "sheet.fmt"))  # in its own folder, where no run looks for one
    assert compile_pdf(document("x")).pages == 1
    assert len(dumped) == 1
