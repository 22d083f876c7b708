"""A problem's program read for training: which quantity is the image, the class, the prediction; and one step of it."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np

from derive.calculus import updated_name
from derive.derivation import derive_program
from derive.errors import DeriveError, Fault
from derive.evaluate import FloatArithmetic, run
from derive.ops import Array, Tensor, show
from derive.program import Role, Step
from derive.spec import Problem, Update
from derive.spec.faults import listing
from derive.training.data import Dataset
from derive.training.margins import is_of_margins

Parameters = Mapping[str, Array]
_WITHOUT_NUMBERS = "a problem for training has symbols for its sizes and no numbers but those of its constants"


class Network:
    """The steps of a problem, ready to be evaluated batch after batch on the images of a data set."""

    def __init__(self, problem: Problem, dataset: Dataset, sizes: Mapping[str, int] | None = None) -> None:
        """`sizes` are numbers for symbols of the problem that the data do not bind: the widths of hidden layers."""
        self.problem, self.dataset = _with_update(problem), dataset
        self.program = derive_program(self.problem)
        self.loss = self._loss()
        self.input, self.target = self._only("input"), self._only("target")
        self.samples = self._samples()
        self.prediction = self._prediction()
        self.sizes = self._sizes(sizes or {})
        self.parameters = [quantity.tensor for quantity in self.program.givens if quantity.role == "parameter"]
        self.constants = self._constants()
        self._rate = self.program.tensor(self.problem.update.symbol) if self.problem.update else Tensor("")
        self._updated = self._updates()
        self._training = self.program.by_role(Role.FORWARD, Role.LOSS, Role.LOCAL, Role.BACKWARD, Role.UPDATE)
        self._testing = _needed(self.program.forward, self.prediction)
        self._arithmetics: dict[int, FloatArithmetic] = {}
        sizes = {**self.sizes, self.samples: 2}
        self._has_margins = self.target.rank == 2 and is_of_margins(self.program, self.prediction, self.target, sizes)

    def initial_parameters(self, seed: int) -> dict[str, Array]:
        """Uniform between ±1/√(number of inputs), as PyTorch starts a linear layer; a bias like the weights before."""
        generator = np.random.default_rng(seed)
        found, bound = {}, 1.0
        for tensor in self.parameters:
            shape = self._arithmetic(1).shape(tensor.shape)
            if len(shape) == 2:
                bound = 1 / math.sqrt(shape[self._input_axis()])
            found[tensor.name] = generator.uniform(-bound, bound, shape)
        return found

    def step(
        self, parameters: Parameters, images: Array, targets: Array, learning_rate: float
    ) -> tuple[float, Parameters]:
        """The loss of a batch, and the parameters after one step of gradient descent."""
        given = self._given(parameters, images)
        given[self.target], given[self._rate] = targets, np.asarray(learning_rate)
        known = run(self._training, given, self._arithmetic(len(images)))
        updated = {name: known[new] for name, new in self._updated.items()}
        return float(known[self.loss.target].reshape(())), {**parameters, **updated}

    def predict(self, parameters: Parameters, images: Array) -> Array:
        """The class with the largest entry, for every image."""
        known = run(self._testing, self._given(parameters, images), self._arithmetic(len(images)))
        return np.asarray(known[self.prediction].argmax(axis=1))

    def targets(self, labels: Array) -> Array:
        """Class indices as the problem wants them: as they are, as one-hot rows, or 1 and -1 for a loss of margins."""
        if self.target.rank != 2:
            return labels
        one_hot = np.eye(self.dataset.classes)[labels]
        return 2 * one_hot - 1 if self._has_margins else one_hot

    def _given(self, parameters: Parameters, images: Array) -> dict[Tensor, Array]:
        given = {tensor: parameters[tensor.name] for tensor in self.parameters}
        return {**given, **self.constants, self.input: images}

    def _arithmetic(self, samples: int) -> FloatArithmetic:
        """The arithmetic of batches of this size, made once."""
        if samples not in self._arithmetics:
            self._arithmetics[samples] = FloatArithmetic({**self.sizes, self.samples: samples})
        return self._arithmetics[samples]

    def _input_axis(self) -> int:
        """The axis of a weight matrix along which its inputs lie."""
        return 0 if self.problem.mlp is None or self.problem.conventions.weights == "in_out" else 1

    # ---------------------------------------------------------------------------------------- how it is read

    def _loss(self) -> Step:
        if self.program.loss is None:
            raise self._refused("a problem without a loss", "a loss that compares a prediction with a target")
        return self.program.loss

    def _only(self, role: str) -> Tensor:
        found = [quantity.tensor for quantity in self.program.givens if quantity.role == role]
        if len(found) != 1:
            raise self._refused(f"{len(found)} quantities as {role}", f"one {role}")
        return found[0]

    def _samples(self) -> str:
        """The symbol of the number of samples: the first axis of the input."""
        shape = self.input.shape
        columns = self.problem.mlp is not None and self.problem.mlp.samples == "columns"
        if len(shape) != 2 or columns or isinstance(shape[0], int):
            found = "samples in columns" if columns else f"`{self.input.name}` of shape {show(shape)}"
            hint = f"`shapes: {{{self.input.name}: [N, {self.dataset.width}]}}`; {_WITHOUT_NUMBERS}"
            raise self._refused(found, "a mini-batch in rows, with a symbol for the number of samples", hint)
        return str(shape[0])

    def _prediction(self) -> Tensor:
        """What is compared with the target: the first (samples, classes) that meets it and does not come from it."""
        tainted = {self.target}
        reached: dict[Tensor, None] = {}  # what the input reaches and the target does not, in order
        for step in self.program.forward:
            if not tainted.isdisjoint(step.uses):
                tainted.add(step.target)
            elif self.input in step.uses or not reached.keys().isdisjoint(step.uses):
                reached[step.target] = None
        meeting = {tensor for step in self.program.forward if not tainted.isdisjoint(step.uses) for tensor in step.uses}
        for tensor in (self.input, *reached):
            if tensor in meeting and tensor.rank == 2 and str(tensor.shape[0]) == self.samples:
                return tensor
        raise self._refused("no prediction that meets the target", "a loss of a quantity with a row for each sample")

    def _sizes(self, chosen: Mapping[str, int]) -> dict[str, int]:
        """What the symbols of the problem stand for, the number of samples apart."""
        sizes = {**self.program.dimensions, **chosen}
        for tensor, size, what in (
            (self.input, self.dataset.width, "pixels"),
            (self.prediction, self.dataset.classes, "classes"),
        ):
            width = tensor.shape[1]
            if not getattr(width, "is_Symbol", False):
                if width != size:
                    found = f"`{tensor.name}` with a width of {width}"
                    hint = f"a symbol in place of {width} fits all data; --data names a folder with MNIST's files"
                    raise self._refused(found, f"{size}, as {self.dataset.name} has {size} {what}", hint)
                continue
            if sizes.setdefault(str(width), size) != size:
                raise self._refused(f"`{width}` for {sizes[str(width)]} and for {size} {what}", "a symbol for each")
        shapes = (size for quantity in self.program.givens for size in quantity.tensor.shape)
        symbols = {str(symbol) for size in shapes for symbol in getattr(size, "free_symbols", ())}
        if strange := sorted(chosen.keys() - symbols):
            raise self._refused(f"a size for {listing(strange)}", f"one of {listing(sorted(symbols))}")
        if unknown := sorted(symbols - sizes.keys() - {self.samples}):
            hint = " ".join(f"--size {symbol}=100" for symbol in unknown)
            raise self._refused(f"no number for {listing(unknown)}", "a number for every width", hint)
        return sizes

    def _constants(self) -> dict[Tensor, Array]:
        found = {}
        for given in self.problem.givens:
            if given.role == "constant":
                if given.value is None:
                    raise self._refused(f"no number for `{given.name}`", f"`constants: {{{given.name}: 0.1}}`")
                found[self.program.tensor(given.name)] = given.value.floats
        return found

    def _updates(self) -> dict[str, Tensor]:
        """The parameters that are learnt, each with the tensor that takes its place."""
        steps = {step.name: step.target for step in self.program.by_role(Role.UPDATE)}
        found = {t.name: steps[updated_name(t.name)] for t in self.parameters if updated_name(t.name) in steps}
        if not found:
            raise self._refused("nothing to learn", "parameters on which the loss depends and that are not frozen")
        return found

    def _refused(self, found: str, expected: str, hint: str = "") -> DeriveError:
        where = str(self.problem.source or self.problem.name)
        return DeriveError(Fault(found, expected, hint, where))


def _with_update(problem: Problem) -> Problem:
    """The problem with a step of gradient descent, under a name that is free where it has none."""
    if problem.update is not None:
        return problem
    taken = {*(given.name for given in problem.givens), *problem.symbols, *(e.target for e in problem.equations)}
    names = itertools.chain(["eta"], (f"eta_{number}" for number in itertools.count(1)))
    return dataclasses.replace(problem, update=Update(symbol=next(name for name in names if name not in taken)))


def _needed(steps: Iterable[Step], wanted: Tensor) -> tuple[Step, ...]:
    """The steps on which a quantity rests, in order."""
    needed, found = {wanted}, []
    for step in reversed(tuple(steps)):
        if step.target in needed:
            needed.update(step.uses)
            found.append(step)
    return tuple(reversed(found))
