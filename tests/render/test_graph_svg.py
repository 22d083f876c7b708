"""The computational graph as SVG: what TikZ shows, well-formed whatever the names are, and nothing on a worksheet."""

from __future__ import annotations

import math
import re
from textwrap import dedent
from xml.etree import ElementTree

import pytest

from derive.ops import Tensor
from derive.output import DEFAULT_FORMATS, FORMATS, Order, write
from derive.render.graph_svg import BACKWARD, FORWARD, QUIET, graph_svg
from derive.render.notation import Notation
from derive.render.runs import Run, runs
from derive.sheet.blocks import Blank
from derive.sheet.graph import MOST_NODES
from derive.sheet.model import Graph, GraphEdge, GraphNode
from derive.solution import Solution, solve_problem
from derive.spec import read_text

SVG = "{http://www.w3.org/2000/svg}"
BRANCHES = """
title: branches
forward: |
  a = relu(W_1 @ x + b_1)
  b = tanh(W_2 @ x)
  h_tilde = a + b
  y = w @ h_tilde + a[0]
  loss = (y - t)**2
parameters: {W_1: [[0.5, -0.25], [0.1, 0.3]], W_2: [[0.5, -0.25], [0.1, 0.3]], b_1: [0.1, -0.2], w: [1, -0.5]}
input: {x: [0.4, -0.6]}
target: {t: 0.3}
update: {sgd: {learning_rate: 0.1}}
"""
SYMBOLS = "title: symbols\narchitecture: [3, 2, 1]\nactivations: [tanh, identity]\nloss: mse\n"


@pytest.fixture(scope="module")
def branches() -> Solution:
    return solve_problem(read_text(dedent(BRANCHES)))


def parsed(svg: str | None) -> ElementTree.Element:
    assert svg is not None
    return ElementTree.fromstring(svg)


def texts(root: ElementTree.Element, color: str = "") -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text") if not color or text.get("fill") == color]


def decimal(entry) -> str:
    return str(entry).replace("-", "\u2212")


def test_every_value_stands_above_and_every_gradient_below(branches):
    graph = branches.sheet().graph
    root = parsed(branches.graph_svg())
    for color, side in ((FORWARD, "value"), (BACKWARD, "gradient")):
        shown = [getattr(node, side) for node in graph.nodes]
        assert texts(root, color) == [decimal(entry) for values in shown if values is not None for entry in values.flat]
    assert texts(root, QUIET) == ["×".join(map(str, node.shape)) for node in graph.nodes if node.shape] != []
    assert len(root.findall(f".//{SVG}g[@class='node']")) == len(graph.nodes)
    assert len(root.findall(f"{SVG}path[@class='edge']")) == len(graph.edges)


def test_operations_and_parameters_stand_at_the_edges(branches):
    shown = texts(parsed(branches.graph_svg()))
    assert {"W1, b1", "W2", "ReLU", "tanh", "t", "loss", "h\u0303"} <= set(shown)


def test_a_blank_has_room_and_no_number(branches):
    graph = branches.sheet("worksheet").graph
    root = parsed(branches.graph_svg(blank=True))
    rooms = [part for node in graph.nodes for part in (node.value, node.gradient) if isinstance(part, Blank)]
    boxes = sum(math.prod(room.shape) for room in rooms)
    assert len(root.findall(f"{SVG}rect[@class='blank']")) == boxes > len(rooms) > 0
    assert texts(root, FORWARD) == texts(root, BACKWARD) == []
    assert not [text for text in texts(root) if re.search(r"\d\.\d", text)]


def test_a_symbolic_problem_has_symbols_only():
    root = parsed(solve_problem(read_text(SYMBOLS)).graph_svg())
    assert texts(root, FORWARD) == []
    assert set(texts(root, BACKWARD)) == {"2×1"}
    assert "tanh" in texts(root)


def test_all_that_is_drawn_lies_within_the_picture(branches):
    for blank in (False, True):
        root = parsed(branches.graph_svg(blank=blank))
        left, top, width, height = map(float, root.get("viewBox").split())
        for rect in root.iter(f"{SVG}rect"):
            x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
            assert left <= x <= x + w <= left + width
            assert top <= y <= y + h <= top + height


def test_equal_problems_give_equal_text(branches):
    again = solve_problem(read_text(dedent(BRANCHES)))
    assert branches.graph_svg() == again.graph_svg()
    assert branches.graph_svg() != branches.graph_svg(blank=True)


@pytest.mark.parametrize(
    "symbol",
    [
        "<script>alert(1)</script>",
        "a & b",
        "]]>",
        '"x"',
        "nul\0 bell\a",
        r"\input{/etc/passwd}",
        "{" * 4000,
        "^" * 50,
        "",
    ],
)
def test_hostile_names_are_text(symbol):
    nodes = (GraphNode(Tensor("x", ()), 0, 0), GraphNode(Tensor(symbol or "y", ()), 1, 0))
    graph = Graph(nodes, (GraphEdge("x", symbol or "y", symbol, ("w",)),))
    root = parsed(graph_svg(graph, Notation({symbol or "y": symbol, "w": symbol})))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "defs", "marker", "path", "g", "title", "rect", "text", "tspan")
    }


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("W_{1}", (Run("W"), Run("1", -1, italic=False))),
        ("W_1'", (Run("W"), Run("1", -1, italic=False), Run("′", italic=False))),
        (r"\phi_{0}", (Run("φ"), Run("0", -1, italic=False))),
        (r"\Sigma", (Run("Σ", italic=False),)),
        (r"\hat{y}^{(2)}", (Run("y\u0302"), Run("(2)", 1, italic=False))),
        (r"\mathrm{loss}", (Run("loss", italic=False),)),
        (r"\boldsymbol{b}^{[1]}", (Run("b", italic=False, bold=True), Run("[1]", 1, italic=False))),
        (r"L_{\mathrm{sq}}", (Run("L"), Run("sq", -1, italic=False))),
        (r"\frac{\partial L}{\partial z}", (Run("∂", italic=False), Run("L"), Run("/∂", italic=False), Run("z"))),
        (r"\nosuchcommand", (Run("nosuchcommand", italic=False),)),
        ("x_{", (Run("x"),)),
        ("}}}", ()),
    ],
)
def test_symbols_without_a_typesetter(latex, expected):
    assert runs(latex) == expected


# ------------------------------------------------------------------------------------------------ files


def test_svg_is_written_where_it_is_asked_for(branches, tmp_path):
    assert "svg" in FORMATS
    assert "svg" not in DEFAULT_FORMATS
    written = write(branches, tmp_path, Order(("svg",), ("solution",)))
    assert written.files == ("graph.svg",)
    assert (written.folder / "graph.svg").read_text() == branches.graph_svg()
    with_worksheet = write(branches, tmp_path, Order(("svg",), ("solution", "worksheet")))
    assert with_worksheet.files == ("graph.svg", "graph-blank.svg")
    assert (written.folder / "graph-blank.svg").read_text() == branches.graph_svg(blank=True)


def test_a_graph_that_is_too_large_is_told(tmp_path):
    steps = "\n".join(f"  q_{number + 1} = tanh(q_{number})" for number in range(30))
    problem = read_text(f"title: long\nforward: |\n{steps}\ninput: {{q_0: 0.5}}\n")
    solution = solve_problem(problem)
    assert solution.graph_svg() is None
    written = write(solution, tmp_path, Order(("svg",), ("solution",)))
    assert written.files == ()
    assert f"at most {MOST_NODES} quantities" in str(written.failures[0])
