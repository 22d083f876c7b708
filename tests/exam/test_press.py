"""The press: many papers in few TeX runs, each as if it had been printed alone, and the same bytes every time."""

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from derive.exam import press as press_module
from derive.exam.form import read_ahead
from derive.exam.press import Batch, Paper, press, press_all, press_parts
from derive.render.engine import Room
from derive.render.pdf import TexError, compile_pdf
from tests.exam.papers import PREAMBLE, SMALL, needs_tex, paper, texts
from tests.solved import solved

ROOT = Path(__file__).parents[2]
pytestmark = needs_tex


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch):
    monkeypatch.setattr(press_module, "SHARD", SMALL)


@pytest.fixture
def runs(monkeypatch):
    """The names of the rooms in which TeX was started, from no format that is known."""
    monkeypatch.setattr("derive.render.format._kept", {})
    monkeypatch.setenv("DERIVE_CACHE", "")
    names, start = [], Room.start

    def counted(room, options, first, deadline):
        names.append(room.folder.name)
        return start(room, options, first, deadline)

    monkeypatch.setattr(Room, "start", counted)
    return names


LENGTHS = [2, 1, 3, 2, 2, 1, 2]


@pytest.fixture(scope="module")
def papers():
    return [paper(number, pages) for number, pages in enumerate(LENGTHS, start=1)]


@pytest.fixture(scope="module")
def pressed(papers):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(press_module, "SHARD", SMALL)
        return press(papers, PREAMBLE, jobs=2)


# ---------------------------------------------------------------- papers and stack


def test_each_paper_has_its_own_pages_and_foot(papers, pressed):
    assert list(pressed.pdfs) == [p.name for p in papers]
    assert list(pressed.pages.values()) == LENGTHS
    for number, (name, pages) in enumerate(pressed.pages.items(), start=1):
        found = texts(pressed.pdfs[name])
        assert len(found) == pages
        for page, text in enumerate(found, start=1):
            assert f"Body {number}, sheet {page}." in text
            assert re.sub(r"\s", "", text).endswith(f"Variant{number}{page}/{pages}")


def test_in_the_stack_each_paper_starts_on_an_odd_page(pressed):
    stack = texts(pressed.stack)
    expected = []
    for number, pages in enumerate(LENGTHS, start=1):
        assert len(expected) % 2 == 0
        expected += [f"Body {number}, sheet {page}." for page in range(1, pages + 1)] + [""] * (pages % 2)
    assert len(stack) == len(expected)
    for text, start in zip(stack, expected, strict=True):
        assert text.startswith(start)
        assert bool(text) == bool(start)
    sizes = {tuple(map(float, page.mediabox)) for page in PdfReader(io.BytesIO(pressed.stack)).pages}
    assert len(sizes) == 1


def test_for_one_side_the_stack_has_no_blank_pages(papers, pressed):
    simplex = press(papers, PREAMBLE, jobs=2, duplex=False)
    assert len(texts(simplex.stack)) == sum(LENGTHS)
    assert all(texts(simplex.stack))
    assert dict(simplex.pdfs) == dict(pressed.pdfs)


def test_counters_start_anew_and_lengths_of_one_paper_stay_there():
    body = r"\section{S}\begin{equation}b\end{equation}x\footnote{f}\setcounter{page}{7}"
    local = r"\setlength{\textwidth}{1cm}\pagestyle{empty}\renewcommand{\paperfooter}{changed}"
    found = press([Paper(f"p{n}", body + local, "foot") for n in range(3)], PREAMBLE, jobs=1)
    first, *others = (texts(found.pdfs[name]) for name in found.pdfs)
    assert first == others[0] == others[1]
    assert "1 S" in first[0]
    assert found.pages == {"p0": 1, "p1": 1, "p2": 1}


def test_figures_of_one_name_are_each_papers_own():
    figures = [
        compile_pdf(f"\\documentclass{{article}}\\begin{{document}}picture {n}\\end{{document}}").pdf for n in "ab"
    ]
    body = r"\includegraphics[width=5cm]{slice-1.pdf}"
    found = press(
        [Paper(n, body, figures={"slice-1.pdf": f}) for n, f in zip("ab", figures, strict=True)], PREAMBLE, jobs=1
    )
    assert ["picture a" in texts(found.pdfs["a"])[0], "picture b" in texts(found.pdfs["b"])[0]] == [True, True]


def test_lines_that_are_too_long_are_told_by_paper_and_line():
    long = Paper("long", "short\n\n" + r"\noindent\rule{500pt}{1pt}", "two\nlines")
    found = press([paper(1), long], PREAMBLE, jobs=1)
    assert found.overfull["exam-001"] == ()
    (box,) = found.overfull["long"]
    assert box.points == pytest.approx(500 - 345, abs=0.1)
    assert box.line in (3, 4)  # a paragraph ends with the line below it


# ---------------------------------------------------------------- the same bytes


def test_the_number_of_processes_changes_no_byte(papers, pressed):
    alone = press(papers, PREAMBLE, jobs=1)
    assert dict(alone.pdfs) == dict(pressed.pdfs)
    assert alone.stack == pressed.stack


@pytest.mark.parametrize("position", [0, 4, 6])
def test_a_paper_printed_without_the_others_has_the_same_bytes(position, papers, pressed, runs):
    wanted = papers[position].name
    found = press(papers, PREAMBLE, jobs=2, only=[position])
    assert dict(found.pdfs) == {wanted: pressed.pdfs[wanted]}
    assert found.pages == {wanted: LENGTHS[position]}
    assert len(texts(found.stack)) == LENGTHS[position] + LENGTHS[position] % 2
    assert {name for name in runs if name.startswith("shard")} == {f"shard-0-{position // SMALL}"}


def test_other_shards_and_the_kind_beside_it_change_no_byte(papers, pressed):
    changed = papers[:SMALL] + [paper(n, 1) for n in range(4, 6)]
    exams, keys = press_all([Batch(changed, PREAMBLE), Batch([paper(9)], PREAMBLE)], jobs=2)
    for p in papers[:SMALL]:
        assert exams.pdfs[p.name] == pressed.pdfs[p.name]
    assert list(keys.pdfs) == ["exam-009"]


def test_only_the_papers_of_a_wanted_shard_are_made(papers):
    made = []

    class Lazy(list):
        def __getitem__(self, position):
            made.append(position)
            return super().__getitem__(position)

    press(Lazy(papers), PREAMBLE, jobs=1, only=[4])
    assert sorted(set(made)) == [0, 3, 4, 5]


def test_parts_come_in_order_and_say_what_is_in_them(papers, pressed):
    with read_ahead([PREAMBLE]) as form:
        parts = list(press_parts([Batch(papers, PREAMBLE)], form, jobs=2))
    assert [(part.batch, part.shard, list(part.pdfs)) for part in parts] == [
        (0, shard, [p.name for p in papers[SMALL * shard : SMALL * (shard + 1)]]) for shard in range(3)
    ]
    assert press_module.stack([(part.document, list(part.pages.values())) for part in parts]) == pressed.stack


def test_progress_counts_papers(papers):
    seen = []
    press(papers, PREAMBLE, jobs=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 7), (6, 7), (7, 7)]


# ---------------------------------------------------------------- what is told in advance


def test_a_shard_is_printed_once_where_the_numbers_of_pages_are_right(runs):
    press([paper(n, 2) for n in range(6)], PREAMBLE, jobs=1)
    assert runs == ["format", "first-0", "shard-0-0", "shard-0-1"]


@pytest.mark.parametrize("told", [None, 5])
def test_a_wrong_number_of_pages_is_put_right_by_a_second_run(told, runs):
    found = press([*(paper(n, 2) for n in range(5)), paper(5, 3, pages=told)], PREAMBLE, jobs=1)
    assert runs == ["format", "first-0", "shard-0-0", "shard-0-1", "shard-0-1"]
    assert re.sub(r"\s", "", texts(found.pdfs["exam-005"])[0]).endswith("1/3")


def test_references_are_each_papers_own():
    bodies = [r"see \pageref{end}\newpage" + (r"\null\newpage" * n) + r"\label{end}end" for n in range(3)]
    found = press([Paper(f"p{n}", body) for n, body in enumerate(bodies)], PREAMBLE, jobs=1)
    assert [texts(pdf)[0].split("\n")[0] for pdf in found.pdfs.values()] == ["see 2", "see 3", "see 4"]


def test_notes_are_read_at_the_start_of_the_next_run(runs):
    preamble = PREAMBLE + (
        r"\makeatletter\newcommand{\noted}[1]{\gdef\found{#1}}"
        r"\newcommand{\paperstart}{\global\let\found\undefined\papernotes}"
        r"\newcommand{\note}[1]{\ifdefined\found[\found]\else[nothing]\fi"
        r"\immediate\write\@auxout{\string\noted{#1}}}\makeatother"
    )
    bodies = [r"\note{é same}", r"\note{é same}", "none: " + r"\ifdefined\found left over\fi"]
    found = press([Paper(f"p{n}", body) for n, body in enumerate(bodies)], preamble, jobs=1)
    first, second, third = (texts(pdf)[0] for pdf in found.pdfs.values())
    assert first.startswith("[é same]") or "same]" in first
    assert second == first
    assert "left over" not in third
    assert runs == ["format", "first-0", "shard-0-0", "shard-0-0"]


def test_what_papers_share_is_set_once_in_a_shard():
    preamble = PREAMBLE + r"\newcount\drawn\newcommand{\drawing}{\global\advance\drawn by 1 drawing \the\drawn}"
    body = r"\papershared{\drawing}, \papershared{another \drawing}, drawn: \the\drawn"
    found = press([Paper(f"p{n}", body) for n in range(4)], preamble, jobs=1)
    expected = "drawing 1, another drawing 2, drawn: 2"
    assert [texts(pdf)[0].split("\n")[0] for pdf in found.pdfs.values()] == [expected] * 4


def test_papers_that_never_settle_are_refused():
    body = r"\ifnum\paperpages=1 \null\newpage\fi end"
    with pytest.raises(TexError, match=r"p1: .*not the same after 4 runs"):
        press([paper(0, 1), Paper("p1", body)], PREAMBLE, jobs=1)


# ---------------------------------------------------------------- our sheets


@pytest.mark.slow
def test_a_key_from_the_press_says_what_it_says_alone():
    solution = solved((ROOT / "problems" / "pen-and-paper.yaml").read_text())
    preamble, body = solution.tex("key").split(r"\begin{document}")
    body = body.replace(r"\end{document}", "")
    found = press([Paper(name, body, "Key") for name in ("a", "b")], preamble, jobs=1)
    alone = solution.pdf("key").pdf
    assert len(texts(alone)) == found.pages["a"] == found.pages["b"]
    for name in found.pdfs:
        for here, there in zip(texts(found.pdfs[name]), texts(alone), strict=True):
            assert here.splitlines()[:-1] == there.splitlines()[:-1]
