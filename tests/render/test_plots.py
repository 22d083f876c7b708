"""Figures are vector graphics of a fixed size, equal bytes for equal figures, whatever the labels and the settings."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from pypdf import PdfReader

from derive.ops import Tensor
from derive.output import Order, write
from derive.program import Role
from derive.render.figures import figure_name, sheet_figures
from derive.render.mathtext import is_drawable, label
from derive.render.notation import Notation
from derive.render.pdf import Compiled, TexError, compile_pdf
from derive.render.plots import BACKWARD, CURVES, FAMILY, FORWARD, MARKS, NARROW, WIDE, numbers, render_plot
from derive.render.templates import load_words
from derive.sheet.blocks import Axis, Curve, Formula, Mark, Plain, Plot, Plots, Symbol, Words
from derive.sheet.model import Entry, Section, Sheet
from derive.sheet.plots import activation_plots
from derive.solution import Solution, solve_problem
from derive.spec import read_text

ROOT = Path(__file__).parents[2]
POINTS_PER_CENTIMETRE = 72 / 2.54
needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")


def small(**options) -> Plot:
    horizontal = Axis(Symbol("phi_0"), -1, 2, 0.5, 0.1)
    vertical = Axis(Symbol("L"), 0, 4, 1, 0.2)
    curves = (Curve((-1, 0, 1, 2), (4, 1, 0, 1)), Curve((-1, 2), (1, 0), "tangent"))
    return Plot(**{"horizontal": horizontal, "vertical": vertical, "curves": curves, "marks": (Mark(0, 1),)} | options)


def svg(plot: Plot, notation: Notation | None = None) -> str:
    return render_plot(plot, notation or Notation(), format="svg").decode()


def test_a_legend_names_each_kind_of_mark_once_and_no_other():
    marks = (Mark(0, 1), Mark(1, 2, "kink"), Mark(1.5, 2, "kink"), Mark(0.5, 1, "read"))
    plain, explained = svg(small(marks=marks)), svg(small(marks=marks, legend=True))
    assert 'id="legend' not in plain and 'id="legend' in explained
    words = load_words(None)["questions"]
    said = re.findall(
        r"<!-- (.*?) -->",
        render_plot(small(marks=marks, legend=True), Notation(), load_words(None), format="svg").decode(),
    )
    names = [words[f"legend_{style}"] for style in ("tangent", "start", "kink", "read")]
    assert [name for name in said if name in names] == names
    assert 'id="legend' not in svg(small(legend=True).blank())


def page_size(pdf: bytes) -> tuple[float, float]:
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return tuple(float(length) / POINTS_PER_CENTIMETRE for length in (page.mediabox.width, page.mediabox.height))


# ------------------------------------------------------------------------------------------------ the files


def test_a_figure_is_one_page_of_the_size_at_which_it_is_printed():
    assert page_size(render_plot(small(), Notation())) == pytest.approx(NARROW, abs=0.01)
    assert page_size(render_plot(small(wide=True), Notation())) == pytest.approx(WIDE, abs=0.01)


def test_a_figure_holds_no_pixels():
    (page,) = PdfReader(io.BytesIO(render_plot(small(), Notation()))).pages
    assert not page.images
    assert "<image" not in svg(small())


def test_svg_is_well_formed():
    root = ElementTree.fromstring(svg(small()))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("form", ["pdf", "svg"])
def test_equal_figures_give_equal_bytes_and_other_ones_others(form):
    first, again, other = (
        render_plot(plot, Notation(), format=form) for plot in (small(), small(), small(marks=(Mark(0, 1.1),)))
    )
    assert first == again != other
    assert b"CreationDate" not in first
    assert not re.search(rb"<dc:date>|20[0-9]{2}-[0-9]{2}-[0-9]{2}", first)


@pytest.mark.parametrize("form", ["pdf", "svg"])
def test_another_process_gives_the_same_bytes(form, tmp_path):
    """Also with the settings of a user, another seed of hashes, and another time zone."""
    (tmp_path / "matplotlibrc").write_text("lines.markeredgewidth: 5\nfont.size: 30\nmathtext.fontset: stix\n")
    code = (
        "import sys; from derive.render.notation import Notation; from derive.render.plots import render_plot;"
        "from derive.sheet.plots import activation_plots;"
        f"sys.stdout.buffer.write(render_plot(activation_plots('relu').plots[1], Notation(), format='{form}'));"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    environment = {**os.environ, "MATPLOTLIBRC": str(tmp_path), "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert done.stdout == render_plot(activation_plots("relu").plots[1], Notation(), format=form)


def test_the_users_settings_stay_as_they_were():
    before = matplotlib.rcParams.copy()
    with matplotlib.rc_context({"lines.linewidth": 7.5, "font.size": 31}):
        inside = matplotlib.rcParams.copy()
        assert render_plot(small(), Notation()) != b""
        assert matplotlib.rcParams.copy() == inside
    assert matplotlib.rcParams.copy() == before


# ------------------------------------------------------------------------------------------------ what is drawn


@pytest.mark.parametrize("color", [FORWARD, BACKWARD])
def test_a_blank_holds_no_curve(color):
    assert color.lower() in svg(small()).lower()
    assert color.lower() not in svg(small().blank()).lower()


def test_every_style_is_drawn_and_an_unknown_one_is_refused():
    curves = tuple(Curve((-1, 2), (1, 2), style) for style in CURVES)
    marks = tuple(Mark(0, 1, style) for style in MARKS)
    assert len(svg(small(curves=curves, marks=marks))) > len(svg(small(curves=(), marks=())))
    with pytest.raises(KeyError):
        svg(small(marks=(Mark(0, 1, "nonsense"),)))


def test_a_family_is_told_apart_without_colours():
    assert len({str(style["linestyle"]) for style in FAMILY}) == len(FAMILY)
    curves = tuple(Curve((0, 1), (0, height), label=Symbol("p", (height + 1,))) for height in range(4))
    drawn = svg(small(curves=curves, wide=True))
    assert len(set(re.findall(r"stroke-dasharray: ([0-9., ]+)", drawn))) == 3  # and a solid one
    assert "legend" in drawn


@pytest.mark.parametrize(
    ("axis", "texts"),
    [
        (Axis(Symbol("q"), 0.8, 1.6, 0.2, 0.05), ["0.8", "1.0", "1.2", "1.4", "1.6"]),
        (Axis(Symbol("q"), -0.1, 0.2, 0.1, 0.02), ["-0.1", "0.0", "0.1", "0.2"]),
        (Axis(Symbol("q"), 0, 4e5, 1e5, 2e4), ["0", "1", "2", "3", "4"]),
        (Axis(Symbol("q"), -2e-4, 1e-4, 1e-4, 2e-5), ["-2", "-1", "0", "1"]),
        (Axis(Symbol("q"), 0.1, 100, logarithmic=True), ["$10^{-1}$", "$10^{0}$", "$10^{1}$", "$10^{2}$"]),
    ],
)
def test_numbers_at_an_axis_are_exact_and_short(axis, texts):
    assert [text for _, text in numbers(axis)] == texts
    assert svg(small(horizontal=axis, curves=(), marks=()))


# ------------------------------------------------------------------------------------------------ labels

HOSTILE = [
    r"\input{/etc/passwd}",
    r"\nosuchcommand{x}",
    r"x$y",
    r"$$$",
    "{" * 3000,
    "{" * 150 + "x" + "}" * 150,
    "}{",
    r"\frac{a}",
    "x_{y_{z",
    "<script>alert(1)</script>",
    "a & b < c > d",
    "",
    " ",
    "\\",
    "%n %s {0}",
    "nul\0bell\a\x1b[31m",
    r"\begin{cases} a & b \end{cases}",
    "x" * 5000,
    "\u202ereversed",
]


@pytest.mark.parametrize("symbol", HOSTILE)
def test_a_hostile_symbol_is_drawn_or_replaced_by_the_name(symbol):
    notation = Notation({"phi_0": symbol})
    ElementTree.fromstring(svg(small(title=Symbol("phi_0", (1,))), notation))
    assert label(Symbol("phi_0"), notation).startswith("$") == is_drawable(symbol)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_drawn_as_it_is(text):
    ElementTree.fromstring(svg(small(title=Plain(text))))


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (r"\boldsymbol{\phi}_0", r"$\boldsymbol{\phi}_0$"),
        (r"\bm{w}", r"$\boldsymbol{w}$"),
        (r"\operatorname{loss}", r"$\operatorname{loss}$"),
        (r"\tilde{h}^{[1]}", r"$\tilde{h}^{[1]}$"),
        (r"\text{loss}", r"$\mathrm{loss}$"),
        (r"\tfrac{1}{2}\phi", r"$\frac{1}{2}\phi$"),
        (r"\nosuchcommand", "phi_0"),
    ],
)
def test_what_mathtext_does_not_know_is_spelled_otherwise(symbol, expected):
    assert label(Symbol("phi_0"), Notation({"phi_0": symbol})) == expected


def test_labels_of_every_kind():
    words = load_words(None)
    table = {**words, "questions": {"steeper": "the loss rises, $5, along ${symbol}$"}}
    assert label(Symbol("W_1", (1, 2)), Notation()) == "$W_{1,12}$"  # as it stands in the text
    assert label(Symbol("dL/dphi_0"), Notation()) == r"$\partial L\,/\,\partial \phi_{0}$"
    assert label(Formula(Tensor("u") ** 2), Notation()) == "$u^{2}$"
    assert (
        label(Words("steeper", (("symbol", "phi_0"),)), Notation(), table) == r"the loss rises, \$5, along $\phi_{0}$"
    )
    assert label(Words("no_such_words"), Notation()) == "no such words"
    assert label(None, Notation()) == ""


# ------------------------------------------------------------------------------------------------ into a document


def sheet_with(*plots: Plot) -> Sheet:
    entry = Entry("quantity", "equation", "L", (), blocks=(Plots(plots),))
    return Sheet("solution", "Figures", "", (), (Section(Role.FORWARD, (entry, entry)),))


def test_the_figures_of_a_sheet_have_names_in_order():
    figures = sheet_figures(sheet_with(small(), small(wide=True)), load_words(None))
    assert list(figures) == [figure_name("solution", number) for number in (1, 2, 3, 4)]
    assert figures["solution-2.pdf"] == render_plot(small(wide=True), Notation())


def document(body: str) -> str:
    return f"\\documentclass{{article}}\\usepackage{{graphicx}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


@needs_tex
def test_a_document_includes_its_figures_at_their_natural_size():
    figures = {"a-1.pdf": render_plot(small(), Notation()), "a-2.pdf": render_plot(small().blank(), Notation())}
    body = r"\sbox0{\includegraphics{a-1.pdf}}\typeout{width \the\wd0}\usebox0 \includegraphics{a-2}"
    compiled = compile_pdf(document(body), figures)
    width = float(re.search(r"width ([0-9.]+)pt", compiled.log)[1])  # TeX points are a little smaller
    assert width / 72.27 * 2.54 == pytest.approx(NARROW[0], abs=0.01)
    (page,) = PdfReader(io.BytesIO(compiled.pdf)).pages
    assert len(page["/Resources"]["/XObject"]) == 2


@needs_tex
def test_figures_are_part_of_a_documents_identity():
    def identity(figures):
        pdf = compile_pdf(document("x"), figures).pdf
        return re.search(rb"/ID \[<(\w+)>", pdf)[1]

    one, other = b"%PDF-1.4 one", b"%PDF-1.4 other"
    found = [identity(figures) for figures in ({}, {"a.pdf": one}, {"a.pdf": other}, {"b.pdf": one})]
    assert len(set(found)) == 4
    assert identity({"a.pdf": one, "b.pdf": other}) == identity({"b.pdf": other, "a.pdf": one})


@needs_tex
def test_a_figure_that_is_not_there_is_an_error():
    with pytest.raises(TexError, match=r"a-2\.pdf"):
        compile_pdf(document(r"\includegraphics{a-2.pdf}"), {"a-1.pdf": render_plot(small(), Notation())})


@pytest.mark.parametrize(
    "name",
    ["sheet.pdf", "../a.pdf", "/tmp/a.pdf", "a.tex", "A.pdf", "a b.pdf", "a.pdf\n", "", ".pdf", "a.b.pdf", "ä.pdf"],
)
def test_other_names_of_figures_are_refused(name):
    with pytest.raises(ValueError, match="not the name of a figure"):
        compile_pdf(document("x"), {name: b""})


def test_figures_are_written_beside_the_source(tmp_path, monkeypatch):
    problem = read_text("title: line\nforward: |\n  L = (q - 1)**2\nparameters: {q: 3}\n")
    solution = solve_problem(problem)
    compiled_with = []

    def compile_it(tex: str, figures: dict[str, bytes]) -> Compiled:
        compiled_with.append(figures)
        return Compiled(b"%PDF", (), 1, "")

    monkeypatch.setattr("derive.output.compile_pdf", compile_it)
    monkeypatch.setattr(Solution, "figures", lambda self, kind: {f"{kind}-1.pdf": b"a figure"})
    written = write(solution, tmp_path, Order(("pdf", "tex"), ("key",)))
    assert written.files == ("key.pdf", "key.tex", "key-1.pdf")
    assert (written.folder / "key-1.pdf").read_bytes() == b"a figure"
    assert compiled_with == [{"key-1.pdf": b"a figure"}]
    assert write(solution, tmp_path / "other", Order(("pdf",), ("key",))).files == ("key.pdf",)
