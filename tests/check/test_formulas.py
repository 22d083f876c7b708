"""The formulas in symbols are read again from the finished document: all of them, and a printer's fault is refused."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any

import pytest

import derive.render.latex as latex
import derive.render.latex_products as latex_products
from derive.check import Finding, check_document
from derive.check.printed import FORMULAS, local_jacobians
from derive.ops import Dot, Node, Outer, Plus, Power, Sum, SumAxis, Tensor, Times, Transpose
from derive.render.document import render
from derive.render.latex import PRODUCT, Latex
from derive.render.notation import Notation
from derive.render.reading import reading
from derive.solution import Solution, solve_problem
from derive.spec import read_text
from tests.problems import PROBLEMS as ALL

LAYERS = """
    architecture: [2, 3, 2]
    activations: [{first}, {last}]
    loss: {loss}
    parameters:
      W_1: [[0.2, -0.4], [0.5, 0.1], [-0.3, 0.6]]
      b_1: [0.1, 0.2, -0.1]
      W_2: [[0.4, -0.2, 0.3], [0.1, 0.7, -0.6]]
      b_2: [0.1, 0.3]
    input: {{x: {x}}}
    target: {{t: {t}}}
    update: {{sgd: {{learning_rate: 0.1}}}}
"""


def layers(
    first: str = "tanh",
    last: str = "identity",
    loss: str = "mse",
    x: str = "[1.0, -2.0]",
    t: str = "[0.5, 1]",
    more: str = "",
) -> str:
    return dedent(LAYERS.format(first=first, last=last, loss=loss, x=x, t=t)) + more


ROWS, COLUMNS = "[[1.0, -2.0], [0.5, 0.3], [0.7, -0.2]]", "[[1.0, -2.0, 0.3], [0.5, 0.3, 0.9]]"
CROSS = {"last": "softmax", "loss": "cross_entropy", "t": "[1, 0]"}
HUBER = "{huber: {delta: 1/2}}"

PROBLEMS = {
    "one sample": layers(),
    "one sample, entries": layers(more="detail: entries\n"),
    "batch in rows": layers(x=ROWS, t="[[1, 0], [0, 1], [0.5, 0.5]]"),
    "batch in columns": layers(x=COLUMNS, t="[[1, 0, 0.5], [0, 1, 0.5]]", more="conventions: {samples: columns}\n"),
    "inputs times weights": """
        architecture: [2, 3, 1]
        activations: [tanh, identity]
        loss: mse
        parameters:
          W_1: [[0.2, -0.4, 0.3], [0.5, 0.1, -0.6]]
          b_1: [0.1, 0.2, -0.1]
          W_2: [[0.4], [-0.2], [0.3]]
          b_2: [0.1]
        input: {x: [1.0, -2.0]}
        target: {t: [0.5]}
        update: {sgd: {learning_rate: 0.1}}
        conventions: {weights: in_out}
        detail: entries
        """,
    "augmented": """
        forward: |
          U_1 = augment(X) @ W_1
          Z_1 = sigmoid(U_1)
          U_2 = augment(Z_1) @ W_2
          Z_2 = sigmoid(U_2)
          L_sq = 1/(2*N) * sum((Z_2 - Y)**2)
        shapes: {X: [N, 2]}
        parameters:
          W_1: [[0.1, -0.1], [0.2, 0], [0, 0.3]]
          W_2: [[0.05], [-0.1], [0.2]]
        input: {X: [[1, 2], [2, -1], [3, 0]]}
        target: {Y: [[0], [1], [0]]}
        update: {sgd: {learning_rate: 0.5}}
        """,
    "softmax in two steps": layers(**CROSS, more="conventions: {fused: false}\n"),
    "softmax in two steps, entries": layers(**CROSS, more="conventions: {fused: false}\ndetail: entries\n"),
    "softmax in two steps, rows": layers(**{**CROSS, "t": "[1, 0, 1]"}, x=ROWS, more="conventions: {fused: false}\n"),
    "class indices": layers(**{**CROSS, "t": "1"}),
    "penalty": """
        forward: |
          a = W @ x + b
          z = tanh(a)
          y = v @ z
          L = (y - t)**2 + lam/2 * sum(W**2)
        parameters: {W: [[0.1, 0.2], [0.3, -0.4]], b: [0.1, 0.1], v: [0.9, -1]}
        input: {x: [1, 0.5]}
        target: {t: 0.3}
        constants: {lam: 0.1}
        update: {sgd: {learning_rate: 0.5}}
        """,
    "skip connection": """
        forward: |
          a = W @ x + b
          z = tanh(a)
          h = z + x
          y = V @ h
          L = 1/2 * sum((y - t)**2)
        parameters: {W: [[0.1, 0.2], [0.3, -0.4]], b: [0.1, 0.1], V: [[0.9, -1], [0.4, 0.2]]}
        input: {x: [1, 0.5]}
        target: {t: [0.3, 1]}
        """,
    "numerator layout": layers(more="conventions: {derivatives: numerator}\ndetail: entries\nask: {dy/dx: 1}\n"),
    "denominator layout": layers(more="conventions: {derivatives: denominator}\nask: {dy/dx: 1}\n"),
    "leaky_relu and huber": layers("{leaky_relu: {alpha: 0.1}}", loss=HUBER),
    "softplus and huber": layers("{softplus: {beta: 2}}", loss=HUBER, x=ROWS, t="[[1, 0], [0, 1], [0.5, 0.5]]"),
    "elu with a fraction": layers("{elu: {alpha: 1/3}}", loss="mae"),
    "gelu with a root of pi": layers("gelu_tanh"),
    "rounded values carried": layers(more="rounding: {places: 3, carry: rounded}\n"),
    "bias in the first row of the weights": """
        forward: |
          Z = tanh(X @ W[1:] + W[0])
          L = 1/2 * sum((Z[:, 0] - y)**2) + 0.01 * sum(W[1:]**2)
        input: {X: [[1, 2], [2, -1], [3, 0]]}
        target: {y: [0.5, -0.5, 0.1]}
        parameters: {W: [[0.1, -0.1], [0.2, 0.4], [0.7, 0.3]]}
        """,
    "single entries": """
        forward: |
          y = tanh(W @ x)
          L = (y[1] - t)**2 + y[-1] * x[0]
        input: {x: [0.2, -0.4]}
        target: {t: 0.3}
        parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
        """,
    "a vector on both sides of weights": """
        forward: |
          z = x @ W
          y = W @ (x * m)
          L = sum((z*y - t)**2) + sum((x * m) @ W)
        parameters: {W: [[0.1, 0.2], [0.3, 0.5]]}
        input: {x: [1, 2], m: [0.5, 1]}
        target: {t: [1, 0]}
        ask: {dL/dx: 1}
        """,
    "symbols with exponents": """
        forward: |
          a = W @ x + b
          z = tanh(a)
          y = V @ z
          L = sum((y - t)**2)
        parameters: {W: [[0.1, 0.2], [0.3, 0.5]], b: [0.1, 0.2], V: [[0.3, 0.1], [0.2, 0.7]]}
        input: {x: [1, 2]}
        target: {t: [1, 0]}
        update: {sgd: {learning_rate: 0.1}}
        detail: entries
        notation: {a: "z^{[1]}", z: "a^{[1]}", W: "W^{[1]}", b: "b^{[1]}", V: "W^{[2]}", y: '\\hat{y}'}
        """,
    "symbols only": """
        architecture: [D, H, K]
        activations: [tanh, softmax]
        loss: cross_entropy
        conventions: {fused: false}
        """,
    "symbols only, numerator layout": """
        architecture: [D, H, K]
        activations: [relu, identity]
        loss: mse
        conventions: {derivatives: numerator}
        """,
    "symbols only, small": """
        architecture: [3, 2, 2]
        activations: [sigmoid, softmax]
        loss: cross_entropy
        conventions: {fused: false}
        detail: entries
        """,
    "symbols only, batch": """
        forward: |
          A = X @ W_1 + b
          Z = relu(A)
          S = augment(Z) @ W_2
          P = softmax(S)
          L = -1/N * sum(T*log(P)) + 0.1*sum(W_2[1:]**2)
        parameters: [W_1, b, W_2]
        input: [X]
        target: [T]
        shapes: {X: [N, 784], W_1: [784, 9], b: [9], W_2: [10, K], T: [N, K]}
        """,
} | {f"also: {name}": text for name, text in ALL.items()}


@functools.cache
def solved(name: str) -> Solution:
    return solve_problem(read_text(dedent(PROBLEMS[name])))


def document(name: str) -> str:
    return render(solved(name).sheet())


def again(name: str, tex: str) -> tuple[Finding, ...]:
    solution = solved(name)
    return check_document(reading(solution.sheet(), solution.program, solution.exact), tex)


def refused(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.step for finding in findings if not finding.passed and finding.route == FORMULAS}


# ------------------------------------------------------------------------------------------------ all are read


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_formula_is_read_and_agrees(name: str) -> None:
    solution = solved(name)
    findings = solution.printed_findings
    assert [finding for finding in findings if not finding.passed] == []
    sheet = solution.sheet()
    formulas = sum(line.formula is not None for line in sheet.lines)
    locals_ = [local for section in sheet.sections for entry in section.entries for local in entry.jacobians]
    parts = [part for line in local_jacobians(document(name)) for part in line.parts]
    assert len(parts) >= len(locals_)
    read = [finding for finding in findings if finding.route == FORMULAS]
    assert len(read) == formulas + len(parts)
    assert formulas >= len(solution.program.forward)


def test_the_count_of_formulas_stands_on_the_sheet() -> None:
    solution = solved("one sample")
    read = [finding for finding in solution.printed_findings if finding.route == FORMULAS]
    assert len(read) == 16 + 1
    assert f"{len(read)} formulas read again and evaluated" in solution.tex()


# ------------------------------------------------------------------------------------------------ faults in the text

TEXT_FAULTS: dict[str, tuple[str, str, str, set[str]]] = {
    "lost transpose": (
        "one sample", r"W_{2}^{\top}\,\frac{\partial L}{\partial y}", r"W_{2}\,\frac{\partial L}{\partial y}",
        {"dL/dz"},
    ),
    "lost transpose of a vector": (
        "one sample", r"\frac{\partial L}{\partial a}\,x^{\top}", r"\frac{\partial L}{\partial a}\,x", {"dL/dW_1"},
    ),
    "lost transpose in symbols": (
        "symbols only", r"\equals{W_{2}^{\top}\,", r"\equals{W_{2}\,", {"dL/dz_1"},
    ),
    "sign flipped": (
        "one sample", r"W_{1} - \eta\,", r"W_{1} + \eta\,", {"W_1'"},
    ),
    "sign in front": (
        "class indices", r"-\sum_{i=1}^{2} q_{i}", r"\sum_{i=1}^{2} q_{i}", {"L"},
    ),
    "sign in symbols": (
        "symbols only", r"\equals{-t \oslash y}", r"\equals{t \oslash y}", {"dL/dy"},
    ),
    "parentheses dropped": (
        "augmented", r"\frac{1}{N}\,(Z_{2} - Y)", r"\frac{1}{N}\,Z_{2} - Y", {"dL_sq/dZ_2"},
    ),
    "parentheses dropped, in symbols": (
        "symbols only", r"y \odot \left(\frac{\partial L}{\partial y} - y^{\top}\,\frac{\partial L}{\partial y}\right)",
        r"y \odot \frac{\partial L}{\partial y} - y^{\top}\,\frac{\partial L}{\partial y}", {"dL/da_2"},
    ),
    "a factor 2 dropped": (
        "penalty", r"2\,(y - t)", r"(y - t)", {"dL/dy"},
    ),
    "a fraction dropped": (
        "augmented", r"\frac{1}{2\,N}\,\sum", r"\frac{1}{N}\,\sum", {"L_sq"},
    ),
    "an elementwise product as juxtaposition": (
        "one sample", r"\frac{\partial L}{\partial z} \odot \frac{\partial z}{\partial a}",
        r"\frac{\partial L}{\partial z}\,\frac{\partial z}{\partial a}", {"dL/da"},
    ),
    "an elementwise product of square matrices as juxtaposition": (
        "also: Jacobian of a batch", r"\frac{\partial L}{\partial Z} \odot \frac{\partial Z}{\partial A}",
        r"\frac{\partial L}{\partial Z}\,\frac{\partial Z}{\partial A}", {"dL/dA"},
    ),
    "wrong upper limit": (
        "batch in rows", r"\sum_{i=1}^{N} \left(\frac{\partial L}{\partial a}\right)_{i}",
        r"\sum_{i=1}^{2} \left(\frac{\partial L}{\partial a}\right)_{i}", {"dL/db_1"},
    ),
    "wrong upper limit in symbols": (
        "symbols only", r"\sum_{i=1}^{K}", r"\sum_{i=1}^{H}", {"L"},
    ),
    "wrong lower limit": (
        "augmented", r"\sum_{i=1}^{N} (Z_{2,i}", r"\sum_{i=0}^{N} (Z_{2,i}", {"L_sq"},
    ),
    "indices exchanged": (
        "batch in rows", "y_{ij} - t_{ij}", "y_{ij} - t_{ji}", {"L"},
    ),
    "rows for columns": (
        "batch in columns", r"\left(\frac{\partial L}{\partial a}\right)_{{:,i}}",
        r"\left(\frac{\partial L}{\partial a}\right)_{i}", {"dL/db_1"},
    ),
    "another symbol": (
        "one sample", r"\frac{\partial L}{\partial y}\,z^{\top}", r"\frac{\partial L}{\partial y}\,a^{\top}",
        {"dL/dW_2"},
    ),
    "another symbol with the same numbers": (
        "one sample",
        r"\equals{\frac{\partial L}{\partial y}}", r"\equals{\frac{\partial L}{\partial b_{2}}}", {"dL/db_2"},
    ),
    "the ones of the bias left out": (
        "augmented", r"\begin{bmatrix} \mathbf{1} & X \end{bmatrix}\,W_{1}", r"X\,W_{1}", {"U_1"},
    ),
    "the bias not taken out of the weights": (
        "augmented", r"W_{2}[1{:}]^{\top}", r"W_{2}^{\top}", {"dL_sq/dZ_1"},
    ),
    "a Jacobian without its diagonal": (
        "softmax in two steps, entries", r"\operatorname{diag}(y) - y\,y^{\top}", r"y - y\,y^{\top}", {"dy/da_2"},
    ),
    "an entry of a Jacobian": (
        "softmax in two steps, entries",
        r"y_{1} - y_{1}\,y_{1} & -y_{1}\,y_{2}", r"y_{1} - y_{1}\,y_{1} & y_{1}\,y_{2}",
        {"dy/da_2"},
    ),
    "the wrong Jacobian": (
        "one sample",
        r"\local{\frac{\partial y}{\partial z} = W_{2}}", r"\local{\frac{\partial y}{\partial z} = W_{1}}", {"dy/dz"},
    ),
    "a function for another": (
        "leaky_relu and huber", r"\operatorname{LReLU}_{0.1}(a)", r"\operatorname{LReLU}_{0.1}'(a)", {"z"},
    ),
    "something unreadable": (
        "one sample", r"\equals{W_{1}\,x + b_{1}}", r"\equals{W_{1}\,x \uplus b_{1}}", {"a"},
    ),
    "a quantity that nobody knows": (
        "one sample", r"\equals{W_{1}\,x + b_{1}}", r"\equals{W_{3}\,x + b_{1}}", {"a"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_fault_in_the_text_is_refused_by_the_name_of_the_line(fault: str) -> None:
    name, right, wrong, steps = TEXT_FAULTS[fault]
    tex = document(name)
    start, body = tex[: tex.index(r"\begin{document}")], tex[tex.index(r"\begin{document}") :]
    assert right in body
    assert refused(again(name, tex)) == set()
    assert refused(again(name, start + body.replace(right, wrong))) == steps


def test_a_local_jacobian_that_the_template_drops_is_refused() -> None:
    lines = document("one sample").splitlines()
    tex = "\n".join(line for line in lines if r"\local{\frac{\partial y}" not in line)
    assert refused(again("one sample", tex)) == {"template"}


def test_a_formula_that_the_template_drops_is_refused() -> None:
    tex = document("one sample").replace(r"\equals{\frac{\partial L}{\partial y}\,z^{\top}}%", "%")
    assert "dL/dW_2" in refused(again("one sample", tex))


# ------------------------------------------------------------------------------------------------ faults in the printer

Rule = Callable[[Any, Latex], tuple[str, int]]


@pytest.fixture
def printer() -> Iterator[Callable[[type[Node], Callable[[Rule], Rule]], None]]:
    """Replaces the printer's rule for a kind of node, until the test ends."""
    kept: dict[type[Node], Rule] = {}

    def replace(kind: type[Node], fault: Callable[[Rule], Rule]) -> None:
        kept[kind] = latex._print.dispatch(kind)
        latex._print.register(kind, fault(kept[kind]))

    yield replace
    for kind, rule in kept.items():
        latex._print.register(kind, rule)


def edits(right: str, wrong: str, count: int = -1) -> Callable[[Rule], Rule]:
    """The rule with a piece of its LaTeX exchanged."""
    return lambda rule: lambda node, printer: (rule(node, printer)[0].replace(right, wrong, count), PRODUCT)


PRINTER_FAULTS: dict[str, tuple[str, type[Node], Callable[[Rule], Rule], set[str]]] = {
    "transposes lost": ("batch in rows", Transpose, edits(r"^{\top}", ""), {"a", "y", "dL/dW_1", "dL/dW_2"}),
    "transposes of outer products lost": ("one sample", Outer, edits(r"^{\top}", ""), {"dL/dW_1", "dL/dW_2"}),
    "products in the wrong order": (
        "one sample",
        Dot,
        lambda rule: lambda node, printer: (r"\,".join(map(printer, node.operands[::-1])), PRODUCT),
        {"a", "y", "dL/dz"},
    ),
    "differences as sums": ("one sample", Plus, edits(" - ", " + "), {"L", "dL/dy", "dz/da", "W_1'", "W_2'"}),
    "sums as differences": ("one sample", Plus, edits(" + ", " - "), {"a", "y"}),
    "parentheses lost": (
        "penalty",
        Plus,
        lambda rule: lambda node, printer: (rule(node, printer)[0], latex.ATOM),
        {"dL/dy"},
    ),
    "the first factor lost": (
        "augmented",
        Times,
        lambda rule: (
            lambda node, printer: (
                printer(node.operands[1]) if not node.operands[0].rank else rule(node, printer)[0],
                PRODUCT,
            )
        ),
        {"L_sq", "dL_sq/dZ_2", "W_1'", "W_2'"},
    ),
    "elementwise products without their sign": (
        "batch in rows", Times, edits(r" \odot ", r"\,"), {"dL/da"},
    ),
    "squares lost": ("one sample", Power, edits("^{2}", ""), {"L", "dz/da"}),
    "sums that begin at 0": ("one sample", Sum, edits("{i=1}", "{i=0}"), {"L"}),
    "sums that end too early": (
        "batch in columns", SumAxis, edits("^{3}", "^{2}"), {"dL/db_1", "dL/db_2"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", PRINTER_FAULTS)
def test_a_fault_in_the_printer_is_refused_by_the_name_of_the_line(
    fault: str, printer: Callable[[type[Node], Callable[[Rule], Rule]], None]
) -> None:
    name, kind, wrong, steps = PRINTER_FAULTS[fault]
    assert refused(again(name, document(name))) == set()
    printer(kind, wrong)
    assert steps <= refused(again(name, document(name)))


def test_a_symbol_exchanged_by_the_printer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Latex.level

    def wrong(self: Latex, node: Node) -> tuple[str, int]:
        return right(self, Tensor("a", node.shape) if isinstance(node, Tensor) and node.name == "z" else node)

    monkeypatch.setattr(Latex, "level", wrong)
    assert {"y", "dL/dW_2", "dz/da"} <= refused(again("one sample", document("one sample")))


def test_an_index_exchanged_by_the_printer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Notation.indexed
    monkeypatch.setattr(Notation, "indexed", lambda self, name, index: right(self, name, index[::-1]))
    assert refused(again("batch in rows", document("batch in rows"))) == {"L"}


def test_a_lost_parenthesis_round_a_fraction_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (latex, latex_products):
        monkeypatch.setattr(module, "transposed", lambda string, node, printer: rf"{string}^{{\top}}")
    tex = document("numerator layout").replace(
        r"\left(\frac{\partial L}{\partial y}\right)^", r"\frac{\partial L}{\partial y}^"
    )
    assert "dL/dW_2" in refused(again("numerator layout", tex))
