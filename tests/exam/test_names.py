"""Names in any script: what pdfTeX prints as text, what is drawn, and what no font here has."""

import re
import unicodedata

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from derive.cli import app
from derive.exam.letters import EAST_ASIAN_PACKAGE, MissingLetters, require_letters
from derive.exam.plan import Exam, Student
from derive.render import outlines
from derive.render.outlines import NoGlyph, draw
from derive.render.paper import Front, Printer
from derive.render.pdf import DEBIAN_PACKAGES, TexError, compile_pdf
from derive.render.scripts import TYPESET, drawings, typeset, unprintable
from tests.exam.fonts import make_font
from tests.exam.papers import needs_tex

PREAMBLE = Printer().preamble("Exam", is_key=False, places=2)
SQUARE = (100, -100, 900, 700)
SPECIALS = "a&b % $5 #_ {x} ~ ^ \\ <y> | -- \" '"


@pytest.fixture(autouse=True)
def forget():
    """Fonts are looked for once in a process."""
    yield
    for table in (typeset, draw, outlines.fonts_here, outlines._fonts_with):
        table.cache_clear()


@pytest.fixture
def fonts(monkeypatch):
    """Sets the fonts of the machine."""

    def use(*paths):
        for table in (typeset, draw, outlines.fonts_here, outlines._fonts_with):
            table.cache_clear()
        monkeypatch.setattr(outlines, "system_fonts", lambda: list(paths))

    use()
    return use


def document(*bodies):
    return PREAMBLE + "\\begin{document}\n" + "\n\n".join(bodies) + "\n\\end{document}\n"


def outline(drawing):
    """The operators of a drawing, and the points of its rectangles: left, bottom, right, top."""
    import io

    page = PdfReader(io.BytesIO(drawing.pdf)).pages[0]
    text = page.get_contents().get_data().decode()
    pieces = [re.findall(r"(-?[\d.]+) (-?[\d.]+) [ml]", piece) for piece in text.split("h")]
    corners = [[(float(x), float(y)) for x, y in piece] for piece in pieces if piece]
    boxes = [(min(x), min(y), max(x), max(y)) for x, y in (zip(*piece, strict=True) for piece in corners)]
    return text, boxes


# ------------------------------------------------------------------------------------------------ as text


@needs_tex
def test_every_character_that_is_typeset_is_printed():
    printed = compile_pdf(document(*(f"[{typeset(letter)}]" for letter in sorted(TYPESET) if not letter.isspace())))
    assert "Missing character" not in printed.log


@needs_tex
@pytest.mark.parametrize("letter", ["ễ", "ə", "Д", "λ", "李"])
def test_the_check_of_that_table_sees_a_letter_too_many(letter):
    assert letter not in TYPESET
    with pytest.raises(TexError):
        compile_pdf(document(letter))


def test_western_names_are_text():
    for name in ("José Álvarez", "Łucja Żółć", "Gábor Őry", "Ștefan Țurcanu", "Jürgen Weiß", "O’Neill", "İpek Çağrı"):
        assert typeset(name) == name
        assert drawings([name]) == {}


def test_a_letter_in_two_parts_is_the_same_name():
    assert typeset(unicodedata.normalize("NFD", "José Őry")) == "José Őry"


@needs_tex
def test_special_characters_are_printed_as_themselves():
    import io

    pdf = compile_pdf(document(rf"\texttt{{{typeset(SPECIALS)}}}")).pdf
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace("’", "'").replace("”", '"').replace("ˆ", "^")
    assert SPECIALS.replace(" ", "") in text.replace(" ", "").replace("\n", "").replace("˜", "~")


# ------------------------------------------------------------------------------------------------ as drawings


@pytest.mark.parametrize("name", ["Дмитрий Иванов", "Ελένη Παππά", "Nguyễn Văn Đức", "დავით", "דוד כהן", "محمد علي"])
def test_matplotlib_brings_letters_of_many_scripts(fonts, name):
    assert unprintable(name) == ()
    assert r"\drawn{name-" in typeset(name)
    assert not set(typeset(name)) & set(name) - TYPESET


def test_a_letter_is_drawn_at_its_place(fonts, tmp_path):
    fonts(make_font(tmp_path / "square.ttf", {"李": SQUARE}))
    (drawing,) = draw("李")
    assert (drawing.height, drawing.depth) == pytest.approx((0.7, 0.1), abs=0.005)
    text, (box,) = outline(drawing)
    assert box == pytest.approx([coordinate / 10 for coordinate in SQUARE], abs=0.2)
    assert set(re.findall("[A-Za-z]+", text)) == {"m", "l", "h", "f"}  # no colour: that of the text around it


def test_equal_words_have_equal_bytes(fonts, tmp_path):
    path = make_font(tmp_path / "square.ttf", {"李": SQUARE})
    fonts(path)
    first = drawings(["Ana 李", "Дмитрий"])
    fonts(path)
    assert drawings(["Ana 李", "Дмитрий"]) == first
    assert len(first) == 2
    assert all(re.fullmatch("name-[0-9a-f]{16}.pdf", name) for name in first)


def test_only_words_with_other_letters_are_drawn(fonts, tmp_path):
    fonts(make_font(tmp_path / "square.ttf", {"李": SQUARE}))
    assert re.fullmatch(r"Ana \\drawn\{.*\}\{FEFF674E\} Müller", typeset("Ana 李 Müller"))


def test_a_font_with_the_whole_word_goes_before_one_with_some_of_it(fonts, tmp_path):
    some = make_font(tmp_path / "a-some.ttf", {"李": SQUARE})
    both = make_font(tmp_path / "b-both.ttf", {"李": (0, 0, 500, 500), "龍": (0, 0, 500, 500)})
    fonts(some, both)
    assert [drawing.text for drawing in draw("李龍")] == ["李龍"]
    fonts(some, make_font(tmp_path / "c-other.ttf", {"龍": SQUARE}))
    assert [drawing.text for drawing in draw("李龍")] == ["李", "龍"]


def test_a_regular_font_goes_before_a_bold_one(fonts, tmp_path):
    bold = make_font(tmp_path / "a.ttf", {"李": (0, 0, 900, 900)}, "Bold")
    fonts(bold, make_font(tmp_path / "b.ttf", {"李": (0, 0, 500, 500)}))
    assert draw("李")[0].height == pytest.approx(0.5, abs=0.005)


def test_what_is_no_font_is_passed_over(fonts, tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    fonts(broken, tmp_path / "absent.ttf", make_font(tmp_path / "square.ttf", {"李": SQUARE}))
    assert unprintable("李") == ()


def test_hebrew_runs_from_right_to_left(fonts, tmp_path):
    alef, lamed = "\u05d0", "\u05dc"  # the first word is the right one
    (drawing,) = draw(f"{alef} {lamed}{lamed}")
    assert drawing.text == f"{alef} {lamed}{lamed}"
    letters = sorted(size(box) for box in outline(drawing)[1])
    assert letters == sorted([*map(size, outline(draw(alef)[0])[1]), *map(size, outline(draw(lamed)[0])[1] * 2)])
    rightmost = max(outline(drawing)[1], key=lambda box: box[2])
    assert size(rightmost) == size(outline(draw(alef)[0])[1][0]) != size(outline(draw(lamed)[0])[1][0])


def size(box):
    left, bottom, right, top = box
    return round(right - left), round(top - bottom)


def test_a_quadratic_curve_stays_what_it_is():
    (start, curve) = outlines._operators([(0, 0), (50, 100), (100, 0)], [1, 3, 3])
    x1, y1, x2, y2, x3, y3 = map(float, curve.split()[:-1])
    assert start == "0.00 0.00 m"
    for t in (0.25, 0.5, 0.75):
        cubic = [
            3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * c for a, b, c in ((x1, x2, x3), (y1, y2, y3))
        ]
        assert cubic == pytest.approx([2 * (1 - t) * t * 50 + t**2 * 100, 2 * (1 - t) * t * 100], abs=0.02)


@needs_tex
def test_a_drawn_name_is_on_the_page_and_says_what_it_is(fonts, tmp_path):
    import io

    fonts(make_font(tmp_path / "square.ttf", {"李": SQUARE}))
    compiled = compile_pdf(document(typeset("Ana 李")), drawings(["Ana 李"]))
    page = PdfReader(io.BytesIO(compiled.pdf)).pages[0]
    assert b"/ActualText<FEFF674E>" in page.get_contents().get_data()
    assert len(page["/Resources"]["/XObject"]) == 1
    assert compile_pdf(document(typeset("Ana 李")), drawings(["Ana 李"])).pdf == compiled.pdf


def test_a_long_word_may_break():
    parts = typeset("a" * 100).split(r"\hspace{0pt}")
    assert "".join(parts) == "a" * 100
    assert max(map(len, parts)) <= 16
    assert typeset("a" * 20) == "a" * 20


# -------------------------------------------------------------------------------------- what cannot be printed


def test_all_students_with_missing_letters_are_named(fonts):
    students = [Student("1", "Ana"), Student("2", "李 小龍"), Student("3", "अनिल"), Student("한4", "Eva")]
    with pytest.raises(MissingLetters) as raised:
        require_letters(Exam("quiz", "Quiz", ()), students)
    told = [str(fault) for fault in raised.value.faults]
    assert [fault.where for fault in raised.value.faults] == ["student 2", "student 3", "student 한4"]
    assert "李 (U+674E)" in told[0]
    assert "fonts-droid-fallback" in told[0]
    assert "fonts-noto-core" in told[1]
    assert "한 (U+D55C)" in told[2]


def test_the_font_that_is_named_is_among_what_the_set_up_installs():
    assert EAST_ASIAN_PACKAGE in DEBIAN_PACKAGES


@needs_tex
def test_names_from_east_asia_are_printed_where_there_is_a_font():
    name = "李 小龍 やまだ カナ 김"
    if unprintable(name):
        pytest.skip("no font with these letters is installed")
    assert compile_pdf(document(typeset(name)), drawings([name])).overfull == ()
    assert len(drawings([name])) == 5


def test_what_stands_on_the_front_page_is_looked_at_too(fonts):
    with pytest.raises(MissingLetters, match="`試験`"):
        require_letters(Exam("quiz", "試験", ()), [])


def test_a_missing_letter_is_told_before_anything_is_written(fonts, tmp_path):
    problem = tmp_path / "small.yaml"
    problem.write_text(
        "architecture: [1, 1]\nactivations: [identity]\nloss: mse\nparameters: {W_1: [[2]], b_1: [1]}\n"
        "input: {x: [3]}\ntarget: {t: [1]}\n"
    )
    roster = tmp_path / "students.csv"
    roster.write_text("id,name\n1,李\n", encoding="utf-8")
    order = ["variants", str(problem), "--roster", str(roster), "--output", str(tmp_path / "out")]
    result = CliRunner().invoke(app, order)
    assert result.exit_code == 2
    assert "student 1" in result.output
    assert not (tmp_path / "out").exists()


def test_a_word_without_a_font_is_not_drawn(fonts):
    with pytest.raises(NoGlyph):
        draw("李")


def test_drawings_of_a_front_page_are_those_it_includes(fonts, tmp_path):
    fonts(make_font(tmp_path / "square.ttf", dict.fromkeys("李小龍試験", SQUARE)))
    front = Front("試験", "7-001-ABCD", student="李 小龍", student_id="1", instructions=["Дайте ответ."])
    printer = Printer()
    tex = printer.front(front, is_key=False) + printer.front(front, is_key=True) + printer.footer(front)
    assert set(re.findall(r"name-[0-9a-f]+\.pdf", tex)) == set(drawings(front.texts))
