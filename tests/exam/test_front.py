"""The front page, the head of the key and the foot of each page: what stands there, in order, and nothing collides."""

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from derive.exam.press import press
from derive.exam.reading import ExamFile, ListedProblem
from derive.exam.shard import Paper
from derive.render.paper import FOOT, Front, Printer
from derive.render.scripts import drawings
from derive.resources import folder
from tests.exam.papers import needs_tex

PRINTER = Printer()
TITLE = "Backpropagation through a convolutional network with batch normalisation, dropout and a tied autoencoder"
FULL = Front(
    title="Midterm examination",
    id="7-017-K7QB",
    course="Introduction to Machine Learning",
    date="4 December 2026",
    minutes=90,
    instructions=("A pocket calculator is allowed.", "Show your work."),
    rows=(("Softmax", 8), ("One training step", 12)),
    student="Łucja Żółć",
    student_id="s_1002",
)
BARE = Front(title="Quiz", id="7-001-ABCD", rows=(("A neuron", 1),))
LONG = Front(
    title=TITLE,
    id="123456789012-300-K7QB",
    course=TITLE,
    date="Thursday, 24 December 2026",
    instructions=(TITLE,) * 4,
    rows=tuple((f"{number} {TITLE}", number) for number in range(12)),
    student="Wolfeschlegelsteinhausenbergerdorff" * 5,
    student_id="matriculation-2026-" + "0" * 60,
)
MANY = Front(title="Many", id="7-002-ABCD", rows=tuple((f"Problem {number}", 1) for number in range(50)))
CYRILLIC = Front(title="Экзамен", id="7-003-ABCD", rows=(("Нейрон", 2),), student="Дмитрий Иванов", student_id="Д-7")
FRONTS = {"full": FULL, "bare": BARE, "long": LONG, "many": MANY, "cyrillic": CYRILLIC}


def printed(is_key):
    papers = [
        Paper(name, PRINTER.front(front, is_key) + "Questions.\n", PRINTER.footer(front), figures=drawings(front.texts))
        for name, front in FRONTS.items()
    ]
    return press(papers, PRINTER.preamble("Exam", is_key, 2), jobs=1)


@pytest.fixture(scope="module")
def exams():
    return printed(is_key=False)


@pytest.fixture(scope="module")
def keys():
    return printed(is_key=True)


def pages(pressed, name):
    reader = PdfReader(io.BytesIO(pressed.pdfs[name]))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def in_order(text, *parts):
    place = 0
    for part in parts:
        found = text.replace(" ", "").find(part.replace(" ", ""), place)
        assert found >= 0, f"{part} in {text}"
        place = found + len(part.replace(" ", ""))


@needs_tex
def test_a_front_page_says_everything_in_order(exams):
    first, second = pages(exams, "full")
    in_order(first, FULL.course, FULL.date, FULL.title, "90 minutes, 20 points", "Instructions", "Show your work.")
    in_order(first, "Instructions", "Problem", "1.", "Softmax", "8", "2.", "One training step", "12", "Total", "20")
    in_order(first, FULL.student, FULL.student_id, FULL.id, "Instructions")
    in_order(second, "Questions.", FULL.course, FULL.title, FULL.student, FULL.id, "2 / 2")


@needs_tex
def test_what_is_not_stated_leaves_no_trace(exams):
    first, second = pages(exams, "bare")
    assert "Instructions" not in first
    assert "minutes" not in first
    in_order(first, "Quiz", "1 point", "Name", "Student number", "Variant", "A neuron", "1", "Total", "1", "1 / 2")
    in_order(second, "Questions.", "Quiz", BARE.id, "2 / 2")


@needs_tex
@pytest.mark.parametrize("name", FRONTS)
def test_nothing_runs_out_of_its_place(exams, keys, name):
    assert exams.overfull[name] == keys.overfull[name] == ()


@needs_tex
@pytest.mark.parametrize(("name", "front"), [("long", LONG), ("many", MANY)])
def test_a_long_table_is_printed_whole_in_front_of_the_questions(exams, name, front):
    *fronts, last = pages(exams, name)
    assert len(fronts) <= 2
    assert "Questions." in last
    in_order(" ".join(fronts), *(f"{number}." for number in range(1, len(front.rows) + 1)), "Total")


@needs_tex
def test_the_head_of_a_key_says_whose_it_is(keys):
    (text,) = pages(keys, "full")
    in_order(
        text, FULL.course, FULL.date, FULL.id, "Key: Midterm examination", FULL.student, FULL.student_id, "Questions."
    )
    assert "achieved" not in text


@needs_tex
def test_names_in_other_scripts_stand_on_the_front_page_and_at_the_foot(exams):
    reader = PdfReader(io.BytesIO(exams.pdfs["cyrillic"]))
    name = "Дмитрий".encode("utf-16-be").hex().upper().encode()
    counts = [page.get_contents().get_data().count(b"FEFF" + name) for page in reader.pages]
    assert counts == [2, 1]


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)
def test_the_foot_is_short_and_always_says_which_exam(front):
    exam, student = front.foot
    assert exam
    assert len(exam) + len(student) + len(front.id) <= FOOT
    assert exam.removesuffix("…") in f"{front.course} · {front.title}"


def test_special_characters_are_escaped_everywhere():
    odd = Front(
        title="A & B", id="1", course="50 %", date="#4", instructions=("$5_{x}",), rows=(("~^\\", 1),), student="a_b"
    )
    for text in (PRINTER.front(odd, is_key=False), PRINTER.front(odd, is_key=True), PRINTER.footer(odd)):
        assert not re.search(r"(?<!\\)(& B|%\s*·|\$5|a_b)", text)
        assert r"A \& B" in text


def test_what_a_template_gets_and_defines_is_described():
    text = (Path(__file__).parents[2] / "docs" / "templates.md").read_text()
    preamble = PRINTER.preamble("Exam", is_key=False, places=2)
    used = {"problemheading", "blank", "tofill", "footer", "accepted", "drawn"}
    assert {name for name in used if rf"\newcommand{{\{name}}}" in preamble} == used
    assert [name for name in (*used, "paperstart") if rf"\{name}" not in text] == []
    template = (folder("templates") / "exam-front.tex.j2").read_text()
    assert [name for name in set(re.findall(r"front\.(\w+)", template)) if f"`{name}`" not in text] == []
    words = set(re.findall(r"words\.(\w+)", template))
    assert words <= PRINTER.words["exam"].keys()
    assert [name for name in folder("templates").glob("exam-*") if f"`{name.name}`" not in text] == []


def test_every_key_of_an_exam_is_described():
    text = (Path(__file__).parents[2] / "docs" / "exam.md").read_text()
    keys = {*ExamFile.model_fields, *ListedProblem.model_fields}
    assert [key for key in keys if not re.search(rf"`[^`\n]*\b{key}\b", text)] == []
