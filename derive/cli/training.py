"""`derive train`: a problem's network trained with the derived gradients, on images of digits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.base import DISAGREES, INTERRUPTED, Json, Problem, screen

if TYPE_CHECKING:
    from derive.show import Screen
    from derive.training import Dataset, Epoch, Network, Settings, Training


def train(
    file: Problem,
    data: Annotated[
        Path | None,
        typer.Option(help="A folder with MNIST's files, packed or not.", show_default="scikit-learn's digits"),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="How often all images are seen.", show_default="as the file says, or 10")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="How many images a step sees.", show_default="as the file says, or 16")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="A positive number.", show_default="as the file says, or 0.1")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Decides the first parameters and the order.", show_default="as the file says, or 0"),
    ] = None,
    sizes: Annotated[
        list[str] | None,
        typer.Option("--size", help="The width that a symbol stands for, as in `--size H=100`.", show_default=False),
    ] = None,
    output: Annotated[Path, typer.Option(help="The folder that gets `<problem>-training`.")] = Path("output"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="What to write: json, pdf, svg.", show_default="all")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train the network of a problem by mini-batch gradient descent, with the derived gradients.

    The problem has a mini-batch in rows, symbols for its sizes and no numbers. Afterwards there is a table of loss and
    accuracy and one of which digit was taken for which, and both as files. If a check of the problem fails, nothing
    is trained and the exit code is 1.
    """
    from derive.output import choose
    from derive.program import read
    from derive.solution import solve_problem
    from derive.training import FORMATS, Network, choose_settings, load, read_sizes, training_data, write_training

    shown, start = screen(), time.perf_counter()
    wanted = choose("--format", formats or FORMATS, FORMATS)
    problem = read(file)
    ordered = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
    settings = choose_settings(problem.train, ordered)
    dataset = load(data, settings.seed)
    network = Network(problem, dataset, read_sizes(sizes or ()))
    if not solve_problem(problem).passed:
        typer.echo(f"{file}: a check fails; `derive check {file}` shows which", err=True)
        raise typer.Exit(DISAGREES)
    training = _train(shown, network, settings)
    paths = write_training(training, output, wanted)
    if as_json:
        shown.json(training_data(training))
        return
    _show_epochs(shown, training.epochs)
    _show_confusion(shown, training)
    for path in paths:
        shown.line(str(path))
    shown.line(f"{_described(dataset, settings)}, {time.perf_counter() - start:.1f} s")


def _train(shown: Screen, network: Network, settings: Settings) -> Training:
    """Train behind a progress bar; an interrupt tells what was done until then."""
    from derive.training import train as train_network

    done: list[Epoch] = []
    batches = -(-len(network.dataset.labels) // settings.batch_size)
    try:
        with shown.counted(settings.epochs * batches) as count:

            def report(epoch: Epoch | None) -> None:
                if epoch:
                    done.append(epoch)
                else:
                    count(_progress(done, settings))

            return train_network(network, settings, report)
    except KeyboardInterrupt:
        if done:
            _show_epochs(shown, done)
        words = f"interrupted in epoch {len(done) + 1} of {settings.epochs}; no file is written"
        typer.echo(f"\n{words}", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _progress(done: Sequence[Epoch], settings: Settings) -> str:
    last = f": loss {done[-1].loss:.3f}, accuracy {done[-1].accuracy:.1%}" if done else ""
    return f"epoch {min(len(done) + 1, settings.epochs)} of {settings.epochs}{last}"


def _described(dataset: Dataset, settings: Settings) -> str:
    return (
        f"{dataset.name}: {len(dataset.labels)} images, {len(dataset.test_labels)} for the test; "
        f"batches of {settings.batch_size}, learning rate {settings.learning_rate:g}, seed {settings.seed}"
    )


def _show_epochs(shown: Screen, epochs: Sequence[Epoch]) -> None:
    from derive.show import table_of

    table = table_of("Training", "epoch", "train loss", "test accuracy")
    for epoch in epochs:
        table.add_row(str(epoch.number), f"{epoch.loss:.4f}", f"{epoch.accuracy:.1%}")
    for column in table.columns:
        column.justify = "right"
    shown.out.print(table)


def _show_confusion(shown: Screen, training: Training) -> None:
    """A row for each digit: how often it was taken for which."""
    from rich.text import Text

    from derive.show import table_of

    table = table_of("Confusion: rows actual, columns predicted", "")
    for digit in range(len(training.confusion)):
        table.add_column(str(digit), justify="right")
    for digit, counts in enumerate(training.confusion.tolist()):
        cells = (
            Text(str(count), "bold green" if digit == column else "red" if count else "dim")
            for column, count in enumerate(counts)
        )
        table.add_row(Text(str(digit), "bold"), *cells)
    shown.out.print(table)
