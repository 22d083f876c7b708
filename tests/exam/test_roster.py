"""The list of students: what is read, what is refused and where, and who gets which paper."""

import pytest

from derive.errors import DeriveError
from derive.exam.plan import Exam, Student, places, require_papers
from derive.exam.roster import LARGEST, LONGEST, RosterError, read_roster


@pytest.fixture
def write(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "students.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def refused(path):
    with pytest.raises(RosterError) as raised:
        read_roster(path)
    return raised.value.faults


# ------------------------------------------------------------------------------------------------ what is read

STUDENTS = (Student("1001", "José Álvarez"), Student("1002", "Müller, Ana"), Student("1003", ""))
TEXT = 'id,name\n1001,José Álvarez\n1002,"Müller, Ana"\n1003,\n'


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TEXT, "utf-8"),
        (TEXT, "utf-8-sig"),
        (TEXT, "utf-16"),
        (TEXT.replace("\n", "\r\n"), "utf-8"),
        ('id;name\n1001;José Álvarez\n1002;"Müller, Ana"\n1003\n', "utf-8"),
        ("id\tname\n1001\tJosé Álvarez\n1002\tMüller, Ana\n1003\t\n", "utf-16"),
        ('ID , Name\n1001, José Álvarez \n1002,"Müller, Ana"\n1003,\n', "utf-8"),
        ('Name,Student Number\nJosé Álvarez,1001\n"Müller, Ana",1002\n,1003\n', "utf-8"),
        ('"name, first and last";id;name\nx;1001;José Álvarez\nx;1002;Müller, Ana\nx;1003;\n', "utf-8"),
        ("\n" + TEXT.replace("1002", "\n,,\n1002"), "utf-8"),
    ],
    ids=["plain", "mark", "utf16", "crlf", "semicolons", "tabs", "case", "order", "comma in a head", "empty lines"],
)
def test_what_spreadsheets_write_is_read(write, text, encoding):
    assert read_roster(write(text, encoding)) == STUDENTS


def test_a_name_may_stand_in_two_columns(write):
    path = write("First name,Surname,ID number,Email\nAna,Müller,7,a@x\nCher,,8,\n")
    assert read_roster(path) == (Student("7", "Ana Müller"), Student("8", "Cher"))


def test_letters_in_two_parts_become_one(write):
    assert read_roster(write("id,name\n1,Jose\u0301\n")) == (Student("1", "José"),)


def test_ids_keep_their_zeros_and_signs(write):
    assert [student.id for student in read_roster(write("id\n007\n-5\n+4\n"))] == ["007", "-5", "+4"]


def test_names_may_hold_what_is_special_elsewhere(write):
    text = 'id,name\n1,"a&b % $5 #_{x}~^\\ <y> ""q"""\n2,-\n3,\u0645\u06cc\u200c\u0631\u0648\u0645\n'
    assert [student.name for student in read_roster(write(text))] == [
        'a&b % $5 #_{x}~^\\ <y> "q"',
        "-",
        "\u0645\u06cc\u200c\u0631\u0648\u0645",
    ]


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("id,name\n1,Ana\n2,Eva\n1,Ida\n", ":4", "the id 1 on lines 2, 4"),
        ("id,name\n,Ana\n", ":2", "without an id"),
        ("id,name\n1,Ana\n \t,Eva\n", ":3", "without an id"),
        ("1,Ana\n2,Eva\n", ":1", "the columns 1, ana"),
        ("Ana\nEva\n", ":1", "the columns ana"),
        ("", ":1", "the columns"),
        ("id,name\n", "", "no student"),
        ("id,name\n,\n", "", "no student"),
        ("id,name\n1,Müller, Ana\n", ":2", "3 cells"),
        ('id,name\n1,"Ana\n2,Eva\n', ":2", "unexpected end of data"),
        ('id,name\n1,"Ana" B\n', ":2", "expected after"),
        ("id,name\n1," + "a" * (LONGEST + 1) + "\n", ":2", f"{LONGEST + 1} characters"),
        ("id,name\n1," + "a" * 200_000 + "\n", ":2", "field larger than field limit"),
        ("id,name\n1,A\x07na\n", ":2", "U+0007"),
        ("id,name\n1,A\x00na\n", ":2", "U+0000"),
        ('id,name\n1,"Ana\nB"\n', ":2", "U+000A"),
        ("id,name\n1,Ana\u202eavE\n", ":2", "U+202E"),
        ("id,name\n1\u200b,Ana\n", ":2", "U+200B"),
        ("id,name\n1,Ana\ue000\n", ":2", "U+E000"),
        ("id,name\n1,=HYPERLINK(A1)\n", ":2", "the formula =HYPERLINK(A1)"),
        ('id,name\n"=""0017""",Ana\n', ":2", 'the formula ="0017"'),
        ("id,name\n1,@SUM(A1)\n", ":2", "the formula"),
        ("id,name\n1,+1+cmd|x\n", ":2", "the formula"),
        ("id,name\n-2+3,Ana\n", ":2", "the formula"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(write, text, line, found):
    path = write(text)
    (fault,) = refused(path)
    assert fault.where == f"{path}{line}"
    assert found in fault.found


def test_all_faults_are_told_at_once(write):
    faults = refused(write("id,name\n1,Ana\n,Eva\n1,=x\n"))
    assert [fault.where.rsplit(":", 1)[1] for fault in faults] == ["3", "4", "4"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_another_encoding_is_refused_with_its_line(write, encoding):
    path = write("id,name\n1,Ana\n2,Müller\n", encoding)
    (fault,) = refused(path)
    assert fault.where == f"{path}:3"
    assert "0xfc" in fault.found
    assert "UTF-8" in fault.expected


def test_half_a_letter_of_utf_16_is_refused(write):
    (fault,) = refused(write("id,name\n1,Ana\n".encode("utf-16") + b"\n"))
    assert "UTF-16" in fault.found


def test_utf_16_without_its_mark_is_refused_in_visible_letters(write):
    (fault,) = refused(write("id,name\n1,Ana\n", "utf-16-le"))
    assert "the columns" in fault.found
    assert fault.found.isprintable()


def test_a_huge_file_is_refused(write):
    (fault,) = refused(write(b"id\n" + b"1" * LARGEST))
    assert f"{LARGEST:,}" in fault.found


def test_what_is_no_file_is_refused(tmp_path):
    assert "directory" in refused(tmp_path)[0].found
    assert "No such file" in refused(tmp_path / "absent.csv")[0].found


# ------------------------------------------------------------------------------------------------ who gets which paper

EXAM = Exam("quiz", "Quiz", ())


def owners(students, count, seed=7):
    return {place.student.id: place.number for place in places(EXAM, count, seed, students) if place.student}


def test_every_student_has_a_paper_alone():
    students = [Student(str(number)) for number in range(40)]
    for count in (40, 41, 60):
        assert len(set(owners(students, count).values())) == 40


def test_whoever_is_added_at_the_end_changes_nobody_elses_paper():
    students = [Student(f"s{number}") for number in range(30)]
    before, after = owners(students[:-1], 40), owners(students, 40)
    assert {id_: after[id_] for id_ in before} == before


def test_papers_follow_from_the_seed_and_the_id_not_from_the_name():
    students = [Student(f"s{number}", "Ana") for number in range(20)]
    assert owners(students, 30) == owners([Student(student.id, "Eva") for student in students], 30)
    assert owners(students, 30) != owners(students, 30, seed=8)


def test_more_students_than_papers_are_refused():
    students = [Student("1"), Student("2"), Student("3")]
    require_papers(students, 3)
    with pytest.raises(DeriveError, match="--count: 2, but 3 students"):
        require_papers(students, 2)
