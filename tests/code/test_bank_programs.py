"""The programs that the bank asks for, run: their gradient step is that of the derivation, and their loss falls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from derive.code import STYLES
from derive.code.chain import as_chain
from derive.code.names import program_names
from derive.code.torch_loop import taught_names
from derive.evaluate import Values, evaluate_program
from derive.program import read
from derive.resources import folder
from derive.spec.questions import Code
from tests.code.running import Case, case_of, close, losses, run

LOOP = "for epoch in range("


def asked() -> Iterator[tuple[str, str, str]]:
    """Problem, language and style of each question that is answered by code."""
    for path in sorted(folder("problems").glob("*.yaml")):
        for question in read(path).questions:
            if isinstance(question, Code):
                yield path.stem, question.code, question.style or next(iter(STYLES[question.code]))


ASKED = list(asked())
every_program = pytest.mark.parametrize(("name", "language", "style"), ASKED)


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    """Numbers as exact as the derivation's."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def case(name: str) -> Case:
    return case_of((folder("problems") / f"{name}.yaml").read_text(encoding="utf-8"))


def numbers_of(found: Any) -> Any:
    return found.detach().numpy().copy() if isinstance(found, torch.Tensor) else np.array(found)


class Started:
    """A program that has come to its loop, with some mini-batches (or samples), and its steps of gradient descent."""

    def __init__(
        self, case: Case, language: str, style: str, text: str, epochs: int = 1, batches: int | None = 1
    ) -> None:
        self.case, self.style = case, style
        self.before, loop, rest = text.partition(LOOP)
        self.loop = f"{loop}{epochs}{rest[rest.index(')') :]}".partition("\n# shapes")[0]
        self.variables: dict[str, Any] = run(self.before)
        self.variables["training_data"] = self.variables["training_data"][:batches]
        self.chain = as_chain(case.problem, case.program)
        renamed = (
            taught_names(self.chain, case.program) if self.chain and (language, style) == ("pytorch", "loop") else {}
        )
        self.names = program_names(case.program, renamed)

    def parameters(self) -> dict[str, Any]:
        """The parameters as the problem calls them, in its layout, whatever the program makes of them."""
        names = [given.name for given in self.case.problem.givens if given.role == "parameter"]
        if self.style == "module":
            return dict(self._of_module())
        if self.style == "layers":
            return dict(self._of_layers())
        return {name: numbers_of(self.variables[self.names[name]]) for name in names}

    def _of_module(self) -> Iterator[tuple[str, Any]]:
        assert self.chain is not None
        for number, layer in enumerate(self.chain.affine, 1):
            linear = getattr(self.variables["model"], f"linear{number}")
            weight = numbers_of(linear.weight)
            yield layer.weight.name, weight if layer.out_in else weight.T
            if layer.bias is not None:
                yield layer.bias.name, numbers_of(linear.bias).reshape(self._shape(layer.bias.name))

    def _of_layers(self) -> Iterator[tuple[str, Any]]:
        assert self.chain is not None
        layers = [layer for layer in self.variables["network"].layers if hasattr(layer, "W")]
        for layer, made in zip(self.chain.affine, layers, strict=True):
            yield layer.weight.name, np.array(made.W)
            if layer.bias is not None:
                yield layer.bias.name, np.array(made.b)

    def _shape(self, name: str) -> tuple[int, ...]:
        shape = self.case.program.tensor(name).shape
        return tuple(shape) if all(isinstance(size, int) for size in shape) else (-1,)

    def mean_loss(self) -> float:
        """The loss by the derivation, over all data, with the parameters as they are."""
        loss = self.case.program.loss
        assert loss is not None
        return float(np.mean([self.derived(place)[loss.name] for place in range(len(self.variables["training_data"]))]))

    def derived(self, place: int = 0) -> Values:
        """The derivation at the numbers of the program as they are, on one of its batches."""
        given = self.parameters()
        sample = self.variables["training_data"][place]
        data = [given.name for given in self.case.problem.givens if given.role in ("input", "target")]
        for name, array in zip(data, sample if len(data) > 1 else (sample,), strict=True):
            given[name] = numbers_of(array).astype(float)
        assert self.case.problem.update is not None
        given[self.case.problem.update.symbol] = np.array(float(self.variables[self.names[self.rate]]))
        program = self.case.program
        sizes = {
            str(size): length
            for name, array in given.items()
            for size, length in zip(program.tensor(name).shape, array.shape, strict=True)
            if not isinstance(size, int)
        }
        return evaluate_program(replace(program, dimensions=sizes or program.dimensions), given)

    @property
    def rate(self) -> str:
        assert self.case.problem.update is not None
        return self.case.problem.update.symbol

    def step(self) -> Mapping[str, Any]:
        exec(compile(self.loop, "program", "exec"), self.variables)  # noqa: S102  # a program that the project wrote
        return self.parameters()


def check(started: Started) -> None:
    """The parameters after one step, and the loss, are the derivation's."""
    values = started.derived()
    updated = started.step()
    assert set(updated) >= set(started.case.updated) != set()
    for name in started.case.updated:
        close(updated[name], values[f"{name}'"], 1e-10)
        assert np.abs(values[f"{name}'"] - values[name]).max() > 1e-9
    loss = started.case.program.loss
    assert loss is not None
    found = started.variables["loss" if "loss" in started.variables else started.names[loss.name]]
    close(numbers_of(found).reshape(()), np.reshape(values[loss.name], ()), 1e-10)


@every_program
def test_the_step_of_a_program_is_the_derivation_s(name: str, language: str, style: str) -> None:
    key = case(name).source(language, style).text()
    check(Started(case(name), language, style, key))


@every_program
def test_the_loss_of_a_program_falls(name: str, language: str, style: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The mean over the data, by the derivation: a program prints the loss of the last batch or sample only."""
    started = Started(case(name), language, style, case(name).source(language, style).text(), epochs=10, batches=None)
    before = started.mean_loss()
    started.step()
    assert len(losses(capsys.readouterr().out)) == 10
    assert started.mean_loss() < 2 / 3 * before


FAULTS = {
    ("numpy", "loop"): ("W1 -= eta", "W1 -= 2 * eta"),
    ("numpy", "layers"): ("(1 - self.z**2)", "(1 - self.z)"),
    ("pytorch", "loop"): ("param -= eta", "param += eta"),
    ("pytorch", "module"): ("torch.optim.SGD(model.parameters(), lr=", "torch.optim.SGD(model.parameters(), lr=2 * "),
}


@every_program
def test_a_wrong_line_makes_another_step(name: str, language: str, style: str) -> None:
    text = case(name).source(language, style).text()
    right, wrong = FAULTS[language, style]
    assert right in text
    with pytest.raises(AssertionError):
        check(Started(case(name), language, style, text.replace(right, wrong)))


def test_every_language_is_asked_for_somewhere() -> None:
    assert {language for _, language, _ in ASKED} == set(STYLES)
    assert len(ASKED) >= 7
