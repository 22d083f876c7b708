"""Imports run one way. The contract stands in pyproject.toml; here it is held, and seen to fail."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def lint_imports(checkout: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def checkout(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "derive", tmp_path / "derive", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_imports_run_one_way():
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    "upward", ["import derive.sheet", "from derive import solve", "def f():\n    import derive.cli"]
)
def test_an_import_against_the_stream_is_seen(checkout, upward):
    (checkout / "derive" / "program" / "planted.py").write_text(upward + "\n")
    answer = lint_imports(checkout)
    assert answer.returncode != 0
    assert "derive.program.planted" in answer.stdout


def test_a_module_without_a_place_is_seen(checkout):
    (checkout / "derive" / "planted.py").write_text("")
    answer = lint_imports(checkout)
    assert answer.returncode != 0
    assert "planted" in answer.stdout


def test_nothing_is_exempt():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    for contract in settings["contracts"]:
        assert not {"ignore_imports", "exhaustive_ignores"} & contract.keys()
