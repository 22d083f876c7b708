"""The loops that `derive code` writes and `derive train`: the same loss in every batch, from the same start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from derive.code import STYLES, Source
from derive.code.names import program_names
from derive.resources import folder
from derive.spec import Problem, read, read_text
from derive.training import Dataset, Network, Settings, Training, train
from derive.training.loop import batches
from tests.training.support import NETWORKS, blobs

SETTINGS = Settings(epochs=2, batch_size=16, learning_rate=0.2, seed=6)
LAB = ("softmax-squared-error", "mlp-squared-error")


def images(seed: int = 8) -> Dataset:
    """Noise of the size of MNIST's images; the last batch is smaller than the others."""
    generator = np.random.default_rng(seed)
    x, y = generator.random((120, 784)), generator.integers(0, 10, 120)
    return Dataset("noise", x[:100], y[:100], x[100:], y[100:])


class Batches:
    """Training data that a program runs over once in each epoch; notes the loss that it has after each batch."""

    def __init__(self, network: Network, variables: dict[str, Any], as_array: Any) -> None:
        self.network, self.variables, self.as_array = network, variables, as_array
        self.generator = np.random.default_rng(SETTINGS.seed)
        self.losses: list[float] = []

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        data, targets = self.network.dataset, self.network.targets(self.network.dataset.labels)
        for chosen in batches(len(data.labels), SETTINGS.batch_size, self.generator):
            yield self.as_array(data.images[chosen]), self.as_array(targets[chosen])
            loss = self.variables["loss" if "loss" in self.variables else self.network.loss.name]
            self.losses.append(loss.item())


def losses_of(source: Source, network: Network) -> list[float]:
    """Run a program cell by cell, as in a notebook, and give it our data and parameters before it comes to its loop."""
    tensors = source.language == "pytorch"
    if tensors:
        import torch
    as_array = torch.from_numpy if tensors else np.array
    *before, loop = [text for text in source.cells() if not text.startswith("# shapes")]
    loop = loop.replace("for epoch in range(10):", f"for epoch in range({SETTINGS.epochs}):")
    assert f"range({SETTINGS.epochs})" in loop
    variables: dict[str, Any] = {}
    for cell in before:
        exec(cell, variables)  # noqa: S102  # a program that the project wrote
    names = program_names(network.program)
    for name, array in network.initial_parameters(SETTINGS.seed).items():
        if tensors:
            variables[names[name]].data = torch.from_numpy(array)
        else:
            variables[names[name]] = array
    variables |= {names.get(symbol, symbol): size for symbol, size in network.sizes.items()}
    variables |= {names[network.problem.update.symbol]: SETTINGS.learning_rate}
    given = variables["training_data"] = Batches(network, variables, as_array)
    exec(loop, variables)  # noqa: S102
    return given.losses


@pytest.fixture
def double():
    torch = pytest.importorskip("torch")
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def lab(name: str) -> Network:
    return Network(read(folder("problems") / f"{name}.yaml"), images())


def small(name: str) -> Network:
    return Network(read_text(NETWORKS[name]), blobs())


CASES = [*((lab, name) for name in LAB), *((small, name) for name in NETWORKS)]
every_network = pytest.mark.parametrize(("make", "name"), CASES, ids=[name for _, name in CASES])


def compare(network: Network, language: str) -> None:
    problem: Problem = network.problem
    source = STYLES[language]["loop"](problem, network.program, None)
    result: Training = train(network, SETTINGS)
    assert len(result.losses) == SETTINGS.epochs * -(-len(network.dataset.labels) // SETTINGS.batch_size)
    np.testing.assert_allclose(losses_of(source, network), result.losses, rtol=0, atol=1e-9)


@every_network
def test_the_loop_in_numpy(make, name: str) -> None:
    compare(make(name), "numpy")


@every_network
def test_the_loop_in_pytorch(make, name: str, double) -> None:
    compare(make(name), "pytorch")


@pytest.mark.parametrize("language", ["numpy", "pytorch"])
def test_a_loop_with_a_planted_fault_has_other_losses(language: str, double) -> None:
    """The comparison is seen to fail: a program that takes the last batch to be as large as the others."""
    network = small("softmax regression")
    source = STYLES[language]["loop"](network.problem, network.program, None)
    parts = tuple(
        tuple(line for line in part if ".shape[0]" not in "".join(map(str, line.pieces))) for part in source.parts
    )
    assert parts != source.parts
    right, wrong = losses_of(source, network), losses_of(Source(language, "", parts), network)
    assert np.max(np.abs(np.subtract(right, wrong))) > 1e-3
