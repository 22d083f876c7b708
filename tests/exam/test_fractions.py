"""Papers whose numbers are fractions: no decimal on them, and a mark scheme that accepts the exact value alone."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.evaluate import Style
from derive.exam.answers import intervals_of, numbers_of
from derive.exam.fractions import exact_rows, fractions_of, with_fractions
from derive.exam.numbers import ManyNumbers
from derive.exam.records import records
from derive.exam.scheme import disagreements
from derive.exam.typeset import Printed, Typesetter, WrongPaper
from derive.program import read
from derive.render.paper import Printer
from derive.resources import folder
from derive.variants.search import Pool, find_variants

PRINTER = Printer()
FRACTION = re.compile(r"\\tfrac\{(\d+)\}\{\d+\}")
DECIMAL = re.compile(r"\d\.\d+(?!\d*(?:em|pt|cm|mm|ex))")
NUMBERS = ("equals", "result", "accepted", "fitted")  # the macros whose lines hold numbers


@pytest.fixture(scope="module", params=["by-hand-relu", "by-hand-sigmoid"])
def pool(request: pytest.FixtureRequest) -> Pool:
    return find_variants(read(folder("problems") / f"{request.param}.yaml"), 3, 11)


@pytest.fixture(scope="module")
def papers(pool: Pool) -> list[Printed]:
    typesetter = Typesetter(pool.settings[0], pool.variants[0], 10, PRINTER)
    return list(typesetter.print(pool.variants))


def test_no_paper_shows_a_decimal(papers: list[Printed]) -> None:
    for paper in papers:
        for fragment in (paper.question, paper.key):
            lines = [line for line in fragment.tex.splitlines() if any(f"\\{name}" in line for name in NUMBERS)]
            assert len(lines) > 5
            assert not [line for line in lines if DECIMAL.search(line.replace("1.2em", "").replace("1.6em", ""))]
        assert "Work with exact fractions." in paper.question.tex
        assert "brackets" not in paper.key.tex


def test_the_exact_value_alone_is_accepted(pool: Pool) -> None:
    numbers = numbers_of(pool.variants)
    for record in records(numbers, intervals_of(numbers), pool.variants):
        for name, texts in record["printed"].items():
            values = [float(Fraction(text)) for text in np.array(texts, dtype=object).reshape(-1)]
            bounds = np.array(record["accepted"][name]).reshape(-1, 2)
            assert bounds[:, 0].tolist() == bounds[:, 1].tolist() == values
            assert np.allclose(values, np.array(record["answers"][name]).reshape(-1), rtol=0, atol=1e-12)


def test_a_changed_numerator_in_a_scheme_is_refused(pool: Pool, papers: list[Printed]) -> None:
    numbers = numbers_of(pool.variants)
    found = 0
    for paper, record in zip(papers, records(numbers, intervals_of(numbers), pool.variants), strict=True):
        scheme = paper.key.tex[paper.key.tex.index(r"\begin{scheme}") :]
        assert not list(disagreements(scheme, record["accepted"], record["printed"]))
        for number in FRACTION.finditer(scheme):
            wrong = f"{scheme[: number.start(1)]}{int(number[1]) + 1}{scheme[number.end(1) :]}"
            assert len(list(disagreements(wrong, record["accepted"], record["printed"]))) == 1
            found += 1
    assert found > 10


def test_an_answer_that_the_key_has_not_is_refused(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    name, right = pool.settings[0].answers[-1], ManyNumbers.result

    def wrong(numbers: ManyNumbers, quantity: str) -> np.ndarray:
        texts = right(numbers, quantity).copy()
        if quantity == name:
            texts[1, 0] = "7/11"
        return texts

    monkeypatch.setattr(ManyNumbers, "result", wrong)
    typesetter = Typesetter(pool.settings[0], pool.variants[0], 10, PRINTER)
    with pytest.raises(WrongPaper) as caught:
        list(typesetter.print(pool.variants))
    assert str(pool.variants[1].id) in str(caught.value)
    assert name in str(caught.value)


def test_papers_with_fractions_are_composed_one_by_one(pool: Pool) -> None:
    assert not Typesetter(pool.settings[0], pool.variants[0], 10, PRINTER).is_stencilled


@given(st.lists(st.fractions(-50, 50, max_denominator=1000), min_size=1, max_size=6))
def test_a_float_is_known_as_its_fraction(numbers: list[Fraction]) -> None:
    values = np.array([[float(number) for number in numbers]])
    assert fractions_of(values)[0].tolist() == numbers


def test_rows_with_a_number_that_is_no_simple_fraction_keep_their_decimals() -> None:
    values = np.array([[1 / 3, 0.5], [1 / 3, np.sqrt(2)], [2.0, 1 / 1001]])
    texts = np.array([["0.33", "0.50"], ["0.33", "1.41"], ["2.00", "0.00"]], dtype=object)
    style = Style(2, fractions=True)
    assert with_fractions(texts, values, style).tolist() == [["1/3", "1/2"], ["0.33", "1.41"], ["2.00", "0.00"]]
    rows, exact = exact_rows(values + 1e-14)
    assert rows.tolist() == [True, False, False]
    assert exact[0].tolist() == [1 / 3, 0.5]
