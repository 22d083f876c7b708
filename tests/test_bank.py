"""Every problem of the bank is complete, solved, checked, and printed without lines that stick out."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import derive
from derive.program import Role
from derive.resources import folder
from derive.solution import SHEETS, Solution
from derive.spec import read
from derive.spec.questions import KINDS, Explain

PROBLEMS = sorted(folder("problems").glob("*.yaml"))
ZERO = {  # where zeros are meant: dead units, XOR without error, one-hot targets, logits of small integers
    "cross-entropy-from-logits",
    "dead-relu",
    "minibatch-softmax",
    "shallow-relu-slice",
    "softmax-in-two-steps",
    "xor-network",
}
OVERFULL = 5  # points by which a line may stick out unseen


@pytest.fixture(scope="module", params=PROBLEMS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """A problem of the bank; the tests of one come one after the other, so that they share its solution."""
    return request.param


@functools.lru_cache(maxsize=2)
def solved(path: Path) -> Solution:
    """The problem with every check, PyTorch's among them."""
    return derive.solve(path, autograd=True)


def test_a_problem_says_what_it_is_about(path: Path) -> None:
    problem = read(path)
    assert problem.title
    assert problem.text
    assert problem.level in ("introductory", "intermediate", "advanced")
    assert len(problem.topics) >= 2
    assert problem.minutes is not None
    assert 5 <= problem.minutes <= 60
    assert path.read_text(encoding="utf-8").startswith("# "), "a comment that says where the problem comes from"


def test_a_question_has_points_and_what_is_to_be_explained_has_an_answer(path: Path) -> None:
    questions = read(path).questions
    assert [question.key for question in questions if not question.points] == []
    assert [question.explain for question in questions if isinstance(question, Explain) and not question.answer] == []


def test_titles_differ_and_every_kind_of_question_is_asked_somewhere() -> None:
    problems = [read(path) for path in PROBLEMS]
    titles = [problem.title for problem in problems]
    assert len(set(titles)) == len(titles) >= 45
    assert {question.key for problem in problems for question in problem.questions} == KINDS.keys()
    assert sum(len(problem.questions) >= 2 for problem in problems) >= 24


def test_no_number_is_zero_by_accident(path: Path) -> None:
    solution = solved(path)
    if solution.values is None or path.stem in ZERO:
        return
    steps = [step.name for step in solution.program.by_role(Role.FORWARD, Role.LOSS, Role.BACKWARD, Role.UPDATE)]
    assert [name for name in steps if not np.all(solution.values[name])] == []


@pytest.mark.slow
def test_every_finding_passes_and_the_result_is_valid_json(path: Path) -> None:
    solution = solved(path)
    assert [f"{f.step} ({f.route}): {f.found}" for f in solution.all_findings if not f.passed] == []
    for kind in SHEETS[1:]:
        assert [f"{f.step} ({f.route})" for f in solution.findings_of(kind) if not f.passed] == []
    data = json.loads(solution.to_json())
    assert data["passed"] is True
    assert data["formulas"].keys() == {step.name for step in solution.program.steps}
    assert bool(data["values"]) == (solution.values is not None)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_every_sheet_compiles_within_its_margins(path: Path) -> None:
    for kind in SHEETS:
        compiled = solved(path).pdf(kind)
        assert compiled.pdf.startswith(b"%PDF")
        assert [box for box in compiled.overfull if box.points > OVERFULL] == [], kind


def test_a_worksheet_does_not_tell_the_shapes_that_it_asks_for() -> None:
    solution = solved(folder("problems") / "digit-classifier.yaml")
    assert r"W_{1}\dims{H \times 784}" in solution.tex("solution")
    assert r"X\dims{N \times 784}" in solution.tex("worksheet")
    for told in (r"H \times 784", r"10 \times H", r"N \times H", "(H, 784)"):
        assert told not in solution.tex("worksheet")


def test_a_program_with_a_table_of_shapes_does_not_ask_for_them_twice() -> None:
    solution = solved(folder("problems") / "digit-classifier.yaml")
    assert r"W1.grad.shape" in solution.tex("worksheet")
    assert "assert" not in solution.tex("worksheet")
