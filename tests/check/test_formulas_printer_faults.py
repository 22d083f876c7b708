"""A fault in the printer of formulas is refused by the name of each line that it spoils."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import derive.render.latex as latex
import derive.render.latex_products as latex_products
from derive.ops import Dot, Node, Outer, Plus, Power, Sum, SumAxis, Tensor, Times, Transpose
from derive.render.latex import PRODUCT, Latex
from derive.render.notation import Notation
from tests.check.formulas import again, document, refused

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
        "also: mini-batch with augmented inputs",
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
        "batch in columns", SumAxis, edits("^{N}", "^{2}"), {"dL/db_1", "dL/db_2"},
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
