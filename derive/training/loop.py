"""Mini-batch gradient descent: W <- W - rate dL/dW with the gradients that the program derives, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from derive.derivation import derive_program
from derive.errors import DeriveError, Fault
from derive.evaluate import FloatArithmetic, run
from derive.ops import Array, Tensor
from derive.program import Role, Step
from derive.spec import Problem
from derive.training.data import Dataset


@dataclass(frozen=True)
class Settings:
    """How long and in which steps to train; `learning_rate` None takes the problem's own."""

    epochs: int = 10
    batch_size: int = 16
    learning_rate: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data: the mean of its batches' losses, and the accuracy on the test data after it."""

    number: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Training:
    """What came of it: the epochs, the parameters, and how often class i was taken for class j (`confusion[i, j]`)."""

    dataset: str
    settings: Settings
    epochs: tuple[Epoch, ...]
    parameters: Mapping[str, Array]
    confusion: Array
    losses: tuple[float, ...]


def train(
    problem: Problem, dataset: Dataset, settings: Settings, report: Callable[[Epoch | None], None] = lambda epoch: None
) -> Training:
    """Train the problem's network on the data; `report` is told of each batch (None) and of each finished epoch."""
    network = Network(problem, dataset, settings)
    parameters = network.initial_parameters()
    generator = np.random.default_rng(settings.seed)
    epochs, losses = [], []
    for number in range(1, settings.epochs + 1):
        of_epoch = []
        for chosen in batches(len(dataset.labels), settings.batch_size, generator):
            loss, parameters = network.step(parameters, dataset.images[chosen], dataset.labels[chosen])
            of_epoch.append(loss)
            report(None)
        losses += of_epoch
        accuracy = float(np.mean(network.predict(parameters, dataset.test_images) == dataset.test_labels))
        epochs.append(Epoch(number, float(np.mean(of_epoch)), accuracy))
        report(epochs[-1])
    confusion = np.zeros((network.classes, network.classes), dtype=int)
    np.add.at(confusion, (dataset.test_labels, network.predict(parameters, dataset.test_images)), 1)
    return Training(dataset.name, settings, tuple(epochs), parameters, confusion, tuple(losses))


def batches(count: int, size: int, generator: np.random.Generator) -> Iterator[Array]:
    """The numbers 0 to count - 1 in a random order, `size` at a time; the last batch may be smaller."""
    order = generator.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


class Network:
    """The problem's program, read for training: which quantity is the image, the class, the prediction."""

    def __init__(self, problem: Problem, dataset: Dataset, settings: Settings) -> None:
        self.problem, self.dataset, self.settings = problem, dataset, settings
        self.program = derive_program(problem)
        self.loss = self._loss()
        self.input, self.target = self._only("input"), self._only("target")
        self.samples, width = self._axes(self.input)
        self.fixed = dict(self.program.dimensions) | self._bound(width, dataset.width, "pixels")
        self.prediction = self._prediction()
        self.classes = self._bind_classes()
        self.rate = self._rate()
        self.literals = {given.name: given.value for given in problem.givens}
        learnt = [quantity.tensor for quantity in self.program.givens if quantity.role == "parameter"]
        self.learnt = [tensor for tensor in learnt if tensor.name not in problem.conventions.frozen]
        self.parameters = learnt

    def _loss(self) -> Step:
        if self.program.loss is None:
            raise self._refused("a problem without a loss", "a loss that compares a prediction with a target")
        return self.program.loss

    def _only(self, role: str) -> Tensor:
        found = [quantity.tensor for quantity in self.program.givens if quantity.role == role]
        if len(found) != 1:
            raise self._refused(f"{len(found)} quantities as {role}", f"one {role}")
        return found[0]

    def _axes(self, tensor: Tensor) -> tuple[str, object]:
        """The symbol of the number of samples, and the width of a sample."""
        if tensor.rank != 2 or isinstance(tensor.shape[0], int):
            expected = "a mini-batch in rows, with a symbol for the number of samples"
            hint = f"`shapes: {{{tensor.name}: [N, {self.dataset.width}]}}` and no numbers for `{tensor.name}`"
            raise self._refused(f"`{tensor.name}` of shape {tensor.shape}", expected, hint)
        return str(tensor.shape[0]), tensor.shape[1]

    def _bound(self, dimension: object, size: int, what: str) -> dict[str, int]:
        if isinstance(dimension, int):
            if dimension != size:
                raise self._refused(f"a width of {dimension}", f"{size}, as {self.dataset.name} has {size} {what}")
            return {}
        return {str(dimension): size}

    def _prediction(self) -> Tensor:
        """What the loss compares with the target: the last quantity of (samples, classes) before it."""
        candidates = [step.target for step in self.program.by_role(Role.FORWARD) if step.target in self.loss.uses]
        candidates = [tensor for tensor in candidates if tensor.rank == 2 and str(tensor.shape[0]) == self.samples]
        if not candidates:
            raise self._refused("no prediction in the loss", "a loss of a quantity with a row for each sample")
        return candidates[0]

    def _bind_classes(self) -> int:
        self.fixed |= self._bound(self.prediction.shape[1], self.dataset.classes, "classes")
        return self.dataset.classes

    def _rate(self) -> float:
        update = self.problem.update
        if self.settings.learning_rate is not None:
            return self.settings.learning_rate
        if update is None or update.learning_rate is None:
            hint = "--learning-rate 0.1, or `update: {sgd: {learning_rate: 0.1}}` in the problem"
            raise self._refused("no learning rate", "a positive number", hint)
        return float(update.learning_rate.floats)

    def initial_parameters(self) -> dict[str, Array]:
        """The problem's numbers; otherwise uniform between ±1/√(number of inputs), as PyTorch starts a linear layer."""
        generator = np.random.default_rng(self.settings.seed)
        arithmetic = FloatArithmetic(self.fixed)
        found, bound = {}, 1.0
        for tensor in self.parameters:
            shape = arithmetic.shape(tensor.shape)
            literal = self.literals[tensor.name]
            if len(shape) == 2:
                bound = 1 / math.sqrt(shape[self._input_axis()])
            found[tensor.name] = literal.floats if literal else generator.uniform(-bound, bound, shape)
        return found

    def _input_axis(self) -> int:
        """The axis of a weight matrix along which its inputs lie."""
        return 0 if self.problem.mlp is None or self.problem.conventions.weights == "in_out" else 1

    def step(self, parameters: Mapping[str, Array], images: Array, labels: Array) -> tuple[float, dict[str, Array]]:
        """The loss of a batch, and the parameters after one step of gradient descent."""
        values = self._values(parameters, images, labels, self._until_gradients)
        updated = dict(parameters)
        for tensor in self.learnt:
            gradient = values[f"d{self.loss.name}/d{tensor.name}"]
            updated[tensor.name] = parameters[tensor.name] - self.rate * gradient
        return float(values[self.loss.name].reshape(())), updated

    def predict(self, parameters: Mapping[str, Array], images: Array) -> Array:
        """The class with the largest entry, for every image."""
        labels = np.zeros(len(images), dtype=int)
        values = self._values(parameters, images, labels, self.program.by_role(Role.FORWARD))
        return np.asarray(values[self.prediction.name].argmax(axis=1))

    @property
    def _until_gradients(self) -> tuple[Step, ...]:
        return self.program.by_role(Role.FORWARD, Role.LOSS, Role.LOCAL, Role.BACKWARD)

    def _values(
        self, parameters: Mapping[str, Array], images: Array, labels: Array, steps: tuple[Step, ...]
    ) -> dict[str, Array]:
        given = {self.program.tensor(name): value for name, value in parameters.items()}
        given[self.input] = images
        given[self.target] = np.eye(self.classes)[labels] if self.target.rank == 2 else labels
        for quantity in self.program.givens:
            literal = self.literals.get(quantity.name)
            if quantity.tensor not in given and literal is not None:
                given[quantity.tensor] = literal.floats
        known = run(steps, given, FloatArithmetic(self.fixed | {self.samples: len(images)}))
        return {tensor.name: value for tensor, value in known.items() if isinstance(tensor, Tensor)}

    def _refused(self, found: str, expected: str, hint: str = "") -> DeriveError:
        return DeriveError(
            Fault(where=str(self.problem.source or self.problem.name), found=found, expected=expected, hint=hint)
        )
