"""The documents say what is: their problems solve, their commands parse, and nothing that exists is left out."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

import derive
from derive.cli import app
from derive.listing import notations
from derive.output import FORMATS, read_order
from derive.render.document import View
from derive.resources import folder
from derive.spec import read_text, schema
from derive.spec.equations import FUNCTIONS
from derive.spec.layers import ACTIVATIONS, LOSSES
from derive.spec.presets import PRESETS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")], key=lambda path: path.name
)
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    return [match["text"] for match in BLOCK.finditer(path.read_text()) if match["language"] == language]


def named(language: str) -> list[Any]:
    """Every block of a language, called after its document."""
    return [
        pytest.param(text, id=f"{path.name}-{number}")
        for path in DOCUMENTS
        for number, text in enumerate(blocks(path, language), start=1)
    ]


def words() -> dict[str, dict[str, str]]:
    return tomllib.loads((folder("templates") / "words" / "en.toml").read_text())


def reference() -> str:
    return (ROOT / "docs" / "problem-file.md").read_text()


# ------------------------------------------------------------------------------------------------ problems


@pytest.mark.parametrize("text", named("yaml"))
def test_every_problem_solves_and_passes_its_checks(text: str) -> None:
    solution = derive.solve(read_text(text), autograd=True)
    assert [f"{f.step} ({f.route})" for f in solution.all_findings if not f.passed] == []
    for kind in ("solution", "worksheet", "key"):
        assert r"\end{document}" in solution.tex(kind)


def test_every_key_of_a_problem_file_is_described() -> None:
    definitions = [schema(), *schema()["$defs"].values()]
    keys = {key for definition in definitions for key in definition.get("properties", {})}
    values = {value for definition in definitions for value in _values(definition)}
    assert len(keys) > 25
    assert [key for key in sorted(keys) if not re.search(rf"`[^`\n]*\b{key}\b", reference())] == []
    assert [value for value in sorted(values) if not re.search(rf"\b{value}\b", reference())] == []


def _values(definition: dict[str, Any]) -> Iterator[str]:
    """The words that may stand for a value, the names of presets and functions apart."""
    for field in definition.get("properties", {}).values():
        yield from (word for word in field.get("enum", []) if word not in (*PRESETS, *LOSSES, *ACTIVATIONS))


def test_every_function_and_loss_is_described() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`(\w+)\(", row.split("|")[1])}
    assert described == FUNCTIONS


SYMBOLS = ["weights", "bias", "pre_activation", "activation", "last_affine", "output", "target", "loss"]
SYMBOLS += ["learning_rate", "delta"]
CONVENTIONS = ["weights", "vectors", "samples", "bias", "bias_index", "derivatives", "relu_at_zero", "squared_error"]


@pytest.mark.parametrize("name", PRESETS)
def test_the_tables_of_presets_are_those_of_the_code(name: str) -> None:
    [preset] = [row for row in notations() if row.name == name]
    symbols = [preset.symbols.get(role, "") for role in SYMBOLS]
    conventions = [preset.conventions[convention] for convention in CONVENTIONS]
    for cells in (symbols, conventions):
        assert "| " + " | ".join(f"`{cell}`" if cell else "" for cell in (name, *cells)) + " |" in reference()


# ------------------------------------------------------------------------------------------------ commands


def commands() -> list[Any]:
    """Everything that a document tells to type: lines that start with `derive`, and the same inside of a line."""
    found = []
    for path in DOCUMENTS:
        text = BLOCK.sub("", path.read_text())
        lines = re.findall(r"^    (derive .*)$", text, re.MULTILINE) + re.findall(r"`(derive -*\w[^`\n]*)`", text)
        found += [pytest.param(line, id=f"{path.name}: {line}") for line in dict.fromkeys(lines)]
    return found


@pytest.mark.parametrize("line", commands())
def test_every_command_is_accepted(line: str) -> None:
    _, name, *arguments = shlex.split(line, comments=True)
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    if not arguments or arguments == ["--help"]:  # only spoken of
        return
    context = command.make_context(name, arguments)
    if name == "solve":
        values = context.params
        read_order(values["formats"] or FORMATS, values["sheets"] or ["solution"], values["detail"])


def test_every_command_is_described() -> None:
    text = "".join(path.read_text() for path in DOCUMENTS)
    assert [name for name in typer.main.get_command(app).commands if f"derive {name}" not in text] == []  # type: ignore[attr-defined]


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCUMENTS:
        wanted = re.findall(r"(?:^    |`)make ([a-z-]+)", path.read_text(), re.MULTILINE)
        assert set(wanted) <= targets, path.name


# ------------------------------------------------------------------------------------------------ Python


def run(script: str, place: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("no LaTeX")
    shutil.copytree(ROOT / "problems", tmp_path / "problems")
    [script] = blocks(ROOT / "README.md", "python")
    assert "True" in run(script, tmp_path)
    assert (tmp_path / "solution.pdf").read_bytes().startswith(b"%PDF")


def test_the_new_activation_and_the_new_loss_of_the_guide_work(tmp_path: Path) -> None:
    """Its row is all that a new operation needs: the problem file, the list and all checks know it then."""
    row, loss = blocks(ROOT / "CONTRIBUTING.md", "python")
    script = f"""
from derive.ops.activations import Row, fn, magnitude, np, register, sympy
register(
{row})
from derive.ops.losses import LOSSES, Constant, Fn, Loss, Times
LOSSES["logistic"], = (
{loss})
import derive
from derive.spec import read_text
from derive.listing import operations
solution = derive.solve(read_text('''
architecture: [2, 2, 1]
activations: [softsign, identity]
loss: logistic
parameters: {{W_1: [[0.5, -1], [1, 0.25]], b_1: [0, 0.1], W_2: [[1, -2]], b_2: [0.2]}}
input: {{x: [1, 2]}}
target: {{t: [-1]}}
update: {{sgd: {{learning_rate: 0.1}}}}
'''), autograd=True)
print([finding for finding in solution.all_findings if not finding.passed])
print({{"softsign", "logistic"}} <= {{operation.name for operation in operations()}})
"""
    assert run(script, tmp_path).split() == ["[]", "True"]


# ------------------------------------------------------------------------------------------------ templates, routes


def test_every_field_of_a_template_is_described() -> None:
    text = (ROOT / "docs" / "templates.md").read_text()
    described = set(re.findall(r"`(\w+)`", "\n".join(line for line in text.splitlines() if line.startswith("| `"))))
    solution = derive.solve(folder("problems") / "pen-and-paper.yaml")
    sheet = View(solution.sheet(), words()).sheet()
    section = sheet["sections"][0]
    entry = section["entries"][0]
    assert {*sheet, *section, *entry, *entry["lines"][0]} <= described


def test_every_table_of_words_is_described() -> None:
    text = (ROOT / "docs" / "templates.md").read_text()
    assert [table for table in words() if f"`[{table}]`" not in text] == []


def test_every_template_is_described() -> None:
    text = (ROOT / "docs" / "templates.md").read_text()
    assert [path.name for path in folder("templates").glob("*.j2") if path.name not in text] == []


def test_every_route_of_checking_is_described() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    routes = words()["checks"].keys() - {"passed", "failed"}
    assert len(routes) > 6
    assert [route for route in sorted(routes) if f"| `{route}` |" not in text] == []


# ------------------------------------------------------------------------------------------------ the pages themselves


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", path.read_text())
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "images" / "solution.png").stat().st_size < 200_000
