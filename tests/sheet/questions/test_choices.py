"""Multiple choice: as many options as the question wants, or the sheet says how many there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.errors import ProblemError
from derive.program.reading import read
from derive.resources import folder
from derive.sheet import Entry
from derive.sheet.blocks import Choice, Decimals, Words
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from derive.spec.questions import Choose
from derive.spec.transfer import in_notation
from tests.sheet.questions.asking import NETWORK, question, solved

BANK = sorted(file for file in folder("problems").glob("*.yaml") if "choice:" in file.read_text(encoding="utf-8"))


def choices(solution: Solution, kind: str) -> list[tuple[Choose, Entry]]:
    """Each question of this kind with its entry on a sheet."""
    [section] = [section for section in solution.sheet(kind).sections if section.role == "question"]
    asked = zip(solution.problem.questions, section.entries, strict=True)
    return [(question, entry) for question, entry in asked if isinstance(question, Choose)]


@pytest.mark.parametrize("file", BANK, ids=[file.stem for file in BANK])
def test_the_bank_has_the_options_that_are_asked_for_or_says_how_many(file: Path) -> None:
    solution = solve_problem(read(file))
    for kind in ("solution", "worksheet"):
        found = choices(solution, kind)
        assert found
        for asked, entry in found:
            [block] = entry.blocks
            assert isinstance(block, Choice)
            number = len(block.options)
            of = ("of", asked.choice)
            fewer = Words("choice_of_fewer", (of, ("count", str(number))))
            assert entry.prompt == (Words("choice", (of,)) if number == asked.options else fewer)
            assert number == asked.options or asked.show == "formula"


def test_a_mistake_at_an_earlier_quantity_is_named_with_it() -> None:
    solution = solved("network", "choice: dL/db_2\n    options: 8")
    [block] = question("network", "choice: dL/db_2\n    options: 8").blocks
    assert isinstance(block, Choice)
    assert len(block.options) == 8
    earlier = [option for option in block.options if option.at]
    assert earlier
    assert all(option.mistake and not option.right for option in earlier)
    tex = solution.tex()
    for option in earlier:
        assert option.at is not None
        [(_, name)] = option.at.fields
        assert name in {step.name for step in solution.program} - {"dL/db_2"}
    assert r"{}{at $\frac{\partial L}{\partial y}$: " in tex
    assert all(finding.passed for finding in solution.all_findings)
    [blank] = question("network", "choice: dL/db_2\n    options: 8", "worksheet").blocks
    assert isinstance(blank, Choice)
    assert all(option.at is None and option.mistake is None for option in blank.options)


def test_formulas_come_from_the_step_alone_and_the_prompt_says_how_many() -> None:
    item = "choice: dL/db_2\n    options: 8\n    show: formula"
    entry = question("network", item)
    [block] = entry.blocks
    assert isinstance(block, Choice)
    assert 1 < len(block.options) < 8
    assert all(option.at is None for option in block.options)
    said = f"Which one of these {len(block.options)} is"
    for kind in ("solution", "worksheet", "key"):
        assert said in solved("network", item).tex(kind)


@pytest.mark.parametrize(("show", "count"), [("value", 4), ("formula", 3)])
def test_a_single_entry_may_be_chosen(show: str, count: int) -> None:
    item = f"choice: 'dL/dW_1[2,3]'\n    show: {show}"
    solution, [block] = solved("network", item), question("network", item).blocks
    assert isinstance(block, Choice)
    assert len(block.options) == count
    [right] = [option for option in block.options if option.right]
    assert all(bool(option.mistake) != option.right for option in block.options)
    assert all(finding.passed for kind in ("solution", "worksheet", "key") for finding in solution.findings_of(kind))
    assert r" is $\left(\frac{\partial L}{\partial W_{1}}\right)_{23}$?" in solution.tex("worksheet")
    if show == "value":
        [cell] = right.cells
        assert isinstance(cell, Decimals)
        assert float(str(cell.values.item())) == pytest.approx(solution.gradients["W_1"][1, 2], abs=0.005)


@pytest.mark.parametrize("kind", ["solution", "worksheet", "key"])
def test_a_sheet_says_where_rows_count_from_zero(kind: str) -> None:
    """The first row of augmented weights is that of the bias, row 0."""
    problem = read_text(f"{NETWORK}ask:\n  - choice: 'dL/dW_1[2,3]'\n")
    augmented = solve_problem(in_notation(problem, "augmented"))
    rows = r"The rows of $\frac{\partial L_{\mathrm{sq}}}{\partial W_{1}}$ count from 0, its columns from 1."
    assert rows in augmented.tex(kind)
    assert all(finding.passed for finding in augmented.findings_of(kind))
    assert "count from 0" not in solve_problem(problem).tex(kind)


def test_an_entry_outside_of_the_quantity_is_refused() -> None:
    with pytest.raises(ProblemError) as caught:
        solved("network", "choice: 'dL/dW_1[3,3]'")
    [fault] = caught.value.faults
    assert fault.path == "ask.choice"
    assert fault.found == "`dL/dW_1[3,3]` of a quantity whose shape is 2x3"
