"""Numbers from a CSV file beside the problem file."""

from __future__ import annotations

from pathlib import Path

import pytest

import derive
from derive.errors import ProblemError

PROBLEM = """
forward: |
  y = phi_0 + phi_1*x
  L = sum((y - t)**2)
parameters: {phi_0: 1.2, phi_1: 0.2}
input: {x: {csv: points.csv, column: x}}
target: {t: {csv: points.csv, column: y}}
"""
POINTS = "x, y\n0.50, 1\n1.0,1/2\n\n2e0,-3\n"


def folder_with(tmp_path: Path, problem: str = PROBLEM, points: str = POINTS) -> Path:
    (tmp_path / "points.csv").write_text(points)
    file = tmp_path / "line.yaml"
    file.write_text(problem)
    return file


def test_a_column_is_a_vector_with_its_numbers_as_written(tmp_path: Path) -> None:
    problem = derive.read(folder_with(tmp_path))
    x, t = problem.given("x").value, problem.given("t").value
    assert x is not None
    assert t is not None
    assert list(x.text) == ["0.50", "1.0", "2e0"]
    assert list(t.floats) == [1.0, 0.5, -3.0]


def test_several_columns_are_a_matrix_with_a_sample_in_each_row(tmp_path: Path) -> None:
    text = PROBLEM.replace("column: x", "columns: [y, x]").replace("phi_1*x", "sum(phi_1*x)")
    problem = derive.read(folder_with(tmp_path, text.replace("y - t", "y - sum(t)")))
    value = problem.given("x").value
    assert value is not None
    assert value.floats.tolist() == [[1.0, 0.5], [0.5, 1.0], [-3.0, 2.0]]


def test_the_problem_is_solved_with_them(tmp_path: Path) -> None:
    solution = derive.solve(folder_with(tmp_path))
    assert solution.passed
    assert solution.loss == pytest.approx((1.3 - 1) ** 2 + (1.4 - 0.5) ** 2 + (1.6 + 3) ** 2)


@pytest.mark.parametrize(
    ("problem", "points", "expected"),
    [
        (PROBLEM.replace("column: x", "column: X"), POINTS, "no column `X` in `points.csv`"),
        (PROBLEM.replace("points.csv, column: x", "missing.csv, column: x"), POINTS, "no file `missing.csv`"),
        (PROBLEM.replace("points.csv, column: x", "../points.csv, column: x"), POINTS, "in the folder of the problem"),
        (PROBLEM.replace("points.csv, column: x", "/etc/passwd, column: x"), POINTS, "in the folder of the problem"),
        (PROBLEM.replace("column: x", "colunm: x"), POINTS, "`colunm`"),
        (PROBLEM.replace(", column: x", ""), POINTS, "no column"),
        (PROBLEM, "x,y\n", "no numbers"),
        (PROBLEM, "x,y\n1,2\n3\n", "row 3"),
        (PROBLEM, "x,y\n1,two\n", "`two`"),
        (PROBLEM, "x,y\n1,nan\n", "`nan`"),
        (PROBLEM, "", "no column `x`"),
        (PROBLEM, 'x,y\n1,"2\n', "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_line_of_the_quantity(
    tmp_path: Path, problem: str, points: str, expected: str
) -> None:
    with pytest.raises(ProblemError) as refused:
        derive.read(folder_with(tmp_path, problem, points))
    text = str(refused.value)
    assert expected in text
    assert "line.yaml:6" in text or "line.yaml:7" in text


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("x,y\n1,2\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    file = folder_with(inner)
    (inner / "points.csv").unlink()
    (inner / "points.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ProblemError, match="in the folder of the problem file"):
        derive.read(file)


def test_other_faults_of_the_file_are_told_with_it(tmp_path: Path) -> None:
    text = PROBLEM.replace("column: x", "column: X").replace("phi_1: 0.2", "phi_1: two")
    with pytest.raises(ProblemError) as refused:
        derive.read(folder_with(tmp_path, text))
    assert len(refused.value.faults) == 2
