"""The chain of named factors and the arrows of the graph are read again and held against the forward steps."""

from __future__ import annotations

import functools
import itertools

import pytest

from derive.check import Finding, check_document
from derive.check.chains import CHAIN, read_products
from derive.program import Step
from derive.render.document import render
from derive.render.reading import reading
from derive.sheet.named_factors import NamedFactors
from derive.solution import Solution, solve_problem
from tests.support import problem_of

DEEP = """
    forward: |
      a = W @ x + b
      z = tanh(a)
      y = V @ z
      L = sum((y - t)**2)
    parameters: {W: [[0.1, 0.2], [0.3, -0.4]], b: [0.1, 0.1], V: [[0.9, -1], [0.4, 0.2]]}
    input: {x: [1, 0.5]}
    target: {t: [0.3, 1]}
    ask: [dL/dx]
"""
BRANCHES = """
    forward: |
      a = W @ x
      z = tanh(a)
      h = z + x
      q = z * h
      y = V @ q
      L = sum((y - t)**2) + 0.1*sum(V**2)
    parameters: {W: [[0.1, 0.2], [0.3, -0.4]], V: [[0.9, -1], [0.4, 0.2]]}
    input: {x: [1, 0.5]}
    target: {t: [0.3, 1]}
    ask: [dL/dx, dL/dz]
"""


@functools.cache
def solved(text: str) -> Solution:
    return solve_problem(problem_of(text))


def again(solution: Solution, tex: str, kind: str = "solution") -> tuple[Finding, ...]:
    return check_document(reading(solution.sheet(kind), solution.program, solution.exact), tex)


def chains(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.step for finding in findings if finding.route == CHAIN]


def refused(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.step for finding in findings if finding.route == CHAIN and not finding.passed}


def partial(upper: str, lower: str) -> str:
    return rf"\frac{{\partial {upper}}}{{\partial {lower}}}"


def product(*symbols: str) -> str:
    """The factors from the first symbol down to the last."""
    return r"\,".join(partial(*pair) for pair in itertools.pairwise(symbols))


# ------------------------------------------------------------------------------------------------ all are read


@pytest.mark.parametrize("text", [DEEP, BRANCHES], ids=["deep", "branches"])
@pytest.mark.parametrize("kind", ["solution", "worksheet"])
def test_every_chain_is_read(text: str, kind: str) -> None:
    solution = solved("\n".join(line for line in text.splitlines() if kind == "solution" or "ask:" not in line))
    sheet = solution.sheet(kind)
    findings = again(solution, render(sheet), kind)
    printed = [line.target.name for line in sheet.lines if line.chain]
    assert len(printed) >= 2
    assert set(printed) <= set(chains(findings))
    assert refused(findings) == set()
    assert chains(findings).count("graph") == len(sheet.graph.edges if sheet.graph else ())


def test_a_share_that_enters_the_loss_directly_stands_behind_the_chain() -> None:
    [line] = [line for line in solved(BRANCHES).sheet().lines if line.target.name == "dL/dV"]
    assert line.chain == ((("L", "y"), ("y", "V")),)
    assert str(line.direct) == "1/5 * V"
    assert rf"\equals{{{product('L', 'y', 'V')} + \frac{{1}}{{5}}\,V}}" in render(solved(BRANCHES).sheet())


def test_a_worksheet_does_not_tell_the_direct_share() -> None:
    solution = solved(BRANCHES.replace("ask: [dL/dx, dL/dz]", ""))
    [line] = [line for line in solution.sheet("worksheet").lines if line.target.name == "dL/dV"]
    assert (line.chain, line.direct) == ((), None)
    assert refused(solution.findings_of("worksheet")) == set()


# ------------------------------------------------------------------------------------------------ faults in the text

Y_Z_A = product("L", "y", "z", "a")
V_CHAIN = rf"{product('L', 'y', 'V')} + \frac{{1}}{{5}}\,V"
TEXT_FAULTS = {
    "a factor left out": (
        DEEP, product("L", "y", "z", "a", "W"), product("L", "y", "z") + product("a", "W"), {"dL/dW"},
    ),
    "the last factor left out": (DEEP, product("L", "y", "z", "a", "W"), Y_Z_A, {"dL/dW"}),
    "the first factor left out": (DEEP, product("L", "y", "z", "a", "W"), product("y", "z", "a", "W"), {"dL/dW"}),
    "a factor twice": (DEEP, product("L", "y", "z", "a", "W"), product("L", "y", "y", "z", "a", "W"), {"dL/dW"}),
    "two factors exchanged": (
        DEEP, rf"{partial('z', 'a')}\,{partial('a', 'W')}", rf"{partial('a', 'W')}\,{partial('z', 'a')}", {"dL/dW"},
    ),
    "a factor upside down": (
        DEEP, partial("y", "z") + r"\,", partial("z", "y") + r"\,", {"dL/dW", "dL/db", "dL/da", "dL/dx"},
    ),
    "another parameter": (DEEP, partial("a", "b"), partial("a", "W"), {"dL/db"}),
    "a minus between the factors": (
        DEEP, rf"{partial('z', 'a')}\,{partial('a', 'b')}", rf"{partial('z', 'a')} - {partial('a', 'b')}", {"dL/db"},
    ),
    "a number between the factors": (
        DEEP, rf"{partial('z', 'a')}\,{partial('a', 'b')}", rf"{partial('z', 'a')}\,2\,{partial('a', 'b')}", {"dL/db"},
    ),
    "a shortcut that is no step": (DEEP, product("L", "y", "z", "a", "x"), product("L", "y", "a", "x"), {"dL/dx"}),
    "a way left out": (BRANCHES, rf"\more{{+ {product('L', 'a', 'x')}}}%", "%", {"dL/dx"}),
    "a way twice": (
        BRANCHES, product("L", "a", "x"), f"{product('L', 'a', 'x')} + {product('L', 'a', 'x')}", {"dL/dx"},
    ),
    "a way for another": (
        BRANCHES, rf"\more{{+ {product('L', 'a', 'x')}}}", rf"\more{{+ {product('L', 'h', 'x')}}}", {"dL/dx"},
    ),
    "a chain forgotten": (DEEP, rf"\equals{{{product('L', 'y', 'z', 'a', 'W')}}}%", "", {"dL/dW"}),
    "a chain with a penalty forgotten": (BRANCHES, rf"\equals{{{V_CHAIN}}}%", "", {"dL/dV"}),
    "the penalty forgotten": (BRANCHES, V_CHAIN, product("L", "y", "V"), {"dL/dV"}),
    "the penalty alone": (BRANCHES, V_CHAIN, r"\frac{1}{5}\,V", {"dL/dV"}),
    "a factor left out beside a penalty": (BRANCHES, V_CHAIN, rf"{partial('L', 'y')} + \frac{{1}}{{5}}\,V", {"dL/dV"}),
    "a penalty where there is none": (
        BRANCHES, product("L", "y", "q"), rf"{product('L', 'y', 'q')} + V", {"dL/dq", "dL/dh"},
    ),
    "an arrow left out": (BRANCHES, r"\draw[->] (nz)", r"\draw[-] (nz)", {"graph"}),
    "an arrow backwards": (
        BRANCHES, r"\draw[->] (na) node", r"\draw[->] (nz) -- (na);\draw[-] (na) node", {"graph"},
    ),
    "another function at an arrow": (BRANCHES, r"{$\tanh$}", r"{$\sigma$}", {"graph"}),
    "another quantity at an arrow": (BRANCHES, "{$W$}", "{$V$}", {"graph"}),
    "another quantity in a node": (BRANCHES, "{$z$}};", "{$a$}};", {"graph"}),
}  # fmt: skip


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_fault_in_the_text_is_refused_by_name(fault: str) -> None:
    text, right, wrong, steps = TEXT_FAULTS[fault]
    solution = solved(text)
    tex = render(solution.sheet())
    assert right in tex
    assert refused(again(solution, tex)) == set()
    assert refused(again(solution, tex.replace(right, wrong))) == steps


@pytest.mark.parametrize("wrong", [r"+ \frac{1}{10}\,V", r"- \frac{1}{5}\,V", r"+ \frac{1}{5}\,V + V", r"+ V^{\top}"])
def test_another_share_behind_the_chain_is_refused(wrong: str) -> None:
    solution = solved(BRANCHES)
    tex, chain = render(solution.sheet()), product("L", "y", "V")
    assert V_CHAIN in tex
    findings = again(solution, tex.replace(V_CHAIN, f"{chain} {wrong}"))
    assert {(finding.route, finding.step) for finding in findings if not finding.passed} == {("formulas", "dL/dV")}


@pytest.mark.parametrize("layout", ["mixed", "numerator", "denominator"])
@pytest.mark.parametrize("penalty", ["+ 0.1*sum(b**2)", "- sum(b)", "+ 0.5*sum(abs(W)) + sum(z**2)"])
def test_direct_shares_are_read_in_every_layout(penalty: str, layout: str) -> None:
    text = DEEP.replace("t)**2)", f"t)**2) {penalty}") + f"    conventions: {{derivatives: {layout}}}\n"
    solution = solved(text)
    findings = solution.printed_findings
    assert [finding for finding in findings if not finding.passed] == []
    assert any(line.direct is not None for line in solution.sheet().lines)


# ------------------------------------------------------------------------------------------------ faults in the code


def test_a_chain_along_the_wrong_consumer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = NamedFactors._whole_chain

    def wrong(self: NamedFactors, loss: str, quantity: str) -> tuple[tuple[str, str], ...]:
        return right(self, loss, quantity)[1:] if quantity == "W" else right(self, loss, quantity)

    monkeypatch.setattr(NamedFactors, "_whole_chain", wrong)
    solution = solve_problem(problem_of(DEEP))
    assert refused(solution.printed_findings) == {"dL/dW"}


def test_a_sum_without_one_of_its_ways_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = NamedFactors.chain

    def wrong(self: NamedFactors, step: Step) -> tuple[tuple[tuple[str, str], ...], ...]:
        ways = right(self, step)
        return ways[:1]

    monkeypatch.setattr(NamedFactors, "chain", wrong)
    solution = solve_problem(problem_of(BRANCHES))
    assert refused(solution.printed_findings) == {"dL/dz", "dL/dx"}


def test_a_formula_that_a_worksheet_should_ask_for_is_no_chain() -> None:
    solution = solved(DEEP.replace("ask: [dL/dx]", ""))
    tex = render(solution.sheet("worksheet"))
    right = product("L", "y", "V")
    assert right in tex
    findings = again(solution, tex.replace(right, rf"{partial('L', 'y')}\,z^{{\top}}"), "worksheet")
    assert refused(findings) == {"dL/dV"}


# ------------------------------------------------------------------------------------------------ denominator layout


def turned(*symbols: str) -> str:
    """The factors from the last symbol up to the first."""
    return r"\,".join(partial(*pair) for pair in reversed(list(itertools.pairwise(symbols))))


def denominator(text: str) -> Solution:
    return solved(text + "    conventions: {derivatives: denominator}\n")


def test_in_denominator_layout_the_chain_ends_with_the_loss() -> None:
    """da/dW dz/da dy/dz dL/dy, since Jacobians are transposed; in numerator layout as without a layout."""
    tex = render(denominator(DEEP).sheet())
    for symbols in (("L", "y", "z", "a", "W"), ("L", "y", "z", "a", "x"), ("L", "y", "z"), ("L", "y", "V")):
        assert rf"\equals{{{turned(*symbols)}}}" in tex
        assert product(*symbols) not in tex
    assert f"{turned('L', 'h', 'x')}" in render(denominator(BRANCHES).sheet())
    numerator = solved(DEEP + "    conventions: {derivatives: numerator}\n")
    assert product("L", "y", "z", "a", "W") in render(numerator.sheet())


@pytest.mark.parametrize("text", [DEEP, BRANCHES], ids=["deep", "branches"])
def test_chains_of_denominator_layout_are_read(text: str) -> None:
    solution = denominator(text)
    findings = again(solution, render(solution.sheet()))
    assert {line.target.name for line in solution.sheet().lines if line.chain} <= set(chains(findings))
    assert refused(findings) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "step"),
    [
        (turned("L", "y", "z", "a", "W"), product("L", "y", "z", "a", "W"), "dL/dW"),
        (turned("L", "y", "V"), product("L", "y", "V"), "dL/dV"),
        (turned("L", "y", "z", "a", "W"), turned("L", "y", "z") + r"\," + turned("z", "a", "W"), "dL/dW"),
    ],
    ids=["numerator order", "numerator order of two", "factors exchanged"],
)
def test_another_order_in_denominator_layout_is_refused(right: str, wrong: str, step: str) -> None:
    solution = denominator(DEEP)
    tex = render(solution.sheet())
    assert right in tex
    assert refused(again(solution, tex.replace(rf"\equals{{{right}}}", rf"\equals{{{wrong}}}"))) == {step}


def test_a_printer_that_forgets_the_layout_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = NamedFactors.chain

    def wrong(self: NamedFactors, step: Step) -> tuple[tuple[tuple[str, str], ...], ...]:
        return tuple(chain[::-1] for chain in right(self, step))

    monkeypatch.setattr(NamedFactors, "chain", wrong)
    solution = solve_problem(problem_of(DEEP + "    conventions: {derivatives: denominator}\n"))
    assert refused(solution.printed_findings) == {"dL/dW", "dL/db", "dL/da", "dL/dx", "dL/dz", "dL/dV"}


# ------------------------------------------------------------------------------------------------ the reader


def test_factors_are_read_with_their_indices() -> None:
    [[(upper, lower, held)]] = read_products(r"\frac{\partial L_{\mathrm{sq}}}{\partial W_{1}'}")
    assert not held
    assert "".join(upper) == r"L_{\mathrm{sq}}"
    assert "".join(lower) == "W_{1}'"
