"""The wheel carries all that it needs: installed elsewhere, it solves a problem from another folder."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIRST = "pen-and-paper.yaml"

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """What `command` prints; it sees neither this checkout nor the caller's Python settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    place = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT, cwd=place)
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel, tmp_path_factory):
    """A new environment with the wheel; what the wheel depends on is lent by the environment of the tests."""
    place = tmp_path_factory.mktemp("clean")
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=place)
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).strip())
    lent = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (own / "lent.pth").write_text("".join(f"{path}\n" for path in lent))
    return python


def test_templates_and_problems_travel_inside(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "problems"):
        files = [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()]
        assert files
        assert {f"derive/{path.as_posix()}" for path in files} <= names
    assert not [name for name in names if name.startswith(("tests", "output", "docs"))]


def test_the_installed_package_is_the_wheels_own(clean_python, tmp_path):
    code = (
        "import derive; from derive.resources import folder as f; print(derive.__file__, f('templates'), f('problems'))"
    )
    places = run(clean_python, "-c", code, cwd=tmp_path).split()
    assert all(str(clean_python.parent.parent) in place for place in places), places


def test_it_solves_a_problem_from_another_folder(clean_python, tmp_path):
    shutil.copy(ROOT / "problems" / FIRST, tmp_path / "mine.yaml")
    run(clean_python.parent / "derive", "solve", "mine.yaml", "--format", "tex,json", cwd=tmp_path)
    written = tmp_path / "output" / "mine"
    assert (written / "solution.tex").read_text().rstrip().endswith(r"\end{document}")
    assert json.loads((written / "result.json").read_text())["passed"] is True
    assert not (written / "solution.pdf").exists()
