"""Sources: the key and the worksheet, lines that fit, names and titles that cannot become code."""

from __future__ import annotations

import ast
import re

import pytest

from derive.code import BLANK, STYLES, Gap, Line, Source
from derive.code.folding import fold
from derive.code.model import comment_text
from derive.code.names import RESERVED, choose_names, identifier
from derive.errors import ProblemError
from derive.ops import Tensor
from tests.code.running import ALL_STYLES, case_of, named, run
from tests.problems import PROBLEMS

styles = pytest.mark.parametrize(("language", "style"), ALL_STYLES)
problems = pytest.mark.parametrize("name", PROBLEMS)


@styles
@problems
def test_lines_fit_and_worksheets_hold_no_answer(name: str, language: str, style: str) -> None:
    try:
        source = named(name).source(language, style)
    except ProblemError:
        pytest.skip("not written in this style")
    key, worksheet = source.text(), source.text(blank=True)
    assert max(map(len, key.splitlines())) <= 88
    assert "\t" not in key
    assert not any(line != line.rstrip() for line in (key + worksheet).splitlines())
    ast.parse(key)
    ast.parse(worksheet)
    assert source.gaps
    assert worksheet.count(BLANK) == sum(not gap.continued for gap in source.gaps)
    left = key_with_gaps_removed(source)
    assert [re.sub(r" +#", " #", line) for line in worksheet.splitlines()] == left
    for gap in source.gaps:
        if len(gap.answer) > 12:
            assert not stands_in(gap.answer, worksheet), gap


def stands_in(answer: str, worksheet: str) -> bool:
    """Whether an answer can be read anywhere; comments and the bodies of functions that are given do not count."""
    return any(answer == line.partition(" = ")[2].partition("  #")[0] for line in worksheet.splitlines())


def key_with_gaps_removed(source: Source) -> list[str]:
    """The lines of the worksheet, made from the key by hand."""
    lines = []
    for pieces in source.lines():
        if any(isinstance(piece, Gap) and piece.continued for piece in pieces):
            continue
        text = "".join(BLANK if isinstance(piece, Gap) else piece for piece in pieces)
        lines.append(re.sub(r" +#", " #", text.rstrip()))
    return lines


def test_the_lines_of_a_worksheet_hold_no_answers() -> None:
    for style in STYLES["numpy"].values():
        case = named("one sample")
        source = style(case.problem, case.program, case.values)
        gaps = [piece for line in source.lines(blank=True) for piece in line if isinstance(piece, Gap)]
        assert gaps
        assert not any(gap.answer for gap in gaps)


def test_a_planted_leak_is_seen() -> None:
    source = named("one sample").source("numpy", "step")
    leak = Source("numpy", "", (*source.parts, (Line(("copy = np.outer(dL_dy, z)",)),)))
    gap = next(gap for gap in source.gaps if gap.about == "dL/dW_2")
    assert not stands_in(gap.answer, source.text(blank=True))
    assert stands_in(gap.answer, leak.text(blank=True))


def test_gaps_say_what_they_are_about() -> None:
    step = named("one sample").source("numpy", "step")
    assert [gap.about for gap in step.gaps][:5] == ["a", "z", "y", "L", "dL/dy"]
    assert {gap.about for gap in step.gaps} >= {"dL/dW_1", "W_1'", "L'"}
    loop = named("symbols, batch").source("pytorch", "loop")
    assert {gap.about for gap in loop.gaps} >= {"size:W_1", "y", "update", "shape:dL/dW_1", "shape:a_1"}


def test_comments_are_aligned_in_both() -> None:
    for blank in (False, True):
        text = named("one sample").source("numpy", "step").text(blank)
        block = text[text.index("# forward pass") :].split("\n\n")[0].splitlines()[1:]
        assert len({line.index("  # (") if blank else line.index("# (") for line in block}) == 1


# ------------------------------------------------------------------------------------------------ names

NAMES = {
    "W_1": "W1",
    "dL/dW_1": "dL_dW1",
    "W_1'": "W1_new",
    "L_sq": "L_sq",
    "y_hat": "y_hat",
    "dY(1)/dX(1)": "dY_sample1_dX_sample1",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_as_python_has_them(name: str) -> None:
    assert identifier(name) == NAMES[name]


@pytest.mark.parametrize("name", ["a; import os", "a b", "", "1a", "é", "a\nb", "__import__", "a=1", "a.b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        identifier(name)


def test_names_that_clash() -> None:
    chosen = choose_names(["W_1", "W1", "np", "print", "lambda_1", "sum", "torch", "match", "dL/dW_1", "dL_dW_1"])
    assert len(set(chosen.values())) == len(chosen)
    assert RESERVED.isdisjoint(chosen.values())
    assert all(text.isidentifier() for text in chosen.values())


HOSTILE = """
    title: "{title}"
    forward: |
      np = print @ x + F
      Linear = tanh(np)
      model = torch @ Linear
      self = sum((model - loss)**2)
    parameters: {{print: [[0.5, -0.2], [0.3, 0.7]], F: [0.1, -1], torch: [[1, 0.5]]}}
    input: {{x: [1, 0.5]}}
    target: {{loss: [0.5]}}
    update: {{sgd: {{learning_rate: 0.1, symbol: range}}}}
    """


@styles
def test_quantities_that_are_called_like_python_s_own(language: str, style: str) -> None:
    case = case_of(HOSTILE.format(title="Names"))
    variables = run(case.source(language, style).text())
    assert variables["np" if language == "numpy" else "torch"].__name__ in ("numpy", "torch")


@pytest.mark.parametrize(
    "title",
    [
        r"a\nraise SystemExit",
        r"a\rraise SystemExit",
        r"a\u2028raise SystemExit",
        r"a\fraise SystemExit",
        r"a\x00b",
        '\\"\\"\\"',
    ],
)
@styles
def test_titles_stay_comments(title: str, language: str, style: str) -> None:
    try:
        case = case_of(HOSTILE.format(title=title))
    except ProblemError:
        pytest.skip("the problem file is refused")
    text = case.source(language, style).text()
    lines = text.split("\n")
    assert lines[0].startswith("# ")
    assert lines[1] == ""
    tree = ast.parse(text)
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))


def test_a_title_becomes_one_line() -> None:
    assert comment_text("a\n# b\r\nc\x0bd\x00\x1b[0m") == "a # b c d[0m"
    assert len(comment_text("word " * 100)) <= 86


def test_a_tensor_with_a_hostile_name_is_refused() -> None:
    case = named("one sample")
    from dataclasses import replace

    step = replace(case.program.steps[0], target=Tensor("a = 1; import os #", (2,)))
    program = replace(case.program, steps=(step, *case.program.steps[1:]))
    with pytest.raises(ValueError, match="cannot be a name"):
        STYLES["numpy"]["step"](case.problem, program, case.values)


# ------------------------------------------------------------------------------------------------ folding


def test_long_lines_break_where_they_bind_least() -> None:
    text = "alpha * beta(one, two) + gamma * delta(three, four) - epsilon"
    assert fold(text, 40) == ["alpha * beta(one, two)", "+ gamma * delta(three, four) - epsilon"]
    assert fold("short", 40) == ["short"]
    assert fold("x" * 50, 40) == ["x" * 50]
    assert " ".join(fold(text, 20)) == text
