"""Mini-batch gradient descent: W <- W - rate dL/dW with the gradients that the program derives, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from derive.errors import DeriveError, Fault
from derive.ops import Array
from derive.training.data import Dataset
from derive.training.network import Network, Parameters
from derive.training.settings import Settings


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data: the mean of its batches' losses, and the accuracy on the test data after it."""

    number: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Training:
    """What came of it: the epochs, the parameters, and how often class i was taken for class j (`confusion[i, j]`)."""

    problem: str
    dataset: Dataset
    settings: Settings
    epochs: tuple[Epoch, ...]
    parameters: Parameters
    confusion: Array
    losses: tuple[float, ...]


def train(
    network: Network, settings: Settings, report: Callable[[Epoch | None], None] = lambda epoch: None
) -> Training:
    """Train the network on its data; `report` is told of each batch (None) and of each finished epoch."""
    with np.errstate(all="ignore"):  # a loss that is no number is told in words
        return _trained(network, settings, report)


def _trained(network: Network, settings: Settings, report: Callable[[Epoch | None], None]) -> Training:
    dataset, rate = network.dataset, settings.learning_rate
    parameters: Parameters = network.initial_parameters(settings.seed)
    targets = network.targets(dataset.labels)
    generator = np.random.default_rng(settings.seed)
    epochs: list[Epoch] = []
    losses: list[float] = []
    predicted = np.zeros_like(dataset.test_labels)
    for number in range(1, settings.epochs + 1):
        of_epoch: list[float] = []
        for chosen in batches(len(dataset.labels), settings.batch_size, generator):
            loss, parameters = network.step(parameters, dataset.images[chosen], targets[chosen], rate)
            if not math.isfinite(loss):
                raise _diverged(number, len(of_epoch) + 1, settings)
            of_epoch.append(loss)
            report(None)
        losses += of_epoch
        predicted = network.predict(parameters, dataset.test_images)
        epochs.append(Epoch(number, float(np.mean(of_epoch)), float(np.mean(predicted == dataset.test_labels))))
        report(epochs[-1])
    confusion = np.zeros((dataset.classes, dataset.classes), dtype=int)
    np.add.at(confusion, (dataset.test_labels, predicted), 1)
    return Training(network.problem.name, dataset, settings, tuple(epochs), parameters, confusion, tuple(losses))


def _diverged(epoch: int, batch: int, settings: Settings) -> DeriveError:
    return DeriveError(
        Fault(
            found=f"a loss that is no finite number, in epoch {epoch}, batch {batch}",
            expected="a loss that falls",
            hint=f"try a learning rate below {settings.learning_rate:g}",
        )
    )


def batches(count: int, size: int, generator: np.random.Generator) -> Iterator[Array]:
    """The numbers 0 to count - 1 in a random order, `size` at a time; the last batch may be smaller."""
    order = generator.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]
