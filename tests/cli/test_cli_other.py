"""`derive list`, `new`, `schema`, the help, the version, and what happens when derive itself is wrong."""

import json
import os
import subprocess
import sys

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from derive.cli import app
from derive.listing import GROUPS, HELPERS, operations
from derive.ops import LOSSES, ROWS
from derive.spec.equations import FUNCTIONS

COMMANDS = ("solve", "check", "list", "new", "schema", "code", "compare", "train")


def program(*words, **environment):
    """The real program."""
    command = [sys.executable, "-m", "derive", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment}
    )


# ---------------------------------------------------------------- list


def test_the_list_holds_the_whole_tables(run):
    done = run("list", "--json")
    assert done.code == 0
    names = [operation["name"].removesuffix("(X)") for operation in done.data]
    assert len(names) == len(set(names))
    assert {*ROWS, *LOSSES, *FUNCTIONS, "X @ W", "X.T", "X[:, 1:]"} <= set(names)
    assert all(operation["formula"] and operation["derivatives"] for operation in done.data)


def test_what_an_author_may_write_is_no_helper():
    assert not [op.name for op in operations() if op.group == HELPERS and op.name in FUNCTIONS]


@pytest.mark.parametrize(
    ("name", "formula", "what", "derivative"),
    [
        ("tanh", "tanh(u)", "dz/du", "1 - z**2"),
        ("sigmoid", "1/(1 + exp(-u))", "dz/du", "z * (1 - z)"),
        ("relu", "u if u > 0, otherwise 0", "dz/du", "step(u)"),
        ("mse", "L = 1/(K*N) * sum((y - t)**2)", "dL/dy", "2/(K*N) * (y - t)"),
        ("cross_entropy", "L = -1/N * sum(t * log(p))", "dL/dp", "-1/N * t/p"),
        ("X @ W", "Z = X @ W", "dL/dW", "X.T @ dL/dZ"),
        ("softmax(X)", "Z = softmax(X)", "dL/dX", "Z * (dL/dZ - sum_axis(Z * dL/dZ, axis=1))"),
    ],
)
def test_formula_and_derivative(name, formula, what, derivative):
    [operation] = [operation for operation in operations() if operation.name == name]
    assert operation.formula == formula
    assert operation.derivatives[what] == derivative


def test_the_tables_for_people(run):
    done = run("list")
    assert done.code == 0
    assert all(group in done.out for group in GROUPS)
    assert "dL/dX = dL/dZ @ W.T" in done.out
    assert "X[:, 1:]" in done.out  # no markup
    assert "alpha=1/100" in done.out


# ---------------------------------------------------------------- new


@pytest.mark.parametrize("form", ["mlp", "equations"])
def test_the_new_file_works_as_it_stands(run, place, form):
    done = run("new", "mine", "--form", form)
    assert done.code == 0
    assert "derive solve mine.yaml" in done.out
    text = (place / "mine.yaml").read_text()
    assert "derive solve mine.yaml" in text
    assert text.count("#") > 10
    checked = run("check", "mine.yaml")
    assert checked.code == 0, checked.err
    assert run("solve", "mine.yaml").err == ""


@pytest.mark.parametrize("form", ["mlp", "equations"])
def test_every_line_in_comments_works_too(run, place, form):
    """Each `#-` shows a key that may stand there: alone, it must be understood."""
    run("new", "mine", "--form", form)
    lines = (place / "mine.yaml").read_text().splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith("#- ") and not line.startswith("#-   ")]
    assert starts
    for start in starts:
        block = [lines[start][3:]]
        for line in lines[start + 1 :]:
            if not line.startswith("#-   "):
                break
            block.append(line[3:])
        key = block[0].partition(":")[0]
        kept = [line for line in lines if not line.startswith(f"{key}:")]
        (place / "tried.yaml").write_text("\n".join([*kept, *block]) + "\n")
        assert "unknown key" not in (tried := run("check", "tried.yaml")).err
        if key != "bias":  # which needs other parameters too
            assert tried.code == 0, (block, tried.err)


def test_the_loss_written_out_works_as_the_comment_says(run, place):
    run("new", "mine", "--form", "equations")
    text = (place / "mine.yaml").read_text()
    changed = text.replace("L = cross_entropy(P, T)", "L = -1/N * sum(T * log(P))").replace("#- shapes:", "shapes:")
    (place / "mine.yaml").write_text(changed)
    assert changed != text
    assert run("check", "mine.yaml").code == 0


def test_an_existing_file_is_kept(run, place):
    (place / "mine.yaml").write_text("precious")
    done = run("new", "mine")
    assert done.code == 2
    assert "mine.yaml: the file exists already" in done.err
    assert "--force" in done.err
    assert (place / "mine.yaml").read_text() == "precious"
    assert run("new", "mine.yaml", "--force").code == 0
    assert (place / "mine.yaml").read_text() != "precious"


@pytest.mark.parametrize(
    ("name", "path"), [("a b", "a b.yaml"), ("week.1", "week.1.yaml"), ("sub/x.yml", "sub/x.yml"), ("[x]", "[x].yaml")]
)
def test_names_of_new_files(run, place, name, path):
    done = run("new", name)
    assert done.code == 0
    assert path in done.out
    assert run("check", path).code == 0


@pytest.mark.parametrize("name", ["", ".", "/", "a\nb"])
def test_names_that_are_none(run, place, name):
    assert run("new", name).code == 2
    assert [path.name for path in place.iterdir()] == ["first.yaml"]


def test_an_unknown_form(run):
    done = run("new", "mine", "--form", "equation")
    assert done.code == 2
    assert "did you mean `equations`?" in done.err


# ---------------------------------------------------------------- schema


def test_the_schema_describes_problem_files(run, place):
    done = run("schema")
    assert done.code == 0
    jsonschema.Draft202012Validator.check_schema(done.data)
    run("new", "mine")
    run("new", "other", "--form", "equations")
    for name in ("first", "mine", "other"):
        jsonschema.validate(yaml.safe_load((place / f"{name}.yaml").read_text()), done.data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tilte": "x"}, done.data)


def test_the_schema_in_a_file(run, place):
    printed = run("schema").data
    assert run("schema", "--output", "s/derive.json").code == 0
    assert json.loads((place / "s" / "derive.json").read_text()) == printed
    done = run("schema", "--output", "first.yaml/x")
    assert done.code == 2
    assert "cannot write" in done.err


# ---------------------------------------------------------------- derive itself


def test_the_version(run):
    from derive import __version__

    assert run("--version").out == f"derive {__version__}\n"


@pytest.mark.parametrize("words", [(), *((command,) for command in COMMANDS)])
def test_help(run, words):
    done = run(*words, "--help")
    assert done.code == 0
    assert "Usage" in done.out
    assert "Example" in done.out if words else all(command in done.out for command in COMMANDS)


def test_what_is_needed_for_help_is_light():
    """No SymPy, NumPy or Jinja2 is imported before a command runs."""
    heavy = ("sympy", "numpy", "jinja2", "pydantic", "matplotlib", "sklearn", "torch")
    code = f"import sys, derive.cli; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_solving_imports_only_what_it_needs(place):
    code = (
        "import sys; from typer.testing import CliRunner; from derive.cli import app;"
        "CliRunner().invoke(app, ['solve', 'first.yaml', '--format', 'tex']);"
        "print([m for m in ('torch', 'sklearn', 'matplotlib', 'derive.listing', 'derive.starter', 'derive.training',"
        "'derive.compare', 'rich.progress') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_no_command_at_all_shows_the_help(run):
    done = run()
    assert (done.code, done.out) == (0, run("--help").out)
    assert run("--no-color").code == 0


@pytest.mark.parametrize("words", [("solv",), ("solve",), ("solve", "first.yaml", "--nonsense"), ("new",)])
def test_wrong_usage(run, words):
    assert run(*words).code == 2


def test_an_unexpected_error_is_called_a_bug(run, monkeypatch):
    def fail(*_args, **_options):
        raise RuntimeError("the [red] thing")

    monkeypatch.setattr("derive.solution.solve_problem", fail)
    done = run("check", "first.yaml")
    assert done.code == 70
    assert "This is a bug in derive" in done.err
    assert "RuntimeError: the [red] thing" in done.err
    for words in (("--debug", "check", "first.yaml"), ("check", "first.yaml", "--debug")):
        done = run(*words)
        assert done.code == 70
        assert "Traceback" in done.err


def test_colours_can_be_switched_off(place, monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    runner = CliRunner()
    assert "\x1b[1;36m" in runner.invoke(app, ["--help"]).output
    assert "\x1b[32m" in runner.invoke(app, ["check", "first.yaml"]).output
    assert "\x1b[32m" not in runner.invoke(app, ["check", "first.yaml"], env={"NO_COLOR": "1"}).output
    assert "\x1b[32m" not in program("check", "first.yaml", "--no-color", FORCE_COLOR="1").stdout
    assert "\x1b[1;36m" not in program("--no-color", "--help", FORCE_COLOR="1").stdout


def test_the_program_as_a_module(place):
    done = program("check", "first.yaml", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["passed"] is True
    done = program("check", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nowhere.yaml: there is no such file")


def test_a_terminal_without_the_signs(place):
    done = program("check", "first.yaml", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "checks passed" in done.stdout


def test_a_reader_that_stops_early(place):
    shell = f"{sys.executable} -m derive list | head -1"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
