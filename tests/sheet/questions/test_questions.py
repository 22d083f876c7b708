"""Questions of every kind: the right content on solution and key, and nothing of it on the worksheet."""

from __future__ import annotations

import ast

import pytest

from derive.calculus.mistakes import candidates
from derive.errors import DeriveError
from derive.sheet.blocks import Blank, Choice, Decimals, Dimensions, Formula, Gap, Listing, Plain, Ruled, Words
from derive.sheet.questions.writing import mixed
from tests.sheet.questions.asking import asked, question, rows, solved

# ------------------------------------------------------------------------------------------------ tables


def test_shapes_are_those_of_the_quantities() -> None:
    item = "shapes: [a, dL/dW_1, b_2, x]"
    assert [cell for _, cell in rows("network", item)] == [
        Dimensions("a", (2,)),
        Dimensions("dL/dW_1", (2, 3)),
        Dimensions("b_2", (1,)),
        Dimensions("x", (3,)),
    ]
    assert all(cell == Blank(None) for _, cell in rows("network", item, "worksheet"))
    tex = asked(solved("network", item).tex("key"))
    assert [line.partition(" & ")[2] for line in tex.splitlines() if r"\times" in line] == [
        r"$2 \times 1$ \\[3pt]",
        r"$2 \times 3$ \\[3pt]",
        r"$1 \times 1$ \\[3pt]",
        r"$3 \times 1$ \\[3pt]",
    ]


def test_shapes_with_symbols_and_a_single_number() -> None:
    tex = asked(solved("symbols", "shapes: [W_1, L]").tex("solution"))
    assert r"$H \times 784$" in tex
    assert "a single number" in tex
    worksheet = asked(solved("symbols", "shapes: [W_1, L]").tex("worksheet"))
    assert "784" not in worksheet
    assert "single" not in worksheet


def test_counts_and_their_sum() -> None:
    assert [row[-1] for row in rows("network", "count: parameters")] == [Plain(n) for n in ("6", "2", "2", "1", "11")]
    assert [row[-1] for row in rows("network", "count: [x, dL/dW_1]")] == [Plain("3"), Plain("6"), Plain("9")]
    blank = rows("network", "count: parameters", "worksheet")
    assert all(row[-1] == Blank(None) for row in blank)


def test_counts_with_symbols() -> None:
    cells = [row[-1] for row in rows("symbols", "count: parameters")]
    assert [str(cell.node) if isinstance(cell, Formula) else cell for cell in cells] == [
        "784*H",
        "H",
        "10*H",
        Plain("10"),
        "795*H + 10",
    ]


def test_a_table_shows_given_values_only() -> None:
    item = "table: [a, y]\n    given: [a]"
    whole, blank = rows("network", item), rows("network", item, "worksheet")
    assert [list(map(str, row[2].values.flat)) for row in whole if isinstance(row[2], Decimals)] == [
        ["0.30", "0.24"],
        ["0.32"],
    ]
    assert isinstance(blank[0][2], Decimals)
    assert blank[1][2] == Blank((1,))
    assert [row[:2] for row in blank] == [row[:2] for row in whole]


# ------------------------------------------------------------------------------------------------ formulas


def test_an_expression_is_left_out_of_the_worksheet() -> None:
    item = "express: dL/dW_2\n    in: [y, t, z]"
    [line] = question("network", item).lines
    assert {tensor.name for tensor in line.formula.tensors} == {"y", "t", "z"} if line.formula else False
    [blank] = question("network", item, "worksheet").lines
    assert (blank.formula, blank.cut, blank.result) == (None, None, Blank(None))


def test_express_refuses_what_cannot_be_written_so() -> None:
    with pytest.raises(DeriveError, match="needs `W_2`"):
        solved("network", "express: dL/dW_1\n    in: [y, t]").sheet()


CHOICES = [
    ("network", "choice: dL/dW_1"),
    ("network", "choice: W_2'"),
    ("network", "choice: dL/da\n    show: formula"),
    ("symbols", "choice: dL/dW_1"),
]


@pytest.mark.parametrize(("name", "item"), CHOICES)
def test_one_option_is_right_and_the_worksheet_does_not_tell(name: str, item: str) -> None:
    [whole] = [block for block in question(name, item).blocks if isinstance(block, Choice)]
    [key] = [block for block in question(name, item, "key").blocks if isinstance(block, Choice)]
    [blank] = [block for block in question(name, item, "worksheet").blocks if isinstance(block, Choice)]
    assert [option.right for option in whole.options].count(True) == 1
    assert all((option.mistake is None) == bool(option.right) for option in whole.options)
    assert str(key) == str(whole)
    assert [str(option.cells) for option in blank.options] == [str(option.cells) for option in whole.options]
    assert all(option.right is None and option.mistake is None for option in blank.options)


def test_options_show_different_digits_and_come_from_mistakes_of_the_step() -> None:
    [choice] = [block for block in question("network", "choice: dL/dW_1").blocks if isinstance(block, Choice)]
    shown = {str(option.cells[0].values) for option in choice.options if isinstance(option.cells[0], Decimals)}
    assert len(shown) == len(choice.options)
    program = solved("network", "choice: dL/dW_1").program
    for option in choice.options:
        if option.mistake:
            at = dict(option.at.fields)["at"] if option.at else "dL/dW_1"
            assert option.mistake.key in {mistake.kind for mistake in candidates(program, program[at])}


def test_the_graph_must_be_drawn_for_a_question_about_it() -> None:
    place, values, gradients = question("network", "graph: both").prompt
    assert (place, values.key, gradients.key) == (Words("graph"), "graph_values_across", "graph_gradients_across")
    assert [name for _, name in values.fields] == ["a", "z", "y", "L"]
    assert gradients.fields == (("loss", "L"), ("of_0", "a"), ("of_1", "z"), ("of_2", "y"))
    with pytest.raises(DeriveError, match="no gradients to write into the graph"):
        solved("gate", "graph: gradients").sheet()


def test_a_problem_in_symbols_asks_for_shapes_on_the_graph() -> None:
    _, shapes = question("symbols", "graph: values").prompt
    assert shapes.key == "graph_shapes_of_values_across"


# ------------------------------------------------------------------------------------------------ words


def test_an_explanation_has_lines_or_the_answer() -> None:
    item = "explain: 'Why {so}?'\n    lines: 4\n    answer: 'Since 100% of it is.'"
    assert question("network", item, "worksheet").blocks == (Ruled(4),)
    assert question("network", item).blocks == (Ruled(0, "Since 100% of it is."),)
    assert "Since" not in solved("network", item).tex("worksheet")
    assert r"\answer{Since 100\% of it is.}" in solved("network", item).tex("key")


@pytest.mark.parametrize("count", range(2, 12))
def test_an_order_is_never_the_right_one(count: int) -> None:
    for seed in range(60):
        order = mixed(count, f"seed {seed}")
        assert sorted(order) == list(range(count))
        assert list(order) != list(range(count)), f"seed {seed}"


@pytest.mark.parametrize("item", ["order: training iteration", "order: [one, two, three]", "order: [b, a]"])
def test_an_order_is_the_same_on_worksheet_and_key(item: str) -> None:
    whole, blank = rows("network", item, "key"), rows("network", item, "worksheet")
    assert [row[1] for row in whole] == [row[1] for row in blank]
    assert all(row[0] == Blank(()) for row in blank)
    places = [int(row[0].text) for row in whole if isinstance(row[0], Plain)]
    assert sorted(places) == list(range(1, len(whole) + 1))
    assert places != sorted(places)


def test_the_steps_of_an_iteration_in_their_order() -> None:
    placed = {row[0].text: row[1] for row in rows("network", "order: training iteration") if isinstance(row[0], Plain)}
    keys = ("predict", "loss", "zero_grad", "backward", "step")
    assert [placed[str(place)] for place in range(1, 6)] == [Words(f"iteration_{key}") for key in keys]


# ------------------------------------------------------------------------------------------------ programs

CODE = [("numpy", style) for style in ("step", "loop", "layers")] + [("pytorch", style) for style in ("loop", "module")]


def _listing(name: str, item: str, kind: str) -> Listing:
    [found] = [block for block in question(name, item, kind).blocks if isinstance(block, Listing)]
    return found


@pytest.mark.parametrize(("language", "style"), CODE)
@pytest.mark.parametrize("name", ["network", "symbols"])
def test_code_is_python_and_its_gaps_are_empty_on_a_worksheet(name: str, language: str, style: str) -> None:
    item = f"code: {language}\n    style: {style}"
    whole, blank = _listing(name, item, "key"), _listing(name, item, "worksheet")
    text = ["".join(piece if isinstance(piece, str) else piece.answer for piece in line) for line in whole.lines]
    ast.parse("\n".join(text))
    gaps = [piece for line in blank.lines for piece in line if isinstance(piece, Gap)]
    answers = [piece for line in whole.lines for piece in line if isinstance(piece, Gap)]
    assert len(gaps) == len(answers) > 0
    assert {(gap.answer, gap.width) for gap in gaps} == {("", gaps[0].width)}
    assert all(gap.answer for gap in answers)
    assert r"\codeanswer" not in solved(name, item).tex("worksheet").partition(r"\begin{document}")[2]


# ------------------------------------------------------------------------------------------------ all of them

EVERY = [
    "shapes: [a, z]",
    "count: parameters",
    "table: [a, z, y, L]",
    "graph: both",
    "express: dL/dW_1\n    in: [y, t, W_2, z, x]",
    "choice: dL/dW_1",
    "explain: 'Why?'\n    answer: 'The secret.'",
    "order: training iteration",
    "code: numpy",
    "slice: L\n    by: W_2[1,2]",
    "plot: [relu]",
]


def test_a_worksheet_of_all_kinds_gives_nothing_away() -> None:
    items = "\n  - ".join(EVERY)
    solution = solved("network", items)
    tex = solution.tex("worksheet").partition(r"\begin{document}")[2]
    assert solution.findings_of("worksheet")
    assert all(finding.passed for finding in solution.findings_of("worksheet"))
    for told in (r"\codeanswer", "{right}", "The secret.", r"\answer{", "np.tanh", "-0.08689", "0.32"):
        assert told not in tex, told
    assert r"\codeanswer" in solution.tex("key")
