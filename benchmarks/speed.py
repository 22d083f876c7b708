"""How fast `derive` is, as ratios measured in one run: `python benchmarks/speed.py [--json]`.

Seconds depend on the machine; ratios to a command that only imports the same libraries hardly do. The commands are run
in turn, round after round, and each is divided by the baseline of its own round, so that a machine that slows down in
between slows both. Nothing is asserted: the figures are printed beside the targets, for a person to judge.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
FIRST_PROBLEM = ROOT / "problems" / "pen-and-paper.yaml"
BASELINE = "import sympy, jinja2, pydantic"
SEED = 1
DEPTHS = (10, 20, 40, 80)
WIDTHS = (4, 64, 1024)


@dataclass(frozen=True)
class Figure:
    """One measured figure: the median over the rounds, with the smallest and the largest."""

    name: str
    unit: str
    median: float
    smallest: float
    largest: float
    target: str = ""


def figure(name: str, unit: str, values: Sequence[float], target: str = "") -> Figure:
    return Figure(name, unit, statistics.median(values), min(values), max(values), target)


# ---------------------------------------------------------------- problems


def network(widths: Sequence[int], activations: Sequence[str], loss: str, target: str) -> str:
    """A problem file with random numbers of three decimals, the same for the same widths."""
    source = random.Random(SEED)

    def numbers(count: int, scale: float) -> str:
        return ", ".join(f"{source.uniform(-scale, scale):.3f}" for _ in range(count))

    lines = [
        f"title: A network with the widths {'-'.join(map(str, widths))}",
        f"architecture: [{', '.join(map(str, widths))}]",
        f"activations: [{', '.join(activations)}]",
        f"loss: {loss}",
        "parameters:",
    ]
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(widths), start=1):
        rows = ", ".join(f"[{numbers(inputs, inputs**-0.5)}]" for _ in range(outputs))
        lines += [f"  W_{layer}: [{rows}]", f"  b_{layer}: [{numbers(outputs, 0.1)}]"]
    lines += [f"input: {{x: [{numbers(widths[0], 1.0)}]}}", f"target: {{t: {target}}}"]
    lines += ["update: {sgd: {learning_rate: 0.1}}", "rounding: {places: 3}"]
    return "\n".join(lines) + "\n"


def symbolic(widths: Sequence[int]) -> str:
    """The same kind of network without numbers, tanh in every layer but the last."""
    activations = ["tanh"] * (len(widths) - 2) + ["identity"]
    return f"architecture: {list(widths)}\nactivations: [{', '.join(activations)}]\nloss: mse\nupdate: sgd\n"


# ---------------------------------------------------------------- whole commands


def seconds(command: Sequence[str]) -> float:
    """How long a command takes; one that fails stops the benchmark."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    start = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nstopped with exit code {done.returncode}:\n{done.stdout}{done.stderr}")
    return taken


def measure_commands(rounds: int) -> list[Figure]:
    """`derive solve` on a small, a wide and a deep problem, beside the import of its libraries."""
    with tempfile.TemporaryDirectory(prefix="derive-speed-") as name:
        folder = Path(name)
        wide, deep = folder / "wide.yaml", folder / "deep.yaml"
        wide.write_text(network([784, 128, 64, 10], ["relu", "relu", "softmax"], "cross_entropy", "3"))
        deep.write_text(network([3] * 51, ["tanh"] * 49 + ["identity"], "mse", "[0.5, -0.5, 0.1]"))

        def solve(file: Path, formats: str) -> list[str]:
            return [sys.executable, "-m", "derive", "solve", str(file), "--format", formats, "--output", str(folder)]

        commands = {
            "baseline": [sys.executable, "-c", BASELINE],
            "first": solve(FIRST_PROBLEM, "tex"),
            "wide": solve(wide, "tex,json"),
            "deep": solve(deep, "tex,json"),
        }
        for command in commands.values():  # once for the disk and for Python's compiled files
            seconds(command)
        times: dict[str, list[float]] = {key: [] for key in commands}
        for _ in range(rounds):
            for key, command in commands.items():
                times[key].append(seconds(command))

    def ratio(key: str) -> list[float]:
        return [own / base for own, base in zip(times[key], times["baseline"], strict=True)]

    return [
        figure(f'baseline: python -c "{BASELINE}"', "s", times["baseline"]),
        figure("first problem to .tex, to baseline", "x", ratio("first"), "at most 2"),
        figure("784-128-64-10 to .tex and JSON, to baseline", "x", ratio("wide")),
        figure("784-128-64-10 to .tex and JSON", "s", times["wide"], "under 3"),
        figure("50 layers to .tex and JSON, to baseline", "x", ratio("deep")),
        figure("50 layers to .tex and JSON", "s", times["deep"], "under 10"),
    ]


# ---------------------------------------------------------------- the derivation alone


def derivation(text: str) -> Callable[[], float]:
    """A function that times the way from a problem to its whole program, without numbers, checks or files."""
    from sympy.core.cache import clear_cache

    from derive.derivation import derive_program
    from derive.spec import read_text

    problem = read_text(text)

    def run() -> float:
        clear_cache()  # or the second round would find the shapes of the first
        start = time.perf_counter()
        derive_program(problem)
        return time.perf_counter() - start

    return run


def measure_growth(rounds: int) -> list[Figure]:
    """The time of a derivation as networks grow deeper, and as they grow wider."""
    deep = {depth: derivation(symbolic([4] * (depth + 1))) for depth in DEPTHS}
    wide = {width: derivation(symbolic([width] * 5)) for width in WIDTHS}
    runs = [*deep.values(), *wide.values()]
    for run in runs:
        run()
    times = [[run() for run in runs] for _ in range(rounds)]
    by_depth = {depth: [row[place] for row in times] for place, depth in enumerate(DEPTHS)}
    by_width = {width: [row[place] for row in times] for place, width in enumerate(WIDTHS, start=len(DEPTHS))}

    def quotients(above: list[float], below: list[float]) -> list[float]:
        return [a / b for a, b in zip(above, below, strict=True)]

    figures = [figure(f"derivation of {depth} layers", "ms", [1e3 * t for t in by_depth[depth]]) for depth in DEPTHS]
    figures += [
        figure(f"{double} layers to {single}", "x", quotients(by_depth[double], by_depth[single]), "about 2")
        for single, double in itertools.pairwise(DEPTHS)
    ]
    figures += [
        figure(f"width {width} to width {WIDTHS[0]}", "x", quotients(by_width[width], by_width[WIDTHS[0]]), "about 1")
        for width in WIDTHS[1:]
    ]
    return figures


# ---------------------------------------------------------------- what is printed


def show(figures: Sequence[Figure]) -> None:
    table = Table(title="Speed of derive", title_justify="left")
    for column in ("what", "median", "range", "target"):
        table.add_column(column, justify="left" if column in ("what", "target") else "right")
    for f in figures:
        table.add_row(f.name, f"{f.median:.2f} {f.unit}", f"{f.smallest:.2f} - {f.largest:.2f}", f.target)
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print how fast derive is, as ratios measured in one run.")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.add_argument("--rounds", type=int, default=7, help="how often everything is measured (default: 7)")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    figures = measure_commands(options.rounds) + measure_growth(options.rounds)
    if options.json:
        print(json.dumps([asdict(f) for f in figures], indent=1))
    else:
        show(figures)


if __name__ == "__main__":
    main()
