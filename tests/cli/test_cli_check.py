"""`derive check`: the table, what it leaves out and why, and a planted fault."""

import pytest

SYMBOLIC = """
architecture: [3, H, 1]
activations: [tanh, identity]
loss: mse
"""


@pytest.fixture
def symbolic(place):
    (place / "symbolic.yaml").write_text(SYMBOLIC)
    return "symbolic.yaml"


def test_a_sound_problem(run):
    done = run("check", "first.yaml")
    assert done.code == 0, done.err
    for word in ("step", "symbolic", "differences", "plain", "digits", "lines", "dL/dW_1", "checks passed"):
        assert word in done.out


def test_autograd_is_a_route_where_torch_is_installed(run):
    pytest.importorskip("torch")
    assert {"dL/dW_1", "dL/db_2"} <= {c["step"] for c in checks(run("check", "first.yaml", "--json"), "autograd")}


def checks(done, route):
    [problem] = done.data["problems"]
    return [check for check in problem["checks"] if check["route"] == route]


def test_machine_readable(run):
    done = run("check", "first.yaml", "--json")
    assert done.code == 0
    assert done.data["passed"] is True
    [problem] = done.data["problems"]
    assert problem["file"] == "first.yaml"
    assert problem["problem"] == "first"
    assert all(check["passed"] for check in problem["checks"])
    assert {"symbolic", "differences", "plain"} <= {check["route"] for check in problem["checks"]}


def test_a_machine_without_torch(run, monkeypatch):
    for place in ("derive.solution", "derive.check", "derive.output"):
        monkeypatch.setattr(f"{place}.is_available", lambda: False)
    assert "not run: autograd (PyTorch is not installed" in run("check", "first.yaml").out
    assert "PyTorch is not installed" in run("solve", "first.yaml", "--autograd", "--format", "tex").err


def test_a_symbolic_problem_has_no_numbers(run, symbolic):
    done = run("check", symbolic)
    assert done.code == 0, done.err
    for route in ("differences", "plain", "autograd", "digits", "lines"):
        assert f"not run: {route} (" in done.out
    assert "the problem has no numbers" in done.out
    assert set(run("check", symbolic, "--json").data["problems"][0]["not_run"]) >= {"differences", "plain"}


def test_a_planted_fault_is_named_with_both_values(run, wrong_tanh):
    done = run("check", "first.yaml")
    assert done.code == 1
    assert "✗" in done.out
    assert "FAILED" in done.out
    [row] = [line for line in done.err.splitlines() if "dz/da" in line and "symbolic" in line]
    assert len([cell for cell in row.split() if cell.replace(".", "").replace("-", "").isdigit()]) >= 2


def test_a_planted_fault_machine_readable(run, wrong_tanh):
    done = run("check", "first.yaml", "--json")
    assert done.code == 1
    assert done.data["passed"] is False
    failed = [check for check in checks(done, "symbolic") if not check["passed"]]
    assert "dz/da" in {check["step"] for check in failed}
    assert all(check["found"] and check["expected"] and check["found"] != check["expected"] for check in failed)


def test_a_bad_file_beside_a_good_one(run):
    done = run("check", "first.yaml", "nowhere.yaml", "--json")
    assert done.code == 2
    assert done.data["passed"] is False
    assert [problem["problem"] for problem in done.data["problems"]] == ["first"]


def test_steps_are_not_read_as_markup(run, place, monkeypatch):
    from derive.check import Finding
    from derive.solution import Solution

    findings = (Finding("plain", "y[1, 2]", False, float("nan"), "[bold]1[/bold]", "[/]"),)
    monkeypatch.setattr(Solution, "all_findings", findings)
    done = run("check", "first.yaml")
    assert done.code == 1
    for text in ("y[1, 2]", "[bold]1[/bold]", "[/]"):
        assert text in done.err
    assert run("check", "first.yaml", "--json").data["problems"][0]["checks"][0]["error"] is None
