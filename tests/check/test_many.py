"""Documents of many variants read at once: right ones pass, and a planted fault is refused by number and step."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from derive.check.exact_arrays import ELEMENTARY
from derive.check.many import STRUCTURE
from derive.check.many_decimals import rounds_to
from derive.check.many_lines import Lines
from derive.check.many_numbers import Many
from derive.check.many_skeletons import MARK, NUMBER
from derive.check.promises import Promised
from derive.check.reread import read
from derive.spec.problem import Ask
from tests.check.many import Stack, bank, stacked

SEED = 4
PEN_AND_PAPER = "pen-and-paper"


@functools.cache
def stack(name: str, kind: str, count: int) -> Stack:
    return stacked(bank(name), kind, count, SEED)


def line(symbol: str) -> str:
    return rf"\begin{{derivation}}{{{symbol}}}"


def between(start: str, end: str, change: Callable[[str], str]) -> Callable[[str], str]:
    """A change of what stands between two texts."""

    def apply(tex: str) -> str:
        first = tex.index(start)
        last = tex.index(end, first + len(start))
        changed = change(tex[first:last])
        assert changed != tex[first:last], f"seed {SEED}: nothing changed"
        return tex[:first] + changed + tex[last:]

    return apply


def last_decimal(text: str, *, by: int = 4) -> str:
    """Another digit in front of the last decimal of a text, so that no rounding hides it."""
    found = list(re.finditer(r"(?<=\.)[0-9]", text))[-1]
    return text[: found.start()] + str((int(found[0]) + by) % 10) + text[found.end() :]


def first_decimal(text: str) -> str:
    found = re.search(r"(?<=\.)[0-9]", text)
    assert found
    return text[: found.start()] + str((int(found[0]) + 4) % 10) + text[found.end() :]


def without_first_sign(text: str) -> str:
    return re.sub(r"-(?=[0-9])", "", text, count=1)


def without_sign_of_result(text: str) -> str:
    return text.replace(r"\result{-", r"\result{")


def exchanged(text: str) -> str:
    """The first two cells of a column or row exchanged."""
    return re.sub(r"(-?[0-9.]+)( & | \\\\ )(-?[0-9.]+)", r"\3\2\1", text, count=1)


def squared_without_parentheses(text: str) -> str:
    return re.sub(r"\((-[0-9.]+)\)\^", r"\1^", text, count=1)


def negative_zero(text: str) -> str:
    return re.sub(r"\\result\{[^{}]*\}", r"\\result{-0.00}", text)


END = r"\end{derivation}"
RESULT = r"\equals{\result{"
DZ_DA = line(r"\frac{\partial z}{\partial a}")
TABLE = r"$W_{2}$"

# a fault: what it changes, and the step and the route that refuse it
FAULTS: dict[str, tuple[Callable[[str], str], str, str]] = {
    "a digit of a result": (between(line("y"), END, last_decimal), "y", "digits"),
    "a digit of a substituted number": (between(line("b_{2}'"), RESULT, last_decimal), "b_2'", "lines"),
    "a digit of a substituted matrix": (between(line("a"), RESULT, last_decimal), "a", "lines"),
    "a given matrix": (between(r"\fitted{W_{1}", r"\fitted{b_{1}", first_decimal), "W_1", "given"),
    "a number of the summary": (between(TABLE, "addlinespace", last_decimal), "W_2' in the table", "digits"),
    "a given number in the summary": (between(TABLE, "addlinespace", first_decimal), "W_2 in the table", "digits"),
    "a number of the graph": (between(r"\node[v]", r"\node[g]", last_decimal), "a in the graph", "digits"),
    "numbers at another node": (
        lambda tex: re.sub(r"(\\node\[v\] at \()[0-9.]+", r"\g<1>9.9", tex, count=1),
        "graph",
        STRUCTURE,
    ),
    "a sign dropped in a result": (between(line("y"), END, without_sign_of_result), "y", "digits"),
    "a sign dropped in a substituted number": (between(line("b_{2}'"), RESULT, without_first_sign), "b_2'", "lines"),
    "parentheses dropped before a square": (between(DZ_DA, RESULT, squared_without_parentheses), "dz/da", "lines"),
    "two entries exchanged": (between(line("a"), RESULT, exchanged), "a", "lines"),
    "two entries of a result exchanged": (between(RESULT, END, exchanged), "a", "digits"),
    "a line removed": (between(line("z"), r"\step{3}", lambda _: ""), "z", STRUCTURE),
    "a negative zero": (between(line("y"), END, negative_zero), "y", "lines"),
    "an exponent": (lambda tex: tex.replace(r"^{2}}%" + "\n" + RESULT, r"^{3}}%" + "\n" + RESULT, 1), "L", "lines"),
    "a formula in symbols": (
        lambda tex: tex.replace(r"\equals{2\,(y - t)}", r"\equals{3\,(y - t)}"),
        "dL/dy",
        STRUCTURE,
    ),
    "a word": (lambda tex: tex.replace("affine map", "linear map", 1), "template", STRUCTURE),
    "a number between the lines": (lambda tex: tex.replace("Work to 2", "Work to 3"), "template", STRUCTURE),
    "the preamble": (lambda tex: "%" + tex, "template", STRUCTURE),
}


def check_fault(stack: Stack, fault: str) -> None:
    """The fault in each document where it can be planted, one at a time: its number, its step, its route."""
    change, step, route = FAULTS[fault]
    planted = 0
    for number in range(1, len(stack.texts)):
        texts = list(stack.texts)
        try:
            texts[number] = change(texts[number])
        except AssertionError:
            continue
        if texts[number] == stack.texts[number]:
            continue
        planted += 1
        found = stack.findings(texts)
        assert {k for k, _ in found} == {number}, f"seed {SEED}, document {number}: {found}"
        assert (step, route) in {(finding.step, finding.route) for _, finding in found}, f"seed {SEED}: {found}"
        if planted == 3:
            return
    assert planted, f"seed {SEED}: the fault could be planted nowhere"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_number_and_step(fault: str) -> None:
    check_fault(stack(PEN_AND_PAPER, "solution", 8), fault)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_among_fifty_is_refused(fault: str) -> None:
    check_fault(stack(PEN_AND_PAPER, "solution", 50), fault)


@pytest.mark.parametrize("kind", ["solution", "worksheet", "key"])
def test_right_documents_pass(kind: str) -> None:
    documents = stack(PEN_AND_PAPER, kind, 8)
    assert documents.by_itself() == []
    assert documents.findings() == ()


BANK = (PEN_AND_PAPER, "batch-of-two", "cross-entropy-from-logits", "dead-relu", "softmax-classifier", "gated-unit")


@pytest.mark.slow
@pytest.mark.parametrize("name", BANK)
@pytest.mark.parametrize("kind", ["solution", "worksheet", "key"])
def test_right_documents_of_the_bank_pass(name: str, kind: str) -> None:
    """A document that says which slope is taken at a kink is another one than those that need not."""
    documents = stack(name, kind, 40)
    assert documents.by_itself() == []
    says = ["Where there is no derivative" in text for text in documents.texts]
    others = {number for number, said in enumerate(says) if said != says[0]}
    found = documents.findings()
    assert {number for number, _ in found} == others
    assert {finding.route for _, finding in found} <= {STRUCTURE}


def test_a_given_number_of_a_worksheet_is_refused() -> None:
    documents = stack(PEN_AND_PAPER, "worksheet", 8)
    texts = list(documents.texts)
    texts[5] = between(line("a"), RESULT, last_decimal)(texts[5])
    found = documents.findings(texts)
    assert {(number, finding.step) for number, finding in found} == {(5, "a")}


@pytest.mark.parametrize("change", [last_decimal, without_first_sign])
def test_a_number_of_a_line_that_a_worksheet_states_is_refused(change: Callable[[str], str]) -> None:
    problem = replace(bank(PEN_AND_PAPER), ask=(Ask("L", 1),))
    documents = stacked(problem, "worksheet", 8, SEED)
    assert documents.by_itself() == []
    assert documents.findings() == ()
    texts = list(documents.texts)
    bias = [text[(start := text.index(r"\more{+", text.index(line("a")))) : text.index(END, start)] for text in texts]
    number = next(k for k, text in enumerate(bias) if k and re.search("-[0-9]", text))
    texts[number] = texts[number].replace(bias[number], change(bias[number]), 1)
    assert {(where, finding.step) for where, finding in documents.findings(texts)} == {(number, "a")}


def test_an_answer_in_a_box_of_a_worksheet_is_refused() -> None:
    documents = stack(PEN_AND_PAPER, "worksheet", 8)
    texts = list(documents.texts)
    texts[3] = between(line("y"), END, lambda text: text.replace(r"\slot", "0.32"))(texts[3])
    assert {(number, finding.step) for number, finding in documents.findings(texts)} == {(3, "y")}


def test_a_result_in_a_key_is_refused() -> None:
    documents = stack(PEN_AND_PAPER, "key", 8)
    texts = list(documents.texts)
    texts[2] = between(r"\fitted{\frac{\partial L}{\partial W_{1}}", r"\dims", last_decimal)(texts[2])
    assert {(number, finding.step) for number, finding in documents.findings(texts)} == {(2, "dL/dW_1")}


@pytest.mark.parametrize("lines", [lambda lines: lines[1:], lambda lines: [*lines, lines[-1]]], ids=["fewer", "more"])
def test_a_reading_of_another_document_is_refused(lines: Callable[[list[Promised]], list[Promised]]) -> None:
    documents = stack(PEN_AND_PAPER, "solution", 8)
    other = replace(documents.reading, lines=lines(list(documents.reading.lines)))
    with pytest.raises(ValueError, match="not the document"):
        replace(documents, reading=other).findings()


# ------------------------------------------------------------------------------------------------ single pieces

PIECES = (
    "1 - 0.1^{2}",
    "1 - (-0.1)^{2}",
    "1 - -0.1^{2}",
    "-0.1^{2}",
    "(-0.1)^{2}",
    r"0.3 - 0.5\,(-0.36)",
    "(0.3 - 0.5)^{2}",
    "(0.3 + 0.5)^{3}",
    "-5.0 \\cdot 10^{-1}",
    "0.3 / 0.7",
    "0.3 / (-0.9)",
    r"0.5\,e^{-0.25}",
    r"\frac{1}{3}\,(1\,\log(0.665) + 0\,\log(0.2))",
    r"\frac{1}{3}\,(0.4\,\log(0.665) + 0\,\log(0.00))",
    r"(1 - 1)\,\log(1 - 1.00) + 1\,\log(1.00)",
    "\\tanh\\left(\\begin{bmatrix*}[r]\n0.1 \\\\ -0.2\n\\end{bmatrix*}\\right)",
    "\\begin{bmatrix*}[r]\n1 - 0.1^{2} \\\\ 1 - (-0.2)^{2}\n\\end{bmatrix*}",
    "\\begin{bmatrix*}[r]\n1 - 0.3^{2} \\\\ 1 - 0.2^{2}\n\\end{bmatrix*}",
    "\\begin{bmatrix*}[r]\n0.3 & -0.1\n\\end{bmatrix*}\\,\\begin{bmatrix*}[r]\n2 \\\\ -0.25\n\\end{bmatrix*} - 0.5",
    "\\begin{bmatrix*}[r]\n\\mathbf{1}[0.3 > 0] \\\\ \\mathbf{1}[-0.3 > 0]\n\\end{bmatrix*}",
)


def values_together(texts: tuple[str, ...]) -> dict[str, list[list[object]] | None]:
    parts = [NUMBER.split(text) for text in texts]
    found: dict[str, list[list[object]] | None] = {}
    for numbers, array in Lines(ELEMENTARY, {}).read([(MARK.join(part[::2]), part[1::2]) for part in parts]):
        for place, number in enumerate(numbers):
            found[texts[number]] = (
                None
                if array is None
                else [[entry.singles()[place] if isinstance(entry, Many) else entry for entry in row] for row in array]
            )
    return found


def test_pieces_read_together_have_the_values_that_they_have_alone() -> None:
    together = values_together(PIECES)
    assert together == {text: read(text).tolist() for text in PIECES}


@pytest.mark.parametrize(
    "text",
    ["2 3", r"2\frac{1}{3}", "(-0.00)", "0.3 - -0.0", "0.3 0.5", "1/2(3)", "0.5 / 0", r"\log(0.0)", r"1\,\log(0)"],
)
def test_what_cannot_be_read_alone_cannot_be_read_together(text: str) -> None:
    assert values_together((text, "1 - 0.1^{2}"))[text] is None


def test_ties_round_away_from_zero_whatever_floats_say() -> None:
    tie = Many.of_decimals([15, -15, 25], [3, 3, 3]) * Many.of_decimals([1, 1, 1], [0, 0, 0])  # 0.015 and 0.025
    assert rounds_to(tie, [2, -2, 3], [2, 2, 2]) == [True, True, True]
    assert rounds_to(tie, [1, -1, 2], [2, 2, 2]) == [False, False, False]
