"""`--notation` of solve and check, and `derive list --notations`."""

import pytest

from derive.spec.presets import PRESETS

EQUATIONS = "forward: |\n  L = w**2\nparameters: {w: 1}\n"


def test_a_sheet_in_another_notation(run, place):
    done = run("solve", "first.yaml", "--notation", "udl", "--format", "tex,json")
    assert done.code == 0, done.err
    tex = (place / "output" / "first" / "solution.tex").read_text()
    assert r"\equals{\boldsymbol{\beta}_{0} + \boldsymbol{\Omega}_{0}\,\mathbf{x}}" in tex


def test_a_check_in_another_notation(run):
    done = run("check", "first.yaml", "--notation", "augmented", "--json")
    assert done.code == 0, done.err
    [problem] = done.data["problems"]
    assert {check["step"] for check in problem["checks"]} >= {"dL/dW_1", "dL/dW_2"}
    assert not [check for check in problem["checks"] if check["step"] == "dL/db_1"]


@pytest.mark.parametrize("command", ["solve", "check"])
def test_an_unknown_preset(run, command):
    done = run(command, "first.yaml", "--notation", "bischop")
    assert done.code == 2
    assert "--notation: the unknown word `bischop`" in done.err
    assert "did you mean `bishop`?" in done.err


@pytest.mark.parametrize("command", ["solve", "check"])
def test_equations_are_refused(run, place, command):
    (place / "equations.yaml").write_text(EQUATIONS)
    done = run(command, "equations.yaml", "--notation", "nyu")
    assert done.code == 2
    assert "equations.yaml: --notation: a problem in equations" in done.err


def test_the_list_of_presets(run):
    shown = run("list", "--notations")
    assert shown.code == 0
    assert all(name in shown.out for name in PRESETS)
    assert r"\boldsymbol{\Omega}_{<k-1>}" in shown.out
    rows = run("list", "--notations", "--json").data
    assert [row["name"] for row in rows] == list(PRESETS)
    assert rows[0]["conventions"]["squared_error"] == "1/2 sum (y - t)^2"
