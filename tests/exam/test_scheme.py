"""The mark scheme: what is accepted entry by entry and what it is worth, read again from what is printed."""

import re
from fractions import Fraction

import numpy as np
import pytest

from derive.exam.numbers import ManyNumbers
from derive.exam.plan import counted, exam_of
from derive.exam.press import press
from derive.exam.records import records
from derive.exam.scheme import Scheme, disagreements
from derive.exam.shard import Paper
from derive.render.paper import Printer
from derive.solution import solve_problem
from derive.spec import read_text
from derive.variants.rounding import accepted
from derive.variants.search import find_variants
from tests.exam.papers import needs_tex

PROBLEM = """architecture: [2, 2, 1]
activations: [tanh, identity]
loss: mse
parameters: {W_1: [[0.2, -0.4], [0.5, 0.1]], b_1: [0.3, -0.2], W_2: [[0.5, -0.6]], b_2: [0.1]}
input: {x: [0.5, 0.6]}
target: {t: [0.1]}
update: {sgd: {learning_rate: 0.5}}
rounding: {places: 2}
"""
PRINTER = Printer()
POINTS = re.compile(r"\{([0-9.]+) points?\}$", re.MULTILINE)
DIGIT = re.compile(r"(?<=[0-9.])[0-9](?=[^0-9.]|$)")


def schemes_of(text, count=3):
    """The schemes of some variants with their records, and the points of the whole problem."""
    exam = exam_of(read_text(PROBLEM + text))
    pool = find_variants(exam.parts[0].problem, count, 5)
    setting = pool.settings[0]
    points = counted(exam, [len(setting.answers)]).parts[0].points
    ((batch, variants),) = pool.batches()
    intervals = accepted(setting.program, batch.given, batch.values, setting.places, setting.answers)
    numbers = ManyNumbers(batch, np.stack([variant.drawn for variant in variants]))
    sheet = solve_problem(variants[0].problem).sheet("solution")
    scheme = Scheme(setting, sheet, PRINTER, points)
    return scheme.fill(intervals), list(records(numbers, intervals, variants)), points


@pytest.fixture(scope="module")
def schemes():
    return schemes_of("")


def test_a_scheme_agrees_with_its_record(schemes):
    for scheme, record in zip(*schemes[:2], strict=True):
        assert list(disagreements(scheme, record["accepted"], record["printed"])) == []


def test_every_digit_that_is_changed_is_refused(schemes):
    scheme, record = schemes[0][0], schemes[1][0]
    start = scheme.index(r"\accepted")
    rows = re.sub(r"\{[0-9.]+ points?\}$", lambda found: "#" * len(found[0]), scheme[start:], flags=re.MULTILINE)
    entries = [place for place in DIGIT.finditer(rows) if "." in rows[place.start() - 3 : place.start()]]
    bounds = sum(np.size(pair) for pair in record["accepted"].values())
    assert len(entries) == bounds
    for place in entries:
        at = start + place.start()
        wrong = scheme[:at] + str((int(scheme[at]) + 1) % 10) + scheme[at + 1 :]
        assert len(list(disagreements(wrong, record["accepted"], record["printed"]))) == 1, wrong[at - 60 : at + 20]


def test_the_scheme_of_another_variant_is_refused(schemes):
    assert list(disagreements(schemes[0][1], schemes[1][0]["accepted"], schemes[1][0]["printed"]))


def test_a_row_too_few_and_rows_in_another_order_are_refused(schemes):
    scheme, record = schemes[0][0], schemes[1][0]
    head, *rows = scheme.split(r"\accepted")
    less = r"\accepted".join([head, *rows[1:]])
    end = rows[-1].index(r"\end{scheme}")
    swapped = r"\accepted".join([head, rows[1], rows[0], *rows[2:]])
    assert end > 0
    for wrong in (less, swapped):
        assert list(disagreements(wrong, record["accepted"], record["printed"]))


def test_a_printed_answer_outside_of_its_interval_is_refused(schemes):
    scheme, record = schemes[0][0], schemes[1][0]
    name = next(name for name, text in record["printed"].items() if np.size(text) == 1)
    right = record["printed"][name]
    high = np.max(record["accepted"][name])
    outside = np.reshape(np.array([f"{high + 0.01:.2f}"], dtype=object), np.shape(right)).tolist()
    wrong = record["printed"] | {name: outside}
    assert list(disagreements(scheme, record["accepted"], wrong)) == [name]


# ------------------------------------------------------------------------------------------------ points


@pytest.mark.parametrize(
    "text", ["", "points: 40\n", "points: 7\n", "ask: [{y: 3}, {dL/dW_1: 4}]\n", "ask: [y, L, dL/dW_1]\npoints: 10\n"]
)
def test_the_points_of_the_answers_add_up_to_the_whole(text):
    (scheme,), (record,), points = schemes_of(text, 1)
    worth = [Fraction(number) for number in POINTS.findall(scheme)]
    assert len(worth) == len(record["accepted"])
    assert sum(worth) == points > 0


def test_without_points_each_answer_has_one(schemes):
    assert POINTS.findall(schemes[0][0]) == ["1"] * len(schemes[1][0]["accepted"])


# ------------------------------------------------------------------------------------------------ on paper


def row(low, high, points="2 points"):
    return f"\\begin{{scheme}}{{Mark scheme}}\n\\accepted{{a}}{{{low}}}{{{high}}}{{{points}}}\n\\end{{scheme}}\n"


@needs_tex
def test_an_interval_of_one_number_is_an_equation():
    from tests.exam.papers import texts

    papers = [Paper("same", row("0.25", "0.25")), Paper("wide", row("0.24", "0.26"))]
    pressed = press(papers, PRINTER.preamble("Exam", is_key=True, places=2), jobs=1)
    same, wide = ("".join(texts(pressed.pdfs[name])).replace(" ", "") for name in ("same", "wide"))
    assert "a=0.25" in same
    assert same.count("0.25") == 1
    assert "≤" not in same
    assert "0.24≤a≤0.26" in wide


@needs_tex
def test_schemes_have_room_on_the_page(schemes):
    long = r"\begin{bmatrix}" + r"\\".join(["&".join(["-1234.56"] * 9)] * 4) + r"\end{bmatrix}"
    bodies = {"own": schemes[0][0], "wide": row(long, long.replace("6", "7"), "1200 points")}
    papers = [Paper(name, body) for name, body in bodies.items()]
    pressed = press(papers, PRINTER.preamble("Exam", is_key=True, places=2), jobs=1)
    assert set(pressed.overfull.values()) == {()}
