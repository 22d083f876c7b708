"""The answers to questions are read again from the LaTeX; a fault in any of them is refused by the question's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derive.sheet.questions.figures as figures
import derive.sheet.questions.formulas as formulas
import derive.sheet.questions.limits as limits
import derive.sheet.questions.programs as programs
import derive.sheet.questions.tables as tables
import derive.sheet.questions.writing as writing
from derive.check.questions import QUESTIONS, name_of
from derive.ops import Constant, times
from derive.resources import folder
from derive.sheet.blocks import Option
from derive.solution import SHEETS, solve_problem
from tests.check.questions import NETWORK, TEXTS, refused, solved
from tests.support import problem_of


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("name", TEXTS)
def test_every_question_is_read_and_agrees(name: str, kind: str) -> None:
    solution = solved(name)
    assert refused(solution, kind) == set()
    read = [finding.step for finding in solution.findings_of(kind) if finding.route == QUESTIONS]
    assert read == [name_of(question) for question in solution.problem.questions]


# ------------------------------------------------------------------------------------------------ faults in the text

BLANK_ROW = r"\tall{$a$} & \answerline"
TEXT_FAULTS: dict[str, tuple[str, str, str, str, str]] = {
    "a shape": ("network", "solution", r"\tall{$a$} & $2 \times 1$", r"\tall{$a$} & $1 \times 2$", "shapes a"),
    "a shape in symbols": ("symbols", "key", r"$H \times 7$", r"$7 \times H$", "shapes z_1"),
    "the points": ("network", "key", "{2 points}", "{3 points}", "shapes a"),
    "a count": ("network", "solution", r"& $2 \times 3$ & 6", r"& $2 \times 3$ & 5", "count"),
    "the sum of counts": ("network", "key", "all together &  & 11", "all together &  & 12", "count"),
    "a count in symbols": ("symbols", "solution", "7 H", "8 H", "count"),
    "a symbol in a table": ("network", "key", r"\tall{$z$} &", r"\tall{$a$} &", "table z"),
    "a formula in a table": ("network", "key", r"(y - t)^{2}$} &", r"(t - 2\,y)^{2}$} &", "table z"),
    "a digit in a table": ("network", "key", r"\tall{$\displaystyle 0.03$}", r"\tall{$\displaystyle 0.04$}", "table z"),
    "an expression": ("network", "solution", r"\equals{2\,(W_{2}", r"\equals{3\,(W_{2}", "express dL/dW_1"),
    "a name that is not allowed": ("symbols", "solution", r"(1 - z_{1}))", r"(1 - \sigma(a_{1})))", "express dL/dW_1"),
    "a sign in the right option": (
        "network",
        "key",
        "-0.07 & -0.09 & 0.02 \\\\ 0.08",
        "-0.07 & -0.09 & 0.02 \\\\ -0.08",
        "choice dL/dW_1",
    ),
    "the other option is marked": ("network", "key", "}{right}{}", "}{}{a mistake}", "choice dL/dW_1"),
    "the author's answer": ("network", "key", "The bias is added.", "The bias is not added.", "explain"),
    "an order": ("network", "key", "2 & Compute the loss.", "3 & Compute the loss.", "order"),
    "an order on the worksheet": (
        "network",
        "worksheet",
        r"\tall{$\begin{room}\slot\end{room}$} & Compute the loss.",
        "2 & Compute the loss.",
        "order",
    ),
    "a program that is none": ("network", "key", r"\codeanswer{W1~@~x", r"\codeanswer{W1~@~@~x", "code"),
    "a slope": ("network", "solution", r"{-}0.08689", r"{-}0.08698", "slice L"),
    "a rise": ("network", "solution", r"{-}0.13 / 1.5", r"{-}0.14 / 1.5", "slice L"),
    "the start": ("network", "key", "{-}0.8, 0.03403)", "{-}0.8, 0.03304)", "slice L"),
    "what the slope says": ("network", "key", "negative: increase", "positive: decrease", "slice L"),
    "a limit": ("limits", "key", r"\tfrac{1}{3} \\[6pt] \tfrac{1}{3}", r"\tfrac{1}{3} \\[6pt] \tfrac{2}{3}", "limit p"),
    "an infinite limit": ("limits", "key", r"\infty \\ \infty", r"\infty \\ 1", "limit s"),
    "the sign of infinity": ("limits", "key", "\\infty \\\\ \\infty", "-\\infty \\\\ \\infty", "limit s"),
    "the digits of a limit": ("limits", "solution", "1.0949", "1.0950", "limit r"),
    "where a limit goes": ("limits", "worksheet", r"$\beta \to 1$", r"$\beta \to 2$", "limit r"),
    "a shape on the worksheet": ("network", "worksheet", BLANK_ROW, r"\tall{$a$} & $2 \times 1$", "shapes a"),
    "a box that holds something": (
        "network",
        "worksheet",
        r"\slot\end{room}$} \\[3pt]",
        r"0.03\end{room}$} \\[3pt]",
        "table z",
    ),
    "a mark on the worksheet": ("network", "worksheet", "$}{}{}", "$}{right}{}", "choice dL/dW_1"),
    "a mistake on the worksheet": ("network", "worksheet", "$}{}{}", "$}{}{a mistake}", "choice dL/dW_1"),
    "other options on the worksheet": ("network", "worksheet", "0.07 & 0.09", "0.17 & 0.09", "choice dL/dW_1"),
    "an answer on the lines": ("network", "worksheet", r"\writingline", r"\answer{The bias is added.}", "explain"),
    "an answer in a gap": ("network", "worksheet", r"z~=~\codegap{28}", r"z~=~\codeanswer{np.tanh(a)}", "code"),
    "an answer in a comment": ("network", "worksheet", r"\#~forward~pass}", r"\#~a~=~W1~@~x}", "code"),
    "the figure of the solution": ("network", "worksheet", "{worksheet-1.pdf}", "{solution-1.pdf}", "slice L"),
    "the start on the worksheet": ("network", "worksheet", r"start & \answerline", "start & (0, 0.03403)", "slice L"),
    "a question left out": ("network", "key", r"\question{2}", r"\left{2}", "template"),
    "a formula of a batch": ("batch", "solution", r"\log(y_{ij})$}", r"\log(y_{ij})^{2}$}", "table a_1"),
    "a gradient's shape in PyTorch": ("batch", "key", "W2.grad.shape & (2, 3)", "W2.grad.shape & (3, 2)", "code"),
    "a prompt about another quantity": (
        "network",
        "worksheet",
        r"Which one is $\frac{\partial L}{\partial W_{1}}$?",
        r"Which one is $\frac{\partial L}{\partial W_{2}}$?",
        "choice dL/dW_1",
    ),
}


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_fault_in_the_text_is_refused(fault: str) -> None:
    name, kind, right, wrong, step = TEXT_FAULTS[fault]
    solution = solved(name)
    tex = solution.tex(kind)
    start = tex.index(r"\pass{question}")
    changed = tex[:start] + tex[start:].replace(right, wrong, 1)
    assert changed != tex, f"{right} does not stand on the {kind}"
    assert (QUESTIONS, step) in refused(solution, kind, changed)


# ------------------------------------------------------------------------------------------------ faults in composing


def _posed(change: Callable[[Any], Any], original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments, **options: change(original(*arguments, **options))


COMPOSING_FAULTS: dict[str, tuple[str, str, Any, str, Callable[[Any], Any], str]] = {
    "a formula doubled": (
        "network",
        "solution",
        formulas,
        "in_terms_of",
        lambda f: times(Constant(2), f),
        "express dL/dW_1",
    ),
    "a formula with its sign lost": (
        "symbols",
        "key",
        formulas,
        "in_terms_of",
        lambda f: times(Constant(-1), f),
        "express dL/dW_1",
    ),
    "two right options": (
        "network",
        "key",
        formulas,
        "_values",
        lambda found: [found[0], Option(found[1].cells, True), *found[2:]],
        "choice dL/dW_1",
    ),
    "a wrong option taken for right": (
        "symbols",
        "key",
        formulas,
        "_formulas",
        lambda found: [Option(found[1].cells, True), replace(found[1], cells=found[0].cells), *found[2:]],
        "choice dL/dW_1",
    ),
    "the right order": ("network", "worksheet", writing, "mixed", sorted, "order"),
    "another limit": ("limits", "solution", limits, "limit_of", lambda found: found + 1, "limit p"),
    "a count too many": ("network", "key", tables, "_count", lambda cell: replace(cell, text=f"{cell.text}0"), "count"),
    "a slope with its sign lost": (
        "network",
        "solution",
        figures,
        "slice_along",
        lambda found: replace(found, slope=-found.slope),
        "slice L",
    ),
    "a gap that is filled": (
        "network",
        "worksheet",
        programs,
        "_piece",
        lambda piece: piece if isinstance(piece, str) else replace(piece, answer="x"),
        "code",
    ),
}


@pytest.mark.parametrize("fault", COMPOSING_FAULTS)
def test_a_fault_in_composing_is_refused(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, kind, module, function, change, step = COMPOSING_FAULTS[fault]
    monkeypatch.setattr(module, function, _posed(change, getattr(module, function)))
    assert (QUESTIONS, step) in refused(solve_problem(problem_of(TEXTS[name])), kind)


def test_another_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    dimensions = tables.Dimensions
    monkeypatch.setattr(
        tables, "Dimensions", lambda name, shape: dimensions(name, shape[::-1] + (2,) * (len(shape) < 2))
    )
    assert (QUESTIONS, "shapes a") in refused(solve_problem(problem_of(NETWORK)), "key")


@pytest.mark.parametrize(
    ("file", "right", "wrong", "step"),
    [
        ("macros.tex.j2", "{<< entry.prompt >>}{<< entry.points >>}", "{<< entry.prompt >>}{}", "shapes a"),
        ("macros.tex.j2", "<% for block in entry.blocks %>", "<% for block in entry.blocks[1:] %>", "shapes a"),
        ("words/en.toml", 'choice = "Which one is ${of}$?"', 'choice = "Which one is it?"', "choice dL/dW_1"),
    ],
)
def test_a_fault_in_a_template_is_refused(file: str, right: str, wrong: str, step: str, tmp_path: Path) -> None:
    text = (folder("templates") / file).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text.replace(right, wrong), encoding="utf-8")
    assert (QUESTIONS, step) in refused(solve_problem(problem_of(NETWORK), templates=tmp_path), "key")


def test_runs_are_random_and_not_all_alike() -> None:
    asked = solved("symbols").reading("solution").asked
    assert asked is not None
    values = [run.values["dL/dW_1"] for run in asked.known_runs]
    assert len(values) > 1
    assert not np.array_equal(values[0], values[1])
