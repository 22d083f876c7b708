"""Where the parts of a drawn graph stand: nothing touches anything, and all of it can be read on the page."""

from __future__ import annotations

import itertools
import random
import textwrap

import pytest

from derive.check import check_document
from derive.derivation import derive_program
from derive.evaluate import evaluate_exactly, evaluate_program, exact_array
from derive.render.graph_text import place
from derive.render.notation import Notation
from derive.resources import folder
from derive.sheet import Blank, Sheet
from derive.sheet.graph import PAGE, SMALLEST
from derive.sheet.graph_layout import Layout
from derive.sheet.graph_rooms import Box, cells
from derive.solution import Solution, given_values
from derive.spec import Problem, read, read_text

BANK = sorted(folder("problems").glob("*.yaml"))
APART = 0.05  # centimetres between what stands side by side
WRITTEN = (0.9, 0.55)  # centimetres of a box that one can write a number in
SKIPS = """
    forward: |
      a = tanh(W @ x)
      b = tanh(V @ a)
      c = a + b + x
      d = tanh(c) + a
      y = w @ d
      L = (y - t)**2
    parameters: {W: [[0.5, 0.1], [0.2, 0.3]], V: [[0.5, -0.1], [0.2, 0.3]], w: [1, -0.5]}
    input: {x: [0.4, -0.6]}
    target: {t: 0.3}
    ask: [{graph: both}]
"""


def unchecked(problem: Problem) -> Solution:
    """The solution without the checks of its derivatives, which have nothing to do with a graph."""
    program, given = derive_program(problem), given_values(problem)
    if given is None:
        return Solution(problem, program, None, None, ())
    exact = evaluate_exactly(program, {name: exact_array(array) for name, array in given.items()})
    values = evaluate_program(program, {name: literal.astype(float) for name, literal in given.items()})
    return Solution(problem, program, values, exact, ())


def drawn(text: str) -> Solution:
    return unchecked(read_text(textwrap.dedent(text)))


def layout_of(sheet: Sheet) -> Layout | None:
    return place(sheet.graph, Notation(sheet.notation, sheet.rows, sheet.first)) if sheet.graph else None


def boxes(layout: Layout) -> dict[str, Box]:
    """All that has a place of its own; a field to write in as its single boxes."""
    found: dict[str, Box] = {}
    for placed in layout.nodes:
        node, name = placed.node, placed.node.tensor.name
        found[f"frame of {name}"] = placed.frame
        gradient = node.gradient if node.gradient is not None else node.gradient_shape
        for side, shown, box in (("value", node.value, placed.value), ("gradient", gradient, placed.gradient)):
            parts = cells(box, shown.shape) if box and isinstance(shown, Blank) else [box] if box else []
            found |= {f"{side} {number} of {name}": part for number, part in enumerate(parts)}
    return found | {f"at {route.edge}": route.label for route in layout.routes if route.label}


def distance(one: Box, other: Box) -> float:
    return max(
        abs(one.x - other.x) - (one.width + other.width) / 2, abs(one.y - other.y) - (one.height + other.height) / 2
    )


def assert_readable(sheet: Sheet) -> None:
    layout = layout_of(sheet)
    if layout is None:
        return
    every = boxes(layout)
    for (first, one), (second, other) in itertools.combinations(every.items(), 2):
        assert distance(one, other) >= APART, f"{first} and {second}"
    for route in layout.routes:
        own = (f"frame of {route.edge.source}", f"frame of {route.edge.target}")
        points = list(path(route))
        for name, box in every.items():
            inside = [p for p in points if distance(box, Box(*p, 0, 0)) < 0]
            assert name in own or not inside, f"the arrow {route.edge} through {name}"
    assert all(length * SMALLEST <= page * 1.02 for length, page in zip(layout.size, PAGE, strict=True))
    assert all(
        cell.width >= WRITTEN[0] and cell.height >= WRITTEN[1]
        for placed in layout.nodes
        for shown, box in ((placed.node.value, placed.value), (placed.node.gradient, placed.gradient))
        if isinstance(shown, Blank) and box
        for cell in cells(box, shown.shape)
    )


def path(route):
    """Points along an arrow."""
    steps = [number / 20 for number in range(21)]
    for (x, y), (a, b) in route.stretches:
        yield from ((x + part * (a - x), y + part * (b - y)) for part in steps)
    for corners in route.bends:
        for part in steps:
            weights = (1 - part) ** 3, 3 * part * (1 - part) ** 2, 3 * part**2 * (1 - part), part**3
            yield tuple(sum(w * corner[axis] for w, corner in zip(weights, corners, strict=True)) for axis in (0, 1))


def network(sizes: list[int], samples: int | None, seed: int, ask: str = "both") -> str:
    """An MLP in the short form with random numbers, or in symbols where sizes are given by letters."""
    numbers = random.Random(seed)

    def some(*shape: int) -> object:
        return [some(*shape[1:]) for _ in range(shape[0])] if shape else round(numbers.uniform(-1, 1), 2)

    lines = [f"architecture: {sizes}", f"activations: [{'tanh, ' * (len(sizes) - 2)}identity]", "loss: mse"]
    lines += ["parameters:"]
    for number, (narrow, wide) in enumerate(itertools.pairwise(sizes), start=1):
        lines += [f"  W_{number}: {some(wide, narrow)}", f"  b_{number}: {some(wide)}"]
    lead = () if samples is None else (samples,)
    names = ("x", "t") if samples is None else ("X", "T")
    lines += [f"input: {{{names[0]}: {some(*lead, sizes[0])}}}", f"target: {{{names[1]}: {some(*lead, sizes[-1])}}}"]
    return "\n".join([*lines, f"ask: [{{graph: {ask}}}]"])


def generated(seed: int) -> str:
    numbers = random.Random(seed)
    sizes = [numbers.randint(1, 7) for _ in range(numbers.randint(2, 5))]
    return network(sizes, numbers.choice([None, None, 2, 3]), seed)


@pytest.mark.parametrize("path", BANK, ids=lambda path: path.stem)
def test_nothing_touches_in_the_graphs_of_the_bank(path) -> None:
    solution = unchecked(read(path))
    for kind in ("solution", "worksheet"):
        assert_readable(solution.sheet(kind))


@pytest.mark.parametrize("seed", range(16))
def test_nothing_touches_in_the_graphs_of_generated_networks(seed: int) -> None:
    solution = drawn(generated(seed))
    for kind in ("solution", "worksheet"):
        sheet = solution.sheet(kind)
        assert sheet.graph is not None, f"seed {seed}"
        assert_readable(sheet)


def test_arrows_that_skip_a_quantity_keep_clear_of_it() -> None:
    for kind in ("solution", "worksheet"):
        assert_readable(drawn(SKIPS).sheet(kind))


# ------------------------------------------------------------------------------------------------ what stands there


def shown(sheet: Sheet, part: str) -> dict[str, object]:
    assert sheet.graph is not None
    found = {node.tensor.name: getattr(node, part) for node in sheet.graph.nodes}
    return {name: what for name, what in found.items() if what is not None}


def test_a_network_of_three_four_and_two_shows_every_number() -> None:
    sheet = drawn(network([3, 4, 2], None, 1)).sheet()
    shapes = {name: values.shape for name, values in shown(sheet, "value").items()}
    assert shapes == {"a": (4, 1), "z": (4, 1), "y": (2, 1), "L": (1, 1)}
    assert shown(sheet, "gradient").keys() == {"a", "z", "y"}
    assert shown(sheet, "shape") == {"x": (3, 1), "a": (4, 1), "z": (4, 1), "y": (2, 1)}


def test_a_batch_of_two_shows_its_matrices() -> None:
    sheet = drawn(network([2, 3, 1], 2, 1)).sheet("worksheet")
    assert {name: blank.shape for name, blank in shown(sheet, "value").items()} == {
        "a": (2, 3), "z": (2, 3), "y": (2, 1), "L": (1, 1),
    }  # fmt: skip


def test_what_is_too_large_has_its_shape_alone_and_is_asked_for_that() -> None:
    solution = drawn(network([3, 8, 2], None, 1))
    assert shown(solution.sheet(), "value").keys() == {"y", "L"}
    assert shown(solution.sheet(), "gradient_shape") == {"a": (8, 1), "z": (8, 1)}
    worksheet = solution.sheet("worksheet")
    assert {name for name, shape in shown(worksheet, "shape").items() if isinstance(shape, Blank)} == {"a", "z"}
    assert r"8\times1" not in solution.tex("worksheet").replace(" ", "").partition(r"\begin{document}")[2]
    for kind in ("worksheet", "key"):
        assert "In the node: the shape of $a$, $z$." in solution.tex(kind)
        assert "Above the node: the value of $y$, $L$." in solution.tex(kind)


def test_a_problem_in_symbols_is_asked_for_shapes() -> None:
    text = "architecture: [D, H, K]\nactivations: [tanh, identity]\nloss: mse\nask: [{graph: both}]"
    worksheet = drawn(text).sheet("worksheet")
    assert {name for name, shape in shown(worksheet, "shape").items() if isinstance(shape, Blank)} == {"a", "z", "y"}
    assert all(isinstance(shape, Blank) for shape in shown(worksheet, "gradient_shape").values())
    assert shown(worksheet, "value") == {}


def test_a_long_graph_runs_down_the_page() -> None:
    solution = drawn(network([1, 1, 1], None, 1))
    assert not solution.sheet().graph.down
    longer = drawn(network([1] * 7, None, 1))
    assert longer.sheet("worksheet").graph.down and longer.sheet().graph.down
    assert "At the left of the node: the value of" in longer.tex("worksheet")
    assert "values at the left" in longer.tex("worksheet")


def test_only_what_is_asked_for_has_boxes() -> None:
    sheet = drawn(network([2, 2, 1], None, 1, ask="gradients")).sheet("worksheet")
    assert shown(sheet, "value") == {}
    assert shown(sheet, "gradient").keys() == {"a", "z", "y"}


# ------------------------------------------------------------------------------------------------ read again

ASKED = network([2, 7, 2], None, 4)
PROMPT_FAULTS = {
    "a value too few": ("the value of $y$, $L$.", "the value of $L$."),
    "a value that has no box": ("the value of $y$, $L$.", "the value of $a$, $y$, $L$."),
    "a shape for a value": ("the shape of $a$, $z$.", "the value of $a$, $z$."),
    "a box too few": (r"\path[b] ", r"\path[c] "),
}


def refused(solution: Solution, kind: str, tex: str) -> set[tuple[str, str]]:
    return {(found.route, found.step) for found in check_document(solution.reading(kind), tex) if not found.passed}


@pytest.mark.parametrize("fault", PROMPT_FAULTS)
def test_a_prompt_that_names_something_else_than_the_boxes_is_refused(fault: str) -> None:
    solution, (right, wrong) = drawn(ASKED), PROMPT_FAULTS[fault]
    tex = solution.tex("worksheet")
    assert right in tex and refused(solution, "worksheet", tex) == set()
    assert ("questions", "graph") in refused(solution, "worksheet", tex.replace(right, wrong, 1))


def test_a_wrong_shape_in_symbols_is_refused() -> None:
    solution = drawn("architecture: [D, H, K]\nactivations: [tanh, identity]\nloss: mse")
    tex = solution.tex()
    assert refused(solution, "solution", tex) == set()
    wrong = tex.replace(r"{$H \times 1$}", r"{$D \times 1$}", 1)
    assert wrong != tex and {step for _, step in refused(solution, "solution", wrong)} == {"a in the graph"}


def test_a_key_shows_the_graph_that_is_asked_for() -> None:
    key = drawn(ASKED).sheet("key")
    assert shown(key, "value").keys() == {"y", "L"}
    assert drawn(ASKED.replace("ask: [{graph: both}]", "")).sheet("key").graph is None
